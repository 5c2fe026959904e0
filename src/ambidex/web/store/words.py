"""Words the store pages share: counts of items, reasons, where a unit lies."""

from __future__ import annotations

import re
from typing import Any

from ambidex.runtime.db import Row
from ambidex.web.parts.views import Option, Picture, Step
from ambidex.web.words import translate as _

SURE_MAX = 5
_SPLIT = re.compile(r"\s*(?:[·,/>|]|\s-\s)\s*")
_NAMED = re.compile(r"(?P<name>\S+)\s+(?P<value>\w?\d+\w?|[A-Z])")
_DIGITS = re.compile(r"(\d+)")


def items_words(count: int) -> str:
    """How many, as people say it."""
    return _("1 item") if count == 1 else _("%(n)s items", n=count)


def picture_of(line: Row[Any], *, quantity: int = 1) -> Picture:
    """The drawing of a line's item."""
    return Picture(label=line.name, key=line.picture or "box", tint=line.color or "", quantity=quantity)


def way_to(spot: str) -> tuple[Step, ...]:
    """A spot as it is written ("Aisle 4 · Bay 2 · Shelf B") as steps to walk, from far to near."""
    steps = []
    for piece in _SPLIT.split(spot.strip()):
        named = _NAMED.fullmatch(piece)
        if named:
            steps.append(Step(name=named["name"], value=named["value"]))
        elif piece:
            steps.append(Step(name="", value=piece))
    return tuple(steps)


def walk_order(spot: str) -> list[tuple[int, int, str]]:
    """A key that sorts "Aisle 10" after "Aisle 9"; what has no spot comes last."""
    if not spot:
        return [(2, 0, "")]
    pieces = _DIGITS.split(spot.casefold())
    return [(0, int(piece), "") if piece.isdigit() else (1, 0, piece) for piece in pieces if piece]


def sure_of(line: Row[Any]) -> tuple[int, str]:
    """How surely the next unit is there (one to five), and in words."""
    if line.suspect:
        return 1, _("Somebody did not find it")
    if line.sellable <= 0:
        return 1, _("Unlikely: the system has none here")
    steps = min(SURE_MAX, 1 + int(line.sellable))
    words = {2: _("Maybe"), 3: _("Likely"), 4: _("Very likely"), 5: _("Surely there")}
    return steps, _("%(word)s · %(n)s on hand", word=words[steps], n=line.sellable)


def reasons() -> tuple[Option, ...]:
    """What a picker sees where the item should be."""
    return (
        Option(value="not there", title=_("Not there"), chosen="yes"),
        Option(value="damaged", title=_("Damaged")),
        Option(value="wrong item in its place", title=_("Wrong one")),
        Option(value="out of reach", title=_("Out of reach")),
    )


def refusals() -> tuple[Option, ...]:
    """Why a place says no. None is chosen before: "not in stock" makes units suspect and asks for a count."""
    return (
        Option(value="not in stock", title=_("Not in stock")),
        Option(value="too busy", title=_("No hands free")),
        Option(value="closing", title=_("We are closing")),
        Option(value="damaged", title=_("Damaged")),
    )
