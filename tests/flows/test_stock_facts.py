"""Physical facts that take units from under claims: owned shorts for exactly the gap, the most endangered promise kept."""

from __future__ import annotations

from sqlalchemy import text

from ambidex.domains.inventory import Movement
from ambidex.flows.stock_facts import book_facts, rebuild_stock
from ambidex.flows.watch import sweep
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId
from ambidex.reads.audit import audit
from ambidex.reads.audit_stock import STOCK
from ambidex.runtime.db import Tx
from tests.conftest import Clock
from tests.flows.counter import Counter, counter
from tests.reads.test_plans import recorded
from tests.shop import Shop


async def sold(shop: Shop, units: int, *, way: tuple[str, str] = ("sellable", "customer")) -> None:
    """At the till, to somebody who walked in."""
    row = Movement(shop.items["MUG-01"].item_id, shop.places["camden"].location_id, *way, units)
    await shop.run.perform(SYSTEM, book_facts, [row], cause="sold", source="till:camden", reference="T-1")


async def short_orders(one: Counter) -> list[tuple[OrderId, int]]:
    rows = await one.rows(
        "SELECT order_id, quantity FROM inventory.shorts WHERE closed_at IS NULL ORDER BY order_id"
    )
    return [(row.order_id, row.quantity) for row in rows]


async def open_tasks(one: Counter) -> list[OrderId]:
    rows = await one.rows(
        "SELECT order_id FROM tasks.tasks WHERE key LIKE 'short:%' AND state NOT IN ('done', 'expired') "
        "ORDER BY due_at, task_id"
    )
    return [row.order_id for row in rows]


async def stock_is_sound(shop: Shop) -> bool:
    async with shop.run.reading() as read:
        return not [v for v in (await audit(read)).violations if v.invariant == STOCK]


async def two_orders(shop: Shop, clock: Clock) -> tuple[Counter, Counter]:
    """Two of the two mugs are promised: one by two o'clock, one by half past."""
    first = await counter(shop, stock=2, mug_01=1)
    clock.forward(minutes=30)
    return first, await counter(shop, stock=2, mug_01=1)


async def test_a_walk_in_buys_a_promised_unit_and_who_has_most_time_left_goes_short(
    shop: Shop, clock: Clock
) -> None:
    _, second = await two_orders(shop, clock)
    await sold(shop, 1)
    assert await short_orders(second) == [(second.order_id, 1)]
    assert await open_tasks(second) == [second.order_id]
    assert await stock_is_sound(shop)


async def test_both_are_short_and_the_most_endangered_is_worked_first(shop: Shop, clock: Clock) -> None:
    first, second = await two_orders(shop, clock)
    clock.forward(hours=1)
    await sold(shop, 2)
    assert await open_tasks(first) == [first.order_id, second.order_id]
    await sold(shop, 1, way=("supplier", "sellable"))
    assert await short_orders(first) == [(second.order_id, 1)], "what came serves the most endangered first"
    assert await open_tasks(first) == [second.order_id]
    await sold(shop, 1, way=("customer", "sellable"))
    assert await short_orders(first) == []
    assert await open_tasks(first) == []
    assert await stock_is_sound(shop)


async def test_a_promise_that_was_made_anew_has_more_time_left(shop: Shop, clock: Clock) -> None:
    first, second = await two_orders(shop, clock)
    clock.forward(hours=1, minutes=20)
    while await sweep(shop.run):
        pass
    dates = await first.rows("SELECT order_id, due_at FROM inventory.reservations ORDER BY due_at")
    promised = await first.rows(
        "SELECT order_id, due_at FROM promises.promises WHERE kind = 'ready_by' AND state = 'made' ORDER BY due_at"
    )
    assert [tuple(row) for row in dates] == [tuple(row) for row in promised]
    assert [row.order_id for row in dates] == [second.order_id, first.order_id], "the first was promised anew"
    await sold(shop, 1)
    assert await short_orders(first) == [(first.order_id, 1)]


async def test_what_is_picked_is_not_taken_away(shop: Shop, clock: Clock) -> None:
    first, second = await two_orders(shop, clock)
    await second.accept()
    await second.pick()
    await sold(shop, 1)
    assert await short_orders(first) == [(first.order_id, 1)]
    await sold(shop, 1)
    assert await short_orders(first) == sorted([(first.order_id, 1), (second.order_id, 1)])
    assert await stock_is_sound(shop)


async def test_a_rebuild_gives_the_shorts_it_opens_an_owner(shop: Shop, clock: Clock) -> None:
    first, second = await two_orders(shop, clock)
    row = Movement(shop.items["MUG-01"].item_id, shop.places["camden"].location_id, "sellable", "damaged", 1)

    async def forge(tx: Tx) -> None:
        """The ledger knows that one broke; the position was never told."""
        await tx.run(
            text(
                "INSERT INTO inventory.ledger (item_id, entry_id, location_id, from_account, to_account, quantity, cause, "
                "actor_id, happened_at, recorded_at) VALUES (:item, :id, :at, 'sellable', 'damaged', 1, 'broke', 'x', CAST(:now AS timestamptz) + interval '1 s', :now)"
            ),
            {"item": row.item_id, "at": row.location_id, "id": tx.new_id(), "now": tx.now},
        )

    await shop.run.perform(SYSTEM, forge)
    assert not await stock_is_sound(shop)
    [rebuilt] = await shop.run.perform(SYSTEM, rebuild_stock, [row.place])
    assert ("sellable", "2", "1") in rebuilt.differences
    assert await open_tasks(first) == [second.order_id]
    assert await stock_is_sound(shop)


async def test_orders_that_may_go_short_are_locked_as_one_list(shop: Shop, clock: Clock) -> None:
    first, second = await two_orders(shop, clock)
    with recorded(shop.run) as found:
        await sold(shop, 2)
    assert set(await open_tasks(first)) == {first.order_id, second.order_id}
    locks = [one for one in found.statements if "orders.orders" in one and "FOR NO KEY UPDATE" in one]
    assert len(locks) == 1
    assert "order_id = ANY" in locks[0]
