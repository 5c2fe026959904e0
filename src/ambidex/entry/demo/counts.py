"""The demo's counts at the first store: one asked for, one to be counted again, one that a lead decides.

Everything goes through the flows that people use, by people of the store.
"""

from __future__ import annotations

from ambidex.domains import catalogue, inventory, locations
from ambidex.domains.locations import Location
from ambidex.entry.installation import OPERATOR
from ambidex.flows.count_shelf import Shelf, count_shelf
from ambidex.flows.need_count import ask_for_counts
from ambidex.kernel.actor import Actor, ActorKind, Permission
from ambidex.runtime.db import Read
from ambidex.runtime.perform import Run

STORE = "store-01"
ENOUGH, WANTED = 8, 3


async def count_some(run: Run) -> None:
    """Begin counts in several states; once, for a new shop."""
    async with run.reading() as read:
        skus = await _with_enough(read)
        place = await locations.by_code(read, STORE)
    if len(skus) < WANTED:
        return
    asked, again, far = skus
    await run.perform(OPERATOR, ask_for_counts, location=STORE, items=[asked], cause="before the weekend")
    first, second = (_somebody(place, name) for name in ("Matteo Gallo", "Yuki Tanaka"))
    await run.perform(first, count_shelf, Shelf(STORE, again, 2))
    await run.perform(first, count_shelf, Shelf(STORE, far, 3))
    await run.perform(second, count_shelf, Shelf(STORE, far, 4))


async def _with_enough(read: Read) -> list[str]:
    """Items of which the store has so many that a small number is far from the book."""
    place = await locations.by_code(read, STORE)
    items = (await catalogue.page(read, limit=200)).items
    left = await inventory.available(read, [item.item_id for item in items], [place.location_id])
    return [item.sku for item in items if left.get((item.item_id, place.location_id), 0) >= ENOUGH][-WANTED:]


def _somebody(place: Location, name: str) -> Actor:
    """A person of the store who counts."""
    permissions = frozenset({Permission.STOCK_COUNT})
    places = frozenset({place.location_id})
    return Actor(name, ActorKind.PERSON, name, permissions, places, place.location_id, role="associate")
