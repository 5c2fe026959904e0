"""Sign in, switch the person at a shared device by PIN, lock it, sign out.

Nobody has a session on the sign-in page, so forged posts are told by the browser's own word on where they come from.
"""

from __future__ import annotations

import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from ambidex.domains import identity, locations
from ambidex.flows import sign_in as flow
from ambidex.flows.callers import SESSION_COOKIE
from ambidex.kernel.problem import Problem
from ambidex.runtime.access import WrongCsrf
from ambidex.runtime.passwords import passwords_of
from ambidex.web.edge import ROLE_WORDS, Runs, Session, house, open_page
from ambidex.web.parts.views import Option, Trouble
from ambidex.web.rendering import is_fragment, render
from ambidex.web.shell.view import theme_of
from ambidex.web.words import translate as _

router = APIRouter(include_in_schema=False)
OPEN = open_page("name and password, or a PIN on a shared device, are the proof")
OWN = open_page("it is about the session of this browser only")
Text = Annotated[str, Form(max_length=1000)]


@router.get("/sign-in", dependencies=[OPEN])
async def sign_in_page(request: Request, runs: Runs, next: str = "/", left: str = "") -> Response:  # noqa: A002  # the address says next
    """Name and password, and where somebody works today."""
    return await _sign_in_page(request, runs, going=_safe(next), left=bool(left))


@router.post("/sign-in", dependencies=[OPEN])
async def sign_in(
    request: Request,
    runs: Runs,
    *,
    login: Text,
    password: Text,
    place: Text = "",
    shared: Text = "",
    going: Text = "/",
) -> Response:
    """Open a session and go on to where somebody was going."""
    _refuse_foreign(request)
    typed = flow.Credentials(
        login=login,
        secret=password,
        address=request.client.host if request.client else "",
        location=place,
        device=request.headers.get("user-agent", "")[:120],
        shared=bool(shared),
    )
    keys = _fresh_keys()
    try:
        session = await flow.sign_in(runs, passwords_of(house(request).shared), typed=typed, keys=keys)
    except Problem as refused:
        return await _sign_in_page(request, runs, going=_safe(going), login=login, refused=refused)
    return _signed_in(request, session, keys, _safe(going))


@router.get("/switch", dependencies=[OWN])
async def switch_page(request: Request, runs: Runs, session: Session, next: str = "/") -> Response:  # noqa: A002
    """Choose who is at this device now."""
    return await _switch_page(request, runs, session, going=_safe(next))


@router.post("/switch", dependencies=[OWN])
async def switch(
    request: Request, runs: Runs, session: Session, *, login: Text, pin: Text, going: Text = "/"
) -> Response:
    """Let another person in by PIN, at the same place."""
    typed = flow.Credentials(login=login, secret=pin)
    keys = _fresh_keys()
    try:
        if not session.device.shared:
            raise identity.WrongCredentials("this device is not shared")
        switched = await flow.switch_by_pin(
            runs, passwords_of(house(request).shared), session, typed=typed, keys=keys
        )
    except Problem as refused:
        return await _switch_page(request, runs, session, going=_safe(going), chosen=login, refused=refused)
    return _signed_in(request, switched, keys, _safe(going))


@router.post("/lock", dependencies=[OWN])
async def lock(runs: Runs, session: Session) -> Response:
    """Lock a shared device now."""
    if session.device.shared:
        await runs.perform(session.actor, identity.lock, session)
    return RedirectResponse("/switch", status_code=303)


@router.post("/sign-out", dependencies=[OWN])
async def sign_out(runs: Runs, session: Session, *, left: Text = "") -> Response:
    """End the session of this browser. `left`: it could not forget what was loaded."""
    await runs.perform(session.actor, identity.sign_out, session)
    response = RedirectResponse("/sign-in?left=1" if left else "/sign-in", status_code=303)
    response.delete_cookie(SESSION_COOKIE)
    return response


async def _sign_in_page(
    request: Request,
    runs: Runs,
    *,
    going: str,
    login: str = "",
    refused: Problem | None = None,
    left: bool = False,
) -> Response:
    async with runs.reading() as read:
        page = await locations.page(read, limit=200)
    places = [("", _("Where I usually work")), *((place.code, place.name) for place in page.items)]
    return render(
        request,
        "signin/sign_in.html",
        status=200 if refused is None else refused.status,
        theme=theme_of(request),
        places=places,
        going=going,
        login=login,
        trouble=_trouble(refused),
        left=left,
    )


async def _switch_page(
    request: Request,
    runs: Runs,
    session: identity.SignedIn,
    *,
    going: str,
    chosen: str = "",
    refused: Problem | None = None,
) -> Response:
    at = session.device.at_location
    people: list[identity.Account] = []
    if session.device.shared and at is not None:
        async with runs.reading() as read:
            people = await identity.accounts_at(read, at)
    piece = is_fragment(request)
    return render(
        request,
        "signin/_switch.html" if piece else "signin/switch.html",
        status=200 if refused is None or piece else refused.status,
        theme=theme_of(request),
        people=[_option(account, chosen) for account in people],
        shared=session.device.shared,
        name=session.actor.name,
        csrf=session.csrf,
        going=going,
        trouble=_trouble(refused),
    )


def _option(account: identity.Account, chosen: str) -> Option:
    roles = sorted({ROLE_WORDS.get(grant.role.value, grant.role.value) for grant in account.grants})
    return Option(
        value=account.login,
        title=account.name,
        note=", ".join(roles),
        chosen="yes" if account.login == chosen else "",
    )


def _trouble(refused: Problem | None) -> Trouble | None:
    return None if refused is None else Trouble(title=refused.title, advice=refused.advice)


def _signed_in(
    request: Request, session: identity.SignedIn, keys: identity.SessionKeys, going: str
) -> Response:
    response: Response = RedirectResponse(going, status_code=303)
    if is_fragment(request):
        response = Response(status_code=204, headers={"HX-Redirect": quote(going, safe="/?&=%#:")})
    response.set_cookie(
        SESSION_COOKIE,
        keys.cookie,
        max_age=int((session.expires_at - session.seen_at).total_seconds()),
        httponly=True,
        samesite="lax",
        secure=house(request).settings.is_https,
    )
    return response


def _fresh_keys() -> identity.SessionKeys:
    return identity.SessionKeys(secrets.token_urlsafe(32), secrets.token_urlsafe(32))


def _safe(going: str) -> str:
    """Only an address of ours, so that nobody is led elsewhere after signing in."""
    is_ours = going.startswith("/") and not going.startswith(("//", "/\\")) and going.isprintable()
    return going if is_ours else "/"


def _refuse_foreign(request: Request) -> None:
    """A form of another site may not sign somebody in; browsers say where a post comes from."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise WrongCsrf
