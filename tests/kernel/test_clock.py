"""The clock of a place: opening hours in its own zone, over closed days, exceptions, closures and both clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ambidex.kernel.clock import Hours, Interval

NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
NINE_TO_NINE: tuple[Interval, ...] = ((time(9), time(21)),)
WEEKDAYS = dict.fromkeys(range(6), NINE_TO_NINE)  # closed on Sunday
SHOP = Hours(LONDON, WEEKDAYS)
TEN_MINUTES = timedelta(minutes=10)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        # while open it passes at once
        ("2026-03-03 12:00", 10, "2026-03-03 12:10"),
        # five minutes before closing: five are left for the morning
        ("2026-03-03 20:55", 10, "2026-03-04 09:05"),
        # it may end exactly when the doors close
        ("2026-03-03 20:50", 10, "2026-03-03 21:00"),
        # closed: counted from the opening
        ("2026-03-03 23:30", 10, "2026-03-04 09:10"),
        ("2026-03-03 04:00", 10, "2026-03-03 09:10"),
        # Saturday evening over a closed Sunday
        ("2026-03-07 20:55", 10, "2026-03-09 09:05"),
        # more than a day of open time: twelve hours each
        ("2026-03-03 09:00", 13 * 60, "2026-03-04 10:00"),
    ],
)
def test_open_time_passes_only_while_the_doors_are_open(start: str, minutes: int, end: str) -> None:
    length = timedelta(minutes=minutes)
    assert SHOP.after_open_time(london(start), length) == london(end)
    assert SHOP.open_time_between(london(start), london(end)) == length


@pytest.mark.parametrize(
    ("end", "minutes", "start"),
    [
        ("2026-03-03 12:10", 10, "2026-03-03 12:00"),
        ("2026-03-04 09:05", 10, "2026-03-03 20:55"),
        ("2026-03-09 09:05", 10, "2026-03-07 20:55"),
        # the latest instant: nothing is gained by beginning before the doors open
        ("2026-03-04 09:10", 10, "2026-03-04 09:00"),
        # an end while closed is as good as the closing before
        ("2026-03-08 15:00", 10, "2026-03-07 20:50"),
    ],
)
def test_planning_backwards(end: str, minutes: int, start: str) -> None:
    assert SHOP.before_open_time(london(end), timedelta(minutes=minutes)) == london(start)


def test_planning_backwards_from_a_place_that_was_never_open_is_plain_time() -> None:
    never = Hours(LONDON, {})
    assert never.before_open_time(london("2026-03-03 12:00"), TEN_MINUTES) == london("2026-03-03 11:50")
    assert never.next_open(london("2026-03-03 12:00")) is None
    assert never.after_open_time(london("2026-03-03 12:00"), TEN_MINUTES) is None


def test_the_doors() -> None:
    assert SHOP.is_open(london("2026-03-03 09:00"))
    assert not SHOP.is_open(london("2026-03-03 21:00"))
    assert not SHOP.is_open(london("2026-03-08 12:00"))
    assert SHOP.next_open(london("2026-03-07 21:00")) == london("2026-03-09 09:00")
    assert SHOP.next_open(london("2026-03-03 10:30")) == london("2026-03-03 10:30")
    assert SHOP.closes_at(london("2026-03-03 10:30")) == london("2026-03-03 21:00")
    assert SHOP.closes_at(london("2026-03-07 22:00")) == london("2026-03-09 21:00")


def test_an_exceptional_day_stands_in_for_the_week() -> None:
    hours = Hours(LONDON, WEEKDAYS, {date(2026, 12, 24): ((time(9), time(14)),), date(2026, 12, 25): ()})
    assert hours.after_open_time(london("2026-12-24 13:55"), TEN_MINUTES) == london("2026-12-26 09:05")
    assert not hours.is_open(london("2026-12-25 12:00"))


def test_a_place_that_closes_for_good() -> None:
    hours = Hours(LONDON, WEEKDAYS, closed_from=date(2026, 3, 4))
    assert hours.after_open_time(london("2026-03-03 20:50"), TEN_MINUTES) == london("2026-03-03 21:00")
    assert hours.after_open_time(london("2026-03-03 20:51"), TEN_MINUTES) is None
    assert hours.next_open(london("2026-03-03 21:00")) is None
    assert hours.closes_at(london("2026-03-03 21:00")) is None
    assert hours.open_time_between(london("2026-03-03 20:00"), london("2026-04-03 20:00")) == timedelta(
        hours=1
    )


@pytest.mark.parametrize(
    ("night", "hours_open"),
    [
        ("2026-03-07", 7),  # the clocks go forward: 02:00 to 03:00 does not exist
        ("2026-10-31", 9),  # they go back: 01:00 to 02:00 comes twice
        ("2026-06-01", 8),
    ],
)
def test_a_night_shift_over_the_clock_change(night: str, hours_open: int) -> None:
    nightly = Hours(NEW_YORK, dict.fromkeys(range(7), ((time(22), time(6)),)))
    opens = new_york(f"{night} 22:00")
    assert nightly.next_open(opens - TEN_MINUTES) == opens
    closes = nightly.closes_at(opens)
    assert closes is not None
    assert closes - opens == timedelta(hours=hours_open)
    assert closes.astimezone(NEW_YORK).hour == 6
    assert nightly.open_time_between(opens, closes) == timedelta(hours=hours_open)


def test_the_morning_after_a_clock_change_opens_by_the_wall() -> None:
    daily = Hours(NEW_YORK, dict.fromkeys(range(7), NINE_TO_NINE))
    for before, after in (("2026-03-07", "2026-03-08"), ("2026-10-31", "2026-11-01")):
        due = daily.after_open_time(new_york(f"{before} 20:55"), TEN_MINUTES)
        assert due == new_york(f"{after} 09:05")


def test_an_opening_inside_the_missing_hour_is_still_one_opening() -> None:
    early = Hours(NEW_YORK, dict.fromkeys(range(7), ((time(2, 30), time(5)),)))
    opens = early.next_open(new_york("2026-03-08 00:00"))
    assert opens is not None
    assert opens.astimezone(NEW_YORK).strftime("%H:%M") == "03:30"


def test_a_night_that_runs_into_the_morning_is_counted_once() -> None:
    overlapping = Hours(LONDON, {0: ((time(20), time(10)),), 1: ((time(9), time(12)),)})
    start, end = london("2026-03-02 20:00"), london("2026-03-03 12:00")
    assert overlapping.open_time_between(start, end) == timedelta(hours=16)
    assert overlapping.after_open_time(start, timedelta(hours=16)) == end


def test_intervals_need_not_be_written_in_order() -> None:
    split = Hours(LONDON, dict.fromkeys(range(7), ((time(14), time(18)), (time(9), time(12)))))
    assert split.after_open_time(london("2026-03-03 11:55"), TEN_MINUTES) == london("2026-03-03 14:05")


def test_always_is_always() -> None:
    start = datetime(2026, 3, 3, 23, 59, tzinfo=UTC)
    assert Hours.always().after_open_time(start, timedelta(days=9)) == start + timedelta(days=9)
    assert Hours.always().before_open_time(start, timedelta(days=9)) == start - timedelta(days=9)


instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001  # the zone follows
lengths = st.integers(1, 72 * 60).map(lambda minutes: timedelta(minutes=minutes))
days = st.lists(st.sampled_from([((9, 21),), ((9, 12), (14, 18)), ((22, 6),), ()]), min_size=7, max_size=7)


@settings(max_examples=150)
@given(
    instants,
    lengths,
    days,
    st.sampled_from(["America/New_York", "Europe/London", "Australia/Lord_Howe", "UTC"]),
)
def test_forwards_and_backwards_agree(
    start: datetime, length: timedelta, week: list[tuple[tuple[int, int], ...]], zone: str
) -> None:
    hours = Hours(
        ZoneInfo(zone),
        {day: tuple((time(a), time(b)) for a, b in spans) for day, spans in enumerate(week)},
    )
    end = hours.after_open_time(start, length)
    if end is None:
        assert not any(week)
        return
    assert end > start
    assert hours.open_time_between(start, end) == length
    back = hours.before_open_time(end, length)
    assert start <= back or hours.open_time_between(start, back) == timedelta()
    assert hours.open_time_between(back, end) == length


@settings(max_examples=60)
@given(instants, days, st.sampled_from(["America/New_York", "Europe/London"]))
def test_open_time_is_what_a_minute_by_minute_watcher_sees(
    start: datetime, week: list[tuple[tuple[int, int], ...]], zone: str
) -> None:
    start = start.replace(second=0, microsecond=0)
    hours = Hours(
        ZoneInfo(zone),
        {day: tuple((time(a), time(b)) for a, b in spans) for day, spans in enumerate(week)},
    )
    end = start + timedelta(hours=30)
    quarter = timedelta(minutes=15)
    seen = sum((quarter for n in range(120) if hours.is_open(start + n * quarter)), timedelta())
    assert abs(hours.open_time_between(start, end) - seen) <= 8 * quarter


@pytest.mark.parametrize(
    ("start", "end", "lasts"),
    [
        ("2026-03-03 09:00", "2026-03-03 21:00", True),
        ("2026-03-03 08:59", "2026-03-03 12:00", False),
        ("2026-03-03 12:00", "2026-03-03 21:01", False),
        ("2026-03-03 12:00", "2026-03-04 12:00", False),
        ("2026-03-01 12:00", "2026-03-01 12:01", False),
    ],
)
def test_whether_one_opening_lasts(start: str, end: str, lasts: bool) -> None:  # noqa: FBT001
    assert SHOP.is_open_throughout(london(start), london(end)) is lasts


def test_where_one_opening_lasts_all_time_is_open_time() -> None:
    begin = london("2026-03-03 09:30")
    for minutes in range(0, 900, 7):
        end = begin + timedelta(minutes=minutes)
        whole = SHOP.open_time_between(begin, end) == end - begin
        assert SHOP.is_open_throughout(begin, end) is whole
