"""Is it alive, is it ready, how is it doing."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Response

from ambidex.api.edge import Runs, public
from ambidex.runtime import live, telemetry

READY_WITHIN_SECONDS = 2
router = APIRouter(tags=["health"], dependencies=[public("probes carry no token and see no facts")])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """This program answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(runs: Runs) -> dict[str, str | int]:
    """The database answers too; 503 while it does not."""
    async with asyncio.timeout(READY_WITHIN_SECONDS), runs.reading() as read:
        return {"status": "ok", "position": await live.head(read)}


@router.get("/metrics", include_in_schema=False)
async def metrics() -> Response:
    """Figures for Prometheus."""
    return Response(telemetry.figures(), media_type="text/plain; version=0.0.4; charset=utf-8")
