"""Reading and changing stock for a decision. Positions are locked last of all, in (item, location) order.

Each change is one guarded statement: its CTE takes the row locks in order, the UPDATE recomputes the gap, and a
row that does not meet its guard is not returned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from ambidex.domains.inventory.model import Booking, Claim, Hold, Place, Short
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.runtime.db import Read, Tx

_COLUMNS = ("sellable", "suspect", "staged", "reserved", "held")


def _shift(guard: str = "true", *, before: str = "", **columns: str) -> TextClause:
    """One statement that moves `a.n` units per row; `columns` are the new values, the gap follows from them.

    `before` is a change of other rows in the same round trip.
    """
    new = {name: columns.get(name, f"p.{name}") for name in _COLUMNS}
    gap = f"greatest(0, ({new['reserved']}) + ({new['held']}) - ({new['sellable']}))"
    sets = ", ".join(f"{name} = {value}" for name, value in (columns | {"gap": gap}).items())
    return text(
        f"""
WITH {before}asked AS (
  SELECT * FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]), CAST(:units AS integer[]))
    AS a(item_id, location_id, n)
), locked AS MATERIALIZED (
  SELECT p.item_id, p.location_id, p.sellable, p.suspect, p.gap, a.n
    FROM inventory.positions p JOIN asked a USING (item_id, location_id)
   ORDER BY p.item_id, p.location_id FOR NO KEY UPDATE OF p
)
UPDATE inventory.positions p SET {sets}, changed_at = :now
  FROM locked a
 WHERE p.item_id = a.item_id AND p.location_id = a.location_id AND ({guard})
RETURNING p.item_id, p.location_id, a.n, a.sellable AS was_sellable, a.suspect AS was_suspect,
  a.gap AS was_gap, p.gap"""  # noqa: S608  # made of the constants below
    )


_CLAIMS = """unnest(CAST(:of_items AS uuid[]), CAST(:of_places AS uuid[]), CAST(:of_orders AS uuid[]),
  CAST(:of_lines AS smallint[]), CAST(:claimed AS integer[])) AS a(item_id, location_id, order_id, line_no, quantity)"""
_RESERVE = f"""
INSERT INTO inventory.reservations AS r (item_id, location_id, order_id, line_no, quantity, made_at)
SELECT item_id, location_id, order_id, line_no, quantity, :now FROM {_CLAIMS}
 ORDER BY item_id, location_id, order_id, line_no
ON CONFLICT (item_id, location_id, order_id, line_no)
DO UPDATE SET quantity = r.quantity + excluded.quantity, closed_at = NULL"""  # noqa: S608  # a constant
_FREE = "p.reserved + p.held + a.n <= p.sellable - p.safety"
_THERE = "p.staged >= a.n"
TAKE = _shift(_FREE, reserved="p.reserved + a.n")
RESERVE_AND_TAKE = _shift(_FREE, before=f"made AS ({_RESERVE}), ", reserved="p.reserved + a.n")
GIVE_BACK = _shift(reserved="p.reserved - a.n")
HOLD = _shift(_FREE, held="p.held + a.n")
UNHOLD = _shift(held="p.held - a.n")
HOLD_TO_RESERVATION = _shift(held="p.held - a.n", reserved="p.reserved + a.n")
STAGE = _shift(sellable="greatest(0, p.sellable - a.n)", reserved="p.reserved - a.n", staged="p.staged + a.n")
UNSTAGE = _shift(_THERE, sellable="p.sellable + a.n", reserved="p.reserved + a.n", staged="p.staged - a.n")
HAND_OVER = _shift(_THERE, staged="p.staged - a.n")
TAKE_BACK = _shift(staged="p.staged + a.n")
PUT_AWAY = _shift(_THERE, sellable="p.sellable + a.n", staged="p.staged - a.n")
SUSPECT = _shift(
    sellable="greatest(0, p.sellable - a.n)",
    suspect="p.suspect + least(p.sellable, a.n)",
    reserved="p.reserved - a.n",
)
COUNT = _shift(sellable="a.n", suspect="0")


@dataclass(frozen=True, slots=True)
class Shifted:
    """One position that a statement changed: what it was, and its gap before and after."""

    item_id: ItemId
    location_id: LocationId
    units: int
    was_sellable: int
    was_suspect: int
    was_gap: int
    gap: int

    @property
    def place(self) -> Place:
        return self.item_id, self.location_id


async def shift(tx: Tx, statement: TextClause, units: Mapping[Place, int]) -> list[Shifted]:
    """Run one of the statements above; rows that did not meet its guard are missing from the answer."""
    if not units:
        return []
    places = sorted(units)
    rows = await tx.all(statement, _arrays(places) | {"units": [units[p] for p in places], "now": tx.now})
    return [Shifted(*tuple(row)) for row in rows]


_POSITIONS_NEEDED = text("""
INSERT INTO inventory.positions (item_id, location_id, safety, spot, changed_at)
SELECT item_id, location_id, coalesce(safety, 0), coalesce(spot, ''), :now
  FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]), CAST(:safety AS integer[]), CAST(:spots AS text[]))
    AS a(item_id, location_id, safety, spot)
 ORDER BY item_id, location_id
