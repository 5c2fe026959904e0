"""A lead who counted none of it decides a count that is far from the book: approved and booked, or counted anew."""

from __future__ import annotations

from uuid import UUID

from ambidex.domains import catalogue, counting, locations
from ambidex.domains.catalogue import Item
from ambidex.domains.counting import Count, CountKind, CountVerb
from ambidex.domains.locations import Location
from ambidex.flows.close_counts import finish_tasks
from ambidex.flows.count_shelf import ShelfCounted
from ambidex.flows.count_stock import book_count, lock_claimants
from ambidex.flows.need_count import need_count
from ambidex.runtime.db import Tx


async def approve_count(tx: Tx, *, count_id: UUID) -> ShelfCounted:
    """What was counted last is what lay there at that moment."""
    place, item = await _of(tx, count_id)
    await lock_claimants(tx, place, item)
    count = await counting.decide(tx, count_id, CountVerb.APPROVE)
    await finish_tasks(tx, count_id, proof={"approved": count.counted})
    assert count.counted is not None, "what is decided has a number"
    booked = await book_count(
        tx, place, item, count.counted, cause="count approved", happened_at=count.counted_at
    )
    return ShelfCounted(count, booked)


async def reject_count(tx: Tx, *, count_id: UUID, why: str) -> Count:
    """Nobody believes it: nothing is booked, and somebody counts from the beginning."""
    place, item = await _of(tx, count_id)
    count = await counting.decide(tx, count_id, CountVerb.REJECT, why=why)
    await finish_tasks(tx, count_id, proof={"rejected": why or "not believed"})
    await need_count(tx, place, item, kind=CountKind.DIRECTED, cause="the count before was rejected")
    return count


async def cancel_count(tx: Tx, *, count_id: UUID, why: str) -> Count:
    """Nobody needs it any more."""
    count = await counting.decide(tx, count_id, CountVerb.CANCEL, why=why)
    await finish_tasks(tx, count_id, proof={"canceled": why or "not needed"})
    return count


async def _of(tx: Tx, count_id: UUID) -> tuple[Location, Item]:
    """Read without a lock: item and place of a count never change."""
    where = await counting.place_of(tx, count_id)
    items = await catalogue.by_ids(tx, [where[0]])
    return await locations.by_id(tx, where[1]), items[where[0]]
