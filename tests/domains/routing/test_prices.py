"""Prices of scarce stock: on where they saved on seasons of the past, off where they did not, and what a list says of a place."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import numpy as np
import pytest

from ambidex.domains.routing.rules.joint import Asked
from ambidex.domains.routing.rules.money import money_of
from ambidex.domains.routing.rules.planning import plan
from ambidex.domains.routing.rules.price_list import COUNTS_FOR, PriceList, PricesState, made
from ambidex.domains.routing.rules.prices import Pricing
from ambidex.domains.routing.rules.trials_of_prices import Played, Proof, Shop, Terms, drawn, seen, tried
from tests.conftest import NOON
from tests.domains.routing.shop_floor import said
from tests.domains.routing.test_window import crowd

T = TypeVar("T")
TERMS = Terms(orders=40, every=10, seasons=2, samples=2)
# km 0 has few mugs and nobody near is alone in wanting them: orders at 40 could as well come from B at 100
SCARCE = {"A": {"mug": 12, "tea": 90}, "B": {"mug": 90, "tea": 90}}
PLENTY = {"A": {"mug": 900, "tea": 900}, "B": {"mug": 900, "tea": 900}}


def ended(pieces: Generator[None, None, T]) -> T:
    """All of it at once."""
    try:
        while True:
            next(pieces)
    except StopIteration as done:
        found: T = done.value
        return found


def shop(
    stock: dict[str, dict[str, int]], kilometres: tuple[int, ...] = (40, -400), orders: int = 120
) -> Shop:
    """Orders for a mug from these kilometres in turn."""
    told = {f"o{n}": (kilometres[n % len(kilometres)], "mug") for n in range(orders)}
    past = crowd(stock, told)
    there = {sku: np.array([stock[code][sku] for code in sorted(stock)]) for sku in ("mug",)}
    return Shop(past, there)


def test_prices_prove_themselves_where_who_can_go_elsewhere_takes_the_scarce_unit() -> None:
    proof = ended(tried(shop(SCARCE), TERMS))
    assert proof.is_proved
    assert proof.saved > 0.01
    assert proof.plain.orders == proof.priced.orders == 80
    assert proof.priced.unfilled == 0


def test_where_nothing_is_scarce_nothing_is_proved() -> None:
    proof = ended(tried(shop(PLENTY), TERMS))
    assert (proof.saved, proof.is_proved) == (0.0, False)
    found = ended(made(shop(PLENTY), TERMS, days=28))
    assert (found.state, found.count) == (PricesState.OFF, 0)


def test_prices_that_cost_money_on_the_season_are_off_although_they_were_made() -> None:
    """The older half wanted it far in the west, the younger half never does: prices of the old keep mugs for nobody."""
    changed = shop(SCARCE, orders=120)
    older = [one for one in changed.past if one.demand.longitude_e6 == -400 * 8_993] * 2
    younger = [one for one in changed.past if one.demand.longitude_e6 == 40 * 8_993] * 2
    proof = ended(tried(Shop([*older[:60], *younger[:60]], {"mug": np.array([20, 90])}), TERMS))
    assert proof.saved < 0
    assert not proof.is_proved


@pytest.mark.parametrize(
    ("plain", "priced", "is_proved"),
    [
        (Played(9, 1_000_000, 9, 0, 0), Played(9, 998_000, 9, 0, 0), True),
        # noise
        (Played(9, 1_000_000, 9, 0, 0), Played(9, 999_500, 9, 0, 0), False),
        # money is no reason to leave units unsent
        (Played(9, 1_000_000, 9, 0, 0), Played(9, 900_000, 9, 0, 1), False),
        (Played(), Played(), False),
    ],
)
def test_what_is_a_proof(plain: Played, priced: Played, *, is_proved: bool) -> None:
    proof = Proof(((plain, priced),))
    assert proof.is_proved is is_proved
    assert Proof.from_json(proof.as_json()) == proof


def test_a_season_is_drawn_from_the_younger_half_and_wants_no_more_than_there_is() -> None:
    whole = shop({"A": {"mug": 3}, "B": {"mug": 4}}, kilometres=(40,) * 60 + (-400,) * 60)
    season = drawn(whole, 40, chance=np.random.default_rng(1))
    assert len(season) == 7
    assert {one.demand.longitude_e6 for one in season} == {-400 * 8_993}


def test_stock_of_a_place_that_may_not_serve_an_order_is_none_for_it() -> None:
    whole = shop({"A": {"mug": 3}, "B": {"mug": 4}})
    past = [replace(one, out={"B": ("it does not serve this address",)}) for one in whole.past]
    season = drawn(Shop(past, whole.stock), 40, chance=np.random.default_rng(1))
    assert len(season) == 3
    assert ended(tried(Shop(past, whole.stock), TERMS)).plain.unfilled == 0


def test_the_trial_knows_nothing_of_the_season_and_says_the_same_again() -> None:
    assert ended(tried(shop(SCARCE), TERMS)) == ended(tried(shop(SCARCE), TERMS))


def test_a_list_prices_what_is_scarce_and_the_decision_says_what_it_is_worth() -> None:
    whole = shop(SCARCE)
    found = replace(ended(made(whole, TERMS, days=28)), made_at=NOON)
    assert found.state is PricesState.ON
    mills = found.price("mug", "A", free=12, now=NOON)
    assert mills > 0
    assert found.price("mug", "B", free=90, now=NOON) == 0
    priced = seen(whole.past[0], whole.stock, {"mug": np.array([mills, 0])})
    assert said(plan(seen(whole.past[0], whole.stock, None))) == "A 1x1"
    chosen = plan(priced)
    assert said(chosen) == "B 1x1"
    assert money_of(chosen) == chosen.cost


def test_a_place_that_has_more_since_or_a_list_of_another_day_has_no_price() -> None:
    there = {"mug": {"A": (700, 3)}}
    one = PriceList(PricesState.ON, priced=there, made_at=NOON)
    assert one.price("mug", "A", free=3, now=NOON) == 700
    assert one.price("mug", "A", free=4, now=NOON) == 0
    assert one.price("mug", "A", free=3, now=NOON + COUNTS_FOR) == 0
    assert one.price("mug", "A", free=3, now=NOON + COUNTS_FOR - timedelta(seconds=1)) == 700
    assert one.price("tea", "A", free=1, now=NOON) == one.price("mug", "C", free=1, now=NOON) == 0
    for state in (PricesState.OFF, PricesState.STOPPED):
        assert replace(one, state=state).price("mug", "A", free=3, now=NOON) == 0


def test_prices_are_blended_with_those_of_the_night_before() -> None:
    whole = shop(SCARCE)
    fresh = ended(made(whole, TERMS, days=28))
    before = replace(fresh, priced={"mug": {"A": (10**9, 12)}}, made_at=NOON)
    blended = ended(made(whole, TERMS, days=28, before=before)).priced["mug"]["A"][0]
    assert blended > 4 * 10**8
    # what a place has more of since was no price of what is there now
    before = replace(before, priced={"mug": {"A": (10**9, 11)}})
    assert ended(made(whole, TERMS, days=28, before=before)).priced["mug"]["A"][0] < 10**8


def test_the_share_of_its_stock_that_an_item_may_sell() -> None:
    """12 units in all and two orders of one unit to come: on average a sixth is sold, with cover 1.2 a fifth."""
    whole = shop({"A": {"mug": 6}, "B": {"mug": 6}})
    pricing = Pricing([Asked.of(one) for one in whole.past], seed=1, samples=1, cover=1.2)
    assert pricing._share(2, whole.stock) == pytest.approx(0.2)
    assert replace(pricing, cover=None)._share(2, whole.stock) == 1.0
