"""The source hears what is true of its order, "ready", "collected", "shipped": decide (still true?), do (tell it), record.

Every attempt carries the same key and is harmless when said before. What cannot be told for a while becomes somebody's
task; it is tried on all the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from ambidex.domains import channels, fulfillment, locations, orders
from ambidex.domains.channels import Source
from ambidex.domains.fulfillment import WorkState
from ambidex.flows import ownership
from ambidex.flows.shop_port import SYSTEMS, PlatformDown, PlatformRefused, ShopPort, Telling, Tracking
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import MovedOn
from ambidex.runtime import crash
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

AT_ONCE = 20
WAIT_SECONDS = (5, 15, 60, 300, 900)
# so long the source may not know, before a person sees to it
PATIENCE = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(days=2)
READY, COLLECTED, SHIPPED = "ready", "collected", "shipped"
HOLDS = {
    READY: frozenset({WorkState.READY, WorkState.HANDED_OVER}),
    COLLECTED: frozenset({WorkState.HANDED_OVER}),
    # a package that left has left, whatever becomes of it or of the rest
    SHIPPED: frozenset(WorkState),
}
log = structlog.get_logger("ambidex.tell_source")


class NotTrueAnyMore(Exception):
    """What was to be told has become false meanwhile; the text says why."""


async def tell_waiting(run: Run, outside: Outside) -> bool:
    """Tell what waits, oldest first; whether there may be more. One beat of the worker."""
    async with run.reading() as read:
        waiting = await channels.waiting_tellings(read, limit=AT_ONCE)
    for telling in waiting:
        try:
            await _tell(run, outside, telling)
        except MovedOn:
            log.info("settled-elsewhere", key=telling.key)
    return len(waiting) == AT_ONCE


async def _tell(run: Run, outside: Outside, telling: channels.Telling) -> None:
    async with run.reading() as read:
        source = await channels.source_by_id(read, telling.source_id)
    shop = outside.via(SYSTEMS).shop(source)
    if shop is None:
        await run.perform(SYSTEM, withdraw, telling=telling, reason="this source cannot be told; it asks us")
        return
    try:
        async with run.reading() as read:
            said = await decide(read, source, telling)
        crash.point("telling-before")
        answer = await _say(shop, telling.kind, said)
    except NotTrueAnyMore as cause:
        await run.perform(SYSTEM, withdraw, telling=telling, reason=str(cause))
    except (PlatformDown, PlatformRefused) as cause:
        await run.perform(SYSTEM, not_told, telling=telling, reason=f"{cause.title} {cause.detail}".strip())
    else:
        crash.point("telling-after")
        await run.perform(SYSTEM, told, telling=telling, answer=answer)


async def decide(read: Read, source: Source, telling: channels.Telling) -> Telling:
    """What exactly is said. Raises NotTrueAnyMore."""
    order = await orders.order(read, telling.order_id)
    work = await fulfillment.work(read, telling.order_id, int(telling.facts["work_no"]))
    if work.state not in HOLDS.get(telling.kind, frozenset()):
        raise NotTrueAnyMore(f"the work is {work.state.value} now")
    place = await locations.by_id(read, work.location_id)
    codes = await channels.mapped(read, source.source_id, kind="place", externals=None)
    return Telling(
        key=telling.key,
        order=order.reference,
        places=frozenset(external for external, code in codes.items() if code == place.code),
        units=_units(telling),
        speaker=channels.speaker(source, telling.kind),
        tracking=_tracking(telling),
    )


async def told(tx: Tx, *, telling: channels.Telling, answer: str) -> None:
    """The source took it."""
    await channels.told(tx, telling, answer=answer)
    await ownership.solved(tx, _key(telling), outcome=answer)


async def not_told(tx: Tx, *, telling: channels.Telling, reason: str) -> None:
    """Again later; a person is asked when it has taken too long, and we give up after two days."""
    waited = tx.now - (telling.queued_at or tx.now)
    await channels.not_told(tx, telling, answer=reason, next_at=_next(telling, tx.now, waited))
    if waited < PATIENCE:
        return
    await orders.lock_order(tx, telling.order_id)
    await ownership.hand_to_person(
        tx,
        order_id=telling.order_id,
        kind="source_not_told",
        cause="platform",
        title=f"The shop was not told: {telling.kind}",
        detail=f"{reason} It is tried again until it works; say it there by hand if the customer needs it.",
        key=_key(telling),
        role="experience",
    )


async def withdraw(tx: Tx, *, telling: channels.Telling, reason: str) -> None:
    """It is not told, for a reason."""
    await channels.withdraw_tellings(tx, telling.order_id, kinds=[telling.kind], reason=reason, only=telling)
    await ownership.solved(tx, _key(telling), outcome=reason)


async def _say(shop: ShopPort, kind: str, said: Telling) -> str:
    assert kind in HOLDS, f"nothing is known to say about {kind}"
    ways = {READY: shop.tell_ready, COLLECTED: shop.tell_collected, SHIPPED: shop.tell_shipped}
    return await ways[kind](said)


def _tracking(telling: channels.Telling) -> Tracking | None:
    told = telling.facts.get("tracking")
    if not told:
        return None
    return Tracking(told["carrier"], told["number"], told["url"], tuple(told.get("instead_of", ())))


def _units(telling: channels.Telling) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in telling.facts["lines"]:
        if line["source_line"]:
            units[line["source_line"]] = units.get(line["source_line"], 0) + int(line["quantity"])
    return units


def _next(telling: channels.Telling, now: datetime, waited: timedelta) -> datetime | None:
    if waited > GIVEN_UP_AFTER:
        return None
    return now + timedelta(seconds=WAIT_SECONDS[min(telling.attempts, len(WAIT_SECONDS) - 1)])


def _key(telling: channels.Telling) -> str:
    return f"telling:{telling.key}"
