"""Finding orders: `GET /orders?q=...` by anything people remember, or by a code of the customer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from ambidex.api.edge import operation
from ambidex.api.order_shapes import CustomerIn
from ambidex.api.orders import Wired
from ambidex.api.shapes import Listed
from ambidex.kernel.actor import Permission
from ambidex.reads.find import LIMIT_MAX, QUERY_LENGTH_MAX, Hit, find

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
    q: Annotated[str, Query(max_length=QUERY_LENGTH_MAX)],
    limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 20,
) -> Listed[HitOut]:
    """Number, name, phone, e-mail, item, postcode, parts and typos in any order; or a scanned code."""
    async with wired.run.reading() as read:
        hits = await find(read, q.replace("\x00", " "), limit=limit, key=wired.settings.secret_key)
    return Listed(items=[_shown(hit) for hit in hits])


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
