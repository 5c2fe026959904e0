"""The program that HiGHS solves: what is put together is what is meant."""

from __future__ import annotations

import pytest

from ambidex.domains.routing.rules.program import Program


def test_a_column_named_twice_in_a_row_counts_twice_and_is_written_once() -> None:
    program = Program()
    most, other = program.whole_column(-2.0, upper=9), program.whole_column(-1.0, upper=9)

    program.row(0, 5, [(most, 1.0), (other, 1.0), (most, 1.0)])

    assert (program.columns, program.weights) == ([most, other], [2.0, 1.0]), "twice in a row would never end"
    assert program.solve().cost == pytest.approx(-5.0)


def test_nothing_more_than_fits() -> None:
    program = Program()
    most = program.whole_column(-2.0, upper=9)

    program.row(0, 5, [(most, 1.0), (most, 1.0)])

    assert program.solve().cost == pytest.approx(-4.0)
