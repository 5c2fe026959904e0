"""/scan: a code from anywhere. To scripts an answer with its sound; without script a page and a way on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from ambidex.kernel.actor import Permission
from ambidex.web.edge import Runs, Told, Who, frame, page
from ambidex.web.parts.views import Trouble
from ambidex.web.rendering import render
from ambidex.web.scan.meaning import Meaning, Scan, meaning_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False, dependencies=[page(Permission.WORK_READ)])
CODE_LENGTH_MAX = 400


@router.get("/scan")
async def scan_page(request: Request, *, who: Who, runs: Runs) -> HTMLResponse:
    """A field for any code."""
    return await _page(request, who, runs, None)


@router.post("/scan")
async def scanned(
    request: Request, *, who: Who, runs: Runs, told: Told, code: Annotated[str, Form()] = ""
) -> Response:
    """What the code means here."""
    async with runs.reading() as read:
        found = await meaning_of(read, Scan(code.strip()[:CODE_LENGTH_MAX], who, told.secret_key))
    if "application/json" in request.headers.get("accept", ""):
        answer = {"outcome": found.outcome, "say": found.say}
        go = {"go": found.go} if found.go and found.outcome == "right" else {}
        return JSONResponse({**answer, **go})
    if found.go and found.outcome == "right":
        return RedirectResponse(found.go, status_code=303)
    return await _page(request, who, runs, found)


async def _page(request: Request, who: Who, runs: Runs, found: Meaning | None) -> HTMLResponse:
    async with runs.reading() as read:
        shell = await frame(request, who, read)
    trouble = None
    if found is not None and found.outcome != "right":
        advice = _("Scan it once more, or type a name or number into the search.")
        trouble = Trouble(title=found.say, advice=advice)
    return render(request, "scan/scan.html", shell=shell, trouble=trouble, found=found)
