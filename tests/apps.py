"""The real application for tests: every route, spoken to without a network; callers by role."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from dataclasses import dataclass

import httpx
from fastapi import APIRouter, FastAPI
from starlette.datastructures import State

from ambidex.api.middleware import PREFIX
from ambidex.domains import identity
from ambidex.entry.app import create_app
from ambidex.flows import callers
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import LocationId
from ambidex.runtime.house import House
from ambidex.runtime.live import Live
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from ambidex.runtime.settings import Settings

SECRET_KEY = hashlib.sha256(b"tests only").hexdigest()
_BUILT: dict[tuple[tuple[str, str], ...], FastAPI] = {}


def house_of(run: Run, outside: Outside | None = None, **told: str) -> House:
    """A house on this database; `told` are AMBIDEX_* variables without their prefix."""
    given = {"DATA": "/nonexistent", "SECRET_KEY": SECRET_KEY, "TOKEN_SECONDS": "0", **told}
    settings = Settings.load({f"AMBIDEX_{name}": value for name, value in given.items()})
    return House(run, settings, outside or Outside(), Live(run))


@dataclass
class Callers:
    """Clients by role; `client` has no credentials."""

    app: FastAPI
    run: Run

    async def token(self, role: str, *places: LocationId) -> str:
        """A token of this role, everywhere when no place is given."""
        secret = f"token-of-{role}-{'-'.join(map(str, places))}"
        new = identity.NewToken(secret, identity.Role(role), frozenset(places))
        await self.run.perform(SYSTEM, identity.create_token, new, secret=secret)
        return secret

    @asynccontextmanager
    async def client(self, token: str = "", **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """An HTTP client with this token."""
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://shop.test", headers={**bearer, **headers}
        ) as client:
            yield client

    @asynccontextmanager
    async def as_role(self, role: str, *places: LocationId) -> AsyncIterator[httpx.AsyncClient]:
        """A client whose token has this role at these places."""
        async with self.client(await self.token(role, *places)) as client:
            yield client


def callers_of(run: Run, outside: Outside | None = None, **told: str) -> Callers:
    """The application on this database and who calls it.

    Routes are built once, in a tenth of a second; what differs between two tests lies in the state of a copy.
    """
    house = house_of(run, outside, **told)
    known = tuple(sorted(told.items()))
    if known not in _BUILT:
        _BUILT[known] = create_app(house)
        _BUILT[known].middleware_stack = _BUILT[known].build_middleware_stack()
    app = copy(_BUILT[known])
    seconds = house.settings.token_seconds
    app.state = State({"house": house, "callers": callers.Callers(run, remember_seconds=seconds)})
    return Callers(app, run)


def callers_with(run: Run, router: APIRouter, **told: str) -> Callers:
    """The application with operations that only a test has; built anew, so that no other test sees them."""
    app = create_app(house_of(run, **told))
    app.include_router(router, prefix=PREFIX)
    return Callers(app, run)
