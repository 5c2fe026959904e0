"""A small made-up site for the scripts of the shell: what they ask for is answered and remembered here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse

from ambidex.web import assets
from ambidex.web.codes import qr_svg
from ambidex.web.gallery.scenes import shell
from ambidex.web.parts.story import clock
from ambidex.web.parts.views import Found, Option, Row
from ambidex.web.rendering import HEADERS, environment
from ambidex.web.words import speaking

PAGE = """{% extends "shell/page.html" %}{% block title %}Site{% endblock %}{% block main %}
<h1>Site</h1>
{{ ui.clock(turning) }}
<section id="region" {{ ui.live("order:1 place:7", "/region") }}><p id="version">version {{ version }}</p><label>Note <input id="note"></label>
<details id="more"><summary>More</summary>folded</details></section>
{{ ui.rows(rows) }}
<form><label>Plain <input id="plain"></label></form>
{% if scan_here %}{{ ui.scan_box("/picked", "Scan the shirt", attrs={"hx-post": "/picked", "hx-swap": "none"}) }}{% endif %}
{{ ui.btn("Reach Ama", href="/reached", key="r") }}
{{ ui.btn("Cannot find", kind="button", attrs={"data-open": "#cannot"}) }}
{{ ui.cannot_sheet("cannot", "Shirt", "/cannot", options, options) }}
{{ ui.stepper("units", "Units", 2, 0, 3) }}
<button type="button" data-theme-set="dark">Dark</button>
{% endblock %}"""
REGION = """<section id="region" {{ ui.live("order:1 place:7", "/region") }}><p id="version">version {{ version }}</p><label>Note <input id="note"></label>
<details id="more"><summary>More</summary>folded</details></section>"""


@dataclass
class Site:
    """What the browser told the server, and what the server will tell."""

    version: int = 1
    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    streams: list[asyncio.Queue[str]] = field(default_factory=list)
    lock_after: int = 0
    live: str = "on"
    region_status: int = 200
    loop: asyncio.AbstractEventLoop | None = None

    def happen(self, topic: str) -> None:
        """An event on the stream, from another thread."""
        self.version += 1
        line = f"id: {self.version}\ndata: {json.dumps({'topics': [topic]})}\n\n"
        assert self.loop is not None
        for stream in self.streams:
            self.loop.call_soon_threadsafe(stream.put_nowait, line)

    def said(self, path: str) -> list[dict[str, str]]:
        return [fields for where, fields in self.told if where == path]


def site_app(site: Site) -> FastAPI:
    app = FastAPI()
    assets.mount(app)
    _pages(app, site)
    _answers(app, site)
    return app


def _pages(app: FastAPI, site: Site) -> None:
    @app.get("/site")
    async def page(scan_here: str = "") -> HTMLResponse:
        frame = replace(shell("system", path="/site", role="agent"), lock_after_seconds=site.lock_after)
        with speaking("en-GB"):
            body = environment.from_string(PAGE).render(
                shell=frame,
                version=site.version,
                scan_here=scan_here,
                turning=clock("Ready by", left=0.02, given=10),
                rows=(Row(title="First", href="/first"), Row(title="Second", href="/second")),
                options=(Option(value="a", title="Not there"), Option(value="b", title="Damaged")),
            )
        return HTMLResponse(body, headers=dict(HEADERS))

    @app.get("/region")
    async def region() -> HTMLResponse:
        if site.region_status != 200:
            site.told.append(("/region", {}))
            return HTMLResponse("<p>No.</p>", status_code=site.region_status)
        return HTMLResponse(environment.from_string(REGION).render(version=site.version))

    @app.get("/live")
    async def live(request: Request, after: int) -> Response:
        site.told.append(("/live", {"after": str(after)}))
        if site.live == "off":
            return Response(status_code=503)
        return StreamingResponse(_stream(site), media_type="text/event-stream")


async def _stream(site: Site) -> AsyncIterator[str]:
    site.loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str] = asyncio.Queue()
    site.streams.append(queue)
    yield ": here\n\n"
    while site.live == "on":
        try:
            yield await asyncio.wait_for(queue.get(), 0.1)
        except TimeoutError:
            continue


def _answers(app: FastAPI, site: Site) -> None:
    @app.get("/find")
    async def find(request: Request, q: str = "", part: str = "") -> HTMLResponse:
        site.told.append(("/find", {"q": q, "part": part}))
        hits = (Found(title="MF-1 Ama", href="/order-1"), Found(title="MF-10 Ama", href="/order-10"))
        exact = tuple(
            replace(hit, match="exact") if q == "mf-10" and hit.href == "/order-10" else hit for hit in hits
        )
        ordered = tuple(sorted(exact, key=lambda hit: hit.match != "exact"))
        shown = ordered if q.startswith("mf") else ()
        return HTMLResponse(
            environment.from_string("{{ ui.found(g, q) }}").render(g=(("Orders", shown),), q=q)
        )

    @app.post("/picked")
    @app.post("/scan")
    async def scanned(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        site.told.append((request.url.path, form))
        known = form["code"].startswith("5")
        outcome = {
            "outcome": "right" if known else "wrong",
            "say": "Kettle picked" if known else "Unknown code",
        }
        if request.url.path == "/picked":
            told = {**outcome, "undo": "/undone"}
            return Response(status_code=204, headers={"HX-Trigger": json.dumps({"outcome": told})})
        return JSONResponse({**outcome, **({"go": "/order-1"} if known else {})})

    _plain_answers(app, site)


def _plain_answers(app: FastAPI, site: Site) -> None:
    @app.post("/lock")
    @app.post("/undone")
    @app.post("/cannot")
    async def post(request: Request) -> HTMLResponse:
        form = {name: str(value) for name, value in (await request.form()).items()}
        site.told.append((request.url.path, {**form, "token": request.headers.get("x-csrf-token", "")}))
        return HTMLResponse("done")

    @app.get("/qr")
    async def drawing() -> Response:
        svg = str(qr_svg("AMX1.482917", "code")).replace(
            "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="360" height="360" '
        )
        return Response(svg, media_type="image/svg+xml")

    @app.get("/{name}")
    async def elsewhere(name: str) -> HTMLResponse:
        return HTMLResponse(f'<title>{name}</title><p class="elsewhere">{name}</p>')
