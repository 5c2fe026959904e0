"""An address that a carrier refused is put right: the label is asked for again, the old one given back, the customer sees it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from ambidex.domains import orders
from ambidex.domains.identity import Role
from ambidex.domains.identity.rules import ROLE_PERMISSIONS
from ambidex.domains.locations import LocationKind
from ambidex.flows.correct_address import correct_address, corrected, may_correct
from ambidex.flows.refuse_work import refuse_work
from ambidex.kernel.actor import Actor, ActorKind
from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import Problem
from tests.api.test_packages import client_of
from tests.conftest import Clock
from tests.flows.parcels import HOME, Sender, box, sender
from tests.reads.house import audited
from tests.shop import Shop, associate
from tests.web.floor import on_the_floor
from tests.web.test_ship import KEY

RIGHT = {"line1": "4 Ferncliffe Terrace", "city": "Leeds", "postcode": "LS1 4DY"}


async def correct(parcel: Sender, by: Any = None, **said: str) -> None:
    address = {**RIGHT, **said}
    await parcel.run.perform(
        by or parcel.ines, correct_address, parcel.order_id, address=address, reason="she called"
    )


async def states(parcel: Sender) -> list[tuple[int, str]]:
    rows = await parcel.rows("SELECT package_no, state FROM shipping.labels ORDER BY package_no, label_no")
    return [(row.package_no, row.state) for row in rows]


async def test_a_refused_label_is_asked_for_again_with_the_right_address(shop: Shop, clock: Clock) -> None:
    parcel = await sender(shop, clock, address={**HOME, "line1": ""}, mug_01=2)
    await parcel.until_picked()
    await parcel.pack()
    with pytest.raises(Problem) as refused:
        await parcel.label()
    assert refused.value.code == "carrier-refused"
    [task] = await parcel.rows("SELECT task_id, state FROM tasks.tasks WHERE key LIKE 'label:%'")
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        there = f"/orders/{parcel.order_id}/address"
        assert f'href="{there}"' in await floor.markup(f"/tasks/{task.task_id}")
        assert f'href="{there}"' in await floor.markup(f"/orders/{parcel.order_id}")
        assert "LS1 4DY" in await floor.markup(there)
        assert "what stands on the label" in await floor.refused(there, **{**RIGHT, "line1": " "}, reason="x")
        await floor.goes(there, **RIGHT, reason="she called")
        assert "4 Ferncliffe Terrace, Leeds, LS1 4DY" in await floor.page(f"/orders/{parcel.order_id}")
        shown = await floor.page(orders.customer_link(KEY, parcel.order_id, 1))
        assert "Sent from Camden to 4 Ferncliffe Terrace, Leeds, LS1 4DY" in shown
    assert await states(parcel) == [(1, "refused"), (1, "wanted")]
    clock.forward(minutes=1)
    await parcel.worker_prints()
    assert (await parcel.package()).tracking_number
    [task] = await parcel.rows("SELECT state FROM tasks.tasks WHERE key LIKE 'label:%'")
    assert task.state == "done"


async def test_a_label_with_the_old_address_is_given_back(shop: Shop, clock: Clock) -> None:
    parcel = await sender(shop, clock, mug_01=2)
    await parcel.until_picked()
    await parcel.pack(box({1: 1}), box({1: 1}))
    first, second = await parcel.label()
    await parcel.dispatch(1)
    await correct(parcel, line1="4a Ferncliffe Terrace")
    assert (await parcel.package(1)).tracking_number == first.tracking_number, "it has left"
    assert (await parcel.package(2)).tracking_number == ""
    clock.forward(minutes=2)
    await parcel.worker_prints()
    assert await states(parcel) == [(1, "made"), (2, "voided"), (2, "made")]
    now = await parcel.package(2)
    assert now.tracking_number not in {"", second.tracking_number}
    assert "4a Ferncliffe" in str(parcel.carrier.shipments)
    assert (await audited(shop)).violations == ()


async def test_what_left_goes_where_its_label_says(shop: Shop, clock: Clock) -> None:
    parcel = await sender(shop, clock, mug_01=2)
    await parcel.until_dispatched()
    with pytest.raises(Problem) as refused:
        await correct(parcel)
    assert refused.value.code == "nothing-to-send"


def test_one_address_on_several_labels_is_for_who_sees_all_of_them() -> None:
    here, there = LocationId(UUID(int=1)), LocationId(UUID(int=2))
    floor, desk = (
        Actor(role.value, ActorKind.PERSON, "Ines", ROLE_PERMISSIONS[role], places)
        for role, places in ((Role.ASSOCIATE, frozenset({here})), (Role.AGENT, None))
    )
    assert [may_correct(floor, places) for places in ({here}, {there}, {here, there})] == [True, False, False]
    assert may_correct(desk, {here, there})


async def test_a_stranger_corrects_nothing(shop: Shop, clock: Clock) -> None:
    parcel = await sender(shop, clock, mug_01=2)
    stranger = associate(await shop.place("hackney"), actor_id="tomasz")
    with pytest.raises(Problem) as refused:
        await correct(parcel, by=stranger)
    assert refused.value.code == "not-allowed"


async def test_a_place_that_refused_it_corrects_nothing_any_more(shop: Shop, clock: Clock) -> None:
    parcel = await sender(shop, clock, mug_01=2)
    depot = await shop.place("depot", kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    await shop.shelf("depot", "MUG-01", 5)
    there = f"/orders/{parcel.order_id}"
    async with on_the_floor(shop) as floor:
        assert f'href="{there}/address"' in await floor.markup(there)
        await parcel.perform(refuse_work, reason="the window is broken")
        assert f'href="{there}/address"' not in await floor.markup(there), "nor is it offered"
    assert (await parcel.work(2)).location_id == depot.location_id
    with pytest.raises(Problem) as refused:
        await correct(parcel)
    assert refused.value.code == "not-allowed"
    await correct(parcel, by=associate(depot, actor_id="tomasz"))


async def test_the_address_over_http(shop: Shop, clock: Clock) -> None:
    parcel = await sender(shop, clock, mug_01=2)
    there = f"/api/v1/orders/{parcel.order_id}/address"
    async with client_of(parcel) as client:
        answer = await client.post(there, json={**RIGHT, "reason": "she called"})
        assert answer.status_code == 200
        elsewhere = await client.post(there, json={**RIGHT, "country": "FR", "reason": "moved"})
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "another-country")
        assert (await client.post(there, json={**RIGHT, "city": "", "reason": "moved"})).status_code == 422


@pytest.mark.parametrize(
    ("old", "said", "new"),
    [
        # ours
        (HOME, {"line1": "5 High Street"}, {**RIGHT, "line1": "5 High Street", "country": "GB"}),
        # a shop's names of the same parts give way, names and phones stay
        (
            {"name": "Léa", "address1": "x", "zip": "y", "country_code": "GB", "latitude": 51.5, "lng": -0.1},
            {},
            {**RIGHT, "name": "Léa", "country_code": "GB"},
        ),
        # where nobody knew the country it may be said
        ({"line1": "x"}, {"country": "gb"}, {**RIGHT, "country": "GB"}),
        (HOME, {"country": "FR"}, "another-country"),
        (HOME, {"city": ""}, "bad-input"),
        (HOME, {"line2": "x" * 201}, "bad-input"),
        (HOME, {"country": "England"}, "bad-input"),
    ],
)
def test_old_and_new_parts(old: dict[str, Any], said: dict[str, str], new: Any) -> None:
    if isinstance(new, str):
        with pytest.raises(Problem) as refused:
            corrected(old, {**RIGHT, **said})
        assert refused.value.code == new
    else:
        assert corrected(old, {**RIGHT, **said}) == new


async def test_manifests_over_http(shop: Shop, clock: Clock) -> None:
    parcel = await sender(shop, clock, mug_01=2)
    await parcel.until_dispatched()
    async with client_of(parcel) as client:
        [manifest] = (await client.get("/api/v1/manifests", params={"location": "camden"})).json()["items"]
        assert (manifest["packages"], manifest["closed_at"], manifest["location"]) == (1, None, "camden")
        there = f"/api/v1/manifests/{manifest['id']}/close"
        closed = (await client.post(there)).json()
        assert closed["closed_at"]
        assert (await client.post(there)).json() == closed, "closing twice is no fault"
        assert (await client.post(f"/api/v1/manifests/{parcel.order_id}/close")).status_code == 404
    assert len(await parcel.rows("SELECT FROM shipping.manifests WHERE closed_at IS NOT NULL")) == 1
