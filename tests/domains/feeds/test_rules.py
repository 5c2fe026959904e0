"""Bands that do not flap, positions without a gap, waits that grow, terms that are refused by name."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambidex.domains.feeds import rules
from ambidex.domains.feeds.model import Area, Band, Bands, Change, Feed, FeedState, NewFeed, Told
from ambidex.domains.feeds.problems import BadFeed
from ambidex.kernel.ids import FeedId, ItemId
from tests.conftest import NOON

BANDS = Bands(low_at=5, in_from=8, out_at=0, back_from=2)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        # falling: in until 5, low until 0
        ([9, 8, 6, 5, 4, 1, 0], "in in in low low low out"),
        # rising: out until 2, low until 8
        ([0, 1, 2, 5, 7, 8], "out out low low low in"),
        # wavering at an edge tells one change, not five
        ([6, 5, 6, 5, 6, 7], "in low low low low low"),
        ([1, 0, 1, 0, 1, 2], "low out out out out low"),
        # a count or a delivery may jump over a band
        ([0, 100, 0, -3], "out in out out"),
    ],
)
def test_bands(units: list[int], expected: str) -> None:
    before: Band | None = None
    told = []
    for number in units:
        before = rules.band(BANDS, number, before=before)
        told.append(before.value)
    assert " ".join(told) == expected


@st.composite
def some_bands(draw: st.DrawFn) -> Bands:
    out_at = draw(st.integers(0, 5))
    low_at = draw(st.integers(out_at + 1, out_at + 10))
    in_from = draw(st.integers(low_at + 1, low_at + 10))
    return Bands(low_at, in_from, out_at, draw(st.integers(out_at + 1, in_from)))


@given(some_bands(), st.lists(st.integers(-3, 40), min_size=1, max_size=60))
def test_a_band_is_left_only_at_another_number_than_it_was_entered(bands: Bands, numbers: list[int]) -> None:
    least = {Band.OUT: bands.back_from - bands.out_at, Band.LOW: 1, Band.IN: bands.in_from - bands.low_at}
    before: Band | None = None
    entered: int | None = None
    for units in numbers:
        now = rules.band(bands, units, before=before)
        assert (now is Band.OUT) or units > bands.out_at
        assert (now is Band.IN) or units < bands.in_from
        if before not in {None, now}:
            assert entered is None or abs(units - entered) >= least[before]
            entered = units
        before = now


@given(some_bands(), st.data())
def test_wavering_within_the_gap_tells_at_most_one_change(bands: Bands, drawn: st.DataObject) -> None:
    gap = st.integers(bands.low_at, bands.in_from - 1)
    before = rules.band(bands, bands.in_from, before=None)
    told = 0
    for units in drawn.draw(st.lists(gap, max_size=50)):
        now = rules.band(bands, units, before=before)
        told += now is not before
        before = now
    assert told <= 1


def feed(*, bands: Bands | None = None, number: int = 1) -> Feed:
    return Feed(
        FeedId(UUID(int=number)),
        number,
        "web",
        "Web",
        "web",
        Area(),
        bands,
        "",
        FeedState.ACTIVE,
        1,
        None,
        None,
        NOON,
        NOON,
    )


def item(number: int) -> ItemId:
    return ItemId(UUID(int=number))


def told(units: int, band: str = "") -> dict[int, Told]:
    return {1: Told(units, band, 6, 30, 0)}


def changed(feeds: list[Feed], units: dict[int, int], before: dict[int, dict[int, Told]]) -> list[Change]:
    wanted = {(one.feed_id, item(number)): count for one in feeds for number, count in units.items()}
    known = {item(number): by_feed for number, by_feed in before.items()}
    return rules.changes(feeds, wanted, before=known, head=40, now=NOON)


def test_only_what_is_another_value_gets_the_next_position() -> None:
    changes = changed([feed()], {3: 4, 1: -2, 2: 9}, {2: told(9)})
    assert [(c.item_id.int, c.told[1].units, c.position) for c in changes] == [(1, 0, 41), (3, 4, 42)]


def test_versions_go_on_and_other_feeds_keep_what_they_tell() -> None:
    two = [feed(bands=BANDS), feed(number=2)]
    [change] = changed(two, {1: 7}, {1: {1: Told(9, "in", 6, 30, 0), 2: Told(9, "", 8, 31, 0)}})
    assert change.told == {1: Told(9, "in", 6, 30, 0), 2: Told(7, "", 9, 41, int(NOON.timestamp() * 1000))}


def test_a_feed_of_bands_tells_the_band_and_only_when_it_is_another() -> None:
    changes = changed([feed(bands=BANDS)], {1: 6, 2: 3}, {1: told(9, "in"), 2: told(3)})
    assert [(c.item_id.int, c.told[1].band) for c in changes] == [(2, "low")]


def test_a_feed_that_told_bands_tells_units_from_now_on() -> None:
    [change] = changed([feed()], {1: 9}, {1: told(9, "in")})
    assert change.told[1][:3] == (9, "", 7)


def test_waits_double_up_to_ten_minutes() -> None:
    seconds = [rules.wait(attempts).total_seconds() for attempts in (0, 1, 2, 5, 9, 10, 10_000)]
    assert seconds == [1, 2, 4, 32, 512, 600, 600]
    assert not rules.gives_up(NOON, NOON + timedelta(days=29, hours=23))
    assert rules.gives_up(NOON, NOON + timedelta(days=30))


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (NewFeed("Web Shop", "n", "web"), "code"),
        (NewFeed("web", "n", "shop"), "channel"),
        (NewFeed("web", "n", "web", webhook_url="ftp://shop.example/x"), "webhook.url"),
        (NewFeed("web", "n", "web", webhook_url="https://ama:secret@shop.example/"), "webhook.url"),
        (NewFeed("web", "n", "web", webhook_url="https:///hooks"), "webhook.url"),
        (NewFeed("web", "n", "web", webhook_url="https://shop.example:99999/"), "webhook.url"),
        (NewFeed("web", "n", "web", webhook_url="https://shop.example/a b"), "webhook.url"),
        (NewFeed("web", "n", "web", bands=Bands(low_at=8, in_from=8)), "bands.in_from"),
        (NewFeed("web", "n", "web", bands=Bands(out_at=3, back_from=3)), "bands.back_from"),
    ],
)
def test_terms_are_refused_by_field(terms: NewFeed, field: str) -> None:
    with pytest.raises(BadFeed) as refused:
        rules.check(terms)
    assert [error["field"] for error in refused.value.errors] == [field]


def test_secrets_are_another_for_each_feed_and_number() -> None:
    made = {rules.secret(b"k" * 32, FeedId(UUID(int=n)), number) for n in range(3) for number in (1, 2)}
    assert len(made) == 6
    assert all(len(secret) == 32 for secret in made)
