"""Routes of the customer's page. The link is the proof: 128 bits bound to one order, revocable, ending by itself.

Everything works without script and without an account. Wrong links are counted per address and soon refused; a right
one opens also then, because many customers share an address.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ambidex.domains import fulfillment, orders
from ambidex.flows import on_the_way as pickup
from ambidex.flows.choose_option import choose
from ambidex.flows.sign_in import guessed_link
from ambidex.kernel.actor import Actor, ActorKind, Permission
from ambidex.kernel.problem import NotFound, Problem
from ambidex.kernel.values import dataclass
from ambidex.reads.order_page import OrderPage, order_page
from ambidex.runtime.db import Read
from ambidex.runtime.perform import Run
from ambidex.runtime.settings import Settings
from ambidex.web.customer.view import customer_order
from ambidex.web.edge import Runs, Told, open_page
from ambidex.web.parts.views import Trouble
from ambidex.web.rendering import render
from ambidex.web.shell.view import Brand

router = APIRouter(
    include_in_schema=False,
    dependencies=[open_page("the link itself is the proof: 128 bits, bound to one order")],
)
CODE_HALF = 4
# an order numbers its works and promises as smallint
Number = Annotated[int, Form(ge=1, le=32_767)]


class NoSuchLink(NotFound):
    """This link does not open an order."""

    code = "no-such-link"
    advice = "Open the newest of our messages and use the link in it, or call the store."


@dataclass(frozen=True)
class Code:
    """A pickup code as QR text and as digits to read aloud."""

    text: str
    digits: str


def customer_actor(name: str) -> Actor:
    """Whoever holds the link acts for the customer, on this order only (the routes name no other)."""
    return Actor(
        id="customer",
        kind=ActorKind.CUSTOMER,
        name=name or "Customer",
        permissions=frozenset({Permission.ORDERS_CUSTOMER_CHOICE}),
        places=None,
        role="customer",
    )


@router.get("/o/{token}")
async def shown(request: Request, token: str, runs: Runs, told: Told) -> HTMLResponse:
    """The order in customer words."""
    return await _page(request, token, runs=runs, told=told)


@router.post("/o/{token}/choose")
async def chosen(
    request: Request,
    token: str,
    *,
    runs: Runs,
    told: Told,
    promise: Number,
    option: Annotated[str, Form(max_length=100)],
) -> Response:
    """The customer decides what happens with what is missing."""
    return await _acted(request, token, choose, runs=runs, told=told, promise_no=promise, option=option)


@router.post("/o/{token}/on-the-way")
async def on_the_way(request: Request, token: str, runs: Runs, told: Told, work: Number) -> Response:
    """The customer sets off."""
    return await _acted(request, token, pickup.on_the_way, runs=runs, told=told, work_no=work)


@router.post("/o/{token}/here")
async def here(request: Request, token: str, runs: Runs, told: Told, work: Number) -> Response:
    """The customer stands there."""
    return await _acted(request, token, pickup.here, runs=runs, told=told, work_no=work)


async def _acted(
    request: Request, token: str, flow: Any, *, runs: Run, told: Settings, **asked: Any
) -> Response:
    async with runs.reading() as read:
        found = await _opened(read, token, told.secret_key)
    if found is None:
        raise await _wrong_link(request, runs)
    try:
        await runs.perform(
            customer_actor(found.order.contact_name), flow, order_id=found.order.order_id, **asked
        )
    except Problem as refused:
        trouble = Trouble(title=refused.title, advice=refused.advice)
        return await _page(request, token, runs=runs, told=told, trouble=trouble)
    return RedirectResponse(f"/o/{token}", status_code=303)


async def _page(
    request: Request, token: str, *, runs: Run, told: Settings, trouble: Trouble | None = None
) -> HTMLResponse:
    async with runs.reading() as read:
        found = await _opened(read, token, told.secret_key)
        code = await _code(read, found, told.secret_key) if found is not None else None
    if found is None:
        raise await _wrong_link(request, runs)
    path = f"/o/{token}"
    request.state.language = found.order.language
    return render(
        request,
        "customer/order.html",
        status=409 if trouble else 200,
        brand=Brand(name=told.brand, home=path, now=found.now),
        view=customer_order(found),
        code=code,
        path=path,
        trouble=trouble,
    )


async def _opened(read: Read, token: str, key: bytes) -> OrderPage | None:
    """The order of a link that is good now; None for any other."""
    opened = orders.ask.of_link(key, token)
    if opened is None:
        return None
    order_id, version = opened
    found = await order_page(read, order_id)
    if found.order.link_version != version or found.order.link_expires_at < read.now:
        return None
    return found


async def _wrong_link(request: Request, runs: Run) -> Problem:
    """Count it; TooManyAttempts when this address tried too often."""
    address = request.client.host if request.client else ""
    await guessed_link(runs, address=address)
    return NoSuchLink()


async def _code(read: Read, found: OrderPage, key: bytes) -> Code | None:
    ready = next((work for work in found.works if work.state == "ready"), None)
    if ready is None:
        return None
    work = await fulfillment.work(read, found.order.order_id, ready.work_no)
    code = await fulfillment.PickupCodes(key).shown(read, work)
    if not code:
        return None
    return Code(text=fulfillment.PickupCodes.qr_text(code), digits=f"{code[:CODE_HALF]} {code[CODE_HALF:]}")
