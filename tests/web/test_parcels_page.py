"""Parcels that did not arrive, as people meet them: the list, what is chosen for one, and one that is scanned in again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ambidex.domains.identity import Role
from ambidex.domains.locations import LocationKind
from tests.apps import callers_of
from tests.conftest import Clock
from tests.flows.parcels import Sender, sender
from tests.reads.house import tell
from tests.shop import Shop
from tests.web.floor import on_the_floor


@pytest.fixture
async def parcel(shop: Shop, clock: Clock) -> Sender:
    """Two mugs left Camden; a warehouse has more."""
    made = await sender(shop, clock, mug_01=2)
    await made.until_dispatched()
    await shop.place("depot", kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    await shop.shelf("depot", "MUG-01", 5)
    return made


async def test_an_agent_sends_it_again(parcel: Sender, shop: Shop) -> None:
    await parcel.tells("failure")
    there = f"/parcels/{(await parcel.package()).id}"
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        assert "1 parcel needs somebody." in await floor.page("/parcels")
        assert there in await floor.markup("/parcels")
        page = await floor.page(there)
        for words in (
            "The carrier tries again",
            "Send the same again",
            "Bring it back",
            "It is lost: pay back",
        ):
            assert words in page
        post = f"/parcels/{parcel.work_id()}/1"
        assert "a few words" in await floor.refused(post, choice="send-again", reason=" ")
        assert "one of the choices shown" in await floor.refused(post, choice="explode", reason="why")
        assert await floor.goes(post, choice="send-again", reason="she gave the number of her door") == there
        page = await floor.page(there)
        assert "Sent again" in page
        assert "she gave the number of her door (" in page, "the next person reads why"
        assert "Pay back" not in page
        assert "Send the same again" not in page
        assert "Nothing goes back to the customer" in page, "what may still be lost is the first one"
    assert len(await parcel.rows("SELECT FROM fulfillment.work")) == 2


async def test_the_lead_is_offered_the_same_and_an_associate_none(parcel: Sender, shop: Shop) -> None:
    await parcel.tells("return_to_sender")
    there = f"/parcels/{(await parcel.package()).id}"
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        page = await floor.page(there)
        assert "Pay back" in page
        assert "The carrier tries again" not in page, "it is on its way back"
    async with on_the_floor(shop) as floor:
        assert "An agent or the lead of the place chooses" in await floor.page(there)
        refused = await floor.post(f"/parcels/{parcel.work_id()}/1", choice="pay-back", reason="why")
        assert refused.status_code == 403


async def test_what_is_back_is_scanned_in(parcel: Sender, shop: Shop) -> None:
    await parcel.tells("return_to_sender")
    package = await parcel.package()
    async with on_the_floor(shop) as floor:
        assert "Why typed" in await floor.refused("/parcels", code=package.tracking_number)
        there = await floor.goes("/parcels", code=package.tracking_number, code_kind="scan", key="k")
        page = await floor.page(there)
        assert "Came back" in page
        assert "put back on the shelf" in page, "whoever scanned it reads what is next"
    assert (await parcel.package()).state == "came_back"


async def test_one_that_is_late_is_on_the_list(parcel: Sender, shop: Shop, clock: Clock) -> None:
    there = f"/parcels/{(await parcel.package()).id}"
    async with on_the_floor(shop) as floor:
        assert "Every parcel is on its way" in await floor.page("/parcels")
        page = await floor.page(there)
        assert "On its way" in page
        assert "Too late" not in page
    [dog] = await parcel.rows("SELECT due_at FROM watch.watchdogs WHERE closed_at IS NULL")
    clock.now = dog.due_at + timedelta(minutes=1)
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        assert "Too late" in await floor.page("/parcels")
        assert "Too late" in await floor.page(there)


async def test_order_and_task_lead_there(parcel: Sender, shop: Shop) -> None:
    await parcel.tells("failure")
    there = f'href="/parcels/{(await parcel.package()).id}"'
    [task] = await parcel.rows("SELECT task_id FROM tasks.tasks WHERE state <> 'done' AND role = 'agent'")
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        assert there in await floor.markup(f"/orders/{parcel.order_id}")
        page = await floor.page(f"/orders/{parcel.order_id}")
        assert "Choose what is done" in page
        assert "At risk" in page.partition("Who owns it now")[0], "nobody says on track of what failed"
        assert there in await floor.markup(f"/tasks/{task.task_id}")


@pytest.mark.parametrize(("place", "status"), [("camden", 200), ("depot", 403)])
async def test_a_partner_sees_the_parcels_of_their_own_place_on_page_and_api(
    parcel: Sender, shop: Shop, place: str, status: int
) -> None:
    package = (await parcel.package()).id
    async with on_the_floor(shop, role=Role.PARTNER, place=place) as floor:
        assert (await floor.client.get(f"/parcels/{package}")).status_code == status
    async with callers_of(shop.run).as_role("partner", shop.places[place].location_id) as partner:
        assert (await partner.get(f"/api/v1/packages/{package}")).status_code == status


async def test_one_that_is_not_late_tells_its_day_and_is_not_sent_again_yet(
    parcel: Sender, shop: Shop, clock: Clock
) -> None:
    there = f"/parcels/{(await parcel.package()).id}"
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        page = await floor.page(there)
        assert "It is due by " in page
        assert "Bring it back" in page
        assert "Send the same again" not in page
        assert "It is lost" not in page
        clock.forward(hours=24 * 14)
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        page = await floor.page(there)
        assert "It is due by " not in page
        assert "Send the same again" in page
        assert "It is lost: pay back" in page


async def test_an_order_whose_money_is_still_to_go_back_is_not_called_settled(
    parcel: Sender, shop: Shop, clock: Clock
) -> None:
    there = f"/orders/{parcel.order_id}"
    clock.forward(hours=24 * 14)
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        await floor.goes(f"{there}/money", kind="captured", amount="39.80", reference="cap-1")
        await parcel.chosen("lost")
        await tell(shop)
        page = await floor.page(there)
        assert "Money is owed" in page
        assert "£39.80 are still to go back to the customer; nothing else is open" in page
        await floor.goes(f"{there}/money", kind="refunded", amount="39.80", reference="re-1")
        assert "all that was said is settled" in await floor.page(there)
