"""Pack and Dispatch as people play them: scan into boxes, weigh, print, hand to the carrier; what order and customer see."""

from __future__ import annotations

import json

from ambidex.domains import orders
from ambidex.domains.identity import Role
from tests.apps import SECRET_KEY
from tests.conftest import Clock
from tests.flows.parcels import Sender, box, sender
from tests.shop import Shop
from tests.web.floor import HTMX, Floor, on_the_floor, words

KEY = bytes.fromhex(SECRET_KEY)


async def packed_by(shop: Shop, clock: Clock) -> Sender:
    """Two mugs and a bowl, picked."""
    parcel = await sender(shop, clock, mug_01=2, bowl_02=1)
    await parcel.until_picked()
    return parcel


async def customer_sees(floor: Floor, parcel: Sender) -> str:
    return await floor.page(orders.customer_link(KEY, parcel.order_id, 1))


async def test_who_refuses_what_is_to_be_sent_reads_that_another_place_is_asked(
    shop: Shop, clock: Clock
) -> None:
    parcel = await sender(shop, clock, mug_01=2)
    async with on_the_floor(shop, outside=parcel.outside) as floor:
        there = await floor.goes(f"/work/{parcel.work_id()}/refuse", reason="too busy")
        assert "Refused. Another place sends it, if one has it." in await floor.page(there)


async def test_units_are_scanned_into_boxes_weighed_and_labelled(shop: Shop, clock: Clock) -> None:
    parcel = await packed_by(shop, clock)
    there = f"/pack/{parcel.work_id()}"
    async with on_the_floor(shop, outside=parcel.outside) as floor:
        assert "Léa Dağdelen" in await floor.page("/pack")
        assert there in await floor.markup("/work")
        assert "No order to be sent from here" in await floor.refused("/pack", code="TOTE-99")
        number = (await parcel.rows("SELECT number FROM orders.orders"))[0].number
        assert await floor.goes("/pack", code=number.lower()) == there
        assert "does not belong to this order" in await floor.refused(f"{there}/scan", code="B-NOT-OURS")
        right = await floor.post(f"{there}/scan", headers=HTMX, code="B-MUG-01", inside="")
        assert json.loads(right.headers["hx-trigger"])["outcome"]["outcome"] == "right"
        assert "1 of 3 in this box" in words(right.text)
        again = await floor.post(f"{there}/scan", headers=HTMX, code="B-MUG-01", inside="1:2")
        assert json.loads(again.headers["hx-trigger"])["outcome"]["outcome"] == "already"
        await floor.goes(f"{there}/close", inside="1:1", grams="420", key="k1")
        await floor.goes(f"{there}/close", inside="1:1", grams="420", key="k1")
        page = await floor.page(there)
        assert "Package 1" in page
        assert "Package 2" not in page, "the same key closes one box"
        assert "0 of 2 in this box" in page
        assert "1 of 2 in a box" in page
        assert "All that is left in this box" in page
        await floor.goes(f"{there}/close", inside="", grams="980", key="k2")
        first, second = await parcel.packages()
        assert [dict(each.units) for each in (first, second)] == [{1: 1}, {1: 1, 2: 1}]
        paper = await floor.client.get(f"/packages/{first.id}/label")
        assert paper.headers["content-type"].startswith("image/svg+xml")
        assert "sandbox" in paper.headers["content-security-policy"], "a carrier's paper runs nothing"
        assert 'href="/dispatch"' in await floor.markup(there)
    assert (await parcel.work()).state == "packed"


async def test_a_box_is_opened_again_and_a_weight_is_asked_for(shop: Shop, clock: Clock) -> None:
    parcel = await packed_by(shop, clock)
    there = f"/pack/{parcel.work_id()}"
    async with on_the_floor(shop, outside=parcel.outside) as floor:
        assert "a whole number" in await floor.refused(f"{there}/close", inside="", grams="", key="k")
        await floor.goes(f"{there}/close", inside="", grams="900", key="k")
        [package] = await parcel.packages()
        await floor.goes(f"{there}/open", package=package.id)
        assert (await parcel.work()).state == "picked"
        assert "0 of 3 in this box" in await floor.page(there)


