"""Rules as people write them: what each condition does to a plan, and what a bad document is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from ambidex.domains.routing.problems import BadRules
from ambidex.domains.routing.rules import examples
from ambidex.domains.routing.rules.document import DEFAULT_DOCUMENT, parse
from ambidex.domains.routing.rules.planning import plan
from ambidex.domains.routing.rules.reading import lines_of

BERLIN, MUNICH = [52.52, 13.40], [48.14, 11.58]
STORE_NEAR: dict[str, Any] = {"code": "mitte", "kind": "store", "at": BERLIN, "zone": "Europe/Berlin"}
DC_FAR: dict[str, Any] = {"code": "dc-south", "kind": "warehouse", "at": MUNICH, "groups": ["reserve"]}
GLASS = {"sku": "VASE", "category": "glass", "weight": "6", "value": "80.00"}
MUG = {"sku": "MUG", "category": "kitchen", "weight": "0.4", "value": "9.90"}


def _decided(rule: dict[str, Any] | None, *lines: dict[str, Any], **said: Any) -> dict[str, dict[str, int]]:
    """Where a near store and a far warehouse send from under this one rule."""
    document = {**DEFAULT_DOCUMENT, "rules": [rule] if rule else []}
    skus = {line["sku"]: 9 for line in lines}
    places = [{**STORE_NEAR, "has": skus, **said.pop("store", {})}, {**DC_FAR, "has": skus}]
    order = {"at": BERLIN, "country": "DE", "postcode": "10117", **said.pop("order", {})}
    situation = {"order": order, "lines": list(lines), "places": places, **said}
    policy = parse(document)
    snapshot = examples.snapshot_of(situation, policy)
    sent = examples.held("it", snapshot, plan(snapshot), {}).sent_from
    return {place: dict(units) for place, units in sent.items()}


STORES_OUT = {"leave_out": {"place.kind": ["store"]}}
FAR, NEAR = {"dc-south": {"VASE": 1}}, {"mitte": {"VASE": 1}}
SATURDAY_NIGHT = "2026-03-07T23:30:00Z"  # Sunday in Berlin


@pytest.mark.parametrize(
    ("rule", "said", "sent"),
    [
        (None, {}, NEAR),
        ({"when": {"item.category": ["glass"]}, **STORES_OUT}, {}, FAR),
        ({"when": {"item.category": "toys"}, **STORES_OUT}, {}, NEAR),
        ({"when": {"item.category": {"not": ["toys"]}}, **STORES_OUT}, {}, FAR),
        ({"when": {"item.sku": ["VASE"]}, **STORES_OUT}, {}, FAR),
        ({"when": {"item.weight": {"at_least": 5}}, **STORES_OUT}, {}, FAR),
        ({"when": {"item.weight": {"at_least": "6.001"}}, **STORES_OUT}, {}, NEAR),
        ({"when": {"item.value": {"at_least": "50.00", "at_most": "79.99"}}, **STORES_OUT}, {}, NEAR),
        ({"when": {"order.value": {"at_least": "80.00"}}, **STORES_OUT}, {}, FAR),
        ({"when": {"order.channel": ["marketplace"]}, **STORES_OUT}, {}, NEAR),
        ({"when": {"order.channel": ["web"]}, **STORES_OUT}, {}, FAR),
        ({"when": {"order.country": ["de"]}, **STORES_OUT}, {}, FAR),
        ({"when": {"order.postcode": ["101", "80"]}, **STORES_OUT}, {}, FAR),
        ({"when": {"order.postcode": {"not": ["10 1"]}}, **STORES_OUT}, {}, NEAR),
        ({"when": {"order.weight": {"at_most": 5}}, **STORES_OUT}, {}, NEAR),
        ({"when": {"order.lines": {"at_least": 2}}, **STORES_OUT}, {}, NEAR),
        ({"when": {"time.weekday": ["sun"]}, **STORES_OUT}, {"at": SATURDAY_NIGHT}, FAR),
        ({"when": {"time.weekday": ["sat"]}, **STORES_OUT}, {"at": SATURDAY_NIGHT}, NEAR),
        ({"when": {"time.hour": {"at_most": 5}}, **STORES_OUT}, {"at": SATURDAY_NIGHT}, FAR),
        ({"when": {"time.date": {"at_least": "2026-03-08"}}, **STORES_OUT}, {"at": SATURDAY_NIGHT}, FAR),
        ({"when": {"time.date": {"at_most": "2026-03-07"}}, **STORES_OUT}, {"at": SATURDAY_NIGHT}, NEAR),
        ({"leave_out": {"place.code": ["mitte"]}}, {}, FAR),
        ({"leave_out": {"place.load": {"at_least": 40}}}, {"store": {"load": 41}}, FAR),
        ({"leave_out": {"place.load": {"at_least": 40}}}, {"store": {"load": 39}}, NEAR),
        ({"only": {"place.group": ["reserve"]}}, {}, FAR),
        (
            {"only": {"place.kind": ["store", "warehouse"], "place.load": {"at_most": 3}}},
            {"store": {"load": 4}},
            FAR,
        ),
        ({"prefer": {"place.kind": ["warehouse"]}, "by": "5.00"}, {}, FAR),
        ({"prefer": {"place.kind": ["warehouse"]}, "by": "0.10"}, {}, NEAR),
        ({"avoid": {"place.kind": ["store"]}, "by": "5.00"}, {}, FAR),
        ({"when": {"item.category": ["glass"]}, "avoid": {"place.kind": ["store"]}, "by": "5.00"}, {}, FAR),
    ],
)
def test_a_rule_sends_it_from_elsewhere(
    rule: dict[str, Any] | None, said: dict[str, Any], sent: object
) -> None:
    named = {"name": "the rule", **rule} if rule else None
    assert _decided(named, GLASS, **said) == sent


def test_a_rule_about_a_line_leaves_the_other_lines_alone() -> None:
    rule = {"name": "no glass from stores", "when": {"item.category": ["glass"]}, **STORES_OUT}
    document = {**DEFAULT_DOCUMENT, "rules": [rule], "costs": {**DEFAULT_DOCUMENT["costs"], "split": "0.00"}}
    places = [{**STORE_NEAR, "has": {"VASE": 1, "MUG": 9}}, {**DC_FAR, "has": {"VASE": 1}}]
    situation = {"order": {"at": BERLIN}, "lines": [GLASS, MUG], "places": places}
    snapshot = examples.snapshot_of(situation, parse(document))
    sent = examples.held("it", snapshot, plan(snapshot), {}).sent_from
    assert sent == {"mitte": {"MUG": 1}, "dc-south": {"VASE": 1}}


def test_the_cut_off_of_a_version_moves_what_leaves_today() -> None:
    def leaves(clock: str) -> int | None:
        policy = parse({**DEFAULT_DOCUMENT, "cut_offs": {"store": clock}, "handling_minutes": {"store": 60}})
        situation = {
            "at": "2026-03-03T12:00:00Z",
            "lines": [MUG],
            "places": [{**STORE_NEAR, "has": {"MUG": 1}}],
        }
        return examples.snapshot_of(situation, policy).network.sites[0].leaves_at

    # 13:00 in Berlin and an hour of work: 14:00 is still today's, 13:59 is not
    today, tomorrow = leaves("14:00"), leaves("13:59")
    assert tomorrow is not None
    assert today is not None
    assert tomorrow - today == 24 * 3600 - 60


def test_speeds_have_rates_of_their_own() -> None:
    speed = {"code": "express", "name": "Next day", "price": "9.90", "free_from": "100.00"}
    costs = {"parcel": "9.00", "transit": [{"up_to_km": 5000, "days": 1}]}
    policy = parse({**DEFAULT_DOCUMENT, "speeds": [{**speed, "costs": costs}]})
    [express] = policy.speeds
    assert (express.price, express.free_from) == (990, 10_000)
    assert express.rates.package == 900_000
    assert express.rates.transit == ((5000, 1),)
    assert express.rates.split == policy.rates.split


RULE = {"name": "r", **STORES_OUT}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"rule": []}, "rule"),
        ({"name": ""}, "name"),
        ({"currency": "usd"}, "currency"),
        ({"rules": {}}, "rules"),
        ({"rules": [7]}, "rules[0]"),
        ({"rules": [{"name": "r"}]}, "rules[0]"),
        ({"rules": [RULE, {**RULE, "only": {"place.kind": "store"}}]}, "rules[1]"),
        ({"rules": [{**RULE, "by": "1.00"}]}, "rules[0].by"),
        ({"rules": [{"name": "r", "prefer": {"place.kind": "store"}}]}, "rules[0].by"),
        ({"rules": [{"name": "r", "prefer": {"place.kind": "store"}, "by": "-1.00"}]}, "rules[0].by"),
        ({"rules": [{"name": "r", "leave_out": {}}]}, "rules[0].leave_out"),
        ({"rules": [{"name": "r", "leave_out": {"place.kind": "shop"}}]}, "rules[0].leave_out.place.kind"),
        ({"rules": [{"name": "r", "leave_out": {"item.sku": "A"}}]}, "rules[0].leave_out.item.sku"),
        ({"rules": [{**RULE, "when": {"place.kind": "store"}}]}, "rules[0].when.place.kind"),
        ({"rules": [{**RULE, "when": {"item.colour": "red"}}]}, "rules[0].when.item.colour"),
        ({"rules": [{**RULE, "when": {"item.weight": 5}}]}, "rules[0].when.item.weight"),
        ({"rules": [{**RULE, "when": {"item.weight": {"over": 5}}}]}, "rules[0].when.item.weight.over"),
        (
            {"rules": [{**RULE, "when": {"time.date": {"at_least": "24.12."}}}]},
            "rules[0].when.time.date.at_least",
        ),
        ({"rules": [{**RULE, "when": {"time.weekday": ["Monday"]}}]}, "rules[0].when.time.weekday"),
        *(
            ({"rules": [{**RULE, "when": {"time.hour": said}}]}, field)
            for said, field in (
                ({"at_least": 30}, "rules[0].when.time.hour.at_least"),
                ({"at_most": 24}, "rules[0].when.time.hour.at_most"),
                ({"at_least": -1}, "rules[0].when.time.hour.at_least"),
                ({"at_least": 22, "at_most": 5}, "rules[0].when.time.hour"),
            )
        ),
        (
            {"rules": [{**RULE, "when": {"order.value": {"at_least": "9.01", "at_most": "9.00"}}}]},
            "rules[0].when.order.value",
        ),
        (
            {"rules": [{**RULE, "when": {"time.date": {"at_least": "2026-12-24", "at_most": "2026-12-23"}}}]},
            "rules[0].when.time.date",
        ),
        (
            {"rules": [{"name": "r", "leave_out": {"place.load": {"at_least": 9, "at_most": 8}}}]},
            "rules[0].leave_out.place.load",
        ),
        (
            {"rules": [{**RULE, "when": {"item.weight": {"at_least": -1}}}]},
            "rules[0].when.item.weight.at_least",
        ),
        (
            {"rules": [{**RULE, "when": {"item.weight": {"at_least": True}}}]},
            "rules[0].when.item.weight.at_least",
        ),
        (
            {"rules": [{**RULE, "when": {"item.weight": {"at_least": 10**4_000}}}]},
            "rules[0].when.item.weight.at_least",
        ),
        (
            {"rules": [{**RULE, "when": {"order.lines": {"at_least": -3}}}]},
            "rules[0].when.order.lines.at_least",
        ),
        ({"rules": [{"name": "r", "avoid": {"place.kind": "store"}, "by": "10000.01"}]}, "rules[0].by"),
        ({"rules": [{"name": "r", "avoid": {"place.kind": "store"}, "by": "0"}]}, "rules[0].by"),
        ({"costs": {"parcel": "10000.01"}}, "costs.parcel"),
        ({"costs": {"handling": {"": {"parcel": "1.00"}}}}, "costs.handling."),
        ({"cut_offs": {"x" * 101: "16:00"}}, f"cut_offs.{'x' * 101}"),
        ({"handling_minutes": {f"store-{n}": 5 for n in range(2_001)}}, "handling_minutes"),
        ({"costs": {"parcel": 4}}, "costs.parcel"),
        ({"costs": {"parcel": "4,00"}}, "costs.parcel"),
        ({"costs": {"parcel": "-4.00"}}, "costs.parcel"),
        ({"costs": {"parcel": "0.000001"}}, "costs.parcel"),
        ({"costs": {"transit": []}}, "costs.transit"),
        ({"costs": {"transit": [{"up_to_km": 5, "days": 1}, {"up_to_km": 5, "days": 2}]}}, "costs.transit"),
        ({"costs": {"handling": {"store": {"package": "1"}}}}, "costs.handling.store.package"),
        ({"cut_offs": {"store": "4pm"}}, "cut_offs.store"),
        ({"handling_minutes": {"store": -5}}, "handling_minutes.store"),
        ({"parcels_max": True}, "parcels_max"),
        ({"speeds": [{"code": "x", "name": "X"}, {"code": "x", "name": "Y"}]}, "speeds"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(said: dict[str, Any], field: str) -> None:
    document = {**DEFAULT_DOCUMENT, **said}
    with pytest.raises(BadRules) as refused:
        parse(document)

    assert field in [error["field"] for error in refused.value.errors]
    error = next(error for error in refused.value.errors if error["field"] == field)
    line = int(error["advice"].split()[1])
    written = lines_of(document).splitlines()[line - 1]
    assert f'"{field.rpartition(".")[2].partition("[")[0]}"' in written or "[" in field


def test_every_mistake_is_told_at_once_up_to_twenty() -> None:
    with pytest.raises(BadRules) as refused:
        parse({"rules": [{"name": "r"} for _ in range(60)]})
    assert len(refused.value.errors) == 20


@pytest.mark.parametrize(
    ("situation", "expected", "field"),
    [
        ({}, {"places": []}, "situation.lines"),
        ({"lines": [MUG]}, {"places": []}, "situation.places"),
        ({"lines": [MUG], "places": [STORE_NEAR, STORE_NEAR]}, {"places": []}, "situation.places"),
        ({"lines": [MUG], "places": [STORE_NEAR]}, {}, "expected"),
        ({"lines": [MUG], "places": [STORE_NEAR]}, {"not_from": ["x"]}, "expected.not_from[0]"),
        (
            {"lines": [MUG], "places": [STORE_NEAR]},
            {"sent_from": {"mitte": {"CUP": 1}}},
            "expected.sent_from.mitte.CUP",
        ),
        (
            {"lines": [MUG], "places": [{**STORE_NEAR, "zone": "Mars"}]},
            {"places": []},
            "situation.places[0].zone",
        ),
        (
            {"lines": [MUG], "places": [{**STORE_NEAR, "at": [91, 0]}]},
            {"places": []},
            "situation.places[0].at",
        ),
        ({"at": "noon", "lines": [MUG], "places": [STORE_NEAR]}, {"places": []}, "situation.at"),
        (
            {"lines": [MUG], "places": [{**STORE_NEAR, "at": [float("nan"), 0]}]},
            {"places": []},
            "situation.places[0].at",
        ),
        *(
            (
                {"lines": [MUG], "places": [{**STORE_NEAR, "zone": zone}]},
                {"places": []},
                "situation.places[0].zone",
            )
            for zone in ("Europe", "x" * 5000)
        ),
        ({"lines": [MUG], "places": 5}, {"places": []}, "situation.places"),
        ({"lines": None, "places": [STORE_NEAR]}, {"places": []}, "situation.lines"),
        ({"lines": [MUG], "places": [STORE_NEAR]}, {"places": [[]]}, "expected.places[0]"),
    ],
)
def test_an_example_that_says_nothing_is_refused(situation: Any, expected: Any, field: str) -> None:
    with pytest.raises(BadRules) as refused:
        examples.check(situation, expected)
    assert field in [error["field"] for error in refused.value.errors]


@pytest.mark.parametrize(
    ("expected", "passes"),
    [
        ({"sent_from": {"mitte": {"MUG": 1}}}, True),
        ({"sent_from": {"dc-south": {"MUG": 1}}}, False),
        ({"places": ["mitte"]}, True),
        ({"places": ["mitte", "dc-south"]}, False),
        ({"not_from": ["dc-south"]}, True),
        ({"not_from": ["mitte"]}, False),
        ({"parcels_at_most": 1}, True),
        ({"parcels_at_most": 0}, False),
        ({"unfilled": {}}, True),
        ({"unfilled": {"MUG": 1}}, False),
    ],
)
def test_an_expectation_is_held_against_the_plan(expected: dict[str, Any], *, passes: bool) -> None:
    places = [{**STORE_NEAR, "has": {"MUG": 1}}, {**DC_FAR, "has": {"MUG": 1}}]
    situation = {"order": {"at": BERLIN}, "lines": [MUG], "places": places}
    examples.check(situation, expected)
    snapshot = examples.snapshot_of(situation, parse(DEFAULT_DOCUMENT))
    assert examples.held("it", snapshot, plan(snapshot), expected).passes is passes


def _guide() -> list[dict[str, Any]]:
    written = (Path(__file__).parents[3] / "docs" / "guide" / "routing.md").read_text()
    return [json.loads(block) for block in re.findall(r"```json\n(.*?)```", written, re.DOTALL)]


def test_what_the_guide_writes_can_be_used() -> None:
    document, example = _guide()
    policy = parse(document)
    examples.check(example["situation"], example["expected"])
    snapshot = examples.snapshot_of(example["situation"], policy)
    outcome = examples.held("the guide", snapshot, plan(snapshot), example["expected"])
    assert outcome.wrong == ()
    assert policy.rules[0].name == "No fragile things from stores"
