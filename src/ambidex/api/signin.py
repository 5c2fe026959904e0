"""Signing in and out for programs that hold a cookie, and who somebody is."""

import secrets
from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from ambidex.api.edge import Runs, Who, house, public
from ambidex.domains import identity, locations
from ambidex.flows import sign_in as flow
from ambidex.flows.callers import SESSION_COOKIE
from ambidex.runtime.passwords import passwords_of

router = APIRouter(tags=["sign-in"])


class SignInBody(BaseModel):
    """Name and password; the place somebody works at today, and whether the device is shared."""

    login: str = Field(max_length=200)
    password: str = Field(max_length=1000)
    location: str = Field(default="", max_length=64)
    device: str = Field(default="", max_length=120)
    shared: bool = False


class SignedInOut(BaseModel):
    """Send `csrf` as X-CSRF-Token with every change."""

    name: str
    role: str
    csrf: str
    expires_at: datetime


class MeOut(BaseModel):
    """Who somebody is, and where they work now."""

    id: str
    name: str
    role: str
    roles: list[str]
    location: str | None
    permissions: list[str]


@router.post("/sign-in", dependencies=[public("name and password are the proof")], response_model=SignedInOut)
async def sign_in(body: SignInBody, request: Request, runs: Runs) -> Response:
    """Sign in; the session comes back as a cookie."""
    keys = identity.SessionKeys(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
    typed = flow.Credentials(
        login=body.login,
        secret=body.password,
        address=request.client.host if request.client else "",
        location=body.location,
        device=body.device,
        shared=body.shared,
    )
    session = await flow.sign_in(runs, passwords_of(house(request).shared), typed=typed, keys=keys)
    shown = SignedInOut(
        name=session.actor.name, role=session.actor.role, csrf=session.csrf, expires_at=session.expires_at
    )
    response = JSONResponse(shown.model_dump(mode="json"))
    response.set_cookie(
        SESSION_COOKIE,
        keys.cookie,
        max_age=int((session.expires_at - session.seen_at).total_seconds()),
        httponly=True,
        samesite="lax",
        secure=house(request).settings.is_https,
    )
    return response


@router.post("/sign-out", dependencies=[public("it ends the caller's own session")], status_code=204)
async def sign_out(request: Request, who: Who, runs: Runs) -> Response:
    """End the session of this cookie."""
    async with runs.reading() as read:
        session = await identity.actor_for_session(read, request.cookies.get(SESSION_COOKIE, ""))
    if session is not None:
        await runs.perform(who, identity.sign_out, session)
    response = Response(status_code=204)
    response.delete_cookie(SESSION_COOKIE)
    return response


@router.get("/me", dependencies=[public("it shows the caller to the caller")])
async def get_me(who: Who, runs: Runs) -> MeOut:
    """Who is asking."""
    async with runs.reading() as read:
        place = (await locations.by_ids(read, [who.at])).get(who.at) if who.at else None
    return MeOut(
        id=who.id,
        name=who.name,
        role=who.role,
        roles=sorted(who.roles),
        location=None if place is None else place.code,
        permissions=sorted(who.permissions),
    )
