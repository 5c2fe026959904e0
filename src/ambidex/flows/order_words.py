"""Looking up what the codes of a list of orders mean: sources, items, places and what each place can promise now."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import catalogue, channels, locations, promises
from ambidex.domains.locations import Location
from ambidex.domains.orders import NewOrder
from ambidex.domains.promises import NeverOpensAgain, Plan
from ambidex.flows.placing import Words
from ambidex.runtime.db import Tx

WAREHOUSES_MAX = 200


async def look_up(tx: Tx, asked: Sequence[NewOrder]) -> Words:
    """Look everything up that the list names, each kind in one statement."""
    lines = [line for new in asked for line in new.lines]
    places = await locations.by_codes(tx, sorted({line.location for line in lines if line.location}))
    warehouses: Sequence[Location] = ()
    if any(not line.location for line in lines):
        page = await locations.page(tx, kind="warehouse", limit=WAREHOUSES_MAX)
        warehouses = page.items
    return Words(
        sources=await channels.sources_for(tx, sorted({new.source for new in asked})),
        items=await catalogue.by_skus(tx, sorted({line.sku for line in lines})),
        places=places,
        warehouses=warehouses,
        plans={place.location_id: _plan(tx, place) for place in (*places.values(), *warehouses)},
    )


def _plan(tx: Tx, place: Location) -> Plan | None:
    try:
        return promises.plan(place.hours, now=tx.now)
    except NeverOpensAgain:
        return None
