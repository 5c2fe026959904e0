"""Feeds: what each channel is told about stock, how it fares, and an item as every channel shows it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from ambidex.domains import catalogue, feeds
from ambidex.flows.channel_units import channel_units
from ambidex.flows.feed_terms import terms_of
from ambidex.flows.try_feed import try_feed
from ambidex.flows.watch_feeds import move_feed
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import Problem
from ambidex.reads.feed_health import feed_health, shown_of
from ambidex.runtime.db import Read
from ambidex.runtime.perform import Run
from ambidex.web.edge import Out, Runs, Told, Who, frame, page
from ambidex.web.hq.answers import Deed, answered, trouble_of
from ambidex.web.hq.feeds import view
from ambidex.web.parts.views import Column, Consequence
from ambidex.web.rendering import is_fragment, render
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS, CHANGES = page(Permission.STOCK_READ), page(Permission.FEEDS_CHANGE)
VERBS = {"pause": feeds.FeedVerb.PAUSE, "resume": feeds.FeedVerb.RESUME}


@router.get("/feeds", dependencies=[READS])
async def all_feeds(request: Request, *, who: Who, runs: Runs, q: str = "") -> HTMLResponse:
    """Every feed; with `q` an item, as each channel shows it."""
    async with runs.reading() as read:
        known = await feed_health(read)
        shell = await frame(request, who, read)
        item = await catalogue.by_barcode(read, q.strip()) if q.strip() else None
        rows = await _item(read, item.sku) if item else []
        now = read.now
    return render(
        request,
        "hq/feeds/_feeds.html" if is_fragment(request) else "hq/feeds/feeds.html",
        shell=shell,
        sentence=view.sentence(known, now),
        stats=view.stats(known, now),
        rows=[view.row(one, now) for one in known],
        q=q,
        item=item,
        item_rows=rows,
        columns=[Column(title=_("Channel")), Column(title=_("Shows")), Column(title=_("State")),
                 Column(title=_("May sell"), kind="n"), Column(title=_("Since (UTC)"))],
    )  # fmt: skip


@router.get("/feeds/{code}", dependencies=[READS])
async def one_feed(request: Request, code: str, *, who: Who, runs: Runs) -> HTMLResponse:
    """One feed: what is known, and what can be done."""
    return await _show(request, code, (who, runs))


@router.post("/feeds/{code}/again", dependencies=[CHANGES])
async def again(request: Request, code: str, *, who: Who, runs: Runs) -> Response:
    """Send every item once more."""
    deed = runs.perform(who, feeds.send_again, code, after=0)
    return await _done(request, code, (who, runs), deed)


@router.post("/feeds/{code}/try", dependencies=[CHANGES])
async def try_it(request: Request, code: str, *, who: Who, runs: Runs, out: Out, told: Told) -> Response:
    """Send a message of no meaning and say what became of it."""
    try:
        answer = await try_feed(runs, out, who, code=code, key=told.secret_key)
    except Problem as refused:
        return await _show(request, code, (who, runs), refused=refused)
    return await _show(request, code, (who, runs), tried=answer.failure or _("It was taken."))


@router.post("/feeds/{code}/state", dependencies=[CHANGES])
async def change_state(
    request: Request, code: str, *, who: Who, runs: Runs, verb: Annotated[str, Form()] = ""
) -> Response:
    """Pause it, or let it go on."""
    deed = runs.perform(who, move_feed, code, VERBS.get(verb, feeds.FeedVerb.RESUME))
    return await _done(request, code, (who, runs), deed)


async def _done(request: Request, code: str, by: tuple[Actor, Run], deed: Deed) -> Response:
    return await answered(
        deed, f"/feeds/{code}", refused=lambda refused: _show(request, code, by, refused=refused)
    )


async def _show(
    request: Request, code: str, by: tuple[Actor, Run], *, refused: Problem | None = None, tried: str = ""
) -> HTMLResponse:
    who, runs = by
    async with runs.reading() as read:
        feed = await feeds.feed(read, code)
        [health] = await feed_health(read, code)
        terms = (await terms_of(read, [feed]))[code]
        shell = await frame(request, who, read)
        now = read.now
    return render(
        request,
        "hq/feeds/one.html",
        status=refused.status if refused else 200,
        shell=shell,
        feed=health,
        chip=view.chip(health, now),
        why=health.trouble(now),
        facts=view.facts(health, feed, terms.places, now),
        tried=tried,
        again_means=[
            Consequence(text=_("The newest value of each item goes out again; nothing older follows."))
        ],
        trouble=trouble_of(refused),
        may_change=who.may(Permission.FEEDS_CHANGE),
    )


async def _item(read: Read, sku: str) -> list[list[object]]:
    known = await feeds.page(read)
    item = await catalogue.by_sku(read, sku)
    units = await channel_units(read, known, [item.item_id])
    truth = view.Truth({feed.code: units.get((feed.feed_id, item.item_id), 0) for feed in known})
    return view.item_rows(await shown_of(read, sku), truth, read.now)
