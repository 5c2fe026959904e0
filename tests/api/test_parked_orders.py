"""The parking queue over HTTP."""

from __future__ import annotations

from datetime import timedelta

from tests.api.test_orders import API
from tests.apps import callers_of
from tests.conftest import Clock
from tests.flows.test_parked import parked
from tests.flows.test_route_order import plan_of, stocked, three_warehouses
from tests.shop import Shop


async def test_who_waits_is_listed_and_goes_on(shop: Shop, clock: Clock) -> None:
    await three_warehouses(shop)
    first = await parked(shop)
    clock.forward(minutes=1)
    await stocked(shop, "dc-london:0")
    second = await parked(shop, 1, reference="W-2")
    day = clock() + timedelta(days=4)
    async with callers_of(shop.run).as_role("agent") as agent:
        listed = (await agent.get(f"{API}/parked-orders", params={"limit": 1})).json()
        rest = (await agent.get(f"{API}/parked-orders", params={"after": listed["next"]})).json()
        assert [one["order"] for one in (*listed["items"], *rest["items"])] == [
            first.order_id.hex,
            second.order_id.hex,
        ]
        assert listed["items"][0]["lines"] == [
            {"line": 1, "item": "MUG-01", "title": "Mug 01", "quantity": 2}
        ]
        one = f"{API}/parked-orders/{first.order_id}"
        assert (await agent.post(f"{one}/look")).json() == {"order": first.order_id.hex, "found": {}}
        far = await agent.post(f"{one}/tell-day", json={"news_by": "2027-01-01T00:00:00Z"})
        assert (far.status_code, far.json()["errors"][0]["field"]) == (422, "news_by")
        told = await agent.post(f"{one}/tell-day", json={"news_by": day.isoformat()})
        assert (told.status_code, told.json()["news_by"][:16]) == (200, day.isoformat()[:16])
        await stocked(shop, "dc-leeds:2")
        assert (await agent.post(f"{one}/look")).json()["found"] == {"1": 2}
        assert await plan_of(shop, first.order_id) == "dc-leeds:2"
        gone = await agent.post(f"{one}/look")
        assert (gone.status_code, gone.json()["code"]) == (409, "nothing-is-parked")
        assert (await agent.get(one)).status_code == 404
        over = await agent.post(
            f"{API}/parked-orders/{second.order_id}/cancel", json={"reason": "has one now"}
        )
        assert over.json() == {"order": second.order_id.hex, "state": "canceled"}
        assert (await agent.get(f"{API}/parked-orders")).json()["items"] == []
