"""Pages as they leave: language, money, times, headers, and files that browsers may keep."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from httpx import ASGITransport, AsyncClient

from ambidex.kernel.clock import Hours
from ambidex.kernel.money import Money
from ambidex.web import assets, formats
from ambidex.web.parts.story import NOON
from ambidex.web.rendering import render
from ambidex.web.shell.nav import NAV, density_for, nav_for
from ambidex.web.shell.opening import opening
from ambidex.web.shell.view import Shell, theme_of
from ambidex.web.words import direction, language, speaking

SUMMER = datetime(2026, 7, 1, 13, 5, tzinfo=UTC)


def client() -> AsyncClient:
    app = FastAPI()
    assets.mount(app)

    @app.get("/page")
    async def page(request: Request) -> HTMLResponse:
        return render(request, "gallery/scene_bare.html", theme=theme_of(request))

    return AsyncClient(transport=ASGITransport(app=app), base_url="http://test")


@pytest.mark.parametrize(
    ("tag", "money", "time"),
    [
        ("en-US", "$1,234.50", "9:05\N{NO-BREAK SPACE}AM"),
        ("de-DE", "1.234,50\N{NO-BREAK SPACE}$", "09:05"),
        ("xx-unknown", "$1,234.50", "9:05\N{NO-BREAK SPACE}AM"),
        ("*", "$1,234.50", "9:05\N{NO-BREAK SPACE}AM"),
    ],
)
def test_money_and_times_speak_the_language(tag: str, money: str, time: str) -> None:
    with speaking(tag):
        assert formats.money(Money(123450, "USD")) == money
        assert formats.money(123450, "USD") == money
        assert formats.local_time(SUMMER, "America/New_York") == time


def test_money_without_decimals_stays_without() -> None:
    assert formats.money(1200, "JPY") == "¥1,200"


def test_a_page_in_arabic_reads_from_right_to_left() -> None:
    with speaking("ar"):
        assert direction() == "rtl"
    assert direction() == "ltr"
    assert language() == "en_US"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (30, "under 1 min"),
        (-90, "1 min"),
        (59 * 60, "59 min"),
        (3600, "1 h 00"),
        (86400, "1 day"),
        (400000, "4 days"),
    ],
)
def test_spans_are_said_in_two_words_at_most(seconds: int, said: str) -> None:
    assert formats.span(timedelta(seconds=seconds)) == said


def test_a_distance_says_its_direction() -> None:
    assert formats.in_minutes(NOON + timedelta(minutes=12), NOON) == "in 12 min"
    assert formats.in_minutes(NOON - timedelta(minutes=12), NOON) == "12 min ago"


def test_today_needs_no_date() -> None:
    with speaking("en-GB"):
        assert formats.local_when(SUMMER, "Europe/London", SUMMER) == "14:05"
        assert formats.local_when(SUMMER, "Europe/London", SUMMER - timedelta(days=1)) == "Wed 1 Jul, 14:05"


@pytest.mark.parametrize(
    ("days", "said"), [(0, "14:05"), (1, "Thu 14:05"), (2, "Fri 14:05"), (3, "Sat 4 Jul")]
)
def test_a_time_is_as_short_as_it_stays_clear(days: int, said: str) -> None:
    with speaking("en-GB"):
        assert formats.local_short(SUMMER + timedelta(days=days), "Europe/London", SUMMER) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 7, 1, 13, 0, tzinfo=UTC), "Open until 20:00"),
        (datetime(2026, 7, 1, 20, 0, tzinfo=UTC), "Opens Thu 09:00"),
        (datetime(2026, 7, 4, 20, 0, tzinfo=UTC), "Opens Mon 09:00"),
        (datetime(2026, 7, 9, 12, 0, tzinfo=UTC), "Closed for good"),
    ],
)
def test_opening_hours_are_said_as_at_the_door(at: datetime, said: str) -> None:
    week = {day: ((time(9), time(20)),) for day in range(6)}
    hours = Hours(ZoneInfo("Europe/London"), week, closed_from=date(2026, 7, 8))
    with speaking("en-GB"):
        assert opening(hours, at) == said


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Inès Caron", "IC"), ("田中 美咲", "田美"), ("김서연", "김"), ("", "?"), ("@dispatch", "?")],
)
def test_initials_of_names_in_any_script(name: str, letters: str) -> None:
    assert formats.initials(name) == letters


async def test_a_page_refuses_inline_script_and_style() -> None:
    async with client() as browser:
        answer = await browser.get("/page")

    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert answer.headers["cache-control"] == "no-store"


async def test_static_files_are_kept_by_version_only() -> None:
    async with client() as browser:
        kept = await browser.get(assets.url("icons.svg"))
        style = await browser.get(assets.url("style.css"))
        plain = await browser.get("/static/icons.svg")
        stale = await browser.get("/static/v-000000000000/icons.svg")
        wasm = await browser.get(assets.url("vendor/zxing/reader/zxing_reader.wasm"))

    assert kept.headers["cache-control"] == assets.A_YEAR
    assert style.headers["content-type"].startswith("text/css")
    assert b"@layer tokens" in style.content
    assert plain.headers["cache-control"] == "no-cache"
    assert stale.headers["cache-control"] == "no-cache"
    assert wasm.headers["content-type"] == "application/wasm"


def test_a_file_that_is_not_there_is_found_when_the_page_is_written() -> None:
    with pytest.raises(AssertionError, match="no static file"):
        assets.url("icon.svg")


async def test_the_chosen_scheme_is_in_the_page_from_the_start() -> None:
    async with client() as browser:
        browser.cookies.set("theme", "dark")
        dark = await browser.get("/page")
        browser.cookies.set("theme", '"><script>')
        forged = await browser.get("/page")

    assert 'data-theme="dark"' in dark.text
    assert "data-theme" not in forged.text


@pytest.mark.parametrize(
    ("path", "here"), [("/work", "/work"), ("/arrivals/1", "/arrivals"), ("/workers", None), ("/", None)]
)
def test_the_entry_of_the_current_page_is_marked(path: str, here: str | None) -> None:
    shell = Shell(
        person="Ama",
        role_label="Associate",
        place="Camden",
        local_time="12:00",
        nav=nav_for("associate", {"/work": 4}),
        path=path,
        csrf="",
        live_position=0,
        now=NOON,
    )

    assert [item.path for item in shell.nav if shell.is_here(item)] == ([here] if here else [])
    assert next(item.count for item in shell.nav if item.path == "/work") == 4


def test_every_role_sees_a_way_to_find() -> None:
    assert all(any(item.path == "/find" for item in items) for items in NAV.values())
    assert density_for("picker") == "touch"
    assert density_for("agent") == "desk"
