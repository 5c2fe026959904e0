"""Shown on a simulated clock: hops, closed days, daylight-saving nights, empty shifts, a place that closes for good."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ambidex.flows import watch as sweeping
from ambidex.flows.accept_work import accept_work
from ambidex.runtime.reactions import Reaction, settle
from tests.conftest import NOON, Clock
from tests.shop import CLOSED_ON_SUNDAY, DAILY, Shop, associate
from tests.simulation.story import Story, work_id

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def story(shop: Shop, clock: Clock) -> Story:
    await shop.place("camden")
    await shop.shelf("camden", "MUG-01", 50)
    return Story(shop, clock)


async def everybody(shop: Shop, *, start: datetime, hours: float = 9, place: str = "camden") -> None:
    """An associate and a lead at the place, a district manager and somebody on call at head office."""
    await shop.on_shift("Inès Caron", role="associate", place=place, start=start, hours=hours)
    await shop.on_shift("Bo Lindström", role="lead", place=place, start=start, hours=hours)
    await shop.on_shift("Mei Tanaka", role="district", place=None, start=start, hours=hours)
    await shop.on_shift("Tomás Reyes", role="experience", place=None, start=start, hours=hours)


async def test_nobody_accepts_and_ownership_moves_a_rung_every_five_minutes(story: Story) -> None:
    await everybody(story.shop, start=NOON - timedelta(hours=2))
    order_id = await story.order()

    await story.until(NOON + 25 * MINUTE)

    assert await story.events(order_id, "watch.due-soon") == [NOON + 5 * MINUTE, NOON + 8 * MINUTE]
    assert await story.hops(order_id) == [
        (NOON + 10 * MINUTE, "lead", "Bo Lindström"),
        (NOON + 15 * MINUTE, "district", "Mei Tanaka"),
        (NOON + 20 * MINUTE, "experience", "Tomás Reyes"),
    ]
    owner = await story.owner(order_id)
    assert (owner.role, owner.level) == ("experience", 4)
    assert await story.troubles(order_id) == [("no-accept", "people", "experience")]


async def test_what_is_accepted_stops_climbing_and_is_watched_on(story: Story) -> None:
    await everybody(story.shop, start=NOON - timedelta(hours=2))
    order_id = await story.order()
    await story.until(NOON + 12 * MINUTE)
    assert (await story.owner(order_id)).role == "lead"

    ines = associate(story.shop.places["camden"])
    await story.shop.run.perform(ines, accept_work, work_id=work_id(order_id))
    assert (await story.owner(order_id)).role == "associate"
    await story.until(NOON + 22 * MINUTE)

    assert [role for _, role, _ in await story.hops(order_id)] == ["lead", "lead"]
    assert (await story.hops(order_id))[-1][0] == NOON + 20 * MINUTE  # nobody began to pick
    assert await story.troubles(order_id) == []


async def test_a_closed_sunday_moves_nothing(story: Story) -> None:
    saturday = datetime(2026, 3, 7, 20, 55, tzinfo=UTC)
    monday = datetime(2026, 3, 9, 9, tzinfo=UTC)
    story.clock.now = saturday
    await story.shop.place("kilburn", week=CLOSED_ON_SUNDAY)
    await story.shop.shelf("kilburn", "MUG-01", 5)
    await everybody(story.shop, start=monday - timedelta(hours=1), place="kilburn")
    for name, role in (("Wen Li", "associate"), ("Ada Obi", "lead")):
        await story.shop.on_shift(
            name, role=role, place="kilburn", start=saturday - timedelta(hours=4), hours=5
        )
    order_id = await story.order("kilburn")
    assert await story.promises(order_id) == [("ready_by", "made", datetime(2026, 3, 9, 10, 55, tzinfo=UTC))]

    await story.until(saturday + 5 * MINUTE)
    before = await story.shop.happened()
    await story.until(monday - MINUTE, every=timedelta(minutes=30))
    assert await story.shop.happened() == before
    assert (await story.owner(order_id)).role == "associate"

    await story.until(monday + 16 * MINUTE)
    assert await story.hops(order_id) == [
        (monday + 5 * MINUTE, "lead", "Bo Lindström"),
        (monday + 10 * MINUTE, "district", "Mei Tanaka"),
        (monday + 15 * MINUTE, "experience", "Tomás Reyes"),
    ]


@pytest.mark.parametrize(
    ("zone", "night", "opens_at"),
    [
        # the clocks go forward: New York opens an hour earlier in UTC than the day before
        ("America/New_York", date(2026, 3, 8), datetime(2026, 3, 8, 13, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 1), datetime(2026, 11, 1, 14, tzinfo=UTC)),
        ("Europe/London", date(2026, 3, 29), datetime(2026, 3, 29, 8, tzinfo=UTC)),
        ("Europe/London", date(2026, 10, 25), datetime(2026, 10, 25, 9, tzinfo=UTC)),
    ],
)
async def test_a_daylight_saving_night_is_not_an_hour_off(
    story: Story, zone: str, night: date, opens_at: datetime
) -> None:
    evening = datetime.combine(night - timedelta(days=1), datetime.min.time(), ZoneInfo(zone)) + timedelta(
        hours=20, minutes=55
    )
    story.clock.now = evening.astimezone(UTC)
    await story.shop.place("soho", zone=zone)
    await story.shop.shelf("soho", "MUG-01", 5)
    await everybody(story.shop, start=story.clock.now - timedelta(hours=3), hours=24, place="soho")
    order_id = await story.order("soho")

    await story.until(opens_at + 6 * MINUTE, every=5 * MINUTE)

    # five minutes of the ten were left: the watchdog fires five minutes after the doors open, by the wall clock nine
    assert opens_at.astimezone(ZoneInfo(zone)).hour == 9
    assert await story.hops(order_id) == [(opens_at + 5 * MINUTE, "lead", "Bo Lindström")]
    assert (await story.promises(order_id))[0][2] == opens_at + timedelta(hours=1, minutes=55)


async def test_a_place_open_through_the_night_counts_the_hour_that_is_twice(story: Story) -> None:
    """Open from 22:00 to 06:00; the night of 1 November has nine hours in New York, that of 8 March seven."""
    nightly = {str(day): [["22:00", "06:00"]] for day in range(7)}
    new_york = ZoneInfo("America/New_York")
    story.clock.now = datetime(2026, 11, 1, 0, 30, tzinfo=new_york).astimezone(UTC)
    await story.shop.place("night", zone="America/New_York", week=nightly)
    await story.shop.shelf("night", "MUG-01", 5)

    long_night = await story.order("night")
    story.clock.now = datetime(2027, 3, 14, 0, 30, tzinfo=new_york).astimezone(UTC)
    short_night = await story.order("night")

    wall = [
        (await story.promises(o))[0][2].astimezone(new_york).strftime("%H:%M")
        for o in (long_night, short_night)
    ]
    assert wall == ["01:30", "03:30"]  # two hours each: one hour came twice, one did not come at all


async def test_an_empty_shift_goes_up_at_once(story: Story) -> None:
    await story.shop.on_shift("Mei Tanaka", role="district", place=None, start=NOON - timedelta(hours=1))
    order_id = await story.order()

    await story.sweep()

    [hop] = await story.hop_rows(order_id)
    assert (hop.happened_at, hop.role, hop.who) == (NOON, "district", "Mei Tanaka")
    assert (hop.passed, hop.cause) == ('["associate", "lead"]', "nobody on shift")
    await story.sweep()
    assert len(await story.hops(order_id)) == 1


async def test_nobody_anywhere_is_still_somebody(story: Story) -> None:
    order_id = await story.order()
    await story.until(NOON + 30 * MINUTE)
    owner = await story.owner(order_id)
    assert (owner.role, owner.staff_id) == ("experience", None)
    assert await story.troubles(order_id) == [("no-accept", "place", "experience")]


async def test_an_empty_shift_of_a_closed_place_waits_for_the_doors(story: Story) -> None:
    story.clock.now = datetime(2026, 3, 3, 22, tzinfo=UTC)
    opens = datetime(2026, 3, 4, 9, tzinfo=UTC)
    await story.shop.on_shift("Mei Tanaka", role="district", place=None, start=opens - timedelta(hours=1))
    order_id = await story.order()
    await story.until(opens - MINUTE, every=timedelta(minutes=30))
    assert await story.hops(order_id) == []
    await story.until(opens)
    assert await story.hops(order_id) == [(opens, "district", "Mei Tanaka")]


async def test_the_customer_hears_before_the_promise_breaks_and_once_more_there_is_no_third_time(
    story: Story,
) -> None:
    await everybody(story.shop, start=NOON - timedelta(hours=2), hours=12)
    order_id = await story.order()
    due = NOON + timedelta(hours=2)

    await story.until(due, every=5 * MINUTE)
    told = dict(await story.said(order_id))
    assert told["late"] == due - 10 * MINUTE
    assert await story.promises(order_id) == [
        ("ready_by", "re_promised", due),
        ("ready_by", "made", due + timedelta(hours=1)),
    ]

    await story.until(due + timedelta(hours=1), every=5 * MINUTE)
    assert (await story.promises(order_id))[1][1] == "broken"
    assert dict(await story.said(order_id))["options"] == due + 50 * MINUTE
    assert ("promise-broken", "people", "experience") in await story.troubles(order_id)
    owner = await story.owner(order_id)
    assert owner.role == "experience"


async def test_a_place_that_closes_for_good_gives_its_work_back_and_the_customer_chooses(
    story: Story, shop: Shop
) -> None:
    await everybody(shop, start=NOON - timedelta(hours=2))
    await shop.place("hampstead")
    await shop.shelf("hampstead", "MUG-01", 5)
    order_id = await story.order()

    closed = {
        "name": "Camden",
        "week": DAILY,
        "capabilities": frozenset({"pickup"}),
        "closed_from": date(2026, 3, 3),
    }
    await shop.place("camden", **closed)
    await react(story)
    await story.sweep()

    kinds = [kind for kind, _ in await story.said(order_id)]
    assert kinds[-1] == "options"
    assert (await story.promises(order_id))[0][:2] == ("ready_by", "broken")
    assert ("place-closed", "place", "district") in await story.troubles(order_id)
    owner = await story.owner(order_id)
    assert owner.role == "district"


async def test_hours_that_change_are_seen_at_once(story: Story, shop: Shop) -> None:
    """A day is closed at short notice: the promise cannot be met, and the customer hears now, not tomorrow."""
    await everybody(shop, start=NOON - timedelta(hours=2), hours=12)
    story.clock.now = datetime(2026, 3, 3, 20, 55, tzinfo=UTC)
    order_id = await story.order()
    snow = {"exceptions": {"2026-03-04": []}}
    await shop.place("camden", **snow)
    await react(story)
    await story.sweep()

    assert [kind for kind, _ in await story.said(order_id)][-1] == "late"
    assert (await story.promises(order_id))[-1][2] > datetime(2026, 3, 5, 9, tzinfo=UTC)


async def react(story: Story) -> None:
    """A changed place is followed by a look at everything that waits there."""
    names = frozenset({"locations.changed", "locations.closed"})
    await settle(story.shop.run, [Reaction("hours-changed", names, sweeping.look_again)])
