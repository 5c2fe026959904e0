"""What somebody may try with stock over HTTP and must not get: another place's goods, a warehouse's voice, a broken clock."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.test_drifts import callers, report
from tests.api.test_pocket import deed, on_the_floor, send
from tests.apps import Callers, callers_of
from tests.conftest import Clock
from tests.flows.counter import counter
from tests.inbound.stock.conftest import feeds
from tests.inbound.stock.feeds import Feeds
from tests.shop import Shop

__all__ = ["callers", "feeds"]
API = "/api/v1"
LONG_AGO, FAR_AHEAD = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"


async def test_goods_of_another_place_cannot_be_announced_away(shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 0)
    await shop.shelf("harbor", "MUG-01", 0)
    said: dict[str, Any] = {
        "expected_at": "2026-12-01T09:00:00Z",
        "lines": [{"item": "MUG-01", "quantity": 3}],
    }
    camden, harbor = (shop.places[code].location_id for code in ("camden", "harbor"))
    calling = callers_of(shop.run)
    po = f"{API}/inbound-goods/PO-7"
    async with calling.as_role("lead", camden) as here, calling.as_role("lead", harbor) as there:
        assert (await here.put(po, json=said | {"location": "camden"})).status_code == 201
        taken = await there.put(po, json=said | {"location": "harbor"})
        assert taken.status_code == 403, taken.text
        assert (await here.get(po)).json()["location"] == "camden"
    async with calling.as_role("integration", camden, harbor) as program:
        moved = await program.put(po, json=said | {"location": "harbor"})
    assert (moved.status_code, moved.json()["location"]) == (200, "harbor")


async def test_a_suppliers_number_is_never_the_label_of_a_transfer(shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 0)
    await shop.shelf("harbor", "MUG-01", 5)
    lines = [{"item": "MUG-01", "quantity": 1}]
    said = {"location": "harbor", "expected_at": "2026-12-01T09:00:00Z", "lines": lines}
    async with callers_of(shop.run).as_role("lead", *(p.location_id for p in shop.places.values())) as client:
        asked = {"to": "camden", "from": "harbor", "lines": lines}
        label = (await client.post(f"{API}/transfers", json=asked)).json()["reference"]
        for name in (label, label.lower()):
            assert (await client.put(f"{API}/inbound-goods/{name}", json=said)).status_code == 409
        assert (await client.get(f"{API}/transfers/{label}")).json()["kind"] == "transfer"


@pytest.mark.parametrize(
    ("role", "status"), [("associate", 403), ("integration", 202), ("partner", 202), ("supervisor", 202)]
)
async def test_who_only_counts_does_not_speak_for_a_warehouse(
    feeds: Feeds, callers: Callers, shop: Shop, clock: Clock, role: str, status: int
) -> None:
    before = (await shop.stock("dc", "MUG-01")).sellable
    async with callers.as_role(role, shop.places["dc"].location_id) as client:
        answer = await client.post(f"{API}/stock-reports", json=report(clock, "delta", 7, MUG_01=-30))
    assert answer.status_code == status, answer.text
    await feeds.apply()
    assert (await shop.stock("dc", "MUG-01")).sellable == before - (30 if status == 202 else 0)


@pytest.mark.parametrize(
    ("device_now", "said_at"),
    [(LONG_AGO, FAR_AHEAD), (FAR_AHEAD, LONG_AGO), ("2999-01-01T00:00:00Z", "1901-01-01T00:00:00Z")],
)
async def test_a_pocket_whose_clock_is_beyond_all_clocks(shop: Shop, device_now: str, said_at: str) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    count = {"kind": "count", "key": "deed-000001", "location": "camden", "item": "MUG-01", "counted": 5}
    async with on_the_floor(shop) as client:
        answer = await client.post(
            f"{API}/pocket", json={"device_now": device_now, "deeds": [count | {"happened_at": said_at}]}
        )
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("line", [10**30, -1, 0])
async def test_a_pocket_that_hands_over_a_line_no_order_has(shop: Shop, line: int) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    given = deed(
        "hand_over", 1, work="01a1ffe9-d1ef-7248-a104-2c5777039d11", checked="passport", units={line: 1}
    )
    async with on_the_floor(shop) as client:
        answer = await client.post(
            f"{API}/pocket", json={"device_now": "2026-03-03T12:00:00Z", "deeds": [given]}
        )
    assert answer.status_code < 500, answer.text


async def test_a_pocket_says_nothing_of_work_elsewhere(shop: Shop, clock: Clock) -> None:
    order = await counter(shop, stock=10, mug_01=1)
    await order.accept()
    async with on_the_floor(shop) as client:
        work = order.work_id()
        steps = [
            deed("pick", 1, work=work, barcode="B-MUG-01"),
            deed("stage", 2, work=work, place="SHELF-B3"),
            deed("ready", 3, work=work),
        ]
        assert [one["outcome"] for one in await send(client, *steps)] == ["done"] * 3
    await shop.place("harbor")
    async with on_the_floor(shop, place="harbor") as stranger:
        [told] = await send(stranger, deed("ready", 4, work=work))
    assert told["outcome"] == "conflict"


@pytest.mark.parametrize("after", [10_000, 2**63 - 1])
async def test_a_cursor_from_the_future_is_refused_and_not_silent_for_ever(shop: Shop, after: int) -> None:
    await shop.shelf("camden", "MUG-01", 5)
    async with callers_of(shop.run).as_role("admin") as client:
        await client.post(f"{API}/feeds", json={"code": "bazaar", "name": "Bazaar", "channel": "web"})
        asked = await client.get(f"{API}/feeds/bazaar/changes", params={"after": after})
        listening = await client.get(f"{API}/feeds/bazaar/stream", headers={"Last-Event-ID": str(after)})
        endless = await client.get(f"{API}/feeds/bazaar/stream", headers={"Last-Event-ID": "9" * 5000})
        known = (await client.get(f"{API}/feeds/bazaar/changes")).json()["cursor"]
        again = await client.get(f"{API}/feeds/bazaar/changes", params={"after": known})
    assert [one.status_code for one in (asked, listening, endless, again)] == [409, 409, 422, 200]
    assert asked.json()["code"] == "cursor-ahead"