async def test_packages_are_scanned_onto_a_manifest(shop: Shop, clock: Clock) -> None:
    parcel = await packed_by(shop, clock)
    await parcel.pack(box({1: 1}), box({1: 1, 2: 1}))
    first, second = await parcel.label()
    async with on_the_floor(shop) as floor:
        assert "2 packages wait for their carrier." in await floor.page("/dispatch")
        assert "/dispatch" in await floor.markup("/work")
        assert (await floor.post("/dispatch", code="NOBODYS-1", code_kind="scan")).status_code == 404
        gone = await floor.post(
            "/dispatch", headers=HTMX, code=first.tracking_number, code_kind="scan", key="1"
        )
        assert json.loads(gone.headers["hx-trigger"])["outcome"]["outcome"] == "right"
        twice = await floor.post(
            "/dispatch", headers=HTMX, code=first.tracking_number, code_kind="scan", key="2"
        )
        assert json.loads(twice.headers["hx-trigger"])["outcome"]["outcome"] == "already"
        assert "Why typed" in await floor.refused("/dispatch", code=second.tracking_number)
        await floor.goes("/dispatch", code=second.tracking_number, code_kind="scan", key="3")
        page = await floor.markup("/dispatch")
        manifest = page.partition("/manifests/")[2].partition("/")[0]
        assert "The carrier took all 2" in words(page)
        await floor.goes(f"/manifests/{manifest}/close")
        assert "Nothing waits for a carrier" in await floor.page("/dispatch")
    assert (await parcel.work()).state == "dispatched"


async def test_order_and_customer_see_the_same_parcels(shop: Shop, clock: Clock) -> None:
    parcel = await packed_by(shop, clock)
    async with on_the_floor(shop) as floor:
        assert "Being prepared" in await customer_sees(floor, parcel)
        await parcel.pack(box({1: 1}), box({1: 1, 2: 1}))
        numbers = [package.tracking_number for package in await parcel.label()]
        assert numbers[0] not in await customer_sees(floor, parcel), "it has not left"
        await parcel.dispatch(1)
        await parcel.dispatch(2)
        page = await customer_sees(floor, parcel)
        assert "your order is on its way" in page
        assert all(number in page for number in numbers)
        clock.forward(hours=20)
        await parcel.tells("failure", 1)
        page = await customer_sees(floor, parcel)
        assert "The carrier could not deliver parcel 1" in page
        assert "Parcel 1: We talk to the carrier" in page, "the other one is on its way"
        await parcel.chosen("try_again")
        await parcel.tells("delivered", 1)
        await parcel.tells("delivered", 2)
        assert "you have your order" in await customer_sees(floor, parcel)
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        assert "Delivered." in await floor.page(f"/orders/{parcel.order_id}")
        page = await floor.page(f"/orders/{parcel.order_id}")
        assert "With the customer by" in page
        assert "Parcel 1 handed to the carrier" in page
        assert "Parcel 1: " in page
        assert "Kept" in page


async def test_a_link_of_a_carrier_that_could_run_is_not_shown(shop: Shop, clock: Clock) -> None:
    parcel = await packed_by(shop, clock)
    await parcel.pack()
    await parcel.label()
    await parcel.dispatch()
    await parcel.rows(
        "UPDATE shipping.packages SET tracking_url = 'javascript:alert(1)' RETURNING package_no"
    )
    async with on_the_floor(shop) as floor:
        assert "javascript:" not in await floor.markup(orders.customer_link(KEY, parcel.order_id, 1))


async def test_the_customer_hears_of_the_one_parcel_that_comes_back(shop: Shop, clock: Clock) -> None:
    parcel = await packed_by(shop, clock)
    await parcel.pack(box({1: 1}), box({1: 1, 2: 1}))
    first, second = await parcel.label()
    async with on_the_floor(shop) as floor:
        await parcel.dispatch(first.package_no)
        page = await customer_sees(floor, parcel)
        assert "a part of your order is on its way" in page
        assert "Partly on its way" in page
        await parcel.dispatch(second.package_no)
        assert "your order is on its way" in await customer_sees(floor, parcel)
        await parcel.tells("return_to_sender", 1)
        page = await customer_sees(floor, parcel)
        assert "something went wrong on the way" in page, "though the other one still comes"
        assert "Parcel 1: It is on its way back to us." in page
        number = (await parcel.package()).tracking_number
        await floor.goes("/parcels", code=number, code_kind="scan", key="k")
        assert "Parcel 1: It is back with us." in await customer_sees(floor, parcel)
        await parcel.tells("delivered", 2)
        assert "Parcel 1 came back to us" in await customer_sees(floor, parcel)
