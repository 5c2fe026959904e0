"""One clock on a page, named; a shelf by its label; how sure a unit is there, once."""

from __future__ import annotations

from ambidex.domains.identity import Role
from ambidex.web.rendering import environment
from tests.flows.counter import counter
from tests.shop import Shop
from tests.web.floor import on_the_floor, words


async def test_the_order_page_calls_a_shelf_what_its_label_says(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        page = await floor.page(f"/orders/{at.order_id}")
    assert "It lies on Shelf B3 at Camden" in page
    assert "Ready, Shelf B3" in page
    assert "Lies on Shelf B3" in page
    assert "SHELF-B3" not in page


async def test_my_work_of_many_zones_is_on_one_named_clock(shop: Shop) -> None:
    await shop.place("boston", zone="America/New_York")
    at = await counter(shop, stock=9, mug_01=1)
    await at.accept()
    async with on_the_floor(shop, role=Role.DISTRICT, place=None) as floor:
        page = await floor.page("/work")
        assert "12:00 PM UTC" in page
        [due] = await at.rows("SELECT due_at FROM promises.promises WHERE kind = 'ready_by'")
        assert f"{due.due_at:%-I:%M}" in page


async def test_my_work_of_one_zone_is_on_its_clock_and_so_is_the_head(shop: Shop) -> None:
    await shop.place("boston", zone="America/New_York")
    async with on_the_floor(shop, role=Role.DISTRICT, place=None) as floor:
        assert "7:00 AM EST" in await floor.page("/work")


async def test_the_ledger_of_two_zones_is_on_one_named_clock(shop: Shop) -> None:
    await shop.place("boston", zone="America/New_York")
    for place in ("boston", "camden"):
        await shop.shelf(place, "MUG-01", 4)
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        both = await floor.page("/stock/MUG-01")
        assert "newest first, times in UTC" in both
        assert both.count("12:00 PM") >= 2
        assert "7:00 AM" not in both
        one = await floor.page("/stock/MUG-01?place=boston")
        assert "times in New York" in one
        assert "7:00 AM EST" in one


def test_how_sure_it_is_is_said_once() -> None:
    draw = environment.from_string("{{ ui.sure(n, text) }}").render
    assert words(draw(n=5, text="Surely there · 6 on hand")).split() == [
        "Surely",
        "there",
        "·",
        "6",
        "on",
        "hand",
    ]
    assert words(draw(n=5, text="6 on hand")).split() == ["6", "on", "hand", ",", "Surely", "there"]
    assert words(draw(n=5, text="")).split() == ["Surely", "there"]
