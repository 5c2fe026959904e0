"""Keeping what tills and warehouses say, exactly once, and the drifts found. Lists travel as one JSON array."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, delete, text
from sqlalchemy.dialects.postgresql import insert

from ambidex.domains.governance.model import (
    DRIFT_COLUMNS,
    Document,
    Drift,
    DriftState,
    Fact,
    Gap,
    Level,
    Line,
    LineKind,
    LineState,
    Named,
    Stream,
)
from ambidex.domains.governance.tables import authorities
from ambidex.kernel.event import json_value
from ambidex.kernel.ids import LocationId, SourceId
from ambidex.kernel.values import fields
from ambidex.runtime.db import Read, Tx

Named_ = tuple[str, str]  # a document: its stream and its own name


async def put_authority(tx: Tx, location_id: LocationId, fact: Fact, holder: str) -> None:
    """Decide it; an empty holder goes back to what follows from the kind of place."""
    c = authorities.c
    if not holder:
        await tx.run(
            delete(authorities).where(c.location_id == location_id, c.fact == fact.value),
        )
        return
    new = {"holder": holder, "set_at": tx.now, "set_by": tx.actor.id}
    await tx.run(
        insert(authorities)
        .values(location_id=location_id, fact=fact.value, **new)
        .on_conflict_do_update(index_elements=[c.location_id, c.fact], set_=new)
    )


_DOCUMENTS = text("""
INSERT INTO governance.documents (source_id, stream, document, kind, number, location_id, happened_at, recorded_at,
  voids, content, lines, message_id)
SELECT :source, stream, document, kind, number, location_id, happened_at, :now, voids, decode(content, 'hex'), lines,
  message_id
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(stream text, document text, kind text, number bigint,
    location_id uuid, happened_at timestamptz, voids text, content text, lines integer, message_id uuid)
 ORDER BY stream, document
ON CONFLICT DO NOTHING RETURNING stream, document""")
_CONTENTS = text("""
SELECT d.stream, d.document, d.content FROM governance.documents d
  JOIN unnest(CAST(:streams AS text[]), CAST(:documents AS text[])) AS a(stream, document) USING (stream, document)
 WHERE d.source_id = :source""")


async def add_documents(tx: Tx, source_id: SourceId, documents: Sequence[Document]) -> set[Named_]:
    """Keep them; those that were not here before."""
    rows = [
        {
            name: getattr(one, name)
            for name in ("stream", "document", "kind", "number", "location_id", "voids")
        }
        | {
            "happened_at": one.happened_at,
            "content": one.content.hex(),
            "lines": len(one.lines),
            "message_id": one.message_id,
        }
        for one in documents
    ]
    found = await tx.all(_DOCUMENTS, {"source": source_id, "now": tx.now, "rows": _json(rows)})
    return {(row.stream, row.document) for row in found}


async def contents(read: Read, source_id: SourceId, names: Collection[Named_]) -> dict[Named_, bytes]:
    """What known documents said, hashed."""
    rows = await read.all(_CONTENTS, {"source": source_id, **_names(names)})
    return {(row.stream, row.document): bytes(row.content) for row in rows}


_LINES = text("""
INSERT INTO governance.lines (source_id, stream, document, line_no, part, kind, item, item_id, location_id, units, condition,
  reference, happened_at, recorded_at, state, reason, owner)
SELECT :source, stream, document, line_no, part, kind, item, item_id, location_id, units, condition, reference, happened_at,
  :now, state, reason, owner
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(stream text, document text, line_no integer, part smallint, kind text, item text,
    item_id uuid, location_id uuid, units integer, condition text, reference text, happened_at timestamptz, state text,
    reason text, owner text)
 ORDER BY stream, document, line_no, part
