"""The shop's double beside a small retailer; every test with it ends with the live audit."""

from collections.abc import AsyncIterator

import pytest

from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.inbound.platform import Platform
from tests.reads.house import audited
from tests.shop import Shop


@pytest.fixture
async def platform(run: Run, clock: Clock, shop: Shop) -> AsyncIterator[Platform]:
    """Camden with ten mugs, known there under its own number."""
    await shop.shelf("camden", "MUG-01", 10)
    beside = Platform.beside(run, clock)
    await beside.register()
    yield beside
    assert (await audited(shop)).violations == ()