ON CONFLICT (item_id, location_id) DO NOTHING""")
_POSITION_TERMS = text("""
WITH asked AS (
  SELECT * FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]), CAST(:safety AS integer[]),
    CAST(:spots AS text[])) AS a(item_id, location_id, safety, spot)
), locked AS MATERIALIZED (
  SELECT a.* FROM inventory.positions p JOIN asked a USING (item_id, location_id)
   ORDER BY p.item_id, p.location_id FOR NO KEY UPDATE OF p
)
UPDATE inventory.positions p SET safety = coalesce(a.safety, p.safety), spot = coalesce(a.spot, p.spot)
  FROM locked a WHERE p.item_id = a.item_id AND p.location_id = a.location_id""")


async def need_positions(
    tx: Tx, places: Sequence[Place], *, safety: Sequence[int | None], spots: Sequence[str | None]
) -> None:
    """Make the rows that are missing, and set safety stock and spot where given."""
    values = _arrays(places) | {"safety": list(safety), "spots": list(spots)}
    await tx.run(_POSITIONS_NEEDED, values | {"now": tx.now})
    if any(s is not None for s in (*safety, *spots)):
        await tx.run(_POSITION_TERMS, values)


_LEDGER = text("""
INSERT INTO inventory.ledger (item_id, entry_id, location_id, from_account, to_account, quantity, cause, order_id,
  actor_id, evidence, happened_at, recorded_at)
SELECT a.item_id, a.entry_id, a.location_id, a.from_account, a.to_account, a.quantity, :cause, a.order_id,
  :actor, CAST(:evidence AS jsonb), :now, :now
  FROM unnest(CAST(:items AS uuid[]), CAST(:entries AS uuid[]), CAST(:places AS uuid[]), CAST(:origins AS text[]),
    CAST(:targets AS text[]), CAST(:units AS integer[]), CAST(:orders AS uuid[]))
    AS a(item_id, entry_id, location_id, from_account, to_account, quantity, order_id)""")


@dataclass(frozen=True, slots=True)
class Entry:
    """Units leave one account and enter another: a condition at the place, or an account outside."""

    item_id: ItemId
    location_id: LocationId
    origin: str
    target: str
    quantity: int
    order_id: OrderId | None = None


async def book(tx: Tx, entries: Iterable[Entry], *, cause: str, evidence_json: str = "[]") -> None:
    """Write ledger entries; those of no units are left out."""
    rows = [entry for entry in entries if entry.quantity > 0]
    if not rows:
        return
    await tx.run(
        _LEDGER,
        {
            "items": [r.item_id for r in rows],
            "entries": [tx.new_id() for _ in rows],
            "places": [r.location_id for r in rows],
            "origins": [r.origin for r in rows],
            "targets": [r.target for r in rows],
            "units": [r.quantity for r in rows],
            "orders": [r.order_id for r in rows],
            "cause": cause,
            "actor": tx.actor.id,
            "evidence": evidence_json,
            "now": tx.now,
        },
    )


_ADD_RESERVATIONS = text(_RESERVE)
_UNRESERVE = text(f"""
UPDATE inventory.reservations r
   SET quantity = r.quantity - a.quantity,
       closed_at = CASE WHEN r.quantity = a.quantity THEN CAST(:now AS timestamptz) END
  FROM {_CLAIMS}
 WHERE (r.item_id, r.location_id, r.order_id, r.line_no)
     = (a.item_id, a.location_id, a.order_id, a.line_no) AND r.quantity >= a.quantity""")  # noqa: S608  # a constant


async def add_reservations(tx: Tx, claims: Sequence[Claim]) -> None:
    """Write who claims what; the position follows in its own statement."""
    await tx.run(_ADD_RESERVATIONS, _claim_arrays(claims) | {"now": tx.now})


async def reserve_and_take(tx: Tx, claims: Sequence[Claim]) -> list[Shifted]:
    """Write who claims what and take it; positions that had too little are missing from the answer."""
    units = sums(claims)
    places = sorted(units)
    values = _arrays(places) | {"units": [units[p] for p in places], "now": tx.now}
    rows = await tx.all(RESERVE_AND_TAKE, values | _claim_arrays(merge(claims)))
    return [Shifted(*tuple(row)) for row in rows]


async def cut_reservations(tx: Tx, claims: Sequence[Claim]) -> bool:
    """Take units off live reservations; whether every claim still had them."""
    merged = merge(claims)
    return await tx.run(_UNRESERVE, _claim_arrays(merged) | {"now": tx.now}) == len(merged)


_EXPIRED = text("""
WITH gone AS (
  UPDATE inventory.holds h SET released_at = :now
    FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id)
   WHERE h.item_id = a.item_id AND h.location_id = a.location_id
     AND h.released_at IS NULL AND h.expires_at <= :now
  RETURNING h.item_id, h.location_id, h.quantity
)
SELECT item_id, location_id, sum(quantity) AS units FROM gone GROUP BY item_id, location_id""")
_LOCK = text("""
SELECT p.item_id, p.location_id FROM inventory.positions p
  JOIN unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id) USING (item_id, location_id)
 ORDER BY p.item_id, p.location_id FOR NO KEY UPDATE OF p""")


async def lock_and_expire(tx: Tx, places: Iterable[Place]) -> None:
    """Lock these positions in order and let go of their expired holds, so that what is read next is exact."""
    wanted = sorted(set(places))
    await tx.all(_LOCK, _arrays(wanted))
    gone = await tx.all(_EXPIRED, _arrays(wanted) | {"now": tx.now})
    await shift(tx, UNHOLD, {(r.item_id, r.location_id): int(r.units) for r in gone})


_HOLD_COLUMNS = "hold_id, item_id, location_id, quantity, order_id, line_no, purpose, expires_at"
_ADD_HOLD = text("""
INSERT INTO inventory.holds (item_id, hold_id, location_id, quantity, order_id, line_no, purpose, made_at, expires_at)
VALUES (:item_id, :hold_id, :location_id, :quantity, :order_id, :line_no, :purpose, :now, :expires_at)""")
_END_HOLD = text(f"""
UPDATE inventory.holds SET released_at = :now
 WHERE item_id = :item_id AND hold_id = :hold_id AND released_at IS NULL
