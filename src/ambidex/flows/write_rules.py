"""Rules of what may be promised, written in codes: what they name must be there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ambidex.domains import availability, catalogue, channels, locations
from ambidex.domains.availability import Group, Number, Scope
from ambidex.domains.locations import UnknownLocation
from ambidex.kernel.values import dataclass
from ambidex.reads.stock_rules import RuleView, name_rules, view_of
from ambidex.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class RuleSaid:
    """A rule in codes; empty is any."""

    number: str
    units: int
    item: str = ""
    category: str = ""
    location: str = ""
    group: str = ""
    channel: str = ""
    starts_on: date | None = None
    ends_on: date | None = None


async def write_rule(tx: Tx, said: RuleSaid) -> RuleView:
    """Write one rule. UnknownItem, UnknownLocation, UnknownGroup, BadRule."""
    item = await catalogue.by_sku(tx, said.item) if said.item else None
    place = await locations.by_code(tx, said.location) if said.location else None
    scope = Scope(
        item.item_id if item else None,
        said.category,
        place.location_id if place else None,
        said.group,
        said.channel,
        said.starts_on,
        said.ends_on,
    )
    [rule] = await availability.put_rules(tx, [(Number(said.number), said.units, scope)])
    return view_of(rule, await name_rules(tx, [rule]))


async def remove_rule(tx: Tx, rule: str) -> RuleView:
    """Remove one; what it was. UnknownRule."""
    gone = await availability.drop_rule(tx, rule)
    return view_of(gone, await name_rules(tx, [gone]))


async def write_group(tx: Tx, code: str, *, name: str, codes: Sequence[str]) -> tuple[str, str, list[str]]:
    """The group has exactly these places from now on. UnknownLocation."""
    places = await locations.by_codes(tx, sorted(set(codes)))
    unknown = sorted(set(codes) - places.keys())
    if unknown:
        raise UnknownLocation(unknown[0], location=unknown[0])
    group = Group(code, name.strip(), frozenset(place.location_id for place in places.values()))
    await availability.put_group(tx, group)
    return code, name.strip(), sorted(places)


async def remove_group(tx: Tx, code: str) -> str:
    await availability.drop_group(tx, code)
    return code


async def write_channel(tx: Tx, channel: str, *, groups: Sequence[str]) -> tuple[str, list[str]]:
    """Every source of the channel sells from these groups only, unless it has its own. UnknownGroup."""
    await availability.put_seller(tx, channel, groups)
    return channel, sorted(set(groups))


async def write_source(tx: Tx, source: str, *, groups: Sequence[str]) -> tuple[str, list[str]]:
    """This source sells from these groups only. UnknownSource, UnknownGroup."""
    await channels.source(tx, source)
    return await write_channel(tx, source, groups=groups)


async def write_areas(
    tx: Tx, location: str, *, method: str, served: Sequence[tuple[str, str]]
) -> tuple[str, str, list[tuple[str, str]]]:
    """The place serves exactly these addresses this way; none: every address. UnknownLocation, BadRule."""
    place = await locations.by_code(tx, location)
    areas = await availability.put_areas(tx, place.location_id, method, served)
    return location, method, sorted((area.country, area.postcode) for area in areas)
