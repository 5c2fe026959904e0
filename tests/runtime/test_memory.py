"""What a process remembers is true as long as its version stands; a change is effective with the next decision."""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from sqlalchemy import text

from ambidex.domains import catalogue
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.memory import recall, versions
from ambidex.runtime.perform import Run
from tests.shop import Shop

asked: list[list[str]] = []


async def load(read: Read, skus: Collection[str]) -> dict[str, catalogue.Item]:
    asked.append(sorted(skus))
    return await catalogue.by_skus(read, skus)


async def names(run: Run, *skus: str) -> dict[str, str]:
    async with run.reading() as read:
        found = await recall(read, "catalogue", skus, load, now=await versions(read))
    return {sku: item.name for sku, item in found.items()}


async def test_what_is_known_is_not_asked_again_also_that_it_is_not_there(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 1)
    asked.clear()
    first = await names(run, "MUG-01", "NO-SUCH")
    assert await names(run, "MUG-01", "NO-SUCH") == first
    assert asked == [["MUG-01", "NO-SUCH"]]
    assert set(first) == {"MUG-01"}


async def test_a_change_by_hand_is_effective_with_the_next_look(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 1)
    await names(run, "MUG-01")

    async def rename(tx: Tx) -> None:
        await tx.run(text("UPDATE catalogue.items SET name = 'Cup' WHERE sku = 'MUG-01'"))

    await run.perform(SYSTEM, rename)
    assert await names(run, "MUG-01") == {"MUG-01": "Cup"}


async def test_a_change_that_was_rolled_back_is_not_remembered(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 1)
    before = await names(run, "MUG-01")

    class Regret(Exception):
        pass

    async def rename_and_regret(tx: Tx) -> None:
        await tx.run(text("UPDATE catalogue.items SET name = 'Cup' WHERE sku = 'MUG-01'"))
        seen = await recall(tx, "catalogue", ["MUG-01"], load, now=await versions(tx))
        assert seen["MUG-01"].name == "Cup"
        raise Regret

    with contextlib.suppress(Regret):
        await run.perform(SYSTEM, rename_and_regret)
    assert await names(run, "MUG-01") == before
