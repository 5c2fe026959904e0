"""Statements of ours as the driver takes them: straight to it, because what SQLAlchemy adds to each costs more than most.

A `text()` is put into the driver's words once. Arrays travel as text, written by one call of the JSON encoder; the
driver would ask each of their elements what it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from enum import Enum
from typing import Any

import asyncpg
import orjson
from sqlalchemy import Connection, TextClause
from sqlalchemy.exc import DBAPIError, IntegrityError, MultipleResultsFound, NoResultFound
from sqlalchemy.ext.asyncio import AsyncConnection

from ambidex.kernel.values import dataclass

# what the text of an array may hold without a second look; bytes go as they are
_ARRAY = re.compile(
    r"(?P<any>\bANY\()?CAST\(\$(?P<number>\d+) AS "
    r"(?P<kind>uuid|text|smallint|integer|int|bigint|boolean|timestamptz|jsonb)\[\]\)(?(any)\))",
    re.IGNORECASE,
)
# escapes that mean something else in an array than in JSON
_FOREIGN_ESCAPE = re.compile(rb'\\[^"\\]')


class Fact(asyncpg.Record):
    """A row whose columns are attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def _asdict(self) -> dict[str, Any]:
        return dict(self)


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement in the driver's words: $1 for the first of `names`; True for those that are arrays."""

    sql: str
    names: tuple[tuple[str, bool], ...]

    def values(self, told: Mapping[str, Any]) -> list[Any]:
        """In the order of their numbers."""
        return [array(told[name]) if is_array else told[name] for name, is_array in self.names]


_sent: dict[str, Sent] = {}


def sent(statement: TextClause, on: Connection) -> Sent:
    """As it is sent; put into the driver's words once."""
    found = _sent.get(statement.text)
    if found is None:
        found = _sent[statement.text] = _worded(statement, on)
    return found


def _worded(statement: TextClause, on: Connection) -> Sent:
    compiled = statement.compile(dialect=on.dialect)
    names = list(compiled.positiontup or ())
    sql = compiled.string
    cast = Counter(int(found["number"]) for found in _ARRAY.finditer(sql))
    asked = Counter(int(number) for number in re.findall(r"\$(\d+)", sql))
    # one that is asked for in another way too stays the driver's
    arrays = {number for number, times in cast.items() if times == asked[number]}
    return Sent(
        _ARRAY.sub(lambda m: _as_text(m) if int(m["number"]) in arrays else m[0], sql),
        tuple((name, n in arrays) for n, name in enumerate(names, start=1)),
    )


def _as_text(found: re.Match[str]) -> str:
    """An array that travels as text. Where rows are held against it, it is read once and not for each row."""
    read = f"CAST(CAST(${found['number']} AS text) AS {found['kind']}[])"
    return f"ANY(CAST((SELECT {read}) AS {found['kind']}[]))" if found["any"] else read


def array(values: Sequence[Any] | None) -> str | None:
    """The text of an array."""
    if values is None:
        return None
    assert not values or not isinstance(values[0], (list, tuple, dict)), "arrays have one dimension"
    try:
        said = orjson.dumps(values if isinstance(values, (list, tuple)) else list(values), default=str)
    except TypeError:
        return _spelled(values)
    if b"\\" in said and _FOREIGN_ESCAPE.search(said):
        return _spelled(values)
    return f"{{{said[1:-1].decode()}}}"


def _spelled(values: Sequence[Any]) -> str:
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    told = value.value if isinstance(value, Enum) else value
    spelled = told.isoformat() if isinstance(told, date) else str(told)
    return '"' + spelled.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def fetch(connection: AsyncConnection, statement: TextClause, told: Mapping[str, Any]) -> list[Any]:
    """Every row. Raises DBAPIError as SQLAlchemy does."""
    with _whole_or_thrown_away(connection):
        driver, asked, values = await _ready(connection, statement, told)
        try:
            return list(await driver.fetch(asked.sql, *values, record_class=Fact))
        except Exception as fault:
            raise await _told(connection, statement, told, fault) from fault


async def run(connection: AsyncConnection, statement: TextClause, told: Mapping[str, Any]) -> int:
    """The number of rows touched, or -1 when that means nothing. Raises DBAPIError as SQLAlchemy does."""
    with _whole_or_thrown_away(connection):
        driver, asked, values = await _ready(connection, statement, told)
        try:
            said = str(await driver.execute(asked.sql, *values)).rpartition(" ")[2]
        except Exception as fault:
            raise await _told(connection, statement, told, fault) from fault
        return int(said) if said.isdecimal() else -1


@contextmanager
def _whole_or_thrown_away(connection: AsyncConnection) -> Iterator[None]:
    """Who is canceled in the middle does not give the connection back: a transaction may have begun on it that nobody ends,
    and what the next one on it commits would be a part of that.
    """
    try:
        yield
    except Exception:
        raise
    except BaseException as ended:
        on = connection.sync_connection
        if on is not None and not on.invalidated:
            on.invalidate(ended)
        raise


def only(rows: Sequence[Any]) -> Any:
    """The only row, or None."""
    if len(rows) > 1:
        raise MultipleResultsFound("more rows than one")
    return rows[0] if rows else None


def exactly(rows: Sequence[Any]) -> Any:
    """The only row."""
    if not rows:
        raise NoResultFound("no row")
    return only(rows)


async def _ready(
    connection: AsyncConnection, statement: TextClause, told: Mapping[str, Any]
) -> tuple[asyncpg.Connection[Any], Sent, list[Any]]:
    """The driver's connection, in a transaction when SQLAlchemy's is, and what it is asked."""
    on = connection.sync_connection
    assert on is not None, "the connection is open"
    adapted: Any = on.connection.dbapi_connection
    if on.in_transaction() and adapted._transaction is None:  # noqa: SLF001  # it begins with its own first statement
        await adapted._start_transaction()  # noqa: SLF001  # and so with ours
    asked = sent(statement, on)
    values = asked.values(told)
    for listener in on.dispatch.before_cursor_execute:
        listener(on, None, asked.sql, tuple(values), None, False)  # noqa: FBT003  # its form
    driver: asyncpg.Connection[Any] = adapted.driver_connection
    return driver, asked, values


async def _told(
    connection: AsyncConnection, statement: TextClause, told: Mapping[str, Any], fault: Exception
) -> Exception:
    """The driver's error as SQLAlchemy's."""
    if not isinstance(fault, (asyncpg.PostgresError, asyncpg.InterfaceError)):
        return fault
    on = connection.sync_connection
    if on is None or on.invalidated or on.connection.driver_connection.is_closed():  # type: ignore[union-attr]  # SQLAlchemy leaves the driver open
        try:  # a lost connection, and its neighbors in the pool, are SQLAlchemy's to throw away
            await connection.execute(statement, dict(told))
        except Exception as lost:  # noqa: BLE001  # it is handed to the caller
            return lost
    kind = IntegrityError if isinstance(fault, asyncpg.IntegrityConstraintViolationError) else DBAPIError
    return kind(statement.text, None, fault, hide_parameters=True)
