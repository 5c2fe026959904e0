"""Stock: find an item; why a customer is promised this number of it, the rules behind it, and its ledger."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ambidex.domains import catalogue
from ambidex.domains.availability import Ask
from ambidex.flows import write_rules
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import Problem
from ambidex.reads.availability import look
from ambidex.runtime.db import Read
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.hq.stock import form
from ambidex.web.hq.stock.asked import Asker
from ambidex.web.hq.stock.shown import Seen, picture_of, shown
from ambidex.web.parts.views import Row
from ambidex.web.rendering import is_fragment, render

router = APIRouter(include_in_schema=False)
READS, WRITES = page(Permission.STOCK_READ), page(Permission.STOCK_RULES)
FOUND_MAX = 40


@router.get("/stock", dependencies=[READS])
async def stock(request: Request, *, who: Who, runs: Runs, q: str = "") -> Response:
    """Items by SKU or name, each with what the web may promise; an exact SKU or barcode opens at once."""
    words = q.strip()
    async with runs.reading() as read:
        exact = await catalogue.by_barcode(read, words) if words else None
        if exact is not None:
            return RedirectResponse(f"/stock/{exact.sku}", status_code=303)
        found = await catalogue.page(read, q=words, limit=FOUND_MAX)
        shell = await frame(request, who, read)
        rows = await _rows(read, found.items)
    return render(
        request, "hq/stock/stock.html", shell=shell, rows=rows, words=words, more=found.next is not None
    )


async def _rows(read: Read, items: Any) -> list[Row]:
    seen = await look(read, [item.item_id for item in items])
    ask = Ask(read.now, "web", method="")
    return [
        Row(
            title=item.title,
            note=item.sku,
            end=str(seen.answer(item.item_id, ask, routed=False).total),
            href=f"/stock/{item.sku}",
            picture=picture_of(item),
        )
        for item in items
    ]


@router.get("/stock/{sku}", dependencies=[READS])
async def item(
    request: Request, sku: str, *, who: Who, runs: Runs, asked: Asker, before: str | None = None
) -> HTMLResponse:
    """One item: the number, its parts, its rules, its ledger."""
    return await _show(request, sku, (who, runs), Seen(asked, before))


@router.post("/stock/{sku}/rules", dependencies=[WRITES])
async def write_rule(
    request: Request, sku: str, *, who: Who, runs: Runs, asked: Asker, rule: Annotated[form.RuleForm, Form()]
) -> Response:
    """Write a rule about this item, its category or every item."""
    async with runs.reading() as read:
        known = await catalogue.by_sku(read, sku)
    try:
        await runs.perform(who, write_rules.write_rule, form.said(rule, known))
    except Problem as refused:
        return await _show(request, sku, (who, runs), Seen(asked, refused=refused))
    return RedirectResponse(f"/stock/{sku}?{asked.query}#rules", status_code=303)


@router.post("/stock/{sku}/rules/{rule}/remove", dependencies=[WRITES])
async def remove_rule(
    request: Request, sku: str, rule: str, *, who: Who, runs: Runs, asked: Asker
) -> Response:
    """The rule counts no longer."""
    try:
        await runs.perform(who, write_rules.remove_rule, rule)
    except Problem as refused:
        return await _show(request, sku, (who, runs), Seen(asked, refused=refused))
    return RedirectResponse(f"/stock/{sku}?{asked.query}#rules", status_code=303)


async def _show(request: Request, sku: str, by: tuple[Actor, Run], seen: Seen) -> HTMLResponse:
    who, runs = by
    async with runs.reading() as read:
        known = await catalogue.by_sku(read, sku)
        told = await shown(read, known, seen, home=who.at)
        shell = await frame(request, who, read, zone=told["zone"])
    template = "_item.html" if is_fragment(request) else "item.html"
    status = seen.refused.status if seen.refused else 200
    may_write = who.may(Permission.STOCK_RULES)
    return render(request, f"hq/stock/{template}", status=status, shell=shell, may_write=may_write, **told)
