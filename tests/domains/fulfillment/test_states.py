"""Every state of work, every verb: said through the door, it moves as the table says or is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from ambidex.domains import fulfillment
from ambidex.domains.fulfillment import HandOver, Work, WorkVerb
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.problem import Problem
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.domains.fulfillment import bench_of_work as bench

Deed = Callable[[Tx, Work], Awaitable[object]]
LOST = Proof(EvidenceKind.TYPED, reason="shelf is empty")
AT_DOOR = HandOver(collector="Kofi", checked="id")


async def offered(tx: Tx) -> Work:
    return await bench.offered(tx, mugs=2)


async def accepted(tx: Tx) -> Work:
    return await fulfillment.accept(tx, await offered(tx))


async def picking(tx: Tx) -> Work:
    return (await fulfillment.pick(tx, await accepted(tx), [bench.scan()]))[0]


async def short(tx: Tx) -> Work:
    return (await fulfillment.miss(tx, await accepted(tx), line_no=1, units=2, proof=LOST))[0]


async def handed_over(tx: Tx) -> Work:
    return (await fulfillment.hand_over(tx, await bench.ready(tx), AT_DOOR)).work


async def canceled(tx: Tx) -> Work:
    return (await fulfillment.cancel_work(tx, await accepted(tx), reason="changed my mind")).work


def left(verb: WorkVerb) -> Callable[[Tx], Awaitable[Work]]:
    async def leave(tx: Tx) -> Work:
        return (await fulfillment.take_back(tx, await offered(tx), verb=verb, reason="x")).work

    return leave


STATES: dict[str, Callable[[Tx], Awaitable[Work]]] = {
    "offered": offered,
    "accepted": accepted,
    "picking": picking,
    "picked": bench.picked,
    "staged": bench.staged,
    "ready": bench.ready,
    "handed_over": handed_over,
    "short": short,
    "canceled": canceled,
    "refused": left(WorkVerb.REFUSE),
    "lapsed": left(WorkVerb.LAPSE),
    "taken_back": left(WorkVerb.TAKE_BACK),
}
DEEDS: dict[str, Deed] = {
    "accept": fulfillment.accept,
    "refuse": lambda tx, w: fulfillment.take_back(tx, w, verb=WorkVerb.REFUSE, reason="x"),
    "lapse": lambda tx, w: fulfillment.take_back(tx, w, verb=WorkVerb.LAPSE, reason="x"),
    "take back": lambda tx, w: fulfillment.take_back(tx, w, verb=WorkVerb.TAKE_BACK, reason="x"),
    "pick": lambda tx, w: fulfillment.pick(tx, w, [bench.scan()]),
    "miss": lambda tx, w: fulfillment.miss(tx, w, line_no=1, units=1, proof=LOST),
    "stage": lambda tx, w: fulfillment.stage(
        tx, w, place="SHELF-C1", places=bench.SHELVES, proof=Proof(EvidenceKind.SCAN, "SHELF-C1")
    ),
    "make ready": fulfillment.make_ready,
    "hand over": lambda tx, w: fulfillment.hand_over(tx, w, AT_DOOR),
    "hand over one": lambda tx, w: fulfillment.hand_over(tx, w, HandOver("Kofi", checked="id", units={1: 1})),
    "undo": lambda tx, w: fulfillment.undo_hand_over(tx, w, reason="wrong person"),
    "drop one": lambda tx, w: fulfillment.cancel_work(tx, w, units={1: 1}, reason="x"),
    "cancel": lambda tx, w: fulfillment.cancel_work(tx, w, reason="x"),
    "here": lambda tx, w: fulfillment.CustomerSays.moves(tx, w, side=fulfillment.CustomerSide.ARRIVED),
}
# Two mugs are wanted; a deed that is not in the row of its state is refused and changes nothing.
MOVES: dict[str, dict[str, str]] = {
    "offered": {
        "accept": "accepted", "refuse": "refused", "lapse": "lapsed", "take back": "taken_back",
        "drop one": "offered", "cancel": "canceled",
    },
    "accepted": {
        "accept": "accepted", "take back": "taken_back", "pick": "picking", "miss": "picking",
        "drop one": "accepted", "cancel": "canceled",
    },
    "picking": {
        "take back": "taken_back", "pick": "picked", "miss": "picked", "drop one": "picked", "cancel": "canceled",
    },
    "picked": {"take back": "taken_back", "stage": "staged", "drop one": "picked", "cancel": "canceled"},
    "staged": {
        "take back": "taken_back", "stage": "staged", "make ready": "ready", "drop one": "staged",
        "cancel": "canceled",
    },
    "ready": {
        "stage": "ready", "hand over": "handed_over", "hand over one": "ready", "drop one": "staged",
        "cancel": "canceled", "here": "ready",
    },
    "handed_over": {"undo": "staged"},
    "short": {}, "canceled": {}, "refused": {}, "lapsed": {}, "taken_back": {},
}  # fmt: skip
EACH = [(state, deed) for state in STATES for deed in DEEDS]


@pytest.mark.parametrize(("state", "deed"), EACH)
async def test_every_deed_in_every_state(run: Run, state: str, deed: str) -> None:
    async def attempt(tx: Tx) -> str:
        work = await STATES[state](tx)
        assert work.state == state
        await DEEDS[deed](tx, work)
        return (await fulfillment.work(tx, work.order_id, work.work_no)).state.value

    if deed in MOVES[state]:
        assert await run.perform(bench.AMA, attempt) == MOVES[state][deed]
    else:
        with pytest.raises(Problem):
            await run.perform(bench.AMA, attempt)


@pytest.mark.parametrize("deed", [d for d in DEEDS if d not in {"drop one", "cancel", "here"}])
@pytest.mark.parametrize("state", ["offered", "accepted", "picked", "staged", "ready", "handed_over"])
async def test_nobody_from_another_place(run: Run, state: str, deed: str) -> None:
    work = await run.perform(bench.AMA, STATES[state])
    with pytest.raises(Problem) as refused:
        await run.perform(bench.STRANGER, DEEDS[deed], work)
    assert refused.value.code == "not-allowed"


async def test_work_that_moved_on_is_not_moved_again(run: Run) -> None:
    """What was read before somebody else's change decides nothing."""
    work = await run.perform(bench.AMA, accepted)
    await run.perform(bench.AMA, DEEDS["pick"], work)
    with pytest.raises(Problem) as refused:
        await run.perform(bench.AMA, DEEDS["pick"], work)
    assert refused.value.code == "moved-on"
