"""Templates become pages here: one Jinja environment, autoescaped, strict about missing names.

Every macro of every part is reachable as ui.<macro> in every template, so pages import nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ambidex.web import assets, formats
from ambidex.web.codes import qr_svg
from ambidex.web.parts.meanings import Mean
from ambidex.web.shell.offline import pocket_words
from ambidex.web.shell.view import script_words
from ambidex.web.words import direction, language, speaking, translate

HERE = Path(__file__).parent
MACRO = re.compile(r"{%-?\s*macro\s+([a-z]\w*)\s*\(")

# Inline script and style are refused; wasm-unsafe-eval lets the barcode reader compile its WebAssembly.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'; "
    "object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Parts:
    """The macros of web/parts by name. A name may be used once only."""

    def __init__(self, environment: Environment, folder: Path) -> None:
        self._environment = environment
        self._homes: dict[str, str] = {}
        for file in sorted(folder.glob("*/part.html")):
            for name in MACRO.findall(file.read_text()):
                assert name not in self._homes, f"two parts are called {name}"
                self._homes[name] = f"parts/{file.parent.name}/part.html"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._homes:
            raise AttributeError(name)
        return getattr(self._environment.get_template(self._homes[name]).module, name)

    def __contains__(self, name: str) -> bool:
        return name in self._homes

    def names(self) -> list[str]:
        return sorted(self._homes)


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    made.globals.update(_=translate, static=assets.url, direction=direction, language=language, qr_svg=qr_svg)
    made.globals.update(mean_icon=mean_icon, script_words=script_words, pocket_words=pocket_words)
    for name in (
        "money",
        "local_time",
        "local_day",
        "local_full",
        "local_when",
        "local_short",
        "span",
        "in_minutes",
        "bdi",
    ):
        made.filters[name] = getattr(formats, name)
    made.filters["initials"] = formats.initials
    made.filters["tone"] = formats.tone
    made.filters["zone_city"] = formats.zone_city
    made.filters["wall_time"] = formats.wall_time
    return made


def text_of(template: str, context: Mapping[str, object]) -> str:
    """Render a template by its path under web/ to text."""
    return environment.get_template(template).render(context)


def render(request: Request, template: str, /, *, status: int = 200, **context: object) -> HTMLResponse:
    """Answer with a page (or a fragment of one) in the language of the request.

    Put the language of the person on `request.state.language` before; without it the browser is asked.
    """
    with speaking(_asked_language(request)):
        body = text_of(template, {"request": request, **context})
    return HTMLResponse(body, status_code=status, headers=dict(HEADERS))


def is_fragment(request: Request) -> bool:
    """True when htmx asks for a part of a page, not the whole of it."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"


def mean_icon(mean: str) -> str:
    """The icon a meaning always carries."""
    return Mean(mean).icon


def _asked_language(request: Request) -> str:
    chosen = getattr(request.state, "language", None)
    if isinstance(chosen, str):
        return chosen
    return request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip() or "en-US"


environment = _environment()
parts = Parts(environment, HERE / "parts")
environment.globals["ui"] = parts
