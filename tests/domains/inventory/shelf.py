"""Words for tests of stock: a shelf with units on it, and what the books say about it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from ambidex.domains import inventory
from ambidex.domains.inventory import Claim, StockRow
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.perform import Run

STORE = LocationId(UUID(int=0x51))
OTHER = LocationId(UUID(int=0x52))
MUG = ItemId(UUID(int=0xA1))
LAMP = ItemId(UUID(int=0xA2))


def order_id(number: int) -> OrderId:
    return OrderId(UUID(int=0xB000 + number))


def claim(
    number: int, quantity: int = 1, *, item: ItemId = MUG, place: LocationId = STORE, line: int = 1
) -> Claim:
    return Claim(item, place, order_id(number), line, quantity)


async def shelf(run: Run, units: int, *, item: ItemId = MUG, place: LocationId = STORE) -> None:
    """An authoritative count says so many lie there."""
    await run.perform(SYSTEM, inventory.count_all, [StockRow(item, place, units)], cause="test")


async def reserve(run: Run, *claims: Claim) -> None:
    await run.perform(SYSTEM, inventory.reserve, list(claims))


async def hold(run: Run, quantity: int, *, minutes: int, number: int = 9) -> UUID:
    async def keep(tx: Tx) -> UUID:
        return await inventory.hold(
            tx,
            item_id=MUG,
            location_id=STORE,
            quantity=quantity,
            order_id=order_id(number),
            line_no=1,
            purpose="option",
            expires_at=tx.now + timedelta(minutes=minutes),
        )

    return await run.perform(SYSTEM, keep)


ROW = text("""
SELECT sellable, suspect, staged, reserved, held, gap FROM inventory.positions
 WHERE item_id = :item AND location_id = :place""")
SUMS = text("""
WITH moves AS (
  SELECT to_account AS account, quantity FROM inventory.ledger WHERE item_id = :item AND location_id = :place
  UNION ALL
  SELECT from_account, -quantity FROM inventory.ledger WHERE item_id = :item AND location_id = :place
)
SELECT coalesce(sum(quantity) FILTER (WHERE account = 'sellable'), 0),
  coalesce(sum(quantity) FILTER (WHERE account = 'suspect'), 0),
  coalesce(sum(quantity) FILTER (WHERE account = 'staged'), 0),
  (SELECT coalesce(sum(quantity), 0) FROM inventory.reservations WHERE item_id = :item AND location_id = :place),
  (SELECT coalesce(sum(quantity), 0) FROM inventory.holds WHERE item_id = :item AND location_id = :place
     AND released_at IS NULL),
  (SELECT coalesce(sum(quantity), 0) FROM inventory.shorts WHERE item_id = :item AND location_id = :place
     AND closed_at IS NULL)
  FROM moves""")


async def books(run: Run, *, item: ItemId = MUG, place: LocationId = STORE) -> tuple[int, ...]:
    """(sellable, suspect, staged, reserved, held, gap), after checking that the rows behind them agree."""
    async with run.reading() as read:
        return await balanced(read, item, place)


async def balanced(read: Read, item: ItemId, place: LocationId) -> tuple[int, ...]:
    values = {"item": item, "place": place}
    row = tuple(await read.one(ROW, values))
    assert row == tuple(await read.one(SUMS, values)), "the position differs from the rows it stands for"
    sellable, _, _, reserved, held, gap = row
    assert gap == max(0, reserved + held - sellable)
    return row
