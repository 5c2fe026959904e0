"""Manifests: what one carrier takes from one place in one go."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Scope, Who, operation
from ambidex.api.shapes import Listed
from ambidex.domains import locations
from ambidex.flows.dispatch import close_manifest
from ambidex.kernel.actor import Permission
from ambidex.reads.fulfillment_orders import visible_places
from ambidex.reads.packages import must_see
from ambidex.reads.packing import manifest_row, manifests
from ambidex.runtime.db import Row, Tx

router = APIRouter(tags=["packages"])
SHOWN_FOR = timedelta(days=2)


class ManifestShape(BaseModel):
    """`closed_at` is empty while packages are still scanned onto it."""

    id: UUID
    location: str
    carrier: str
    packages: int
    opened_at: datetime
    closed_at: datetime | None


@router.get("/manifests", dependencies=[operation(Permission.WORK_READ, place=Scope.FILTERED)])
async def list_manifests(who: Who, runs: Runs, *, location: str | None = None) -> Listed[ManifestShape]:
    """Those that are open, and those closed within two days."""
    async with runs.reading() as read:
        place = None if location is None else (await locations.by_code(read, location)).location_id
        if place is not None:
            must_see(who, place)
        seen = visible_places(who) if place is None else [place]
        rows = await manifests(read, seen, since=read.now - SHOWN_FOR)
    return Listed(items=[_shape(row) for row in rows])


@router.post(
    "/manifests/{manifest_id}/close",
    dependencies=[operation(Permission.WORK_DO, place=Scope.OWN_PLACE)],
    response_model=ManifestShape,
)
async def close(manifest_id: UUID, asks: Asks) -> Response:
    """The carrier took it: the next scan begins a new one. Closed before: nothing happens."""
    return await asks.answer(_shown, close_manifest, manifest_id=manifest_id)


async def _shown(tx: Tx, manifest_id: UUID) -> ManifestShape:
    return _shape(await manifest_row(tx, manifest_id))


def _shape(row: Row[tuple[object, ...]]) -> ManifestShape:
    return ManifestShape(
        id=row.manifest_id,
        location=row.place_code,
        carrier=row.carrier,
        packages=row.packages,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )
