"""What is offered in place of an item: the most alike first, found by index in a catalogue of any size."""

from __future__ import annotations

from ambidex.kernel.money import Money
from ambidex.reads.other_items import other_items
from tests.flows.test_route_order import NORTH, three_warehouses
from tests.shop import Shop

TO = {"country": "GB", "postcode": "N1 9GU"}


async def test_called_the_same_first_then_of_the_category_nearest_in_price(shop: Shop) -> None:
    await three_warehouses(shop)
    for sku, name, price in (
        ("MUG-B", "Mug", "30.00"), ("CUP-1", "Cup", "21.00"), ("CUP-2", "Cup", "18.00"), ("CUP-3", "Cup", "19.00"),
        ("CUP-NONE", "Cup", "20.00"), ("SPOON-1", "Spoon", "20.00"),
    ):  # fmt: skip
        await shop.item(sku, name=name, price=price, category="spoons" if name == "Spoon" else "mugs")
        if sku != "CUP-NONE":
            await shop.shelf(NORTH, sku, 5)
    bought = await shop.item("MUG-A", name="Mug", price="20.00", category="mugs")
    async with shop.run.reading() as read:
        found = await other_items(read, bought.item_id, 2, channel="web", method="ship", to=TO)
        assert [one.sku for one in found] == ["MUG-B", "CUP-1", "CUP-3", "CUP-2"]
        assert found[0].price == Money.parse("30.00", "GBP")
        assert not await other_items(read, bought.item_id, 6, channel="web", method="ship", to=TO)
