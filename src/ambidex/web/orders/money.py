"""The money of an order: what it stands at, why it is right all the same, and what happened at the payment provider."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ambidex.domains import channels, orders
from ambidex.flows import paid
from ambidex.flows.report_money import report_money
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import BadInput, NotAllowed, Problem
from ambidex.runtime.access import Scope
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.orders import money_view as view
from ambidex.web.rendering import render
from ambidex.web.store.answers import see
from ambidex.web.trouble import trouble_of

router = APIRouter(include_in_schema=False)
PATH = "/orders/{order_id}/money"
Saying = Callable[..., Awaitable[str]]


@router.get(PATH, dependencies=[page(Permission.ORDERS_READ)])
async def stands(order_id: UUID, request: Request, *, who: Who, runs: Runs, written: str = "") -> Response:
    """What it stands at, and what this person may say about it; `written`: what became of what was said a moment ago."""
    return await _shown(order_id, request, who, runs, written=view.WRITTEN.get(written))


@router.post(f"{PATH}/agree", dependencies=[page(Permission.MONEY_AGREE, place=Scope.OWN_PLACE)])
async def agree(order_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """It is right as it is, for this reason."""
    return await _said(order_id, request, who, runs, flow=_agree)


@router.post(PATH, dependencies=[page(Permission.MONEY_REPORT)])
async def report(order_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """It happened at the payment provider, under this reference."""
    return await _said(order_id, request, who, runs, flow=_report)


async def _said(order_id: UUID, request: Request, who: Actor, runs: Run, *, flow: Saying) -> Response:
    said = {name: str(value).strip() for name, value in (await request.form()).items()}
    try:
        written = await runs.perform(who, flow, OrderId(order_id), said=said)
    except NotAllowed:
        raise
    except Problem as refused:
        return await _shown(order_id, request, who, runs, refused=refused, said=said)
    return see(f"/orders/{order_id}/money?written={written}")


async def _agree(tx: Tx, order_id: OrderId, *, said: Mapping[str, str]) -> str:
    await paid.agree(tx, order_id=order_id, reason=said.get("reason", ""))
    return view.AGREED


async def _report(tx: Tx, order_id: OrderId, *, said: Mapping[str, str]) -> str:
    order = await orders.order(tx, order_id)
    is_new = await report_money(tx, order_id=order_id, told=view.told_of(said, order.currency))
    return view.NEW if is_new else view.KNOWN


async def _shown(
    order_id: UUID,
    request: Request,
    who: Actor,
    runs: Run,
    *,
    refused: Problem | None = None,
    said: Mapping[str, str] | None = None,
    written: view.Written | None = None,
) -> Response:
    async with runs.reading() as read:
        order = await orders.order(read, OrderId(order_id))
        sums = await paid.standing(read, order)
        source = await channels.source_by_id(read, order.source_id)
        shell = await frame(request, who, read, task=view.top(order))
    errors = refused.errors if isinstance(refused, BadInput) else []
    return render(
        request,
        "orders/money.html",
        status=refused.status if refused else 200,
        shell=shell,
        order=order,
        pairs=view.pairs(sums),
        total=view.total(order),
        missing=view.words(sums["missing"]),
        owed=view.words(sums["owed"]),
        is_owed=bool(sums["owed"].minor),
        may_agree=bool(sums["missing"].minor) and view.may_agree(who, order),
        kinds=view.KINDS if source.is_our_api and who.may(Permission.MONEY_REPORT) else (),
        shop="" if source.is_our_api else source.code,
        said=said or {},
        errors={one["field"]: one["expected"] for one in errors},
        trouble=None if errors else trouble_of(refused),
        written=written,
    )
