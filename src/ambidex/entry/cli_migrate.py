"""`ambidex migrate`: the newest schema, on the embedded server or on one named by AMBIDEX_DATABASE_URL."""

from __future__ import annotations

import argparse
import asyncio

from ambidex.entry.migrate import migrate
from ambidex.runtime.postgres import supervised
from ambidex.runtime.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none that are needed."""
    parser.add_argument("--revision", default="head", help="where to stop; the newest unless given")


def run(asked: argparse.Namespace) -> int:
    """Migrate and say so."""
    asyncio.run(_migrate(asked.revision))
    print("The database has the newest schema.")
    return 0


async def _migrate(revision: str) -> None:
    settings = Settings.load()
    async with supervised(
        settings.folder, url=settings.database_url, owner_url=settings.database_owner_url
    ) as address:
        await migrate(address.owner, revision=revision)
