"""Reading the rules. The version is read each time, the rules only when they changed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from ambidex.domains.availability.model import Area, Group, Rule, Seller
from ambidex.domains.availability.rules import Rulebook
from ambidex.kernel.ids import ItemId
from ambidex.runtime.db import Read

ROWS_MAX = 1_000_000
FAMILY = "availability"
_VERSION = text("SELECT version FROM runtime.versions WHERE name = :name")
_RULES = text("""
SELECT rule_id, number, units, item_id, category, location_id, group_code, channel, starts_on, ends_on
  FROM availability.rules ORDER BY rule_id LIMIT :limit""")
_GROUPS = text("""
SELECT g.code, g.name, array_remove(array_agg(p.location_id), NULL) AS places
  FROM availability.groups g LEFT JOIN availability.group_places p ON p.group_code = g.code
 GROUP BY g.code, g.name ORDER BY g.code LIMIT :limit""")
_SELLERS = text("""
SELECT seller, array_agg(group_code) AS groups FROM availability.sellers GROUP BY seller LIMIT :limit""")
_AREAS = text("SELECT location_id, method, country, postcode FROM availability.areas LIMIT :limit")


async def rulebook(read: Read) -> Rulebook:
    """The rules that count now: what was committed before this call is in it. One statement when nothing changed."""
    return await rulebook_of(read, await read.value(_VERSION, {"name": FAMILY}))


async def rulebook_of(read: Read, version: int | None) -> Rulebook:
    """The rules of a version that the caller read a moment ago, in this transaction; None: nothing is written yet."""
    if version is None:
        return Rulebook()
    told, book = read.memory.get(FAMILY, (None, {}))
    if told != version:
        book = {FAMILY: await _load(read, version)}
        read.memory[FAMILY] = (version, book)
    found: Rulebook = book[FAMILY]
    return found


async def _load(read: Read, version: int) -> Rulebook:
    limit = {"limit": ROWS_MAX}
    return Rulebook.of(
        version,
        [Rule.of(row) for row in await read.all(_RULES, limit)],
        groups=[Group(r.code, r.name, frozenset(r.places)) for r in await read.all(_GROUPS, limit)],
        sellers=[Seller(r.seller, frozenset(r.groups)) for r in await read.all(_SELLERS, limit)],
        areas=[Area(*tuple(row)) for row in await read.all(_AREAS, limit)],
    )


_RULES_PAGE = text("""
SELECT rule_id, number, units, item_id, category, location_id, group_code, channel, starts_on, ends_on
  FROM availability.rules
 WHERE rule_id > CAST(:after AS uuid) AND (CAST(:item AS uuid) IS NULL OR item_id = :item)
 ORDER BY rule_id LIMIT :limit""")
_FIRST = UUID(int=0)


async def rules_after(
    read: Read, after: UUID | None, *, limit: int, item_id: ItemId | None = None
) -> Sequence[Rule]:
    """Rules in the order in which they were first written; all, or those of one item."""
    values = {"after": after or _FIRST, "limit": limit, "item": item_id}
    return [Rule.of(row) for row in await read.all(_RULES_PAGE, values)]
