"""What the database refuses, as Problems: the one place where the name of a constraint becomes a code.

Constraints and triggers are named after what they protect, so the name is what a person should read. A domain that
can say it better checks first; this is what remains of a race, or of a rule that only the database still knew.
"""

from __future__ import annotations

import asyncpg
from sqlalchemy.exc import DBAPIError

from ambidex.kernel.problem import BadInput, Problem

_NOT_TEXT = {"22021", "22P05"}  # a NUL character, which PostgreSQL keeps in no text
_NO_NUMBER = {"22003", "22008"}  # beyond what a number or a time can be
_OF_DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError)
_CHECK, _UNIQUE, _FOREIGN_KEY, _APPEND_ONLY = "23514", "23505", "23503", "23001"
_KINDS = ("ck", "uq", "pk", "fk", "ix")


class RefusedByDatabase(Problem):
    """The database keeps this true whatever is asked."""

    status, code = 409, "refused-by-database"
    advice = "Look at the newest state; if it seems right to you, show this to whoever runs Ambidex."

    def __init__(self, constraint: str, detail: str) -> None:
        super().__init__(detail, constraint=constraint)
        self.code = constraint.replace("_", "-") or type(self).code  # type: ignore[misc]  # each constraint is a code


class AlreadyThere(RefusedByDatabase):
    """Somebody else put the same thing there a moment ago."""

    status, code, retryable = 409, "already-there", True
    advice = "Look at it again; the newest state is shown."


def refusal(fault: BaseException) -> Problem | None:
    """The Problem a refused statement means; None when the failure is about something else."""
    if not isinstance(fault, DBAPIError):
        return None
    told = fault.orig
    cause = told if isinstance(told, _OF_DRIVER) else getattr(told, "__cause__", None) or told
    state = getattr(cause, "sqlstate", None)
    if state in _NOT_TEXT or isinstance(getattr(cause, "__cause__", None), UnicodeEncodeError):
        return BadInput(errors=[{"field": "text", "expected": "characters that can be stored"}])
    if state in _NO_NUMBER or isinstance(getattr(cause, "__cause__", None), OverflowError):
        return BadInput(errors=[{"field": "number or time", "expected": "one that can be stored"}])
    if state not in {_CHECK, _UNIQUE, _FOREIGN_KEY, _APPEND_ONLY}:
        return None
    name = _protects(
        str(getattr(cause, "constraint_name", None) or ""), getattr(cause, "table_name", None) or ""
    )
    said = (str(cause).splitlines() or [""])[0]
    return AlreadyThere(name, said) if state == _UNIQUE else RefusedByDatabase(name, said)


def _protects(constraint: str, table: str) -> str:
    """The constraint's name without what our naming convention puts in front."""
    for kind in _KINDS:
        constraint = constraint.removeprefix(f"{kind}_{table}_")
    return constraint
