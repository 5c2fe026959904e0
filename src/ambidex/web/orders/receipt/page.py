"""The page of a receipt: one decision of an order, those before and after it, and whether it came true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ambidex.domains import routing
from ambidex.domains.routing import Policy
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.reads import receipt_page as reads
from ambidex.reads.receipt_page import Around
from ambidex.runtime.db import Read
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.formats import local_when
from ambidex.web.orders.receipt.causes import cause_words
from ambidex.web.orders.receipt.known import Known, Receipt, Snapshot
from ambidex.web.orders.receipt.shown import Stored, clock_of, context
from ambidex.web.parts.views import Tab
from ambidex.web.rendering import is_fragment, render

router = APIRouter(include_in_schema=False)


@router.get("/orders/{order_id}/receipt", dependencies=[page(Permission.ORDERS_READ)])
async def receipt(
    request: Request, order_id: UUID, *, who: Who, runs: Runs, number: int | None = None, again: str = ""
) -> HTMLResponse:
    """The last decision, or the one asked for; `again` makes it once more."""
    async with runs.reading() as read:
        around = await reads.around(read, OrderId(order_id))
        found = await routing.ask.receipts(read, OrderId(order_id))
        told = await _told(read, around, found, number, again=bool(again)) if found else {"receipt": None}
        shell = await frame(request, who, read)
    template = "orders/receipt/_receipt.html" if is_fragment(request) else "orders/receipt/receipt.html"
    may_change = who.may(Permission.ROUTING_CHANGE)
    return render(request, template, shell=shell, around=around, may_change=may_change, **told)


async def _told(
    read: Read, around: Around, found: Sequence[Any], number: int | None, *, again: bool
) -> dict[str, Any]:
    """Everything the templates show of one decision."""
    chosen = next((one for one in found if one.receipt_no == number), found[-1])
    policy, examples = await _rules(read, chosen.brand, chosen.version)
    snapshot, decided = chosen.seen_by(policy), routing.stored.receipt_of(chosen.receipt)
    known = await known_of(read, around, decided, snapshot)
    stored = Stored(
        chosen.receipt_no,
        chosen.cause,
        chosen.arm,
        policy.name,
        chosen.decided_at,
        chosen.took_us,
        replayed=_same_again(snapshot, chosen.receipt) if again else None,
        night=await reads.night_of(read, around.order_id, chosen.receipt_no, decided_at=chosen.decided_at),
        examples=examples,
        until=next((one.decided_at for one in found if one.receipt_no > chosen.receipt_no), None),
    )
    return {"tabs": _tabs(found, chosen, around, known), **context(decided, snapshot, stored, around, known)}


async def _rules(read: Read, brand: str, number: int) -> tuple[Policy, tuple[int, int]]:
    """The rules it was decided by, and how many of their examples pass of how many."""
    if not number:
        return routing.versions.BUILT_IN, (0, 0)
    version = await routing.ask.version(read, brand, number)
    outcomes = await routing.ask.outcomes(read, version)
    return version.policy, (sum(one.passes for one in outcomes), len(outcomes))


def _same_again(snapshot: Snapshot, stored: Mapping[str, Any]) -> bool:
    """Decided once more from what was known then: the same to the bit."""
    return routing.stored.receipt_json(routing.decide(snapshot).receipt) == stored


async def known_of(read: Read, around: Around, receipt: Receipt, snapshot: Snapshot) -> Known:
    """Names and zones of every place of the decision."""
    codes = {site.code for site in snapshot.network.sites} | {
        code for codes in receipt.out.values() for code in codes
    }
    spots = await reads.spots(read, codes)
    return Known(
        {code: spot.name for code, spot in spots.items()},
        {code: spot.zone for code, spot in spots.items()},
        around.titles,
        around.currency,
        around.now,
    )


def _tabs(found: Sequence[Any], chosen: Any, around: Around, known: Known) -> list[Tab]:
    """One for each decision in order of time, all by one clock, when there were several."""
    if len(found) == 1:
        return []
    zone = clock_of(routing.stored.receipt_of(chosen.receipt), known)
    return [
        Tab(
            label=f"{local_when(one.decided_at, zone, around.now)} · {cause_words(one.cause)}",
            href=f"/orders/{around.order_id}/receipt?number={one.receipt_no}",
            here="yes" if one is chosen else "",
        )
        for one in found
    ]
