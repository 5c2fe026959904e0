"""docs/generated says what the code says, and everything in the code is explained."""

import pytest

from ambidex.kernel.event import Event
from ambidex.kernel.problem import Problem
from tests.repo import generated


@pytest.mark.parametrize("name", generated.PAGES)
def test_the_page_is_current(name: str) -> None:
    place = generated.FOLDER / name

    assert place.exists(), "run ./dev docs"
    assert place.read_text() == generated.PAGES[name](), "run ./dev docs"


def test_every_state_machine_is_drawn_with_every_move() -> None:
    drawn = generated.states_page()

    assert generated.machines()
    assert drawn.count("-->") == sum(
        1 + len(machine.moves) + len(machine.ends) for machine in generated.machines().values()
    )


@pytest.mark.parametrize("base", [Event, Problem])
def test_every_event_and_refusal_says_what_it_means(base: type) -> None:
    silent = [
        f"{kind.__module__}.{kind.__name__}"
        for kind in generated.kinds(base)
        if not generated.first_line(kind)
    ]

    assert generated.kinds(base)
    assert silent == []


def test_no_two_events_share_a_name_and_no_two_refusals_a_code() -> None:
    names = [kind.name for kind in generated.kinds(Event) if "name" in vars(kind)]
    codes = [kind.code for kind in generated.kinds(Problem) if "code" in vars(kind)]

    assert sorted(names) == sorted(set(names))
    assert sorted(codes) == sorted(set(codes))
