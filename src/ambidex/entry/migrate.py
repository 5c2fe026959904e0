"""Bring a database to the newest schema: Alembic, run as the owner of the tables.

Each migration is marked `before` or `after` the deployment of the code it belongs to, and runs under lock and
statement timeouts, so that it never queues behind a long transaction with the whole shop behind it.
"""

from __future__ import annotations

from pathlib import Path

import asyncpg
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

import ambidex
from ambidex.runtime.db import MARK, sqlalchemy_url
from ambidex.runtime.postgres import plain_url

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "10min"
SEPARATOR = "\n-- ;;\n"


def migrations_folder() -> Path:
    """Beside the sources in a checkout, inside the package when installed."""
    package = Path(ambidex.__file__).parent
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parents[1] / "migrations"


def statements_beside(migration: str) -> list[str]:
    """The statements of the SQL file beside a migration, in order."""
    written = Path(migration).with_suffix(".sql").read_text(encoding="utf-8")
    return [statement for part in written.split(SEPARATOR) if (statement := part.strip())]


async def migrate(owner_url: str, *, revision: str = "head") -> None:
    """Upgrade to `revision`. Two at once wait for each other."""
    engine = create_async_engine(sqlalchemy_url(owner_url), connect_args={"server_settings": MARK})
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('ambidex.migrate'))"))
        await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        await connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
        await connection.run_sync(_upgrade, revision)
    await engine.dispose()


async def is_newest(url: str) -> bool:
    """Whether nothing needs to be done; costs one look, so that a program that was killed is back at once."""
    connection = await asyncpg.connect(plain_url(url))
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return False
        found = await connection.fetchval("SELECT version_num FROM alembic_version")
    finally:
        await connection.close()
    newest = max(file.stem.partition("_")[0] for file in (migrations_folder() / "versions").glob("[0-9]*.py"))
    return bool(found == newest)


def _upgrade(connection: Connection, revision: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
