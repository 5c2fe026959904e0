"""Moving deliveries on. Flows lock the delivery first, ask the actor, and book what the shelf hears."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from ambidex.domains.transfers import events, queries, rules, store
from ambidex.domains.transfers.model import (
    COMING,
    Arrived,
    Delivery,
    DeliveryId,
    DeliveryKind,
    InboundState,
    Line,
    NewDelivery,
    Outcome,
    Purpose,
    Scanned,
    Step,
    TransferState,
    Verb,
)
from ambidex.domains.transfers.problems import (
    NothingInTheParcel,
    ReferenceTaken,
    ScanKeyReused,
    UnknownDelivery,
    WrongState,
)
from ambidex.kernel.actor import Permission
from ambidex.kernel.event import Event
from ambidex.kernel.ref import Ref
from ambidex.kernel.values import replace
from ambidex.runtime.db import Tx

PACKAGES_MAX = 99


async def lock(tx: Tx, delivery_id: DeliveryId) -> Delivery:
    """The delivery, locked until the end of the transaction: after its order. Raises UnknownDelivery."""
    if not await store.lock(tx, delivery_id):
        raise UnknownDelivery(delivery=str(delivery_id))
    return await queries.delivery(tx, delivery_id)


async def request(tx: Tx, new: NewDelivery) -> Delivery:
    """Ask another place for units."""
    rules.check(new)
    assert new.from_id is not None, "a transfer comes from a place"
    delivery_id = DeliveryId(tx.new_id())
    delivery = _new(tx, new, delivery_id, TransferState.REQUESTED, rules.reference_of(delivery_id))
    await store.add(tx, delivery)
    _tell(tx, delivery, events.Requested(delivery.reference, new.purpose.value, _units(delivery, "asked")))
    return delivery


async def approve(tx: Tx, delivery: Delivery, *, expected_at: datetime | None) -> Delivery:
    """The sending place says yes."""
    now = await _save(tx, delivery, state=rules.after(delivery, Verb.APPROVE), expected_at=expected_at)
    _tell(tx, now, events.Approved(now.reference, expected_at))
    return now


async def note_holds(tx: Tx, delivery: Delivery, *, holds: Mapping[int, UUID]) -> Delivery:
    """What the sender keeps for it, by line."""
    lines = tuple(replace(line, hold_id=holds.get(line.line_no)) for line in delivery.lines)
    return await _save(tx, delivery, lines=lines)


async def end(tx: Tx, delivery: Delivery, *, verb: Verb, cause: str) -> Delivery:
    """Decline or cancel what was not sent yet."""
    state = rules.after(delivery, verb)
    now = await _save(tx, delivery, state=state, closed_at=tx.now)
    _tell(tx, now, events.Ended(now.reference, state.value), cause=cause)
    return now


async def pick(tx: Tx, delivery: Delivery, scans: Sequence[Scanned]) -> Delivery:
    """Units go into the parcel, each with its proof; a key sent before changes nothing."""
    rules.must_witness(tx.actor)
    if delivery.state is not TransferState.PICKING:
        rules.after(delivery, Verb.PICK)
    fresh = await _fresh(tx, delivery, Step.PICK, scans)
    if not fresh:
        return delivery
    picked = await store.tally(tx, delivery.delivery_id, Step.PICK)
    rules.check_pick(delivery, picked.counted, list(fresh.values()))
    evidence = await store.add_scans(tx, delivery.delivery_id, Step.PICK, fresh)
    now = await _save(tx, delivery, state=TransferState.PICKING)
    _tell(tx, now, events.Picked(now.reference, _scanned(fresh)), evidence=tuple(evidence))
    return now


async def send(tx: Tx, delivery: Delivery, *, packages: int = 1) -> tuple[Delivery, tuple[str, ...]]:
    """What was scanned into the parcel leaves; the delivery and the scans that prove it. Raises NothingInTheParcel."""
    if delivery.state is TransferState.APPROVED:
        raise NothingInTheParcel
    state = rules.after(delivery, Verb.SEND)
    picked = await store.tally(tx, delivery.delivery_id, Step.PICK)
    if not picked.counted.units:
        raise NothingInTheParcel
    items = {item_id for item_id, _ in picked.counted.units}
    sent = rules.spread(delivery.lines, {i: picked.counted.of(i) for i in items}, room_of="asked")
    lines = tuple(replace(line, sent=sent[line.line_no], hold_id=None) for line in delivery.lines)
    codes = [f"{delivery.reference}-{no}" for no in range(1, max(1, min(packages, PACKAGES_MAX)) + 1)]
    await store.add_packages(tx, delivery.delivery_id, codes)
    now = await _save(tx, delivery, state=state, lines=lines, sent_at=tx.now)
    told = events.Sent(now.reference, _units(now, "sent"), codes)
    _tell(tx, now, told, evidence=picked.evidence)
    return replace(now, packages=tuple(codes)), picked.evidence


async def announce(tx: Tx, new: NewDelivery) -> tuple[Delivery, bool]:
    """Goods that a supplier will send, created or said again; whether they are new.

    Said again, it is taken away from the place that waits for it: who says so may act there. Raises ReferenceTaken.
    """
    rules.check(new)
    known = await queries.by_reference(tx, DeliveryKind.INBOUND, new.reference)
    if known is None:
        await _must_be_free(tx, new.reference)
        delivery = _new(tx, new, DeliveryId(tx.new_id()), InboundState.ANNOUNCED, new.reference)
        await store.add(tx, delivery)
        _tell_announced(tx, delivery)
        return delivery, True
    known = await lock(tx, known.delivery_id)
    tx.actor.must(Permission.STOCK_MOVE, at=known.to_id)
    if known.state is not InboundState.ANNOUNCED:
        raise ReferenceTaken(reference=new.reference)
    return await _announce_again(tx, known, new), False


async def _must_be_free(tx: Tx, reference: str) -> None:
    """A supplier's number that reads like the label of a transfer would be found in its place."""
    with suppress(UnknownDelivery):
        await queries.by_label(tx, reference)
        raise ReferenceTaken(reference=reference)


