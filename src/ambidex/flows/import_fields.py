"""Reading the fields of an imported line: each raises BadInput that names the field and what was expected."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput, FieldError

T = TypeVar("T")
Fields = Mapping[str, str]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNITS_MAX = 10_000_000
_SPAN = re.compile(
    r"(?P<first>[a-z]{3})[a-z]*(?:\s*-\s*(?P<last>[a-z]{3})[a-z]*)?\s+(?P<hours>.+)", re.IGNORECASE
)
_WALL = re.compile(r"(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False, "": False}


def text(fields: Fields, name: str, default: str = "") -> str:
    """The field without blanks around it."""
    return fields.get(name, "").strip() or default


def words(fields: Fields, name: str) -> tuple[str, ...]:
    """Several values in one field, separated by | or ;."""
    return tuple(
        dict.fromkeys(word.strip() for word in re.split(r"[|;]", fields.get(name, "")) if word.strip())
    )


def whole(fields: Fields, name: str, *, default: int | None = None, most: int = UNITS_MAX) -> int:
    """A whole number from zero."""
    given = text(fields, name)
    if not given and default is not None:
        return default
    if not re.fullmatch(r"[0-9]{1,12}", given) or int(given) > most:
        raise expected(name, f"a whole number from 0 to {most}")
    return int(given)


def decimal(fields: Fields, name: str) -> float | None:
    """A number such as 44.98; None when the field is empty."""
    return _maybe(fields, name, float, "a number such as 44.98")


def day(fields: Fields, name: str) -> date | None:
    """A date; None when the field is empty."""
    return _maybe(fields, name, date.fromisoformat, "a date such as 2026-12-31")


def yes(fields: Fields, name: str) -> bool:
    """Yes or no; no when the field is empty."""
    given = text(fields, name).lower()
    if given not in _YES:
        raise expected(name, "yes or no")
    return _YES[given]


def money(fields: Fields, name: str, *, currency: str) -> Money:
    """An exact amount; nothing when the field is empty."""
    try:
        return Money.parse(text(fields, name, "0"), text(fields, "currency", currency))
    except ValueError as cause:
        raise expected(name, 'an amount such as "19.90"') from cause


def week(fields: Fields, name: str) -> dict[str, list[list[str]]] | None:
    """Opening hours as "mon-fri 09:00-21:00; sat 10:00-18:00", or as JSON; None when the field is empty."""
    if text(fields, name).startswith("{"):
        return _json_week(text(fields, name), name)
    found: dict[str, list[list[str]]] = {}
    for piece in words(fields, name):
        match = _SPAN.fullmatch(piece)
        spans = [[a.zfill(5), b.zfill(5)] for a, b in _WALL.findall(match["hours"])] if match else []
        if match is None or not (spans or match["hours"].strip().lower() == "closed"):
            raise expected(name, "mon-fri 09:00-21:00; sat 10:00-18:00; sun closed")
        for number in _days(match["first"], match["last"], name):
            found.setdefault(str(number), []).extend(spans)
    return found or None


def expected(name: str, what: str) -> BadInput:
    """The refusal of one field."""
    return BadInput(errors=[{"field": name, "expected": what}])


def refused(errors: list[FieldError]) -> BadInput:
    """The refusal of several fields."""
    return BadInput(errors=errors)


def _json_week(given: str, name: str) -> dict[str, list[list[str]]]:
    """As the API takes it; what the days and times say is checked with the place."""
    try:
        found = json.loads(given)
        return {str(day_): [[str(a), str(b)] for a, b in spans] for day_, spans in found.items()}
    except (ValueError, TypeError, AttributeError) as cause:
        raise expected(name, '{"monday": [["09:00", "21:00"]]}') from cause


def _days(first: str, last: str | None, name: str) -> range:
    try:
        begin = DAYS.index(first.lower())
        end = begin if last is None else DAYS.index(last.lower())
    except ValueError as cause:
        raise expected(name, f"days as {', '.join(DAYS)}") from cause
    if end < begin:
        raise expected(name, "days in the order of the week, such as mon-fri")
    return range(begin, end + 1)


def _maybe(fields: Fields, name: str, read: Callable[[str], T], what: str) -> T | None:
    given = text(fields, name)
    try:
        return read(given) if given else None
    except ValueError as cause:
        raise expected(name, what) from cause
