"""Rebuilding stock while the house is open: positions become what their ledger and claims say, a batch at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ambidex.domains import catalogue, locations
from ambidex.domains.catalogue import UnknownItem
from ambidex.domains.inventory import Place, Settled
from ambidex.flows.stock_facts import rebuild_stock
from ambidex.kernel.actor import Actor
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.reads.stock_places import places_after
from ambidex.runtime.perform import Run

BATCH = 200


async def rebuild_all(
    run: Run, actor: Actor, *, item: str | None = None, location: str | None = None
) -> AsyncIterator[tuple[int, list[Settled]]]:
    """Batch by batch: how many places were looked at, and those that differed. Each batch is a transaction."""
    item_id, location_id = await _meant(run, item, location)
    after: Place | None = None
    while True:
        async with run.reading() as read:
            places = await places_after(read, after, item_id=item_id, location_id=location_id, limit=BATCH)
        if not places:
            return
        yield len(places), await run.perform(actor, rebuild_stock, places)
        after = places[-1]


async def _meant(run: Run, item: str | None, location: str | None) -> tuple[ItemId | None, LocationId | None]:
    async with run.reading() as read:
        known = await catalogue.by_sku(read, item) if item else None
        place = await locations.by_code(read, location) if location else None
    if item and known is None:
        raise UnknownItem(item=item)
    return (known.item_id if known else None), (place.location_id if place else None)
