"""The parking queue: orders that nobody can send now; for each who looks, what the customer was told, and what to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from ambidex.domains import orders
from ambidex.flows import offer_item, parking_deeds, what_waits
from ambidex.flows.parking import NothingIsParked
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads import parked_orders, zones
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.hq.answers import led, trouble_of
from ambidex.web.hq.parking import offer_view, view
from ambidex.web.rendering import render

router = APIRouter(include_in_schema=False)
READS, LOOKS = page(Permission.ORDERS_READ), page(Permission.TASKS_DO)
TELLS = CANCELS = page(Permission.ORDERS_CANCEL)
# a day that was said by its date is over then, on the clock where the customer lives
CLOSE_OF_DAY = time(17)


@router.get("/parking", dependencies=[READS])
async def queue(
    request: Request, *, who: Who, runs: Runs, after: str | None = None, said: str = ""
) -> HTMLResponse:
    """Everybody who waits, in the order in which they are served."""
    async with runs.reading() as read:
        found = await parked_orders.parked_orders(read, after=after)
        count = await parked_orders.parked_count(read)
        shell = await frame(request, who, read)
        now, clocks = read.now, await zones.zones(read)
    return render(
        request,
        "hq/parking/queue.html",
        shell=shell,
        rows=[view.row(one, now, clocks.of(one.address)) for one in found.items],
        sentence=view.sentence(count),
        following=found.next,
        said=view.SAID.get(said, ""),
    )


@router.get("/parking/{order_id}", dependencies=[READS])
async def one(request: Request, order_id: UUID, *, who: Who, runs: Runs, said: str = "") -> HTMLResponse:
    """One order: what it waits for, where that lies or comes from, and what to do."""
    return await show(request, OrderId(order_id), (who, runs), said=said)


@router.post("/parking/{order_id}/look", dependencies=[LOOKS])
async def look(request: Request, order_id: UUID, *, who: Who, runs: Runs) -> Response:
    """Look for a place now."""

    async def step() -> str:
        looked = await runs.perform(who, parking_deeds.look_now, order_id=OrderId(order_id))
        return f"/orders/{order_id}" if looked.found else f"/parking/{order_id}?said=nobody"

    return await carry_out(request, OrderId(order_id), (who, runs), step)


@router.post("/parking/{order_id}/day", dependencies=[TELLS])
async def day(
    request: Request, order_id: UUID, *, who: Who, runs: Runs, day: Annotated[str, Form()] = ""
) -> Response:
    """The customer hears another day."""

    async def step() -> str:
        async with runs.reading() as read:
            zone = (await zones.zones(read)).of(
                (await parked_orders.parked_order(read, OrderId(order_id))).address
            )
        news_by = _end_of(day, zone)
        await runs.perform(who, parking_deeds.tell_day, order_id=OrderId(order_id), news_by=news_by)
        return f"/parking/{order_id}?said=told"

    return await carry_out(request, OrderId(order_id), (who, runs), step)


@router.post("/parking/{order_id}/cancel", dependencies=[CANCELS])
async def cancel(
    request: Request, order_id: UUID, *, who: Who, runs: Runs, reason: Annotated[str, Form()] = ""
) -> Response:
    """What waits is canceled."""

    async def step() -> str:
        await runs.perform(who, parking_deeds.cancel_parked, order_id=OrderId(order_id), reason=reason)
        return "/parking?said=canceled"

    return await carry_out(request, OrderId(order_id), (who, runs), step)


def _end_of(day: str, zone: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day.strip()), CLOSE_OF_DAY, ZoneInfo(zone))
    except ValueError:
        raise BadInput(errors=[{"field": "day", "expected": "a day such as 2026-12-24"}]) from None


async def carry_out(
    request: Request, order_id: OrderId, by: tuple[Actor, Run], step: Callable[[], Awaitable[str]]
) -> Response:
    """Do it and go where it leads; a refusal is told on the page."""
    return await led(
        step(),
        gone=(NothingIsParked, "/parking?said=gone"),
        refused=lambda refused: show(request, order_id, by, refused=refused),
    )


async def show(
    request: Request,
    order_id: OrderId,
    by: tuple[Actor, Run],
    *,
    said: str = "",
    refused: Problem | None = None,
) -> HTMLResponse:
    who, runs = by
    async with runs.reading() as read:
        order = await parked_orders.parked_order(read, order_id)
        around = await parked_orders.around(read, order)
        shell = await frame(request, who, read)
        now, zone = read.now, (await zones.zones(read)).of(order.address)
        offer = await offer_item.open_offer(read, order_id)
        shop = await what_waits.shop_of(read, await orders.order(read, order_id))
    return render(
        request,
        "hq/parking/order.html",
        status=refused.status if refused else 200,
        shell=shell,
        order=order,
        chip=view.chip(order, now, zone),
        why=view.why(order),
        facts=view.facts(order, now, zone),
        lines=view.lines(order, around, now, zone),
        said=view.SAID.get(said, ""),
        may_look=who.may(Permission.TASKS_DO),
        may_tell=who.may(Permission.ORDERS_CANCEL),
        may_cancel=who.may(Permission.ORDERS_CANCEL),
        days=view.days(now, zone),
        zone=zone,
        close_of_day=CLOSE_OF_DAY,
        offer=offer_view.of(offer, now, zone) if offer else None,
        other_ways=view.other_ways(order),
        shop=view.sold_by(shop),
        consequences=view.consequences(order),
        trouble=trouble_of(refused),
    )
