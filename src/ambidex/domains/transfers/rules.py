"""Pure decisions of transfers: what may be scanned, what a delivery came to, when goods can be there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from ambidex.domains.transfers import problems
from ambidex.domains.transfers.model import (
    INBOUND,
    TRANSFER,
    Arrived,
    Counted,
    Delivery,
    DeliveryKind,
    InboundState,
    Line,
    NewDelivery,
    Outcome,
    Scanned,
    TransferState,
    Verb,
)
from ambidex.kernel.actor import Actor, ActorKind
from ambidex.kernel.clock import Hours
from ambidex.kernel.evidence import EvidenceKind
from ambidex.kernel.ids import ItemId
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import replace
from ambidex.kernel.words import seen

UNITS_MAX = 1_000_000
LINES_MAX = 500
SEND_WITHIN = timedelta(hours=8)
# calendar days on the road, by distance: (kilometers up to, days); beyond the last one the longest
TRANSIT = ((150, 1), (600, 2))
TRANSIT_MAX_DAYS = 4
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_REFERENCE_LETTERS = 9
# which outcomes explain units that are missing, and which units that are too many
MISSING = frozenset({Outcome.ARRIVED, Outcome.NEVER_SENT, Outcome.LOST})
TOO_MANY = frozenset({Outcome.SENT_TOO_MANY, Outcome.KEPT})


def reference_of(delivery_id: UUID) -> str:
    """What stands on the label of a transfer ("T-K7QD2M9XB"), from the random bits of its id."""
    bits, letters = delivery_id.int & (1 << 62) - 1, ""
    for _ in range(_REFERENCE_LETTERS):
        bits, at = divmod(bits, len(_LETTERS))
        letters += _LETTERS[at]
    return f"T-{letters}"


def check(new: NewDelivery) -> None:
    """Raises BadInput when it could not be sent by anybody."""
    errors = []
    if not 1 <= len(new.wanted) <= LINES_MAX:
        errors.append({"field": "lines", "expected": f"1 to {LINES_MAX} lines"})
    errors += [
        {"field": f"lines[{at}].quantity", "expected": f"1 to {UNITS_MAX}"}
        for at, wanted in enumerate(new.wanted)
        if not 1 <= wanted.quantity <= UNITS_MAX
    ]
    if new.from_id == new.to_id:
        errors.append({"field": "from", "expected": "another place"})
    if errors:
        raise BadInput(errors=list(errors))  # type: ignore[arg-type]  # plain dicts of the right form


def after(delivery: Delivery, verb: Verb) -> TransferState | InboundState:
    """Where the verb leads. Raises WrongState."""
    state = delivery.state
    if isinstance(state, TransferState) and TRANSFER.allows(state, verb):
        return TRANSFER.after(state, verb)
    if isinstance(state, InboundState) and INBOUND.allows(state, verb):
        return INBOUND.after(state, verb)
    raise problems.WrongState(f"it is {state.value.replace('_', ' ')}", state=state.value)


def state_of(kind: DeliveryKind, state: str) -> TransferState | InboundState:
    """A stored state as the value of its machine."""
    return TransferState(state) if kind is DeliveryKind.TRANSFER else InboundState(state)


def must_witness(actor: Actor) -> None:
    """Who scans is a person, or a device of the place; a system's word is no evidence. Raises NoWitness."""
    if actor.kind is not ActorKind.PERSON and not actor.device:
        raise problems.NoWitness(actor.name)


def check_scan(scanned: Scanned) -> None:
    """One scan proves one unit unless the item's policy allows more; what is typed or damaged needs a reason.

    Raises UnknownBarcode, OneScanOneUnit, NeedsReason.
    """
    proof = scanned.proof
    if scanned.item_id is None:
        raise problems.UnknownBarcode(proof.barcode, barcode=proof.barcode)
    if not 1 <= proof.quantity <= UNITS_MAX:
        raise BadInput(errors=[{"field": "quantity", "expected": f"1 to {UNITS_MAX}"}])
    counts = scanned.counted_scans or proof.kind is EvidenceKind.TYPED
    if proof.quantity > 1 and not counts:
        raise problems.OneScanOneUnit(scanned.name, errors=[{"field": "quantity", "expected": "1"}])
    if not seen(proof.reason) and (proof.kind is EvidenceKind.TYPED or scanned.arrived is Arrived.DAMAGED):
        raise problems.NeedsReason(errors=[{"field": "reason", "expected": "why"}])


