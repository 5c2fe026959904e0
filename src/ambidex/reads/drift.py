"""What a drift is measured against and what may have made it: our book of then, and clues from all that came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.domains.governance import Clue, Drift, DriftCause, Place, decide
from ambidex.kernel.ids import ItemId, LocationId, SourceId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

_BOOK_THEN = text("""
SELECT a.item_id, a.location_id, coalesce(p.sellable + p.suspect, 0) - coalesce(l.units, 0) AS units, p.counted_at
  FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]), CAST(:at AS timestamptz[])) AS a(item_id, location_id, at)
  LEFT JOIN inventory.positions p USING (item_id, location_id)
 CROSS JOIN LATERAL (
       SELECT sum(CASE WHEN l.to_account IN ('sellable', 'suspect') THEN l.quantity ELSE 0 END
                - CASE WHEN l.from_account IN ('sellable', 'suspect') THEN l.quantity ELSE 0 END) AS units
         FROM inventory.ledger l
        WHERE l.item_id = a.item_id AND l.location_id = a.location_id AND l.happened_at > a.at) l""")
_LYING = text("""
SELECT item_id FROM inventory.positions
 WHERE location_id = :place AND (sellable + suspect <> 0 OR changed_at > :at) ORDER BY item_id LIMIT 500000""")
# the drifts asked about, each with the time in which its cause must lie
_ASKED = """asked AS (
  SELECT d.drift_id, d.item_id, d.location_id, d.source_id, coalesce(d.since, '-infinity') AS since, d.as_of, d.opened_at
    FROM governance.drifts d WHERE d.drift_id = ANY(CAST(:ids AS uuid[]))
)"""
_CHANGE = "sum(CASE l.kind WHEN 'sale' THEN -l.units WHEN 'count' THEN 0 ELSE l.units END)"
# one by its key; a join would read all documents of the source for each line where the planner knows nothing of them yet
_ITS_DOCUMENT = """SELECT * FROM governance.documents d
  WHERE (d.source_id, d.stream, d.document) = (l.source_id, l.stream, l.document) LIMIT 1"""
_LATE = text(f"""
WITH {_ASKED}
SELECT a.drift_id, s.code, s.kind AS source_kind, l.stream, {_CHANGE} AS units, count(*) AS lines,
       min(l.happened_at) AS first_at, max(l.recorded_at) AS came_at,
       bool_or(EXISTS (SELECT FROM governance.silences q WHERE q.source_id = l.source_id AND q.stream = l.stream
                 AND q.since <= a.as_of AND coalesce(q.until, 'infinity') >= a.as_of)) AS was_silent,
       bool_or(dc.kind = 'delta') AS in_file, min(l.document) AS document
  FROM asked a
  JOIN governance.lines l ON l.item_id = a.item_id AND l.location_id = a.location_id AND l.state = 'booked'
   AND l.kind <> 'count' AND l.happened_at > a.since AND l.happened_at <= a.as_of AND l.recorded_at > a.opened_at
 CROSS JOIN LATERAL ({_ITS_DOCUMENT}) dc
  JOIN channels.sources s ON s.source_id = l.source_id
 GROUP BY a.drift_id, s.code, s.kind, l.stream""")  # noqa: S608  # constants of this file
_TWINS = text(f"""
WITH {_ASKED}
SELECT a.drift_id, s.code, d2.document, min(d1.document) AS first, {_CHANGE} AS units
  FROM asked a
  JOIN governance.lines l ON l.item_id = a.item_id AND l.location_id = a.location_id AND l.state = 'booked'
   AND l.happened_at > a.since - interval '31 days' AND l.happened_at <= a.as_of
 CROSS JOIN LATERAL ({_ITS_DOCUMENT}) d2
  JOIN LATERAL (SELECT d.document FROM governance.documents d WHERE d.source_id = d2.source_id AND d.content = d2.content
     AND d.stream = d2.stream AND d.number < d2.number AND d.happened_at > d2.happened_at - interval '3 days'
     ORDER BY d.number DESC LIMIT 1) d1 ON true
  JOIN channels.sources s ON s.source_id = d2.source_id
 WHERE d2.kind = 'delta' AND d2.happened_at > a.since AND d2.happened_at <= a.as_of
 GROUP BY a.drift_id, s.code, d2.document""")  # noqa: S608  # constants of this file
_RESTOCKS = text(f"""
WITH {_ASKED}, named AS (
  SELECT DISTINCT a.drift_id, a.item_id, l.source_id, l.reference FROM asked a
    JOIN governance.lines l ON l.item_id = a.item_id AND l.location_id = a.location_id AND l.kind = 'return'
     AND l.state = 'booked' AND l.reference <> '' AND l.condition = 'sellable'
     AND l.happened_at > a.since AND l.happened_at <= a.as_of
)
SELECT n.drift_id, n.reference, back.units AS returned, back.times, back.most, sold.units AS sold
  FROM named n
 CROSS JOIN LATERAL (SELECT sum(l.units) AS units, count(*) AS times, max(l.units) AS most FROM governance.lines l
   WHERE l.source_id = n.source_id AND l.reference = n.reference AND l.item_id = n.item_id AND l.kind = 'return'
     AND l.state = 'booked') back
 CROSS JOIN LATERAL (SELECT sum(l.units) AS units FROM governance.lines l
   WHERE l.source_id = n.source_id AND l.document = n.reference AND l.item_id = n.item_id AND l.kind = 'sale'
     AND l.state = 'booked') sold
 WHERE back.units > coalesce(sold.units, back.most)""")  # noqa: S608  # constants of this file
_GAPS = text(f"""
WITH {_ASKED}
SELECT a.drift_id, s.code, s.kind AS source_kind, g.stream, min(g.low) AS low, max(g.high) AS high,
       sum(g.high - g.low + 1) AS numbers
  FROM asked a
  JOIN governance.gaps g ON g.location_id = a.location_id AND g.closed_at IS NULL AND g.after_at < a.as_of
   AND g.before_at > a.since
  JOIN channels.sources s ON s.source_id = g.source_id
 GROUP BY a.drift_id, s.code, s.kind, g.stream""")  # noqa: S608  # constants of this file
_SILENT = text(f"""
WITH {_ASKED}
SELECT a.drift_id, s.code, q.stream, q.since FROM asked a
  JOIN governance.silences q ON q.location_id = a.location_id AND q.since <= a.as_of
   AND coalesce(q.until, 'infinity') >= a.as_of
   AND EXISTS (SELECT FROM governance.lines l WHERE l.source_id = q.source_id AND l.stream = q.stream
                AND l.kind <> 'count')
  JOIN channels.sources s ON s.source_id = q.source_id""")  # noqa: S608  # constants of this file
_UNHEARD = text(f"""
SELECT l.item_id, l.location_id, coalesce({_CHANGE}, 0) AS units, max(l.happened_at) AS as_of FROM governance.lines l
 WHERE l.source_id = :source AND l.state = 'observed' AND l.kind <> 'count'
   AND (l.item_id, l.location_id) IN (SELECT * FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])))
 GROUP BY l.item_id, l.location_id""")  # noqa: S608  # constants of this file


async def lying_at(read: Read, location_id: LocationId, *, at: datetime) -> list[ItemId]:
    """Items that may have lain at a place at a moment: there now, or moved since."""
    rows = await read.all(_LYING, {"place": location_id, "at": at})
    return [ItemId(row.item_id) for row in rows]


async def book_then(read: Read, at: Mapping[Place, datetime]) -> dict[Place, tuple[int, datetime | None]]:
    """By our book of today: the units on each shelf as of a moment, and when it was last counted."""
    if not at:
        return {}
    asked = sorted(at)
    values = {"items": [item for item, _ in asked], "places": [place for _, place in asked]}
    rows = await read.all(_BOOK_THEN, values | {"at": [at[place] for place in asked]})
    return {(row.item_id, row.location_id): (int(row.units), row.counted_at) for row in rows}


async def clues(read: Read, drifts: Sequence[Drift]) -> dict[UUID, list[Clue]]:
    """Everything that came in, or did not, and may have made these drifts; five statements for any number."""
    found: dict[UUID, list[Clue]] = {drift.drift_id: [] for drift in drifts}
    if not drifts:
        return found
    ids = {"ids": [drift.drift_id for drift in drifts]}
    for rows, clue_of in (
        (await read.all(_LATE, ids), _late),
        (await read.all(_TWINS, ids), _twin),
        (await read.all(_RESTOCKS, ids), _restock),
        (await read.all(_GAPS, ids), _gap),
        (await read.all(_SILENT, ids), _silence),
    ):
        for row in rows:
            found[row.drift_id].append(clue_of(row))
    return found


async def unheard(
    read: Read, source_id: SourceId, places: Sequence[Place]
) -> dict[Place, tuple[int, datetime]]:
    """What a source without authority says has changed at these positions, all in all."""
    if not places:
        return {}
    values = {"items": [item for item, _ in places], "places": [place for _, place in places]}
    rows = await read.all(_UNHEARD, values | {"source": source_id})
    return {(row.item_id, row.location_id): (int(row.units), row.as_of) for row in rows}


def _late(row: Row[Any]) -> Clue:
    units = int(row.units)
    if row.was_silent:
        words = f"{_of(row)} was stuck; its {row.lines} lines came later."
        return Clue(DriftCause.STUCK_CONNECTOR, words, units, proof=f"late from {row.stream}")
    if row.in_file:
        words = f"File {row.document} of {row.code} came after it was measured."
        return Clue(DriftCause.LOST_FILE, words, units, proof=f"file {row.document}")
    words = (
        f"{_of(row)} told of {row.lines} lines from {row.first_at:%H:%M} UTC only at {row.came_at:%H:%M} UTC."
    )
    return Clue(DriftCause.LATE_SALE, words, units, proof=f"transaction {row.document}")


def _twin(row: Row[Any]) -> Clue:
    words = f"File {row.document} of {row.code} says the same as file {row.first}, line by line: it was sent twice."
    return Clue(
        DriftCause.DOUBLED_DELTA, words, -int(row.units), proof=f"files {row.first} and {row.document}"
    )


def _restock(row: Row[Any]) -> Clue:
    sold = row.most if row.sold is None else row.sold
    words = f"{row.returned} came back for receipt {row.reference}, which had {sold}: one was put back twice."
    return Clue(
        DriftCause.DOUBLE_RESTOCK,
        words,
        int(sold - row.returned),
        proven=row.sold is not None,
        proof=f"receipt {row.reference}",
    )


def _gap(row: Row[Any]) -> Clue:
    numbers = str(row.low) if row.low == row.high else f"{row.low} to {row.high}"
    proof = f"{row.stream}: {numbers}"
    if row.source_kind == "till":
        words = f"{_of(row)} left out number {numbers}: a message never came."
        most = int(row.numbers) * decide.UNITS_OF_ONE_NUMBER_MAX
        return Clue(DriftCause.MISSED_MESSAGE, words, units_max=most, proof=proof)
    return Clue(DriftCause.LOST_FILE, f"File {numbers} of {row.code} never came.", proof=proof)


def _silence(row: Row[Any]) -> Clue:
    words = f"{_of(row)} has said nothing since {row.since:%H:%M} UTC, much longer than usual."
    return Clue(DriftCause.STUCK_CONNECTOR, words, proof=f"silent since {row.since:%d %b %H:%M} UTC")


def _of(row: Row[Any]) -> str:
    return f"{row.code}, {row.stream}"


@dataclass(frozen=True, slots=True)
class MissingNumbers:
    """A gap that is old enough to have its numbers asked for."""

    gap_id: UUID
    source: str
    stream: str
    numbers: str


_MISSING = text("""
SELECT g.gap_id, s.code AS source, g.stream, g.low, g.high
  FROM governance.gaps g JOIN channels.sources s ON s.source_id = g.source_id
 WHERE g.closed_at IS NULL AND g.opened_at < :before
   AND (SELECT t.key FROM tasks.tasks t WHERE t.key = 'gap:' || g.gap_id) IS NULL
 ORDER BY g.opened_at LIMIT 200""")


async def missing_numbers(read: Read, *, opened_before: datetime) -> list[MissingNumbers]:
    """Gaps that nobody was asked about yet."""
    rows = await read.all(_MISSING, {"before": opened_before})
    return [
        MissingNumbers(
            row.gap_id,
            row.source,
            row.stream,
            str(row.low) if row.low == row.high else f"{row.low} to {row.high}",
        )
        for row in rows
    ]
