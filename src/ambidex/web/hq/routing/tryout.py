"""Test drive: one real order as it was decided, and as a version would decide it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ambidex.domains import routing
from ambidex.flows import test_drive
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads import receipt_page
from ambidex.reads import routing_pages as reads
from ambidex.runtime.db import Read
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.hq.routing import trying, view
from ambidex.web.hq.routing.page import Brand
from ambidex.web.orders.receipt.known import Known
from ambidex.web.rendering import render
from ambidex.web.trouble import trouble_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS = page(Permission.ORDERS_READ)


@router.get("/routing/test-drive", dependencies=[READS])
async def drive(
    request: Request, *, who: Who, runs: Runs, order: str = "", number: int | None = None, brand: Brand = ""
) -> HTMLResponse:
    """One order as it was decided, and as a version would decide it."""
    async with runs.reading() as read:
        known = await routing.ask.versions(read, brand)
        number = number if number is not None else _newest(known)
        try:
            told = await _driven(read, order, (brand, number)) if order and number else {}
            refused = None
        except Problem as problem:
            told, refused = {}, problem
        shell = await frame(request, who, read)
    choices = [(str(one.number), f"{one.number} · {one.name} ({_state(one)})") for one in known]
    asked = {"order_said": order, "number": str(number or ""), "brand": brand, "choices": choices}
    return render(
        request,
        "hq/routing/test_drive.html",
        status=refused.status if refused else 200,
        shell=shell,
        trouble=trouble_of(refused),
        **asked,
        **({"drive": None} | told),
    )


def _state(one: Any) -> str:
    return view.chip(str(one.state)).text


def _newest(known: list[Any]) -> int | None:
    """What is being tried out, else what decides."""
    for state in ("draft", "shadow", "canary", "live"):
        if found := [one.number for one in known if one.state == state]:
            return int(max(found))
    return None


async def _driven(read: Read, said: str, key: tuple[str, int]) -> dict[str, Any]:
    """Both plans in words."""
    order_id = await reads.order_numbered(read, said)
    if order_id is None:
        raise BadInput(errors=[{"field": "order", "expected": "the number of an order"}])
    found = await test_drive.drive(read, order_id, brand=key[0], number=key[1])
    around = await receipt_page.around(read, OrderId(order_id))
    sites = [*found.decided.candidates, *found.would.candidates]
    codes = {one.site for one in sites} | {
        code for r in (found.decided, found.would) for out in r.out.values() for code in out
    }
    spots = await receipt_page.spots(read, codes | {*found.decided.chosen.sites, *found.would.chosen.sites})
    names, zones = {c: s.name for c, s in spots.items()}, {c: s.zone for c, s in spots.items()}
    known = Known(names, zones, around.titles, around.currency, around.now)
    return {
        "drive": found,
        "around": around,
        "sentence": _sentence(found, known),
        "plans": [
            trying.plan_card(
                _("As it was decided, version %(n)s", n=found.decided.version), found.decided, known
            ),
            trying.plan_card(_("As version %(n)s would", n=key[1]), found.would, known),
        ],
    }


def _sentence(found: test_drive.Drive, known: Known) -> str:
    if not found.differs:
        return _("Version %(n)s would send it from the same places.", n=found.would.version)
    facts = {"n": found.would.version, "places": known.places(found.would.chosen.sites) or _("nobody")}
    return _("Version %(n)s would send it from %(places)s.", **facts)
