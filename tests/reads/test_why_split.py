"""Why an order comes in parts: as the customer is told it, by what was known and the rules that decided."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import routing
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method
from ambidex.flows.place_order import Placed
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.why_split import WhySplit, why_split
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from ambidex.web.customer.sent import split_words
from tests.flows.test_place_order import asked, place, wanted
from tests.shop import Shop

SENDS = frozenset({"ship"})
NEAR_LONDON = {"line1": "7 Arlington Road", "country": "GB", "latitude": 51.536, "longitude": -0.141}
MUGS, TEA = ("MUG-01", 2), ("TEA-02", 1)


async def _bought(shop: Shop, *lines: tuple[str, int]) -> Placed:
    goods = [wanted(sku, units, place=None, method=Method.SHIP) for sku, units in lines]
    return await place(shop.run, asked(*goods, address=NEAR_LONDON))


async def _stocked(shop: Shop, stock: str) -> None:
    for n, told in enumerate(stock.split(", ")):
        code, *has = told.split()
        await shop.place(
            code, kind=LocationKind.WAREHOUSE, capabilities=SENDS, latitude=51.5 + n, longitude=-0.1
        )
        for one in has:
            sku, units = one.split(":")
            await shop.shelf(code, sku, int(units))


async def _live(run: Run, **said: Any) -> None:
    """These words of the document decide from now on."""
    situation = {"lines": [{"sku": "X"}], "places": [{"code": "a", "has": {"X": 1}}]}
    document = {**routing.document.DEFAULT_DOCUMENT, "name": "Another", **said}
    made = await run.perform(SYSTEM, routing.change.begin_draft, "", document, why="a test")
    seen = routing.change.Seen("", made.number)
    expected = {"places": ["a"]}
    await run.perform(
        SYSTEM, routing.change.put_example, seen, "one", situation=situation, expected=expected, why="a test"
    )
    await run.perform(SYSTEM, routing.change.go_live, seen, why="a test")


@pytest.mark.parametrize(
    ("stock", "lines", "rules", "why"),
    [
        ("dc-london MUG-01:9 TEA-02:9", [MUGS, TEA], {}, WhySplit.NOT_ASKED),
        ("dc-london MUG-01:9, dc-leeds TEA-02:9", [MUGS, TEA], {}, WhySplit.NOBODY_HAS_ALL),
        # two lines of one item: each place has enough for either, none for both
        ("dc-london MUG-01:2, dc-leeds MUG-01:2", [MUGS, MUGS], {}, WhySplit.NOBODY_HAS_ALL),
        # a far place has all of it, but two near parcels are cheaper
        (
            "dc-london MUG-01:9, dc-leeds TEA-02:9, dc-far MUG-01:9 TEA-02:9",
            [MUGS, TEA],
            {"rules": [{"name": "not far", "avoid": {"place.code": "dc-far"}, "by": "900.00"}]},
            WhySplit.BETTER_SO,
        ),
        # the one that has all of it may not send tea
        (
            "dc-london MUG-01:9, dc-leeds TEA-02:9, dc-far MUG-01:9 TEA-02:9",
            [MUGS, TEA],
            {
                "rules": [
                    {"name": "no tea", "when": {"item.sku": "TEA-02"}, "leave_out": {"place.code": "dc-far"}}
                ]
            },
            WhySplit.NOBODY_HAS_ALL,
        ),
    ],
)
async def test_why_it_comes_in_parts(
    shop: Shop, stock: str, lines: list[tuple[str, int]], rules: dict[str, Any], why: WhySplit
) -> None:
    await _stocked(shop, stock)
    if rules:
        await _live(shop.run, **rules)
    placed = await _bought(shop, *lines)
    async with shop.run.reading() as read:
        assert await why_split(read, placed.order_id) is why


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        ("quoted", WhySplit.NOT_ASKED),
        ("window", WhySplit.NOT_ASKED),
        ("short", WhySplit.CAME_UP_SHORT),
    ],
)
async def test_a_place_came_up_short_only_where_one_gave_something_back(
    shop: Shop, cause: str, why: WhySplit
) -> None:
    await _stocked(shop, "dc-near MUG-01:3")
    placed = await _bought(shop, ("MUG-01", 1))

    async def called(tx: Tx) -> None:
        await tx.run(text("ALTER TABLE routing.receipts DISABLE TRIGGER USER"))
        await tx.run(text("UPDATE routing.receipts SET cause = :cause"), {"cause": cause})

    await shop.run.perform(SYSTEM, called)
    async with shop.run.reading() as read:
        assert await why_split(read, placed.order_id) is why


@pytest.mark.parametrize(
    ("why", "parts", "words"),
    [
        (WhySplit.NOBODY_HAS_ALL, 1, ""),
        (
            WhySplit.NOBODY_HAS_ALL,
            2,
            "Your order comes in two parcels, since no place can send all of it.",
        ),
        (WhySplit.BETTER_SO, 3, "Your order comes in 3 parcels: so it reaches you best."),
        (WhySplit.NOT_ASKED, 2, "Your order comes in two parcels."),
        (
            WhySplit.CAME_UP_SHORT,
            2,
            "Your order comes in two parcels, since one place could not send all of it.",
        ),
    ],
)
def test_the_customer_is_told_so(why: WhySplit, parts: int, words: str) -> None:
    page: Any = SimpleNamespace(split=why)
    assert split_words(page, parts) == words
