"""Refusals as RFC 9457 problems: one shape for what a domain, the web framework or a bug refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ambidex.kernel.event import json_value
from ambidex.kernel.problem import BadInput, FieldError, NotAllowed, NotFound, Problem
from ambidex.runtime.access import NotSignedIn
from ambidex.runtime.idempotency import Answer

MEDIA_TYPE = "application/problem+json"


class Broken(Problem):
    """Something broke on our side."""

    status, code, retryable = 500, "broken", True
    advice = "Try again; if it stays, tell whoever runs Ambidex the time and the request id."


class Unavailable(Problem):
    """The database is away for a moment."""

    status, code, retryable = 503, "unavailable", True
    advice = "Try again in a second; nothing was changed unless you had an answer."


class TooLarge(Problem):
    """This is more than is taken at once."""

    status, code = 413, "too-large"
    advice = "Send it in smaller parts."


class WrongMethod(Problem):
    """This address does not take that method."""

    status, code = 405, "method-not-allowed"
    advice = "See /api/openapi.json for what it takes."


class Refused(Problem):
    """The request was refused."""

    status: ClassVar[int] = 400
    code = "refused"


_BY_STATUS = {
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    405: WrongMethod,
    413: TooLarge,
    503: Unavailable,
}
_RETRY_AFTER = {429: 30, 503: 1}


def as_answer(refused: Problem) -> Answer:
    """The exact answer to a refusal."""
    return Answer(refused.status, orjson.dumps(as_dict(refused), default=str))


def as_dict(refused: Problem) -> dict[str, Any]:
    """The same as values, for an answer that holds several."""
    shown = {
        "type": f"/problems/{refused.code}",
        "title": refused.title,
        "status": refused.status,
        "code": refused.code,
        "detail": refused.detail,
        "errors": refused.errors,
        "retryable": refused.retryable,
        "advice": refused.advice,
    }
    facts = {name: json_value(value) for name, value in refused.facts.items() if name not in shown}
    return {**shown, **facts}


def respond(refused: Problem, *, headers: Mapping[str, str] | None = None) -> Response:
    """The same as a response, with Retry-After where waiting helps."""
    answer = as_answer(refused)
    seconds = getattr(refused, "retry_after_seconds", None) or _RETRY_AFTER.get(refused.status)
    waits = {"Retry-After": str(seconds)} if seconds else {}
    return Response(answer.body, answer.status, {**waits, **(headers or {})}, MEDIA_TYPE)


def to_programs(_request: Request, refused: Problem) -> Response:
    """Whatever broke, as a problem."""
    return respond(refused)


async def on_problem(_: Request, fault: Exception) -> Response:
    """A domain refused."""
    assert isinstance(fault, Problem)
    return respond(fault)


async def on_bad_input(_: Request, fault: Exception) -> Response:
    """What was sent does not have the declared shape."""
    assert isinstance(fault, RequestValidationError)
    return respond(BadInput(errors=[field_error(error) for error in fault.errors()]))


async def on_http(_: Request, fault: Exception) -> Response:
    """The framework refused: no such address, no such method."""
    assert isinstance(fault, HTTPException)
    kind = _BY_STATUS.get(fault.status_code, Refused)
    refused = kind("" if kind is not Refused else str(fault.detail))
    if kind is Refused:
        refused.status = fault.status_code  # type: ignore[misc]  # the framework's own status stands
    return respond(refused, headers=fault.headers)


def field_error(error: Mapping[str, Any]) -> FieldError:
    """One fault that pydantic found, in our words."""
    place = [str(part) for part in error["loc"]]
    if error["type"] == "json_invalid":
        return {
            "field": "body",
            "expected": "valid JSON",
            "advice": str(error.get("ctx", {}).get("error", "")),
        }
    named = place[1:] if place and place[0] in {"body", "query", "path", "header", "cookie"} else place
    advice = "Add it." if error["type"] == "missing" else "Correct it."
    return {"field": ".".join(named) or place[0], "expected": str(error["msg"]), "advice": advice}
