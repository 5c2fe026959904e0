"""Looking up what the codes of a list of orders mean: sources, items, places and what each place can promise now.

Items, places and sources are remembered by the process under their versions (runtime/memory.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ambidex.domains import catalogue, channels, locations, promises
from ambidex.domains.locations import Location
from ambidex.domains.orders import NewOrder
from ambidex.domains.promises import NeverOpensAgain, Plan
from ambidex.flows.placing import Words
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.memory import recall, versions

WAREHOUSES_MAX = 200
WAREHOUSE = "warehouse"


async def look_up(tx: Tx, asked: Sequence[NewOrder]) -> Words:
    """Look everything up that the list names; one statement when all of it is remembered."""
    now = await versions(tx)
    lines = [line for new in asked for line in new.lines]
    codes = {line.location for line in lines if line.location}
    places = await recall(tx, "locations", codes, locations.by_codes, now=now)
    kinds = {WAREHOUSE} if any(not line.location for line in lines) else set()
    warehouses = (await recall(tx, "locations", kinds, _of_kinds, now=now)).get(WAREHOUSE, ())
    return Words(
        sources=await channels.sources_for(tx, {new.source for new in asked}, now=now),
        items=await recall(tx, "catalogue", {line.sku for line in lines}, catalogue.by_skus, now=now),
        places=places,
        warehouses=warehouses,
        plans={place.location_id: _plan(tx, place) for place in (*places.values(), *warehouses)},
    )


async def _of_kinds(read: Read, kinds: Collection[str]) -> dict[str, Sequence[Location]]:
    [kind] = kinds
    return {kind: (await locations.page(read, kind=kind, limit=WAREHOUSES_MAX)).items}


def _plan(tx: Tx, place: Location) -> Plan | None:
    try:
        return promises.plan(place.hours, now=tx.now)
    except NeverOpensAgain:
        return None
