"""What surrounds every request: size limit, safe headers, one log line, figures, and no failure without a problem."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ambidex.api.problems import Broken, TooLarge, Unavailable
from ambidex.kernel.actor import Actor
from ambidex.kernel.problem import Problem
from ambidex.runtime import telemetry
from ambidex.runtime.faults import is_passing, words
from ambidex.runtime.refusals import refusal

SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PREFIX = "/api/v1"
HSTS = "max-age=31536000"
CLIENT_IS_GONE = 499
UNLOGGED = frozenset({"/healthz", "/readyz", "/metrics"})
# how a caller is told what broke: programs a problem, people a page
Refuse = Callable[[Request, Problem], Response]
log = structlog.get_logger("ambidex.request")


class Surroundings:
    """Outermost of all that is ours; pure ASGI, so streams pass through unbuffered."""

    def __init__(self, app: ASGIApp, *, body_bytes_max: int, is_https: bool, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse
        self._body_bytes_max = body_bytes_max
        headers = {**SAFE_HEADERS, **({"Strict-Transport-Security": HSTS} if is_https else {})}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = secrets.token_hex(8)
        exchange = _Exchange(scope, send, [*self._headers, (b"x-request-id", number.encode())])
        structlog.contextvars.bind_contextvars(request=number)
        try:
            await self._app(scope, self._limited(scope, receive), exchange.send)
        except ClientDisconnect:
            exchange.status = CLIENT_IS_GONE
        except Exception as fault:
            problem = _problem(fault)
            if isinstance(problem, Broken):
                log.exception("broken", route=route_of(scope), reason=words(fault))
            if exchange.status:
                raise
            answer = self._refuse(Request(scope), problem)
            await answer(scope, receive, exchange.send)
        finally:
            exchange.note()

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > self._body_bytes_max:
            raise TooLarge
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._body_bytes_max:
                raise HTTPException(413)  # the framework passes its own kind on; on_http words it
            return message

        return counted


class _Exchange:
    """One request and its response."""

    def __init__(self, scope: Scope, send: Send, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self._scope = scope
        self._send = send
        self._headers = headers
        self._began = time.perf_counter()
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            said = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(one for one in self._headers if one[0] not in said)]
        await self._send(message)

    def note(self) -> None:
        """The one line, without addresses that could name a person: the route's pattern stands for the path."""
        seconds = time.perf_counter() - self._began
        route, method = route_of(self._scope), self._scope["method"]
        _timer(method, route, self.status).observe(seconds)
        if self._scope["path"] in UNLOGGED:
            return
        state: Any = self._scope.get("state", {})
        actor = state.get("actor")
        log.info(
            "request",
            method=method,
            route=route,
            status=self.status,
            milliseconds=round(seconds * 1000, 1),
            actor=actor.id if isinstance(actor, Actor) else None,
        )


@lru_cache(maxsize=2_000)
def _timer(method: str, route: str, status: int) -> Any:
    """The figure of one route; finding it anew costs more than counting."""
    return telemetry.requests.labels(method, route, str(status))


def route_of(scope: Scope) -> str:
    """The pattern of the route, such as /api/v1/orders/{order_id}; the framework knows it without its prefix."""
    pattern = str(getattr(scope.get("route"), "path", "") or "unknown")
    is_below = scope["path"].startswith(PREFIX) and not pattern.startswith(PREFIX)
    return f"{PREFIX}{pattern}" if is_below else pattern


def _problem(fault: Exception) -> Problem:
    if isinstance(fault, Problem):
        return fault
    return refusal(fault) or (Unavailable() if is_passing(fault) else Broken())
