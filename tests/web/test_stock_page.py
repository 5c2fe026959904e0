"""The page Stock: the number with its parts, rules written and removed, the ledger, read by axe at both sizes."""

from __future__ import annotations

from ambidex.domains.identity import Role
from ambidex.flows import write_rules
from ambidex.flows.place_order import place_order
from ambidex.flows.write_rules import RuleSaid
from ambidex.kernel.actor import SYSTEM
from tests.flows.test_place_order import asked, wanted
from tests.shop import Shop
from tests.web.floor import HTMX, on_the_floor, words


async def house(shop: Shop) -> Shop:
    """Mugs in a store and a warehouse that serves Great Britain only."""
    await shop.item("MUG-01", category="kitchen", name="Stoneware mug")
    await shop.shelf("camden", "MUG-01", 7)
    await shop.place("dc-london", capabilities=frozenset({"ship"}))
    await shop.shelf("dc-london", "MUG-01", 5)
    await shop.run.perform(SYSTEM, write_rules.write_areas, "dc-london", method="ship", served=[("GB", "")])
    await shop.run.perform(SYSTEM, write_rules.write_rule, RuleSaid("safety", 2, category="kitchen"))
    return shop


async def test_an_item_is_found_by_name_or_scan(shop: Shop) -> None:
    await house(shop)
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        assert "Stoneware mug" in await floor.page("/stock?q=stoneware")
        scanned = await floor.client.get("/stock?q=B-MUG-01")
        assert scanned.headers["location"] == "/stock/MUG-01"
        assert "No item like that" in await floor.page("/stock?q=teapot")
        await floor.page("/stock/TEAPOT", status=404)


async def test_the_page_says_why(shop: Shop) -> None:
    await house(shop)
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        page = await floor.page("/stock/MUG-01?channel=web&method=pickup")
        assert "5 may be promised now to a customer of Web who collects it" in page
        assert "7 on the shelf − 2 safety (kitchen)" in page
        assert "Left out: customers do not collect here." in page
        nowhere = await floor.page("/stock/MUG-01?country=ie&postcode=D02")
        assert "0 may be promised now to a customer of Web who has it sent to IE D02" in nowhere
        assert "Left out: it does not serve this address." in nowhere
        assert "12 does not count here" not in nowhere
        assert "found → shelf" in page
        odd = await floor.page("/stock/MUG-01?channel=nonsense&method=owl&country=1")
        assert "customer of Web whichever way they get it" in odd
        part = await floor.client.get("/stock/MUG-01?method=pickup", headers=HTMX)
        assert "<html" not in part.text
        assert "may be promised" in words(part.text)


async def test_a_rule_is_written_counts_and_is_removed(shop: Shop) -> None:
    await house(shop)
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        said = {"number": "safety", "units": "4", "what": "item", "where": "place:camden"}
        there = await floor.goes("/stock/MUG-01/rules?method=pickup", **said)
        page = await floor.page(there.partition("#")[0])
        assert "3 may be promised now" in page
        assert "Safety 4 MUG-01 at Camden" in page
        wrong = await floor.refused(
            "/stock/MUG-01/rules", number="threshold", units="1", what="every", starts="2026-03-04"
        )
        assert "the channel from which it is kept" in wrong
        nonsense = await floor.refused("/stock/MUG-01/rules", number="safety", units="1", until="tomorrow")
        assert "a day such as" in nonsense
        markup = await floor.markup("/stock/MUG-01")
        removals = [
            part.split("?")[0] for part in markup.split('action="') if "/remove" in part.split('"')[0]
        ]
        assert len(removals) == 2
        await floor.goes(removals[1] if "category" in removals[0] else removals[0])
        assert "Nothing is kept back" not in await floor.page("/stock/MUG-01")
    async with on_the_floor(shop, role=Role.ASSOCIATE) as floor:
        assert "Write a rule" not in await floor.page("/stock/MUG-01")
        assert (await floor.post("/stock/MUG-01/rules", number="safety", units="1")).status_code == 403


async def test_a_kit_shows_what_it_is_made_of(shop: Shop) -> None:
    await house(shop)
    await shop.item("SET-01", components=(("MUG-01", 2),))
    async with on_the_floor(shop, role=Role.READER, place=None) as floor:
        page = await floor.page("/stock/SET-01?method=pickup")
        assert "2 may be promised now" in page
        assert "2 × Stoneware mug" in page


async def test_the_order_page_says_which_kit_a_line_is_part_of(shop: Shop) -> None:
    await house(shop)
    await shop.item("SET-01", name="Tea for two", components=(("MUG-01", 2),))
    placed = await shop.run.perform(SYSTEM, place_order, asked(wanted("SET-01")))
    async with on_the_floor(shop) as floor:
        page = await floor.page(f"/orders/{placed.order_id}")
        assert "2 × Stoneware mug Reserved · part of 1 × Tea for two" in page
        shown = await floor.client.get(f"/api/v1/orders/{placed.order_id}")
        [line] = shown.json()["lines"]
        assert line["kit"] == {"item": "SET-01", "title": "Tea for two", "number": 1, "quantity": 1}
