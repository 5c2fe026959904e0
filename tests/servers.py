"""The PostgreSQL of a test run: embedded or given, with a pristine template that is copied, never used."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from ambidex.entry.migrate import migrate
from ambidex.runtime import postgres
from ambidex.runtime.db import sqlalchemy_url

Answer = TypeVar("Answer")
PAUSES = (0.2, 0.5, 1, 2, 4)
TEMPLATE = f"ambidex_pristine_{os.getpid()}"
OURS = f"ambidex_test_{os.getpid()}_"
# Nobody counts rows that every test rolls back: else a plan would depend on when somebody last looked.
_NO_STATISTICS = """
DO $$ DECLARE one regclass; BEGIN
  FOR one IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') LOOP
    EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', one);
  END LOOP;
END $$"""


@dataclass
class TestServer:
    """A server and the databases made on it in this run."""

    __test__ = False

    owner_url: str
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def copy(self, name: str = "") -> str:
        """The address of a fresh copy of the template."""
        made = f"{OURS}{name or next(self.numbers)}"
        _run_apart(_execute(self.owner_url, f'CREATE DATABASE "{made}" TEMPLATE "{TEMPLATE}"'))
        return at_database(self.owner_url, made)

    def empty(self) -> str:
        """The address of a fresh database with nothing in it."""
        made = f"{OURS}{next(self.numbers)}"
        _run_apart(_execute(self.owner_url, f'CREATE DATABASE "{made}"'))
        return at_database(self.owner_url, made)

    def from_tables(self) -> str:
        """The address of a fresh database made from the tables that the code declares."""
        url = self.empty()
        _run_apart(_create_tables(url))
        return url

    def drop(self, url: str) -> None:
        """Remove a copy; its connections are ended."""
        name = urlsplit(url).path.lstrip("/")
        _run_apart(_drop(self.owner_url, name))


@contextmanager
def running_server(given: str | None, folder: Path) -> Iterator[TestServer]:
    """The given server, or an embedded one that ends with the run."""
    if given:
        server = TestServer(given)
        _clean(server)  # of a run of this number that was killed
        _build_template(server)
        yield server
        _clean(server)
        return
    try:
        server = TestServer(_run_apart(postgres.ensure_server(folder)).owner)
        _build_template(server)
        yield server
    finally:
        _run_apart(postgres.remove_server(folder))


def _run_apart(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run to the end on a loop of its own, also when a loop runs here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def at_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _build_template(server: TestServer) -> None:
    _run_apart(_execute(server.owner_url, f'CREATE DATABASE "{TEMPLATE}"'))
    _run_apart(migrate(at_database(server.owner_url, TEMPLATE)))
    _run_apart(_execute(at_database(server.owner_url, TEMPLATE), _NO_STATISTICS))


def _clean(server: TestServer) -> None:
    _run_apart(_drop_own(server.owner_url))


async def _create_tables(url: str) -> None:
    from ambidex.entry.tables import METADATA, SCHEMAS

    engine = create_async_engine(sqlalchemy_url(url))
    async with engine.begin() as connection:
        for schema in SCHEMAS:
            await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        await connection.run_sync(METADATA.create_all)
    await engine.dispose()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _drop(owner_url: str, name: str) -> None:
    """Autovacuum may be at work there as the superuser, whom the owner cannot end: then a moment later."""
    for pause in PAUSES:
        try:
            return await _execute(owner_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except asyncpg.InsufficientPrivilegeError:
            await asyncio.sleep(pause)
    return None


async def _drop_own(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT datname FROM pg_database WHERE datname = $1 OR starts_with(datname, $2)", TEMPLATE, OURS
        )
        for row in rows:
            await _drop(url, row["datname"])
    finally:
        await connection.close()
