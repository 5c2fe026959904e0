"""Capacity: which places take work, how full their slots are; pause one, limit it, change the hours of a day."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from ambidex.domains import capacity, locations
from ambidex.flows.change_hours import change_day
from ambidex.flows.pause_place import add_limit, drop_limit, pause_place, resume_place
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads.capacity import place_capacity
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.hq.answers import Deed, answered, trouble_of
from ambidex.web.hq.capacity import form, view
from ambidex.web.hq.capacity.form import DayForm, LimitForm, PauseForm
from ambidex.web.rendering import render

router = APIRouter(include_in_schema=False)
READS, WRITES = page(Permission.PLACES_READ), page(Permission.CAPACITY_CHANGE)
HOURS = page(Permission.PLACES_CHANGE)
PLACES_MAX = 500


@router.get("/capacity", dependencies=[READS])
async def places(request: Request, *, who: Who, runs: Runs) -> HTMLResponse:
    """Every place, with whether it takes work now."""
    async with runs.reading() as read:
        found = await locations.page(read, limit=PLACES_MAX)
        book = await capacity.book_now(read)
        shell = await frame(request, who, read)
        own = [place for place in found.items if who.at == place.location_id]
        others = [place for place in found.items if who.at != place.location_id]
        rows = [view.row(place, book, read.now) for place in (*own, *others)]
    return render(request, "hq/capacity/capacity.html", shell=shell, rows=rows)


@router.get("/capacity/{place}", dependencies=[READS])
async def one_place(request: Request, place: str, *, who: Who, runs: Runs) -> HTMLResponse:
    """One place: pauses, slots, limits, days with other hours."""
    return await _show(request, place, (who, runs))


@router.post("/capacity/{place}/pause", dependencies=[WRITES])
async def pause(
    request: Request, place: str, said: Annotated[PauseForm, Form()], *, who: Who, runs: Runs
) -> Response:
    """It gets no new work from now on."""

    async def step() -> None:
        async with runs.reading() as read:
            until = said.ends_at(await locations.by_code(read, place), read.now)
        await runs.perform(who, pause_place, code=place, method=said.method, until=until, reason=said.reason)

    return await _carry_out(request, place, (who, runs), step())


@router.post("/capacity/{place}/resume", dependencies=[WRITES])
async def resume(
    request: Request, place: str, *, who: Who, runs: Runs, method: Annotated[str, Form()] = ""
) -> Response:
    """It takes work again."""
    deed = runs.perform(who, resume_place, code=place, method=method)
    return await _carry_out(request, place, (who, runs), deed)


@router.post("/capacity/{place}/limits", dependencies=[WRITES])
async def write_limit(
    request: Request, place: str, said: Annotated[LimitForm, Form()], *, who: Who, runs: Runs
) -> Response:
    """One more limit, beside those that are."""

    async def step() -> None:
        await runs.perform(who, add_limit, code=place, limit=said.said())

    return await _carry_out(request, place, (who, runs), step())


@router.post("/capacity/{place}/limits/{limit}/remove", dependencies=[WRITES])
async def remove_limit(request: Request, place: str, limit: str, *, who: Who, runs: Runs) -> Response:
    """A limit counts no longer."""
    deed = runs.perform(who, drop_limit, code=place, limit_id=_id(limit))
    return await _carry_out(request, place, (who, runs), deed)


@router.post("/capacity/{place}/days", dependencies=[HOURS])
async def change_hours(
    request: Request, place: str, said: Annotated[DayForm, Form()], *, who: Who, runs: Runs
) -> Response:
    """Other hours on one day; closed when no time is said."""

    async def step() -> None:
        spans = [(said.opens, said.until)] if said.opens or said.until else []
        await runs.perform(who, change_day, code=place, day=_day(said.day), spans=spans)

    return await _carry_out(request, place, (who, runs), step())


@router.post("/capacity/{place}/days/{day}/remove", dependencies=[HOURS])
async def usual_hours(request: Request, place: str, day: str, *, who: Who, runs: Runs) -> Response:
    """A day has the hours of its week again."""

    async def step() -> None:
        await runs.perform(who, change_day, code=place, day=_day(day), spans=None)

    return await _carry_out(request, place, (who, runs), step())


def _id(text: str) -> UUID:
    """Of a limit; what is none names none that there is."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(errors=[{"field": "day", "expected": "a day such as 2026-12-24"}]) from None


async def _carry_out(request: Request, place: str, by: tuple[Actor, Run], deed: Deed) -> Response:
    """Do it and show the place; a refusal is told there."""
    return await answered(
        deed, f"/capacity/{place}", refused=lambda refused: _show(request, place, by, refused=refused)
    )


async def _show(
    request: Request, code: str, by: tuple[Actor, Run], *, refused: Problem | None = None
) -> HTMLResponse:
    who, runs = by
    async with runs.reading() as read:
        place = await locations.by_code(read, code)
        found = await place_capacity(read, place)
        book = await capacity.book_now(read)
        shell = await frame(request, who, read)
        now = read.now
    return render(
        request,
        "hq/capacity/place.html",
        status=refused.status if refused else 200,
        shell=shell,
        place=place,
        chip=view.chip(place, book, now),
        pauses=[view.pause_line(pause, place, now) for pause in found.pauses],
        slots=view.slot_lines(found, now),
        limits=[view.limit_line(limit) for limit in found.limits],
        days=view.day_rows(place, now),
        may=who.may(Permission.CAPACITY_CHANGE, at=place.location_id),
        may_hours=who.may(Permission.PLACES_CHANGE, at=place.location_id),
        offers=form,
        trouble=trouble_of(refused),
    )
