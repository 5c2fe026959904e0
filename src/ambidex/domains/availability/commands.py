"""Changing the rules. A committed change counts for the next order and the next answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from ambidex.domains.availability import rules, store
from ambidex.domains.availability.events import AvailabilityChanged, QueueMoved
from ambidex.domains.availability.model import Area, Group, Number, Place, Rule, Scope
from ambidex.domains.availability.problems import GroupInUse, UnknownGroup, UnknownRule
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import LocationId
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx


async def put_rules(tx: Tx, rows: Sequence[tuple[Number, int, Scope]]) -> list[Rule]:
    """Write rules; one of the same number and scope gets the new units. BadRule names what is wrong."""
    for number, units, scope in rows:
        _must(tx, scope.location_id)
        rules.check(number, units, scope)
    await _known_groups(tx, {scope.group for _, _, scope in rows if scope.group})
    written = await store.put_rules(tx, rows)
    for rule in written:
        _tell(tx, "rule", rules.words_of(rule), rule=rule)
    return written


async def drop_rule(tx: Tx, rule_id: str) -> Rule:
    """The rule counts no longer. UnknownRule, also for an id that cannot be one."""
    try:
        known = UUID(rule_id)
    except ValueError:
        raise UnknownRule(rule=rule_id) from None
    rule = await store.drop_rule(tx, known)
    if rule is None:
        raise UnknownRule(rule=rule_id)
    _must(tx, rule.scope.location_id)
    _tell(tx, "rule", f"removed: {rules.words_of(rule)}", rule=rule)
    return rule


async def put_group(tx: Tx, group: Group) -> None:
    """Create the group or change its name and places."""
    tx.actor.must_everywhere(Permission.STOCK_RULES)
    rules.check_group(group)
    await store.put_group(tx, group)
    _tell(tx, "group", f"{group.code}: {len(group.places)} places")


async def drop_group(tx: Tx, code: str) -> None:
    """Remove a group that nothing names. UnknownGroup, GroupInUse."""
    tx.actor.must_everywhere(Permission.STOCK_RULES)
    if await store.group_is_used(tx, code):
        raise GroupInUse(group=code)
    if not await store.drop_group(tx, code):
        raise UnknownGroup(code, group=code)
    _tell(tx, "group", f"removed: {code}")


async def put_seller(tx: Tx, seller: str, groups: Sequence[str]) -> None:
    """A channel or source may sell from these groups only; none given: from every place. UnknownGroup."""
    tx.actor.must_everywhere(Permission.STOCK_RULES)
    await _known_groups(tx, set(groups))
    await store.put_seller(tx, seller, groups)
    _tell(tx, "seller", f"{seller} sells from {', '.join(sorted(groups)) or 'every place'}")


async def put_areas(
    tx: Tx, location_id: LocationId, method: str, served: Sequence[tuple[str, str]]
) -> list[Area]:
    """The place serves addresses of these (country, postcode prefix) this way; none given: every address."""
    _must(tx, location_id)
    areas = rules.areas_of(location_id, method, served)
    await store.put_areas(tx, location_id, method, areas)
    _tell(tx, "area", f"{method}: {len(areas) or 'all'} areas", location_id=location_id)
    return areas


def look_at_queue(tx: Tx, places: Collection[Place], *, why: str, behind: tuple[str, ...] = ()) -> None:
    """Those who wait at these places are looked at once more, a moment later: all, or who is parked behind this one."""
    if places:
        told = QueueMoved([[item, at] for item, at in sorted(set(places))], why, behind)
        tx.announce(Ref("stock-rules", "queue"), told)


def _must(tx: Tx, location_id: LocationId | None) -> None:
    """A rule of one place needs the place; any other counts in many."""
    if location_id is None:
        tx.actor.must_everywhere(Permission.STOCK_RULES)
    else:
        tx.actor.must(Permission.STOCK_RULES, at=location_id)


async def _known_groups(tx: Tx, codes: set[str]) -> None:
    unknown = sorted(codes - await store.keep_groups(tx, codes)) if codes else []
    if unknown:
        raise UnknownGroup(unknown[0], group=unknown[0])


def _tell(
    tx: Tx, what: str, why: str, *, rule: Rule | None = None, location_id: LocationId | None = None
) -> None:
    scope = rule.scope if rule else Scope(location_id=location_id)
    items = (scope.item_id,) if scope.item_id else ()
    told = AvailabilityChanged(what, items, why)
    tx.announce(Ref("stock-rules", what), told, location_id=scope.location_id)
