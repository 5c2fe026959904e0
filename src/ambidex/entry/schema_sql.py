"""Print the whole schema as SQL, one statement per block: how the first migration is written.

Later migrations are written by hand; a test holds "all migrations from empty" against METADATA.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import Dialect, create_mock_engine
from sqlalchemy.dialects import postgresql

from ambidex.entry.tables import METADATA, SCHEMAS

DIALECT: Dialect = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
SEPARATOR = "\n-- ;;\n"


def statements() -> list[str]:
    """Every DDL statement that makes the schema from nothing, in order."""
    made = [f"CREATE SCHEMA IF NOT EXISTS {schema}" for schema in SCHEMAS]

    def keep(statement: Any, *_: Any, **__: Any) -> None:
        made.append(str(statement.compile(dialect=DIALECT)).strip())

    METADATA.create_all(create_mock_engine("postgresql+asyncpg://", keep), checkfirst=False)
    return [statement for _, group in groupby(made, _is_index) for statement in _in_order(group)]


def _is_index(statement: str) -> bool:
    return statement.startswith(("CREATE INDEX", "CREATE UNIQUE INDEX"))


def _in_order(group: Iterable[str]) -> list[str]:
    """The indexes of a table are a set; sorted, the same tables always print the same."""
    found = list(group)
    return sorted(found) if _is_index(found[0]) else found


if __name__ == "__main__":
    print(SEPARATOR.join(statements()))
