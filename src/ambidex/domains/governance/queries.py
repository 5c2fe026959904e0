"""Reading authorities, drifts, gaps, silences and streams for display and decisions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, text

from ambidex.domains.governance.model import (
    DRIFT_COLUMNS,
    Drift,
    DriftState,
    Fact,
    Level,
    Rights,
    Stream,
)
from ambidex.domains.governance.problems import UnknownDrift
from ambidex.domains.governance.tables import authorities
from ambidex.kernel.ids import LocationId, SourceId
from ambidex.runtime.db import Read

LIST_MAX = 500
# how long after it was opened a drift whose cause is not sure is looked at again
LOOKED_AT_FOR = timedelta(hours=30)


def _drifts_where(where: str) -> str:
    return f"SELECT {DRIFT_COLUMNS} FROM governance.drifts WHERE {where}"  # noqa: S608  # constants of this file


_ONE = text(_drifts_where("drift_id = :id"))
_ONE_LOCKED = text(_drifts_where("drift_id = :id FOR UPDATE"))
_OPEN = text(_drifts_where("state = 'open' ORDER BY abs(value_minor) DESC, opened_at LIMIT :limit"))
_BY_IDS = text(_drifts_where("drift_id = ANY(CAST(:ids AS uuid[])) ORDER BY drift_id LIMIT 1000"))
_CLOSED = text(_drifts_where("state <> 'open' ORDER BY closed_at DESC LIMIT :limit"))
_UNSURE = text(
    _drifts_where(
        "kind = 'stock' AND opened_at > :after AND (state = 'open' OR NOT certain OR cause IN ('missed_message', 'lost_file')) ORDER BY opened_at DESC LIMIT :limit"
    )
)
_OF_TASK = text(_drifts_where("task_key = :key AND state = 'open' ORDER BY drift_id LIMIT 1000"))
_OPEN_AT = text(
    _drifts_where("""state = 'open' AND kind = 'stock' AND source_id = coalesce(CAST(:source AS uuid), source_id) AND (item_id, location_id) IN
  (SELECT * FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])))""")
)
_LEVELS_AT = text("""
SELECT l.item_id, l.location_id, l.units, l.as_of, l.document, l.counts, l.source_id, l.agreed_at
  FROM governance.levels l
  JOIN unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id) USING (item_id, location_id)
 WHERE l.as_of > :after""")
_STREAMS = text("""
SELECT s.source_id, s.stream, s.location_id, s.heard_at, s.last_number, s.last_at,
       s.usual_seconds * interval '1 second' AS usual
  FROM governance.streams s WHERE s.heard_at > :after
   AND NOT EXISTS (SELECT FROM governance.silences q WHERE q.source_id = s.source_id AND q.stream = s.stream
                    AND q.until IS NULL)
 ORDER BY s.heard_at LIMIT 2000""")


async def rights(read: Read, kinds: Mapping[LocationId, str]) -> Rights:
    """The authorities of these places (each with its kind)."""
    c = authorities.c
    rows = (
        await read.all(
            select(c.location_id, c.fact, c.holder).where(c.location_id.in_(list(kinds))).limit(10_000)
        )
        if kinds
        else []
    )
    return Rights(kinds, {(LocationId(row.location_id), Fact(row.fact)): row.holder for row in rows})


async def drift(read: Read, drift_id: UUID) -> Drift:
    """Raises UnknownDrift."""
    return _drift(await read.maybe(_ONE, {"id": drift_id}), drift_id)


async def drift_locked(read: Read, drift_id: UUID) -> Drift:
    """The same, locked until the transaction ends."""
    return _drift(await read.maybe(_ONE_LOCKED, {"id": drift_id}), drift_id)


async def drifts(read: Read, *, state: DriftState | None, limit: int = LIST_MAX) -> list[Drift]:
    """The open ones, worth most first; None: those that are over, newest first."""
    question = _CLOSED if state is None else _OPEN
    return [Drift.of(row._asdict()) for row in await read.all(question, {"limit": limit})]


async def unsure_drifts(read: Read) -> list[Drift]:
    """Those whose cause may become known better, newest first."""
    rows = await read.all(_UNSURE, {"after": read.now - LOOKED_AT_FOR, "limit": LIST_MAX})
    return [Drift.of(row._asdict()) for row in rows]


async def drifts_of_task(read: Read, key: str) -> list[Drift]:
    """The open ones that this task is about."""
    return [Drift.of(row._asdict()) for row in await read.all(_OF_TASK, {"key": key})]


async def drifts_of(read: Read, ids: Collection[UUID]) -> list[Drift]:
    """These, by their ids."""
    rows = await read.all(_BY_IDS, {"ids": sorted(ids)}) if ids else []
    return [Drift.of(row._asdict()) for row in rows]


async def open_at(
    read: Read, source_id: SourceId | None, places: Collection[tuple[Any, LocationId]]
) -> list[Drift]:
    """Open drifts of stock of this source (None: of any) at these positions."""
    if not places:
        return []
    ordered = sorted(places)
    values = {"items": [item for item, _ in ordered], "places": [place for _, place in ordered]}
    return [Drift.of(row._asdict()) for row in await read.all(_OPEN_AT, values | {"source": source_id})]


async def levels_at(
    read: Read, places: Collection[tuple[Any, LocationId]], *, after: datetime
) -> list[tuple[SourceId, Level, datetime | None]]:
    """What was said of these positions since, by whom, and when book and source last agreed."""
    ordered = sorted(places)
    values = {"items": [item for item, _ in ordered], "places": [place for _, place in ordered]}
    rows = await read.all(_LEVELS_AT, values | {"after": after})
    return [(SourceId(row.source_id), Level(*tuple(row)[:6]), row.agreed_at) for row in rows]


async def speaking_streams(read: Read, *, within: timedelta) -> Sequence[tuple[SourceId, Stream]]:
    """Streams that were heard of late and are not known to be silent."""
    rows = await read.all(_STREAMS, {"after": read.now - within})
    return [
        (
            SourceId(row.source_id),
            Stream(row.stream, row.location_id, row.heard_at, row.last_number, row.last_at, row.usual),
        )
        for row in rows
    ]


def _drift(row: Row[Any] | None, drift_id: UUID) -> Drift:
    if row is None:
        raise UnknownDrift(drift_id=str(drift_id))
    return Drift.of(row._asdict())
