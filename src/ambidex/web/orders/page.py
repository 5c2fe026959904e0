"""The order page and its one destructive action. It answers one question: is what we said done."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ambidex.domains import orders
from ambidex.flows import cancel as flow
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import Problem
from ambidex.reads.order_page import OrderPage, order_page
from ambidex.runtime.perform import Run
from ambidex.web.channels import channel_word
from ambidex.web.edge import Runs, Told, Who, frame, page
from ambidex.web.formats import local_named, local_when, money, zone_city
from ambidex.web.orders import beside, now, said_done
from ambidex.web.parts.views import Consequence, Trouble
from ambidex.web.rendering import is_fragment, render
from ambidex.web.trouble import trouble_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)


@router.get("/orders/{order_id}", dependencies=[page(Permission.ORDERS_READ)])
async def order(
    request: Request, order_id: UUID, *, who: Who, runs: Runs, told: Told, cancel: str = ""
) -> HTMLResponse:
    """Said, joined, done."""
    return await _shown(request, who, runs, OrderId(order_id), key=told.secret_key, cancel=bool(cancel))


@router.post("/orders/{order_id}/cancel", dependencies=[page(Permission.ORDERS_CANCEL)])
async def cancel_it(
    request: Request, order_id: UUID, *, who: Who, runs: Runs, told: Told, reason: Annotated[str, Form()]
) -> Response:
    """Cancel what can still be canceled; a refusal stands where the finger is."""
    try:
        await runs.perform(who, flow.cancel, OrderId(order_id), reason=reason)
    except Problem as refused:
        trouble = trouble_of(refused)
        return await _shown(request, who, runs, OrderId(order_id), key=told.secret_key, trouble=trouble)
    return RedirectResponse(f"/orders/{order_id}", status_code=303)


async def _shown(
    request: Request,
    who: Actor,
    runs: Run,
    order_id: OrderId,
    *,
    key: bytes,
    cancel: bool = False,
    trouble: Trouble | None = None,
) -> HTMLResponse:
    async with runs.reading() as read:
        found = await order_page(read, order_id)
        shell = await frame(request, who, read)
    template = "orders/_order.html" if is_fragment(request) else "orders/order.html"
    link = orders.customer_link(key, order_id, found.order.link_version)
    return render(
        request,
        template,
        status=409 if trouble else 200,
        shell=shell,
        trouble=trouble,
        cancel=consequences(found) if cancel else [],
        customer_link=link if beside.serves(found, who) else "",
        **context(found, who),
    )


def context(found: OrderPage, who: Actor) -> dict[str, Any]:
    """What the templates of the order page show."""
    threads_open, threads_closed = said_done.threads(found)
    zone = found.zone_of(None)
    count = sum(line.quantity for line in found.lines)
    parts = beside.parts_of(found)
    return {
        "order": found.order,
        "now": now.now_of(found, who),
        "threads_open": threads_open,
        "threads_closed": threads_closed,
        "owed": beside.owed_of(found),
        "parts": parts,
        "money": beside.money_of(found),
        "elsewhere": beside.elsewhere_of(found),
        "customer": beside.customer_of(found, who),
        "may_correct": beside.may_correct(found, who),
        "timeline": beside.timeline_of(found),
        "channel": channel_word(found.order.channel),
        "placed": placed_words(found, zone),
        "items_words": _items_words(count, len(parts)),
        "total": money(found.order.total_minor, found.order.currency),
    }


def placed_words(found: OrderPage, zone: str) -> str:
    """When it was placed; with the name of the page's clock where its places live on several."""
    if not found.has_several_clocks:
        return local_when(found.order.placed_at, zone, found.now)
    placed = local_named(found.order.placed_at, zone, found.now)
    return _("{placed}, all times in {city}").format(placed=placed, city=zone_city(zone))


def consequences(found: OrderPage) -> list[Consequence]:
    """What canceling does, in plain sentences, before it is done."""
    currency = found.order.currency
    captured = sum(t.captured_minor - t.refunded_minor for t in found.tenders)
    staged = sum(line.q_staged + line.q_ready for line in found.lines)
    waiting = sum(line.q_reserved + line.q_allocated + line.q_picked for line in found.lines)
    said = [Consequence(text=_("The customer is told at once."), icon="mail")]
    if captured:
        said.append(
            Consequence(
                amount=money(captured, currency), text=_("goes back to the customer."), icon="credit-card"
            )
        )
    if staged:
        said.append(
            Consequence(amount=str(staged), text=_("on the pickup shelf get a put-away task."), icon="store")
        )
    if waiting:
        said.append(Consequence(amount=str(waiting), text=_("reserved are for sale again."), icon="package"))
    return said


def _items_words(count: int, parts: int) -> str:
    items = _("1 item") if count == 1 else _("{n} items").format(n=count)
    return items if parts == 1 else _("{items} in {n} parts").format(items=items, n=parts)
