"""Reading sources, their valid secrets, mappings and cursors, and what they still must be told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, or_, select

from ambidex.domains.channels.model import Source, Telling, TellingState
from ambidex.domains.channels.problems import UnknownSource
from ambidex.domains.channels.tables import cursors, mappings, secrets, sources, tellings
from ambidex.kernel.ids import OrderId, SourceId
from ambidex.kernel.page import PAGE_MAX, Page, read_cursor, write_cursor
from ambidex.runtime.db import Read

_c = sources.c


async def source(read: Read, code: str) -> Source:
    """The source with this code; UnknownSource when there is none."""
    row = await read.maybe(_select().where(_c.code == code))
    if row is None:
        raise UnknownSource(code, source=code)
    return _source(row)


async def sources_by_codes(read: Read, codes: Collection[str]) -> dict[str, Source]:
    """The known ones among these."""
    rows = await read.all(_select().where(_c.code.in_(list(codes)))) if codes else []
    return {row.code: _source(row) for row in rows}


async def source_by_id(read: Read, source_id: SourceId) -> Source:
    """The source with this id; UnknownSource when there is none."""
    row = await read.maybe(_select().where(_c.source_id == source_id))
    if row is None:
        raise UnknownSource(str(source_id))
    return _source(row)


async def page(read: Read, *, after: str | None = None, limit: int = 100) -> Page[Source]:
    """All sources by code."""
    limit = max(1, min(limit, PAGE_MAX))
    wanted = _select().order_by(_c.code).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(_c.code > str(read_cursor(after)[0]))
    found = [_source(row) for row in await read.all(wanted)]
    more = len(found) > limit
    return Page(found[:limit], write_cursor(found[limit - 1].code) if more else None)


async def valid_secrets(read: Read, source_id: SourceId, *, at: datetime) -> list[str]:
    """The secrets a message may be signed with now, newest first: the current one, and the old one for an hour."""
    s = secrets.c
    rows = await read.all(
        select(s.secret)
        .where(s.source_id == source_id, or_(s.valid_until.is_(None), s.valid_until > at))
        .order_by(s.secret_no.desc())
        .limit(10)
    )
    return [row.secret for row in rows]


async def mapped(
    read: Read, source_id: SourceId, *, kind: str, externals: Collection[str] | None
) -> dict[str, str]:
    """What these outside names stand for here (SKU or location code); unknown ones are absent. None: the first all."""
    m = mappings.c
    wanted = select(m.external, m.internal).where(m.source_id == source_id, m.kind == kind)
    if externals is not None:
        wanted = wanted.where(m.external.in_(list(externals)))
    rows = await read.all(wanted.order_by(m.external).limit(max(PAGE_MAX, len(externals or ()))))
    return {row.external: row.internal for row in rows}


async def cursor(read: Read, source_id: SourceId, *, kind: str) -> str | None:
    """How far we have read this source; None at the beginning."""
    c = cursors.c
    found = await read.value(select(c.cursor).where(c.source_id == source_id, c.kind == kind))
    return None if found is None else str(found)


async def waiting_tellings(read: Read, *, limit: int = 50) -> list[Telling]:
    """What sources must be told now, oldest first."""
    t = tellings.c
    rows = await read.all(
        _select_tellings()
        .where(t.state == TellingState.QUEUED.value, t.next_at <= read.now)
        .order_by(t.next_at)
        .limit(limit)
    )
    return [_telling(row) for row in rows]


async def tellings_of(read: Read, order_id: OrderId) -> list[Telling]:
    """Everything the source was or will be told about one order."""
    t = tellings.c
    rows = await read.all(
        _select_tellings().where(t.order_id == order_id).order_by(t.telling_no).limit(PAGE_MAX)
    )
    return [_telling(row) for row in rows]


def _select() -> Select[Any]:
    return select(_c.source_id, _c.code, _c.kind, _c.channel, _c.speakers, _c.connection, _c.heard_at)


def _source(row: Row[Any]) -> Source:
    return Source(
        source_id=SourceId(row.source_id),
        code=row.code,
        kind=row.kind,
        channel=row.channel,
        speakers=row.speakers,
        connection=row.connection,
        heard_at=row.heard_at,
    )


def _select_tellings() -> Select[Any]:
    t = tellings.c
    return select(
        t.order_id,
        t.telling_no,
        t.source_id,
        t.kind,
        t.fact_key,
        t.facts,
        t.attempts,
        t.state,
        t.answer,
        t.queued_at,
    )


def _telling(row: Row[Any]) -> Telling:
    return Telling(
        order_id=OrderId(row.order_id),
        telling_no=row.telling_no,
        source_id=SourceId(row.source_id),
        kind=row.kind,
        fact_key=row.fact_key,
        facts=row.facts,
        attempts=row.attempts,
        state=TellingState(row.state),
        answer=row.answer,
        queued_at=row.queued_at,
    )
