"""What may be promised at other places to somebody who has bought already: free units less safety, by the same rules."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ambidex.domains import availability, catalogue
from ambidex.domains.availability import Ask, Stock
from ambidex.domains.inventory import Place
from ambidex.domains.locations import Location
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import dataclass
from ambidex.reads.availability import stock_at
from ambidex.runtime.db import Tx


@dataclass(frozen=True, slots=True)
class Promisable:
    """By position: units that may be had, and units that whoever takes some must leave unclaimed."""

    left: dict[Place, int]
    kept: dict[Place, int]


async def promisable(
    tx: Tx, channel: str, *, items: Collection[ItemId], places: Sequence[Location]
) -> Promisable:
    """At these places; nothing at those from which the channel may not sell."""
    book = await availability.rulebook(tx)
    stock = await stock_at(tx, items, [place.location_id for place in places])
    wares = await catalogue.by_ids(tx, items)
    ask = Ask(tx.now, channel)
    kept = {
        (item_id, place.location_id): one.waiting
        + book.safety(wares[item_id], place, ask, with_stock=one.safety).units
        for place in places
        if book.sells_from(place, ask)
        for item_id in items
        if (one := stock.get((item_id, place.location_id))) is not None
    }
    return Promisable({place: stock[place].unclaimed - units for place, units in kept.items()}, kept)


async def already_bought(tx: Tx, positions: Collection[Place]) -> Promisable:
    """What somebody may have at the place where they bought it: all that is free and nobody waits for, safety too."""
    items, places = {item for item, _ in positions}, {at for _, at in positions}
    stock: dict[Place, Stock] = await stock_at(tx, items, places)
    return Promisable(
        {place: one.free for place, one in stock.items()},
        {place: one.waiting for place, one in stock.items()},
    )
