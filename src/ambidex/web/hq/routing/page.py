"""Routing: which rules decide now, each version with its rules in words, and who changed what and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from ambidex.domains import locations, routing
from ambidex.flows.canary import verdict_of
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import Problem
from ambidex.reads import routing_pages as reads
from ambidex.runtime.db import Read
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.hq.routing import form, likes, scarce, trying, view, watching
from ambidex.web.hq.routing.shown import BUILT_IN, Seen, found_version, version_words
from ambidex.web.parts.views import Tab
from ambidex.web.rendering import is_fragment, render
from ambidex.web.trouble import trouble_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS = page(Permission.ORDERS_READ)
Brand = Annotated[str, Query(max_length=64)]
RuleAt = Annotated[int | None, Query(ge=0)]
PLACES_MAX = 1000


@router.get("/routing", dependencies=[READS])
async def overview(request: Request, *, who: Who, runs: Runs, brand: Brand = "") -> HTMLResponse:
    """Which versions there are, what they did within a day, and the newest decisions."""
    return await overview_page(request, (who, runs), brand)


async def overview_page(
    request: Request, by: tuple[Actor, Run], brand: str = "", *, refused: Problem | None = None
) -> HTMLResponse:
    """The list of versions of a brand; with what was refused of a form on it."""
    who, runs = by
    async with runs.reading() as read:
        known = await routing.ask.versions(read, brand)
        told: dict[str, Any] = {
            "headline": view.headline(known, read.now, brand),
            "rows": view.rows(
                known,
                await reads.last_changes(read, brand),
                await reads.example_counts(read, brand),
                read.now,
            ),
            "stats": view.stats(await reads.figures(read, brand), str(live_document(known)["currency"])),
            "decided": view.decided_rows(await reads.latest(read, brand), read.now),
            "brands": await _brands(read, brand),
            **await _watched(read, known),
        }
        shell = await frame(request, who, read)
    template = "hq/routing/_overview.html" if is_fragment(request) else "hq/routing/overview.html"
    said = {"brand": brand, "may_change": _may(who), "trouble": trouble_of(refused)}
    return render(request, template, status=refused.status if refused else 200, shell=shell, **said, **told)


async def _watched(read: Read, known: list[Any]) -> dict[str, Any]:
    """What is tried out now, and the nights."""
    currency = str(live_document(known)["currency"])
    canary = next((one for one in known if one.state == "canary"), None)
    shadow = next((one for one in known if one.state == "shadow"), None)
    verdict = await verdict_of(read, canary) if canary else None
    found = (
        await reads.shadowed(read, shadow.brand, shadow.number, since=shadow.state_since) if shadow else None
    )
    nights = await routing.ask.replays(read)
    places = await locations.page(read, limit=PLACES_MAX) if found else None
    names = {place.code: place.name for place in places.items} if places else {}
    return {
        "canary": watching.canary_card(canary, verdict, currency, read.now) if canary and verdict else None,
        "shadow": watching.shadow_card(shadow, found, currency, names) if shadow and found else None,
        "prices": scarce.prices_card(await routing.ask.price_list(read), currency, read.now),
        "nights": watching.replay_table(nights, await reads.differing_owners(read)),
    }


async def _around(read: Read, one: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """History, examples with what came out, simulations."""
    if not one.number:
        return {"history": [], "examples": [], "examples_note": "", "trials": []}
    key = (one.brand, one.number)
    outcomes = await routing.ask.outcomes(read, one)
    rows = view.example_rows(await routing.ask.examples(read, *key), outcomes, names)
    currency = str(one.document.get("currency", "USD"))
    found = await routing.ask.trials(read, *key)
    return {
        "history": view.history(await routing.ask.changes(read, *key), read.now),
        "examples": rows,
        "examples_note": view.examples_words(rows),
        "trials": [trying.trial_card(trial, currency, names, read.now) for trial in found],
    }


def _may(who: Actor) -> bool:
    return who.may(Permission.ROUTING_CHANGE)


def live_document(known: list[Any]) -> Mapping[str, Any]:
    """Of the live version; what is built in when there is none."""
    return next((one.document for one in known if one.state.value == "live"), BUILT_IN)


async def _brands(read: Read, brand: str) -> list[Tab]:
    """One for each brand with versions of its own; none when there is only one set for all."""
    known = [one for one in await reads.brands(read) if one] if brand == "" else await reads.brands(read)
    if not known:
        return []
    return [
        Tab(
            label=one or _("Every brand"),
            href=f"/routing{view.query(one)}",
            here="yes" if one == brand else "",
        )
        for one in dict.fromkeys(("", *known))
    ]


@router.get("/routing/versions/{number}", dependencies=[READS])
async def version(
    request: Request,
    number: int,
    *,
    who: Who,
    runs: Runs,
    brand: Brand = "",
    at: RuleAt = None,
    like: str = "",
) -> HTMLResponse:
    """One version: its rules and costs in words; with `at` or `like` a rule to be written."""
    seen = Seen(at=at, rule=form.form_of(likes.LIKES[like].rule) if like in likes.LIKES else None)
    return await show(request, (brand, number), (who, runs), seen)


async def show(
    request: Request, key: tuple[str, int], by: tuple[Actor, Run], seen: Seen | None = None
) -> HTMLResponse:
    """The page of a version."""
    who, runs = by
    seen = seen or Seen()
    async with runs.reading() as read:
        one = await found_version(read, key)
        places = await locations.page(read, limit=PLACES_MAX)
        told = version_words(one, seen, {place.code: place.name for place in places.items}, read.now)
        told |= await _around(read, one, {place.code: place.name for place in places.items})
        shell = await frame(request, who, read)
    status = seen.refused.status if seen.refused else 200
    template = "hq/routing/_try_live.html" if is_fragment(request) else "hq/routing/version.html"
    may_write = _may(who) and one.state == "draft" and one.number > 0
    return render(
        request,
        template,
        status=status,
        shell=shell,
        may_change=_may(who),
        may_write=may_write,
        trouble=trouble_of(seen.refused),
        **told,
    )
