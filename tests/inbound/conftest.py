"""The shop's double beside a small retailer."""

import pytest

from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.inbound.platform import Platform
from tests.shop import Shop


@pytest.fixture
async def platform(run: Run, clock: Clock, shop: Shop) -> Platform:
    """Camden with ten mugs, known there under its own number."""
    await shop.shelf("camden", "MUG-01", 10)
    beside = Platform.beside(run, clock)
    await beside.register()
    return beside
