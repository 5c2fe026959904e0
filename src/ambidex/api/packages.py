"""Packages: packed, labelled, scanned out, followed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from ambidex.api.edge import Asks, Out, Runs, Scope, Who, operation
from ambidex.api.package_shapes import (
    DispatchIn,
    LabelIn,
    PackageShape,
    PackagesOut,
    PackIn,
    ParcelIn,
    package_shape,
)
from ambidex.api.shapes import Listed
from ambidex.domains import fulfillment, locations
from ambidex.domains.fulfillment import Work
from ambidex.domains.shipping import PackageState
from ambidex.flows.dispatch import dispatch_work
from ambidex.flows.label import print_labels
from ambidex.flows.pack import Packed, pack, unpack
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import child_id
from ambidex.kernel.page import PAGE_MAX
from ambidex.reads import packages as views
from ambidex.runtime.db import Read, Tx

router = APIRouter(tags=["packages"])
WORK = "/fulfillment-orders/{work_id}"
WORKING = [operation(Permission.WORK_DO, place=Scope.OWN_PLACE)]
READING = [operation(Permission.WORK_READ, place=Scope.FILTERED)]


@router.get("/packages", dependencies=READING)
async def list_packages(
    who: Who,
    runs: Runs,
    *,
    location: str | None = None,
    state: Annotated[list[PackageState] | None, Query()] = None,
    tracking_number: Annotated[str | None, Query(max_length=100)] = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> Listed[PackageShape]:
    """Packages of places, oldest first; without a state those that have not arrived."""
    async with runs.reading() as read:
        place = None if location is None else await locations.by_code(read, location)
        page = await views.page(
            read,
            who,
            location=place,
            states=state or (),
            tracking=tracking_number,
            after=after,
            limit=limit,
        )
        return Listed(items=[package_shape(view) for view in page.items], next=page.next)


@router.get("/packages/{package_id}", dependencies=READING)
async def see_package(package_id: str, who: Who, runs: Runs) -> PackageShape:
    """One package with its contents and everything its carrier told."""
    async with runs.reading() as read:
        return package_shape(await views.one(read, who, package_id))


@router.get("/packages/{package_id}/label", dependencies=READING, response_class=Response)
async def see_label(package_id: str, who: Who, runs: Runs) -> Response:
    """The label itself, to print."""
    async with runs.reading() as read:
        document, media_type = await views.label_document(read, who, package_id)
    return Response(document, media_type=media_type)


@router.post(f"{WORK}/pack", dependencies=WORKING, response_model=PackagesOut)
async def pack_units(work_id: str, body: PackIn, asks: Asks) -> Response:
    """Close packages; once every wanted unit lies in one, the work is packed."""
    return await asks.answer(_packed, pack, work_id=work_id, boxes=[one.box() for one in body.packages])


@router.post(f"{WORK}/unpack", dependencies=WORKING, response_model=PackagesOut)
async def open_package(work_id: str, body: ParcelIn, asks: Asks) -> Response:
    """Open a package that has not left; its label is given back."""
    return await asks.answer(_packed, _unpack, work_id=work_id, body=body)


@router.post(f"{WORK}/label", dependencies=WORKING)
async def print_them(
    work_id: str, who: Who, runs: Runs, out: Out, body: LabelIn | None = None
) -> PackagesOut:
    """A label for each package that has none. Asked again it makes no second one."""
    said = body or LabelIn()
    await print_labels(runs, out, who, work_id=work_id, carrier=said.carrier, service=said.service)
    async with runs.reading() as read:
        return await packages_out(read, await fulfillment.work_from_id(read, work_id))


@router.post(f"{WORK}/dispatch", dependencies=WORKING, response_model=PackagesOut)
async def scan_out(work_id: str, body: DispatchIn, asks: Asks) -> Response:
    """Labels scanned out to the carrier; the last one sends the work on its way."""
    proofs = [one.proof() for one in body.evidence]
    return await asks.answer(_of_work, dispatch_work, work_id=work_id, proofs=proofs)


async def _unpack(tx: Tx, *, work_id: str, body: ParcelIn) -> Packed:
    package_id = await named(tx, work_id, body.package, permission=Permission.WORK_DO)
    return await unpack(tx, package_id=package_id, reason=body.reason)


async def named(tx: Tx, work_id: str, package_no: int, *, permission: Permission) -> str:
    """The outside id of a package; who may is asked before what there is."""
    work = await fulfillment.work_from_id(tx, work_id)
    tx.actor.must(permission, at=work.location_id)
    return child_id(work.order_id, package_no)


async def _packed(tx: Tx, packed: Packed) -> PackagesOut:
    return await packages_out(tx, packed.work)


async def _of_work(tx: Tx, work: Work) -> PackagesOut:
    return await packages_out(tx, work)


async def packages_out(read: Read, work: Work) -> PackagesOut:
    found = await views.of_work(read, work.order_id, work.work_no)
    return PackagesOut(
        fulfillment_order=work.id,
        state=work.state.value,
        packages=[package_shape(view) for view in found],
    )
