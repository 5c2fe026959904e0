"""The words of rules: facts that can be asked, values, effects, and a whole rule as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambidex.domains import routing
from ambidex.web.channels import CHANNELS
from ambidex.web.formats import money
from ambidex.web.words import translate as _

WORDS = routing.document.WORDS
RANGES = routing.document.RANGES
FIELDS = {
    "order.channel": _("the order comes from"),
    "order.method": _("the order is to"),
    "order.country": _("it goes to the country"),
    "order.postcode": _("its postcode begins with"),
    "order.value": _("the order is worth"),
    "order.weight": _("the order weighs"),
    "order.lines": _("the number of its lines is"),
    "item.sku": _("the item is"),
    "item.category": _("the item’s category is"),
    "item.weight": _("one piece weighs"),
    "item.value": _("the line is worth"),
    "item.units": _("the pieces of the line are"),
    "place.code": _("the place is"),
    "place.kind": _("the kind of place is"),
    "place.group": _("the place is in the group"),
    "place.load": _("orders waiting there are"),
    "time.weekday": _("the day there is"),
    "time.hour": _("the hour there is"),
    "time.date": _("the date there is"),
}
SAID = {
    "store": _("stores"), "warehouse": _("warehouses"), "third_party": _("third-party warehouses"),
    "supplier": _("suppliers"), **CHANNELS, "ship": _("be sent"),
    "deliver": _("be delivered locally"), "pickup": _("be collected"), "mon": _("Monday"), "tue": _("Tuesday"),
    "wed": _("Wednesday"), "thu": _("Thursday"), "fri": _("Friday"), "sat": _("Saturday"), "sun": _("Sunday"),
}  # fmt: skip
TESTS = {
    "is": _("is one of"),
    "not": _("is none of"),
    "at_least": _("at least"),
    "at_most": _("at most"),
}
EFFECTS = {
    "leave_out": _("never send it from"),
    "only": _("only send it from"),
    "prefer": _("prefer, by an amount,"),
    "avoid": _("avoid, by an amount,"),
}
STATES = {
    "draft": _("Draft"),
    "shadow": _("Shadow"),
    "canary": _("On trial"),
    "live": _("Live"),
    "archived": _("Archived"),
}
STATE_NOTES = {
    "draft": _("is being written and decides nothing"),
    "shadow": _("decides every order once more, beside the live one, and changes nothing"),
    "canary": _("decides a share of the orders, and goes back by itself when it does harm"),
    "live": _("decides"),
    "archived": _("decided once; kept so that old decisions can be made again"),
}
METRICS = {
    "refused": _("refused by the place"),
    "late": _("promised late"),
    "cost": _("cost of an order"),
    "split": _("sent in several parcels"),
}


def sentence(rule: Mapping[str, Any], currency: str, names: Mapping[str, str]) -> str:
    """A rule as one says it."""
    effect = next((word for word in EFFECTS if word in rule), "")
    if not effect:
        return _("This rule says nothing yet.")
    where = places(rule[effect], names)
    by = _amount(rule, currency)
    what = {
        "leave_out": _("never from %(where)s", where=where),
        "only": _("only from %(where)s", where=where),
        "prefer": _("%(where)s count %(by)s cheaper", where=where, by=by),
        "avoid": _("%(where)s count %(by)s dearer", where=where, by=by),
    }[effect]
    when = conditions(rule.get("when", {}), currency, names)
    said = _("When %(when)s: %(what)s.", when=when, what=what) if when else _("Always: %(what)s.", what=what)
    return said[:1].upper() + said[1:]


def places(said: Any, names: Mapping[str, str]) -> str:
    """The places that an effect is about: stores of the group outlet where at least 40 orders wait."""
    if not isinstance(said, Mapping):
        return _("places")
    noun = _called(said.get("place.code") or said.get("place.kind"), names) or _("places")
    if "place.code" in said and "place.kind" in said:
        noun = f"{noun} ({_called(said['place.kind'], names)})"
    group = _called(said.get("place.group"), names)
    parts = [noun, _("of the group %(group)s", group=group) if group else ""]
    waiting = said.get("place.load")
    if isinstance(waiting, Mapping):
        ends = _(" and ").join(
            f"{_(TESTS[end])} {waiting[end]}" for end in ("at_least", "at_most") if end in waiting
        )
        parts.append(_("where %(count)s orders wait", count=ends))
    return " ".join(part for part in parts if part)


def _called(value: Any, names: Mapping[str, str]) -> str:
    """Values in words: one, or several joined; all but them when turned."""
    turned = isinstance(value, Mapping)
    values = value.get("not", []) if isinstance(value, Mapping) else value or []
    listed = [values] if isinstance(values, str) else list(values)
    words = _(" or ").join(names.get(str(one), _(SAID.get(str(one), str(one)))) for one in listed)
    return _("all places but %(words)s", words=words) if turned else words


def conditions(said: Any, currency: str, names: Mapping[str, str]) -> str:
    """All of them, joined."""
    if not isinstance(said, Mapping):
        return ""
    parts = [part for field, value in said.items() for part in condition(field, value, currency, names)]
    return _(" and ").join(parts)


def condition(field: str, value: Any, currency: str, names: Mapping[str, str]) -> list[str]:
    """One fact and what it must be."""
    name = _(FIELDS.get(field, field))
    if isinstance(value, Mapping) and "not" not in value:
        return [
            f"{name} {_(TESTS[end])} {_figure(field, value[end], currency)}"
            for end in ("at_least", "at_most")
            if end in value
        ]
    turned = isinstance(value, Mapping)
    values = value["not"] if turned else value
    listed = [values] if isinstance(values, str) else list(values)
    words = _(" or ").join(names.get(str(one), _(SAID.get(str(one), str(one)))) for one in listed)
    return [_("%(name)s not %(words)s", name=name, words=words) if turned else f"{name} {words}"]


def _figure(field: str, value: Any, currency: str) -> str:
    unit = {"amount": currency, "weight": "kg"}.get(RANGES.get(field, ""), "")
    return f"{value} {unit}".strip()


def _amount(rule: Mapping[str, Any], currency: str) -> str:
    """By how much, for a parcel or for each piece of the lines that the rule asks about."""
    each = any(field.startswith("item.") for field in rule.get("when", {}))
    said = f"{rule.get('by', '?')} {currency}"
    return _("%(money)s a piece", money=said) if each else _("%(money)s a parcel", money=said)


def percent(per_mille: float) -> str:
    """A share of a thousand as people say it."""
    return f"{per_mille / 10:.1f}".rstrip("0").rstrip(".") + " %"


def amount(mills: float, currency: str) -> str:
    """Mills as money."""
    return money(round(mills / 1000), currency)


def options(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs for a select."""
    return [(value, _(text)) for value, text in words.items()]


def facts() -> list[tuple[str, str]]:
    """Every fact that a rule may ask, with how its value is written."""
    hints = {"weight": _("(kg)"), "date": _("(2026-12-24)")}
    named = {"time.hour": _("(0 to 23)"), "order.country": _("(US)")}
    return [
        (fact, f"{_(text)} {hints.get(RANGES.get(fact, '')) or named.get(fact, '')}".strip())
        for fact, text in FIELDS.items()
    ]
