"""Pure decisions of inventory: what physical facts do to a position, and which claims go short.

A shelf is what its last count said and the facts after it. A fact from before a count is written where it belongs
together with its opposite at that count, so it changes the shelf no more. A unit that leaves and is not in the book is
booked in first. So the same facts and counts end with the same shelf in any order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ambidex.domains.inventory.model import (
    SHELF,
    Booked,
    Booking,
    Claim,
    Entry,
    Hold,
    Lack,
    Left,
    Move,
    Movement,
    Place,
    Position,
    Settlement,
    Short,
)
from ambidex.domains.inventory.problems import SoldOut, SomebodyMoved
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.values import dataclass, replace

NOT_IN_BOOK = "not in the book"
RESTATED = "count restated"


@dataclass(frozen=True, slots=True)
class Step:
    """A move as data: between which accounts, and whether the claim on the shelf ends (-1) or begins again (1)."""

    origin: str
    target: str
    claim: int = 0


STEPS = {
    Move.STAGE: Step("sellable", "staged", claim=-1),
    Move.UNSTAGE: Step("staged", "sellable", claim=1),
    Move.HAND_OVER: Step("staged", "customer"),
    Move.TAKE_BACK: Step("customer", "staged"),
    Move.PUT_AWAY: Step("staged", "sellable"),
    Move.SUSPECT: Step("sellable", "suspect", claim=-1),
    Move.DISPATCH: Step("staged", "package"),
    Move.DELIVER: Step("package", "customer"),
    Move.COME_BACK: Step("package", "staged"),
    Move.LOSE: Step("package", "written_off"),
    Move.ARRIVE: Step("written_off", "customer"),
}


class _Book:
    """The book of one position while facts are written into it."""

    def __init__(self, position: Position, cause: str) -> None:
        self.place = position.place
        self.now = position.at
        self.cause = cause
        self.on_hand = dict(position.on_hand)
        self.entries: list[Entry] = []
        self.unknown = 0

    def write(
        self, way: tuple[str, str], units: int, at: datetime, *, cause: str = "", of: Movement | None = None
    ) -> int:
        """An entry, unless of nothing; its units."""
        if units > 0:
            why = cause or (of and of.cause) or self.cause
            told = (of.order_id, of.reference, of.source) if of else ()
            self.entries.append(Entry(*self.place, *way, units, at, why, *told))
        return max(0, units)

    def fact(self, m: Movement, at: datetime) -> None:
        """A fact that changes what is on hand."""
        units = (
            self.take(m, at)
            if m.origin in self.on_hand
            else self.write((m.origin, m.target), m.quantity, at, of=m)
        )
        if m.target in self.on_hand:
            self.on_hand[m.target] += units

    def take(self, m: Movement, at: datetime) -> int:
        """Units leave a condition; how many. What leaves the shelf may have been suspect, or not in the book."""
        left = m.quantity
        inside = m.origin in SHELF and m.target in SHELF
        for account in SHELF if m.origin == "sellable" and not inside else (m.origin,):
            units = min(left, self.on_hand[account])
            self.on_hand[account] -= units
            left -= self.write((account, m.target), units, at, of=m)
        if not left or inside:
            return m.quantity - left
        if m.origin == "staged":
            raise SomebodyMoved(item_id=str(m.item_id), location_id=str(m.location_id))
        self.unknown += self.write(("found", m.origin), left, at, cause=NOT_IN_BOOK, of=m)
        self.write((m.origin, m.target), left, at, of=m)
        return m.quantity

    def late(self, m: Movement, at: datetime, counted_at: datetime) -> None:
        """A fact from before a count: written there with its opposite at the count; other conditions do change."""
        if m.origin in self.on_hand and m.origin not in SHELF:
            self.take(m, at)
        else:
            self.write((m.origin, m.target), m.quantity, at, of=m)
        if m.target in self.on_hand and m.target not in SHELF:
            self.on_hand[m.target] += m.quantity
        back = (m.target if m.target in SHELF else "found", m.origin if m.origin in SHELF else "written_off")
        self.write(back, m.quantity, counted_at, cause=RESTATED, of=m)

    def shelf(self, difference: int, at: datetime, *, cause: str = "") -> None:
        """The shelf holds so many more, or fewer: sellable units first, then suspect ones."""
        self.on_hand["sellable"] += self.write(("found", "sellable"), difference, at, cause=cause)
        left = -difference
        for account in SHELF:
            units = min(left, self.on_hand[account])
            gone = self.write((account, "written_off"), units, at, cause=cause)
            self.on_hand[account] -= gone
            left -= gone
        if left > 0:
            # more has left since than this leaves: those units were not in the book
            self.write(("found", "sellable"), left, self.now, cause=NOT_IN_BOOK)
            self.write(("sellable", "written_off"), left, at, cause=cause)


def book(
    position: Position,
    movements: Sequence[Movement],
    *,
    cause: str,
    now: datetime,
    counts: Sequence[datetime],
) -> Booked:
    """Write physical facts into the book of a position. `counts` are the moments of its counts, oldest first.

    Raises SomebodyMoved when staged units leave that are not there.
    """
    written = _Book(position, cause)
    absorbed = []
    booked_at, look_again = position.booked_at, False
    for m in sorted(movements, key=lambda m: min(m.happened_at or position.at, now)):
        at = position.at if m.happened_at is None else min(m.happened_at, now)
        on_shelf = (m.origin in SHELF) or (m.target in SHELF)
        if m.happened_at and on_shelf and position.counted_at and at <= position.counted_at:
            written.late(m, at, next(counted_at for counted_at in counts if counted_at >= at))
            absorbed.append(m)
            continue
        look_again |= on_shelf and booked_at is not None and at <= booked_at
        booked_at = max(at, booked_at or at)
        written.fact(m, at)
    return Booked(written.entries, written.on_hand, absorbed, written.unknown, look_again)


@dataclass(frozen=True, slots=True)
class CountedAt:
    """As of when a count holds, and the next count after it."""

    at: datetime
    next_count: datetime | None = None


def count_moment(
    position: Position, asked: datetime | None, *, now: datetime, others: Sequence[datetime]
) -> CountedAt:
    """The moment of a count: now unless said. `others` are counts from then on; of one moment, a second comes after."""
    if asked is None:
        return CountedAt(position.at)
    at = min(asked, now)
    while at in others:
        at += timedelta(microseconds=1)
    return CountedAt(at, next((other for other in others if other > at), None))


@dataclass(frozen=True, slots=True)
class ShelfThen:
    """What the book said lay on the shelf as of a moment."""

    units: int
    suspect: int


def shelf_now(position: Position) -> ShelfThen:
    """What lies there by the book of now."""
    return ShelfThen(sum(position.on_hand[c] for c in SHELF), position.on_hand["suspect"])


def count(position: Position, counted: int, *, cause: str, when: CountedAt, then: ShelfThen) -> Booked:
    """Make the book say what was counted as of a moment. A count that is older than another one changes no shelf."""
    written = _Book(position, cause)
    at, difference = when.at, counted - then.units
    if when.next_count is not None:
        found, gone = ("found", "sellable"), ("sellable", "written_off")
        written.write(found if difference > 0 else gone, abs(difference), at)
        written.write(gone if difference > 0 else found, abs(difference), when.next_count, cause=RESTATED)
        return Booked(written.entries, position.on_hand)
    cleared = written.write(
        ("suspect", "sellable"), min(max(0, then.suspect), position.on_hand["suspect"]), at
    )
    written.on_hand["suspect"] -= cleared
    written.on_hand["sellable"] += cleared
    written.shelf(difference, at)
    late = position.booked_at is not None and at <= position.booked_at
    return Booked(written.entries, written.on_hand, look_again=late)


def restate(position: Position, on_hand: Mapping[str, int], *, unknown: int, at: datetime) -> Booked:
    """So many more (or fewer) units were not in the book than it says."""
    written = _Book(replace(position, on_hand=on_hand), NOT_IN_BOOK)
    written.shelf(unknown, at)
    return Booked(written.entries, written.on_hand)


def settle(gap: int, bookings: Sequence[Booking], shorts: Sequence[Short]) -> Settlement:
    """Make open shorts cover exactly the gap: whose promise has most time left goes short first.

    `bookings` are live, the most endangered first. What is picked already is not taken away while anything else is
    left. A short never exceeds its booking; what is already short and must stay short keeps its row.
    """
    wanted = _wanted(gap, bookings)
    keep: dict[tuple[object, int], int] = {}
    close = []
    for short in shorts:
        key = (short.order_id, short.line_no)
        if wanted.get(key) == short.quantity and key not in keep:
            keep[key] = short.quantity
        else:
            close.append(short.short_id)
    opened = [
        replace(b, quantity=wanted[b.order_id, b.line_no])
        for b in bookings
        if wanted.get((b.order_id, b.line_no), 0) and (b.order_id, b.line_no) not in keep
    ]
    return Settlement(close=close, open=opened)


def _wanted(gap: int, bookings: Sequence[Booking]) -> dict[tuple[object, int], int]:
    """Units short per booking, until the gap is covered; picked units last of all."""
    wanted: dict[tuple[object, int], int] = {}
    left = gap
    loose = [(b, b.quantity - b.picked) for b in reversed(bookings)]
    picked = [(b, b.picked) for b in reversed(bookings)]
    for booking, units in (*loose, *picked):
        short = min(left, units)
        if short > 0:
            key = (booking.order_id, booking.line_no)
            wanted[key] = wanted.get(key, 0) + short
            left -= short
    return wanted


def holds_to_break(gap: int, quantities: Sequence[int]) -> int:
    """How many of the holds (newest first) must be broken before any firm claim goes short."""
    broken = 0
    for quantity in quantities:
        if gap <= 0:
            break
        gap -= quantity
        broken += 1
    return broken


def refuse(claims: Sequence[Claim], available: Mapping[Place, int]) -> SoldOut | None:
    """The refusal, naming lines and what is left where, when these claims together want more than there is."""
    wanted = sums(claims)
    lacking = {place for place, units in wanted.items() if available.get(place, 0) < units}
    if not lacking:
        return None
    items = {item_id for item_id, _ in lacking}
    return SoldOut(
        lines=[
            Lack(c.line_no, c.item_id, c.location_id, c.quantity, max(0, available.get(c.place, 0)))
            for c in claims
            if c.place in lacking
        ],
        left=[
            Left(*place, available=units)
            for place, units in sorted(available.items())
            if units > 0 and place[0] in items
        ],
    )


def sums(claims: Iterable[Claim | Hold]) -> dict[Place, int]:
    """Units wanted per position; several lines of one item count together."""
    total: dict[Place, int] = {}
    for claim in claims:
        total[claim.place] = total.get(claim.place, 0) + claim.quantity
    return total


def merge(claims: Iterable[Claim]) -> list[Claim]:
    """One claim per position, order and line, in lock order."""
    total: dict[tuple[ItemId, LocationId, OrderId, int], Claim] = {}
    for c in claims:
        key = (c.item_id, c.location_id, c.order_id, c.line_no)
        known = total.get(key)
        total[key] = c if known is None else replace(known, quantity=known.quantity + c.quantity)
    return [total[key] for key in sorted(total)]


def differences(said: Mapping[str, object], is_so: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """The words in which a position differs from what it sums up."""
    return [(word, str(said[word]), str(so)) for word, so in is_so.items() if said[word] != so]
