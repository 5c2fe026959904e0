"""What was refused, as people read it: the same words on every page, and no name that only a program knows."""

from __future__ import annotations

import httpx
import pytest

from ambidex.entry.app import create_app
from ambidex.kernel.problem import BadInput, MovedOn, Problem
from ambidex.web.edge import open_page
from ambidex.web.rendering import environment
from ambidex.web.trouble import trouble_of
from tests.apps import house_of
from tests.shop import Shop


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


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("text/html,*/*;q=0.8", "text/html; charset=utf-8"), ("application/json", "application/problem+json")],
)
async def test_what_breaks_on_a_page_is_told_in_a_page(shop: Shop, accept: str, kind: str) -> None:
    """A customer whose page breaks reads a sentence, not what programs send each other."""
    app = create_app(house_of(shop.run))

    @app.get("/breaks", dependencies=[open_page("only here")])
    async def breaks() -> None:
        raise ZeroDivisionError

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://ambidex.test", headers={"Accept": accept}
    ) as window:
        answer = await window.get("/breaks")
    assert (answer.status_code, answer.headers["content-type"]) == (500, kind)
    assert "Something broke on our side." in answer.text
    assert "ZeroDivision" not in answer.text
