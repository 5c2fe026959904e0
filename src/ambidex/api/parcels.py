"""Parcels that did not arrive: what is chosen for them, and those that come back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.responses import Response

from ambidex.api.edge import Asks, Scope, operation
from ambidex.api.package_shapes import PackagesOut, ParcelIn, ScanInIn
from ambidex.api.packages import WORK, WORKING, named, packages_out
from ambidex.domains import fulfillment, locations
from ambidex.flows import delivery
from ambidex.flows.parcels import PackageOfAnotherOrder, Settled, labelled_parcel
from ambidex.flows.send_again import send_again
from ambidex.kernel.actor import Permission
from ambidex.kernel.evidence import Proof
from ambidex.runtime.db import Tx

router = APIRouter(tags=["packages"])
CHOOSING = [operation(Permission.ORDERS_CANCEL, place=Scope.OWN_PLACE)]
Choose = Callable[..., Awaitable[Settled]]


@router.post(f"{WORK}/come-back", dependencies=WORKING, response_model=PackagesOut)
async def scan_in(work_id: str, body: ScanInIn, asks: Asks) -> Response:
    """A parcel is back, at its place or at another one: its units wait there to be put away."""
    proof = body.evidence.proof()
    return await asks.answer(_settled, _come_back, work_id=work_id, proof=proof, location=body.location)


@router.post(f"{WORK}/try-again", dependencies=CHOOSING, response_model=PackagesOut)
async def try_again(work_id: str, body: ParcelIn, asks: Asks) -> Response:
    """The carrier was asked to deliver it again."""
    return await asks.answer(_settled, _choose, delivery.try_again, work_id=work_id, body=body)


@router.post(f"{WORK}/bring-back", dependencies=CHOOSING, response_model=PackagesOut)
async def bring_back(work_id: str, body: ParcelIn, asks: Asks) -> Response:
    """The carrier was asked to bring it back."""
    return await asks.answer(_settled, _choose, delivery.bring_back, work_id=work_id, body=body)


@router.post(f"{WORK}/send-again", dependencies=CHOOSING, response_model=PackagesOut)
async def send_it_again(work_id: str, body: ParcelIn, asks: Asks) -> Response:
    """Other units of the same go out from wherever they are; the customer is told and pays nothing."""
    return await asks.answer(_settled, _choose, send_again, work_id=work_id, body=body)


@router.post(f"{WORK}/lost", dependencies=CHOOSING, response_model=PackagesOut)
async def lost(work_id: str, body: ParcelIn, asks: Asks) -> Response:
    """Nobody expects it any more: written off, and paid back."""
    return await asks.answer(_settled, _choose, delivery.lost, work_id=work_id, body=body)


@router.post(f"{WORK}/pay-back", dependencies=CHOOSING, response_model=PackagesOut)
async def pay_back(work_id: str, body: ParcelIn, asks: Asks) -> Response:
    """What a parcel that did not arrive cost goes back to the customer, once."""
    return await asks.answer(_settled, _choose, delivery.pay_back, work_id=work_id, body=body)


async def _choose(tx: Tx, choice: Choose, *, work_id: str, body: ParcelIn) -> Settled:
    package_id = await named(tx, work_id, body.package, permission=Permission.ORDERS_CANCEL)
    return await choice(tx, package_id=package_id, reason=body.reason)


async def _come_back(tx: Tx, *, work_id: str, proof: Proof, location: str) -> Settled:
    work = await fulfillment.work_from_id(tx, work_id)
    at = (await locations.by_code(tx, location)).location_id if location else work.location_id
    tx.actor.must(Permission.WORK_DO, at=at)
    scanned = await labelled_parcel(tx, proof)
    if (scanned.order_id, scanned.work_no) != (work.order_id, work.work_no):
        raise PackageOfAnotherOrder(package=scanned.id)
    return await delivery.come_back(tx, location_id=at, proof=proof)


async def _settled(tx: Tx, settled: Settled) -> PackagesOut:
    return await packages_out(tx, settled.work)
