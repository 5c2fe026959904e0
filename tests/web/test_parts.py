"""Parts: they render what they are given, escape it, and need no inline script or style."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from jinja2 import UndefinedError

from ambidex.web.assets import FOLDER
from ambidex.web.gallery import listing
from ambidex.web.gallery.page import shown, stories
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Picture, Row
from ambidex.web.rendering import environment, parts

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
STATES = [(told.part, state) for told in stories() for state in told.story.states]
INLINE = re.compile(r"\sstyle=|<style|<script(?![^>]*\bsrc=)|\son[a-z]+=|\shx-on", re.IGNORECASE)


def made(markup: str, **given: object) -> str:
    return environment.from_string(markup).render(given)


@pytest.mark.parametrize(("part", "state"), STATES, ids=lambda each: getattr(each, "name", each))
def test_a_state_renders_within_the_content_security_policy(part: str, state: object) -> None:
    html = str(shown(state))  # type: ignore[arg-type]  # parametrize knows no type

    assert html.strip(), part
    assert INLINE.search(html) is None


def test_a_page_is_refused_inline_script() -> None:
    assert INLINE.search('<p style="color:red">')
    assert INLINE.search('<a onclick="go()">')
    assert INLINE.search("<script>go()</script>")
    assert not INLINE.search('<script type="module" src="/a.js"></script>')


def test_every_macro_is_shown_in_the_gallery() -> None:
    markup = "".join(state.markup for _, state in STATES)
    within = "".join(file.read_text() for file in (FOLDER.parent / "parts").glob("*/part.html"))
    unseen = [name for name in parts.names() if f"ui.{name}(" not in markup + within]

    assert unseen == []


def test_every_icon_and_drawing_exists() -> None:
    html = "".join(str(shown(state)) for _, state in STATES)
    for sprite in ("icons.svg", "products.svg"):
        known = set(re.findall(r'<symbol id="([\w-]+)"', (FOLDER / sprite).read_text()))
        assert set(re.findall(rf"{sprite}#([\w-]+)", html)) <= known


def test_the_readme_lists_every_macro() -> None:
    assert listing.written() == listing.listing()


def test_what_people_write_is_escaped() -> None:
    html = made("{{ ui.row(row) }}", row=Row(title="<script>alert(1)</script>", href="/a"))

    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_an_attribute_cannot_be_broken_out_of() -> None:
    html = made('{{ ui.picture(p, named="yes") }}', p=Picture(label='" onload="x', key="box"))

    assert 'onload="x"' not in html


def test_a_missing_value_is_an_error_not_an_empty_string() -> None:
    with pytest.raises(UndefinedError):
        made("{{ ui.chip(nothing) }}")


def test_a_meaning_always_carries_its_icon_and_word() -> None:
    html = made("{{ ui.chip_of(c) }}", c=Chip(text="At risk", mean=Mean.AT_RISK))

    assert "#triangle-alert" in html
    assert "At risk" in html


@pytest.mark.parametrize(
    ("passed", "given", "least", "mean", "left"),
    [
        (10, 100, Mean.ON_TRACK, Mean.ON_TRACK, "1 h 30 left"),
        (79, 100, Mean.ON_TRACK, Mean.ON_TRACK, "21 min left"),
        (80, 100, Mean.ON_TRACK, Mean.AT_RISK, "At risk · 20 min"),
        # the last moment is still in time
        (100, 100, Mean.ON_TRACK, Mean.AT_RISK, "At risk · under 1 min"),
        (118, 100, Mean.ON_TRACK, Mean.BROKEN, "Late · 18 min"),
        # a missed milestone makes it at risk early, never better than it is
        (10, 100, Mean.AT_RISK, Mean.AT_RISK, "At risk · 1 h 30"),
        (118, 100, Mean.AT_RISK, Mean.BROKEN, "Late · 18 min"),
        # waiting for the customer stays that
        (95, 100, Mean.WAITING, Mean.WAITING, "Waiting · 5 min"),
        (0, 3 * 1440, Mean.ON_TRACK, Mean.ON_TRACK, "3 days left"),
    ],
)
def test_the_clock_says_what_the_time_means(
    passed: int, given: int, least: Mean, mean: Mean, left: str
) -> None:
    began = NOON - timedelta(minutes=passed)
    clock = Clock(
        what="Ready by", by=began + timedelta(minutes=given), began=began, now=NOON, zone="UTC", least=least
    )

    assert (clock.mean, clock.left) == (mean, left)


def test_a_promise_that_was_moved_counts_from_the_broken_one() -> None:
    clock = Clock(
        what="Ready by",
        by=NOON + timedelta(minutes=27),
        began=NOON - timedelta(hours=2),
        now=NOON,
        zone="UTC",
        least=Mean.BROKEN,
        before=NOON - timedelta(minutes=18),
    )

    assert clock.left == "Late · 18 min"


@pytest.mark.parametrize(("met", "left"), [(-1, "Kept"), (1, "Kept late")])
def test_a_met_promise_stops(met: int, left: str) -> None:
    by = NOON - timedelta(minutes=30)
    clock = Clock(
        what="Ready by",
        by=by,
        began=by - timedelta(hours=1),
        now=NOON,
        zone="UTC",
        met_at=by + timedelta(minutes=met),
    )

    assert clock.left == left
    assert "data-clock" not in made("{{ ui.clock(c) }}", c=clock)


def test_templates_use_only_parts_that_exist() -> None:
    used = {
        (file.relative_to(FOLDER.parent).as_posix(), name)
        for file in FOLDER.parent.rglob("*.html")
        for name in re.findall(
            r"\bui\.([a-z]\w*)\(", re.sub(r"{#.*?#}", "", file.read_text(), flags=re.DOTALL)
        )
    }

    assert used
    assert [use for use in used if use[1] not in parts] == []
