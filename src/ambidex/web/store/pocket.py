"""The pocket: the frame that works without a network, the work it holds, and the program that keeps both on the device."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from ambidex.domains import locations
from ambidex.domains.fulfillment import PickupCodes
from ambidex.domains.locations import Location
from ambidex.kernel.actor import Actor, Permission
from ambidex.reads.pocket import Loaded, load, outside_id
from ambidex.runtime.access import Scope
from ambidex.runtime.db import Row
from ambidex.web import assets
from ambidex.web.edge import Runs, Session, Told, Who, frame, open_page, page
from ambidex.web.rendering import HEADERS, render
from ambidex.web.store.counter import checks
from ambidex.web.store.words import reasons, refusals

router = APIRouter(include_in_schema=False)
WORKS = page(Permission.WORK_READ, place=Scope.FILTERED)
PROGRAM = "js/sw.js"
SHELL_FILES = ("icons.svg", "mark.svg", "vendor/htmx.min.js", "fonts/inter-latin-wght-normal.woff2")


@router.get("/pocket", dependencies=[WORKS])
async def pocket(request: Request, *, who: Who, runs: Runs) -> HTMLResponse:
    """The frame; what it shows comes from the device."""
    async with runs.reading() as read:
        shell = await frame(request, who, read)
    return render(
        request,
        "store/pocket.html",
        shell=shell,
        csrf=shell.csrf,
        barcodes="",
        checks=checks({}),
        refusals=refusals(),
        reasons=reasons(),
    )


@router.get("/pocket/work", dependencies=[WORKS])
async def work(*, who: Who, runs: Runs, told: Told, session: Session) -> Response:
    """What this person's place has to do, for the device to keep. 204: this person works at no place."""
    async with runs.reading() as read:
        if who.at is None or not who.may(Permission.STOCK_COUNT, at=who.at):
            return Response(status_code=204)
        place = await locations.by_id(read, who.at)
        loaded = await load(read, place)
    codes = PickupCodes(told.secret_key)
    works = await asyncio.to_thread(_works, loaded, codes)
    answer = _snapshot(loaded, who, place) | {"works": works, "csrf": session.csrf}
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


@router.get("/sw.js", dependencies=[open_page("a program without facts, run by the browser")])
async def program() -> Response:
    """The service worker; at the root, because it may look after what lies below its own address only."""
    headers = {**HEADERS, "Cache-Control": "no-cache"}
    return Response(_program(), media_type="text/javascript", headers=headers)


@lru_cache
def _program() -> bytes:
    """Its imports carry the version of everything we serve, so a new version is another program."""
    folder = assets.url(PROGRAM).removesuffix("sw.js")
    return (assets.FOLDER / PROGRAM).read_text().replace('from "./', f'from "{folder}').encode()


@lru_cache
def _files() -> tuple[str, ...]:
    """Everything a page of the store is made of."""
    scripts = sorted(file.name for file in (assets.FOLDER / "js").glob("*.js") if file.name != "sw.js")
    names = (assets.BUNDLE, *SHELL_FILES, *(f"js/{name}" for name in scripts))
    return tuple(assets.url(name) for name in names)


def _snapshot(loaded: Loaded, who: Actor, place: Location) -> dict[str, Any]:
    return {
        "person": {"id": who.id, "name": who.name},
        "place": {"code": place.code, "name": place.name},
        "taken_at": loaded.at.isoformat(),
        "version": f"v-{assets.version()}",
        "files": list(_files()),
        "staging": [{"code": row.code, "label": row.label or row.code} for row in loaded.staging],
        "items": [_item(row) for row in loaded.items],
        "counts": list(_counts(loaded, who)),
    }


def _counts(loaded: Loaded, who: Actor) -> Iterator[dict[str, Any]]:
    for one in loaded.counts:
        if who.id not in (one.row.counters or ()):
            kind = one.row.kind or "next_best"
            yield {"sku": one.row.sku, "title": _title(one.row), "spot": one.row.spot, "kind": kind}


def _item(row: Row[Any]) -> dict[str, Any]:
    return {"sku": row.sku, "title": _title(row), "spot": row.spot, "barcodes": row.barcodes or []}


def _title(row: Row[Any]) -> str:
    return f"{row.name} {row.variant}".strip()


def _works(loaded: Loaded, codes: PickupCodes) -> list[dict[str, Any]]:
    """Each with what checks its code; making a verifier takes some milliseconds, so this runs in a thread."""
    return [_work(loaded, work, codes) for work in loaded.works]


def _work(loaded: Loaded, work: Row[Any], codes: PickupCodes) -> dict[str, Any]:
    work_id = outside_id(work)
    return {
        "id": work_id,
        "number": work.number,
        "customer": work.contact_name or work.number,
        "state": work.state,
        "method": work.method,
        "place": work.staging_place,
        "paid": work.paid,
        "code_no": work.code_no,
        "verifier": codes.verifier(work_id, work.code_no) if work.code_no else "",
        "lines": [
            {
                "line_no": line.line_no,
                "name": line.name,
                "variant": line.variant,
                "spot": line.spot,
                "barcodes": [line.sku, *(line.barcodes or ())],
                "wanted": line.wanted,
                "picked": line.picked,
                "left": line.wanted - line.handed_over,
            }
            for line in loaded.lines_of(work)
        ],
    }
