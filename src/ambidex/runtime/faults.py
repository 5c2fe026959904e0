"""Which failures pass by themselves (the server restarts, a lock is busy) and which are about the work itself."""

from __future__ import annotations

import asyncio

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ambidex.kernel.problem import Problem

# Connection exceptions, shutting down or starting up, out of resources, replayable conflicts, lock not available.
_PASSING_CLASSES = ("08", "57P", "53", "40", "55P03")
_CONNECTION_LOST = (OSError, EOFError, PoolTimeout, asyncio.TimeoutError, asyncpg.InterfaceError)


def is_passing(fault: BaseException) -> bool:
    """Whether the same work may well succeed a moment later."""
    if isinstance(fault, Problem):
        return fault.status >= 500 and fault.retryable
    if isinstance(fault, DBAPIError):
        return fault.connection_invalidated or _passes(fault.orig)
    return isinstance(fault, _CONNECTION_LOST) or _passes(fault)


def is_of_program(fault: BaseException) -> bool:
    """Whether the statement itself is wrong here: a table or column is missing, code and schema do not fit."""
    original = getattr(fault, "orig", None) or fault
    return str(getattr(original, "sqlstate", None) or "").startswith("42")


def go_if_called_off(fault: Exception) -> None:
    """For what never ends: who is called off and fails while tidying up, because the database is away, goes all the same.

    Raises CancelledError when this task was canceled.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError from fault


def words(fault: BaseException) -> str:
    """What went wrong in one line, without the values that were sent (they may be personal)."""
    if isinstance(fault, Problem):
        return f"{fault.code}: {fault.title}"
    shown = getattr(fault, "orig", None) or fault
    first = (str(shown).splitlines() or [""])[0]
    return f"{type(fault).__name__}: {first}"[:400]


def _passes(fault: BaseException | None) -> bool:
    state = getattr(fault, "sqlstate", None) or ""
    if isinstance(getattr(fault, "__cause__", None), _CONNECTION_LOST):
        return True
    return isinstance(fault, asyncpg.InterfaceError) or str(state).startswith(_PASSING_CLASSES)
