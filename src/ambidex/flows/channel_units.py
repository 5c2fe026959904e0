"""How many units each channel may sell: the numbers that feeds publish, for many items and feeds in a few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.domains import inventory
from ambidex.domains.feeds import Feed
from ambidex.kernel.ids import FeedId, ItemId
from ambidex.runtime.db import Read

Units = Mapping[tuple[FeedId, ItemId], int]


async def channel_units(read: Read, feeds: Sequence[Feed], item_ids: Sequence[ItemId]) -> Units:
    """Units by feed and item. A place whose claims lost their stock takes nothing from the others."""
    offered: dict[ItemId, list[tuple[object, int]]] = {item_id: [] for item_id in item_ids}
    for (item_id, place), units in (await inventory.available(read, item_ids)).items():
        offered[item_id].append((place, max(0, units)))
    return {
        (feed.feed_id, item_id): sum(
            units for place, units in offers if not feed.area.locations or place in feed.area.locations
        )
        for feed in feeds
        for item_id, offers in offered.items()
    }
