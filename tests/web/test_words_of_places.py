"""Words about places and times: open day and night, a named clock, what a channel is called, who looks for it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from ambidex.domains.identity import Role
from ambidex.kernel.clock import Hours
from ambidex.web.channels import CHANNELS
from ambidex.web.formats import local_named, zone_city
from ambidex.web.hq.capacity.form import CHANNEL_OPTIONS
from ambidex.web.hq.routing.words import SAID
from ambidex.web.shell.opening import opening
from tests.flows.counter import counter
from tests.repo.sources import ROOT
from tests.shop import Shop
from tests.web.floor import on_the_floor

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
# what fits beside its button on a window of 360 px
HINT_MAX = 15
MOVED = "UPDATE orders.lines SET location_id = :place RETURNING line_no"


def _hours(*spans: tuple[time, time], days: range = range(7)) -> Hours:
    return Hours(ZoneInfo("UTC"), dict.fromkeys(days, spans))


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (Hours.always(), "Open day and night"),
        (_hours((time(9), time(20))), "Open until 8:00 PM"),
        (_hours((time(9), time(0))), "Open until midnight"),
        (_hours((time(0), time(2)), (time(20), time(0))), "Opens 8:00 PM"),
        (_hours((time(0), time(0)), days=range(2)), "Open until midnight"),
        (_hours((time(9), time(2))), "Open until Wed 2:00 AM"),
    ],
)
def test_a_place_that_never_closes_is_not_open_until_midnight(hours: Hours, said: str) -> None:
    assert re.sub(r"\s", " ", opening(hours, NOON)) == said


def test_a_clock_is_named_as_people_name_it() -> None:
    assert re.sub(r"\s", " ", local_named(NOON, "America/New_York", NOON)) == "7:00 AM EST"
    assert zone_city("America/New_York") == "New York"


def test_a_channel_is_called_the_same_everywhere() -> None:
    assert dict(CHANNEL_OPTIONS) == CHANNELS
    assert CHANNELS.items() <= SAID.items()


async def test_an_order_of_two_zones_has_one_named_clock(shop: Shop) -> None:
    await shop.place("boston", zone="America/New_York")
    at = await counter(shop, stock=3, mug_01=1)
    boston = shop.places["boston"].location_id
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        assert "all times in" not in await floor.page(f"/orders/{at.order_id}")
        await at.rows(MOVED, place=boston)
        assert "12:00 PM GMT, all times in London" in re.sub(
            r"\s", " ", await floor.page(f"/orders/{at.order_id}")
        )


def test_what_a_scan_box_says_fits_a_phone() -> None:
    """Its words stand in the field until something is scanned; cut words help nobody."""
    boxes = [
        (page.name, said)
        for page in (ROOT / "src/ambidex/web").rglob("*.html")
        for said in re.findall(r'scan_box\(.*?, _\("([^"]+)"\)', page.read_text())
    ]
    assert len(boxes) >= 10
    assert [box for box in boxes if len(box[1]) > HINT_MAX] == []
