"""My work and arrivals: the two lists of a place. The steps of one work stand in steps.py, what is done in deeds.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId
from ambidex.reads.my_work import MyWork, my_work
from ambidex.runtime.access import Scope
from ambidex.runtime.db import Read
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.parts.views import Tab
from ambidex.web.rendering import render
from ambidex.web.store import count, count_deeds, counter_deeds, deeds, pocket, steps, task_page
from ambidex.web.store.above_work import above_work
from ambidex.web.store.arrivals import arrivals_of, arrivals_sentence
from ambidex.web.store.axis import axis_of
from ambidex.web.store.cards import Chosen, Lanes, counts_of, lanes_of
from ambidex.web.store.duties import duties_of, places_of, topics_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
Show = Literal["all", "pick", "here", "mine"]


@router.get("/work", dependencies=[page(Permission.WORK_READ, place=Scope.FILTERED)])
async def work_list(
    request: Request, *, who: Who, runs: Runs, show: Show = "all", part: str = "", said: str = ""
) -> HTMLResponse:
    """What waits here, the most urgent first."""
    async with runs.reading() as read:
        work = await all_work(read, who)
        above = await above_work(read, who)
        shell = await frame(request, who, read, counts=nav_counts(work), zone=work.zone)
    everything = lanes_of(work, Chosen("all", who.id))
    return render(
        request,
        "store/_lanes.html" if part == "lanes" else "store/my_work.html",
        shell=shell,
        lanes=lanes_of(work, Chosen(show, who.id, _acts(who))),
        axis=axis_of(everything.everything, now=work.now, zone=work.zone),
        tabs=_tabs(counts_of(work, who.id), show),
        sentence=_sentence(everything),
        show=show,
        topics=topics_of(who),
        said=said_words().get(said, ""),
        above=above,
    )


@router.get("/arrivals", dependencies=[page(Permission.WORK_READ, place=Scope.FILTERED)])
async def arrivals(request: Request, *, who: Who, runs: Runs, part: str = "") -> HTMLResponse:
    """Who is here and how long they wait, and who is on the way."""
    async with runs.reading() as read:
        work = await all_work(read, who)
        shell = await frame(request, who, read, counts=nav_counts(work), zone=work.zone)
    around = arrivals_of(work)
    return render(
        request,
        "store/_arrivals.html" if part == "list" else "store/arrivals.html",
        shell=shell,
        around=around,
        sentence=arrivals_sentence(around),
        topics=topics_of(who),
    )


def said_words() -> dict[str, str]:
    """What was just done, said on the next page."""
    return {
        "ready": _("It is ready. The customer hears it now."),
        "refused": _("Refused. The customer is asked what to do instead."),
        "refused-sent": _("Refused. Another place sends it, if one has it."),
        "done": _("Done. Thank you."),
    }


async def all_work(read: Read, who: Actor) -> MyWork:
    """Everything this person's places and duties wait for."""
    return await my_work(read, places=places_of(who), roles=duties_of(who), me=who.id)


def nav_counts(work: MyWork) -> dict[str, int]:
    """The numbers in the navigation: who waits here, what is new."""
    arrived = sum(row.customer_side == "arrived" for row in work.works)
    return {"/arrivals": arrived, "/work": sum(row.state == "offered" for row in work.works)}


def _acts(who: Actor) -> Callable[[LocationId], bool]:
    return lambda place: who.may(Permission.WORK_DO, at=place)


def _tabs(counts: dict[str, int], show: str) -> list[Tab]:
    words = {"all": _("All"), "pick": _("Pick"), "here": _("Here"), "mine": _("Mine")}
    return [
        Tab(label=word, href=f"/work?show={key}", count=counts[key], here="page" if key == show else "")
        for key, word in words.items()
    ]


def _sentence(lanes: Lanes) -> str:
    late = sum(card.clock is not None and card.clock.mean.rank == 2 for card in lanes.coming)
    here = len(lanes.here)
    parts = []
    if here:
        parts.append(
            _("1 person is waiting in the store.")
            if here == 1
            else _("%(n)s people are waiting in the store.", n=here)
        )
    if late:
        parts.append(_("1 promise is late.") if late == 1 else _("%(n)s promises are late.", n=late))
    return " ".join(parts) or _("Nobody is waiting in the store, and nothing is late.")


for part_of_it in (
    steps.router,
    deeds.router,
    counter_deeds.router,
    task_page.router,
    count.router,
    count_deeds.router,
    pocket.router,
):
    router.include_router(part_of_it)
