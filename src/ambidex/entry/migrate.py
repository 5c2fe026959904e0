"""Bring a database to the newest schema: Alembic, run as the owner of the tables.

Each migration is marked `before` or `after` the deployment of the code it belongs to, and runs under lock and
statement timeouts, so that it never queues behind a long transaction with the whole shop behind it.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

import ambidex
from ambidex.runtime.db import sqlalchemy_url

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "10min"


def migrations_folder() -> Path:
    """Beside the sources in a checkout, inside the package when installed."""
    package = Path(ambidex.__file__).parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parents[1] / "migrations"


async def migrate(owner_url: str, *, revision: str = "head") -> None:
    """Upgrade to `revision`. Two at once wait for each other."""
    engine = create_async_engine(sqlalchemy_url(owner_url))
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('ambidex.migrate'))"))
        await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        await connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
        await connection.run_sync(_upgrade, revision)
    await engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
