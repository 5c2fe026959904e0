"""Units for another place: asked for, approved and kept there, scanned into a parcel, and sent on their way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ambidex.domains import inventory, locations, tasks, transfers
from ambidex.domains.inventory import Movement
from ambidex.domains.locations import Location
from ambidex.domains.tasks import TaskKind
from ambidex.domains.transfers import Delivery, DeliveryKind, NewDelivery, Purpose, Verb
from ambidex.flows import ownership
from ambidex.flows.deliveries import Asked, Found, late_key, lock_delivery, scans_of, wanted
from ambidex.flows.stock_facts import book_facts, lock_claimants
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass
from ambidex.kernel.words import seen
from ambidex.runtime.db import Tx

ANSWER_WITHIN = timedelta(hours=4)
SEND_WITHIN = timedelta(hours=8)
# what is kept for a transfer stays kept while it waits to be sent
KEPT_FOR = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """What a place asks for: `to` and `origin` are codes."""

    to: str
    origin: str
    lines: Sequence[Asked]
    note: str = ""


async def request_transfer(tx: Tx, new: NewTransfer) -> Delivery:
    """A place asks another one for units; its lead answers."""
    to, origin = await locations.by_code(tx, new.to), await locations.by_code(tx, new.origin)
    tx.actor.must(Permission.STOCK_MOVE, at=to.location_id)
    delivery = await transfers.request(
        tx,
        NewDelivery(
            kind=DeliveryKind.TRANSFER,
            purpose=Purpose.REPLENISH,
            to_id=to.location_id,
            from_id=origin.location_id,
            wanted=await wanted(tx, new.lines),
            note=new.note,
        ),
    )
    units = sum(line.asked for line in delivery.lines)
    await _ask(
        tx, delivery, origin, step="approve", role="lead", within=ANSWER_WITHIN,
        title=f"{to.name} asks for {units} units: approve or decline",
    )  # fmt: skip
    return delivery


async def approve_transfer(tx: Tx, *, delivery: str) -> Delivery:
    """The sending place says yes: the units are kept there until the parcel leaves. Raises NotEnough."""
    locked = await _lock_transfer(tx, delivery)
    tx.actor.must(Permission.STOCK_MOVE, at=locked.from_id)
    sender, receiver = await both_places(tx, locked)
    approved = await transfers.approve(
        tx,
        locked,
        expected_at=transfers.arrives_at(
            sender.hours, receiver.hours, km=locations.distance_km(sender, receiver), now=tx.now
        ),
    )
    await tasks.finish_by_key(tx, _key(approved, "approve"), proof={"approved_by": tx.actor.name})
    await ask_to_send(tx, approved, sender, receiver)
    return await keep(tx, approved)


async def keep(tx: Tx, approved: Delivery) -> Delivery:
    """Hold the units of an approved transfer at the sender. Raises NotEnough."""
    assert approved.from_id is not None, "a transfer comes from a place"
    places = [(line.item_id, approved.from_id) for line in approved.lines]
    await inventory.lock_stock(tx, places)
    holds = {
        line.line_no: await inventory.hold(
            tx,
            item_id=line.item_id,
            location_id=approved.from_id,
            quantity=line.asked,
            order_id=approved.order_id,
            line_no=line.order_line,
            purpose=f"transfer {approved.reference}",
            expires_at=tx.now + KEPT_FOR,
        )
        for line in approved.lines
    }
    return await transfers.note_holds(tx, approved, holds=holds)


async def decline_transfer(tx: Tx, *, delivery: str, reason: str) -> Delivery:
    """The sending place says no, and why."""
    locked = await _lock_transfer(tx, delivery)
    tx.actor.must(Permission.STOCK_MOVE, at=locked.from_id)
    if not seen(reason):
        raise BadInput(errors=[{"field": "reason", "expected": "why"}])
    ended = await transfers.end(tx, locked, verb=Verb.DECLINE, cause=reason)
    await tasks.finish_by_key(tx, _key(ended, "approve"), proof={"declined": reason})
    return ended


async def cancel_transfer(tx: Tx, *, delivery: str, reason: str) -> Delivery:
    """Nobody needs it any more, or a supplier does not send it; what was kept is free, what was scanned goes back."""
    locked = (await lock_delivery(tx, delivery)).delivery
    if locked.from_id is None or not tx.actor.may(Permission.STOCK_MOVE, at=locked.from_id):
        tx.actor.must(Permission.STOCK_MOVE, at=locked.to_id)
    return await call_off(tx, locked, reason=reason)


async def call_off(tx: Tx, locked: Delivery, *, reason: str) -> Delivery:
    """End what is not to come: tasks expire, nobody asks why it is late, the holds go."""
    ended = await transfers.end(tx, locked, verb=Verb.CANCEL, cause=reason)
    _ = [await tasks.expire_by_key(tx, _key(ended, step), cause=reason) for step in ("approve", "send")]
    await ownership.solved(tx, late_key(locked), outcome=reason)
    await _let_go(tx, locked)
    return ended


async def pick_transfer(tx: Tx, *, delivery: str, found: Sequence[Found]) -> Delivery:
    """Units go into the parcel, each scanned; a key sent before changes nothing."""
    locked = await _lock_transfer(tx, delivery)
    tx.actor.must(Permission.STOCK_MOVE, at=locked.from_id)
    return await transfers.pick(tx, locked, await scans_of(tx, found))


async def send_transfer(tx: Tx, *, delivery: str, packages: int = 1) -> Delivery:
    """The parcel leaves: its units are on the way, and no longer on the shelf of the sender."""
    before = await _lock_transfer(tx, delivery)
    tx.actor.must(Permission.STOCK_MOVE, at=before.from_id)
    sent, evidence = await transfers.send(tx, before, packages=packages)
    assert sent.from_id is not None, "a transfer comes from a place"
    await tasks.finish_by_key(tx, _key(sent, "send"), proof={"packages": list(sent.packages)})
    leaving = {(line.item_id, sent.from_id): line.sent for line in sent.lines if line.sent}
    await lock_claimants(tx, leaving)
    await _let_go(tx, before)
    await book_facts(
        tx,
        [
            Movement(line.item_id, sent.from_id, "sellable", "in_transit", line.sent, sent.order_id)
            for line in sent.lines
            if line.sent
        ],
        cause="transfer sent",
        reference=sent.reference,
        evidence=evidence,
    )
    return sent


async def _lock_transfer(tx: Tx, label: str) -> Delivery:
    return (await lock_delivery(tx, label, kind=DeliveryKind.TRANSFER)).delivery


async def both_places(tx: Tx, delivery: Delivery) -> tuple[Location, Location]:
    """Sender and receiver of a transfer."""
    assert delivery.from_id is not None, "a transfer comes from a place"
    found = await locations.by_ids(tx, [delivery.from_id, delivery.to_id])
    return found[delivery.from_id], found[delivery.to_id]


async def ask_to_send(tx: Tx, approved: Delivery, sender: Location, receiver: Location) -> None:
    """The floor of the sender picks it."""
    units = sum(line.asked for line in approved.lines)
    await _ask(
        tx, approved, sender, step="send", role="associate", within=SEND_WITHIN,
        title=f"Pick and send {units} units to {receiver.name}",
    )  # fmt: skip


async def _ask(
    tx: Tx, delivery: Delivery, at: Location, *, step: str, role: str, within: timedelta, title: str
) -> None:
    await tasks.open_task(
        tx,
        kind=TaskKind.TRANSFER,
        title=title,
        key=_key(delivery, step),
        role=role,
        location_id=at.location_id,
        due_at=at.hours.after_open_time(tx.now, within) or tx.now + within,
        details={"delivery": delivery.id, "reference": delivery.reference},
    )


async def _let_go(tx: Tx, delivery: Delivery) -> None:
    held = [(line.item_id, line.hold_id) for line in delivery.lines if line.hold_id is not None]
    if held and delivery.from_id is not None:
        await inventory.lock_stock(tx, [(item_id, delivery.from_id) for item_id, _ in held])
    _ = [await inventory.release_hold(tx, item_id, hold_id) for item_id, hold_id in held]


def _key(delivery: Delivery, step: str) -> str:
    return f"transfer-{step}:{delivery.delivery_id.hex}"
