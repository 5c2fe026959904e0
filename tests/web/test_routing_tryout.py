"""Trying rules out on their page: an order becomes an example, a test drive, a simulation, a trial on a share, rolled back."""

from __future__ import annotations

import re

from ambidex.domains import routing
from ambidex.domains.identity import Role
from ambidex.flows import simulate_routing
from ambidex.kernel.actor import SYSTEM
from ambidex.web.hq.routing import trying, watching
from tests.shop import Shop
from tests.web.floor import Floor, on_the_floor
from tests.web.test_receipt_page import decided
from tests.web.test_routing_page import RULE, draft

NOT_CAMDEN = {
    **RULE,
    "name": "Not from Camden",
    "when_field": "",
    "when_values": "",
    "effect": "leave_out",
    "where_field": "place.code",
    "where_values": "camden",
}


async def number_of(floor: Floor, order: object) -> str:
    page = await floor.markup(f"/orders/{order}")
    return re.findall(r'class="no">([\w-]+)<', page)[0]


async def test_an_order_becomes_an_example_and_stops_a_rule_that_breaks_it(shop: Shop) -> None:
    order = await decided(shop, "placed")
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        there = await draft(floor)
        number = await number_of(floor, order)
        await floor.goes(f"{there}/examples", order=number, example="London basket", why="It was right.")
        page = await floor.page(there)
        assert "London basket 1 × KETTLE-02, 2 × MUG-01, 1 × SHIRT-11 from Camden Passes" in page
        assert "2 of 2 pass" in page
        await floor.goes(f"{there}/rules", **NOT_CAMDEN)
        page = await floor.page(there)
        assert "1 of 2 pass" in page
        assert "Fails" in page
        refused = await floor.refused(f"{there}/go", verb="go_live", why="Now.")
        assert "A version goes on only when all its examples pass" in refused
        await floor.goes(f"{there}/examples/remove", example="London basket")
        await floor.goes(f"{there}/go", verb="go_live", why="Camden is being rebuilt.")
        assert "Version 2, “Winter”, decides since" in await floor.page("/routing")
        unknown = await floor.refused(f"{there}/examples", order="NOBODY", example="x")
        assert "the number of an order" in unknown


async def test_a_test_drive_shows_both_plans(shop: Shop) -> None:
    order = await decided(shop, "placed")
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        there = await draft(floor)
        number = await number_of(floor, order)
        same = await floor.page(f"/routing/test-drive?order={number}&number=2")
        assert "Version 2 would send it from the same places." in same
        await floor.goes(f"{there}/rules", **NOT_CAMDEN)
        other = await floor.page(f"/routing/test-drive?order={number}")
        assert "Version 2 would send it from soho." in other.replace("Soho", "soho")
        assert "As version 2 would" in other
        await floor.page("/routing/test-drive?order=NOBODY", status=422)
        assert "One real order, decided once more" in await floor.page("/routing/test-drive")


async def test_a_simulation_shows_progress_then_figures_with_intervals(shop: Shop) -> None:
    await decided(shop, *["placed"] * 5)
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        there = await draft(floor)
        await floor.goes(f"{there}/rules", **NOT_CAMDEN)
        days = {"first": "2026-03-01", "last": "2026-03-03"}
        await floor.goes(f"{there}/trials", **days)
        page = await floor.page(there)
        assert "Waits for the worker" in page
        await simulate_routing.finish_all(shop.run)
        page = await floor.page(there)
        assert "Of 5 decisions 5 would send from elsewhere." in page
        assert "Cost of an order" in page
        assert "Worse" in page
        wrong = await floor.refused(f"{there}/trials", first="soon", last="2026-03-03")
        assert "a day such as 2026-11-27" in wrong


async def test_a_trial_on_a_share_is_shown_with_its_terms_and_goes_back(shop: Shop) -> None:
    await decided(shop, "placed")
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        there = await draft(floor)
        terms = {"share": "10", "metric": "refused", "threshold": "2.5", "orders_min": "50"}
        assert "a percentage" in await floor.refused(
            f"{there}/go", verb="canary", why="x", **{**terms, "share": "much"}
        )
        assert "why, in a sentence" in await floor.refused(f"{there}/go", verb="canary", **terms)
        await floor.goes(f"{there}/go", verb="canary", why="Let us see.", **terms)
        page = await floor.page("/routing")
        assert "Version 2 is on trial for 10 % of the orders." in page
        assert "“refused by the place” is worse by more than 2.5 %" in page
        assert "Too few orders yet" in page
        seen = routing.change.Seen("", 2)
        await shop.run.perform(SYSTEM, routing.change.roll_back, seen, why="31 % refused, with live 4 %.")
        page = await floor.page("/routing")
        assert "Rolled back" in page
        assert "31 % refused" in page


def test_a_shadow_in_words() -> None:
    nothing = watching.ShadowSum(0, 0, 0, 0, ())
    some = watching.ShadowSum(40, 4, 400_000_000, 380_000_000, ())
    assert watching._shadow_words(nothing, "USD") == "Nothing was decided since it began."
    said = "Of 40 decisions 10 % would send from elsewhere. An order would cost $5.00 less."
    assert watching._shadow_words(some, "USD") == said


def test_a_figure_is_better_worse_or_cannot_be_told() -> None:
    def verdict(name: str, *change: float) -> str:
        both = [1.0, 1.0, 1.0]
        [found] = trying.intervals({name: {"live": both, "other": both, "change": list(change)}}, "USD")
        return found.chip.text

    assert verdict("cost", -2_000.0, -3_000.0, -1_000.0) == "Better"
    assert verdict("on_time", -0.2, -0.3, -0.1) == "Worse"
    assert verdict("fill_rate", 0.2, -0.1, 0.4) == "Cannot tell"
    assert verdict("split", 0.0, 0.0, 0.0) == "The same"


async def test_no_day_and_no_rule_beyond_all_of_them(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        there = await draft(floor)
        await floor.refused(f"{there}/trials", first="2026-03-01", last="9999-12-31")
        assert (await floor.client.get(f"{there}?at=-1")).status_code == 422
        assert (await floor.post(f"{there}/rules?at=-1", **RULE)).status_code == 422
