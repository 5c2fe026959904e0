"""Joining an installation: every command with the same data folder meets the same database, also while a server runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ambidex.entry.migrate import migrate
from ambidex.kernel.actor import Actor, ActorKind, Permission
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run
from ambidex.runtime.postgres import ServerAddress, supervised
from ambidex.runtime.settings import Settings

OPERATOR = Actor(
    id="operator",
    kind=ActorKind.SYSTEM,
    name="Operator",
    permissions=frozenset(Permission),
    places=None,
    role="operator",
)


@dataclass(frozen=True)
class Installation:
    """One data folder, its database, and what runs commands on it."""

    settings: Settings
    address: ServerAddress
    run: Run


@asynccontextmanager
async def joined(settings: Settings | None = None, *, pool_size: int = 4) -> AsyncIterator[Installation]:
    """Start the embedded server or attach to it; its schema is brought up to date.

    A server of somebody else's (AMBIDEX_DATABASE_URL) is migrated only by `ambidex migrate`.
    """
    settings = settings or Settings.load()
    async with supervised(
        settings.folder, url=settings.database_url, owner_url=settings.database_owner_url
    ) as address:
        if settings.database_url is None:
            await migrate(address.owner)
        database = Database(address.app, pool_size=pool_size)
        try:
            yield Installation(settings, address, Run(database))
        finally:
            await database.close()
