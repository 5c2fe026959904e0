"""Writing the rules; a trigger gives all of them a new version with each change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ambidex.domains.availability.model import Area, Group, Number, Rule, Scope
from ambidex.kernel.ids import LocationId
from ambidex.runtime.db import Tx

_PUT_RULES = text("""
INSERT INTO availability.rules AS r (rule_id, number, units, item_id, category, location_id, group_code, channel,
  starts_on, ends_on, changed_at, changed_by)
SELECT *, :now, :actor FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS text[]), CAST(:units AS integer[]),
  CAST(:items AS uuid[]), CAST(:categories AS text[]), CAST(:places AS uuid[]), CAST(:groups AS text[]),
  CAST(:channels AS text[]), CAST(:starts AS date[]), CAST(:ends AS date[])) AS a
ON CONFLICT (number, item_id, category, location_id, group_code, channel, starts_on, ends_on)
DO UPDATE SET units = excluded.units, changed_at = excluded.changed_at, changed_by = excluded.changed_by
RETURNING rule_id, number, units, item_id, category, location_id, group_code, channel, starts_on, ends_on""")
_DROP_RULE = text("""
DELETE FROM availability.rules WHERE rule_id = :rule_id
RETURNING rule_id, number, units, item_id, category, location_id, group_code, channel, starts_on, ends_on""")


async def put_rules(tx: Tx, rows: Sequence[tuple[Number, int, Scope]]) -> list[Rule]:
    """Write these; a rule of the same number and scope gets the new units."""
    scopes = [scope for _, _, scope in rows]
    values: dict[str, Any] = {
        "ids": [tx.new_id() for _ in rows],
        "numbers": [number.value for number, _, _ in rows],
        "units": [units for _, units, _ in rows],
        "items": [s.item_id for s in scopes],
        "categories": [s.category for s in scopes],
        "places": [s.location_id for s in scopes],
        "groups": [s.group for s in scopes],
        "channels": [s.channel for s in scopes],
        "starts": [s.starts_on for s in scopes],
        "ends": [s.ends_on for s in scopes],
        "now": tx.now,
        "actor": tx.actor.id,
    }
    return [Rule.of(row) for row in await tx.all(_PUT_RULES, values)]


async def drop_rule(tx: Tx, rule_id: UUID) -> Rule | None:
    row = await tx.maybe(_DROP_RULE, {"rule_id": rule_id})
    return None if row is None else Rule.of(row)


_PUT_GROUP = text("""
INSERT INTO availability.groups (code, name, changed_at) VALUES (:code, :name, :now)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, changed_at = excluded.changed_at""")
_CLEAR_GROUP = text("DELETE FROM availability.group_places WHERE group_code = :code")
_FILL_GROUP = text("""
INSERT INTO availability.group_places (group_code, location_id)
SELECT :code, location_id FROM unnest(CAST(:places AS uuid[])) AS a(location_id)""")
_IN_USE = text("""
SELECT EXISTS (SELECT 1 FROM availability.rules WHERE group_code = :code)
    OR EXISTS (SELECT 1 FROM availability.sellers WHERE group_code = :code) AS used""")
_LOCK_GROUP = text("SELECT code FROM availability.groups WHERE code = :code FOR UPDATE")
_KEEP_GROUPS = text("""
SELECT code FROM availability.groups WHERE code = ANY(CAST(:codes AS text[])) ORDER BY code FOR KEY SHARE""")
_DROP_GROUP = text("DELETE FROM availability.groups WHERE code = :code")


async def put_group(tx: Tx, group: Group) -> None:
    """Exactly these places are in it from now on."""
    await tx.run(_PUT_GROUP, {"code": group.code, "name": group.name, "now": tx.now})
    await tx.run(_CLEAR_GROUP, {"code": group.code})
    await tx.run(_FILL_GROUP, {"code": group.code, "places": sorted(group.places)})


async def keep_groups(tx: Tx, codes: Collection[str]) -> set[str]:
    """Those of these groups that are there, and stay until the end of the transaction."""
    return {row.code for row in await tx.all(_KEEP_GROUPS, {"codes": sorted(codes)})}


async def group_is_used(tx: Tx, code: str) -> bool:
    """Whether anything names it; locked, so that nothing begins to."""
    await tx.maybe(_LOCK_GROUP, {"code": code})
    return bool(await tx.value(_IN_USE, {"code": code}))


async def drop_group(tx: Tx, code: str) -> bool:
    await tx.run(_CLEAR_GROUP, {"code": code})
    return await tx.run(_DROP_GROUP, {"code": code}) == 1


_CLEAR_SELLER = text("DELETE FROM availability.sellers WHERE seller = :seller")
_FILL_SELLER = text("""
INSERT INTO availability.sellers (seller, group_code)
SELECT :seller, group_code FROM unnest(CAST(:groups AS text[])) AS a(group_code)""")
_CLEAR_AREAS = text("DELETE FROM availability.areas WHERE location_id = :location_id AND method = :method")
_FILL_AREAS = text("""
INSERT INTO availability.areas (location_id, method, country, postcode)
SELECT :location_id, :method, country, postcode
  FROM unnest(CAST(:countries AS text[]), CAST(:postcodes AS text[])) AS a(country, postcode)""")


async def put_seller(tx: Tx, seller: str, groups: Sequence[str]) -> None:
    """It may sell from these groups only; none: from every place."""
    await tx.run(_CLEAR_SELLER, {"seller": seller})
    await tx.run(_FILL_SELLER, {"seller": seller, "groups": sorted(set(groups))})


async def put_areas(tx: Tx, location_id: LocationId, method: str, areas: Sequence[Area]) -> None:
    """The place serves these this way; none: every address."""
    served = sorted({(area.country, area.postcode) for area in areas})
    await tx.run(_CLEAR_AREAS, {"location_id": location_id, "method": method})
    values = {"countries": [c for c, _ in served], "postcodes": [p for _, p in served]}
    await tx.run(_FILL_AREAS, values | {"location_id": location_id, "method": method})
