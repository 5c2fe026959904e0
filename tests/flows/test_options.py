"""Something is missing: stock and counts follow, other places are held, and the customer decides before travelling."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ambidex.flows.cancel import cancel
from ambidex.flows.choose_option import choose, choose_default
from ambidex.flows.put_away import put_away
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.refuse_work import lapse, refuse_work, take_back
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import BadInput, NotAllowed, Problem
from ambidex.reads.audit import audit
from ambidex.runtime.reactions import settle
from tests.conftest import Clock
from tests.flows.counter import CUSTOMER, Counter, counter, scan
from tests.shop import Shop, associate


@pytest.fixture(autouse=True)
async def _audited(shop: Shop) -> AsyncIterator[None]:
    """Whatever a test did, the invariants hold at its end."""
    yield
    await settle(shop.run, [])
    async with shop.run.reading() as read:
        assert (await audit(read)).violations == ()


async def short_order(
    shop: Shop, *, elsewhere: int = 5, stock: int = 2, paid: str = "authorized", **lines: int
) -> Counter:
    """Accepted at Camden; Harbor, near by, has some."""
    at = await counter(shop, stock=stock, paid=paid, **(lines or {"mug_01": 2}))
    await shop.shelf("harbor", "MUG-01", elsewhere)
    await at.accept()
    return at


async def answer(at: Counter, option: str, **more: Any) -> None:
    question = await at.promise("answer_by", **more)
    await at.run.perform(
        CUSTOMER, choose, order_id=at.order_id, promise_no=question.promise_no, option=option
    )


async def test_a_unit_that_is_not_there_becomes_suspect_and_is_counted(shop: Shop) -> None:
    at = await short_order(shop)
    work = await at.miss()
    assert (work.state.value, work.lines[0].wanted, work.lines[0].short) == ("picking", 1, 1)
    assert await at.units() == {"allocated": 1, "short": 1}
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.suspect, stock.reserved) == (1, 1, 1)
    assert [r.kind for r in await at.rows("SELECT kind FROM tasks.tasks")] == ["count"]
    assert (await shop.stock("harbor", "MUG-01")).held == 1
    question = await at.promise("answer_by")
    keys = ["place:harbor", "send:harbor", "wait", "cancel"]
    assert [o["key"] for o in question.facts["options"]] == keys
    assert ("options", "queued") in await shop.said()
    assert "answer" in await at.dogs()


async def test_what_is_found_goes_on(shop: Shop) -> None:
    at = await short_order(shop)
    await at.miss()
    await at.pick(scan())
    await at.stage()
    assert (await at.ready()).state.value == "ready"
    assert await at.units() == {"ready": 1, "short": 1}
    assert (await at.promise("ready_by")).state == "kept"


async def test_nothing_found_ends_the_work_and_breaks_its_promise_in_good_time(shop: Shop) -> None:
    at = await short_order(shop)
    assert (await at.miss(2)).state.value == "short"
    assert (await at.promise("ready_by")).state == "broken"
    assert await at.dogs() == ["answer"]
    assert (await at.owner()).waiting_for == "customer"


async def test_the_same_report_again_changes_nothing(shop: Shop) -> None:
    at = await short_order(shop)
    await at.miss(key="d:1")
    assert (await at.miss(key="d:1")).lines[0].short == 1
    assert [kind for kind, _ in await shop.said()].count("options") == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"quantity": 3}, "nothing-missing"),
        ({"quantity": 0}, "nothing-missing"),
        ({"line_no": 5}, "nothing-missing"),
        ({"reason": " "}, "needs-reason"),
    ],
)
async def test_a_report_that_cannot_be(shop: Shop, said: dict[str, Any], code: str) -> None:
    at = await short_order(shop)
    with pytest.raises(Problem) as refusal:
        await at.miss(**said)
    assert refusal.value.code == code


async def test_a_second_short_asks_about_both(shop: Shop) -> None:
    at = await short_order(shop)
    await at.miss()
    await at.miss()
    question = await at.promise("answer_by")
    assert question.facts["units"] == {"1": 2}
    assert (await shop.stock("harbor", "MUG-01")).held == 2
    assert [
        r.n for r in await at.rows("SELECT count(*) AS n FROM promises.promises WHERE state = 'made'")
    ] == [1]


async def test_places_without_enough_or_closed_for_good_are_not_proposed(shop: Shop) -> None:
    await shop.place("quay", closed_from=date(2026, 3, 1))
    await shop.shelf("quay", "MUG-01", 9)
    at = await short_order(shop, elsewhere=1)
    await at.miss(2)
    question = await at.promise("answer_by")
    assert [o["key"] for o in question.facts["options"]] == ["wait", "cancel"]


async def test_the_customer_chooses_another_place(shop: Shop) -> None:
    at = await short_order(shop)
    await shop.on_shift("Wen Li", role="associate", place="harbor", start=shop.run.clock())
    await at.miss(2)
    await answer(at, "place:harbor")
    assert await at.units() == {"reserved": 2}
    stock = await shop.stock("harbor", "MUG-01")
    assert (stock.held, stock.reserved) == (0, 2)
    work = await at.work(2)
    assert (work.state.value, work.location_id) == ("offered", shop.places["harbor"].location_id)
    assert (await at.promise("ready_by", 2)).state == "made"
    assert (await at.promise("answer_by")).kept_by == ["fulfillment.customer-chose"]
    assert ("choice-confirmed", "queued") in await shop.said()
    assert await at.dogs() == ["accept", "ready"]
    owner = await at.owner()
    assert (owner.location_id, owner.waiting_for) == (shop.places["harbor"].location_id, "staff")
    with pytest.raises(Problem) as again:
        await answer(at, "place:harbor")
    assert again.value.code == "nothing-to-choose"


async def test_the_work_at_the_other_place_runs_to_the_end(shop: Shop) -> None:
    at = await short_order(shop)
    await at.miss(2)
    await answer(at, "place:harbor")
    jo = associate(shop.places["harbor"], "Jo Harbor", actor_id="jo")
    await at.accept(work_no=2, by=jo)
    await at.pick(work_no=2, by=jo)
    await at.stage(work_no=2, by=jo)
    await at.ready(work_no=2, by=jo)
    await at.hand_over(code=await at.code(2), work_no=2, by=jo)
    assert await at.units() == {"handed_over": 2}
    assert await at.owner() is None


async def test_the_customer_waits_and_it_is_found(shop: Shop) -> None:
    at = await short_order(shop)
    await at.miss(2)
    await shop.shelf("camden", "MUG-01", 2)
    await answer(at, "wait")
    assert await at.units() == {"reserved": 2}
    assert (await at.work(2)).location_id == shop.places["camden"].location_id
    assert (await shop.stock("harbor", "MUG-01")).held == 0


async def test_the_customer_waits_and_a_person_looks(shop: Shop) -> None:
    at = await short_order(shop)
    await at.miss(2)
    await answer(at, "wait")
    assert await at.units() == {"backordered": 2}
    [trouble] = await at.rows("SELECT kind, owner_role FROM watch.exceptions")
    assert (trouble.kind, trouble.owner_role) == ("customer-waits-for-stock", "lead")
    assert (await at.owner()).role == "lead"


async def test_what_a_customer_waits_for_turns_up(shop: Shop) -> None:
    """A count finds it: the work goes on by itself, a second later, and the customer hears it."""
    at = await short_order(shop)
    await at.miss(2)
    await answer(at, "wait")
    await settle(shop.run, REACTIONS)
    assert await at.units() == {"backordered": 2}
    await shop.shelf("camden", "MUG-01", 1)
    await settle(shop.run, REACTIONS)
    assert await at.units() == {"backordered": 2}
    await shop.shelf("camden", "MUG-01", 3)
    await settle(shop.run, REACTIONS)
    assert await at.units() == {"reserved": 2}
    assert (await at.work(2)).state.value == "offered"
    assert [r.state for r in await at.rows("SELECT state FROM watch.exceptions")] == ["resolved"]
    assert (await at.owner()).next_step == "Accept or refuse the work"
    assert [kind for kind, _ in await shop.said()].count("choice-confirmed") == 2


async def test_a_question_stays_watched_when_the_rest_is_canceled(shop: Shop, clock: Clock) -> None:
    at = await short_order(shop, mug_01=1, lamp_07=1)
    await at.miss(line_no=1)
    await at.run.perform(SYSTEM, cancel, at.order_id, lines={2: 1}, reason="Not needed any more.")
    assert (await at.work()).state.value == "canceled"
    assert (await at.promise("answer_by")).state == "made"
    assert await at.dogs() == ["answer"]


async def test_canceling_ends_the_waiting(shop: Shop) -> None:
    at = await short_order(shop)
    await at.miss(2)
    await answer(at, "wait")
    await at.run.perform(SYSTEM, cancel, at.order_id, reason="Not needed any more.")
    assert await at.owner() is None
    await shop.shelf("camden", "MUG-01", 3)
    await settle(shop.run, REACTIONS)
    assert await at.units() == {"canceled": 2}


@pytest.mark.parametrize(("paid", "goes_back"), [("captured", "19.90"), ("authorized", None)])
async def test_the_customer_cancels_what_is_missing(shop: Shop, paid: str, goes_back: str | None) -> None:
    at = await short_order(shop, paid=paid)
    await at.miss(1)
    await answer(at, "cancel")
    assert await at.units() == {"allocated": 1, "canceled": 1}
    assert await at.money_due() == 1990
    [row] = await at.rows("SELECT facts FROM messages.messages WHERE kind = 'canceled'")
    assert row.facts["whole"] is False
    assert row.facts.get("amount", {}).get("amount") == goes_back, (
        "nobody is told of money that was never taken"
    )
    assert (await shop.stock("harbor", "MUG-01")).held == 0


async def test_everything_canceled_ends_the_order(shop: Shop) -> None:
    at = await short_order(shop)
    await at.miss(2)
    await answer(at, "cancel")
    assert [r.state for r in await at.rows("SELECT state FROM orders.orders")] == ["canceled"]
    assert await at.owner() is None


async def test_no_answer_takes_the_announced_default(shop: Shop, clock: Clock) -> None:
    at = await short_order(shop)
    await at.miss(2)
    question = await at.promise("answer_by")
    clock.forward(hours=25)
    await at.run.perform(SYSTEM, choose_default, order_id=at.order_id, promise_no=question.promise_no)
    assert await at.units() == {"canceled": 2}
    assert (await at.promise("answer_by")).state == "released"


async def test_only_what_was_asked_can_be_chosen_and_only_by_who_may(shop: Shop) -> None:
    at = await short_order(shop)
    await at.miss()
    with pytest.raises(BadInput):
        await answer(at, "place:nowhere")
    question = await at.promise("answer_by")
    nobody = replace(CUSTOMER, permissions=frozenset())
    with pytest.raises(NotAllowed):
        await at.run.perform(
            nobody, choose, order_id=at.order_id, promise_no=question.promise_no, option="wait"
        )


@pytest.mark.parametrize(("flow", "said", "state"), [
    (refuse_work, {"reason": "the shop floods"}, "refused"),
    (lapse, {"cause": "nobody answered"}, "lapsed"),
    (take_back, {"cause": "closed for good"}, "taken_back"),
])  # fmt: skip
async def test_a_place_that_does_not_do_it_moves_nothing_without_consent(
    shop: Shop, flow: Any, said: dict[str, str], state: str
) -> None:
    at = await counter(shop, mug_01=2)
    await shop.shelf("harbor", "MUG-01", 5)
    work = await at.perform(flow, **said)
    assert (work.state.value, work.cause) == (state, next(iter(said.values())))
    assert await at.units() == {"open": 2}
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.reserved) == (2, 0)
    assert (await shop.stock("harbor", "MUG-01")).held == 2
    assert await at.dogs() == ["answer"]
    await answer(at, "place:harbor")
    assert await at.units() == {"reserved": 2}


async def test_nobody_waits_for_a_place_that_never_opens_again(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await shop.shelf("harbor", "MUG-01", 5)
    await shop.place("camden", closed_from=date(2026, 3, 3))
    await at.perform(take_back, cause="closed for good")
    question = await at.promise("answer_by")
    assert [o["key"] for o in question.facts["options"]] == ["place:harbor", "cancel"]


async def test_refusing_needs_a_reason_and_comes_before_accepting(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    with pytest.raises(Problem) as said:
        await at.perform(refuse_work, reason="")
    assert said.value.code == "needs-reason"
    await at.accept()
    with pytest.raises(Problem) as said:
        await at.perform(refuse_work, reason="busy")
    assert said.value.code == "wrong-state"


async def test_taken_back_after_staging_the_goods_are_put_away(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.accept()
    await at.pick()
    await at.stage()
    work = await at.perform(take_back, cause="water damage")
    assert work.lines[0].to_put_away == 2
    assert (await shop.stock("camden", "MUG-01")).staged == 2
    assert [r.kind for r in await at.rows("SELECT kind FROM tasks.tasks")] == ["put_away"]
    await at.perform(put_away, proofs=[scan(key="p:1")])
    await at.perform(put_away, proofs=[scan(key="p:1")])
    with pytest.raises(Problem) as said:
        await at.perform(put_away, proofs=[scan("OTHER")])
    assert said.value.code == "unknown-barcode"
    await at.perform(put_away, proofs=[scan()])
    with pytest.raises(Problem) as said:
        await at.perform(put_away, proofs=[scan()])
    assert said.value.code == "over-scan"
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.staged, stock.reserved) == (2, 0, 0)
    assert [r.state for r in await at.rows("SELECT state FROM tasks.tasks")] == ["done"]
