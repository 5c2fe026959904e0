"""A kit lies on no shelf: by hand its components are counted, sent and received; what a system says of it is theirs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from ambidex.flows.count_shelf import Shelf, count_shelf
from ambidex.flows.count_stock import count_stock
from ambidex.flows.deliveries import Asked
from ambidex.flows.import_stock import STOCK
from ambidex.flows.inbound_goods import NewInbound, put_inbound
from ambidex.flows.kits import KitHasNoShelf
from ambidex.flows.need_count import ask_for_counts
from ambidex.flows.receive_goods import receive_goods
from ambidex.flows.transfer_goods import NewTransfer, request_transfer
from ambidex.kernel.actor import SYSTEM
from tests.flows.transfers import Road, unit
from tests.shop import Shop, associate


@pytest.fixture
async def road(shop: Shop) -> Road:
    """Ten mugs and ten bowls lie at Harbor; a set is two mugs and a bowl, with a barcode of its own."""
    for sku in ("MUG-01", "BOWL-02"):
        await shop.shelf("harbor", sku, 10)
    await shop.place("camden")
    await shop.item("SET-01", components=(("MUG-01", 2), ("BOWL-02", 1)))
    return Road(shop)


async def by_whom_may_approve(shop: Shop) -> object:
    return await shop.run.perform(SYSTEM, count_stock, location="harbor", item="SET-01", counted=3)


async def at_the_shelf(shop: Shop) -> object:
    return await shop.run.perform(
        associate(shop.places["harbor"]), count_shelf, Shelf("harbor", "B-SET-01", 3)
    )


async def asked_for(shop: Shop) -> object:
    return await shop.run.perform(SYSTEM, ask_for_counts, location="harbor", items=["MUG-01", "SET-01"])


async def imported(shop: Shop) -> object:
    shelf = STOCK.read({"location": "harbor", "item": "SET-01", "counted": "3"})
    return await shop.run.perform(SYSTEM, STOCK.apply, [shelf])


async def sent(shop: Shop) -> object:
    new = NewTransfer("camden", "harbor", [Asked("SET-01", 1)])
    return await shop.run.perform(SYSTEM, request_transfer, new)


async def announced(shop: Shop) -> object:
    at = shop.run.clock() + timedelta(days=1)
    return await shop.run.perform(SYSTEM, put_inbound, NewInbound("PO-9", "camden", [Asked("SET-01", 1)], at))


async def scanned_in(shop: Shop) -> object:
    on_its_way = await Road(shop).on_the_road(1)
    who = associate(shop.places["camden"])
    return await shop.run.perform(who, receive_goods, delivery=on_its_way.id, found=[unit("SET-01")])


@pytest.mark.parametrize(
    "attempt",
    [by_whom_may_approve, at_the_shelf, asked_for, imported, sent, announced, scanned_in],
)
async def test_a_kit_is_refused_by_hand_and_its_components_named(
    road: Road, attempt: Callable[[Shop], Awaitable[object]]
) -> None:
    with pytest.raises(KitHasNoShelf) as refused:
        await attempt(road.shop)
    assert "2 x MUG-01, 1 x BOWL-02" in refused.value.detail


async def test_what_lay_there_before_it_became_a_kit_can_be_counted_away(road: Road) -> None:
    shop = road.shop
    await shop.shelf("harbor", "BOX-07", 4)
    await shop.item("BOX-07", components=(("MUG-01", 1),))
    with pytest.raises(KitHasNoShelf):
        await shop.run.perform(SYSTEM, count_stock, location="harbor", item="BOX-07", counted=3)
    await shop.run.perform(SYSTEM, count_stock, location="harbor", item="BOX-07", counted=0)
    assert (await shop.stock("harbor", "BOX-07")).sellable == 0
