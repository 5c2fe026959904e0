"""What was refused, as people read it: the same words on every page, and no name that only a program knows."""

from __future__ import annotations

import pytest

from ambidex.kernel.problem import BadInput, MovedOn, Problem
from ambidex.web.rendering import environment
from ambidex.web.trouble import trouble_of


class ShelfFull(Problem):
    """That shelf is full."""

    status, code = 409, "place-full"
    advice = "Scan another one."


@pytest.mark.parametrize(
    ("refused", "advice"),
    [
        (ShelfFull("2 parcels lie on B4"), "2 parcels lie on B4. Scan another one."),
        (ShelfFull(), "Scan another one."),
        (ShelfFull("b4"), "“b4”. Scan another one."),
        (MovedOn("the work is picked!"), "The work is picked! Look at it again; the newest state is shown."),
        (
            BadInput("day", errors=[{"field": "day", "expected": "a day such as 2026-12-24"}]),
            "Day: a day such as 2026-12-24.",
        ),
        (BadInput("day"), "Correct the fields named and send it again."),
        (
            ShelfFull(errors=[{"field": "first example", "expected": "Camden"}, {"expected": "Harbor"}]),
            "Scan another one. First example: Camden; Harbor.",
        ),
    ],
)
def test_the_case_the_advice_and_each_field(refused: Problem, advice: str) -> None:
    told = trouble_of(refused)
    assert told is not None
    assert (told.title, told.advice) == (refused.title, advice)


def test_nothing_refused_is_no_trouble() -> None:
    assert trouble_of(None) is None


def test_the_code_is_for_programs() -> None:
    told = trouble_of(ShelfFull("2 parcels lie on B4"))
    markup = environment.from_string("{{ ui.trouble(told) }}").render(told=told)
    assert "Scan another one." in markup
    assert "place-full" not in markup