RETURNING {_HOLD_COLUMNS}""")  # noqa: S608  # a constant
_NEWEST_HOLDS = text("""
SELECT hold_id, quantity FROM inventory.holds
 WHERE item_id = :item_id AND location_id = :location_id AND released_at IS NULL
 ORDER BY made_at DESC, hold_id DESC LIMIT 1000""")
_BREAK_HOLDS = text("""
UPDATE inventory.holds SET released_at = :now
 WHERE item_id = :item_id AND hold_id = ANY(CAST(:holds AS uuid[])) AND released_at IS NULL
RETURNING quantity""")


async def add_hold(tx: Tx, hold: Hold) -> None:
    values = {name: getattr(hold, name) for name in hold.__slots__}
    await tx.run(_ADD_HOLD, values | {"now": tx.now})


async def end_hold(tx: Tx, item_id: ItemId, hold_id: UUID) -> Hold | None:
    """Close a hold that is still open (expired or not); None when it is closed already."""
    row = await tx.maybe(_END_HOLD, {"item_id": item_id, "hold_id": hold_id, "now": tx.now})
    return None if row is None else Hold(*tuple(row))


async def newest_holds(read: Read, place: Place) -> list[tuple[UUID, int]]:
    rows = await read.all(_NEWEST_HOLDS, {"item_id": place[0], "location_id": place[1]})
    return [(row.hold_id, row.quantity) for row in rows]


async def break_holds(tx: Tx, place: Place, hold_ids: Sequence[UUID]) -> int:
    """Let go of these holds; the units they had."""
    rows = await tx.all(_BREAK_HOLDS, {"item_id": place[0], "holds": list(hold_ids), "now": tx.now})
    return sum(row.quantity for row in rows)


_BOOKINGS = text("""
SELECT order_id, line_no, quantity FROM inventory.reservations
 WHERE item_id = :item_id AND location_id = :location_id AND quantity > 0
 ORDER BY made_at, order_id, line_no""")
_OPEN_SHORTS = text("""
SELECT short_id, item_id, location_id, order_id, line_no, quantity FROM inventory.shorts
 WHERE item_id = :item_id AND location_id = :location_id AND closed_at IS NULL ORDER BY opened_at, short_id""")
_CLOSE_SHORTS = text("""
UPDATE inventory.shorts SET closed_at = :now
 WHERE item_id = :item_id AND short_id = ANY(CAST(:shorts AS uuid[])) AND closed_at IS NULL""")
_OPEN_SHORT = text("""
INSERT INTO inventory.shorts (item_id, short_id, location_id, order_id, line_no, quantity, cause, opened_at)
SELECT :item_id, a.short_id, :location_id, a.order_id, a.line_no, a.quantity, :cause, :now
  FROM unnest(CAST(:shorts AS uuid[]), CAST(:orders AS uuid[]), CAST(:lines AS smallint[]), CAST(:units AS integer[]))
    AS a(short_id, order_id, line_no, quantity)""")


async def bookings(read: Read, place: Place) -> list[Booking]:
    """Live reservations of one position, oldest first."""
    rows = await read.all(_BOOKINGS, {"item_id": place[0], "location_id": place[1]})
    return [Booking(*tuple(row)) for row in rows]


async def open_shorts(read: Read, place: Place) -> list[Short]:
    rows = await read.all(_OPEN_SHORTS, {"item_id": place[0], "location_id": place[1]})
    return [Short(*tuple(row)) for row in rows]


async def close_shorts(tx: Tx, item_id: ItemId, shorts: Sequence[UUID]) -> None:
    if shorts:
        await tx.run(_CLOSE_SHORTS, {"item_id": item_id, "shorts": list(shorts), "now": tx.now})


async def add_shorts(tx: Tx, shorts: Sequence[Short], *, cause: str) -> None:
    """Shorts of one position."""
    if not shorts:
        return
    await tx.run(
        _OPEN_SHORT,
        {
            "item_id": shorts[0].item_id,
            "location_id": shorts[0].location_id,
            "shorts": [s.short_id for s in shorts],
            "orders": [s.order_id for s in shorts],
            "lines": [s.line_no for s in shorts],
            "units": [s.quantity for s in shorts],
            "cause": cause,
            "now": tx.now,
        },
    )


_OPEN_COUNT = text("""
INSERT INTO inventory.counts (item_id, count_id, location_id, cause, opened_at)
SELECT :item_id, :count_id, :location_id, :cause, :now
 WHERE NOT EXISTS (SELECT 1 FROM inventory.counts WHERE item_id = :item_id AND location_id = :location_id
   AND state = 'open')""")
_THE_COUNT = text("""
SELECT count_id FROM inventory.counts WHERE item_id = :item_id AND location_id = :location_id AND state = 'open'
 ORDER BY opened_at LIMIT 1""")
_COUNTED = text("""
UPDATE inventory.counts c SET state = 'counted', counted = a.counted, counted_by = :actor, counted_at = :now
  FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]), CAST(:units AS integer[]))
    AS a(item_id, location_id, counted)
 WHERE c.item_id = a.item_id AND c.location_id = a.location_id AND c.state = 'open'
