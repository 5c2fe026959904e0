"""Statements: how many an order sends, and how many rows and index entries it writes, alone and in lists of 100.

Counted inside one transaction that is rolled back, with BEGIN and COMMIT of a real one added; the same counts are tests (tests/flows/test_order_counts.py).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from typing import Any

from ambidex.api.order_shapes import OrderIn
from ambidex.flows.place_order import Placed, place_orders
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.coalesce import Asked
from ambidex.runtime.db import PinnedDatabase, Tx
from ambidex.runtime.perform import Run
from bench.intake import LIST, Orders
from bench.programs import house
from bench.shop import SKUS, build
from bench.writes import Writes, counted

BEGIN_AND_COMMIT = 2


def arguments(_: argparse.ArgumentParser) -> None:
    """None: counts are the same everywhere."""


def run(_: argparse.Namespace) -> dict[str, Any]:
    """The counts."""
    return asyncio.run(_measure())


async def _measure() -> dict[str, Any]:
    async with house() as place:
        token = await build(place.run)
        orders = Orders(token, random.Random(1), skus=SKUS[:40])
        async with place.run.database.connection() as connection:
            outer = await connection.begin()
            pinned = Run(PinnedDatabase(connection))
            for _ in range(3):  # programs remember items and places after their first lists
                await _placed(pinned, orders, count=LIST)
            one, many = [await _counted(pinned, orders, count=count) for count in (1, LIST)]
            await outer.rollback()
    return {"name": "statements", "one": one, f"list_of_{LIST}": many}


async def _counted(run: Run, orders: Orders, *, count: int) -> dict[str, Any]:
    assert isinstance(run.database, PinnedDatabase)
    async with counted(run.database.pinned) as writes:
        await _placed(run, orders, count=count)
    return _each(writes, count)


def _each(writes: Writes, count: int) -> dict[str, Any]:
    writes.statements += BEGIN_AND_COMMIT
    by_table = {name: round(rows / count, 2) for name, rows in sorted(writes.tables.items())}
    return {**writes.each(count), "rows_by_table": by_table}


async def _placed(run: Run, orders: Orders, *, count: int) -> None:
    news = [OrderIn.model_validate(json.loads(orders.order())).read() for _ in range(count)]

    async def command(tx: Tx) -> int:
        answers = await place_orders(tx, [Asked(SYSTEM, None, new) for new in news])
        return sum(isinstance(answer, Placed) and answer.created for answer in answers)

    assert await run.perform(SYSTEM, command) == count
