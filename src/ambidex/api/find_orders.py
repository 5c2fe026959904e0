"""Finding orders: `GET /orders?q=...` by anything people remember, or by a code of the customer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from ambidex.api.edge import operation
from ambidex.api.order_shapes import CustomerIn
from ambidex.api.orders import Wired, parse_order_id
from ambidex.api.shapes import Listed
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.page import read_cursor, write_cursor
from ambidex.reads.find import LIMIT_MAX, QUERY_LENGTH_MAX, Hit, find, newest

router = APIRouter(tags=["orders"])


class HitOut(BaseModel):
    """An order that fits; contact details are masked. `exact` ones come first and may be opened at once."""

    id: str
    number: str
    source_number: str
    customer: CustomerIn
    status: str
    place: str
    work_state: str
    owner: str
    next_step: str
    next_deadline: datetime | None
    placed_at: datetime
    matched: str
    exact: bool


@router.get("/orders", dependencies=[operation(Permission.ORDERS_READ)])
async def find_orders(
    wired: Wired,
    q: Annotated[str, Query(max_length=QUERY_LENGTH_MAX)] = "",
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 20,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> Listed[HitOut]:
    """Number, name, phone, e-mail, item, postcode, parts and typos in any order; or a scanned code.

    Without `q` all orders, newest first, page by page.
    """
    asked = q.replace("\x00", " ").strip()
    async with wired.run.reading() as read:
        if asked:
            hits = await find(read, asked, limit=limit, key=wired.settings.secret_key)
            return Listed(items=[_shown(hit) for hit in hits])
        hits = await newest(read, limit=limit, before=_order_before(after))
    more = write_cursor(hits[-1].order_id.hex) if len(hits) == limit else None
    return Listed(items=[_shown(hit) for hit in hits], next=more)


def _order_before(after: str | None) -> OrderId | None:
    return None if after is None else parse_order_id(str(read_cursor(after)[0]))


def _shown(hit: Hit) -> HitOut:
    return HitOut(
        id=hit.order_id.hex,
        number=hit.number,
        source_number=hit.source_number,
        customer=CustomerIn(name=hit.name, email=hit.email, phone=hit.phone),
        status=hit.state,
        place=hit.place,
        work_state=hit.work_state,
        owner=hit.owner,
        next_step=hit.next_step,
        next_deadline=hit.next_deadline,
        placed_at=hit.placed_at,
        matched=hit.matched,
        exact=hit.exact,
    )
