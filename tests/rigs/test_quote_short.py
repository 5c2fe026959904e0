"""Quotes, short form: a hundred baskets quoted and then placed among other orders; the controls fail."""

from __future__ import annotations

from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.rigs.quote import rig


async def test_a_held_quote_is_what_is_routed_and_other_differences_are_explained(
    own_run: Run, clock: Clock
) -> None:
    verdict = await rig(own_run, clock, seed=1, baskets=100)
    assert verdict.held_otherwise == []
    assert verdict.unexplained == []
    assert verdict.told_wrongly == []
    assert verdict.held > 20
    assert verdict.control_unheld > 0, "without a hold some are routed otherwise, and that must be seen"
    assert verdict.control_let_go > 0, "a hold that was let go must be noticed"
    assert verdict.control_unexplained, "a difference without a changed fact must not be explained"
    assert verdict.slots > 0
    assert verdict.slots_over == 0
    assert verdict.violations == 0
    assert verdict.ok
