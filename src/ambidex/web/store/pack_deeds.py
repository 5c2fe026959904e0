"""What is done at the packing table: a unit scanned into the box, the box closed and weighed, its label, a box opened."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ambidex.domains import fulfillment
from ambidex.domains.shipping import Box
from ambidex.flows.label import print_labels
from ambidex.flows.pack import pack, unpack
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.problem import BadInput, NotFound, Problem
from ambidex.reads.packing import find_to_pack, packing
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Out, Runs, Who, page
from ambidex.web.rendering import is_fragment
from ambidex.web.store.answers import ALREADY, see, signal
from ambidex.web.store.goods_steps import Form, number_in
from ambidex.web.store.pack_page import Asked, show_list, show_work
from ambidex.web.store.pack_view import put_inside, read_inside, write_inside
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
DOES = page(Permission.WORK_DO, place=Scope.OWN_PLACE)


class NothingByThatName(NotFound):
    """No order to be sent from here answers to this code."""

    code = "nothing-to-pack-by-that-code"
    advice = "Scan the label of the tote, or type the order's number."


@router.post("/pack", dependencies=[DOES])
async def find(request: Request, *, who: Who, runs: Runs) -> Response:
    """A tote or an order was scanned."""
    form = await _form(request)
    code = form.get("code", "")
    async with runs.reading() as read:
        found = await find_to_pack(read, who.at, code) if who.at else None
    if found is None:
        asked = Asked(request=request, who=who, run=runs, form=form, problem=NothingByThatName(code))
        return await show_list(asked)
    return see(f"/pack/{found}")


@router.post("/pack/{work_id}/scan", dependencies=[DOES])
async def scan(work_id: str, request: Request, *, who: Who, runs: Runs) -> Response:
    """A unit goes into the open box; what is inside travels with the page until the box is closed."""
    form = await _form(request)
    inside, part = read_inside(form.get("inside", "")), "box" if is_fragment(request) else ""
    await _must_work(runs, who, work_id)
    try:
        async with runs.reading() as read:
            after = put_inside(await packing(read, work_id), inside, form.get("code", "").strip())
    except Problem as refused:
        return await _refused(
            work_id, Asked(request=request, who=who, run=runs, form=form, part=part, inside=inside), refused
        )
    if not part:
        return see(f"/pack/{work_id}?inside={write_inside(after).replace(' ', '+')}")
    right = signal("right", _("In the box."))
    asked = Asked(request=request, who=who, run=runs, part=part, inside=after, headers=right)
    return await show_work(work_id, asked)


@router.post("/pack/{work_id}/close", dependencies=[DOES])
async def close(work_id: str, request: Request, *, who: Who, runs: Runs, outside: Out) -> Response:
    """The box is closed, weighed and labelled; nothing scanned means all that is left."""
    form = await _form(request)
    inside = read_inside(form.get("inside", ""))
    await _must_work(runs, who, work_id)
    asked = Asked(request=request, who=who, run=runs, form=form, inside=inside)
    try:
        grams = number_in(form, "grams")
        box = Box(inside, grams, Proof(EvidenceKind.WEIGHT, reason=f"{grams} g", key=form.get("key", "")))
        await runs.perform(who, pack, work_id=work_id, boxes=[box])
    except Problem as refused:
        return await _refused(work_id, asked, refused)
    try:
        await print_labels(runs, outside, who, work_id=work_id)
    except Problem as refused:
        closed = Asked(request=request, who=who, run=runs)
        return await _refused(work_id, closed, refused)
    return see(f"/pack/{work_id}")


@router.post("/pack/{work_id}/labels", dependencies=[DOES])
async def labels(work_id: str, request: Request, *, who: Who, runs: Runs, outside: Out) -> Response:
    """Ask the carrier once more for the labels that are missing."""
    try:
        await print_labels(runs, outside, who, work_id=work_id)
    except Problem as refused:
        return await _refused(work_id, Asked(request=request, who=who, run=runs), refused)
    return see(f"/pack/{work_id}")


@router.post("/pack/{work_id}/open", dependencies=[DOES])
async def open_again(work_id: str, request: Request, *, who: Who, runs: Runs) -> Response:
    """A box is opened again: its units are in hand, its label is given back."""
    form = await _form(request)
    await _must_work(runs, who, work_id)
    try:
        if not form.get("package"):
            raise BadInput(errors=[{"field": "package", "expected": "one of the packages"}])
        reason = form.get("reason", "") or "packed anew"
        await runs.perform(who, unpack, package_id=form["package"], reason=reason)
    except Problem as refused:
        return await _refused(work_id, Asked(request=request, who=who, run=runs), refused)
    return see(f"/pack/{work_id}")


async def _must_work(run: Run, who: Actor, work_id: str) -> None:
    """Whoever packs works at the place; asked before what there is."""
    async with run.reading() as read:
        work = await fulfillment.work_from_id(read, work_id)
    who.must(Permission.WORK_DO, at=work.location_id)


async def _refused(work_id: str, asked: Asked, refused: Problem) -> Response:
    if refused.status == 404:
        raise refused
    outcome = "already" if refused.code in ALREADY else "wrong"
    again = Asked(
        request=asked.request, who=asked.who, run=asked.run, form=asked.form, part=asked.part,
        inside=asked.inside, problem=refused, headers=signal(outcome, refused.title),
    )  # fmt: skip
    return await show_work(work_id, again)


async def _form(request: Request) -> Form:
    return {name: str(value) for name, value in (await request.form()).items()}