ON CONFLICT DO NOTHING RETURNING stream, document, line_no""")
_VOIDED = text("""
SELECT DISTINCT d.stream, d.voids FROM governance.documents d
  JOIN unnest(CAST(:streams AS text[]), CAST(:documents AS text[])) AS a(stream, document)
    ON a.stream = d.stream AND a.document = d.voids
 WHERE d.source_id = :source AND d.voids <> ''""")
_UNDO = text("""
WITH old AS (
  SELECT l.source_id, l.stream, l.document, l.line_no, l.part, l.state FROM governance.lines l
    JOIN unnest(CAST(:streams AS text[]), CAST(:documents AS text[])) AS a(stream, document) USING (stream, document)
   WHERE l.source_id = :source AND l.state <> 'voided' AND l.kind <> 'count'
   ORDER BY l.stream, l.document, l.line_no, l.part FOR UPDATE OF l
)
UPDATE governance.lines l SET state = 'voided', reason = '', owner = '' FROM old
 WHERE (l.source_id, l.stream, l.document, l.line_no, l.part)
     = (old.source_id, old.stream, old.document, old.line_no, old.part)
RETURNING l.stream, l.document, l.line_no, l.part, l.kind, l.item, l.item_id, l.location_id, l.units, l.condition, l.reference,
  l.happened_at, old.state, l.reason, l.owner""")
_WAITING = text("""
SELECT stream, document, line_no, part, kind, item, item_id, location_id, units, condition, reference, happened_at, state,
  reason, owner
  FROM governance.lines WHERE source_id = :source AND state = 'waiting' AND item = ANY(CAST(:items AS text[]))
 ORDER BY happened_at, stream, document, line_no LIMIT 2000 FOR UPDATE""")
_FOUND = text("""
UPDATE governance.lines l SET state = r.state, item_id = r.item_id, units = r.units, reason = '', owner = ''
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(stream text, document text, line_no integer, part smallint,
    item_id uuid, units integer, state text)
 WHERE l.source_id = :source AND (l.stream, l.document, l.line_no, l.part) = (r.stream, r.document, r.line_no, r.part)""")


async def add_lines(
    tx: Tx, source_id: SourceId, lines: Sequence[tuple[str, Line]]
) -> set[tuple[str, str, int]]:
    """Keep them; those that were not here before."""
    if not lines:
        return set()
    rows = [_line_row(stream, line) for stream, line in lines]
    found = await tx.all(_LINES, {"source": source_id, "now": tx.now, "rows": _json(rows)})
    return {(row.stream, row.document, row.line_no) for row in found}


async def voided(read: Read, source_id: SourceId, names: Collection[Named_]) -> set[Named_]:
    """Those of these documents that another one undoes."""
    rows = await read.all(_VOIDED, {"source": source_id, **_names(names)})
    return {(row.stream, row.voids) for row in rows}


async def undo(tx: Tx, source_id: SourceId, names: Collection[Named_]) -> list[tuple[str, Line]]:
    """The lines of these documents are void from now on; each as it stood before."""
    if not names:
        return []
    rows = await tx.all(_UNDO, {"source": source_id, **_names(names)})
    return [(row.stream, _line(row)) for row in rows]


_OBSERVED = text("""
UPDATE governance.lines SET state = :state
 WHERE source_id = :source AND item_id = :item AND location_id = :place AND state = 'observed' AND kind <> 'count'
