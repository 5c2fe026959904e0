"""Stock is published: what changed is computed anew for every feed, and only what is another value is shown.

One writer at a time: whoever publishes holds the newest position first and reads stock afterwards, so the reaction
and the refreshing loop never overwrite a newer number with an older one.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ambidex.domains import availability, catalogue, feeds
from ambidex.domains.feeds import Feed
from ambidex.flows.channel_units import channel_units
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import dataclass
from ambidex.reads import feeds as reading
from ambidex.runtime import crash
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import StoredEvent

PUBLISHED_BY = frozenset({
    "inventory.moved", "availability.queue-moved", "availability.changed", "catalogue.changed", "locations.changed",
    "locations.closed",
})  # fmt: skip
ITEM_CHANGED = "catalogue.changed"
REFRESH_ITEMS, COMPARED_ITEMS = 500, 200
FIRST = ItemId(UUID(int=0))


async def publish_stock(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction: the items of these events, in every feed; a change that names none means all of them, soon."""
    if await feeds.page(tx, limit=1):
        await _tell_feeds(tx, events)
    crash.point("stock-published")


async def _tell_feeds(tx: Tx, events: Sequence[StoredEvent]) -> None:
    skus = {str(event.payload["sku"]) for event in events if event.name == ITEM_CHANGED}
    named = [_items(event) for event in events if event.name != ITEM_CHANGED]
    if not all(named):
        await feeds.refresh_all(tx)
    item_ids = set[ItemId]().union(*named)
    if skus:
        item_ids |= {item.item_id for item in (await catalogue.by_skus(tx, sorted(skus))).values()}
    if item_ids:
        await _publish(tx, await feeds.hold(tx), sorted(item_ids))


async def turn_dates(run: Run) -> None:
    """A loop: when a dated rule began or ended since the items were last looked at, all are looked at again."""
    async with run.reading() as read:
        known = await feeds.page(read)
        book = await availability.rulebook(read)
        zones = await reading.zones(read)
    since = min((feed.refreshed_at for feed in known), default=read.now)
    turned = book.next_change(since, zones)
    if turned is not None and turned <= read.now:
        await run.perform(SYSTEM, feeds.refresh_all)


@dataclass
class Comparing:
    """A loop: a few items at a time, all of them in turn, are held against the truth, so that no miss lasts."""

    after: ItemId = FIRST

    async def step(self, run: Run) -> None:
        """Look at the next items; what differs is published. Begins anew after the last."""
        self.after = await run.perform(SYSTEM, _compare, after=self.after)


async def _compare(tx: Tx, *, after: ItemId) -> ItemId:
    held = await feeds.hold(tx)
    item_ids = await reading.items_after(tx, after, limit=COMPARED_ITEMS) if held else []
    await _publish(tx, held, item_ids)
    return item_ids[-1] if len(item_ids) == COMPARED_ITEMS else FIRST


async def refresh_feeds(run: Run) -> bool:
    """A loop: look at the next items of feeds that are new or whose rules changed; whether there may be more."""
    async with run.reading() as read:
        known = await feeds.page(read)
    if all(feed.refresh_after is None for feed in known):
        return False
    return await run.perform(SYSTEM, _refresh)


async def _refresh(tx: Tx) -> bool:
    waiting = [feed for feed in await feeds.hold(tx) if feed.refresh_after is not None]
    if not waiting:
        return False
    after = min(feed.refresh_after for feed in waiting if feed.refresh_after is not None)
    together = [feed for feed in waiting if feed.refresh_after == after]
    item_ids = await reading.items_after(tx, after, limit=REFRESH_ITEMS)
    await _publish(tx, together, item_ids)
    is_last = len(item_ids) < REFRESH_ITEMS
    await feeds.refreshed(tx, together, upto=None if is_last else item_ids[-1])
    return not is_last or len(together) < len(waiting)


async def _publish(tx: Tx, held: Sequence[Feed], item_ids: Sequence[ItemId]) -> None:
    if held and item_ids:
        await feeds.publish(tx, held, await channel_units(tx, held, item_ids))


def _items(event: StoredEvent) -> set[ItemId]:
    payload = event.payload
    named = [item for item, _ in payload.get("places", ())] or payload.get("item_ids", ())
    return {ItemId(UUID(item)) for item in named}
