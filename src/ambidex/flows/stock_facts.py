"""Physical facts about stock: what was sold at a till, received, damaged, counted. Claims left without stock get an owner.

Everybody who books a physical fact comes here. Orders are locked before stock: facts that turn out to touch claims
begin again and lock the orders first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ambidex.domains import catalogue, inventory, locations, orders
from ambidex.domains.catalogue import Item
from ambidex.domains.inventory import Counted, Movement, Place, Settled, Short, StockRow
from ambidex.domains.locations import Location
from ambidex.domains.watch import Cause
from ambidex.flows import ownership
from ambidex.flows.ownership import About
from ambidex.kernel.ids import OrderId, TaskId
from ambidex.reads.claims import EVERYTHING, claiming_orders
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Again

# a promise that is nearly due, or over, still leaves somebody this long to look
LOOK_WITHIN = timedelta(minutes=5)


async def book_facts(
    tx: Tx,
    movements: Sequence[Movement],
    *,
    cause: str,
    source: str = "",
    reference: str = "",
    evidence: Sequence[str] = (),
    note: str = "",
) -> list[Settled]:
    """Book physical facts; see `inventory.book`. Who may is asked by the caller, who knows where they come from."""
    leaving: dict[Place, int] = {}
    for m in movements:
        leaving[m.place] = leaving.get(m.place, 0) + m.quantity
    locked = await lock_claimants(tx, leaving)
    settled = await inventory.book(
        tx, movements, cause=cause, source=source, reference=reference, evidence=evidence, note=note
    )
    await own_shorts(tx, settled, locked=locked, why=cause)
    return settled


async def book_counts(
    tx: Tx, rows: Sequence[StockRow], *, cause: str, source: str = "", reference: str = ""
) -> list[Counted]:
    """Book authoritative counts; see `inventory.count_all`."""
    locked = await lock_claimants(tx, {row.place: EVERYTHING for row in rows})
    counted = await inventory.count_all(tx, rows, cause=cause, source=source, reference=reference)
    await own_shorts(tx, counted, locked=locked, why=cause)
    return counted


async def rebuild_stock(tx: Tx, places: Collection[Place]) -> list[Settled]:
    """Make positions what their ledger and claims say; those that differed."""
    locked = await lock_claimants(tx, dict.fromkeys(places, EVERYTHING))
    rebuilt = await inventory.rebuild(tx, places)
    await own_shorts(tx, rebuilt, locked=locked, why="rebuilt")
    return rebuilt


async def lock_claimants(tx: Tx, leaving: Mapping[Place, int]) -> set[OrderId]:
    """On a second try: lock the orders that may go short when so many units leave these places."""
    if not tx.attempt:
        return set()
    reach = leaving if tx.attempt == 1 else dict.fromkeys(leaving, EVERYTHING)
    return set(await orders.lock_orders(tx, await claiming_orders(tx, reach)))


async def own_shorts(
    tx: Tx, changed: Iterable[Settled | Counted], *, why: str, locked: Collection[OrderId] | None = None
) -> None:
    """Each claim that lost its stock becomes somebody's task, the most endangered promise first; the others are solved.

    Raises Again when an order is touched that was not locked before the stock; unless said, all were on a second try.
    """
    changes = list(changed)
    opened = [short for change in changes for short in change.opened]
    closed = [short for change in changes for short in change.closed]
    touched = {short.order_id for short in (*opened, *closed)}
    if touched and (not tx.attempt if locked is None else touched - set(locked)):
        raise Again
    _ = [await ownership.solved(tx, _key(short), outcome="stock was found") for short in closed]
    if not opened:
        return
    items = await catalogue.by_ids(tx, {short.item_id for short in opened})
    places = await locations.by_ids(tx, {short.location_id for short in opened})
    _ = [
        await _own(tx, short, items[short.item_id], places[short.location_id], why=why, due_at=due_at)
        for short, due_at in _in_turn(opened, tx.now)
    ]


def _in_turn(opened: Iterable[Short], now: datetime) -> list[tuple[Short, datetime]]:
    """In the order of their promises, each to be looked at before it is due as far as that is still possible."""
    latest, due_at = now + ownership.SOLVE_WITHIN, now
    turns = []
    for short in sorted(opened, key=lambda s: (s.due_at is None, s.due_at or latest, s.order_id)):
        wanted = min(latest, max(short.due_at or latest, now + LOOK_WITHIN))
        due_at = max(wanted, due_at + timedelta(seconds=1))
        turns.append((short, due_at))
    return turns


async def _own(tx: Tx, short: Short, item: Item, place: Location, *, why: str, due_at: datetime) -> TaskId:
    """A claim lost its stock: the lead of the place looks for another way."""
    order = await orders.order(tx, short.order_id)
    return await ownership.hand_to_person(
        tx,
        order_id=short.order_id,
        kind="stock-gone",
        cause=Cause.STOCK,
        title=f"Find {short.quantity} x {item.title} for order {order.number}",
        detail=f"{place.name} has fewer than are promised to customers ({why}).",
        key=_key(short),
        role="lead",
        about=About(short.location_id, due_at, facts={"item": item.sku, "quantity": short.quantity}),
    )


def _key(short: Short) -> str:
    return f"short:{short.short_id}"
