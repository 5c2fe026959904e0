"""How many units each channel may sell: the numbers that feeds publish, from the same look that answers "why is this 3?".

The statements do not grow with items or feeds; feeds that ask the same thing are answered once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.domains.availability import Ask
from ambidex.domains.feeds import Area, Feed
from ambidex.kernel.ids import FeedId, ItemId, LocationId
from ambidex.reads.availability import Look, kits_with, look
from ambidex.runtime.db import Read

Units = Mapping[tuple[FeedId, ItemId], int]


async def channel_units(read: Read, feeds: Sequence[Feed], item_ids: Sequence[ItemId]) -> Units:
    """Units by feed and item, and of the kits these items are in. A place that lost its stock takes nothing from others."""
    wanted = sorted({*item_ids, *await kits_with(read, item_ids)})
    seen = await look(read, wanted)
    known = [item_id for item_id in wanted if item_id in seen.items]
    asked: dict[tuple[str, Area], dict[ItemId, int]] = {}
    units: dict[tuple[FeedId, ItemId], int] = {}
    for feed in feeds:
        terms = (feed.channel, feed.area)
        if terms not in asked:
            asked[terms] = _totals(read, seen, feed, known)
        units.update({(feed.feed_id, item_id): total for item_id, total in asked[terms].items()})
    return units


def _totals(read: Read, seen: Look, feed: Feed, item_ids: Sequence[ItemId]) -> dict[ItemId, int]:
    area = feed.area
    places = _places(seen, area)
    here = seen if places is None else seen.within(places)
    ask = Ask(read.now, feed.channel, method=area.method, country=area.country, postcode=area.postcode)
    # who is shown one place has chosen it, so the floor of routing does not count
    routed = len(area.locations) != 1
    return {item_id: here.answer(item_id, ask, routed=routed).total for item_id in item_ids}


def _places(seen: Look, area: Area) -> frozenset[LocationId] | None:
    """The places that count; None: all. A group that is gone has none."""
    if not area.group:
        return frozenset(area.locations) or None
    group = seen.book.groups.get(area.group)
    of_group = group.places if group else frozenset[LocationId]()
    return of_group & frozenset(area.locations) if area.locations else of_group
