"""The page Routing: rules in words, written by a form, refused where the finger is, kept as drafts until they go on."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from ambidex.domains import routing
from ambidex.domains.identity import Role
from ambidex.web.hq.routing import form, likes, trying, words
from tests.shop import Shop
from tests.web.floor import Floor, on_the_floor

RULE = {
    "name": "Heavy only from warehouses",
    "when_field": "item.weight",
    "when_test": "at_least",
    "when_values": "10",
    "effect": "only",
    "where_field": "place.kind",
    "where_test": "is",
    "where_values": "Warehouses",
    "why": "Stores have no lift.",
}


async def draft(floor: Floor) -> str:
    """A draft of what decides; its address."""
    return await floor.goes("/routing/versions/1/copy", name="Winter", why="Heavier parcels.")


async def test_who_may_read_may_not_change(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop, role=Role.DISTRICT, place=None) as floor:
        page = await floor.page("/routing")
        assert "Version 1, “Close and cheap”, decides since" in page
        shown = await floor.page("/routing/versions/1")
        assert "No rules: every place that has it may send it" in shown
        assert "Copy to a new draft" not in shown
        assert (await floor.post("/routing/versions/1/copy", name="Mine")).status_code == 403
        assert "decide while no version of your own is live" in await floor.page("/routing/versions/0")


async def test_a_rule_is_written_read_back_in_words_and_removed(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        there = await draft(floor)
        page = await floor.page(there)
        assert "Version 2 is being written and decides nothing." in page
        revision = str(re.findall(r'name="revision" value="(\d+)"', await floor.markup(there))[0])
        await floor.goes(f"{there}/rules", **RULE, revision=revision)
        page = await floor.page(there)
        assert "When one piece weighs at least 10 kg: only from warehouses." in page
        assert "Rules changed: Stores have no lift." in page
        assert 'value="Warehouses"' in (await floor.markup(f"{there}?at=0")).replace(
            "warehouses", "Warehouses"
        )
        stale = await floor.refused(f"{there}/rules?at=0", **RULE, revision=revision)
        assert "Somebody else changed this version a moment ago" in stale
        await floor.goes(f"{there}/rules/0/remove")
        assert "No rules" in await floor.page(there)


async def test_what_is_wrong_stands_at_its_row(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        there = await draft(floor)
        wrong = await floor.refused(f"{there}/rules", **{**RULE, "where_values": "garage"})
        assert "It must be one of store, warehouse, third_party, supplier." in wrong
        heavy = await floor.refused(f"{there}/rules", **{**RULE, "when_values": "much"})
        assert "It must be an exact amount" in heavy
        cheap = await floor.refused(f"{there}/rules", **{**RULE, "effect": "prefer"})
        assert 'an amount above nothing, such as "2.50"' in cheap


async def test_costs_and_the_document_are_written(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        there = await draft(floor)
        said = dict(re.findall(r'name="([\w.]+)" type="text" value="([^"]*)"', await floor.markup(there)))
        costs = {
            name: said[name] for name in ("parcel", "kg", "split", "late_hour", "waiting", "failed_pick")
        }
        rest = {name: said[name] for name in ("parcel_per_1000_km", "kg_per_1000_km", "parcels_max")}
        bands = {"up_to_km": "300", "days": "2"}
        await floor.goes(f"{there}/costs", **{**costs, **rest, **bands, "split": "2.75"})
        assert 'value="2.75"' in await floor.markup(there)
        wrong = await floor.refused(f"{there}/costs", **{**costs, **rest, **bands, "split": "much"})
        assert "an exact amount" in wrong
        assert "a JSON document" in await floor.refused(f"{there}/document", document="{")
        await floor.goes(f"{there}/document", document='{"name": "By hand", "currency": "USD"}')
        assert "By hand" in await floor.page(there)


@pytest.mark.parametrize("name", likes.LIKES)
def test_rules_to_start_from_can_be_used_as_they_are(name: str) -> None:
    rule = likes.LIKES[name].rule
    routing.document.parse({"name": "x", "rules": [form.document_of(form.form_of(rule))]})
    assert words.sentence(rule, "USD", {}).endswith(".")


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            {"name": "a", "leave_out": {"place.code": ["store-04"]}},
            "Always: never from Peachtree.",
        ),
        (
            {"name": "b", "when": {"order.country": {"not": ["US", "CA"]}}, "avoid": {"place.load": {"at_least": 5}}, "by": "2.50"},
            "When it goes to the country not US or CA: places where at least 5 orders wait count 2.50 USD a parcel dearer.",
        ),
        (
            {"name": "c", "when": {"item.category": ["glass"]}, "prefer": {"place.kind": "store"}, "by": "1.00"},
            "When the item’s category is glass: stores count 1.00 USD a piece cheaper.",
        ),
    ],
)  # fmt: skip
def test_rules_in_words(rule: dict[str, object], sentence: str) -> None:
    assert words.sentence(rule, "USD", {"store-04": "Peachtree"}) == sentence


def test_a_form_keeps_what_was_sent() -> None:
    rule = {
        "name": "n",
        "when": {"order.weight": {"at_least": "2", "at_most": "9"}},
        "only": {"place.group": {"not": ["outlet"]}},
    }
    assert form.document_of(form.form_of(rule)) == rule


async def test_the_versions_of_a_brand_are_begun_by_a_form(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop, role=Role.DISTRICT, place=None) as floor:
        assert "Begin its versions" not in await floor.page("/routing")
        assert (await floor.post("/routing/brands", brand="Norden")).status_code == 403
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        assert "A brand with rules of its own" in await floor.page("/routing")
        assert "Brand: 1 to 60 letters" in await floor.refused("/routing/brands", brand="  ")
        assert "Brand: 1 to 60 letters" in await floor.refused("/routing/brands", brand="x" * 61)
        there = await floor.goes("/routing/brands", brand=" Ñandú  & Söhne ", why="They pack in Graz.")
        page = await floor.page(there)
        assert "being written and decides nothing" in page
        assert "Begun: They pack in Graz." in page
        own = await floor.page("/routing?brand=%C3%91and%C3%BA+%26+S%C3%B6hne")
        assert "The versions of every brand decide its orders until one of its own is live." in own
        assert "1 · Ñandú & Söhne" in own


@pytest.mark.parametrize(
    ("against", "title"),
    [
        ("Norden", "Sun 1 Feb to Sat 28 Feb against version 3"),
        ("", "Sun 1 Feb to Sat 28 Feb against version 3 of every brand"),
    ],
)
def test_a_simulation_says_against_whose_version_it_was(against: str, title: str) -> None:
    days = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    trial = routing.trials.Trial(UUID(int=1), "Norden", 1, against, 3, *days, 100)
    assert trying.trial_card(trial, "USD", {}, days[1]).title == title
