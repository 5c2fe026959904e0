"""Another item for a parked order: choose one that can be promised, ask the customer, say for them what they said on the phone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ambidex.domains import orders
from ambidex.flows import offer_item, parking, take_offer
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money, minor_digits
from ambidex.kernel.problem import BadInput, Problem
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.hq.parking.offer_view import HOURS, shown
from ambidex.web.hq.parking.page import carry_out
from ambidex.web.promise.items import sku_of
from ambidex.web.rendering import render
from ambidex.web.trouble import trouble_of

router = APIRouter(include_in_schema=False)
OFFERS = [page(Permission.ORDERS_CANCEL)]
HOURS_MAX = 168
_SAID = {take_offer.SENT: "taken", take_offer.WAITS: "waits", take_offer.GONE: "not-there"}


@router.get("/parking/{order_id}/offer", dependencies=OFFERS)
async def choose(
    request: Request,
    order_id: UUID,
    *,
    who: Who,
    runs: Runs,
    line: Annotated[int, Query(ge=1, le=32_767)],
) -> HTMLResponse:
    """What could be offered in place of this line."""
    return await _show(request, OrderId(order_id), (who, runs), line=line)


@router.post("/parking/{order_id}/offer", dependencies=OFFERS)
async def offer(
    request: Request,
    order_id: UUID,
    *,
    who: Who,
    runs: Runs,
    line: Annotated[int, Form(ge=1, le=32_767)],
    item: Annotated[str, Form(max_length=100)] = "",
    other: Annotated[str, Form(max_length=100)] = "",
    price: Annotated[str, Form(max_length=24)] = "",
    hours: Annotated[int, Form(ge=1, le=HOURS_MAX)] = 24,
) -> Response:
    """Ask the customer; a refusal is told on the page."""
    by, known = (who, runs), OrderId(order_id)
    try:
        async with runs.reading() as read:
            sku = await sku_of(read, other.strip() or item)
            currency = (await orders.order(read, known)).currency
        asked: dict[str, Any] = {"line_no": line, "item": sku, "price_each": _price(price, currency)}
        within = timedelta(hours=hours)
        await runs.perform(who, offer_item.offer_item, order_id=known, answer_within=within, **asked)
    except parking.NothingIsParked:
        return RedirectResponse("/parking?said=gone", status_code=303)
    except Problem as refused:
        return await _show(request, known, by, line=line, refused=refused)
    return RedirectResponse(f"/parking/{order_id}?said=offered", status_code=303)


@router.post("/parking/{order_id}/answer", dependencies=OFFERS)
async def answer(
    request: Request,
    order_id: UUID,
    *,
    who: Who,
    runs: Runs,
    answer: Annotated[str, Form(max_length=20)],
) -> Response:
    """The customer said it on the phone."""

    async def step() -> str:
        became = await runs.perform(
            who, take_offer.say_for_customer, order_id=OrderId(order_id), takes_it=answer
        )
        if became == take_offer.SENT:
            return f"/orders/{order_id}"
        return f"/parking/{order_id}?said={_SAID[became]}"

    return await carry_out(request, OrderId(order_id), (who, runs), step)


@router.post("/parking/{order_id}/withdraw", dependencies=OFFERS)
async def withdraw(
    request: Request, order_id: UUID, *, who: Who, runs: Runs, reason: Annotated[str, Form()] = ""
) -> Response:
    """It is offered no more."""

    async def step() -> str:
        await runs.perform(who, offer_item.withdraw_offer, order_id=OrderId(order_id), reason=reason)
        return f"/parking/{order_id}?said=withdrawn"

    return await carry_out(request, OrderId(order_id), (who, runs), step)


def _price(said: str, currency: str) -> Money | None:
    """With a comma or a period before the coins, and none between thousands: 1,000 is not read as one."""
    said, places = said.strip(), minor_digits(currency)
    if not said:
        return None
    if not re.fullmatch(rf"[0-9]{{1,12}}([.,][0-9]{{1,{places}}})?" if places else "[0-9]{1,12}", said):
        raise BadInput(errors=[{"field": "price", "expected": f"an amount in {currency}"}])
    return Money.parse(said.replace(",", "."), currency)


async def _show(
    request: Request,
    order_id: OrderId,
    by: tuple[Actor, Run],
    *,
    line: int,
    refused: Problem | None = None,
) -> HTMLResponse:
    who, runs = by
    async with runs.reading() as read:
        shell = await frame(request, who, read)
        choices = await shown(read, order_id, line)
    return render(
        request,
        "hq/parking/offer.html",
        status=refused.status if refused else 200,
        shell=shell,
        trouble=trouble_of(refused),
        hours=[(str(n), words) for n, words in HOURS],
        **choices,
    )