RETURNING stream, document, line_no, part, kind, item, item_id, location_id, units, condition, reference, happened_at, state,
  reason, owner""")


async def settle_observed(
    tx: Tx, source_id: SourceId, place: tuple[Any, LocationId], state: LineState
) -> list[tuple[str, Line]]:
    """What a source said of this position without authority is booked, or let go; the lines."""
    values = {"source": source_id, "item": place[0], "place": place[1], "state": state.value}
    return [(row.stream, _line(row)) for row in await tx.all(_OBSERVED, values)]


async def waiting_lines(tx: Tx, source_id: SourceId, items: Collection[str]) -> list[tuple[str, Line]]:
    """Lines that wait for one of these names, locked."""
    rows = await tx.all(_WAITING, {"source": source_id, "items": sorted(items)})
    return [(row.stream, _line(row)) for row in rows]


async def lines_found(tx: Tx, source_id: SourceId, lines: Sequence[tuple[str, Line]]) -> None:
    """What they waited for is known now."""
    rows = [_line_row(stream, line) for stream, line in lines]
    await tx.run(_FOUND, {"source": source_id, "rows": _json(rows)})


_BEGIN_STREAMS = text("""
INSERT INTO governance.streams (source_id, stream, location_id, heard_at)
SELECT :source, stream, location_id, :now
  FROM unnest(CAST(:streams AS text[]), CAST(:places AS uuid[])) AS a(stream, location_id) ORDER BY stream
ON CONFLICT DO NOTHING""")
_LOCK_STREAMS = text("""
SELECT stream, location_id, heard_at, last_number, last_at, usual_seconds * interval '1 second' AS usual
  FROM governance.streams WHERE source_id = :source AND stream = ANY(CAST(:streams AS text[]))
 ORDER BY stream FOR UPDATE""")
_SAVE_STREAMS = text("""
UPDATE governance.streams s SET last_number = r.last_number, last_at = r.last_at, heard_at = r.heard_at,
  usual_seconds = r.usual_seconds, location_id = r.location_id
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(stream text, location_id uuid, last_number bigint,
    last_at timestamptz, heard_at timestamptz, usual_seconds double precision)
 WHERE s.source_id = :source AND s.stream = r.stream""")
_OPEN_GAPS = text("""
SELECT stream, low, high, after_at, before_at FROM governance.gaps
 WHERE source_id = :source AND stream = ANY(CAST(:streams AS text[])) AND closed_at IS NULL ORDER BY stream, low""")
_CLOSE_GAPS = text("""
UPDATE governance.gaps g SET closed_at = :now
  FROM unnest(CAST(:streams AS text[]), CAST(:lows AS bigint[])) AS a(stream, low)
 WHERE g.source_id = :source AND g.stream = a.stream AND g.low = a.low AND g.closed_at IS NULL RETURNING g.gap_id""")
_ADD_GAPS = text("""
INSERT INTO governance.gaps (gap_id, source_id, stream, location_id, low, high, after_at, before_at, opened_at)
SELECT gap_id, :source, stream, location_id, low, high, after_at, before_at, :now
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(gap_id uuid, stream text, location_id uuid, low bigint,
    high bigint, after_at timestamptz, before_at timestamptz)""")
_HEARD = text("""
UPDATE governance.silences SET until = :now
 WHERE source_id = :source AND stream = ANY(CAST(:streams AS text[])) AND until IS NULL
