"""An authoritative count: the shelf is what was counted; claims it cannot meet are owned by a person at once."""

from __future__ import annotations

from datetime import datetime

from ambidex.domains import catalogue, inventory, locations
from ambidex.domains.catalogue import Item
from ambidex.domains.inventory import Counted, StockRow
from ambidex.domains.locations import Location
from ambidex.flows import stock_facts
from ambidex.flows.close_counts import close_counts
from ambidex.flows.kits import must_lie_on_shelves
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput
from ambidex.reads.claims import EVERYTHING
from ambidex.runtime.db import Tx

UNITS_MAX = 10_000_000


async def count_stock(tx: Tx, *, location: str, item: str, counted: int, cause: str = "count") -> Counted:
    """Set what lies on the shelves of one place (units staged for customers are not part of it).

    Orders whose claims are left without stock get an exception and a task each. Orders are locked before stock: a
    count that turns out to touch some begins again and locks all that claim this item here.
    """
    if not 0 <= counted <= UNITS_MAX:
        raise BadInput(errors=[{"field": "counted", "expected": f"0 to {UNITS_MAX}"}])
    place = await locations.by_code(tx, location)
    tx.actor.must(Permission.STOCK_COUNT, at=place.location_id)
    what = await catalogue.by_sku(tx, item)
    if counted:  # what lay there before it became a kit can be counted away
        must_lie_on_shelves([what])
    await lock_claimants(tx, place, what)
    await close_counts(tx, {(what.item_id, place.location_id): counted})
    return await book_count(tx, place, what, counted, cause=cause)


async def lock_claimants(tx: Tx, place: Location, item: Item) -> None:
    """Orders are locked before counts and stock: a second try locks all that claim this item here."""
    await stock_facts.lock_claimants(tx, {(item.item_id, place.location_id): EVERYTHING})


async def book_count(
    tx: Tx,
    place: Location,
    item: Item,
    counted: int,
    *,
    cause: str,
    happened_at: datetime | None = None,
) -> Counted:
    """Book what somebody counted, as of when they counted it. The caller locks first: claimants, then counts."""
    row = StockRow(item.item_id, place.location_id, counted)
    [outcome] = await inventory.count_all(tx, [row], cause=cause, happened_at=happened_at)
    await stock_facts.own_shorts(tx, [outcome], why=cause)
    return outcome
