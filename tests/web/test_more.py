"""What somebody is offered leads somewhere: pages of one place are for people of a place, bars fit a phone."""

from __future__ import annotations

import pytest

from ambidex.domains.identity import Role
from ambidex.web.shell.nav import NAV
from tests.conftest import Clock
from tests.flows.parcels import sender
from tests.shop import Shop
from tests.web.floor import on_the_floor

ENTRIES_MAX = 6  # of 60 px each at 360


async def test_who_belongs_to_no_place_is_not_sent_to_count(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as window:
        assert 'href="/count"' not in await window.markup("/more")
    async with on_the_floor(shop, role=Role.LEAD) as window:
        assert 'href="/routing"' in await window.markup("/more"), "all of the staff may read why"
        assert 'href="/count"' in await window.markup("/more")
        await window.page("/count")


@pytest.mark.parametrize("role", sorted(NAV))
def test_the_bar_of_a_phone_has_room(role: str) -> None:
    assert len([item for item in NAV[role] if item.look != "wide"]) <= ENTRIES_MAX


async def test_who_cannot_plan_a_walk_is_told_who_does(shop: Shop, clock: Clock) -> None:
    await sender(shop, clock, mug_01=1)
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as window:
        page = await window.page("/waves")
        assert "waits for a walk" in page
        assert "A walk is planned by the people of the place that sends." in page
