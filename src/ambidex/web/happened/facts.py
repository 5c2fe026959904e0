"""What a sentence about an event can say: its payload as words, with the names and the clock of the page around it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass, field
from ambidex.web.formats import local_when, money
from ambidex.web.happened.values import lowered, why_words
from ambidex.web.words import translate as _

_TIMES = {"due": "due_at", "was": "was_due_at", "next": "next_deadline", "expected": "expected_at"}
_TIMES |= {"until": "until", "expires": "expires_at", "since": "since", "was_expected": "was_expected_at"}
# what stands in an event as people say it: names, numbers, sentences
_PLAIN = (
    "carrier", "number", "sku", "title", "login", "code", "detail", "tracking_number", "collector", "counted", "before",
    "said", "book", "low", "high", "same", "total", "reference", "source", "orders", "packages", "reminder", "tote_no",
    "shifts", "quantity", "item", "code_no", "external", "internal", "day",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Around:
    """Names of the page: places by work, item titles by line, its clock. Nothing of it need be known."""

    zone: str
    now: datetime
    places: Mapping[int, str] = field(default_factory=dict)
    lines: Mapping[int, str] = field(default_factory=dict)
    shelves: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as it was stored."""

    name: str
    payload: Mapping[str, Any]
    cause: str
    at: datetime


def said_by(event: Happened, around: Around) -> dict[str, str]:
    """The words of one event by their name in a sentence."""
    payload, cause = event.payload, event.cause
    work_no = payload.get("work_no")
    why = why_words(str(payload.get("reason") or payload.get("why") or cause))
    outcome = why_words(str(payload.get("outcome") or payload.get("answer") or ""))
    words = {name: str(payload[name]) for name in _PLAIN if payload.get(name) is not None}
    words |= {name: when(payload[key], around) for name, key in _TIMES.items() if payload.get(key)}
    words["place"] = around.places.get(work_no, "") if isinstance(work_no, int) else ""
    words["place"] = words["place"] or _("the place")
    words["why"] = f": {lowered(why)}" if why else ""
    words["outcome"] = f": {lowered(outcome)}" if outcome else ""
    words["said_words"] = f": {payload['words']}" if payload.get("words") else ""
    words["units"] = _units(payload.get("units", payload.get("quantity", 0)))
    words["lines"] = _units(payload.get("lines", 0))
    words["line"] = around.lines.get(payload.get("line_no", 0), "") or _("an item")
    words["shelf"] = around.shelves.get(str(payload.get("place", "")), str(payload.get("place", "")))
    words["amount"] = _amount(payload.get("amount") or payload.get("total"))
    return words


def when(said: str, around: Around) -> str:
    """An instant of an event on the clock of the page; what is no instant is said as it stands."""
    try:
        return local_when(datetime.fromisoformat(said), around.zone, around.now)
    except ValueError:
        return said


def counted(units: int) -> str:
    """How many, as people say it."""
    return _("1 unit") if units == 1 else _("{n} units").format(n=units)


def _units(said: Any) -> str:
    if isinstance(said, Mapping):
        return counted(sum(int(n) for n in said.values()))
    if isinstance(said, list):
        return counted(sum(int(each.get("quantity", 0)) for each in said))
    return counted(int(said))


def _amount(said: Any) -> str:
    if not isinstance(said, Mapping):
        return ""
    return money(Money.parse(str(said["amount"]), str(said["currency"])))
