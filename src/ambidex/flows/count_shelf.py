"""Somebody counted a shelf without seeing the book: settled and booked, or another person counts, or a lead decides.

What was counted is booked as of the moment of counting, so a sale meanwhile is not lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ambidex.domains import catalogue, counting, inventory, locations
from ambidex.domains.catalogue import Item, UnknownItem
from ambidex.domains.counting import Count, CountKind, CountState, Entry
from ambidex.domains.inventory import Counted
from ambidex.domains.locations import Location
from ambidex.flows.close_counts import finish_tasks
from ambidex.flows.count_stock import UNITS_MAX, book_count, count_stock, lock_claimants
from ambidex.flows.kits import must_lie_on_shelves
from ambidex.flows.need_count import WHY, ask_for
from ambidex.kernel.actor import ActorKind, Permission
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass
from ambidex.reads.counts import is_known
from ambidex.runtime.db import Tx

# who counts just now is asked for all that is known now, also what was booked while this transaction waited for its turn
JUST_NOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Shelf:
    """What somebody counted where, when, and under which key a device keeps it."""

    location: str
    item: str
    counted: int
    kind: CountKind = CountKind.OWN
    happened_at: datetime | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class ShelfCounted:
    """Where the count stands now, and what it changed when it was booked."""

    count: Count | None
    booked: Counted | None = None


async def count_shelf(tx: Tx, shelf: Shelf) -> ShelfCounted:
    """Enter what was counted. The same key again changes nothing."""
    if not 0 <= shelf.counted <= UNITS_MAX:
        raise BadInput(errors=[{"field": "counted", "expected": f"0 to {UNITS_MAX}"}])
    place, item = await _meant(tx, shelf.location, shelf.item)
    tx.actor.must(Permission.STOCK_COUNT, at=place.location_id)
    await lock_claimants(tx, place, item)
    where = (item.item_id, place.location_id)
    known = await counting.entered_before(tx, where, by=tx.actor.id, counted=shelf.counted, key=shelf.key)
    if known is not None:
        return ShelfCounted(known)
    why = WHY[shelf.kind]
    await counting.need(tx, *where, kind=shelf.kind, cause=why)
    entry = await _entry(tx, shelf, where)
    count = await counting.enter(tx, where, entry, kind=shelf.kind, cause=why, price_minor=item.price.minor)
    return ShelfCounted(count, await _follow(tx, count, place, item, at=shelf.happened_at))


async def _entry(tx: Tx, shelf: Shelf, where: tuple[ItemId, LocationId]) -> Entry:
    """What this person says, beside what the book says of that moment."""
    return Entry(
        counted=shelf.counted,
        expected=await _expected(tx, *where, shelf.happened_at or tx.now + JUST_NOW),
        happened_at=shelf.happened_at or tx.now,
        counted_by=tx.actor.id,
        counted_by_name=tx.actor.name,
        device=tx.actor.device or "",
        key=shelf.key,
    )


async def count_here(tx: Tx, *, location: str, item: str, counted: int, cause: str) -> ShelfCounted:
    """An authoritative count where this actor's number is the authority; else a count that is judged like any other."""
    place = await locations.by_code(tx, location)
    tx.actor.must(Permission.STOCK_COUNT, at=place.location_id)
    if _is_authority(tx, place):
        booked = await count_stock(tx, location=location, item=item, counted=counted, cause=cause)
        return ShelfCounted(None, booked)
    return await count_shelf(tx, Shelf(location, item, counted))


async def begin_count(tx: Tx, *, location: str, item: str, kind: CountKind = CountKind.OWN) -> Count:
    """Somebody stands at the shelf and begins."""
    place, what = await _meant(tx, location, item)
    return await counting.begin(tx, what.item_id, place.location_id, kind=kind, cause=WHY[kind])


async def _follow(
    tx: Tx, count: Count, place: Location, item: Item, *, at: datetime | None
) -> Counted | None:
    """What a new number leads to. `at` is when a device says it was counted; None: just now."""
    proof: Mapping[str, object] = {"counted": count.counted}
    await finish_tasks(tx, count.count_id, proof=proof)
    if count.state is CountState.RECOUNT:
        why = "another person has to count it again"
        await ask_for(tx, count.count_id, place, item, why=why, step="recount")
    if count.state is CountState.TO_APPROVE:
        why = "the counts are far from the book, or from each other"
        await ask_for(tx, count.count_id, place, item, why=why, step="count-approve", role="lead")
    if count.state is not CountState.COUNTED:
        return None
    assert count.counted is not None, "a settled count has a number"
    return await book_count(tx, place, item, count.counted, cause="count", happened_at=at)


async def _expected(tx: Tx, item_id: ItemId, location_id: LocationId, at: datetime) -> int | None:
    """What the book says of that moment; None where it knows nothing of this item."""
    if not await is_known(tx, item_id, location_id):
        return None
    then = await inventory.book_as_of(tx, {(item_id, location_id): at})
    return then[item_id, location_id]


def _is_authority(tx: Tx, place: Location) -> bool:
    """Who may approve here, and systems."""
    is_system = tx.actor.kind in {ActorKind.SOURCE, ActorKind.SYSTEM}
    return is_system or tx.actor.may(Permission.STOCK_APPROVE, at=place.location_id)


async def _meant(tx: Tx, location: str, sku: str) -> tuple[Location, Item]:
    place = await locations.by_code(tx, location)
    item = (await catalogue.by_skus(tx, [sku])).get(sku) or await catalogue.by_barcode(tx, sku)
    if item is None:
        raise UnknownItem(item=sku)
    must_lie_on_shelves([item])
    return place, item