async def _announce_again(tx: Tx, known: Delivery, new: NewDelivery) -> Delivery:
    lines = _lines(new)
    same = (known.to_id, known.supplier, known.note, known.lines) == (
        new.to_id,
        new.supplier,
        new.note,
        lines,
    )
    if same and known.expected_at == new.expected_at:
        return known
    late = known.late_told_at if known.expected_at == new.expected_at else None
    now = await _save(
        tx, known, lines=lines, expected_at=new.expected_at, to_id=new.to_id, supplier=new.supplier, note=new.note,
        late_told_at=late,
    )  # fmt: skip
    await store.drop_lines_after(tx, known.delivery_id, len(lines))
    _tell_announced(tx, now)
    if new.expected_at is not None and known.expected_at != new.expected_at:
        _tell(tx, now, events.ReDated(now.reference, known.expected_at, new.expected_at))
    return now


async def redate(tx: Tx, delivery: Delivery, *, expected_at: datetime, cause: str) -> Delivery:
    """It comes at another time than we thought."""
    if delivery.state.value not in COMING:
        raise WrongState(f"it is {delivery.state.value.replace('_', ' ')}", state=delivery.state.value)
    if delivery.expected_at == expected_at:
        return delivery
    now = await _save(tx, delivery, expected_at=expected_at, late_told_at=None)
    _tell(tx, now, events.ReDated(now.reference, delivery.expected_at, expected_at), cause=cause)
    return now


async def tell_late(tx: Tx, delivery: Delivery) -> Delivery:
    """Its time has passed; said once for each date."""
    assert delivery.expected_at is not None, "what has no date is not late"
    now = await _save(tx, delivery, late_told_at=tx.now)
    _tell(tx, now, events.Late(now.reference, delivery.expected_at))
    return now


async def receive(tx: Tx, delivery: Delivery, scans: Sequence[Scanned]) -> int:
    """Units come out of the parcel; how many are new. Anybody of the place may go on where another stopped."""
    rules.must_witness(tx.actor)
    fresh = await _fresh(tx, delivery, Step.RECEIVE, scans)
    if not fresh:
        return 0
    if not delivery.is_arriving:
        raise WrongState(f"it is {delivery.state.value.replace('_', ' ')}", state=delivery.state.value)
    for scanned in fresh.values():
        rules.check_scan(scanned)
    evidence = await store.add_scans(tx, delivery.delivery_id, Step.RECEIVE, fresh)
    _tell(tx, delivery, events.UnitsScannedIn(delivery.reference, _scanned(fresh)), evidence=tuple(evidence))
    return sum(scanned.proof.quantity for scanned in fresh.values())


