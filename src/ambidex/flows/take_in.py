"""A message of another system takes effect: decide (what does it say?), do (ask the platform), record (one transaction).

The message is settled in the transaction of the change, so it happens exactly once. What a person must repair is
parked with the reason at once; what passes by itself is tried again; what fails five times is parked too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog

from ambidex.domains import channels, orders, shipping
from ambidex.domains.channels import Source, StockReport
from ambidex.domains.tasks import TaskKind
from ambidex.flows import follow_shop, ownership, shop_words, track
from ambidex.flows.shop_port import (
    SYSTEMS,
    Nothing,
    OrderTouched,
    PlatformDown,
    ShopFulfillment,
    ShopOrder,
    ShopPort,
    ShopRefund,
    ShopStock,
    ShopWork,
    SourceSystem,
    Told,
    Unreadable,
)
from ambidex.flows.shop_words import CannotKnow, NotYet
from ambidex.flows.stock_port import TOPICS
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind, Permission
from ambidex.kernel.problem import MovedOn, Problem
from ambidex.kernel.values import dataclass
from ambidex.runtime import crash, inbox
from ambidex.runtime.db import Tx
from ambidex.runtime.faults import is_passing, words
from ambidex.runtime.inbox import Message
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

OWNER = "experience"
AT_ONCE = 20
REPAIR_WITHIN = timedelta(hours=1)
# an outage of the platform is not the message's fault; it waits this long before a person is asked
OUTAGE_PATIENCE = timedelta(minutes=30)
# a claim at the counter was placing the same order; next time it is known
PLACED_MEANWHILE = frozenset({"reference-reused"})
DOWN = "the shop does not answer"
log = structlog.get_logger("ambidex.take_in")


@dataclass(frozen=True)
class Step:
    """One thing that was said, with what the platform added when it was asked. `works` None: not asked."""

    told: Told
    order: ShopOrder | None = None
    works: Sequence[ShopWork] | None = None


def actor_of(source: Source) -> Actor:
    """The source as an actor: it reports, places and cancels; it never proves anything physical."""
    allowed = frozenset({Permission.ORDERS_PLACE, Permission.ORDERS_CANCEL, Permission.ORDERS_READ})
    return Actor(
        id=f"source:{source.code}",
        kind=ActorKind.SOURCE,
        name=source.code,
        permissions=allowed,
        places=None,
        role="integration",
    )


async def apply_waiting(run: Run, outside: Outside) -> bool:
    """Apply what waits, oldest first; whether there may be more. One beat of the worker."""
    taken = await run.perform(SYSTEM, inbox.take, limit=AT_ONCE, apart_from=TOPICS)
    for message in taken:
        await apply(run, outside, message)
    return len(taken) == AT_ONCE


async def apply(run: Run, outside: Outside, message: Message) -> str:
    """Apply one leased message; the state it is in afterwards. A failure of the database is raised, nothing lost."""
    try:
        await _take_effect(run, outside, message)
    except (NotYet, PlatformDown, MovedOn) as cause:
        return await later_or_aside(run, message, cause)
    except (CannotKnow, Unreadable) as cause:
        return await put_aside(run, message, str(cause))
    except Problem as cause:
        if is_passing(cause) or cause.code in PLACED_MEANWHILE:
            return await later_or_aside(run, message, cause)
        return await put_aside(run, message, reason_of(cause))
    except Exception as cause:
        if is_passing(cause):
            raise
        log.exception("failed", topic=message.topic, reason=words(cause))
        return await later_or_aside(run, message, cause)
    return "applied"


async def _take_effect(run: Run, outside: Outside, message: Message) -> None:
    async with run.reading() as read:
        source = await channels.source(read, message.source)
    systems = outside.via(SYSTEMS)
    system, port = systems.of_kind(source.kind), systems.shop(source)
    if system is None:
        raise CannotKnow(f"nobody here speaks {source.kind}")
    told = system.read(message.topic, message.body)
    steps = [await _ask(run, source, one, system=system, port=port) for one in told]
    crash.point("inbox-before-record")
    actor = actor_of(source)
    # all but the last in transactions of their own: each is a level, so coming back to them changes nothing
    for step in steps[:-1]:
        await run.perform(actor, _record, source, step)
    await run.perform(
        actor, settle, source, message=message, step=steps[-1] if steps else Step(Nothing("empty"))
    )
    crash.point("inbox-after-record")


async def _ask(run: Run, source: Source, told: Told, *, system: SourceSystem, port: ShopPort | None) -> Step:
    """Ask the platform for what the message does not say. No transaction is open here."""
    match told:
        case ShopOrder():
            works = await _works(run, source, told.reference, port=port)
            return Step(told, await _in_step(told, works, system=system, port=port), works)
        case ShopRefund() | ShopFulfillment() | OrderTouched():
            order = await _order(told.order, system=system, port=port)
            return Step(told, order, await _works(run, source, told.order, port=port))
    return Step(told)


async def _in_step(
    told: ShopOrder, works: Sequence[ShopWork] | None, *, system: SourceSystem, port: ShopPort | None
) -> ShopOrder:
    """Fulfillment orders stand as they are now; when the message is older than they, the order of now fits them."""
    if works and port is not None and not shop_words.covers(told, works):
        now = await _order(told.reference, system=system, port=port)
        return now if now.version > told.version else told
    return told


async def _order(reference: str, *, system: SourceSystem, port: ShopPort | None) -> ShopOrder:
    if port is None:
        raise CannotKnow("the shop cannot be asked about its order (no connection)")
    held = await port.order(reference)
    if held is None:
        raise NotYet(f"the shop does not know its order {reference}")
    found = system.read("orders/updated", held.body)
    assert isinstance(found[0], ShopOrder), "the platform was asked for an order"
    return found[0]


async def _works(
    run: Run, source: Source, reference: str, *, port: ShopPort | None
) -> Sequence[ShopWork] | None:
    """Method and place, asked only for orders that are new to us."""
    async with run.reading() as read:
        known = await orders.ask.by_reference(read, source.source_id, reference)
    return None if known is not None or port is None else await port.fulfillment_orders(reference)


async def settle(tx: Tx, source: Source, *, message: Message, step: Step) -> None:
    """What it says and that it was said, in one transaction."""
    outcome = await _record(tx, source, step)
    await inbox.settle(tx, message.message_id, outcome=outcome)
    await ownership.solved(tx, task_key(message), outcome=outcome)


async def _record(tx: Tx, source: Source, step: Step) -> str:
    match step.told:
        case Nothing(why):
            return why
        case ShopStock() as stock:
            report = StockReport(stock.item, stock.place, stock.available, stock.version)
            fresh = await channels.report_stock(tx, source.source_id, [report])
            return "stock noted" if fresh else "older than what is known"
        case shipping.Tracked() as tracked:
            return await track.hear(tx, tracked, source=source.code)
    assert step.order is not None, "everything else is about an order"
    outcome = await follow_shop.follow(tx, source, step.order, works=step.works)
    if isinstance(step.told, ShopRefund) and not _shows(step.order, step.told):
        return await _with_refund(tx, source, step.told, outcome=outcome)
    return outcome


def _shows(order: ShopOrder, refund: ShopRefund) -> bool:
    return any(one.reference == refund.reference for one in order.refunds)


async def _with_refund(tx: Tx, source: Source, refund: ShopRefund, *, outcome: str) -> str:
    """The platform's order may be read a moment before its own refund shows in it."""
    order = await orders.ask.by_reference(tx, source.source_id, refund.order)
    if order is None:
        return outcome
    await orders.lock_order(tx, order.order_id)
    return "; ".join([outcome, *await follow_shop.refunded(tx, order.order_id, refund)])