RETURNING c.item_id, c.location_id, c.count_id""")


async def need_count(tx: Tx, place: Place, *, cause: str) -> UUID:
    """The open count of this position, opened now when there is none. Call with the position locked."""
    values = {"item_id": place[0], "location_id": place[1]}
    await tx.run(_OPEN_COUNT, values | {"count_id": tx.new_id(), "cause": cause, "now": tx.now})
    return UUID(str(await tx.value(_THE_COUNT, values)))


async def close_counts(tx: Tx, counted: Mapping[Place, int]) -> dict[Place, list[UUID]]:
    """Open counts of these positions are done; which they were."""
    places = sorted(counted)
    values = _arrays(places) | {"units": [counted[p] for p in places]}
    done: dict[Place, list[UUID]] = {}
    for row in await tx.all(_COUNTED, values | {"actor": tx.actor.id, "now": tx.now}):
        done.setdefault((row.item_id, row.location_id), []).append(row.count_id)
    return done


def sums(claims: Iterable[Claim]) -> dict[Place, int]:
    """Units wanted per position; several lines of one item count together."""
    total: dict[Place, int] = {}
    for claim in claims:
        total[claim.place] = total.get(claim.place, 0) + claim.quantity
    return total


def merge(claims: Iterable[Claim]) -> list[Claim]:
    """One claim per position, order and line, in lock order."""
    total: dict[tuple[ItemId, LocationId, OrderId, int], int] = {}
    for c in claims:
        key = (c.item_id, c.location_id, c.order_id, c.line_no)
        total[key] = total.get(key, 0) + c.quantity
    return [Claim(*key, quantity=total[key]) for key in sorted(total)]


def _arrays(places: Sequence[Place]) -> dict[str, Any]:
    return {"items": [item for item, _ in places], "places": [location for _, location in places]}


def _claim_arrays(claims: Sequence[Claim]) -> dict[str, Any]:
    return {
        "of_items": [c.item_id for c in claims],
        "of_places": [c.location_id for c in claims],
        "of_orders": [c.order_id for c in claims],
        "of_lines": [c.line_no for c in claims],
        "claimed": [c.quantity for c in claims],
    }
