"""Counts in words: why this shelf is next, what a count waits for, what was found."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains.counting import Reason
from ambidex.web.words import translate as _


def why(reasons: Sequence[Reason], *, most: int = 2) -> str:
    """The weightiest reasons as one line: "3 customers collect this today; last counted 41 days ago"."""
    return "; ".join(_said(reason) for reason in reasons[:most])


def _said(reason: Reason) -> str:
    n = reason.number
    if reason.code == "counted-days-ago" and n == 0:
        return _("last counted today")
    one = _ONE.get(reason.code, "") if n == 1 else ""
    return _(one) if one else _(_MANY[reason.code], n=n)


_MANY = {
    "customers-today": "%(n)s customers collect this today",
    "not-found": "%(n)s units were not found",
    "drift": "another system says something else",
    "missed-before": "not found %(n)s times before",
    "promised-soon": "%(n)s are promised for the next days",
    "promised-later": "%(n)s are promised",
    "never-counted": "never counted here",
    "counted-days-ago": "last counted %(n)s days ago",
    "moved": "%(n)s movements since the last count",
    "last-units": "few left for sale",
}
_ONE = {
    "customers-today": "1 customer collects this today",
    "not-found": "1 unit was not found",
    "missed-before": "not found once before",
    "promised-soon": "1 is promised for the next days",
    "promised-later": "1 is promised",
    "counted-days-ago": "last counted yesterday",
}


def said_words(said: str) -> str:
    """What was just done, on the next page."""
    return {
        "counted": _("Counted. Thank you."),
        "recount": _("Thank you. Somebody else counts it again, because it differs from the books."),
        "to_approve": _("Thank you. A lead decides, because it is far from the books."),
        "approved": _("Approved. The books say what was counted."),
        "rejected": _("Nothing was changed. It is counted from the beginning."),
        "asked": _("The team is asked to count it."),
        "stored": _("Stored on this device. It is sent when the network is back."),
    }.get(said, "")


def kind_words(kind: str) -> str:
    """Why somebody asked for this count."""
    return {
        "directed": _("A lead asked for it"),
        "short_pick": _("A picker could not find it"),
        "drift": _("Two systems disagree about it"),
        "next_best": _("Promises hang on it"),
        "own": _("Somebody wanted to know"),
    }.get(kind, "")
