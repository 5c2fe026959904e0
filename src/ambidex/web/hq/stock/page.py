"""Stock: find an item; why a customer is promised this number of it, the rules behind it, and its ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ambidex.domains import catalogue, locations
from ambidex.domains.availability import Ask
from ambidex.domains.catalogue import Item
from ambidex.flows import write_rules
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import Problem
from ambidex.reads.availability import look
from ambidex.reads.stock_ledger import ledger
from ambidex.reads.stock_rules import rules_for
from ambidex.reads.why import why
from ambidex.runtime.db import Read
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.hq.stock import form, view
from ambidex.web.hq.stock.asked import Asked, Asker
from ambidex.web.hq.stock.words import CHANNELS, WAYS
from ambidex.web.parts.views import Column, Picture, Row, Trouble
from ambidex.web.rendering import is_fragment, render
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS, WRITES = page(Permission.STOCK_READ), page(Permission.STOCK_RULES)
FOUND_MAX, ENTRIES = 40, 15


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands around the number on this page."""

    asked: Asked
    before: str | None = None
    refused: Problem | None = None


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
            picture=_picture(item),
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
        shown = await _shown(read, known, seen)
        shell = await frame(request, who, read)
    template = "_item.html" if is_fragment(request) else "item.html"
    return render(
        request,
        f"hq/stock/{template}",
        status=seen.refused.status if seen.refused else 200,
        shell=shell,
        item=known,
        picture=_picture(known),
        asked=seen.asked,
        trouble=_trouble(seen.refused),
        may_write=who.may(Permission.STOCK_RULES),
        channels=list(CHANNELS.items()),
        ways=list(WAYS.items()),
        **shown,
    )


async def _shown(read: Read, known: Item, seen: Seen) -> dict[str, Any]:
    asked = seen.asked
    told = await why(read, known.sku, asked.at(read.now), location=asked.place, routed=asked.routed)
    around = await look(read, [known.item_id])
    rules, groups = await rules_for(read, known.item_id, known.category)
    places = (await locations.page(read, limit=200)).items
    chosen = next((place for place in places if place.code == asked.place), None)
    entries = await ledger(
        read,
        known.item_id,
        location_id=chosen.location_id if chosen else None,
        before=seen.before,
        limit=ENTRIES,
    )
    return {
        "told": told,
        "asked_words": " · ".join(
            w
            for w in (
                CHANNELS[asked.channel],
                WAYS[asked.method],
                asked.country,
                asked.postcode,
                chosen.name if chosen else "",
            )
            if w
        ),
        "who_asks": view.asker_words(told, chosen.name if chosen else ""),
        "makeup": view.whole_makeup(told),
        "scale": max(
            (sum(s.count for s in p.makeup.shares()) for p in view.place_rows(told) if p.makeup), default=1
        ),
        "place_rows": view.place_rows(told),
        "table": (_columns(), view.table_rows(told)),
        "thresholds": view.threshold_words(told),
        "coming": view.coming_rows(told),
        "by_channel": view.channel_rows(around, told),
        "rules": [view.rule_row(rule) for rule in rules],
        "places": [(place.code, place.name) for place in places],
        "wheres": form.wheres(groups, places),
        "whats": form.whats(known),
        "entries": view.entry_rows(entries.items, read.now),
        "older": entries.next,
    }


def _columns() -> list[Column]:
    titles = (
        _("On hand"), _("Not for sale"), _("Reserved"), _("Held"), _("Waited for"), _("Safety"), _("Floor"),
        _("May be promised"),
    )  # fmt: skip
    return [
        Column(title=_("Place")),
        *(Column(title=title, kind="n") for title in titles),
        Column(title=_("Left out")),
    ]


def _picture(item: Item) -> Picture:
    return Picture(label=item.title, key=item.picture or "box", tint=item.color or "")


def _trouble(refused: Problem | None) -> Trouble | None:
    if refused is None:
        return None
    said = "; ".join(f"{e.get('field')}: {e.get('expected')}" for e in refused.errors)
    return Trouble(title=refused.title, advice=f"{refused.advice} {said}".strip(), code=refused.code)