def check_pick(delivery: Delivery, picked: Counted, scans: Sequence[Scanned]) -> None:
    """Only what was asked for goes into the parcel, and not more of it. Raises NotAskedFor, OverScan."""
    room: Counter[ItemId] = Counter()
    for line in delivery.lines:
        room[line.item_id] += line.asked
    for item_id in room:
        room[item_id] -= picked.of(item_id)
    for scanned in scans:
        check_scan(scanned)
        assert scanned.item_id is not None, "an unknown barcode was refused"
        if scanned.item_id not in room:
            raise problems.NotAskedFor(scanned.name, barcode=scanned.proof.barcode)
        room[scanned.item_id] -= scanned.proof.quantity
        if room[scanned.item_id] < 0:
            raise problems.OverScan(scanned.name)


def spread(lines: Sequence[Line], units: Mapping[ItemId, int], *, room_of: str) -> dict[int, int]:
    """Units of items onto lines of the same item: each up to its room (`asked` or `sent`), the rest on the last."""
    found: dict[int, int] = {line.line_no: 0 for line in lines}
    for item_id, count in units.items():
        of_item = [line for line in lines if line.item_id == item_id]
        left = count
        for line in of_item:
            found[line.line_no] = min(left, getattr(line, room_of))
            left -= found[line.line_no]
        if of_item:
            found[of_item[-1].line_no] += left
    return found


def arrived(delivery: Delivery, counted: Counted) -> tuple[Line, ...]:
    """The lines as they were received; items that nobody announced become lines of their own."""
    items = {item_id for item_id, _ in counted.units}
    good = spread(delivery.lines, {i: counted.of(i, Arrived.SELLABLE) for i in items}, room_of="sent")
    left = [replace(line, sent=max(0, line.sent - good[line.line_no])) for line in delivery.lines]
    bad = spread(left, {i: counted.of(i, Arrived.DAMAGED) for i in items}, room_of="sent")
    known = [replace(line, received=good[line.line_no], damaged=bad[line.line_no]) for line in delivery.lines]
    number = max((line.line_no for line in known), default=0)
    strange = sorted(items - {line.item_id for line in known})
    return (
        *known,
        *(
            Line(
                number + at,
                item_id,
                asked=0,
                received=counted.of(item_id, Arrived.SELLABLE),
                damaged=counted.of(item_id, Arrived.DAMAGED),
            )
            for at, item_id in enumerate(strange, start=1)
        ),
    )


def finish_verb(lines: Collection[Line]) -> Verb:
    """Whether a person must explain something before it is over."""
    return Verb.FINISH_WITH_VARIANCE if any(line.variance for line in lines) else Verb.FINISH


def check_settle(delivery: Delivery, line: Line | None, units: int, outcome: Outcome) -> Line:
    """The line whose difference this explains. Raises NothingToSettle, BadInput."""
    if line is None or line.open_variance < 1:
        raise problems.NothingToSettle
    if not 1 <= units <= line.open_variance:
        raise BadInput(errors=[{"field": "quantity", "expected": f"1 to {line.open_variance}"}])
    fitting = MISSING if line.variance < 0 else TOO_MANY
    if delivery.kind is DeliveryKind.INBOUND:
        fitting -= {Outcome.NEVER_SENT, Outcome.SENT_TOO_MANY}
        fitting |= {Outcome.NEVER_SENT} if line.variance < 0 else frozenset()
    if outcome not in fitting:
        raise BadInput(errors=[{"field": "outcome", "expected": " | ".join(sorted(fitting))}])
    return line


def days_on_the_road(km: float | None) -> int:
    """Calendar days between two places; places of unknown distance take the longest."""
    if km is None:
        return TRANSIT_MAX_DAYS
    return next((days for limit, days in TRANSIT if km <= limit), TRANSIT_MAX_DAYS)


def arrives_at(sender: Hours, receiver: Hours, *, km: float | None, now: datetime) -> datetime | None:
    """When goods asked for now can be at the other place, while it is open; None: one of them never opens again."""
    sent_at = sender.after_open_time(now, SEND_WITHIN)
    return None if sent_at is None else receiver.next_open(sent_at + timedelta(days=days_on_the_road(km)))
