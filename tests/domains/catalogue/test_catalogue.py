"""Items: made, changed, found by barcode; a barcode never names two."""

import pytest

from ambidex.domains import catalogue
from ambidex.domains.catalogue import NewItem
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.money import Money
from ambidex.runtime.perform import Run

PRICE = Money(1990, "USD")
MUG = NewItem(sku="MUG-01", name="Mug", price=PRICE, barcodes=("2000000000015", "2000000000022"))
BOWL = NewItem(sku="BOWL-01", name="Bowl", price=PRICE, barcodes=("2000000000039",))


async def test_an_item_is_made_changed_and_found_by_barcode(run: Run) -> None:
    mug, bowl = await run.perform(SYSTEM, catalogue.put_items, [MUG, BOWL])
    await run.perform(
        SYSTEM,
        catalogue.put_item,
        NewItem(sku="MUG-01", name="Mug", price=PRICE, barcodes=("2000000000015",)),
    )
    async with run.reading() as read:
        assert (await catalogue.by_sku(read, "MUG-01")).barcodes == ("2000000000015",)
        assert await catalogue.by_barcode(read, "2000000000022") is None
        scanned = await catalogue.by_barcode(read, "2000000000039")
        by_sku = await catalogue.by_barcode(read, "MUG-01")
    assert [found and found.item_id for found in (scanned, by_sku)] == [bowl.item_id, mug.item_id]


async def test_a_barcode_of_another_item_is_not_taken(run: Run) -> None:
    await run.perform(SYSTEM, catalogue.put_items, [MUG, BOWL])
    thief = NewItem(sku="CUP-01", name="Cup", price=PRICE, barcodes=("2000000000015",))
    with pytest.raises(catalogue.BarcodeTaken):
        await run.perform(SYSTEM, catalogue.put_item, thief)
    async with run.reading() as read:
        assert "CUP-01" not in await catalogue.by_skus(read, ["CUP-01"])


async def test_what_cannot_be_used_is_named(run: Run) -> None:
    bad = NewItem(sku=" ", name="", price=Money(-1, "USD"), barcodes=("",), tracking="magic")
    with pytest.raises(catalogue.BadItem) as refused:
        await run.perform(SYSTEM, catalogue.put_item, bad)
    assert [error["field"] for error in refused.value.errors] == [
        "sku",
        "name",
        "price",
        "tracking",
        "barcodes",
    ]


async def test_a_search_takes_signs_as_they_are(run: Run) -> None:
    news = [NewItem(sku=sku, name=sku, price=PRICE) for sku in ("A_1", "AB1", "100%")]
    await run.perform(SYSTEM, catalogue.put_items, news)
    async with run.reading() as read:
        assert [item.sku for item in (await catalogue.page(read, q="A_")).items] == ["A_1"]
        assert [item.sku for item in (await catalogue.page(read, q="%")).items] == ["100%"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Beeswax candle, clay", ["CLAY-1"]),
        ("clay candle", ["CLAY-1"]),
        ("candle", ["BRICK-1", "CLAY-1"]),
        ("candle, moss", []),
        (",", []),
        ("brick-1", ["BRICK-1"]),
    ],
)
async def test_an_item_is_found_as_pages_call_it(run: Run, words: str, found: list[str]) -> None:
    news = [
        NewItem(sku=f"{kind.upper()}-1", name="Beeswax candle", variant=kind, price=PRICE)
        for kind in ("clay", "brick")
    ]
    await run.perform(SYSTEM, catalogue.put_items, [*news, MUG])
    async with run.reading() as read:
        assert [item.sku for item in (await catalogue.page(read, q=words)).items] == found


@pytest.mark.parametrize(
    ("digits", "last"), [("400638133393", "1"), ("200000000001", "5"), ("03600029145", "2")]
)
def test_check_digits_follow_gs1(digits: str, last: str) -> None:
    assert catalogue.check_digit(digits) == last
