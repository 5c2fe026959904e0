"""The one transaction boundary: open, run the command, write its events and its idempotent answer, commit, return.

A deadlock or serialization failure is replayed from the start; a Problem rolls everything back and is raised;
whatever the command returns is only returned after the commit. Nobody else commits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from ambidex.kernel.actor import Actor
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass
from ambidex.runtime import crash, outbox
from ambidex.runtime.db import Database, PinnedDatabase, Read, Tx
from ambidex.runtime.refusals import refusal

P = ParamSpec("P")
T = TypeVar("T")
REPLAYS_MAX = 5
_REPLAYABLE = {"40001", "40P01"}
_inside: ContextVar[bool] = ContextVar("inside a transaction", default=False)
log = structlog.get_logger("ambidex.perform")

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock; only the edge passes it on."""
    return datetime.now(UTC)


class TransactionIsOpen(RuntimeError):
    """The outside was called, or a transaction opened, while a transaction was open."""


def must_be_outside() -> None:
    """Raise when a transaction is open in this task."""
    if _inside.get():
        raise TransactionIsOpen("decide, do, record: finish the transaction first")


class Again(Exception):
    """A command found that somebody was quicker: roll back and run it once more from the start."""


class Busy(Problem):
    """Too much happened at once."""

    status, code, retryable = 503, "busy", True
    advice = "Try again in a second."


@dataclass(frozen=True)
class Run:
    """What runs commands: a database and a clock."""

    database: Database
    clock: Clock = utc_now

    async def perform(
        self,
        actor: Actor,
        command: Callable[Concatenate[Tx, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Run one command in one transaction, as this actor. Returns after the commit.

        Raises the command's Problem with nothing changed, also when the database refused by a named
        constraint; Busy after REPLAYS_MAX deadlocks in a row.
        """
        must_be_outside()
        for attempt in range(REPLAYS_MAX):
            try:
                async with self._transaction(actor, attempt) as tx:
                    result = await command(tx, *args, **kwargs)
                    await outbox.write(tx)
                    for step in tx.lasts:
                        await step()
                    crash.point("before-commit")
                crash.point("after-commit")
                return result
            except Again:
                log.debug("replayed", command=_name(command), attempt=attempt)
            except DBAPIError as cause:
                if getattr(cause.orig, "sqlstate", None) not in _REPLAYABLE:
                    refused = refusal(cause)
                    raise refused or cause from (refused and cause)
                log.info("replayed", command=_name(command), attempt=attempt)
                await asyncio.sleep(0.005 * 2**attempt)
        raise Busy(command=_name(command))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Read]:
        """A read-only view of now."""
        async with self.database.reading(self.clock()) as read:
            yield read

    @asynccontextmanager
    async def _transaction(self, actor: Actor, attempt: int) -> AsyncIterator[Tx]:
        async with self.database.connection() as connection:
            token = _inside.set(True)
            try:
                async with _begun(self.database, connection):
                    yield Tx(connection, self.clock(), self.database.memory, actor=actor, attempt=attempt)
            finally:
                _inside.reset(token)


def _name(command: object) -> str:
    return getattr(command, "__qualname__", type(command).__name__)


@asynccontextmanager
async def _begun(database: Database, connection: AsyncConnection) -> AsyncIterator[Any]:
    if not isinstance(database, PinnedDatabase):
        async with connection.begin() as transaction:
            yield transaction
        return
    async with connection.begin_nested() as savepoint:
        yield savepoint
        await connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        await connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
