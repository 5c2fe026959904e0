"""Versions of the rules on real orders: receipts, test drive, simulation, shadow, canary and the replay of a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import routing, tasks
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method
from ambidex.domains.routing import problems
from ambidex.domains.routing.commands import Seen
from ambidex.domains.routing.rules.money import money_of, priced
from ambidex.domains.routing.rules.trials import TrialState
from ambidex.domains.routing.rules.versions import Canary, Metric, Version, VersionState
from ambidex.flows import canary, replay_routing, simulate_routing
from ambidex.flows.hold_quote import hold_quote
from ambidex.flows.place_order import Placed
from ambidex.flows.quote_words import Basket
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.refuse_work import refuse_work
from ambidex.flows.simulate_routing import Period
from ambidex.flows.test_drive import drive
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import child_id
from ambidex.kernel.problem import BadInput
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.conftest import NOON
from tests.flows.test_place_order import asked, place, wanted
from tests.shop import Shop

ask, change = routing.ask, routing.change
SENDS = frozenset({"ship"})
CAMDEN: dict[str, Any] = {
    "address": {
        "line1": "7 Arlington Road", "postcode": "NW1 7ES", "country": "GB", "latitude": 51.536, "longitude": -0.141,
    }
}  # fmt: skip
NEAR, FAR = "dc-london", "dc-leeds"
EXAMPLE: Mapping[str, Any] = {
    "lines": [{"sku": "MUG-01"}],
    "places": [{"code": FAR, "kind": "warehouse", "has": {"MUG-01": 1}}],
}


@pytest.fixture
async def house(shop: Shop) -> Shop:
    """A near and a far warehouse with plenty of mugs and plates."""
    for code, north, east in ((NEAR, 51.5, -0.1), (FAR, 53.8, -1.5)):
        await shop.place(
            code, kind=LocationKind.WAREHOUSE, capabilities=SENDS, latitude=north, longitude=east
        )
        for sku in ("MUG-01", "PLATE-01"):
            await shop.shelf(code, sku, 400)
    return shop


async def version(run: Run, *rules: dict[str, Any], brand: str = "", **said: Any) -> Version:
    """A draft with one example that passes."""
    document = {**routing.document.DEFAULT_DOCUMENT, "name": "Another way", "rules": list(rules), **said}
    draft = await run.perform(SYSTEM, change.begin_draft, brand, document, why="to see")
    seen, expected = Seen(brand, draft.number), {"places": [FAR]}
    await run.perform(
        SYSTEM, change.put_example, seen, "a mug", situation=EXAMPLE, expected=expected, why="to see"
    )
    return draft


NOT_NEAR = {"name": "not from London", "leave_out": {"place.code": [NEAR]}}
PLATES_FROM_FAR = {"name": "plates", "when": {"item.sku": "PLATE-01"}, "only": {"place.code": FAR}}
MUGS_FROM_NEAR = {"name": "mugs", "when": {"item.sku": "MUG-01"}, "avoid": {"place.code": FAR}, "by": "90.00"}


async def bought(house: Shop, number: int = 1, *, skus: str = "MUG-01") -> Placed:
    lines = [wanted(sku, 1, place=None, method=Method.SHIP) for sku in skus.split()]
    return await place(house.run, asked(*lines, reference=f"W-{number}", **CAMDEN))


async def test_a_placed_order_has_a_receipt_that_replays_to_the_bit(run: Run, house: Shop) -> None:
    placed = await bought(house, skus="MUG-01 PLATE-01")
    async with run.reading() as read:
        [one] = await ask.receipts(read, placed.order_id)
        policies = await ask.policies(read, [(one.brand, one.version)])
    assert (one.cause, one.version, one.arm, one.receipt_no) == ("placed", 1, "live", 1)
    assert replay_routing.differing([one], policies) == []


async def test_money_is_what_the_plan_costs_by_its_own_rate_card(run: Run, house: Shop) -> None:
    placed = await bought(house, skus="MUG-01 PLATE-01")
    async with run.reading() as read:
        one = await ask.receipt(read, placed.order_id)
        [policy] = (await ask.policies(read, [(one.brand, one.version)])).values()
    snapshot = one.seen_by(policy)
    plan = routing.plan(snapshot)
    assert priced(snapshot, plan) == money_of(plan) > 0


async def test_a_refused_order_has_a_second_receipt(run: Run, house: Shop) -> None:
    placed = await bought(house)
    work_id = child_id(placed.order_id, 1)
    await run.perform(SYSTEM, refuse_work, work_id=work_id, reason="broken machine")
    async with run.reading() as read:
        receipts = await ask.receipts(read, placed.order_id)
        policies = await ask.policies(read, [(one.brand, one.version) for one in receipts])
    assert [(one.receipt_no, one.cause) for one in receipts] == [(1, "placed"), (2, "refused")]
    assert replay_routing.differing(receipts, policies) == []


async def test_what_was_quoted_at_a_speed_replays_at_that_speed(run: Run, house: Shop) -> None:
    slow = {"code": "standard", "name": "Standard", "price": "3.90"}
    fast = {"code": "express", "name": "Express", "price": "9.90", "costs": {"parcel": "9.00"}}
    draft = await version(run, speeds=[slow, fast])
    await run.perform(SYSTEM, change.go_live, Seen("", draft.number), why="people are in a hurry")
    basket = Basket((("MUG-01", 1),), country="GB", postcode="NW1 7ES")
    held = await run.perform(SYSTEM, hold_quote, basket, minutes=15, option="ship:express")
    line = wanted("MUG-01", 1, place=None, method=Method.SHIP)
    terms = {"quote": str(held.quote.quote_id)}
    address: dict[str, Any] = {"address": {"country": "GB", "postcode": "NW1 7ES"}}
    placed = await place(run, asked(line, terms=terms, **address))
    async with run.reading() as read:
        one = await ask.receipt(read, placed.order_id)
        policies = await ask.policies(read, [(one.brand, one.version)])
    assert (one.cause, one.snapshot["speed"]) == ("quoted", "express")
    assert replay_routing.differing([one], policies) == []


async def test_a_drive_shows_what_another_version_would_do_and_changes_nothing(run: Run, house: Shop) -> None:
    placed = await bought(house)
    other = await version(run, NOT_NEAR)
    async with run.reading() as read:
        driven = await drive(read, placed.order_id, brand="", number=other.number)
        with pytest.raises(problems.UnknownVersion):
            await drive(read, placed.order_id, brand="", number=99)
        receipts = await ask.receipts(read, placed.order_id)
    assert driven.decided.chosen.sites == (NEAR,)
    assert driven.would.chosen.sites == (FAR,)
    assert driven.would.out["rule: not from London"] == (NEAR,)
    assert driven.differs
    assert len(receipts) == 1


async def test_an_order_whose_place_was_chosen_has_nothing_to_drive(run: Run, house: Shop) -> None:
    line = wanted("MUG-01", 1, place=FAR, method=Method.SHIP)
    placed = await place(run, asked(line, **CAMDEN))
    async with run.reading() as read:
        with pytest.raises(problems.UnknownReceipt):
            await drive(read, placed.order_id, brand="", number=1)


async def _trial(run: Run, number: int, **said: Any) -> Any:
    period = Period(NOON - timedelta(days=1), NOON + timedelta(days=1), **said)
    return await run.perform(SYSTEM, simulate_routing.simulate, "", number, period=period)


async def test_a_simulation_tells_what_would_have_changed_with_intervals(run: Run, house: Shop) -> None:
    for n in range(6):
        await bought(house, n, skus="MUG-01 PLATE-01" if n % 2 else "MUG-01")
    other = await version(run, PLATES_FROM_FAR, MUGS_FROM_NEAR)
    trial = await _trial(run, other.number)
    await simulate_routing.finish_all(run)
    async with run.reading() as read:
        done = await ask.trial(read, trial.trial_id)
    assert (done.state, done.total, done.done) == (TrialState.DONE, 6, 6)
    assert done.result is not None
    assert (done.result["orders"], done.result["differs"]) == (6, 3)
    figures = done.result["figures"]
    assert figures["split"]["live"][0] == 0
    assert figures["split"]["other"][0] == 0.5
    value, low, high = figures["split"]["change"]
    assert low <= value <= high
    assert low < high
    assert figures["cost"]["change"][0] > 0
    assert figures["fill_rate"]["change"] == [0, 0, 0]
    assert done.result["places"][FAR]["live"][0] == 0
    assert done.result["places"][FAR]["other"][0] == pytest.approx(3 / 9, abs=1e-6)


async def test_a_simulation_goes_on_where_it_stopped_and_always_says_the_same(
    run: Run, house: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulate_routing, "STEP_DECISIONS", 2)
    for n in range(5):
        await bought(house, n)
    other = await version(run, NOT_NEAR)
    trial = await _trial(run, other.number)
    seen = []
    while await simulate_routing.step(run):
        async with run.reading() as read:
            seen.append((await ask.trial(read, trial.trial_id)).done)
    assert seen == [0, 2, 4, 5, 5]
    async with run.reading() as read:
        pairs = await ask.pairs(read, trial.trial_id)
    one, two = (routing.trials.summed_up(pairs, seed=7) for _ in range(2))
    assert len(pairs) == 5
    assert one == two


async def test_a_version_against_itself_changes_nothing(run: Run, house: Shop) -> None:
    for n in range(3):
        await bought(house, n)
    trial = await _trial(run, 1)
    await simulate_routing.finish_all(run)
    async with run.reading() as read:
        result = (await ask.trial(read, trial.trial_id)).result
    assert result is not None
    assert result["differs"] == 0
    assert {tuple(figure["change"]) for figure in result["figures"].values()} == {(0.0, 0.0, 0.0)}


async def test_more_decisions_than_asked_are_drawn_evenly(run: Run, house: Shop) -> None:
    for n in range(8):
        await bought(house, n)
    trial = await _trial(run, 1, decisions_max=4)
    await simulate_routing.finish_all(run)
    async with run.reading() as read:
        done = await ask.trial(read, trial.trial_id)
        assert done.share == 500
        assert done.done == 8
        assert len(await ask.pairs(read, trial.trial_id)) < 8


async def test_a_simulation_can_be_stopped_and_too_many_are_refused(run: Run, house: Shop) -> None:
    found = [await _trial(run, 1) for _ in range(5)]
    with pytest.raises(problems.TooManyTrials):
        await _trial(run, 1)
    stopped = await run.perform(SYSTEM, change.stop_trial, found[0].trial_id)
    assert stopped.state is TrialState.STOPPED
    with pytest.raises(problems.TrialIsOver):
        await run.perform(SYSTEM, change.stop_trial, found[0].trial_id)
    await _trial(run, 1)


async def test_a_brand_that_has_its_own_version_meanwhile_is_still_compared_with_what_decided(
    run: Run, house: Shop
) -> None:
    await bought(house)
    draft = await version(run, NOT_NEAR, brand="harbor")
    period = Period(NOON - timedelta(days=1), NOON + timedelta(days=1))
    asked_for = await run.perform(SYSTEM, simulate_routing.simulate, "harbor", draft.number, period=period)
    await run.perform(SYSTEM, change.go_live, Seen("harbor", draft.number), why="it is good")
    await simulate_routing.finish_all(run)
    async with run.reading() as read:
        done = await ask.trial(read, asked_for.trial_id)
    assert (done.against_brand, done.against) == ("", 1)
    assert (done.state, done.done) == (TrialState.DONE, 1)


async def test_a_broken_simulation_ends_with_an_owner_and_the_next_has_its_turn(
    run: Run, house: Shop
) -> None:
    await bought(house)
    broken, sound = [await _trial(run, 1) for _ in range(2)]
    forge = text("UPDATE routing.trials SET against = 99 WHERE trial_id = :id")

    async def forged(tx: Tx) -> None:
        await tx.run(forge, {"id": broken.trial_id})

    await run.perform(SYSTEM, forged)
    await simulate_routing.finish_all(run)
    async with run.reading() as read:
        states = [(await ask.trial(read, one.trial_id)).state for one in (broken, sound)]
        task = await tasks.by_key(read, f"trial:{broken.trial_id}")
    assert states == [TrialState.STOPPED, TrialState.DONE]
    assert task is not None
    assert task.role == "experience"


async def test_a_simulation_of_the_future_is_refused(run: Run, house: Shop) -> None:
    period = Period(NOON + timedelta(days=1), NOON + timedelta(days=2))
    with pytest.raises(BadInput):
        await run.perform(SYSTEM, simulate_routing.simulate, "", 1, period=period)


async def test_a_shadow_decides_beside_every_decision(run: Run, house: Shop) -> None:
    await settle(run, REACTIONS)
    other = await version(run, NOT_NEAR)
    await run.perform(SYSTEM, change.go_shadow, Seen("", other.number), why="to see")
    placed = await bought(house)
    await settle(run, REACTIONS)
    async with run.reading() as read:
        rows = await read.all(
            text("SELECT order_id, number, differs, sent_from, sent_from_live FROM routing.shadows")
        )
    assert [tuple(row) for row in rows] == [(placed.order_id, other.number, True, FAR, NEAR)]
    assert [work.location for work in placed.view.works] == [NEAR]


async def test_a_brand_without_a_live_version_has_a_shadow_of_every_part_of_its_orders(
    run: Run, house: Shop
) -> None:
    await house.place("courier", capabilities=frozenset({"deliver"}), latitude=51.5, longitude=-0.1)
    await house.shelf("courier", "PLATE-01", 9)
    await settle(run, REACTIONS)
    other = await version(run, NOT_NEAR, brand="harbor")
    await run.perform(SYSTEM, change.go_shadow, Seen("harbor", other.number), why="to see")
    lines = wanted("MUG-01", 1, place=None, method=Method.SHIP), wanted("PLATE-01", place=None, method=Method.DELIVER)  # fmt: skip
    placed = await place(run, asked(*lines, terms={"brand": "harbor"}, **CAMDEN))
    await bought(house)
    await settle(run, REACTIONS)
    async with run.reading() as read:
        rows = await read.all(
            text("SELECT order_id, receipt_no, brand FROM routing.shadows ORDER BY receipt_no")
        )
    assert [tuple(row) for row in rows] == [(placed.order_id, n, "harbor") for n in (1, 2)]


async def test_what_a_canary_is_measured_against_stays(run: Run) -> None:
    live, tried = await version(run, brand="harbor"), await version(run, NOT_NEAR, brand="harbor")
    await run.perform(SYSTEM, change.go_live, Seen("harbor", live.number), why="it is good")
    terms = Canary(100, Metric.COST, 50)
    await run.perform(SYSTEM, change.go_canary, Seen("harbor", tried.number), terms, why="to see")
    with pytest.raises(problems.CannotGoOn):
        await run.perform(SYSTEM, change.archive, Seen("harbor", live.number), why="no more")


async def _canary(run: Run, terms: Canary, *rules: dict[str, Any], **said: Any) -> Version:
    other = await version(run, *rules, **said)
    return await run.perform(
        SYSTEM, change.go_canary, Seen("", other.number), terms, why="a share of the orders"
    )


async def _state(run: Run, number: int) -> VersionState:
    async with run.reading() as read:
        return (await ask.version(read, "", number)).state


async def test_a_planted_regression_is_rolled_back_and_owned(run: Run, house: Shop) -> None:
    terms = Canary(500, Metric.SPLIT, 100, orders_min=4)
    bad = await _canary(run, terms, PLATES_FROM_FAR, MUGS_FROM_NEAR)
    for n in range(30):
        await bought(house, n, skus="MUG-01 PLATE-01")
    await canary.look(run)

    assert await _state(run, bad.number) is VersionState.ARCHIVED
    async with run.reading() as read:
        [newest, *_] = await ask.changes(read, "", bad.number)
        task = await tasks.by_key(read, f"canary::{bad.number}:{bad.revision}")
        book = await routing.rulebook(read)
        arms = await read.all(text("SELECT arm, count(*) AS n FROM routing.receipts GROUP BY arm"))
    assert (newest.what, newest.changed_by) == ("roll back", SYSTEM.id)
    assert "100.0 % of its orders go in several parcels, with live 0.0 %" in newest.why
    assert task is not None
    assert task.role == "experience"
    assert book.canary == {}
    assert all(row.n >= 4 for row in arms)
    await canary.look(run)


async def test_a_canary_that_does_no_harm_stays(run: Run, house: Shop) -> None:
    good = await _canary(run, Canary(500, Metric.SPLIT, 100, orders_min=3))
    for n in range(12):
        await bought(house, n, skus="MUG-01 PLATE-01")
    await canary.look(run)
    assert await _state(run, good.number) is VersionState.CANARY


@pytest.mark.parametrize(
    ("metric", "rules", "is_harm"),
    [
        (Metric.COST, [NOT_NEAR], True),
        (Metric.COST, [], False),
        (Metric.REFUSED, [NOT_NEAR], True),
        (Metric.LATE, [NOT_NEAR], False),
    ],
)
async def test_a_canary_is_judged_by_its_metric(
    run: Run, house: Shop, metric: Metric, rules: list[dict[str, Any]], *, is_harm: bool
) -> None:
    other = await _canary(run, Canary(500, metric, 50, orders_min=3), *rules)
    for n in range(26):
        placed = await bought(house, n)
        if metric is Metric.REFUSED and placed.view.works[0].location == FAR:
            work_id = child_id(placed.order_id, 1)
            await run.perform(SYSTEM, refuse_work, work_id=work_id, reason="no carrier comes here")
    async with run.reading() as read:
        verdict = await canary.verdict_of(read, await ask.version(read, "", other.number))
    assert verdict.is_enough
    assert verdict.is_harm is is_harm
