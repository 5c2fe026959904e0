"""/: each role begins where its work is."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from ambidex.kernel.actor import Permission
from ambidex.web.edge import Who, page

router = APIRouter(include_in_schema=False)
FIRST = {
    "associate": "/work",
    "picker": "/work",
    "lead": "/work",
    "supervisor": "/work",
    "partner": "/work",
    "district": "/board",
    "experience": "/work",
    "admin": "/board",
}


@router.get("/", dependencies=[page(Permission.WORK_READ)])
async def first_page(who: Who) -> RedirectResponse:
    """Where this person's work is; who only asks begins by finding."""
    return RedirectResponse(FIRST.get(who.role, "/find"), status_code=303)
