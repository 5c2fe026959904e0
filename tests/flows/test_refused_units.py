"""Why a place refuses may say something of its shelf: what is not there, or broken, is sold to nobody else uncounted."""

from __future__ import annotations

import pytest

from ambidex.flows.refuse_work import lapse, refuse_work
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.audit import audit
from tests.flows.counter import Counter, counter
from tests.shop import Shop


async def _counts(at: Counter) -> list[tuple[str, str]]:
    found = await at.rows("SELECT kind, details ->> 'why' AS why FROM tasks.tasks WHERE key LIKE 'count:%'")
    return [(row.kind, row.why) for row in found]


async def _shelf(shop: Shop, sku: str) -> tuple[int, int, int]:
    stock = await shop.stock("camden", sku)
    return stock.sellable, stock.suspect, stock.reserved


async def _clean(shop: Shop) -> None:
    async with shop.run.reading() as read:
        assert (await audit(read)).violations == ()


@pytest.mark.parametrize("reason", ["not in stock", "damaged"])
async def test_what_is_not_there_is_suspect_and_counted(shop: Shop, reason: str) -> None:
    at = await counter(shop, stock=5, mug_01=2)
    await shop.run.perform(SYSTEM, refuse_work, work_id=at.work_id(), reason=reason)
    assert await _shelf(shop, "MUG-01") == (3, 2, 0)
    assert await _counts(at) == [("count", f"an order was refused: {reason}")]
    await _clean(shop)


@pytest.mark.parametrize("is_accepted", [False, True])
async def test_only_the_part_that_is_not_there_is_suspect(shop: Shop, *, is_accepted: bool) -> None:
    at = await counter(shop, stock=5, mug_01=3)
    if is_accepted:
        await at.accept()
    await shop.run.perform(SYSTEM, refuse_work, work_id=at.work_id(), reason="not in stock", units={1: 1})
    assert await _shelf(shop, "MUG-01") == (4, 1, 2)
    assert len(await _counts(at)) == 1
    await _clean(shop)


async def test_no_hands_free_says_nothing_of_the_shelf(shop: Shop) -> None:
    at = await counter(shop, stock=5, mug_01=2)
    await shop.run.perform(SYSTEM, refuse_work, work_id=at.work_id(), reason="too busy")
    assert await _shelf(shop, "MUG-01") == (5, 0, 0)
    assert await _counts(at) == []
    await _clean(shop)


async def test_nor_does_an_offer_that_nobody_answered(shop: Shop) -> None:
    at = await counter(shop, stock=5, mug_01=2)
    await shop.run.perform(SYSTEM, lapse, work_id=at.work_id(), cause="not in stock")
    assert await _shelf(shop, "MUG-01") == (5, 0, 0)
    assert await _counts(at) == []
    await _clean(shop)
