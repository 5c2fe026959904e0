"""Our own static files: named with a hash of their content, so that browsers may keep them for a year.

All style sheets are served as one, in the order of STYLES; a file per part stays readable in the repository.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"
STYLES = (
    "tokens",
    "base",
    "shell",
    "buttons",
    "search",
    "status",
    "clock",
    "card",
    "picture",
    "person",
    "hands",
    "form",
    "floating",
    "state",
    "figures",
    "charts",
    "place",
    "code",
    "talk",
    "store",
    "order",
    "customer",
    "desk",
    "pulse",
    "receipt",
    "board",
    "gallery",
    "utilities",
    "print",
)
BUNDLE = "style.css"
A_YEAR = "public, max-age=31536000, immutable"


@lru_cache
def stylesheet() -> bytes:
    """All style sheets as one."""
    return b"\n".join((FOLDER / "css" / f"{name}.css").read_bytes() for name in STYLES)


@lru_cache
def url(path: str) -> str:
    """The address of a static file, with the hash of its content."""
    content = stylesheet() if path == BUNDLE else (FOLDER / path).read_bytes()
    return f"/static/{path}?v={hashlib.sha256(content).hexdigest()[:12]}"


class LongLived(StaticFiles):
    """Static files that browsers keep when asked for by their hash."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        hashed = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = A_YEAR if hashed else "no-cache"
        return response


def mount(app: FastAPI) -> None:
    """Serve /static, the joined style sheet first."""

    @app.get(f"/static/{BUNDLE}", include_in_schema=False)
    async def style(request: Request) -> Response:
        hashed = "v" in request.query_params
        return Response(
            stylesheet(),
            media_type="text/css",
            headers={"Cache-Control": A_YEAR if hashed else "no-cache"},
        )

    app.mount("/static", LongLived(directory=FOLDER), name="static")
