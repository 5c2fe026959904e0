"""The bench of routing on its tiny made-up instance: scored apart from the engine, and the engine beats every rule."""

from __future__ import annotations

import pytest

from ambidex.domains.routing import plan
from bench.route_controls import RULES
from bench.route_instances import MILLS, SAMPLE, Instance, chosen_of, read
from bench.route_policies import Outcome, Pricing, by_rule, order_by_order, proved, rolling, windows


@pytest.fixture(scope="module")
def instance() -> Instance:
    found = read(SAMPLE)
    found.told["orders"] = found.told["orders"][:24]
    return found


@pytest.fixture(scope="module")
def exact(instance: Instance) -> Outcome:
    return order_by_order(instance, None)


@pytest.mark.parametrize("name", RULES)
def test_the_exact_choice_costs_no_more_than_a_rule_and_everything_is_sent(
    instance: Instance, exact: Outcome, name: str
) -> None:
    ruled = by_rule(instance, RULES[name])

    assert ruled.orders == exact.orders == 24
    assert exact.cost <= ruled.cost + 0.01


def test_a_window_costs_no_more_than_one_by_one(instance: Instance, exact: Outcome) -> None:
    assert windows(instance, None, size=24).cost <= exact.cost + 0.01


def test_a_rolling_window_sends_everything_and_is_one_window_where_all_wait_at_once(
    instance: Instance, exact: Outcome
) -> None:
    assert rolling(instance, None, size=24).cost == windows(instance, None, size=24).cost
    rolled = rolling(instance, None, size=12)
    assert rolled.orders == 24
    assert rolled.cost <= exact.cost + 0.01


def test_the_engine_and_the_scorer_agree_on_money(instance: Instance) -> None:
    for order in instance.orders:
        found = plan(instance.snapshot(order, instance.stock))
        assert found.cost / MILLS == pytest.approx(
            instance.cost(order, chosen_of(found, instance.network)), abs=0.001
        )


def test_prices_are_tried_by_the_trial_of_the_product(instance: Instance) -> None:
    pays, saved = proved(instance, seasons=1, samples=1)
    assert pays is (saved > 0.001)
    priced = order_by_order(instance, Pricing(instance, instance.orders, samples=1))
    assert priced.orders == 24
    assert priced.priced > 0
