"""How a part tells its states to the gallery: a piece of template and the values it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ambidex.kernel.values import dataclass, field
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean

NOON = datetime(2026, 11, 21, 14, 18, tzinfo=UTC)
PLACE_ZONE = "Europe/London"


@dataclass(frozen=True, slots=True)
class State:
    """One state: its name, the template that makes it, and the values the template is given."""

    name: str
    markup: str
    given: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    title: str
    about: str
    states: tuple[State, ...]
    wide: str = ""


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def clock(what: str, *, left: float, given: float, least: Mean = Mean.ON_TRACK) -> Clock:
    """A clock at the gallery's noon: so many minutes left of so many given."""
    by = NOON + minutes(left)
    return Clock(what=what, by=by, began=by - minutes(given), now=NOON, zone=PLACE_ZONE, least=least)
