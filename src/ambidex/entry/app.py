"""The whole application of one server: the API and the pages. What is refused is said in the caller's own way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ambidex.api import problems as api_problems
from ambidex.api.app import create_api, must_be_declared
from ambidex.kernel.problem import Problem
from ambidex.runtime.house import House
from ambidex.web import assets
from ambidex.web import problems as page_problems
from ambidex.web.pages import PAGES

Handler = Callable[[Request, Exception], Awaitable[Response]]
PROGRAMS = ("/api/", "/healthz", "/readyz", "/metrics", "/live")


def create_app(house: House) -> FastAPI:
    """Raises Undeclared when any operation or page has no rule."""
    app = create_api(house)
    assets.mount(app)
    for router in PAGES:
        app.include_router(router)
    for kind, for_programs, for_people in (
        (Problem, api_problems.on_problem, page_problems.on_problem),
        (RequestValidationError, api_problems.on_bad_input, page_problems.on_bad_input),
        (HTTPException, api_problems.on_http, page_problems.on_http),
    ):
        app.exception_handler(kind)(_either(for_programs, for_people))
    return must_be_declared(app)


def _either(for_programs: Handler, for_people: Handler) -> Handler:
    async def answer(request: Request, fault: Exception) -> Response:
        is_program = request.url.path.startswith(PROGRAMS) or _wants_json(request)
        return await (for_programs if is_program else for_people)(request, fault)

    return answer


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted
