"""Receiving: units are scanned out of their parcel, by anybody of the place, and booked when all of them are.

What came and what was sent are both kept: a difference becomes a task with an owner, and each of its units is
explained before the delivery is over. Nothing vanishes from the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ambidex.domains import catalogue, locations, transfers
from ambidex.domains.inventory import Movement
from ambidex.domains.transfers import Delivery, DeliveryKind, Outcome
from ambidex.domains.watch import Cause
from ambidex.flows import ownership, ship_to_store
from ambidex.flows.deliveries import Found, late_key, lock_delivery, scans_of
from ambidex.flows.ownership import About
from ambidex.flows.stock_facts import book_facts
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import BadInput, Problem
from ambidex.kernel.values import dataclass
from ambidex.kernel.words import seen
from ambidex.runtime.db import Tx

EXPLAIN_WITHIN = timedelta(hours=24)


class SenderAnswers(Problem):
    """Only the sender knows whether it sent too many."""

    status, code = 403, "sender-answers"
    advice = "Its lead has a task to say so; say here what became of the units, such as that they stay."


@dataclass(frozen=True, slots=True)
class Explained:
    """What became of so many units of a line's difference."""

    line_no: int
    quantity: int
    outcome: Outcome
    reason: str


async def receive_goods(tx: Tx, *, delivery: str, found: Sequence[Found]) -> Delivery:
    """Units came out of the parcel, each scanned; a key sent before changes nothing. The shelf hears it at the end."""
    locked = await lock_delivery(tx, delivery)
    tx.actor.must(Permission.STOCK_MOVE, at=locked.delivery.to_id)
    await transfers.receive(tx, locked.delivery, await scans_of(tx, found))
    return locked.delivery


async def finish_receiving(tx: Tx, *, delivery: str) -> Delivery:
    """Everything that came is scanned: it is on the shelf now. Finished before: the same answer."""
    locked = await lock_delivery(tx, delivery)
    before = locked.delivery
    tx.actor.must(Permission.STOCK_MOVE, at=before.to_id)
    if before.state.value in {"received", "partly_received"}:
        return before
    now, evidence = await transfers.finish(tx, before)
    await book_facts(tx, _arrivals(now), cause="goods received", reference=now.reference, evidence=evidence)
    if any(line.variance for line in now.lines):
        await _ask_for_explanation(tx, now)
    if now.from_id is not None and any(line.variance > 0 for line in now.lines):
        await _ask_sender(tx, now, now.from_id)
    await ownership.solved(tx, late_key(now), outcome="it arrived")
    if locked.order is not None:
        await ship_to_store.arrived(tx, locked.order, now)
    return now


async def explain(tx: Tx, *, delivery: str, explained: Explained) -> Delivery:
    """A person found out what became of a difference; with the last unit of it the delivery is over."""
    if not seen(explained.reason):
        raise BadInput(errors=[{"field": "reason", "expected": "what was found out"}])
    before = (await lock_delivery(tx, delivery)).delivery
    _must_know(tx, before, explained.outcome)
    line_no, units, outcome = explained.line_no, explained.quantity, explained.outcome
    now = await transfers.settle(
        tx, before, line_no=line_no, units=units, outcome=outcome, reason=explained.reason
    )
    movement = _explanation(now, explained)
    if movement is not None:
        cause = f"difference: {outcome.value.replace('_', ' ')}"
        await book_facts(tx, [movement], cause=cause, reference=now.reference)
    if not any(line.variance > 0 and line.open_variance for line in now.lines):
        await ownership.solved(tx, too_many_key(now), outcome=explained.reason)
    if now.state.value == "received":
        await ownership.solved(tx, variance_key(now), outcome=explained.reason)
    return now


