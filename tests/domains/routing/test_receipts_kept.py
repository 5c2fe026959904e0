"""Receipts as they lie in the database: the newest of very many are in view."""

from __future__ import annotations

from datetime import datetime, timedelta

from ambidex.domains import routing
from ambidex.domains.routing import NewReceipt
from ambidex.domains.routing.queries import RECEIPTS_MAX
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId, new_id
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.conftest import NOON
from tests.domains.routing.shop_floor import told


def receipt_of(order_id: OrderId, *, at: datetime = NOON) -> NewReceipt:
    """A decision about a mug."""
    snapshot = told("A mug:1, B mug:1", "mug 1")
    return NewReceipt(order_id, "placed", "live", snapshot, routing.decide(snapshot).receipt, at, 900)


async def kept(run: Run, *new: NewReceipt) -> None:
    """These decisions were made."""

    async def keep(tx: Tx) -> None:
        await routing.record(tx, new)

    await run.perform(SYSTEM, keep)


async def test_of_very_many_receipts_the_newest_are_in_view(run: Run) -> None:
    order_id = OrderId(new_id(NOON))
    many = RECEIPTS_MAX + 3
    await kept(run, *(receipt_of(order_id, at=NOON + timedelta(minutes=n)) for n in range(many)))
    async with run.reading() as read:
        found = [one.receipt_no for one in await routing.ask.receipts(read, order_id)]
        last = await routing.ask.receipt(read, order_id)
    assert (found[0], found[-1], len(found)) == (4, many, RECEIPTS_MAX)
    assert last.receipt_no == many