RETURNING stream, since, location_id""")
_SILENT = text("""
INSERT INTO governance.silences (source_id, stream, since, location_id, noticed_at)
VALUES (:source, :stream, :since, :place, :now) ON CONFLICT DO NOTHING RETURNING stream""")


async def lock_streams(tx: Tx, source_id: SourceId, places: Mapping[str, LocationId]) -> dict[str, Stream]:
    """The streams of these names, made when they are new, locked in order."""
    names = sorted(places)
    values = {"source": source_id, "streams": names, "places": [places[name] for name in names]}
    await tx.run(_BEGIN_STREAMS, values | {"now": tx.now})
    rows = await tx.all(_LOCK_STREAMS, {"source": source_id, "streams": names})
    return {row.stream: Stream(**row._asdict()) for row in rows}


async def save_streams(tx: Tx, source_id: SourceId, streams: Iterable[Stream]) -> None:
    rows = [
        {
            "stream": one.stream,
            "location_id": one.location_id,
            "last_number": one.last_number,
            "last_at": one.last_at,
            "heard_at": one.heard_at,
            "usual_seconds": one.usual.total_seconds(),
        }
        for one in streams
    ]
    await tx.run(_SAVE_STREAMS, {"source": source_id, "rows": _json(rows)})


async def open_gaps(read: Read, source_id: SourceId, streams: Collection[str]) -> list[Gap]:
    rows = await read.all(_OPEN_GAPS, {"source": source_id, "streams": sorted(streams)})
    return [Gap(**row._asdict()) for row in rows]


async def close_gaps(tx: Tx, source_id: SourceId, gaps: Collection[Gap]) -> list[UUID]:
    """Their ids."""
    if not gaps:
        return []
    values = {"streams": [gap.stream for gap in gaps], "lows": [gap.low for gap in gaps]}
    rows = await tx.all(_CLOSE_GAPS, {"source": source_id, "now": tx.now, **values})
    return [row.gap_id for row in rows]


async def add_gaps(tx: Tx, source_id: SourceId, gaps: Collection[tuple[Gap, LocationId]]) -> None:
    if not gaps:
        return
    rows = [_row(gap) | {"gap_id": tx.new_id(), "location_id": place} for gap, place in gaps]
    await tx.run(_ADD_GAPS, {"source": source_id, "now": tx.now, "rows": _json(rows)})


async def end_silences(tx: Tx, source_id: SourceId, streams: Collection[str]) -> Sequence[Row[Any]]:
    """These speak again; which were silent (stream, since, location_id)."""
    return await tx.all(_HEARD, {"source": source_id, "streams": sorted(streams), "now": tx.now})


async def begin_silence(tx: Tx, source_id: SourceId, stream: Stream) -> bool:
    """It says nothing any more; False when that was known."""
    values = {"source": source_id, "stream": stream.stream, "since": stream.heard_at}
    found = await tx.maybe(_SILENT, values | {"place": stream.location_id, "now": tx.now})
    return found is not None


_LEVELS = text("""
INSERT INTO governance.levels AS l (item_id, location_id, source_id, units, as_of, document, counts, recorded_at)
SELECT item_id, location_id, :source, units, as_of, document, counts, :now
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(item_id uuid, location_id uuid, units integer, as_of timestamptz,
    document text, counts boolean)
 ORDER BY item_id, location_id
ON CONFLICT (item_id, location_id, source_id) DO UPDATE SET units = excluded.units, as_of = excluded.as_of,
  document = excluded.document, counts = excluded.counts, recorded_at = excluded.recorded_at
 WHERE excluded.as_of >= l.as_of
RETURNING item_id, location_id, units, as_of, document, counts, agreed_at""")
_AGREED = text("""
UPDATE governance.levels l SET agreed_at = l.as_of
  FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id)
 WHERE l.source_id = :source AND l.item_id = a.item_id AND l.location_id = a.location_id""")


async def put_levels(
    tx: Tx, source_id: SourceId, levels: Sequence[Level]
) -> list[tuple[Level, datetime | None]]:
    """Keep what is not older than what was known; those, with the moment at which book and source last agreed."""
    if not levels:
        return []
    rows = await tx.all(
        _LEVELS, {"source": source_id, "now": tx.now, "rows": _json([_row(one) for one in levels])}
    )
    return [(Level(*tuple(row)[:6]), row.agreed_at) for row in rows]


async def agreed(tx: Tx, source_id: SourceId, levels: Sequence[Level]) -> None:
    """Our book says the same as these, as of their moment."""
    if levels:
        values = {"items": [one.item_id for one in levels], "places": [one.location_id for one in levels]}
        await tx.run(_AGREED, {"source": source_id, **values})


_OPEN_DRIFTS = text(f"""
INSERT INTO governance.drifts AS d (drift_id, item_id, location_id, source_id, kind, document, since, as_of, said, book,
  amount, value_minor, currency, authority, owner_role, opened_at, measured_at)
