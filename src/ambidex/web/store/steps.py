"""The steps of one work as pages: offer, pick, stage, hand over. The state decides which one is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ambidex.domains import fulfillment
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import new_id
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass, field, replace
from ambidex.reads.picking import Picking, picking
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Told, Who, frame, page
from ambidex.web.parts.views import Option
from ambidex.web.rendering import is_fragment, render
from ambidex.web.shell.view import Task
from ambidex.web.store import counter, ship_cards, walk, words
from ambidex.web.trouble import trouble_of
from ambidex.web.words import translate as _

router = APIRouter()
READS = page(Permission.WORK_READ, place=Scope.ANYWHERE)
STEP_OF = {
    "accepted": "pick",
    "picking": "pick",
    "picked": "stage",
    "staged": "stage",
    "ready": "hand-over",
    "handed_over": "hand-over",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the "cannot find" sheet says about the open line."""

    title: str
    reasons: tuple[Option, ...]
    ways: tuple[Option, ...]
    told: str
    fields: tuple[tuple[str, str], ...]
    shown: str = ""
    hears: str = ""
    deed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the page of one work is to show besides the work itself."""

    request: Request
    who: Actor
    run: Run
    problem: Problem | None = None
    part: str = ""
    code: str = ""
    status: int = 200
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def lacks_reason(self) -> bool:
        """Whether only the reason of a typed code is missing: said at its field, with the code kept."""
        return self.problem is not None and self.problem.code == "typed-needs-reason"

    def with_trouble(self, problem: Problem, headers: Mapping[str, str]) -> Step:
        """The same page, saying what was refused where the finger is."""
        return replace(self, problem=problem, status=problem.status, headers=headers)


@router.get("/work/{work_id}", dependencies=[READS])
async def work_itself(work_id: str, request: Request, *, who: Who, runs: Runs) -> Response:
    """The step this work is at; what is sent is packed on a page of its own."""
    async with runs.reading() as read:
        at = await fulfillment.work_from_id(read, work_id)
    if ship_cards.is_packed_there(at):
        return RedirectResponse(f"/pack/{work_id}", status_code=303)
    return await show(work_id, Step(request=request, who=who, run=runs))


@router.get("/work/{work_id}/pick", dependencies=[READS])
async def pick(work_id: str, request: Request, *, who: Who, runs: Runs, part: str = "") -> Response:
    """The walk."""
    return await _step("pick", work_id, Step(request=request, who=who, run=runs, part=part))


@router.get("/work/{work_id}/stage", dependencies=[READS])
async def stage(work_id: str, request: Request, *, who: Who, runs: Runs) -> Response:
    """The shelf, then ready."""
    return await _step("stage", work_id, Step(request=request, who=who, run=runs))


@router.get("/work/{work_id}/hand-over", dependencies=[READS])
async def hand_over(
    work_id: str, request: Request, *, who: Who, runs: Runs, told: Told, code: str = ""
) -> Response:
    """The counter. A code that does not open this work is said so, where it would be entered."""
    step = Step(request=request, who=who, run=runs, code=code)
    if code:
        refused = await check_code(runs, fulfillment.PickupCodes(told.secret_key), work_id=work_id, code=code)
        step = Step(
            request=request, who=who, run=runs, problem=refused, code="" if refused is not None else code
        )
    return await _step("hand-over", work_id, step)


async def check_code(run: Run, codes: fulfillment.PickupCodes, *, work_id: str, code: str) -> Problem | None:
    """Why this code does not open this work; None when it does."""
    try:
        async with run.reading() as read:
            await codes.find(read, code, work=await fulfillment.work_from_id(read, work_id))
    except Problem as refused:
        return refused
    return None


async def show(work_id: str, step: Step) -> HTMLResponse:
    """The page, or its fragment, of the step this work is at."""
    async with step.run.reading() as read:
        work = await picking(read, work_id)
        shell = await frame(step.request, step.who, read, task=_task(work))
    template, context = _view(work, step)
    answer = render(
        step.request,
        template,
        status=step.status,
        shell=shell,
        csrf=shell.csrf,
        trouble=None if step.lacks_reason else trouble_of(step.problem),
        typed_code=step.form.get("code", "") if step.lacks_reason else "",
        typed_error=step.problem.advice if step.problem is not None and step.lacks_reason else "",
        work_id=work.id,
        order_id=work.work.order_id,
        number=work.work.number,
        customer=work.work.contact_name or work.work.number,
        key=str(new_id(read.now)),
        sent=ship_cards.is_sent(work.work),
        **context,
    )
    answer.headers.update(step.headers)
    return answer


async def _step(name: str, work_id: str, step: Step) -> Response:
    async with step.run.reading() as read:
        at = await fulfillment.work_from_id(read, work_id)
    asked = "" if ship_cards.is_packed_there(at) else STEP_OF.get(at.state.value, "")
    if asked == name:
        return await show(work_id, step)
    there = f"/work/{work_id}" + (f"/{asked}" if asked else "")
    if is_fragment(step.request):
        return Response(status_code=204, headers={"HX-Redirect": there})
    return RedirectResponse(there, status_code=303)


def _view(work: Picking, step: Step) -> tuple[str, dict[str, Any]]:
    match STEP_OF.get(work.work.state, ""):
        case "pick":
            return _pick_view(work, step)
        case "stage":
            return _stage_view(work, step)
        case "hand-over":
            return _counter_view(work, step)
        case _:
            return _offer_view(work, step)


def _offer_view(work: Picking, step: Step) -> tuple[str, dict[str, Any]]:
    offered = work.work.state == "offered"
    may = step.who.may(Permission.WORK_DO, at=work.work.location_id)
    return "store/offer.html", {
        "title": walk.title_of(work) if offered else _("Closed"),
        "clock": walk.clock_of(work) if offered else None,
        "rows": walk.offer_rows(work),
        "can_accept": offered and may,
        "refusals": words.refusals(),
        "parts": walk.keepable(work),
        "closed": _closed_words(work, may=may, offered=offered),
    }


def _pick_view(work: Picking, step: Step) -> tuple[str, dict[str, Any]]:
    line = walk.open_line_of(work)
    sheet = None
    if line is not None:
        left, sent = line.wanted - line.picked, ship_cards.is_sent(work.work)
        sheet = Sheet(
            title=f"{left} × {line.name}" if left > 1 else line.name,
            reasons=words.reasons(),
            ways=ship_cards.sent_ways() if sent else walk.ways_of(work, line),
            told=ship_cards.sent_told() if sent else walk.told_of(work, line),
            hears=_("It is looked for elsewhere") if sent else "",
            deed=_("Go on") if sent else "",
            fields=(
                ("line", str(line.line_no)),
                ("quantity", str(left)),
                ("key", str(new_id(work.now))),
            ),
        )
    template = "store/_pick.html" if step.part == "walk" else "store/pick.html"
    return template, {"walk": walk.walk_of(work), "title": walk.title_of(work), "sheet": sheet}


def _stage_view(work: Picking, _step: Step) -> tuple[str, dict[str, Any]]:
    is_staged = work.work.state == "staged"
    return "store/stage.html", {
        "clock": walk.clock_of(work),
        "steps": walk.stage_steps(work),
        "rows": walk.in_hand_rows(work),
        "free": walk.free_places(work),
        "evidence": walk.staged_evidence(work) if is_staged else None,
        "is_staged": is_staged,
        "consequence": _("%(name)s hears it at once and may set off.", name=walk.first_name(work)),
    }


def _counter_view(work: Picking, step: Step) -> tuple[str, dict[str, Any]]:
    if work.work.state == "handed_over":
        handed = counter.handed_of(work)
        return "store/handed_over.html", {
            "handed": handed,
            "undo_note": counter.undo_words(handed, work),
            "place": work.label_of(work.work.staging_place),
        }
    return "store/_hand_over.html" if step.part == "counter" else "store/hand_over.html", {
        "counter": counter.counter_of(work, code=step.code, form=step.form),
        "partly": counter.partly_chip(work),
        "handed": counter.handed_of(work),
        "place": work.label_of(work.work.staging_place),
        "asks_name": step.problem is not None and step.problem.code == "needs-check",
        "rest": (
            Option(value="keep", title=_("Keep it"), note=_("They come back for it"), chosen="yes"),
            Option(value="refuse", title=_("They do not want it"), note=_("Goes back on the shelf")),
        ),
    }


@dataclass(frozen=True, slots=True)
class _Closed:
    title: str
    text: str


def _closed_words(work: Picking, *, may: bool, offered: bool) -> _Closed | None:
    if offered:
        return (
            None if may else _Closed(_("Only people of %(place)s can accept it.", place=work.work.place), "")
        )
    said = {
        "refused": _("This place refused it."),
        "lapsed": _("Nobody here answered in time."),
        "taken_back": _("It was taken back from this place."),
        "short": _("Nothing of it could be found here."),
        "canceled": _("The order was canceled."),
    }
    return _Closed(said.get(work.work.state, _("Nothing is left to do.")), work.work.cause)


def _task(work: Picking) -> Task:
    titles = {
        "pick": walk.title_of(work),
        "stage": _("Bring to a shelf"),
        "hand-over": _("Handed over") if work.work.state == "handed_over" else _("Hand over"),
    }
    name = titles.get(
        STEP_OF.get(work.work.state, ""), _("New work") if work.work.state == "offered" else _("Closed")
    )
    return Task(
        title=name,
        back="/work",
        back_label=_("Back to my work"),
        sub=f"{work.work.number} · {work.work.contact_name}",
        ask=f"/orders/{work.work.order_id}",
    )
