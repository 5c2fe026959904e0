"""One rule as people write it: when something is so, a place is left out, alone allowed, preferred or avoided."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ambidex.domains.routing.model import Condition, Rule
from ambidex.domains.routing.rules.policy import OPPOSITE, PLACE, WEEKDAYS
from ambidex.domains.routing.rules.reading import Reading
from ambidex.kernel.postcode import plain_postcode
from ambidex.kernel.values import replace

LEAVE_OUT, ONLY, PREFER, AVOID = "leave_out", "only", "prefer", "avoid"
EFFECTS = (LEAVE_OUT, ONLY, PREFER, AVOID)
HARD = frozenset({LEAVE_OUT, ONLY})
VALUES_MAX = 2_000
CHANNELS = ("web", "pos", "phone", "marketplace", "social", "chat", "agent", "b2b")
KINDS = ("store", "warehouse", "third_party", "supplier")
METHODS = ("ship", "deliver", "pickup")
# lists of words; where only some exist, which
WORDS: Mapping[str, tuple[str, ...]] = {
    "order.channel": CHANNELS, "order.method": METHODS, "order.country": (), "order.postcode": (),
    "item.sku": (), "item.category": (), "place.code": (), "place.kind": KINDS, "place.group": (),
    "time.weekday": WEEKDAYS,
}  # fmt: skip
# numbers with a lower and an upper end, and how they are written
RANGES: Mapping[str, str] = {
    "order.value": "amount", "order.weight": "weight", "order.lines": "number", "item.weight": "weight",
    "item.value": "amount", "item.units": "number", "place.load": "number", "time.hour": "number",
    "time.date": "date",
}  # fmt: skip
NUMBERS_MAX = 1_000_000
LAST: Mapping[str, int] = {"time.hour": 23}
FIELDS = frozenset(WORDS.keys() | RANGES.keys())
ENDS = {"at_least": "at_least", "at_most": "at_most"}


def rules_of(read: Reading, said: Any, path: str) -> list[Rule]:
    """What one rule of the document means: "only" with several conditions leaves out whatever misses one of them."""
    one = read.own_table(said, path)
    read.only(one, path, {"name", "when", "by", *EFFECTS})
    name = read.text(one, "name", path, most=120)
    when = _conditions(read, one, "when", path)
    misplaced = [c.field for c in when if c.field.startswith(f"{PLACE}.")]
    for field in misplaced:
        read.wrong(f"{path}.when.{field}", f"a condition on a place in one of {', '.join(EFFECTS)}")
    effects = [word for word in EFFECTS if word in one]
    if len(effects) != 1:
        read.wrong(path, f"exactly one of {', '.join(EFFECTS)}")
        return []
    effect = effects[0]
    where = _places(read, one, effect, path)
    add = _amount(read, one, effect, path)
    if effect == ONLY:
        opposites = [replace(c, test=OPPOSITE[c.test]) for c in where]
        return [Rule(name, tuple(when), (opposite,), 0) for opposite in opposites]
    return [Rule(name, tuple(when), tuple(where), add)]


def _places(read: Reading, one: Mapping[str, Any], effect: str, path: str) -> list[Condition]:
    where = _conditions(read, one, effect, path)
    for condition in where:
        if not condition.field.startswith(f"{PLACE}."):
            read.wrong(f"{path}.{effect}.{condition.field}", 'a condition on a place; others stand in "when"')
    if not where:
        read.wrong(f"{path}.{effect}", "which places: place.kind, place.code, place.group or place.load")
    return where


def _amount(read: Reading, one: Mapping[str, Any], effect: str, path: str) -> int:
    """Added to what a place costs; preferring takes off."""
    if effect in HARD:
        if "by" in one:
            read.wrong(f"{path}.by", f'no amount with "{effect}"')
        return 0
    mills = read.signed_mills(one.get("by"), f"{path}.by")
    return -mills if effect == PREFER else mills


def _conditions(read: Reading, one: Mapping[str, Any], word: str, path: str) -> list[Condition]:
    found: list[Condition] = []
    for field, value in read.table(one, word, path).items():
        where = f"{path}.{word}.{field}"
        if field not in FIELDS:
            read.wrong(where, f"one of {', '.join(sorted(FIELDS))}")
        elif field in RANGES:
            found += _range(read, field, value, where)
        else:
            found += _words(read, field, value, where)
    return found


def _words(read: Reading, field: str, value: Any, path: str) -> list[Condition]:
    """One word, a list of words, or {"not": [words]}."""
    turned = isinstance(value, Mapping) and set(value) == {"not"}
    if turned:
        value = value["not"]
    said = [value] if isinstance(value, str) else value
    if (
        not isinstance(said, list)
        or not 1 <= len(said) <= VALUES_MAX
        or not all(isinstance(v, str) for v in said)
    ):
        read.wrong(path, 'a word, a list of words, or {"not": [words]}')
        return []
    known = WORDS[field]
    unknown = [v for v in said if known and v not in known]
    if unknown or not all(said):
        read.wrong(path, f"one of {', '.join(known)}" if known else "words that are not empty")
    if field == "order.postcode":
        test, values = "starts", [plain_postcode(v) for v in said]
    else:
        test, values = "in", [v.upper() if field == "order.country" else v for v in said]
    return [Condition(field, OPPOSITE[test] if turned else test, tuple(values))]


def _range(read: Reading, field: str, value: Any, path: str) -> list[Condition]:
    """{"at_least": 3}, {"at_most": 5}, or both."""
    said = read.own_table(value, path)
    read.only(said, path, ENDS)
    if not said:
        read.wrong(path, '{"at_least": ...} or {"at_most": ...}')
    ends = {end: _number(read, field, said[end], f"{path}.{end}") for end in ENDS if end in said}
    if len(ends) == len(ENDS) and ends["at_least"] > ends["at_most"]:
        read.wrong(path, "at_least not above at_most, or it never holds; a night is two rules")
    return [Condition(field, end, (figure,)) for end, figure in ends.items()]


def _number(read: Reading, field: str, value: Any, path: str) -> int:
    kind, most = RANGES[field], LAST.get(field, NUMBERS_MAX)
    if kind == "amount":
        return read.amount(value, path)
    if kind == "weight":
        return read.weight(value, path)
    if kind == "date":
        try:
            day = date.fromisoformat(value)
        except (TypeError, ValueError):
            read.wrong(path, 'a day such as "2026-12-24"')
            return 0
        return day.year * 10_000 + day.month * 100 + day.day
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        read.wrong(path, f"a whole number from 0 to {most}")
        return 0
    return value