SELECT drift_id, item_id, location_id, source_id, kind, document, since, as_of, said, book, amount, value_minor,
  currency, authority, owner_role, :now, :now
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(drift_id uuid, item_id uuid, location_id uuid, source_id uuid,
    kind text, document text, since timestamptz, as_of timestamptz, said integer, book integer, amount integer,
    value_minor bigint, currency text, authority boolean, owner_role text)
 ORDER BY item_id, location_id
ON CONFLICT (item_id, location_id, source_id, kind) WHERE state = 'open' DO UPDATE SET as_of = excluded.as_of,
  said = excluded.said, book = excluded.book, amount = excluded.amount, value_minor = excluded.value_minor,
  document = excluded.document, authority = excluded.authority, measured_at = excluded.measured_at
RETURNING {DRIFT_COLUMNS}""")  # noqa: S608  # the names of our own fields
_NAME_DRIFTS = text("""
UPDATE governance.drifts d SET cause = r.cause, certain = r.certain, words = r.words, evidence = r.evidence,
  named_at = CASE WHEN d.cause <> r.cause OR d.named_at IS NULL THEN CAST(:now AS timestamptz) ELSE d.named_at END
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(drift_id uuid, cause text, certain boolean, words text, evidence jsonb)
 WHERE d.drift_id = r.drift_id""")
_CLOSE_DRIFTS = text(f"""
UPDATE governance.drifts SET state = :state, closed_at = :now, closed_by = :by, outcome = :outcome
 WHERE drift_id = ANY(CAST(:ids AS uuid[])) AND state = 'open' RETURNING {DRIFT_COLUMNS}""")  # noqa: S608  # our own fields
_GIVE_TASK = text(
    "UPDATE governance.drifts SET task_key = :key WHERE drift_id = ANY(CAST(:ids AS uuid[])) AND state = 'open'"
)
_LEFT = text("SELECT count(*) FROM governance.drifts WHERE task_key = :key AND state = 'open'")


async def open_drifts(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> list[Drift]:
    """Open a drift each, or bring the open one of the same item, place and source up to date."""
    if not rows:
        return []
    found = await tx.all(_OPEN_DRIFTS, {"now": tx.now, "rows": _json([dict(row) for row in rows])})
    return [Drift.of(row._asdict()) for row in found]


async def name_drifts(tx: Tx, named: Sequence[tuple[Drift, Named]]) -> None:
    if not named:
        return
    rows = [
        {
            "drift_id": drift.drift_id,
            "cause": why.cause,
            "certain": why.certain,
            "words": why.words,
            "evidence": list(why.evidence),
        }
        for drift, why in named
    ]
    await tx.run(_NAME_DRIFTS, {"now": tx.now, "rows": _json(rows)})


async def close_drifts(tx: Tx, ids: Sequence[UUID], *, state: DriftState, outcome: str) -> list[Drift]:
    """Close those that are still open; which they were. Nobody can close one twice."""
    values = {"ids": list(ids), "state": state.value, "outcome": outcome, "by": tx.actor.name, "now": tx.now}
    return [Drift.of(row._asdict()) for row in await tx.all(_CLOSE_DRIFTS, values)]


async def give_task(tx: Tx, ids: Sequence[UUID], key: str) -> None:
    await tx.run(_GIVE_TASK, {"ids": list(ids), "key": key})


async def left_of_task(read: Read, key: str) -> int:
    """How many drifts of this task are still open."""
    return int(await read.value(_LEFT, {"key": key}))


def _line(row: Row[Any]) -> Line:
    values = {f.name: getattr(row, f.name) for f in fields(Line)}
    return Line(**values | {"kind": LineKind(row.kind), "state": LineState(row.state)})


def _line_row(stream: str, line: Line) -> dict[str, Any]:
    return {"stream": stream} | _row(line)


def _row(value: Any) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in fields(value)}


def _names(names: Collection[Named_]) -> dict[str, list[str]]:
    ordered = sorted(names)
    return {"streams": [one[0] for one in ordered], "documents": [one[1] for one in ordered]}


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(json_value(list(rows))).decode()
