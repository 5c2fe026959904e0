"""Drift for display: drifts with the names people know, the matrix of authorities, streams and how they speak."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from ambidex.domains.governance import Drift as _Drift
from ambidex.domains.governance import DriftState, Fact, ask, decide
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass, replace
from ambidex.runtime.db import Read

_COUNT = text("""
SELECT state FROM counting.counts WHERE item_id = :item AND location_id = :place
   AND state IN ('open', 'counting', 'recount', 'to_approve')""")
HEARD_WITHIN = timedelta(days=14)
PLACES_MAX = 500


@dataclass(frozen=True, slots=True)
class DriftView:
    """A drift with names."""

    drift: _Drift
    sku: str
    title: str
    place: str
    place_code: str
    zone: str
    source: str
    task_id: UUID | None
    # the state of the count that waits there, for one drift alone
    count: str = ""


@dataclass(frozen=True, slots=True)
class StreamView:
    """A register or the files of a place, and how it speaks."""

    source: str
    stream: str
    place: str
    zone: str
    heard_at: datetime
    usual: timedelta
    silent_since: datetime | None
    missing: int


@dataclass(frozen=True, slots=True)
class PlaceRights:
    """Who may say what of one place; `given` where somebody decided it."""

    location_id: LocationId
    code: str
    name: str
    holders: dict[Fact, str]
    given: frozenset[Fact]


@dataclass(frozen=True, slots=True)
class DriftFigures:
    """What stands over the page, in one look. `explained`: share of a day's drifts with a cause."""

    repaired_today: int
    by_itself_today: int
    named_today: int
    closed_today: int
    silent: int
    missing: int


_NAMES = text("""
SELECT d.drift_id, i.sku, i.name || CASE WHEN i.variant = '' THEN '' ELSE ', ' || i.variant END AS title, p.name AS place,
       p.code AS place_code, p.time_zone AS zone, coalesce(s.code, '') AS source, t.task_id
  FROM governance.drifts d JOIN catalogue.items i USING (item_id) JOIN locations.locations p USING (location_id)
  LEFT JOIN channels.sources s USING (source_id) LEFT JOIN tasks.tasks t ON t.key = d.task_key AND d.task_key <> ''
 WHERE d.drift_id = ANY(CAST(:ids AS uuid[]))""")
_STREAMS = text("""
SELECT c.code AS source, s.stream, p.name AS place, p.time_zone AS zone, s.heard_at,
       s.usual_seconds * interval '1 second' AS usual, q.since AS silent_since, coalesce(g.numbers, 0) AS missing
  FROM governance.streams s JOIN channels.sources c USING (source_id) JOIN locations.locations p USING (location_id)
  LEFT JOIN governance.silences q ON q.source_id = s.source_id AND q.stream = s.stream AND q.until IS NULL
  LEFT JOIN LATERAL (SELECT sum(high - low + 1) AS numbers FROM governance.gaps g WHERE g.source_id = s.source_id
    AND g.stream = s.stream AND g.closed_at IS NULL) g ON true
 WHERE s.heard_at > :after
 ORDER BY (q.since IS NULL), coalesce(g.numbers, 0) DESC, c.code, s.stream LIMIT 500""")
_PLACES = text(
    "SELECT location_id, code, name, kind FROM locations.locations WHERE closed_from IS NULL ORDER BY code LIMIT :limit"
)
_FIGURES = text("""
SELECT count(*) FILTER (WHERE state = 'repaired') AS repaired_today,
       count(*) FILTER (WHERE state = 'repaired' AND outcome = 'repaired by itself') AS by_itself_today,
       count(*) FILTER (WHERE cause <> 'unknown') AS named_today, count(*) AS closed_today,
       (SELECT count(*) FROM governance.silences WHERE until IS NULL) AS silent,
       (SELECT coalesce(sum(high - low + 1), 0) FROM governance.gaps WHERE closed_at IS NULL) AS missing
  FROM governance.drifts WHERE closed_at > :after""")


async def open_drifts(read: Read, who: Actor) -> list[DriftView]:
    """What differs now, worth most first, at the places this person may look at."""
    return await _named(read, await ask.drifts(read, state=DriftState.OPEN), who)


async def past_drifts(read: Read, who: Actor, *, limit: int = 100) -> list[DriftView]:
    """What differed, newest end first."""
    return await _named(read, await ask.drifts(read, state=None, limit=limit), who)


async def one_drift(read: Read, drift_id: UUID, who: Actor) -> DriftView:
    """Raises UnknownDrift, NotAllowed."""
    drift = await ask.drift(read, drift_id)
    who.must(Permission.STOCK_READ, at=drift.location_id)
    [view] = await _named(read, [drift], who)
    state = await read.value(_COUNT, {"item": drift.item_id, "place": drift.location_id})
    return replace(view, count=str(state or ""))


async def streams(read: Read) -> list[StreamView]:
    """Who speaks of stock; the silent and those with missing numbers first."""
    rows = await read.all(_STREAMS, {"after": read.now - HEARD_WITHIN})
    return [StreamView(**row._asdict() | {"missing": int(row.missing)}) for row in rows]


async def place_rights(read: Read) -> list[PlaceRights]:
    """The matrix: every open place and who may say what there."""
    rows = await read.all(_PLACES, {"limit": PLACES_MAX})
    rights = await ask.rights(read, {row.location_id: row.kind for row in rows})
    matrix = []
    for row in rows:
        said = {fact: decide.holder_of(rights, row.location_id, fact) for fact in Fact}
        given = frozenset(fact for fact, one in said.items() if one.given)
        holders = {fact: one.holder for fact, one in said.items()}
        matrix.append(PlaceRights(row.location_id, row.code, row.name, holders, given))
    return matrix


async def figures(read: Read) -> DriftFigures:
    """The last 24 hours."""
    row = await read.one(_FIGURES, {"after": read.now - timedelta(hours=24)})
    return DriftFigures(**{name: int(value) for name, value in row._asdict().items()})


async def _named(read: Read, drifts: list[_Drift], who: Actor) -> list[DriftView]:
    seen = [drift for drift in drifts if who.may(Permission.STOCK_READ, at=drift.location_id)]
    if not seen:
        return []
    rows = {row.drift_id: row for row in await read.all(_NAMES, {"ids": [d.drift_id for d in seen]})}
    return [
        DriftView(drift=drift, **{k: v for k, v in rows[drift.drift_id]._asdict().items() if k != "drift_id"})
        for drift in seen
    ]
