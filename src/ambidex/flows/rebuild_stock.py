"""Rebuilding stock while the house is open: positions become what their ledger and claims say, a batch at a time."""

from __future__ import annotations

from ambidex.domains import catalogue, locations
from ambidex.domains.inventory import Place, Settled
from ambidex.flows.stock_facts import rebuild_stock
from ambidex.kernel.actor import Actor
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.values import dataclass
from ambidex.reads.stock_places import places_after
from ambidex.runtime.perform import Run

BATCH = 200


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One batch: how many places were looked at, those that differed, and where to go on (None: that was all)."""

    looked: int
    differed: list[Settled]
    last: Place | None


async def rebuild_next(
    run: Run, actor: Actor, after: Place | None, *, item: str | None = None, location: str | None = None
) -> Rebuilt:
    """Rebuild the next batch after this place, of one item or one location when asked. It is one transaction."""
    item_id, location_id = await _meant(run, item, location)
    async with run.reading() as read:
        places = await places_after(read, after, item_id=item_id, location_id=location_id, limit=BATCH)
    differed = await run.perform(actor, rebuild_stock, places) if places else []
    return Rebuilt(len(places), differed, places[-1] if len(places) == BATCH else None)


async def _meant(run: Run, item: str | None, location: str | None) -> tuple[ItemId | None, LocationId | None]:
    async with run.reading() as read:
        known = await catalogue.by_sku(read, item) if item else None
        place = await locations.by_code(read, location) if location else None
    return (known.item_id if known else None), (place.location_id if place else None)
