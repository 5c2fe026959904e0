"""All migrations from empty give exactly the tables that the code works with."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import asyncpg
import pytest

from ambidex.entry.migrate import migrate, migrations_folder
from tests.servers import TestServer

_SHAPE = """
SELECT 'column', table_schema || '.' || table_name, column_name,
       data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
  FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'public')
UNION ALL SELECT 'index', schemaname || '.' || tablename, indexname, indexdef
  FROM pg_indexes WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'public')
UNION ALL SELECT 'constraint', n.nspname || '.' || r.relname, c.conname, pg_get_constraintdef(c.oid)
  FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'public')
UNION ALL SELECT 'trigger', n.nspname || '.' || r.relname, t.tgname, pg_get_triggerdef(t.oid)
  FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid JOIN pg_namespace n ON n.oid = r.relnamespace
 WHERE NOT t.tgisinternal
UNION ALL SELECT 'function', n.nspname, p.proname, p.prosrc
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'public')
ORDER BY 1, 2, 3, 4
"""


async def _shape(url: str) -> list[tuple[str, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(_SHAPE)]
    finally:
        await connection.close()


async def test_all_migrations_from_empty_equal_the_tables(server: TestServer) -> None:
    migrated = server.empty()
    await migrate(migrated)
    declared = server.from_tables()

    assert await _shape(migrated) == await _shape(declared)


async def test_migrating_twice_changes_nothing(server: TestServer) -> None:
    url = server.empty()
    await migrate(url)
    before = await _shape(url)
    await migrate(url)
    assert await _shape(url) == before


@pytest.mark.parametrize(
    "path", sorted((migrations_folder() / "versions").glob("*.py")), ids=lambda p: p.stem
)
def test_each_migration_says_when_it_runs(path: Path) -> None:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.deployment in {"before", "after"}
