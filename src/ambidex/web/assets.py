"""Our own static files: addressed with a hash of their content, so that browsers may keep them for a year.

All style sheets are served as one, in the order of STYLES; a file per part stays readable in the repository.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI
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
    "letter",
    "desk",
    "pulse",
    "receipt",
    "board",
    "stock",
    "promise",
    "routing",
    "count",
    "gallery",
    "utilities",
    "print",
)
BUNDLE = "style.css"
VERSIONED = re.compile(r"^v-[0-9a-f]+/")
A_YEAR = "public, max-age=31536000, immutable"


@lru_cache
def stylesheet() -> bytes:
    """All style sheets as one."""
    return b"\n".join((FOLDER / "css" / f"{name}.css").read_bytes() for name in STYLES)


@lru_cache
def version() -> str:
    """A hash of everything we serve. It stands in the path, so that modules and fonts carry it along."""
    content = hashlib.sha256()
    for file in sorted(each for each in FOLDER.rglob("*") if each.is_file()):
        content.update(file.relative_to(FOLDER).as_posix().encode() + file.read_bytes())
    return content.hexdigest()[:12]


def url(path: str) -> str:
    """The address of a static file; it changes when anything we serve changes."""
    assert path == BUNDLE or (FOLDER / path).is_file(), f"no static file {path}"
    return f"/static/v-{version()}/{path}"


class LongLived(StaticFiles):
    """Static files that browsers keep when asked for by version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        asked = VERSIONED.sub("", path)
        response = _style() if asked == BUNDLE else await super().get_response(asked, scope)
        response.headers["Cache-Control"] = A_YEAR if path == f"v-{version()}/{asked}" else "no-cache"
        return response


def mount(app: FastAPI) -> None:
    """Serve /static."""
    app.mount("/static", LongLived(directory=FOLDER), name="static")


def _style() -> Response:
    return Response(stylesheet(), media_type="text/css")
