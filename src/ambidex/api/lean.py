"""A route for what is called most: one body and `asks`, without a tree of dependencies built for each call.

Declared, described and refused like any other route: the same rule, the same shapes, the same problems. `Direct` leads
there past the walk along all routes.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from ambidex.api.edge import asking, rule_of, who
from ambidex.kernel.problem import BadInput
from ambidex.runtime.access import Undeclared


class LeanRoute(APIRoute):
    """For endpoints of the form `async def name(body: Shape, asks: Asks) -> Response`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        rule = rule_of(self.dependencies)
        if rule is None:
            raise Undeclared(f"{self.path}: say operation(...)")
        shape = TypeAdapter(inspect.get_annotations(self.endpoint, eval_str=True)["body"])

        async def handler(request: Request) -> Response:
            actor = await who(request)
            rule.admit(actor)
            asks = await asking(request, actor)
            response: Response = await self.endpoint(body=await _read(request, shape), asks=asks)
            return response

        return handler


async def _read(request: Request, shape: TypeAdapter[Any]) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (kind.startswith("application/") and kind.endswith(("/json", "+json"))):
        raise BadInput(errors=[{"field": "Content-Type", "expected": "application/json"}])
    try:
        return _parsed(await request.body(), shape)
    except ValidationError as cause:
        faults = [{**error, "loc": ("body", *error["loc"])} for error in cause.errors()]
        raise RequestValidationError(faults) from cause


def _parsed(body: bytes, shape: TypeAdapter[Any]) -> Any:
    try:
        return shape.validate_json(body)
    except ValidationError as cause:
        # half of a surrogate pair is no JSON to this parser; the other one reads it, so that its field is named
        if cause.errors()[0]["type"] != "json_invalid" or b"\\u" not in body:
            raise
        try:
            loose = json.loads(body)
        except (ValueError, RecursionError):
            raise cause from None
    return shape.validate_python(loose)


class Direct:
    """Requests for a lean route without parameters go to it at once; all others on to the application."""

    def __init__(self, app: ASGIApp, *, routes: Iterable[BaseRoute], prefix: str) -> None:
        self._app = app
        lean = [route for route in routes if isinstance(route, LeanRoute) and "{" not in route.path]
        self._known = {
            (method, prefix + route.path): (route, route.get_route_handler())
            for route in lean
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._known.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["route"], handler = found
        request = Request(scope, receive, send)
        try:
            response = await handler(request)
        except Exception as fault:
            answer = next((one for kind in type(fault).__mro__ if (one := _handlers(scope).get(kind))), None)
            if answer is None:
                raise
            response = await answer(request, fault)
        await response(scope, receive, send)


def _handlers(scope: Scope) -> Any:
    """What the application says to each kind of failure."""
    return scope["app"].exception_handlers
