"""A store with tills and a warehouse; every test with them ends with the live audit."""

from collections.abc import AsyncIterator

import pytest

from ambidex.domains.locations import LocationKind
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.inbound.stock.feeds import Feeds
from tests.reads.house import audited
from tests.shop import Shop


@pytest.fixture
async def feeds(run: Run, clock: Clock, shop: Shop) -> AsyncIterator[Feeds]:
    """Ten mugs at Camden, forty in the warehouse; counted two hours ago."""
    clock.forward(hours=-2)
    await shop.shelf("camden", "MUG-01", 10)
    await shop.place("dc", kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    await shop.shelf("dc", "MUG-01", 40)
    clock.forward(hours=2)
    beside = Feeds(run, clock)
    await beside.register()
    yield beside
    assert (await audited(shop)).violations == ()
