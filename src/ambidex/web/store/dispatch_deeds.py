"""What is done at the door: a package's label scanned onto its carrier's manifest, and the manifest closed."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ambidex.domains import shipping
from ambidex.domains.shipping import PackageState
from ambidex.flows.dispatch import close_manifest, dispatch
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.kernel.values import replace
from ambidex.runtime.access import Scope
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, page
from ambidex.web.rendering import is_fragment
from ambidex.web.store.answers import ALREADY, see, signal
from ambidex.web.store.dispatch_page import Asked, show_dispatch
from ambidex.web.store.scanned import scanned_in
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
DOES = page(Permission.WORK_DO, place=Scope.OWN_PLACE)


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
        return await show_dispatch(replace(asked, problem=refused, headers=signal(outcome, refused.title)))
    if not asked.part:
        return see("/dispatch")
    told = signal("already", _("Scanned before.")) if was_out else signal("right", say)
    return await show_dispatch(replace(asked, form={}, headers=told))


async def _is_out(run: Run, code: str) -> bool:
    async with run.reading() as read:
        package = await shipping.find.package(read, *await shipping.find.whose(read, code))
    return package.state is not PackageState.PACKED


async def _scan(asked: Asked) -> str:
    if asked.who.at is None:
        raise BadInput(errors=[{"field": "location", "expected": "a place you work at"}])
    proof = scanned_in(asked.form).proof
    done = await asked.run.perform(asked.who, dispatch, location_id=asked.who.at, proof=proof)
    return _("Package %(n)s goes with %(carrier)s.", n=done.package.package_no, carrier=done.package.carrier)


@router.post("/manifests/{manifest_id}/close", dependencies=[DOES])
async def close(manifest_id: UUID, request: Request, *, who: Who, runs: Runs) -> Response:
    """The carrier took what was scanned."""
    try:
        await runs.perform(who, close_manifest, manifest_id=manifest_id)
    except Problem as refused:
        return await show_dispatch(Asked(request=request, who=who, run=runs, problem=refused))
    return see("/dispatch")
