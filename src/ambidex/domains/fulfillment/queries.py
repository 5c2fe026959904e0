"""Reading work: one statement however many works and lines there are."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, select

from ambidex.domains.fulfillment import problems, rules
from ambidex.domains.fulfillment.model import CustomerSide, Work, WorkLine, WorkState
from ambidex.domains.fulfillment.tables import pickup_codes, work_lines
from ambidex.domains.fulfillment.tables import work as works
from ambidex.kernel.ids import ItemId, LocationId, OrderId, parse_child_id
from ambidex.runtime.db import Read

_JOINED = (
    select(
        works,
        work_lines.c.line_no,
        work_lines.c.item_id,
        work_lines.c.asked,
        work_lines.c.wanted,
        work_lines.c.picked,
        work_lines.c.handed_over,
        work_lines.c.short,
        work_lines.c.dropped,
        work_lines.c.to_put_away,
    )
    .join(
        work_lines,
        and_(works.c.order_id == work_lines.c.order_id, works.c.work_no == work_lines.c.work_no),
    )
    .order_by(works.c.order_id, works.c.work_no, work_lines.c.line_no)
)


async def work(read: Read, order_id: UUID, work_no: int) -> Work:
    """One work with its lines; UnknownWork when there is none."""
    found = await _works(read, and_(works.c.order_id == order_id, works.c.work_no == work_no))
    if not found:
        raise problems.UnknownWork(work_no=work_no)
    return found[0]


async def works_of(read: Read, *order_ids: UUID) -> list[Work]:
    """All works of these orders, closed ones too, by order and number; one statement."""
    return await _works(read, works.c.order_id.in_(order_ids))


async def work_from_id(read: Read, outside_id: str) -> Work:
    """The work of an outside id; UnknownWork when it is none of ours."""
    named = parse_child_id(outside_id)
    if named is None:
        raise problems.UnknownWork(outside_id)
    return await work(read, *named)


async def live_code_no(read: Read, work: Work) -> int | None:
    """The number of the pickup code that opens this work now; None when none is out."""
    code_no: int | None = await read.value(
        select(pickup_codes.c.code_no).where(
            pickup_codes.c.order_id == work.order_id,
            pickup_codes.c.work_no == work.work_no,
            pickup_codes.c.used_at.is_(None),
            pickup_codes.c.revoked_at.is_(None),
        )
    )
    return code_no


async def by_code(read: Read, text: str, *, key: bytes, location_id: LocationId) -> tuple[Work, int]:
    """The work at this place that a code opens, and the code's number. Refuses unknown and used codes."""
    code = rules.read_code(text)
    if code is None:
        raise problems.UnknownCode
    rows = await read.all(
        select(pickup_codes)
        .join(
            works,
            and_(works.c.order_id == pickup_codes.c.order_id, works.c.work_no == pickup_codes.c.work_no),
        )
        .where(pickup_codes.c.code_hash == rules.code_hash(key, code), works.c.location_id == location_id)
        .order_by(pickup_codes.c.issued_at.desc())
        .limit(5)
    )
    live = [row for row in rows if row.used_at is None and row.revoked_at is None]
    if rows and not live:
        raise problems.CodeUsed(used_at=rows[0].used_at)
    if len(live) != 1:
        raise problems.UnknownCode
    return await work(read, live[0].order_id, live[0].work_no), live[0].code_no


async def _works(read: Read, condition: ColumnElement[bool]) -> list[Work]:
    rows = await read.all(_JOINED.where(condition))
    return [_from_rows(list(group)) for _, group in groupby(rows, lambda r: (r.order_id, r.work_no))]


def _from_rows(rows: list[Row[Any]]) -> Work:
    first = rows[0]
    return Work(
        order_id=OrderId(first.order_id),
        work_no=first.work_no,
        location_id=LocationId(first.location_id),
        method=first.method,
        state=WorkState(first.state),
        staging_place=first.staging_place,
        customer_side=CustomerSide(first.customer_side),
        customer_side_since=first.customer_side_since,
        customer_note=first.customer_note,
        assignee_id=first.assignee_id,
        assignee_name=first.assignee_name,
        offered_at=first.offered_at,
        state_since=first.state_since,
        ready_at=first.ready_at,
        handed_over_at=first.handed_over_at,
        collector=first.collector,
        cause=first.cause,
        lines=tuple(_line(row) for row in rows),
    )


def _line(row: Row[Any]) -> WorkLine:
    return WorkLine(
        line_no=row.line_no,
        item_id=ItemId(row.item_id),
        asked=row.asked,
        wanted=row.wanted,
        picked=row.picked,
        handed_over=row.handed_over,
        short=row.short,
        dropped=row.dropped,
        to_put_away=row.to_put_away,
    )
