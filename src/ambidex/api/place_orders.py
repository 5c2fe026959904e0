"""Placing orders over HTTP: one at a time, gathered into lists while others are being worked on; or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response

from ambidex.api import problems
from ambidex.api.edge import Asks, House, operation
from ambidex.api.lean import LeanRoute
from ambidex.api.order_shapes import OrderIn, OrderOut, as_json, shown
from ambidex.domains.orders import NewOrder
from ambidex.flows.place_order import Placed, place_orders
from ambidex.kernel.actor import SYSTEM, Actor, Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.runtime.coalesce import Asked, Coalescer, once_each
from ambidex.runtime.db import Tx
from ambidex.runtime.idempotency import Answer

router = APIRouter(tags=["orders"], route_class=LeanRoute)
BATCH_MAX = 200
GATHERED = "place_orders"

Gathering = Coalescer[Asked[NewOrder], Answer]


class BatchIn(BaseModel):
    """Each order is read on its own: one that cannot be read does not disturb the others."""

    orders: list[dict[str, Any]] = Field(min_length=1, max_length=BATCH_MAX)


class BatchItem(BaseModel):
    """What one order of a batch was answered: 201 or 200 with the order, else a problem."""

    status: int
    order: OrderOut | None = None
    problem: dict[str, Any] | None = None


class BatchOut(BaseModel):
    """In the order in which they were sent."""

    items: list[BatchItem]


@router.post(
    "/orders",
    dependencies=[operation(Permission.ORDERS_PLACE)],
    response_model=OrderOut,
    status_code=201,
    responses={200: {"model": OrderOut, "description": "The same order was placed before."}},
)
async def place(body: OrderIn, asks: Asks) -> Response:
    """Place an order: 201, or 200 when the same was placed before; 409 `sold-out` or `reference-reused`."""
    return await asks.together(gathering(asks.house), body.read())


@router.post("/orders:batch", dependencies=[operation(Permission.ORDERS_PLACE)], response_model=BatchOut)
async def place_batch(body: BatchIn, asks: Asks) -> Response:
    """Place many; each is answered on its own."""
    answered = partial(_answer_batch, actor=asks.actor, key=asks.house.settings.secret_key)
    return await asks.answer(answered, _place_batch, given=body.orders)


def gathering(house: House) -> Gathering:
    """The one coalescer of this process for placing orders."""
    found: Gathering | None = house.shared.get(GATHERED)
    if found is None:
        found = house.shared[GATHERED] = Coalescer(partial(_place_list, house))
    return found


async def _place_list(house: House, asked: Sequence[Asked[NewOrder]]) -> Sequence[Answer | Problem]:
    placed = partial(_placed, key=house.settings.secret_key)

    async def command(tx: Tx) -> list[Answer | Problem]:
        return await once_each(tx, asked, placed, problems.as_answer)

    return await house.run.perform(SYSTEM, command)


async def _placed(tx: Tx, fresh: Sequence[Asked[NewOrder]], *, key: bytes) -> list[Answer | Problem]:
    answers = await place_orders(tx, fresh, take_last=True)
    return [
        answer if isinstance(answer, Problem) else _answer(answer, one.actor, key)
        for one, answer in zip(fresh, answers, strict=True)
    ]


def _answer(placed: Placed, actor: Actor, key: bytes) -> Answer:
    return Answer(201 if placed.created else 200, as_json(_shown(placed, actor, key)))


def _shown(placed: Placed, actor: Actor, key: bytes) -> dict[str, Any]:
    """The values of an OrderOut, with what became of the quote it named."""
    order = shown(placed.view, actor=actor, key=key)
    return order if placed.quote is None else {**order, "quote": placed.quote}


async def _place_batch(tx: Tx, *, given: list[dict[str, Any]]) -> list[Placed | Problem]:
    read = [_read(one) for one in given]
    sound: list[Asked[NewOrder]] = [Asked(tx.actor, None, one) for one in read if isinstance(one, NewOrder)]
    answers = iter(await place_orders(tx, sound, take_last=True) if sound else [])
    return [one if isinstance(one, Problem) else next(answers) for one in read]


def _read(given: dict[str, Any]) -> NewOrder | Problem:
    try:
        return OrderIn.model_validate(given).read()
    except ValidationError as cause:
        return BadInput(errors=[problems.field_error({**error}) for error in cause.errors()])
    except BadInput as refused:
        return refused


async def _answer_batch(_: Tx, answers: list[Placed | Problem], *, actor: Actor, key: bytes) -> Answer:
    return Answer(200, as_json({"items": [_item(answer, actor, key) for answer in answers]}))


def _item(answer: Placed | Problem, actor: Actor, key: bytes) -> dict[str, Any]:
    """The values of a BatchItem."""
    if isinstance(answer, Problem):
        return {"status": answer.status, "order": None, "problem": problems.as_dict(answer)}
    order = _shown(answer, actor, key)
    return {"status": 201 if answer.created else 200, "order": order, "problem": None}
