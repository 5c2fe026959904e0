"""Waves with names: which works may join one, which are open at a place, and one walk shelf by shelf."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.domains.waves import Candidate, Need
from ambidex.kernel.ids import ItemId, LocationId, OrderId, child_id
from ambidex.kernel.page import Page, read_cursor, write_cursor
from ambidex.kernel.problem import NotFound
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

SENT = ("ship", "deliver")
_LEAVES = """
(SELECT m.due_at FROM promises.milestones m
   JOIN promises.promises p ON p.order_id = m.order_id AND p.promise_no = m.promise_no
  WHERE m.order_id = w.order_id AND p.work_no = w.work_no AND m.kind = 'dispatched'
  ORDER BY m.promise_no DESC LIMIT 1)"""
# the states are written out too, as a partial index is not used for those of a parameter
_CANDIDATES = text(f"""
SELECT w.order_id, w.work_no, w.method AS carrier, {_LEAVES} AS leaves_at, l.units, l.grams, l.stops
  FROM fulfillment.work w
  CROSS JOIN LATERAL (
    SELECT sum(k.wanted) AS units, sum(k.wanted * i.weight_grams) AS grams,
           array_agg(DISTINCT coalesce(nullif(s.spot, ''), CAST(k.item_id AS text))) AS stops
      FROM fulfillment.work_lines k
      JOIN catalogue.items i ON i.item_id = k.item_id
      LEFT JOIN inventory.positions s ON s.item_id = k.item_id AND s.location_id = w.location_id
     WHERE k.order_id = w.order_id AND k.work_no = w.work_no AND k.wanted > 0) l
 WHERE w.location_id = :location_id AND w.state IN ('offered', 'accepted') AND w.state = ANY(CAST(:states AS text[]))
   AND w.method = ANY(CAST(:methods AS text[])) AND l.units > 0
   AND NOT EXISTS (SELECT FROM waves.works v
        WHERE v.order_id = w.order_id AND v.work_no = w.work_no AND v.is_open AND v.is_in)
 ORDER BY w.order_id, w.work_no LIMIT 1000""")  # noqa: S608  # made of constants
_HEADS = """
SELECT v.wave_id, v.location_id, v.number, v.state, v.carrier, v.leaves_at, v.planned_at, v.released_at, v.closed_at,
       l.code AS place_code, l.name AS place, l.time_zone, t.orders, t.wanted, t.picked, p.people
  FROM waves.waves v
  JOIN locations.locations l ON l.location_id = v.location_id
  CROSS JOIN LATERAL (
    SELECT count(DISTINCT (m.order_id, m.work_no)) AS orders, coalesce(sum(k.wanted), 0) AS wanted,
           coalesce(sum(k.picked), 0) AS picked
      FROM waves.works m
      JOIN fulfillment.work_lines k ON k.order_id = m.order_id AND k.work_no = m.work_no
     WHERE m.wave_id = v.wave_id AND m.is_in) t
  CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT q.actor_name), '{}') AS people FROM waves.puts q
     WHERE q.wave_id = v.wave_id) p"""
_OPEN = text(
    _HEADS
    + """
 WHERE v.closed_at IS NULL
   AND (CAST(:everywhere AS boolean) OR v.location_id = ANY(CAST(:places AS uuid[])))
 ORDER BY v.leaves_at NULLS LAST, v.number LIMIT 200"""
)
_PAGE = text(
    _HEADS
    + """
 WHERE (CAST(:state AS text) = '' OR v.state = :state)
   AND (CAST(:everywhere AS boolean) OR v.location_id = ANY(CAST(:places AS uuid[])))
   AND (CAST(:after AS uuid) IS NULL OR v.wave_id < :after)
 ORDER BY v.wave_id DESC LIMIT :most"""
)
_ONE = text(_HEADS + " WHERE v.wave_id = :wave_id")
_TOTES = text("""
SELECT m.order_id, m.work_no, m.tote_no, m.tote, m.is_in, m.why, w.state, o.number, o.contact_name,
       coalesce(k.wanted, 0) AS wanted, coalesce(k.picked, 0) AS picked, coalesce(k.short, 0) AS short
  FROM waves.works m
  JOIN fulfillment.work w ON w.order_id = m.order_id AND w.work_no = m.work_no
  JOIN orders.orders o ON o.order_id = m.order_id
  LEFT JOIN LATERAL (SELECT sum(l.wanted) AS wanted, sum(l.picked) AS picked, sum(l.short) AS short
       FROM fulfillment.work_lines l WHERE l.order_id = m.order_id AND l.work_no = m.work_no) k ON true
 WHERE m.wave_id = :wave_id ORDER BY m.tote_no LIMIT 500""")
_LINES = text("""
SELECT m.order_id, m.work_no, m.tote_no, l.line_no, l.item_id, l.wanted, l.picked, l.short, w.state,
       i.sku, i.name, i.variant, i.picture, i.color, i.care_note, i.counted_scans,
       coalesce(s.spot, '') AS spot, coalesce(s.sellable, 0) AS sellable, coalesce(s.suspect, 0) AS suspect,
       (SELECT string_agg(b.barcode, ' ' ORDER BY b.barcode) FROM catalogue.barcodes b
         WHERE b.item_id = l.item_id) AS barcodes
  FROM waves.works m
  JOIN fulfillment.work w ON w.order_id = m.order_id AND w.work_no = m.work_no
  JOIN fulfillment.work_lines l ON l.order_id = m.order_id AND l.work_no = m.work_no
  JOIN catalogue.items i ON i.item_id = l.item_id
  LEFT JOIN inventory.positions s ON s.item_id = l.item_id AND s.location_id = w.location_id
 WHERE m.wave_id = :wave_id AND m.is_in AND l.wanted > 0 ORDER BY m.tote_no, l.line_no LIMIT 5000""")
_WAITING = text(f"""
SELECT w.location_id, w.state, count(*) AS works, sum(k.units) AS units, min({_LEAVES}) AS leaves_at
  FROM fulfillment.work w
  CROSS JOIN LATERAL (SELECT sum(l.wanted) AS units FROM fulfillment.work_lines l
       WHERE l.order_id = w.order_id AND l.work_no = w.work_no) k
 WHERE w.state IN ('offered', 'accepted') AND w.method = ANY(CAST(:methods AS text[]))
   AND (CAST(:everywhere AS boolean) OR w.location_id = ANY(CAST(:places AS uuid[])))
   AND NOT EXISTS (SELECT FROM waves.works v
        WHERE v.order_id = w.order_id AND v.work_no = w.work_no AND v.is_open AND v.is_in)
 GROUP BY w.location_id, w.state LIMIT 2000""")  # noqa: S608  # made of constants

_MISSED = text("""
SELECT EXISTS (
  SELECT FROM waves.works m JOIN fulfillment.evidence e ON e.order_id = m.order_id AND e.key = :key || ':' || m.tote_no
   WHERE m.wave_id = :wave_id AND e.work_no = m.work_no AND e.item_id = :item_id AND e.step = 'cannot_find')""")

PICKABLE = frozenset({"accepted", "picking"})


@dataclass(frozen=True)
class WavePage:
    """A wave with its totes and what each of them needs, in rows as they stand."""

    head: Row[Any]
    totes: Sequence[Row[Any]]
    lines: Sequence[Row[Any]]
    now: datetime

    @property
    def zone(self) -> str:
        return str(self.head.time_zone)

    @property
    def needs(self) -> list[Need]:
        """What totes still lack; works that cannot be picked now lack nothing."""
        return [need_of(line) for line in self.lines if line.state in PICKABLE and line.wanted > line.picked]

    @property
    def wanted(self) -> int:
        return sum(line.wanted for line in self.lines)

    @property
    def picked(self) -> int:
        return sum(line.picked for line in self.lines)


def need_of(line: Row[Any]) -> Need:
    """What this tote lacks of this line."""
    left = line.wanted - line.picked
    return Need(OrderId(line.order_id), line.work_no, line.line_no, ItemId(line.item_id), line.tote_no, left)


async def candidates(read: Read, location_id: LocationId, *, states: Collection[str]) -> list[Candidate]:
    """Works of this place to be sent, in these states, that walk in no open wave."""
    values = {"location_id": location_id, "states": sorted(states), "methods": list(SENT)}
    return [
        Candidate(
            OrderId(row.order_id), row.work_no, row.leaves_at, row.carrier, int(row.units), int(row.grams),
            frozenset(row.stops),
        )
        for row in await read.all(_CANDIDATES, values)
    ]  # fmt: skip


async def wave_page(read: Read, wave_id: UUID) -> WavePage:
    """One wave whole. Raises NotFound."""
    head = await read.maybe(_ONE, {"wave_id": wave_id})
    if head is None:
        raise NotFound("wave", wave=str(wave_id))
    keys = {"wave_id": wave_id}
    return WavePage(head, await read.all(_TOTES, keys), await read.all(_LINES, keys), read.now)


async def was_missed(read: Read, wave_id: UUID, item_id: ItemId, *, key: str) -> bool:
    """Whether this item was reported missing in this wave under this key."""
    return bool(key) and bool(await read.value(_MISSED, {"wave_id": wave_id, "item_id": item_id, "key": key}))


async def open_waves(read: Read, places: Collection[LocationId] | None) -> Sequence[Row[Any]]:
    """Waves that are not over at these places (None: anywhere), what leaves first first."""
    return await read.all(_OPEN, _where(places))


async def waiting_works(read: Read, places: Collection[LocationId] | None) -> Sequence[Row[Any]]:
    """How many works of these places wait for a wave, by state."""
    return await read.all(_WAITING, {**_where(places), "methods": list(SENT)})


async def waves(
    read: Read,
    places: Collection[LocationId] | None,
    *,
    state: str = "",
    after: str | None = None,
    limit: int = 100,
) -> Page[Row[Any]]:
    """Waves of these places, the newest first."""
    since = None if after is None else UUID(str(read_cursor(after)[0]))
    values = {**_where(places), "state": state, "after": since, "most": limit + 1}
    rows = await read.all(_PAGE, values)
    more = len(rows) > limit
    return Page(list(rows[:limit]), write_cursor(str(rows[limit - 1].wave_id)) if more else None)


def work_id_of(row: Row[Any]) -> str:
    """The outside id of the work in a row."""
    return child_id(row.order_id, row.work_no)


def _where(places: Collection[LocationId] | None) -> dict[str, Any]:
    return {"everywhere": places is None, "places": sorted(places or ())}
