"""What a person sees when a page is refused: sign in first, or one sentence, one advice and a way back."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from ambidex.kernel.problem import BadInput, NotFound, Problem
from ambidex.web.rendering import is_fragment, render

SIGN_IN, SWITCH = "/sign-in", "/switch"


async def on_problem(request: Request, fault: Exception) -> Response:
    """A domain, or the edge, refused."""
    assert isinstance(fault, Problem)
    return show(request, fault)


async def on_bad_input(request: Request, fault: Exception) -> Response:
    """A form was filled in a way that cannot be used."""
    assert isinstance(fault, RequestValidationError)
    fields = [{"field": str(e["loc"][-1]), "expected": str(e["msg"]), "advice": ""} for e in fault.errors()]
    return show(request, BadInput(errors=fields))  # type: ignore[arg-type]  # the keys are those of FieldError


async def on_http(request: Request, fault: Exception) -> Response:
    """The framework refused: no such page."""
    assert isinstance(fault, HTTPException)
    if fault.status_code != 404:
        return Response(status_code=fault.status_code, headers=fault.headers)
    return show(request, NotFound())


def show(request: Request, refused: Problem) -> Response:
    """A page, a piece of one for htmx, or the way to sign in."""
    if refused.status == 401:
        return _sign_in(request, SWITCH if refused.code == "session-locked" else SIGN_IN)
    if is_fragment(request):
        return render(request, "problem_part.html", status=refused.status, problem=refused)
    return render(request, "problem.html", status=refused.status, problem=refused)


def _sign_in(request: Request, where: str) -> Response:
    back = request.url.path if request.method == "GET" else request.headers.get("referer", "/")
    target = f"{where}?next={quote(back, safe='/')}"
    if is_fragment(request):
        return Response(status_code=204, headers={"HX-Redirect": target})
    return RedirectResponse(target, status_code=303)
