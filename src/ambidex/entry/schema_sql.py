"""Print the whole schema as SQL, one statement per block: how the first migration is written.

Later migrations are written by hand; a test holds "all migrations from empty" against METADATA.
"""

from __future__ import annotations

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
    return made


if __name__ == "__main__":
    print(SEPARATOR.join(statements()))
