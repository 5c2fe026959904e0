"""Bands that do not flap, positions without a gap, waits that grow, terms that are refused by name."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambidex.domains.feeds import rules
from ambidex.domains.feeds.model import Area, Band, Bands, Feed, FeedState, NewFeed, Shown
from ambidex.domains.feeds.problems import BadFeed
from ambidex.kernel.ids import FeedId, ItemId
from tests.conftest import NOON

BANDS = Bands(low_at=5, in_from=8, out_at=0, back_from=2)
FEED = FeedId(UUID(int=7))


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
    before: Band | None = None
    entered = 0
    for units in numbers:
        now = rules.band(bands, units, before=before)
        if units <= bands.out_at:
            assert now is Band.OUT
        if units >= bands.in_from:
            assert now is Band.IN
        if before is not None and now is not before:
            least = {
                Band.OUT: bands.back_from - bands.out_at,
                Band.LOW: 1,
                Band.IN: bands.in_from - bands.low_at,
            }
            assert abs(units - entered) >= least[before]
            entered = units
        if before is None:
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


def feed(*, bands: Bands | None = None, position: int = 0) -> Feed:
    return Feed(
        FEED,
        "web",
        "Web",
        "web",
        Area(),
        bands,
        "",
        FeedState.ACTIVE,
        1,
        None,
        position,
        None,
        created_at=NOON,
    )


def item(number: int) -> ItemId:
    return ItemId(UUID(int=number))


def test_only_what_is_another_value_gets_the_next_position() -> None:
    units = {(FEED, item(3)): 4, (FEED, item(1)): -2, (FEED, item(2)): 9}
    before = {(FEED, item(2)): Shown(9)}
    changes = rules.changes([feed(position=40)], units, before=before)
    assert [(c.item_id.int, c.units, c.position) for c in changes] == [(1, 0, 41), (3, 4, 42)]


def test_a_feed_of_bands_tells_the_band_and_only_when_it_is_another() -> None:
    before = {(FEED, item(1)): Shown(9, "in"), (FEED, item(2)): Shown(3)}
    units = {(FEED, item(1)): 6, (FEED, item(2)): 3}
    changes = rules.changes([feed(bands=BANDS)], units, before=before)
    assert [(c.item_id.int, c.band) for c in changes] == [(2, "low")]


def test_a_feed_that_told_bands_tells_units_from_now_on() -> None:
    [change] = rules.changes([feed()], {(FEED, item(1)): 9}, before={(FEED, item(1)): Shown(9, "in")})
    assert (change.units, change.band) == (9, "")


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
