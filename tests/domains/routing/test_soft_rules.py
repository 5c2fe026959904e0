"""Soft rules and dear rates change who sends, never how much is sent or whether a promise is kept; and no document breaks a decision."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ambidex.domains.routing.model import Condition, Plan, Policy, Rates, Rule
from ambidex.domains.routing.problems import BadRules
from ambidex.domains.routing.rules import conditions, examples
from ambidex.domains.routing.rules.document import AMOUNTS, DEFAULT_DOCUMENT, RULES_MAX, parse
from ambidex.domains.routing.rules.planning import plan
from ambidex.domains.routing.rules.reading import MILLS_MAX
from ambidex.domains.routing.rules.snapshot import Network, Snapshot
from tests.domains.routing.shop_floor import DAY, NOW, said, situations, told

HUGE = "10000.00"
MUG = {"sku": "MUG", "units": 3, "weight": "0.4", "value": "9.90", "category": "kitchen"}


def _avoiding(effect: str, *, by_line: bool) -> dict[str, Any]:
    """The longest document there may be of rules that all say the same, as loudly as they may."""
    when = {"when": {"item.sku": ["MUG"]}} if by_line else {}
    rule = {"name": "not from stores", **when, effect: {"place.kind": ["store"]}, "by": HUGE}
    return {**DEFAULT_DOCUMENT, "rules": [rule] * RULES_MAX}


@pytest.mark.parametrize("by_line", [True, False])
@pytest.mark.parametrize("effect", ["avoid", "prefer"])
@pytest.mark.parametrize("lines", [1, 2, 12])
def test_two_hundred_huge_soft_rules_leave_no_order_unfilled(
    effect: str, lines: int, *, by_line: bool
) -> None:
    wanted = [MUG, *({**MUG, "sku": f"MUG-{n}"} for n in range(1, lines))]
    places = [{"code": "mitte", "kind": "store", "has": {line["sku"]: 9 for line in wanted}}]
    situation = {"lines": wanted, "places": places}
    snapshot = examples.snapshot_of(situation, parse(_avoiding(effect, by_line=by_line)))
    assert plan(snapshot).unfilled == {}


def test_one_place_for_nine_lines_is_used_although_each_unit_there_is_avoided() -> None:
    """The only place that has all of it is avoided by the unit, and the order may not be split."""
    skus = [f"s{n}" for n in range(9)]
    stock = f"A {' '.join(f'{sku}:9' for sku in skus[:8])}, B {' '.join(f'{sku}:9' for sku in skus)}"
    snapshot = told(stock, ", ".join(f"{sku} 1" for sku in skus), parts_max=1)
    where, when = (Condition("place.code", "in", ("B",)),), (Condition("item.units", "at_least", (1,)),)
    avoided = replace(snapshot.policy, rules=(Rule("not from B", when, where, MILLS_MAX),))
    assert said(plan(replace(snapshot, policy=avoided))).startswith("B ")


def test_a_promise_is_kept_from_a_place_that_two_hundred_rules_avoid() -> None:
    snapshot = told("A mug:1, B mug:1", "mug 1")
    late = [replace(site, leaves_at=NOW + DAY * 3 * (site.code == "B")) for site in snapshot.network.sites]
    demand = replace(snapshot.demand, promised_by=NOW + DAY, is_promised=True)
    where = (Condition("place.code", "in", ("A",)),)
    policy = replace(snapshot.policy, rules=(Rule("not from A", (), where, MILLS_MAX),) * RULES_MAX)
    found = plan(replace(snapshot, network=Network(late), demand=demand, policy=policy))
    assert said(found) == "A 1x1"


def test_a_rate_card_as_dear_as_can_be_sends_all_the_same() -> None:
    costs = {**DEFAULT_DOCUMENT["costs"], **dict.fromkeys(AMOUNTS, HUGE)}
    policy = parse({**DEFAULT_DOCUMENT, "costs": costs})
    heavy = {**MUG, "units": 10_000, "weight": "999999"}
    places = [
        {"code": code, "at": at, "has": {"MUG": 10_000}} for code, at in (("a", [1, 1]), ("b", [60, 170]))
    ]
    snapshot = examples.snapshot_of({"lines": [heavy], "places": places, "order": {"at": [0, 0]}}, policy)
    assert plan(snapshot).unfilled == {}


@pytest.mark.parametrize("wanted", ["mug 12000", "mug 6000, tea 6000", "mug 100000, tea 100000, jug 100000"])
def test_very_many_units_that_nobody_has_wait(wanted: str) -> None:
    found = plan(told("A mug:0, B mug:0", wanted))
    assert found.parts == ()
    assert len(found.unfilled) == wanted.count(",") + 1


def test_of_very_many_units_all_that_is_there_is_sent() -> None:
    found = plan(told("A mug:99999 tea:1, B tea:99999", "mug 90000, tea 90000"))
    assert said(found) == "A 1x90000, B 2x90000"


@given(
    situations(),
    st.lists(st.tuples(st.sampled_from(("P0", "P1", "P2")), st.integers(-MILLS_MAX, MILLS_MAX)), max_size=6),
)
@settings(max_examples=20)
def test_soft_rules_change_who_sends_and_not_how_much(
    snapshot: Snapshot, said_of: list[tuple[str, int]]
) -> None:
    rules = tuple(
        Rule(f"r{n}", (), (Condition("place.code", "in", (code,)),), add)
        for n, (code, add) in enumerate(said_of)
        if add
    )
    ruled = plan(replace(snapshot, policy=replace(snapshot.policy, rules=rules)))
    plain = plan(snapshot)
    assert sum(ruled.unfilled.values()) == sum(plain.unfilled.values())
    if snapshot.demand.is_promised:
        assert _late_units(snapshot, ruled) == _late_units(snapshot, plain)


def _late_units(snapshot: Snapshot, found: Plan) -> int:
    promised = snapshot.demand.promised_by or 1 << 60
    return sum(sum(part.lines.values()) for part in found.parts if part.arrives_at > promised)


JUNK = st.recursive(
    st.sampled_from(
        (None, True, -1, 0, 1, 23, 24, 30, 10**9, 10**30, 0.5, float("nan"), "", " ", "0", "-1", "1.00", "1e5", "٣",
         HUGE, "99999999999", "16:30", "24:00", "2026-02-30", "2026-12-24", "sun", "store", "\ud7ff", "x" * 200)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(("at_least", "at_most", "not", "place.kind", "time.hour", "item.weight", "order.value")),
            inner, max_size=3,
        ),
    ),
    max_leaves=6,
)  # fmt: skip
CONDITIONS = st.dictionaries(st.sampled_from(sorted(conditions.FIELDS)), JUNK, max_size=2)
RULES = st.fixed_dictionaries(
    {"name": st.just("r")},
    optional={"when": CONDITIONS, **dict.fromkeys(conditions.EFFECTS, CONDITIONS), "by": JUNK},
)
DOCUMENTS = st.fixed_dictionaries(
    {"name": st.just("any")},
    optional={
        "rules": st.lists(RULES, max_size=3),
        "costs": st.dictionaries(st.sampled_from([*AMOUNTS, "weight_bands", "handling", "transit"]), JUNK, max_size=3),
        "parcels_max": JUNK, "cut_offs": JUNK, "handling_minutes": JUNK, "currency": JUNK, "speeds": JUNK,
    },
)  # fmt: skip


@given(DOCUMENTS)
@settings(max_examples=60)
def test_any_document_is_refused_by_its_words_or_decides(document: dict[str, Any]) -> None:
    try:
        policy = parse(document)
    except BadRules:
        return
    places = [
        {"code": "mitte", "kind": "store", "has": {"MUG": 3}},
        {"code": "dc", "kind": "warehouse", "has": {"MUG": 3}},
    ]
    found = plan(examples.snapshot_of({"lines": [MUG], "places": places}, policy))
    is_hard = any(not rule.add for rule in policy.rules)
    assert is_hard or found.unfilled == {}


def test_control_a_cost_without_a_bound_left_an_order_unfilled() -> None:
    """What the bound is for: the rank of a unit that nobody sends is within reach of what the rules add up to."""
    snapshot = told("A mug:1", "mug 1", rates=Rates())
    added = RULES_MAX * MILLS_MAX
    rule = Rule("not from A", (), (Condition("place.code", "in", ("A",)),), added * 1_000)
    assert said(plan(replace(snapshot, policy=Policy(1, rules=(rule,))))) == "A 1x1"
