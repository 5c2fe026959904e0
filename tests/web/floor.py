"""Inès on the floor of Camden, at a browser: what the page tests of a store are told with."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape

import httpx

from ambidex.domains import identity
from ambidex.domains.fulfillment import PickupCodes
from ambidex.domains.identity import Role, SessionKeys
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.outside import Outside
from tests.apps import SECRET_KEY, callers_of
from tests.shop import Shop

KEYS = identity.SessionKeys(cookie="c" * 43, csrf="s" * 43)
CODES = PickupCodes(bytes.fromhex(SECRET_KEY))
HTMX = {"HX-Request": "true"}
_TAG = re.compile(r"<[^>]+>")


@dataclass
class Floor:
    """A signed-in browser. `post` sends what a form of the page would send."""

    client: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    async def page(self, path: str, *, status: int = 200) -> str:
        """The words of a page, without its tags."""
        answer = await self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.headers.get("location"))
        return words(answer.text)

    async def markup(self, path: str) -> str:
        return (await self.client.get(path)).text

    async def post(self, path: str, *, headers: dict[str, str] | None = None, **said: str) -> httpx.Response:
        return await self.client.post(path, data={"csrf": KEYS.csrf, **said}, headers=headers)

    async def goes(self, path: str, **said: str) -> str:
        """Post, and where it leads."""
        answer = await self.post(path, **said)
        assert answer.status_code == 303, words(answer.text)
        return answer.headers["location"]

    async def refused(self, path: str, **said: str) -> str:
        """Post what is refused; the words of the page that says so."""
        answer = await self.post(path, **said)
        assert 400 <= answer.status_code < 500, answer.status_code
        return words(answer.text)


def words(markup: str) -> str:
    """What a person reads."""
    return re.sub(r"\s+", " ", unescape(_TAG.sub(" ", markup)))


@asynccontextmanager
async def on_the_floor(
    shop: Shop, *, role: Role = Role.ASSOCIATE, place: str | None = "camden", outside: Outside | None = None
) -> AsyncIterator[Floor]:
    """Somebody of this role, signed in at this place (None: everywhere)."""
    keys = SessionKeys(cookie=f"{role.value:c<43}", csrf=KEYS.csrf)
    where = None if place is None else shop.places[place].location_id
    new = identity.NewAccount("ines", "Inès Caron", password_hash="x", grants=(identity.Grant(role, where),))
    await shop.run.perform(SYSTEM, identity.put_accounts, [new])
    async with shop.run.reading() as read:
        found = await identity.account_by_login(read, "ines")
    assert found is not None
    device = identity.Device(at_location=where)
    await shop.run.perform(
        SYSTEM, identity.open_session, found, keys=keys, device=device, tried=("login:ines",)
    )
    callers = callers_of(shop.run, outside)
    async with callers.client(Cookie=f"ambidex_session={keys.cookie}") as client:
        yield Floor(client)
