"""What one order costs in counts, which do not flicker: statements, rows, index entries (quality.md, `statements`)."""

from __future__ import annotations

import pytest

from ambidex.flows.place_order import Placed, place_orders
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.coalesce import Asked
from ambidex.runtime.db import PinnedDatabase, Tx
from ambidex.runtime.perform import Run
from bench.writes import Writes, counted
from tests.flows.test_place_order import asked, place, wanted
from tests.shop import Shop

BEGIN_AND_COMMIT = 2
ROWS, ENTRIES = 20, 28


async def placed(run: Run, shop: Shop, *, size: int) -> Writes:
    """Orders of two lines at one place, in one list, as any but the first list of a program."""
    await shop.shelf("camden", "MUG-01", 500)
    await shop.shelf("camden", "LAMP-02", 500)
    for number in range(2):  # the first makes its source, the second remembers it
        await place(run, asked(wanted(), wanted("LAMP-02"), reference=f"before-{number}"))
    news = [asked(wanted(), wanted("LAMP-02"), reference=f"W-{n}") for n in range(size)]

    async def command(tx: Tx) -> int:
        answers = await place_orders(tx, [Asked(SYSTEM, None, new) for new in news])
        return sum(isinstance(answer, Placed) and answer.created for answer in answers)

    assert isinstance(run.database, PinnedDatabase)
    async with counted(run.database.pinned) as writes:
        assert await run.perform(SYSTEM, command) == size
    return writes


@pytest.mark.parametrize(("size", "allowed"), [(1, 7), (20, 7), (100, 7)])
async def test_statements_do_not_grow_with_the_list(run: Run, shop: Shop, size: int, allowed: int) -> None:
    writes = await placed(run, shop, size=size)
    print(f"{writes.statements} statements for {size} orders, {writes.statements / size} each")
    assert writes.statements + BEGIN_AND_COMMIT <= allowed


@pytest.mark.parametrize("size", [1, 20])
async def test_an_order_is_few_rows_and_few_index_entries(run: Run, shop: Shop, size: int) -> None:
    writes = await placed(run, shop, size=size)
    print(writes.each(size), writes.tables)
    assert writes.made <= ROWS * size
    assert writes.entries <= ENTRIES * size
    assert writes.changed == writes.changed_in_place, "stock is taken without touching an index"


async def test_the_counter_counts(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    assert isinstance(run.database, PinnedDatabase)
    async with counted(run.database.pinned) as writes:
        await shop.shelf("camden", "SCARF-03", 5)
    assert writes.made > 0
    assert writes.statements > 0
    assert writes.entries >= writes.made
