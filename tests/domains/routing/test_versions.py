"""The life of a version: examples first, one turn after the other, and never another text once it decided."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ambidex.domains import routing
from ambidex.domains.routing import problems
from ambidex.domains.routing.commands import Seen
from ambidex.domains.routing.rules.versions import (
    VERSION,
    Canary,
    Metric,
    Side,
    Version,
    VersionState,
    VersionVerb,
    is_chosen,
    judge,
)
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind, Permission
from ambidex.kernel.ids import new_id
from ambidex.kernel.problem import NotAllowed
from ambidex.runtime.perform import Run
from ambidex.runtime.refusals import RefusedByDatabase
from tests.conftest import NOON

change, ask = routing.change, routing.ask
NO_STORES: Mapping[str, Any] = {
    **routing.document.DEFAULT_DOCUMENT,
    "name": "No glass from stores",
    "rules": [
        {"name": "no glass", "when": {"item.category": "glass"}, "leave_out": {"place.kind": "store"}},
    ],
}
SITUATION: Mapping[str, Any] = {
    "lines": [{"sku": "VASE", "category": "glass"}],
    "places": [
        {"code": "mitte", "kind": "store", "has": {"VASE": 1}},
        {"code": "dc", "kind": "warehouse", "has": {"VASE": 1}, "load": 90},
    ],
}
MARA = Actor("mara", ActorKind.PERSON, "Mara Okafor", frozenset({Permission.ROUTING_CHANGE}), None)


async def _draft(run: Run, brand: str = "", *, expected: str = "dc") -> Version:
    version = await run.perform(MARA, change.begin_draft, brand, NO_STORES, why="vases broke")
    return await run.perform(
        MARA,
        change.put_example,
        Seen(brand, version.number),
        "a vase",
        situation=SITUATION,
        expected={"places": [expected]},
        why="vases broke",
    )


async def test_a_bare_installation_decides_by_the_version_it_came_with(run: Run) -> None:
    async with run.reading() as read:
        book = await routing.rulebook(read)
        [first] = await ask.versions(read)
        outcomes = await ask.outcomes(read, first)
    policy, arm = book.version_for("any brand", new_id(NOON))
    assert (policy.number, policy.name, arm) == (1, "Close and cheap", "live")
    assert first.document == routing.document.DEFAULT_DOCUMENT
    assert [outcome.passes for outcome in outcomes] == [True]


async def test_live_replaces_live_and_the_next_decision_knows(run: Run) -> None:
    draft = await _draft(run)
    async with run.reading() as read:
        before, _ = (await routing.rulebook(read)).version_for("", new_id(NOON))
    live = await run.perform(MARA, change.go_live, Seen("", draft.number), why="all stores agreed")
    async with run.reading() as read:
        after, _ = (await routing.rulebook(read)).version_for("", new_id(NOON))
        old = await ask.version(read, "", 1)
        said = [(row.what, row.why, row.changed_by_name) for row in await ask.changes(read, "", draft.number)]
    assert (before.number, after.number) == (1, draft.number)
    assert (live.state, old.state) == (VersionState.LIVE, VersionState.ARCHIVED)
    assert said == [
        ("go live", "all stores agreed", "Mara Okafor"),
        ("example written", "vases broke", "Mara Okafor"),
        ("begun", "vases broke", "Mara Okafor"),
    ]


async def test_an_archived_version_may_come_back(run: Run) -> None:
    draft = await _draft(run)
    await run.perform(MARA, change.go_live, Seen("", draft.number), why="try")
    back = await run.perform(MARA, change.go_live, Seen("", 1), why="as it was")
    assert back.state is VersionState.LIVE


@pytest.mark.parametrize("verb", ["go_shadow", "go_live", "go_canary"])
async def test_nothing_goes_on_that_fails_an_example(run: Run, verb: str) -> None:
    draft = await _draft(run, expected="mitte")
    terms = [Canary(100, Metric.SPLIT, 20)] if verb == "go_canary" else []
    with pytest.raises(problems.ExamplesFail) as refused:
        await run.perform(MARA, getattr(change, verb), Seen("", draft.number), *terms, why="hurry")
    [error] = refused.value.errors
    assert error == {"field": "a vase", "expected": "expected mitte, but it is dc"}


async def test_nothing_goes_on_without_an_example(run: Run) -> None:
    bare = await run.perform(MARA, change.begin_draft, "", NO_STORES, why="hurry")
    with pytest.raises(problems.NoExamples):
        await run.perform(MARA, change.go_live, Seen("", bare.number), why="hurry")


async def test_two_who_edit_the_same_draft_see_each_other(run: Run) -> None:
    draft = await _draft(run)
    mine = {**NO_STORES, "name": "mine"}
    seen = Seen("", draft.number, draft.revision)
    await run.perform(MARA, change.write_draft, seen, mine, why="one")
    with pytest.raises(problems.VersionChanged) as refused:
        await run.perform(SYSTEM, change.write_draft, seen, {**NO_STORES, "name": "theirs"}, why="two")
    assert "Mara Okafor" in refused.value.detail
    async with run.reading() as read:
        assert (await ask.version(read, "", draft.number)).name == "mine"


async def test_what_has_decided_is_never_written_again(run: Run) -> None:
    draft = await _draft(run)
    await run.perform(MARA, change.go_shadow, Seen("", draft.number), why="look")
    with pytest.raises(problems.NotADraft):
        await run.perform(MARA, change.write_draft, Seen("", draft.number), NO_STORES, why="quick fix")
    with pytest.raises(problems.NotADraft):
        await run.perform(MARA, change.drop_example, Seen("", draft.number), "a vase", why="quick fix")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE routing.versions SET document = '{}' WHERE number = 1",
        "UPDATE routing.versions SET state = 'draft' WHERE number = 1",
        "DELETE FROM routing.versions",
        "UPDATE routing.changes SET why = 'other'",
    ],
)
async def test_the_database_keeps_versions_and_their_history(run: Run, sql: str) -> None:
    async def forge(tx: Any) -> None:
        await tx.run(text(sql))

    with pytest.raises(RefusedByDatabase):
        await run.perform(SYSTEM, forge)


async def test_one_canary_and_one_shadow_at_a_time(run: Run) -> None:
    terms = Canary(100, Metric.COST, 30)
    first, second = await _draft(run), await _draft(run)
    await run.perform(MARA, change.go_canary, Seen("", first.number), terms, why="a tenth")
    with pytest.raises(problems.CannotGoOn):
        await run.perform(MARA, change.go_canary, Seen("", second.number), terms, why="another")
    await run.perform(MARA, change.go_shadow, Seen("", second.number), why="look")
    async with run.reading() as read:
        book = await routing.rulebook(read)
    assert book.canary[""][0].number == first.number
    assert book.shadow[""].number == second.number


async def test_a_brand_follows_the_versions_of_every_brand_until_it_has_its_own(run: Run) -> None:
    draft = await _draft(run, "north")
    with pytest.raises(problems.CannotGoOn):
        await run.perform(
            MARA, change.go_canary, Seen("north", draft.number), Canary(100, Metric.COST, 30), why=""
        )
    await run.perform(MARA, change.go_live, Seen("north", draft.number), why="our own")
    async with run.reading() as read:
        book = await routing.rulebook(read)
    order = new_id(NOON)
    assert book.version_for("north", order)[0].name == "No glass from stores"
    assert book.version_for("south", order)[0].name == "Close and cheap"


async def test_the_live_version_of_every_brand_is_never_archived_alone(run: Run) -> None:
    with pytest.raises(problems.CannotGoOn):
        await run.perform(MARA, change.archive, Seen("", 1), why="away with it")


async def test_a_canary_that_is_over_is_not_rolled_back(run: Run) -> None:
    draft = await _draft(run)
    assert await run.perform(SYSTEM, change.roll_back, Seen("", draft.number), why="late") is None


@pytest.mark.parametrize("terms", [(0, 10, 5), (1000, 10, 5), (10, -1, 5), (10, 10, 0)])
async def test_terms_of_a_canary_are_checked(run: Run, terms: tuple[int, int, int]) -> None:
    share, threshold, orders_min = terms
    draft = await _draft(run)
    with pytest.raises(problems.BadRules):
        await run.perform(
            MARA,
            change.go_canary,
            Seen("", draft.number),
            Canary(share, Metric.COST, threshold, orders_min),
            why="",
        )


@pytest.mark.parametrize("deed", ["begin_draft", "go_live", "archive", "roll_back"])
async def test_only_who_may_change_routing_does(run: Run, deed: str) -> None:
    reader = Actor("rui", ActorKind.PERSON, "Rui Tavares", frozenset({Permission.ORDERS_READ}), None)
    asked = ("",) if deed == "begin_draft" else (Seen("", 1),)
    with pytest.raises(NotAllowed):
        await run.perform(reader, getattr(change, deed), *asked, why="because")


async def test_two_who_begin_a_draft_at_once_get_a_number_each(own_run: Run) -> None:
    drafts = await asyncio.gather(
        *(own_run.perform(MARA, change.begin_draft, "", NO_STORES, why=str(n)) for n in range(6))
    )
    assert sorted(draft.number for draft in drafts) == [2, 3, 4, 5, 6, 7]


async def test_two_who_go_live_at_once_leave_one_live(own_run: Run) -> None:
    drafts = [await _draft(own_run) for _ in range(4)]
    await asyncio.gather(
        *(own_run.perform(MARA, change.go_live, Seen("", one.number), why="now") for one in drafts)
    )
    async with own_run.reading() as read:
        states = [version.state for version in await ask.versions(read)]
    assert states.count(VersionState.LIVE) == 1
    assert states.count(VersionState.ARCHIVED) == 4


def test_every_state_and_verb() -> None:
    state, verb = VersionState, VersionVerb
    allowed = {(origin, what) for origin in state for what in verb if VERSION.allows(origin, what)}
    for what in (verb.SHADOW, verb.CANARY, verb.GO_LIVE):
        assert {origin for origin, v in allowed if v is what} == set(state) - {
            state.LIVE,
            VERSION.after(state.DRAFT, what),
        }
    assert {origin for origin, v in allowed if v is verb.ARCHIVE} == set(state) - {state.ARCHIVED}
    assert {origin for origin, v in allowed if v is verb.ROLL_BACK} == {state.CANARY}


def test_a_canary_draws_its_share_and_always_the_same_orders() -> None:
    orders = [UUID(int=n * 7919) for n in range(4_000)]
    chosen = [is_chosen("", 3, order, share=100) for order in orders]
    assert chosen == [is_chosen("", 3, order, share=100) for order in orders]
    assert 320 < sum(chosen) < 480
    assert chosen != [is_chosen("", 4, order, share=100) for order in orders]
    assert not any(is_chosen("", 3, order, share=0) for order in orders)


def _side(orders: int, bad: int) -> Side:
    return Side(orders, bad * 1000, bad * 1_000_000)


@pytest.mark.parametrize(
    ("canary", "live", "threshold", "harm"),
    [
        (_side(200, 40), _side(2000, 100), 50, True),
        # not worse than was allowed
        (_side(200, 40), _side(2000, 100), 200, False),
        # worse, but so few that it may be chance
        (_side(20, 3), _side(2000, 100), 50, False),
        # not enough orders on one side yet
        (_side(9, 9), _side(2000, 100), 50, False),
        (_side(200, 0), _side(2000, 100), 0, False),
        (Side(0, 0, 0), Side(0, 0, 0), 0, False),
    ],
)
def test_harm_is_more_than_was_allowed_and_more_than_chance(
    canary: Side, live: Side, threshold: int, *, harm: bool
) -> None:
    assert judge(Canary(100, Metric.SPLIT, threshold, 10), canary, live).is_harm is harm


def test_cost_is_measured_against_what_live_costs() -> None:
    live = Side(100, 100 * 400_000, 100 * 400_000**2)
    canary = Side(100, 100 * 440_000, 100 * 440_000**2)
    verdict = judge(Canary(100, Metric.COST, 50, 10), canary, live)
    assert (verdict.worse_by, verdict.is_harm) == (100, True)
    assert not judge(Canary(100, Metric.COST, 150, 10), canary, live).is_harm
