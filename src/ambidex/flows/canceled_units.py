"""What a cancellation takes: units by line and by the state they were in."""

from __future__ import annotations

from collections.abc import Mapping

from ambidex.domains.orders import LineState

Plan = Mapping[int, Mapping[LineState, int]]
MADE_TRUE_BY = ("orders.units-canceled",)


def units_of(plan: Plan, *states: LineState) -> dict[int, int]:
    """Units by line, in these states or in all."""
    counted = {
        line_no: sum(units for state, units in counts.items() if not states or state in states)
        for line_no, counts in plan.items()
    }
    return {line_no: units for line_no, units in counted.items() if units}