async def later_or_aside(run: Run, message: Message, cause: Exception) -> str:
    """Come back to it, or put it aside when that was tried often enough."""
    patient = isinstance(cause, PlatformDown) and run.clock() - message.received_at < OUTAGE_PATIENCE
    said = DOWN if isinstance(cause, PlatformDown) else reason_of(cause)
    if message.attempts >= inbox.TRIES_MAX and not patient:
        return await put_aside(run, message, said)
    await run.perform(SYSTEM, inbox.try_later, message, reason=said)
    return "stored"


async def put_aside(run: Run, message: Message, reason: str) -> str:
    """Park it for a person, unless another worker has settled it; its state."""
    try:
        await run.perform(SYSTEM, park, message=message, reason=reason)
    except MovedOn:
        return "applied"  # another worker had settled it
    return "parked"


async def park(tx: Tx, *, message: Message, reason: str) -> str:
    """Aside with its reason, and somebody's task to repair it; who owns it now."""
    await inbox.park(tx, message.message_id, reason=reason[:500], owner=OWNER)
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="parked_message",
        cause="platform",
        title=f"Repair a message of {message.source}",
        detail=f"{message.resource or message.topic}: {reason}"[:500],
        key=task_key(message),
        role=OWNER,
        about=ownership.About(
            due_at=tx.now + REPAIR_WITHIN,
            task=TaskKind.REPAIR_MESSAGE,
            facts={"message": str(message.message_id), "subject": f"/parked/{message.message_id}"},
        ),
    )
    return OWNER


def task_key(message: Message) -> str:
    """The task to repair this message."""
    return f"inbox:{message.message_id}"


def reason_of(cause: Exception) -> str:
    """What stands beside the message."""
    if isinstance(cause, Problem):
        named = [f"{one['field']}: {one.get('advice') or one.get('expected', '')}" for one in cause.errors]
        return " ".join(filter(None, (cause.title, cause.detail, "; ".join(named))))
    return str(cause) if isinstance(cause, NotYet) else words(cause)