async def finish(tx: Tx, delivery: Delivery) -> tuple[Delivery, tuple[str, ...]]:
    """Everything that came was scanned: the delivery as it came, and the scans that prove it."""
    found = await store.tally(tx, delivery.delivery_id, Step.RECEIVE)
    sent = delivery
    if delivery.kind is DeliveryKind.INBOUND:
        sent = replace(delivery, lines=tuple(replace(line, sent=line.asked) for line in delivery.lines))
    lines = rules.arrived(sent, found.counted)
    state = rules.after(delivery, rules.finish_verb(lines))
    closed_at = tx.now if state.value == TransferState.RECEIVED.value else None
    now = await _save(tx, delivery, state=state, lines=lines, closed_at=closed_at)
    told = [
        {"item": str(one.item_id), "sent": one.sent, "received": one.received, "damaged": one.damaged}
        for one in lines
    ]
    _tell(tx, now, events.Received(now.reference, told), evidence=found.evidence)
    return now, found.evidence


async def settle(
    tx: Tx, delivery: Delivery, *, line_no: int, units: int, outcome: Outcome, reason: str
) -> Delivery:
    """A person explains a difference; with the last one the delivery is over."""
    line = rules.check_settle(delivery, delivery.line(line_no), units, outcome)
    lines = tuple(replace(one, settled=one.settled + units) if one is line else one for one in delivery.lines)
    over = not any(one.open_variance for one in lines)
    state = rules.after(delivery, Verb.SETTLE) if over else delivery.state
    now = await _save(tx, delivery, state=state, lines=lines, closed_at=tx.now if over else None)
    _tell(tx, now, events.Settled(now.reference, line_no, units, outcome.value), cause=reason)
    return now


async def _fresh(tx: Tx, delivery: Delivery, step: Step, scans: Sequence[Scanned]) -> dict[str, Scanned]:
    """Scans by key without those that are stored. Raises ScanKeyReused when a key stands for another scan."""
    keyed = {scanned.proof.key or str(tx.new_id()): scanned for scanned in scans}
    known = await store.known_scans(tx, delivery.delivery_id, step, list(keyed))
    for key, stored in known.items():
        scanned = keyed.pop(key)
        if (scanned.item_id, scanned.proof.quantity) != (stored.item_id, stored.units):
            raise ScanKeyReused(key=key)
    return keyed


async def _save(tx: Tx, before: Delivery, **changes: object) -> Delivery:
    now = replace(before, **changes)  # type: ignore[arg-type]  # named fields of Delivery
    await store.save(tx, before, now)
    return replace(now, version=before.version + 1)


def _new(
    tx: Tx, new: NewDelivery, delivery_id: DeliveryId, state: TransferState | InboundState, reference: str
) -> Delivery:
    return Delivery(
        delivery_id=delivery_id,
        kind=new.kind,
        reference=reference,
        purpose=Purpose(new.purpose),
        from_id=new.from_id,
        to_id=new.to_id,
        supplier=new.supplier,
        state=state,
        order_id=new.order_id,
        expected_at=new.expected_at,
        note=new.note,
        made_by=tx.actor.name,
        made_at=tx.now,
        sent_at=None,
        closed_at=None,
        late_told_at=None,
        version=1,
        lines=_lines(new),
    )


def _lines(new: NewDelivery) -> tuple[Line, ...]:
    return tuple(
        Line(number, wanted.item_id, wanted.quantity, order_line=wanted.order_line, hold_id=wanted.hold_id)
        for number, wanted in enumerate(new.wanted, start=1)
    )


def _units(delivery: Delivery, which: str) -> list[dict[str, object]]:
    return [
        {"item": str(line.item_id), "quantity": getattr(line, which)}
        for line in delivery.lines
        if getattr(line, which)
    ]


def _scanned(scans: Mapping[str, Scanned]) -> list[dict[str, object]]:
    return [
        {"item": str(one.item_id), "quantity": one.proof.quantity}
        | ({"damaged": one.proof.reason} if one.arrived is Arrived.DAMAGED else {})
        for one in scans.values()
    ]


def _tell_announced(tx: Tx, delivery: Delivery) -> None:
    told = events.Announced(delivery.reference, delivery.expected_at, _units(delivery, "asked"))
    _tell(tx, delivery, told)


def _tell(
    tx: Tx, delivery: Delivery, event: Event, *, cause: str = "", evidence: tuple[str, ...] = ()
) -> None:
    tx.announce(
        Ref("delivery", delivery.id),
        event,
        order_id=delivery.order_id,
        location_id=delivery.to_id,
        cause=cause,
        evidence=evidence,
    )
