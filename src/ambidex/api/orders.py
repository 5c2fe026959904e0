"""Orders: find them, see one with its history, cancel."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, House, Runs, Scope, Who, house, operation
from ambidex.api.order_shapes import OrderOut, Sent
from ambidex.api.shapes import Listed
from ambidex.flows.cancel import cancel
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import BadInput, Problem, UnknownOrder
from ambidex.reads import orders as views
from ambidex.reads.timeline import timeline
from ambidex.runtime.db import Read, Tx

router = APIRouter(tags=["orders"])
PATH = "/orders/{order_id}"
Wired = Annotated[House, Depends(house)]


class ChangedMeanwhile(Problem):
    """The order is no longer as you saw it."""

    status, code = 412, "changed-meanwhile"
    advice = "Read the order again and decide anew."


class EntryOut(BaseModel):
    """`hand` is "said" for words to the customer, "done" for goods and money, "" for who must act.

    `wording` is the sentence of a message that was sent.
    """

    at: datetime
    hand: str
    kind: str
    subject: str
    actor: str
    role: str
    cause: str
    evidence: list[str]
    facts: dict[str, Any]
    wording: str


class CancelLine(Sent):
    """One line by its number, or the line of an item."""

    line: int | None = Field(default=None, ge=1, le=500)
    item: str | None = Field(default=None, max_length=100)
    quantity: int | None = Field(default=None, ge=1, le=100_000)


class CancelIn(Sent):
    """No lines: everything that can still be canceled. A line without quantity: all of it."""

    lines: list[CancelLine] | None = Field(default=None, min_length=1, max_length=500)
    reason: str = Field(default="canceled by the customer", min_length=1, max_length=300)


@router.get(PATH, dependencies=[operation(Permission.ORDERS_READ)], response_model=OrderOut)
async def get_order(order_id: str, who: Who, wired: Wired, response: Response) -> OrderOut:
    """One order as it stands, with its ETag."""
    async with wired.run.reading() as read:
        view = await _view(read, order_id)
    response.headers["ETag"] = etag_of(view)
    return OrderOut.of(view, actor=who, key=wired.settings.secret_key)


@router.get(f"{PATH}/timeline", dependencies=[operation(Permission.ORDERS_READ)])
async def get_timeline(order_id: str, runs: Runs) -> Listed[EntryOut]:
    """What was said and done, oldest first."""
    async with runs.reading() as read:
        view = await _view(read, order_id)
        entries = await timeline(read, view.order_id)
    return Listed(items=[EntryOut.model_validate(one, from_attributes=True) for one in entries])


@router.post(
    f"{PATH}/cancel",
    dependencies=[operation(Permission.ORDERS_CANCEL, place=Scope.OWN_PLACE)],
    response_model=OrderOut,
)
async def cancel_order(
    order_id: str,
    asks: Asks,
    body: CancelIn | None = None,
    if_match: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Cancel units, lines or all that has not left the building."""
    said = body or CancelIn()
    wanted = parse_order_id(order_id)
    shown = partial(shown_order, who=asks.actor, key=asks.house.settings.secret_key)
    return await asks.answer(shown, _cancel, wanted, said=said, if_match=if_match)


async def _cancel(tx: Tx, order_id: OrderId, *, said: CancelIn, if_match: str | None) -> OrderId:
    view = await _view(tx, order_id.hex)
    if if_match not in {None, "*"} and etag_of(view) != if_match:
        raise ChangedMeanwhile
    lines = None if said.lines is None else _lines(said.lines, view)
    await cancel(tx, order_id, lines=lines, reason=said.reason)
    return order_id


def _lines(asked: Sequence[CancelLine], view: views.OrderView) -> dict[int, int | None]:
    """Units by line number; each line is named once."""
    numbers = {line.item: line.line for line in reversed(view.lines)}
    lines: dict[int, int | None] = {}
    for index, one in enumerate(asked):
        number = one.line if one.line is not None else numbers.get(one.item or "")
        if number is None or number in lines:
            expected = "the number or item of a line of this order, each once"
            raise BadInput(errors=[{"field": f"lines[{index}]", "expected": expected}])
        lines[number] = one.quantity
    return lines


async def shown_order(tx: Tx, order_id: OrderId, *, who: Who, key: bytes) -> OrderOut:
    """An order after a change, read in its transaction."""
    return OrderOut.of(await _view(tx, order_id.hex), actor=who, key=key)


async def _view(read: Read, order_id: str) -> views.OrderView:
    wanted = parse_order_id(order_id)
    found = await views.overviews(read, [wanted])
    if wanted not in found:
        raise UnknownOrder(order_id)
    return found[wanted]


def parse_order_id(text: str) -> OrderId:
    """Raises UnknownOrder for what cannot be one."""
    try:
        return OrderId(UUID(text))
    except ValueError as cause:
        raise UnknownOrder(text) from cause


def etag_of(view: views.OrderView) -> str:
    """Changes with anything that is shown."""
    return f'"{hashlib.sha256(repr(view).encode()).hexdigest()[:32]}"'
