"""The database seen by our code: `Read` may look, `Tx` may change, nobody else holds a connection.

SQLAlchemy Core on asyncpg; statements written out go straight to the driver (wire.py). What a function may touch is
its first parameter; only `perform` (perform.py) makes a `Tx`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeGuard, TypeVar

import orjson
from sqlalchemy import Executable, MetaData, Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ambidex.kernel.actor import Actor
from ambidex.kernel.event import Event
from ambidex.kernel.ids import new_id
from ambidex.kernel.ref import Ref
from ambidex.kernel.values import dataclass, field
from ambidex.runtime import wire

__all__ = [
    "MARK",
    "METADATA",
    "Announcement",
    "Database",
    "Memory",
    "PinnedDatabase",
    "Read",
    "Row",
    "Tx",
    "Write",
    "sqlalchemy_url",
]

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

R = TypeVar("R", bound="Read")

# every connection of the program says so; rows changed by others are noted (touched.py)
MARK = {"ambidex.program": "on"}

# family of facts -> (version, what is known of it); see memory.py
Memory = dict[str, tuple[object, dict[Any, Any]]]


@dataclass
class Read:
    """A view of the database at `now`, for looking only."""

    connection: AsyncConnection
    now: datetime
    memory: Memory = field(default_factory=dict)
    statements: int = 0

    async def all(self, statement: Executable, values: Any = None) -> Sequence[Row[Any]]:
        """Every row. The statement carries its own LIMIT."""
        if _goes_straight(statement, values):
            return await self._fetch(statement, values)
        rows: Sequence[Row[Any]] = (await self._execute(statement, values)).all()
        return rows

    async def maybe(self, statement: Executable, values: Any = None) -> Row[Any] | None:
        """The only row, or None."""
        row: Row[Any] | None = wire.only(await self.all(statement, values))
        return row

    async def one(self, statement: Executable, values: Any = None) -> Row[Any]:
        """The only row; anything else is a programmer's mistake."""
        row: Row[Any] = wire.exactly(await self.all(statement, values))
        return row

    async def value(self, statement: Executable, values: Any = None) -> Any:
        """The first column of the only row, or None."""
        row = wire.only(await self.all(statement, values))
        return None if row is None else row[0]

    async def _fetch(self, statement: TextClause, values: Any) -> Sequence[Row[Any]]:
        self.statements += 1
        return await wire.fetch(self.connection, statement, values or {})

    async def _execute(self, statement: Executable, values: Any) -> Any:
        self.statements += 1
        return await self.connection.execute(statement, values)


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event as it will be stored: who did it, about what, why, and by what evidence."""

    event: Event
    subject: Ref
    actor: Actor
    order_id: Any = None
    location_id: Any = None
    cause: str = ""
    evidence: tuple[str, ...] = ()
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """A change of one table that nobody waits for, to be sent with others; without values there is nothing to change."""

    sql: str
    values: Mapping[str, Any]


@dataclass
class Tx(Read):
    """An open transaction. Events gathered here are written by `perform` before it commits.

    `actor` is who asked for a single command; commands that take lists carry an actor with each item and
    leave it alone.
    """

    actor: Actor = field(kw_only=True)
    announced: list[Announcement] = field(default_factory=list, kw_only=True)
    # what is done right before the commit
    lasts: list[Callable[[], Awaitable[None]]] = field(default_factory=list, kw_only=True)
    # how often the command was rolled back and begun again; a second try may lock before it decides
    attempt: int = field(default=0, kw_only=True)

    async def run(self, statement: Executable, values: Any = None) -> int:
        """Change something; the number of rows touched."""
        if _goes_straight(statement, values):
            self.statements += 1
            return await wire.run(self.connection, statement, values or {})
        result = await self._execute(statement, values)
        return int(result.rowcount)

    async def write(self, *writes: Write) -> None:
        """Send these changes in one statement. None of them may look at what another one changes."""
        real = [write for write in writes if write.values]
        if real:
            values = {f"{name}_{n}": value for n, w in enumerate(real) for name, value in w.values.items()}
            await self.run(_together(tuple(write.sql for write in real)), values)

    def at_last(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do this after everything else, right before the commit: what many want is locked no longer than that takes.

        It announces nothing; by then the events are written.
        """
        self.lasts.append(step)

    def announce(self, subject: Ref, event: Event, **details: Any) -> None:
        """Gather an event. `details`: order_id, location_id, cause, evidence, happened_at, actor."""
        actor = details.pop("actor", self.actor)
        self.announced.append(Announcement(event=event, subject=subject, actor=actor, **details))

    def new_id(self) -> Any:
        """A fresh UUIDv7 at this transaction's time."""
        return new_id(self.now)


def _goes_straight(statement: Executable, values: Any) -> TypeGuard[TextClause]:
    """Statements written out by us, once; what SQLAlchemy puts together, or sends many times, is its own."""
    return isinstance(statement, TextClause) and (values is None or isinstance(values, Mapping))


@lru_cache(maxsize=500)
def _together(changes: tuple[str, ...]) -> TextClause:
    """One statement that makes all of these changes, its parameters numbered by change."""
    numbered = [re.sub(r"(?<!:):(\w+)", rf":\1_{n}", sql) for n, sql in enumerate(changes)]
    if len(numbered) == 1:
        return text(numbered[0])
    parts = ",\n".join(f"change_{n} AS ({sql})" for n, sql in enumerate(numbered))
    return text(f"WITH {parts} SELECT 1")  # made of statements of ours


def _read_json(said: str) -> Any:
    """What a JSONB column holds. What the quick parser refuses, such as numbers of hundreds of digits, the slow one reads.

    Whole numbers beyond 64 bits come as floats: nothing of ours writes such, and what others sent is kept as bytes.
    """
    try:
        return orjson.loads(said)
    except orjson.JSONDecodeError:
        return json.loads(said)


class Database:
    """A pool of connections to one PostgreSQL. `url` is a SQLAlchemy URL or a postgresql:// DSN."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url
        self.memory: Memory = {}
        self.engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=20,
            pool_pre_ping=False,
            hide_parameters=True,  # they may be personal, and failures are logged
            json_deserializer=_read_json,
            connect_args={
                "server_settings": {
                    **MARK,
                    "application_name": "ambidex",
                    "jit": "off",
                    "statement_timeout": "15000",
                    "lock_timeout": "8000",
                    "idle_in_transaction_session_timeout": "30000",
                },
                "timeout": 10,
                # ours are few and long, and asked again and again
                "statement_cache_size": 500,
                "max_cacheable_statement_size": 0,
                "max_cached_statement_lifetime": 0,
            },
        )

    @asynccontextmanager
    async def reading(self, now: datetime) -> AsyncIterator[Read]:
        """A read-only view in a transaction of its own, so that settings of one question stay with it."""
        async with self.engine.connect() as connection, connection.begin():
            yield Read(connection, now, self.memory)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """A bare connection for runtime machinery (publisher, listeners, perform)."""
        async with self.engine.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


class PinnedDatabase(Database):
    """One connection whose outer transaction is rolled back at the end: how tests stay fast and apart.

    Each commit of `perform` becomes a savepoint's release; readers see the same connection.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self.url = str(connection.engine.url)
        self.engine = connection.engine
        self.pinned = connection
        self.memory = {}
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def reading(self, now: datetime) -> AsyncIterator[Read]:
        yield Read(self.pinned, now, self.memory)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn:
            yield self.pinned

    async def close(self) -> None:
        """The connection belongs to the test."""


def sqlalchemy_url(url: str) -> str:
    """The same address with our driver named."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+asyncpg://" + url.removeprefix(prefix)
    return url
