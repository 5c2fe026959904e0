"""Reading stock for display and for a first, unlocked look before a decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from ambidex.domains.inventory import rules
from ambidex.domains.inventory.model import CONDITIONS, SUMMED, Booking, Claim, Place, Short
from ambidex.domains.inventory.problems import SoldOut
from ambidex.domains.inventory.rules import NOT_IN_BOOK, ShelfThen
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.runtime.db import Read

# A hold that has expired claims nothing, even before somebody lets go of its row.
_AVAILABLE = """
SELECT p.item_id, p.location_id, p.sellable - p.reserved - p.safety - p.held + CASE WHEN p.held = 0 THEN 0 ELSE
  coalesce((SELECT sum(h.quantity) FROM inventory.holds h WHERE h.item_id = p.item_id
    AND h.location_id = p.location_id AND h.released_at IS NULL AND h.expires_at <= :now), 0) END AS atp
  FROM inventory.positions p WHERE p.item_id = ANY(CAST(:items AS uuid[]))"""
_AVAILABLE_ANYWHERE = text(_AVAILABLE)
_AVAILABLE_THERE = text(_AVAILABLE + " AND p.location_id = ANY(CAST(:places AS uuid[]))")


async def available(
    read: Read, item_ids: Iterable[ItemId], location_ids: Iterable[LocationId] | None = None
) -> dict[Place, int]:
    """Units that may be promised (ATP) per item and place; places without any are left out only when unknown.

    Not locked: a decision taken on it is proved by the guarded statement that takes the stock. May be negative
    where a physical fact lowered the stock below its claims.
    """
    values = {"items": sorted(set(item_ids)), "now": read.now}
    if location_ids is None:
        rows = await read.all(_AVAILABLE_ANYWHERE, values)
    else:
        rows = await read.all(_AVAILABLE_THERE, values | {"places": sorted(set(location_ids))})
    return {(row.item_id, row.location_id): int(row.atp) for row in rows}


async def sold_out(read: Read, claims: Sequence[Claim], lacking: set[Place]) -> SoldOut:
    """What is left of locked positions, counting what this transaction itself has just taken as still there."""
    left = await available(read, {c.item_id for c in claims})
    own = rules.sums(c for c in claims if c.place not in lacking)
    refusal = rules.refuse(claims, {place: units + own.get(place, 0) for place, units in left.items()})
    assert refusal is not None, "the positions are locked, so what failed to be taken is lacking"
    return refusal


_BOOKINGS = text("""
SELECT order_id, line_no, quantity, picked, due_at FROM inventory.reservations
 WHERE item_id = :item_id AND location_id = :location_id AND quantity > 0
 ORDER BY due_at NULLS LAST, made_at, order_id, line_no""")
_OPEN_SHORTS = text("""
SELECT short_id, item_id, location_id, order_id, line_no, quantity FROM inventory.shorts
 WHERE item_id = :item_id AND location_id = :location_id AND closed_at IS NULL ORDER BY opened_at, short_id""")
_NEWEST_HOLDS = text("""
SELECT hold_id, quantity FROM inventory.holds
 WHERE item_id = :item_id AND location_id = :location_id AND released_at IS NULL
 ORDER BY made_at DESC, hold_id DESC LIMIT 1000""")


async def bookings(read: Read, place: Place) -> list[Booking]:
    """Live reservations of one position, the most endangered promise first."""
    rows = await read.all(_BOOKINGS, {"item_id": place[0], "location_id": place[1]})
    return [Booking(*tuple(row)) for row in rows]


async def open_shorts(read: Read, place: Place) -> list[Short]:
    rows = await read.all(_OPEN_SHORTS, {"item_id": place[0], "location_id": place[1]})
    return [Short(*tuple(row)) for row in rows]


async def newest_holds(read: Read, place: Place) -> list[tuple[UUID, int]]:
    rows = await read.all(_NEWEST_HOLDS, {"item_id": place[0], "location_id": place[1]})
    return [(row.hold_id, row.quantity) for row in rows]


_UNITS = """CASE WHEN l.to_account {inside} THEN l.quantity ELSE 0 END
       - CASE WHEN l.from_account {inside} THEN l.quantity ELSE 0 END"""
_ON_SHELF = _UNITS.format(inside="IN ('sellable', 'suspect')")
_SUSPECT = _UNITS.format(inside="= 'suspect'")
_PLACES = "unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])"
_SHELF_THEN = text(f"""
SELECT a.item_id, a.location_id, coalesce(p.sellable + p.suspect, 0) - coalesce(l.units, 0) AS units,
       coalesce(p.suspect, 0) - coalesce(l.suspect, 0) AS suspect
  FROM {_PLACES}, CAST(:at AS timestamptz[])) AS a(item_id, location_id, at)
  LEFT JOIN inventory.positions p USING (item_id, location_id)
 CROSS JOIN LATERAL (
       SELECT sum({_ON_SHELF}) AS units, sum({_SUSPECT}) AS suspect FROM inventory.ledger l
        WHERE l.item_id = a.item_id AND l.location_id = a.location_id AND l.happened_at > a.at) l""")  # noqa: S608  # constants
_COUNT_TIMES = text(f"""
SELECT c.item_id, c.location_id, c.happened_at FROM {_PLACES}, CAST(:since AS timestamptz[]))
    AS a(item_id, location_id, since)
  JOIN inventory.shelf_counts c USING (item_id, location_id)
 WHERE c.happened_at >= a.since ORDER BY c.happened_at""")  # noqa: S608  # a constant
# The shelf runs from its last count through the facts after it (those that came, then those that left, of one moment).
# How far it would have gone below nothing is how many units were not in the book; some of them are booked in already.
_UNKNOWN = text(f"""
WITH asked AS (
  SELECT a.item_id, a.location_id, a.units, coalesce(a.since, '-infinity') AS since
    FROM {_PLACES}, CAST(:units AS integer[]), CAST(:since AS timestamptz[])) AS a(item_id, location_id, units, since)
), moved AS (
  SELECT a.item_id, a.location_id, l.happened_at, l.entry_id, l.cause = :not_in_book AS unknown, {_ON_SHELF} AS units
    FROM asked a JOIN inventory.ledger l ON l.item_id = a.item_id AND l.location_id = a.location_id
     AND l.happened_at > a.since
), starts AS (
  SELECT a.item_id, a.location_id, a.units - coalesce(sum(m.units), 0) AS units,
         coalesce(sum(m.units) FILTER (WHERE m.unknown), 0) AS booked
    FROM asked a LEFT JOIN moved m USING (item_id, location_id) GROUP BY a.item_id, a.location_id, a.units
), runs AS (
  SELECT s.*, s.units + coalesce(sum(m.units) FILTER (WHERE NOT m.unknown) OVER (PARTITION BY s.item_id, s.location_id
           ORDER BY m.happened_at, m.units DESC, m.entry_id), 0) AS left_then
    FROM starts s LEFT JOIN moved m USING (item_id, location_id)
)
SELECT item_id, location_id, greatest(0, -min(left_then)) - booked AS units FROM runs
 GROUP BY item_id, location_id, booked HAVING greatest(0, -min(left_then)) <> booked""")  # noqa: S608  # constants


async def shelves_then(read: Read, at: Mapping[Place, datetime]) -> dict[Place, ShelfThen]:
    """What the book says lay on each shelf (sellable and suspect) as of a moment."""
    asked = sorted(at)
    values = {"items": [item for item, _ in asked], "places": [place for _, place in asked]}
    rows = await read.all(_SHELF_THEN, values | {"at": [at[place] for place in asked]})
    return {(r.item_id, r.location_id): ShelfThen(int(r.units), int(r.suspect)) for r in rows}


async def book_as_of(read: Read, at: Mapping[Place, datetime]) -> dict[Place, int]:
    """Units on each shelf (sellable and suspect) by the book as of a moment; what is known today about then."""
    return {place: then.units for place, then in (await shelves_then(read, at)).items()}


async def count_times(read: Read, since: Mapping[Place, datetime]) -> dict[Place, list[datetime]]:
    """When these places were counted from these moments on, oldest first."""
    asked = sorted(since)
    values = {"items": [item for item, _ in asked], "places": [place for _, place in asked]}
    times: dict[Place, list[datetime]] = {}
    for row in await read.all(_COUNT_TIMES, values | {"since": [since[place] for place in asked]}):
        times.setdefault((row.item_id, row.location_id), []).append(row.happened_at)
    return times


async def unknown_units(read: Read, shelves: Mapping[Place, tuple[int, datetime | None]]) -> dict[Place, int]:
    """By how much the units that were not in the book differ from those booked in as such.

    `shelves` are the units on each shelf as the ledger now says, and when it was last counted.
    """
    asked = sorted(shelves)
    values = {"items": [item for item, _ in asked], "places": [place for _, place in asked]}
    values |= {"units": [shelves[p][0] for p in asked], "since": [shelves[p][1] for p in asked]}
    rows = await read.all(_UNKNOWN, values | {"not_in_book": NOT_IN_BOOK})
    return {(row.item_id, row.location_id): int(row.units) for row in rows}


_EXPIRED = text("""
SELECT DISTINCT item_id, location_id FROM (
  SELECT item_id, location_id FROM inventory.holds
   WHERE released_at IS NULL AND expires_at <= :now ORDER BY expires_at LIMIT :limit) AS h""")
_SUMS = text(f"""
SELECT s.*, greatest(0, s.reserved + s.held - s.sellable) AS gap, greatest(0, s.reserved + s.held - s.sellable) AS short
  FROM (
  SELECT a.item_id, a.location_id, {", ".join(f"coalesce(l.{name}, 0)::integer AS {name}" for name in CONDITIONS)},
         (SELECT coalesce(sum(r.quantity), 0)::integer FROM inventory.reservations r
           WHERE r.item_id = a.item_id AND r.location_id = a.location_id) AS reserved,
         (SELECT coalesce(sum(h.quantity), 0)::integer FROM inventory.holds h
           WHERE h.item_id = a.item_id AND h.location_id = a.location_id AND h.released_at IS NULL) AS held,
         (SELECT max(c.happened_at) FROM inventory.shelf_counts c
           WHERE c.item_id = a.item_id AND c.location_id = a.location_id) AS counted_at, l.booked_at
    FROM {_PLACES}) AS a(item_id, location_id)
   CROSS JOIN LATERAL (
         SELECT {", ".join(f"sum({_UNITS.format(inside=f'= {name!r}')}) AS {name}" for name in CONDITIONS)}, max(l.happened_at) AS booked_at
           FROM inventory.ledger l WHERE l.item_id = a.item_id AND l.location_id = a.location_id) l) s""")  # noqa: S608
_SAID = text(f"""
SELECT p.item_id, p.location_id, {", ".join(f"p.{name}" for name in SUMMED)}, p.counted_at, p.booked_at, p.gap,
       (SELECT coalesce(sum(s.quantity), 0)::integer FROM inventory.shorts s WHERE s.item_id = p.item_id
          AND s.location_id = p.location_id AND s.closed_at IS NULL) AS short
  FROM inventory.positions p JOIN {_PLACES}) AS a(item_id, location_id) USING (item_id, location_id)""")  # noqa: S608


async def expired_places(read: Read, limit: int) -> list[Place]:
    """Where holds have expired that nobody has let go of, the longest expired first."""
    return [(r.item_id, r.location_id) for r in await read.all(_EXPIRED, {"now": read.now, "limit": limit})]


async def summed(read: Read, places: Iterable[Place]) -> dict[Place, dict[str, Any]]:
    """What ledger and claims of these places sum up to. Exact under their locks."""
    return await _by_place(read, _SUMS, places)


async def said(read: Read, places: Iterable[Place]) -> dict[Place, dict[str, Any]]:
    """What the positions say."""
    return await _by_place(read, _SAID, places)


async def _by_place(
    read: Read, statement: TextClause, places: Iterable[Place]
) -> dict[Place, dict[str, Any]]:
    asked = sorted(set(places))
    rows = await read.all(statement, {"items": [i for i, _ in asked], "places": [at for _, at in asked]})
    return {(row.item_id, row.location_id): row._asdict() for row in rows}
