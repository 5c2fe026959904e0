"""Somebody must count: a count waits and the people of the place have a task. Asked twice, the first one stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from ambidex.domains import catalogue, counting, locations, tasks
from ambidex.domains.catalogue import Item, UnknownItem
from ambidex.domains.counting import CountKind
from ambidex.domains.locations import Location
from ambidex.domains.tasks import TaskKind
from ambidex.flows.kits import must_lie_on_shelves
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import BadInput
from ambidex.runtime.db import Tx

COUNT_WITHIN = timedelta(hours=2)
ASKED_MAX = 200
WHY = {
    CountKind.DIRECTED: "asked for",
    CountKind.SHORT_PICK: "a picker could not find it",
    CountKind.DRIFT: "two systems disagree about it",
    CountKind.OWN: "somebody wanted to know",
    CountKind.NEXT_BEST: "promises hang on it",
}


async def need_count(
    tx: Tx,
    place: Location,
    item: Item,
    *,
    kind: CountKind,
    cause: str = "",
    order_id: OrderId | None = None,
) -> UUID:
    """Open a count with its task, or find the one that waits. Call before stock is locked. Its id."""
    why = cause or WHY[kind]
    count_id = await counting.need(tx, item.item_id, place.location_id, kind=kind, cause=why)
    await ask_for(tx, count_id, place, item, why=why, order_id=order_id)
    return count_id


async def need_counts(
    tx: Tx,
    place: Location,
    items: Iterable[Item],
    *,
    kind: CountKind,
    cause: str = "",
    order_id: OrderId | None = None,
) -> list[UUID]:
    """The same for several items, in the order in which stock is locked."""
    return [
        await need_count(tx, place, item, kind=kind, cause=cause, order_id=order_id)
        for item in sorted(items, key=lambda item: item.item_id)
    ]


async def ask_for(
    tx: Tx,
    count_id: UUID,
    place: Location,
    item: Item,
    *,
    why: str,
    step: str = "count",
    role: str = "associate",
    order_id: OrderId | None = None,
) -> None:
    """A task for one step of a count: count, recount, count-approve."""
    due_at = place.hours.after_open_time(tx.now, COUNT_WITHIN) or tx.now + COUNT_WITHIN
    verb = {"count": "Count", "recount": "Count again", "count-approve": "Decide the count of"}[step]
    await tasks.open_task(
        tx,
        kind=TaskKind.COUNT,
        title=f"{verb} {item.title}",
        key=f"{step}:{count_id}",
        role=role,
        location_id=place.location_id,
        due_at=due_at,
        order_id=order_id,
        details={"why": why, "item": item.title, "count": str(count_id)},
    )


async def ask_for_counts(tx: Tx, *, location: str, items: Sequence[str], cause: str = "") -> list[UUID]:
    """A lead asks for these items to be counted at a place."""
    place = await locations.by_code(tx, location)
    tx.actor.must(Permission.STOCK_APPROVE, at=place.location_id)
    wanted = list(dict.fromkeys(items))
    if not 1 <= len(wanted) <= ASKED_MAX:
        raise BadInput(errors=[{"field": "items", "expected": f"1 to {ASKED_MAX} items"}])
    known = await catalogue.by_skus(tx, set(wanted))
    if missing := [sku for sku in wanted if sku not in known]:
        raise UnknownItem(item=missing[0])
    must_lie_on_shelves(known.values())
    return await need_counts(tx, place, known.values(), kind=CountKind.DIRECTED, cause=cause)
