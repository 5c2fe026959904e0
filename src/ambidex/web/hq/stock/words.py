"""The words of the page Stock: channels, ways, numbers, accounts, and rules in one line."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from ambidex.reads.stock_rules import RuleView
from ambidex.web.channels import CHANNELS
from ambidex.web.words import locale
from ambidex.web.words import translate as _

WAYS = {
    "": _("Any way"),
    "pickup": _("Collects it"),
    "ship": _("Has it sent"),
    "deliver": _("Delivered locally"),
}
NUMBERS = {"safety": _("Safety"), "floor": _("Routing floor"), "threshold": _("Threshold")}
PARTS = {
    "free": _("May be promised"), "claimed": _("Promised already"), "kept": _("Kept back"), "apart": _("Not for sale"),
    "away": _("Does not count here"),
}  # fmt: skip
ACCOUNTS = {
    "sellable": _("shelf"), "suspect": _("not found, to be counted"), "staged": _("staged for customers"),
    "damaged": _("damaged"), "quarantine": _("quarantine"), "display": _("on display"), "supplier": _("supplier"),
    "customer": _("customer"), "written_off": _("written off"), "found": _("found"), "in_transit": _("on the way"),
    "package": _("parcel"),
}  # fmt: skip


def scope_words(rule: RuleView) -> str:
    """What and where a rule is for, the shortest way that is still clear."""
    what = rule.item or rule.category or _("every item")
    where = rule.place or rule.group
    said = _("%(what)s at %(where)s", what=what, where=where) if where else what
    return f"{said}, {_(CHANNELS[rule.channel])}" if rule.channel else said


def dates_words(first: date | None, last: date | None) -> str:
    """From when to when, both days included; empty is always."""
    if first and last:
        return f"{_day(first)} – {_day(last)}"
    if first:
        return _("from %(day)s", day=_day(first))
    return _("until %(day)s", day=_day(last)) if last else ""


def _day(day: date) -> str:
    return format_date(day, "d MMM y", locale=locale())
