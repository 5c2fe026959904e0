"""Oversell, short form: 200 buyers after 50 units, on one server program and on two; the control sells too much."""

from __future__ import annotations

from tests.rigs.oversell import rig


async def test_exactly_what_there_is_gets_sold_on_one_program_and_on_two() -> None:
    verdict = await rig(seed=1)
    assert [(r.sold_units, dict(r.heard)) for r in verdict.rounds] == [(50, {201: 50, 409: 150})] * 3
    assert verdict.violations == 0
    assert verdict.control is not None
    assert verdict.control.oversold, "a shop that reads and then writes must be caught"
    assert verdict.ok
