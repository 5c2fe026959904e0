"""What would we promise: asked by name, answered in ways with their times; what cannot be is said where the finger is."""

from __future__ import annotations

from typing import Any

import pytest

from ambidex.domains.identity import Role
from ambidex.domains.locations import LocationKind
from ambidex.web.promise.view import far_words
from tests.shop import Shop
from tests.web.browsing import overflow, violations
from tests.web.floor import on_the_floor
from tests.web.test_story_in_windows import PEOPLE, House, address, house

__all__ = ["address", "house"]
PEOPLE["adaeze"] = ("Adaeze Obi", Role.AGENT)
THERE: dict[str, Any] = {"country": "GB"}


async def stocked(shop: Shop) -> None:
    both, sends = frozenset({"pickup", "ship"}), frozenset({"ship"})
    await shop.place("camden", capabilities=both, latitude=51.54, longitude=-0.14)
    await shop.place(
        "dc-leeds", kind=LocationKind.WAREHOUSE, capabilities=sends, latitude=53.8, longitude=-1.55
    )
    await shop.item("TEA-04", name="Teapot, green")
    await shop.item("TEA-05", name="Teapot, blue")
    await shop.shelf("camden", "MUG-01", 3)
    await shop.shelf("dc-leeds", "TEA-04", 9)


async def test_what_is_promised_is_told_for_every_way(shop: Shop) -> None:
    await stocked(shop)
    async with on_the_floor(shop, role=Role.AGENT) as floor:
        assert "What would we promise?" in await floor.page("/promise")
        page = await floor.page("/promise?item=mug&quantity=2&country=GB&postcode=NW1+8AG")
        assert "ready 2:00 PM" in page
        assert "Sent, standard" in page
        assert "one package from Camden" in page
        split = await floor.page(
            "/promise?item=mug&quantity=1&item=green&quantity=1&country=GB&postcode=NW1+8AG"
        )
        assert "2 packages" in split
        assert "Not offered, and why" in split
        assert "not enough is left: 0 of TEA-04" in split


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "item=teapot&country=GB",
            "Several items are called so: Teapot, green (TEA-04), Teapot, blue (TEA-05)",
        ),
        ("item=unicorn&country=GB", "No item is called “unicorn”"),
        ("item=MUG-01&quantity=500&country=GB", "not enough is left (MUG-01: 3 left)"),
    ],
)
async def test_what_cannot_be_promised_is_said(shop: Shop, query: str, said: str) -> None:
    await stocked(shop)
    async with on_the_floor(shop, role=Role.AGENT) as floor:
        assert said in await floor.page(f"/promise?{query}")


async def test_an_item_field_offers_what_fits(shop: Shop) -> None:
    await stocked(shop)
    async with on_the_floor(shop) as floor:
        offered = await floor.markup("/items/options?item=teapot")
        assert '<option value="TEA-04">Teapot, green</option>' in offered
        assert await floor.page("/items/options?item=") == ""


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
async def test_the_page_fits_and_is_accessible(house: House, width: int, scheme: str) -> None:
    await house.shop.shelf("camden", "MUG-01", 3)
    async with house.window("adaeze", width=width, scheme=scheme) as page:
        await page.goto(f"{house.address}/promise?item=MUG-01&quantity=1&country=GB&postcode=NW1+8AG")
        assert await overflow(page) == 0
        assert await violations(page) == []
        # the field asks while somebody types
        await page.fill("#item-2", "mug")
        await page.wait_for_selector("#item-2-list option", state="attached")


@pytest.mark.parametrize(
    ("metres", "words"), [(0, "less than 1 km away"), (999, "less than 1 km away"), (1240, "1.2 km away")]
)
def test_a_postcode_is_no_door(metres: int, words: str) -> None:
    assert far_words(metres) == words
