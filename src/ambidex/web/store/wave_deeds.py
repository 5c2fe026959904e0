"""What is done to waves from their pages: planned, released, scanned into totes, not found, called off."""

from __future__ import annotations

import re
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ambidex.domains.waves import Limits, WaveId, WaveState
from ambidex.flows.walk_wave import (
    Takes,
    cancel_wave,
    name_tote,
    pick_in_wave,
    plan_waves,
    release_wave,
    short_in_wave,
)
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.runtime.access import Scope
from ambidex.web.edge import Runs, Who, page
from ambidex.web.rendering import is_fragment
from ambidex.web.store.answers import ALREADY, see, signal
from ambidex.web.store.goods_steps import Form, number_in
from ambidex.web.store.scanned import scanned_in
from ambidex.web.store.wave_page import Asked, show_wave, show_waves
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
DOES = page(Permission.WORK_DO, place=Scope.OWN_PLACE)
USUAL = Limits()
TOTE = re.compile(r"TOTE\W?.+", re.IGNORECASE)


@router.post("/waves", dependencies=[DOES])
async def plan(request: Request, *, who: Who, runs: Runs) -> Response:
    """Put what waits together for walks."""
    form = await _form(request)
    try:
        if who.at is None:
            raise BadInput(errors=[{"field": "location", "expected": "a place you work at"}])
        kilos = number_in(form, "kilos", default=0)
        limits = Limits(
            number_in(form, "orders", default=USUAL.orders),
            number_in(form, "units", default=USUAL.units),
            kilos * 1000 or None,
        )
        takes = Takes.OFFERED_TOO if form.get("offered") else Takes.ACCEPTED
        made = await runs.perform(who, plan_waves, location_id=who.at, limits=limits, takes=takes)
    except Problem as refused:
        return await show_waves(Asked(request=request, who=who, run=runs, problem=refused, form=form))
    return see(f"/waves/{made[0].wave_id}" if len(made) == 1 else "/waves")


@router.post("/waves/{wave_id}/release", dependencies=[DOES])
async def release(wave_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """The walk may begin."""
    asked = Asked(request=request, who=who, run=runs)
    try:
        await runs.perform(who, release_wave, wave_id=WaveId(wave_id))
    except Problem as refused:
        return await _refused(wave_id, asked, refused)
    return see(f"/waves/{wave_id}")


@router.post("/waves/{wave_id}/cancel", dependencies=[DOES])
async def call_off(wave_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """Its works are picked one by one."""
    try:
        await runs.perform(who, cancel_wave, wave_id=WaveId(wave_id))
    except Problem as refused:
        return await _refused(wave_id, Asked(request=request, who=who, run=runs), refused)
    return see("/waves")


@router.post("/waves/{wave_id}/pick", dependencies=[DOES])
async def scan(wave_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """A unit into its tote; or the label of the tote that the unit before went into."""
    form = await _form(request)
    part = "walk" if is_fragment(request) else ""
    asked = Asked(request=request, who=who, run=runs, form=form, part=part)
    try:
        tote_no, say, is_over = await _scanned(wave_id, asked)
    except Problem as refused:
        return await _refused(wave_id, asked, refused)
    if not part:
        return see(f"/waves/{wave_id}?tote={tote_no}")
    if is_over:
        return Response(status_code=204, headers={"HX-Redirect": f"/waves/{wave_id}?tote={tote_no}"})
    right = Asked(
        request=request, who=who, run=runs, part=part, tote_no=tote_no, headers=signal("right", say)
    )
    return await show_wave(wave_id, right)


async def _scanned(wave_id: UUID, asked: Asked) -> tuple[int, str, bool]:
    form, wave, who = asked.form, WaveId(wave_id), asked.who
    code, last = form.get("code", "").strip(), number_in(form, "last", default=0)
    if last and TOTE.fullmatch(code):
        await asked.run.perform(who, name_tote, wave_id=wave, tote_no=last, label=code)
        return last, _("Tote %(n)s is %(label)s now.", n=last, label=code.upper()), False
    landed = await asked.run.perform(who, pick_in_wave, wave_id=wave, proof=scanned_in(form).proof)
    return landed.tote_no, _("Tote %(n)s.", n=landed.tote_no), landed.wave.state is WaveState.DONE


@router.post("/waves/{wave_id}/short", dependencies=[DOES])
async def cannot_find(wave_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """Not there: as few orders as possible go without."""
    form = await _form(request)
    if form.get("then") == "look":
        return see(f"/waves/{wave_id}")
    try:
        await runs.perform(
            who,
            short_in_wave,
            wave_id=WaveId(wave_id),
            sku=form.get("item", ""),
            quantity=number_in(form, "quantity"),
            reason=form.get("reason", ""),
            key=form.get("key", ""),
        )
    except Problem as refused:
        return await _refused(wave_id, Asked(request=request, who=who, run=runs), refused)
    return see(f"/waves/{wave_id}")


async def _refused(wave_id: UUID, asked: Asked, refused: Problem) -> Response:
    if refused.status == 404:
        raise refused
    outcome = "already" if refused.code in ALREADY else "wrong"
    again = Asked(
        request=asked.request, who=asked.who, run=asked.run, form=asked.form, part=asked.part,
        problem=refused, headers=signal(outcome, refused.title),
    )  # fmt: skip
    return await show_wave(wave_id, again)


async def _form(request: Request) -> Form:
    return {name: str(value) for name, value in (await request.form()).items()}