def _must_know(tx: Tx, delivery: Delivery, outcome: Outcome) -> None:
    """What came is said where it came; whether too many were sent, by who sent them. Raises SenderAnswers."""
    is_sender = delivery.from_id is not None and tx.actor.may(Permission.STOCK_MOVE, at=delivery.from_id)
    if is_sender and outcome in {Outcome.SENT_TOO_MANY, Outcome.KEPT}:
        return
    tx.actor.must(Permission.STOCK_MOVE, at=delivery.to_id)
    if outcome is Outcome.SENT_TOO_MANY and delivery.kind is DeliveryKind.TRANSFER:
        raise SenderAnswers(delivery.reference, delivery=delivery.id)


def variance_key(delivery: Delivery) -> str:
    """The task about what differs."""
    return f"variance:{delivery.delivery_id.hex}"


def too_many_key(delivery: Delivery) -> str:
    """The sender's task about units that nobody sent."""
    return f"too-many:{delivery.delivery_id.hex}"


def _arrivals(now: Delivery) -> list[Movement]:
    """Where each unit comes from: what was sent from transit, what nobody sent was found."""
    usual, strange = (
        ("in_transit", "found") if now.kind is DeliveryKind.TRANSFER else ("supplier", "supplier")
    )
    movements = []
    for line in now.lines:
        left = line.sent
        for target, units in (("sellable", line.received), ("damaged", line.damaged)):
            sent = min(units, left)
            left -= sent
            movements += [
                Movement(line.item_id, now.to_id, origin, target, count, now.order_id)
                for origin, count in ((usual, sent), (strange, units - sent))
                if count
            ]
    return movements


def _explanation(now: Delivery, explained: Explained) -> Movement | None:
    """What the ledger hears of an explanation; None when no unit moved."""
    line = now.line(explained.line_no)
    assert line is not None, "the line was settled"
    transfer = now.kind is DeliveryKind.TRANSFER
    where, origin, target = now.to_id, "in_transit" if transfer else "supplier", ""
    match explained.outcome:
        case Outcome.ARRIVED:
            target = "sellable"
        case Outcome.NEVER_SENT if transfer and now.from_id is not None:
            where, target = now.from_id, "sellable"
        case Outcome.LOST if transfer:
            target = "written_off"
        case Outcome.SENT_TOO_MANY if now.from_id is not None:
            where, origin, target = now.from_id, "sellable", "found"
        case _:
            return None
    return Movement(line.item_id, where, origin, target, explained.quantity)


async def _ask_for_explanation(tx: Tx, now: Delivery) -> None:
    """The lead of the place finds out where the units are, or why there are more."""
    differing = [line for line in now.lines if line.variance]
    items = await catalogue.by_ids(tx, [line.item_id for line in differing])
    place = await locations.by_id(tx, now.to_id)
    words = "; ".join(
        f"{items[line.item_id].title}: {line.received + line.damaged} came, {line.sent} were sent"
        for line in differing
    )
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="delivery-differs",
        cause=Cause.STOCK,
        title=f"Find out why {now.reference} differs",
        detail=words,
        key=variance_key(now),
        role="lead",
        about=About(
            location_id=now.to_id,
            due_at=place.hours.after_open_time(tx.now, EXPLAIN_WITHIN) or tx.now + EXPLAIN_WITHIN,
            facts={"delivery": now.id, "reference": now.reference},
        ),
    )


async def _ask_sender(tx: Tx, now: Delivery, sender_id: LocationId) -> None:
    """More came than was sent: whether its shelf is short of them is the sender's to say, not the receiver's."""
    over = [line for line in now.lines if line.variance > 0]
    items = await catalogue.by_ids(tx, [line.item_id for line in over])
    places = await locations.by_ids(tx, [sender_id, now.to_id])
    words = "; ".join(
        f"{line.variance} x {items[line.item_id].title} more than the parcel was to have" for line in over
    )
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="sent-too-many",
        cause=Cause.STOCK,
        title=f"Did you send too many to {places[now.to_id].name}?",
        detail=words,
        key=too_many_key(now),
        role="lead",
        about=About(
            location_id=sender_id,
            due_at=places[sender_id].hours.after_open_time(tx.now, EXPLAIN_WITHIN) or tx.now + EXPLAIN_WITHIN,
            facts={"delivery": now.id, "reference": now.reference},
        ),
    )
