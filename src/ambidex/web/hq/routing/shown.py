"""One version in words: its rules, costs and clocks, the rule being written, and what was refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ambidex.domains import routing
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass, field
from ambidex.runtime.db import Read
from ambidex.web.hq.routing import costs, form, likes, view, words
from ambidex.web.words import translate as _

DAYS_BACK = 7
BUILT_IN = routing.document.DEFAULT_DOCUMENT


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page of a version shows beside it: a view of it, a rule being written, what was refused."""

    view: str = "rules"
    rule: form.RuleForm | None = None
    at: int | None = None
    document: Mapping[str, Any] | None = None
    refused: Problem | None = None
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """The rules that decide while nobody has written any, as if they were version 0."""

    brand: str
    state_since: datetime
    number: int = 0
    name: str = str(BUILT_IN["name"])
    state: str = "live"
    document: Mapping[str, Any] = field(default_factory=lambda: BUILT_IN)
    revision: int = 0
    canary: None = None


async def found_version(read: Read, key: tuple[str, int]) -> Any:
    """A version; number 0 is what is built in. Raises UnknownVersion."""
    brand, number = key
    return BuiltIn(brand, read.now) if number == 0 else await routing.ask.version(read, brand, number)


def version_words(one: Any, seen: Seen, names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    document = seen.document or one.document
    return {
        "version": one,
        "state": str(one.state),
        "chip": view.chip(str(one.state)) if one.number else None,
        "sentence": _sentence(one),
        "here": f"/routing/versions/{one.number}",
        "query": view.query(one.brand),
        "rules": view.rule_rows(document, names),
        **_rule_words(document, seen, names),
        **_cost_words(document, seen),
        "currency": document.get("currency", "USD"),
        "name": document.get("name", ""),
        "document": as_text(document),
        "nexts": view.nexts(str(one.state), one.brand) if one.number else [],
        "may_canary": "canary" in {option.value for option in view.nexts(str(one.state), one.brand)},
        "metrics": words.options(words.METRICS),
        "first_day": (now - timedelta(days=DAYS_BACK)).date().isoformat(),
        "last_day": now.date().isoformat(),
        "now": now,
    }


def _sentence(one: Any) -> str:
    if not one.number:
        return _("These rules decide while no version of your own is live.")
    return _("Version %(n)s %(does)s.", n=one.number, does=_(words.STATE_NOTES[str(one.state)]))


def _rule_words(document: Mapping[str, Any], seen: Seen, names: Mapping[str, str]) -> dict[str, Any]:
    """The form of a rule, and the words it offers."""
    rules = document.get("rules", [])
    changed = form.form_of(rules[seen.at]) if seen.at is not None and seen.at < len(rules) else None
    asked = seen.rule or changed
    return {
        "rule": asked or form.RuleForm(),
        "rule_open": asked is not None,
        "at": seen.at,
        "likes": [(name, _(one.title)) for name, one in likes.LIKES.items()],
        "when_fields": [pair for pair in words.facts() if not pair[0].startswith(form.PLACE)],
        "where_fields": [pair for pair in words.facts() if pair[0].startswith(form.PLACE)],
        "tests": words.options(words.TESTS),
        "effects": words.options(words.EFFECTS),
        "known_words": sorted({_(text) for text in words.SAID.values()} | set(names)),
    }


def _cost_words(document: Mapping[str, Any], seen: Seen) -> dict[str, Any]:
    return {
        "amounts": costs.amounts(document, seen.said),
        "kinds": costs.kinds(document, seen.said),
        "transit": costs.transit(document),
        "bands": costs.bands(document),
        "costs_open": bool(seen.said),
    }


def as_text(document: Mapping[str, Any]) -> str:
    """The document as its line numbers count it."""
    return json.dumps(document, indent=2, ensure_ascii=False)
