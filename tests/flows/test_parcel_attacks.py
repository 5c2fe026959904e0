"""Parcels whose words and scans come in odd orders: nothing said twice, nothing put away that never came."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from ambidex.domains.locations import LocationKind
from ambidex.domains.shipping import PackageState
from ambidex.flows.put_away import put_away
from ambidex.kernel.problem import Problem
from tests.conftest import Clock
from tests.flows.counter import scan
from tests.flows.parcels import Sender, box, sender
from tests.reads.house import audited
from tests.shop import Shop, associate


@pytest.fixture
async def parcel(shop: Shop, clock: Clock) -> AsyncIterator[Sender]:
    """Two mugs and a bowl left Camden; a warehouse may take back what returns."""
    made = await sender(shop, clock, mug_01=2, bowl_02=1)
    await shop.place("depot", kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    yield made
    assert (await audited(shop)).violations == ()


async def test_where_a_parcel_came_back_only_what_was_in_it_is_put_away(parcel: Sender, shop: Shop) -> None:
    await parcel.until_dispatched(box({2: 1}, key="x"), box(key="y"))
    depot = shop.places["depot"]
    tomasz = associate(depot, actor_id="tomasz")
    await parcel.chosen("bring_back")
    await parcel.comes_back(at="depot", by=tomasz)
    with pytest.raises(Problem):
        await parcel.perform(
            put_away, by=tomasz, proofs=[scan("MUG-01", key="a")], location_id=depot.location_id
        )
    await parcel.perform(
        put_away, by=tomasz, proofs=[scan("BOWL-02", key="b")], location_id=depot.location_id
    )
    assert await parcel.ledger("BOWL-02") == {"found": -1, "sellable": 1}


async def test_an_older_word_that_comes_late_does_not_undo_what_a_person_chose(
    parcel: Sender, clock: Clock
) -> None:
    await parcel.until_dispatched()
    clock.forward(hours=20)
    await parcel.tells("failure")
    clock.forward(hours=2)
    await parcel.chosen("try_again")
    said = len(await parcel.shop.said())
    await parcel.tells("in_transit", at=clock() - timedelta(hours=10))
    assert (await parcel.package()).state is PackageState.DISPATCHED
    assert len(await parcel.shop.said()) == said


async def test_it_arrived_when_the_carrier_said_so_whatever_is_noted_later(
    parcel: Sender, clock: Clock
) -> None:
    await parcel.until_dispatched()
    number = (await parcel.package()).tracking_number
    at = clock() + timedelta(hours=20)
    clock.forward(hours=30)
    parcel.carrier.moves(number, "delivered", at=at)
    await parcel.hears(parcel.carrier.moves(number, "unknown", words="photo stored"))
    assert (await parcel.package()).delivered_at == at
