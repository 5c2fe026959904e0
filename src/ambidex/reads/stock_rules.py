"""The rules of what may be promised, in the codes that people use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text

from ambidex.domains import availability
from ambidex.domains.availability import Group, Rule, Rulebook
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.db import Read

_SKUS = text("SELECT item_id, sku, name FROM catalogue.items WHERE item_id = ANY(CAST(:ids AS uuid[]))")
_CODES = text(
    "SELECT location_id, code, name FROM locations.locations WHERE location_id = ANY(CAST(:ids AS uuid[]))"
)


@dataclass(frozen=True, slots=True)
class Named:
    """The codes and names behind ids."""

    skus: Mapping[ItemId, str] = field(default_factory=dict)
    titles: Mapping[ItemId, str] = field(default_factory=dict)
    codes: Mapping[LocationId, str] = field(default_factory=dict)
    names: Mapping[LocationId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule in codes; empty is any."""

    id: str
    number: str
    units: int
    item: str
    category: str
    location: str
    group: str
    channel: str
    starts_on: date | None
    ends_on: date | None
    place: str = ""


def view_of(rule: Rule, named: Named) -> RuleView:
    """The rule with codes in place of ids."""
    scope = rule.scope
    return RuleView(
        rule.rule_id.hex,
        rule.number.value,
        rule.units,
        named.skus.get(scope.item_id, "") if scope.item_id else "",
        scope.category,
        named.codes.get(scope.location_id, "") if scope.location_id else "",
        scope.group,
        scope.channel,
        scope.starts_on,
        scope.ends_on,
        named.names.get(scope.location_id, "") if scope.location_id else "",
    )


async def name_rules(read: Read, rules: Iterable[Rule]) -> Named:
    """What the items and places of these rules are called."""
    scopes = [rule.scope for rule in rules]
    return await _named(
        read, {s.item_id for s in scopes if s.item_id}, {s.location_id for s in scopes if s.location_id}
    )


async def _named(read: Read, items: set[ItemId], places: set[LocationId]) -> Named:
    found = await read.all(_SKUS, {"ids": sorted(items)}) if items else []
    known = await read.all(_CODES, {"ids": sorted(places)}) if places else []
    return Named(
        {row.item_id: row.sku for row in found},
        {row.item_id: row.name for row in found},
        {row.location_id: row.code for row in known},
        {row.location_id: row.name for row in known},
    )


async def rules_page(
    read: Read, after: UUID | None, *, limit: int, item_id: ItemId | None = None
) -> tuple[Sequence[Rule], Named]:
    """Rules in the order in which they were first written."""
    rules = await availability.rules_after(read, after, limit=limit, item_id=item_id)
    return rules, await name_rules(read, rules)


async def book_with_names(read: Read) -> tuple[Rulebook, Named]:
    """Groups, sellers and areas with the codes of their places."""
    book = await availability.rulebook(read)
    places = {at for group in book.groups.values() for at in group.places} | {at for at, _ in book.areas}
    return book, await _named(read, set(), places)


async def rules_for(read: Read, item_id: ItemId, category: str) -> tuple[list[RuleView], list[Group]]:
    """The rules that may count for an item, the most specific kind first, and all groups by code."""
    book = await availability.rulebook(read)
    found = [
        rule
        for rule in book.rules
        if rule.scope.item_id == item_id
        or (rule.scope.item_id is None and rule.scope.category in {"", category})
    ]
    named = await name_rules(read, found)
    views = [view_of(rule, named) for rule in found]
    views.sort(
        key=lambda one: (
            one.number,
            not one.item,
            not one.category,
            not one.location,
            not one.group,
            one.channel,
        )
    )
    return views, list(book.groups.values())
