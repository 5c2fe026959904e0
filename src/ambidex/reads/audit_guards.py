"""Who edits a row past the program leaves a note: the tables that the rules read have their guards.

The tables follow from the rules, so a rule that reads another table has it guarded (entry/tables.py makes the triggers).
"""

# ruff: noqa: S608  # names of tables in rules of ours

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import text

from ambidex.reads.audit_stock import Check
from ambidex.runtime.db import Read

AUDIT = "8 audit"
RULE = "who edits a row past the program leaves a note"
_NO_ALIAS = "WHERE|USING|ON|GROUP|ORDER|LEFT|RIGHT|FULL|INNER|JOIN|CROSS|UNION|LIMIT|HAVING"
TABLE = re.compile(
    rf"(?<!DISTINCT )\b(?P<verb>FROM|JOIN)\s+(?P<table>[a-z]+\.[a-z_]+)\b(?!\()(?:\s+(?:AS\s+)?(?!(?:{_NO_ALIAS})\b)(?P<alias>\w+))?"
)
# what the walk of the chain compares with
_BESIDE_RULES = "runtime.chain_head"


def read_by(checks: Iterable[Check]) -> tuple[str, ...]:
    """The tables that these rules name."""
    named = {match["table"] for check in checks for match in TABLE.finditer(check.sql)}
    return tuple(sorted(named | {_BESIDE_RULES}))


def guarding(tables: Iterable[str]) -> Check:
    """The rule that each of these tables has both its triggers, and nobody switched them off."""
    wanted = ", ".join(f"('{name}')" for name in tables)
    return Check(
        AUDIT,
        RULE,
        f"""
SELECT 'table ' || w.name AS subject, 'rows can be changed or emptied without a note' AS detail
  FROM (VALUES {wanted}) AS w(name)
 CROSS JOIN (VALUES ('touched'), ('emptied')) AS s(suffix)
  LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass(w.name) AND t.tgname = split_part(w.name, '.', 2) || '_' || s.suffix
   AND t.tgenabled IN ('O', 'A')
 WHERE t.oid IS NULL GROUP BY w.name ORDER BY w.name""",
    )


_SWITCHES = text("""
SELECT CAST(CAST(t.tgrelid AS regclass) AS text) || ' ' || t.tgname AS name, CAST(t.xmin AS text) AS switch
  FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgrelid = ANY(CAST(CAST(:tables AS text[]) AS regclass[]))""")


async def switches(read: Read, tables: Iterable[str]) -> dict[str, str]:
    """Triggers of these tables, each with a text that is another one as soon as somebody switches it off or on."""
    return {row.name: row.switch for row in await read.all(_SWITCHES, {"tables": list(tables)})}
