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
    app = create_api(house, _refuse)
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
        return await (for_programs if _is_program(request) else for_people)(request, fault)

    return answer


def _refuse(request: Request, problem: Problem) -> Response:
    """What broke on our side, or an outage: a page for people too."""
    return api_problems.respond(problem) if _is_program(request) else page_problems.show(request, problem)


def _is_program(request: Request) -> bool:
    return request.url.path.startswith(PROGRAMS) or _wants_json(request)


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted
