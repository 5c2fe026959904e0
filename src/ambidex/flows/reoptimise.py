"""Open work that is to be sent and that nobody has accepted yet is decided again, some orders together.

One by one, an order takes what is best for it; together they share better what is scarce. Nothing moves unless it
saves enough, no promise that was made is broken for it, and an order is moved at most once. What breaking its promise
would have saved stands in the receipt.
"""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import fulfillment, orders, routing
from ambidex.domains.fulfillment import Work, WorkVerb
from ambidex.flows import ownership
from ambidex.flows.choose_again import claim
from ambidex.flows.offer_work import release_promise, stop_watching
from ambidex.flows.offered_sendings import Candidate, candidates, moves, saved, with_own_units
from ambidex.flows.placing import Routed
from ambidex.flows.refuse_work import free_units
from ambidex.flows.route_order import carry_out
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId
from ambidex.reads.open_sendings import OpenSending, open_sendings
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.stopwatch import Stopwatch

CAUSE = "window"
REASON = "another place sends it cheaper"
# orders are locked while they are decided, so fewer than a window may hold
TOGETHER = 30
# mills that each work that is taken back has to save on average: work that moves costs attention
SAVES_MIN = 25_000


class Sweep:
    """Goes through all open work, some orders at a time, and begins again at the end."""

    def __init__(self, together: int = TOGETHER) -> None:
        self._together = together
        self._after: OpenSending | None = None

    async def step(self, run: Run) -> bool:
        """The next orders; True while there are more."""
        async with run.reading() as read:
            found = await open_sendings(read, cause=CAUSE, limit=self._together, after=self._after)
        self._after = found[-1] if len(found) == self._together else None
        if len(found) > 1:
            await run.perform(SYSTEM, reoptimise, [one.order_id for one in found])
        return self._after is not None


async def reoptimise(tx: Tx, order_ids: Sequence[OrderId]) -> int:
    """Decide the open works of these orders together and move what that makes cheaper; how many moved.

    Orders that somebody works on now are left out.
    """
    locked = await orders.lock_orders(tx, sorted(order_ids), skip_busy=True)
    asked = await candidates(tx, locked, cause=CAUSE)
    if not asked:
        return 0
    watch = Stopwatch()
    together = routing.decide_window(with_own_units(asked))
    took_us = watch.microseconds // len(asked)
    moved = [
        (
            one,
            Routed(
                found.snapshot, found.decision, one.case.asked.buyer.brand, one.case.asked.arm, took_us, CAUSE
            ),
        )
        for one, found in zip(asked, together, strict=True)
        if moves(one, found.plan)
    ]
    saves = sum(saved(one, routed.snapshot, routed.decided.plan) for one, routed in moved)
    if saves < max(1, SAVES_MIN * sum(len(one.works) for one, _ in moved)):
        return 0
    _ = [await _take_back(tx, one) for one, _ in moved]
    _ = [await _give(tx, one, routed) for one, routed in moved]
    return len(moved)


async def _take_back(tx: Tx, one: Candidate) -> list[Work]:
    """Every work of the order. What the first of them promised is kept by a new one; the others promise nothing any more."""
    first = one.loose.promise
    kept = None if first is None else first.work_no
    return [await _take_back_work(tx, work, is_kept=work.work_no == kept) for work in one.works]


async def _take_back_work(tx: Tx, work: Work, *, is_kept: bool) -> Work:
    dropped = await fulfillment.take_back(tx, work, verb=WorkVerb.TAKE_BACK, reason=REASON)
    await free_units(tx, work, dropped)
    await stop_watching(tx, work)
    if not is_kept:
        await release_promise(tx, work, cause=CAUSE)
    return dropped.work


async def _give(tx: Tx, one: Candidate, routed: Routed) -> OrderId:
    await claim(tx, one.case, routed)
    await carry_out(tx, one.loose, routed, one.places)
    await ownership.settle(tx, one.loose.order.order_id)
    return one.loose.order.order_id
