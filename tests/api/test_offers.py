"""Another item for an order in the parking queue, over HTTP."""

from __future__ import annotations

from ambidex.kernel.actor import SYSTEM
from tests.api.test_orders import API
from tests.apps import callers_of
from tests.conftest import Clock
from tests.flows.test_offer_item import GREEN, sold_by_a_shop, waits
from tests.flows.test_offer_kit import CANDLE, SET, tea_sets
from tests.flows.test_parked import house
from tests.flows.test_route_order import NORTH, lines_of
from tests.shop import Shop

__all__ = ["house"]


async def test_one_that_can_be_promised_is_offered_and_taken(house: Shop) -> None:
    order_id = await waits(house, price="15.00")
    await house.item("MUG-GREY", name="Mug", variant="Grey")
    await house.shelf(NORTH, "MUG-GREY", 1)
    one = f"{API}/parked-orders/{order_id}"
    async with callers_of(house.run).as_role("agent") as agent:
        await house.item("MUG-01", name="Mug", variant="Blue")
        found = (await agent.get(f"{one}/other-items", params={"line": 1})).json()["items"]
        assert found == [
            {
                "item": GREEN,
                "title": "Mug, Green",
                "available": 5,
                "price": {"amount": "15.00", "currency": "GBP"},
            }
        ], "of the grey ones there is one, and two are wanted"
        assert (await agent.get(f"{one}/other-items", params={"line": 2})).status_code == 404
        assert (await agent.get(f"{one}/offer")).json()["code"] == "no-offer"
        made = await agent.post(f"{one}/offer", json={"line": 1, "item": GREEN})
        assert (made.status_code, made.json()["price"]) == (200, {"amount": "30.00", "currency": "GBP"})
        assert (await agent.get(f"{one}/offer")).json() == made.json()
        assert (await agent.get(one)).json()["offered"] is True
        more = {"line": 1, "item": GREEN, "price_each": {"amount": "16.00", "currency": "GBP"}}
        assert (await agent.post(f"{one}/offer", json=more)).json()["code"] == "offer-is-open"
        odd = await agent.post(f"{one}/answer-offer", json={"answer": "perhaps"})
        assert odd.status_code == 422
        said = await agent.post(f"{one}/answer-offer", json={"answer": "instead"})
        assert said.json() == {"order": order_id.hex, "became": "sent"}
        assert (await agent.post(f"{one}/withdraw-offer", json={"reason": "late"})).json()[
            "code"
        ] == "no-offer"
    assert await lines_of(house, order_id) == [{"substituted": 2}, {"reserved": 2}]


async def test_a_shops_order_is_refused_with_what_to_do_instead(house: Shop) -> None:
    order_id = await waits(house)
    await house.run.perform(SYSTEM, sold_by_a_shop)
    one = f"{API}/parked-orders/{order_id}"
    async with callers_of(house.run).as_role("agent") as agent:
        for answer in (
            await agent.get(f"{one}/other-items", params={"line": 1}),
            await agent.post(f"{one}/offer", json={"line": 1, "item": GREEN}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "sold-by-a-shop")
            assert "sell the other item there" in answer.json()["advice"]


async def test_a_kit_is_answered_with_what_is_like_the_kit(house: Shop) -> None:
    order_id = await tea_sets(house)
    await house.item(
        SET, name="Tea set", price="50.00", category="gifts", components=(("MUG-01", 2), ("POT-01", 1))
    )
    await house.item(CANDLE, name="Candle", price="40.00", category="gifts")
    one = f"{API}/parked-orders/{order_id}"
    async with callers_of(house.run).as_role("agent") as agent:
        for line in (1, 2):
            found = (await agent.get(f"{one}/other-items", params={"line": line})).json()["items"]
            assert [item["item"] for item in found] == [CANDLE]
        made = (await agent.post(f"{one}/offer", json={"line": 2, "item": CANDLE})).json()
        assert (made["line"], made["quantity"], made["price"]["amount"]) == (2, 2, "80.00")


async def test_one_rule_for_page_and_api(house: Shop, clock: Clock) -> None:
    """Who decides about orders moves a day and offers something else: not whoever works on some floor."""
    order_id = await waits(house)
    one = f"{API}/parked-orders/{order_id}"
    async with callers_of(house.run).as_role("associate", house.places[NORTH].location_id) as floor:
        for verb, body in (
            ("offer", {"line": 1, "item": GREEN}),
            ("answer-offer", {"answer": "instead"}),
            ("withdraw-offer", {"reason": "no"}),
            ("tell-day", {"news_by": "2026-03-07T12:00:00Z"}),
        ):
            assert (await floor.post(f"{one}/{verb}", json=body)).status_code == 403, verb
