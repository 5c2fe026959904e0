"""Oversell, short form: a crowd after 20 units in each shape, on one server program and on two; the controls fail."""

from __future__ import annotations

from tests.rigs.oversell import rig
from tests.rigs.oversell_shapes import SHAPES


async def test_exactly_what_there_is_gets_sold_in_every_shape() -> None:
    verdict = await rig(seed=1, buyers=60, units=20)
    assert [(r.name, r.sold_units, r.left) for r in verdict.rounds if not r.exact] == []
    assert len(verdict.rounds) == 1 + len(SHAPES)
    assert verdict.violations == 0
    assert verdict.control is not None
    assert verdict.control.oversold, "a shop that reads and then writes must be caught"
    assert verdict.circles, "a shop that locks rows as they come must be caught"
    assert verdict.ok
