"""What a piece of work sends and writes, counted inside one transaction: statements, rows, index entries.

Counts do not flicker, so tests assert them (tests/flows/test_order_counts.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

_ROWS = text("""
SELECT schemaname || '.' || quote_ident(relname) AS name, n_tup_ins AS made, n_tup_upd AS changed,
  n_tup_hot_upd AS in_place FROM pg_stat_xact_user_tables""")
# how tests commit inside one transaction; a program sends BEGIN and COMMIT instead
_OF_TESTS = ("SAVEPOINT", "RELEASE", "SET CONSTRAINTS")
_INDEXES = text("""
SELECT i.indexrelid, t.schemaname || '.' || quote_ident(t.relname) AS name,
  coalesce(pg_get_expr(i.indpred, i.indrelid), 'true') AS condition
  FROM pg_index i JOIN pg_stat_user_tables t ON t.relid = i.indrelid""")


@dataclass
class Writes:
    """`changed_in_place` are updates that needed no index entry (HOT); `entries` are all index entries."""

    statements: int = 0
    made: int = 0
    changed: int = 0
    changed_in_place: int = 0
    entries: int = 0
    tables: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def each(self, count: int) -> dict[str, float]:
        """For one of `count`."""
        return {
            "statements": round(self.statements / count, 2),
            "rows": round(self.made / count, 2),
            "rows_changed_in_place": round(self.changed_in_place / count, 2),
            "rows_changed_elsewhere": round((self.changed - self.changed_in_place) / count, 2),
            "index_entries": round(self.entries / count, 2),
        }


@asynccontextmanager
async def counted(connection: AsyncConnection) -> AsyncIterator[Writes]:
    """Counts everything that is done on this connection inside; it must be in a transaction already."""
    writes = Writes()
    before, entries_before = await _rows(connection), await _entries(connection)
    on = connection.sync_connection
    assert on is not None
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(on, "before_cursor_execute", note)
    try:
        yield writes
    finally:
        event.remove(on, "before_cursor_execute", note)
    writes.said = [statement for statement in sent if not statement.startswith(_OF_TESTS)]
    writes.statements = len(writes.said)
    after, entries_after = await _rows(connection), await _entries(connection)
    for name, (made, changed, in_place) in after.items():
        was = before.get(name, (0, 0, 0))
        writes.made += made - was[0]
        writes.changed += changed - was[1]
        writes.changed_in_place += in_place - was[2]
        if made > was[0]:
            writes.tables[name] = made - was[0]
    writes.entries = sum(entries_after.values()) - sum(entries_before.values())


async def _rows(connection: AsyncConnection) -> dict[str, tuple[int, int, int]]:
    rows = (await connection.execute(_ROWS)).all()
    return {row.name: (row.made, row.changed, row.in_place) for row in rows}


async def _entries(connection: AsyncConnection) -> dict[int, int]:
    """How many rows each index has an entry for."""
    found: dict[int, int] = {}
    for index in (await connection.execute(_INDEXES)).all():
        counting = f"SELECT count(*) FROM {index.name} WHERE {index.condition}"  # noqa: S608  # from the catalogue
        found[index.indexrelid] = int(await connection.scalar(text(counting.replace(":", "\\:"))) or 0)
    return found
