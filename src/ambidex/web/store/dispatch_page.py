"""Dispatch: each package's label is scanned onto its carrier's manifest; the carrier takes it, and the manifest is closed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from ambidex.domains import shipping
from ambidex.domains.shipping import PackageState
from ambidex.flows.dispatch import close_manifest, dispatch
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.evidence import Proof
from ambidex.kernel.ids import new_id
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads.packing import leaving
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.rendering import is_fragment, render
from ambidex.web.store import dispatch_view as view
from ambidex.web.store.answers import ALREADY, kind_of, see, signal
from ambidex.web.store.duties import places_of, topics_of
from ambidex.web.store.ship_tabs import ship_tabs
from ambidex.web.store.steps import trouble_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
READS = page(Permission.WORK_READ, place=Scope.FILTERED)
DOES = page(Permission.WORK_DO, place=Scope.OWN_PLACE)
SHOWN_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request for the page, with what was scanned and what was refused."""

    request: Request
    who: Actor
    run: Run
    problem: Problem | None = None
    form: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    part: str = ""


@router.get("/dispatch", dependencies=[READS])
async def to_leave(request: Request, *, who: Who, runs: Runs, part: str = "") -> HTMLResponse:
    """What waits for a carrier, and the manifests."""
    return await _show(Asked(request=request, who=who, run=runs, part=part))


@router.post("/dispatch", dependencies=[DOES])
async def scan(request: Request, *, who: Who, runs: Runs) -> Response:
    """The label of a package was scanned: it goes with its carrier."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    asked = Asked(request=request, who=who, run=runs, form=form, part="list" if is_fragment(request) else "")
    try:
        was_out = await _is_out(runs, form.get("code", ""))
        say = await _scan(asked)
    except Problem as refused:
        outcome = "already" if refused.code in ALREADY else "wrong"
        return await _show(replace(asked, problem=refused, headers=signal(outcome, refused.title)))
    if not asked.part:
        return see("/dispatch")
    told = signal("already", _("Scanned before.")) if was_out else signal("right", say)
    return await _show(replace(asked, form={}, headers=told))


async def _is_out(run: Run, code: str) -> bool:
    async with run.reading() as read:
        package = await shipping.find.package(read, *await shipping.find.whose(read, code))
    return package.state is not PackageState.PACKED


async def _scan(asked: Asked) -> str:
    if asked.who.at is None:
        raise BadInput(errors=[{"field": "location", "expected": "a place you work at"}])
    form = asked.form
    proof = Proof(
        kind_of(form.get("code_kind", "")), form.get("code", "").strip(), reason=form.get("typed_reason", ""),
        key=form.get("key", ""),
    )  # fmt: skip
    done = await asked.run.perform(asked.who, dispatch, location_id=asked.who.at, proof=proof)
    return _("Package %(n)s goes with %(carrier)s.", n=done.package.package_no, carrier=done.package.carrier)


@router.post("/manifests/{manifest_id}/close", dependencies=[DOES])
async def close(manifest_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """The carrier took what was scanned."""
    try:
        await runs.perform(who, close_manifest, manifest_id=manifest_id)
    except Problem as refused:
        return await _show(Asked(request=request, who=who, run=runs, problem=refused))
    return see("/dispatch")


async def _show(asked: Asked) -> HTMLResponse:
    async with asked.run.reading() as read:
        found = await leaving(read, places_of(asked.who), since=read.now - SHOWN_FOR)
        shell = await frame(asked.request, asked.who, read)
    lacks_reason = asked.problem is not None and asked.problem.code == "typed-needs-reason"
    answer = render(
        asked.request,
        "store/_dispatch.html" if asked.part == "list" else "store/dispatch.html",
        status=asked.problem.status if asked.problem else 200,
        shell=shell,
        csrf=shell.csrf,
        tabs=ship_tabs("/dispatch"),
        view=view.dispatch_of(found, asked.who),
        sentence=view.sentence_of(found),
        topics=topics_of(asked.who),
        can_scan=asked.who.at is not None and asked.who.may(Permission.WORK_DO, at=asked.who.at),
        trouble=None if lacks_reason else trouble_of(asked.problem),
        typed_code=asked.form.get("code", "") if lacks_reason else "",
        typed_error=asked.problem.advice if asked.problem is not None and lacks_reason else "",
        key=str(new_id(found.now)),
    )
    answer.headers.update(asked.headers)
    return answer
