"""The form of a rule: rows of when and where, read into the document's own words and back, with errors at their row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ambidex.kernel.values import dataclass, field
from ambidex.web.hq.routing.words import EFFECTS, FIELDS, RANGES, SAID, WORDS
from ambidex.web.words import translate as _

WHEN_MOST, WHERE_MOST, SPARE = 8, 4, 2
PLACE = "place."
NUMBER = re.compile(r"\d{1,6}")
SOFT = frozenset({"prefer", "avoid"})


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as it stands in the form. `error`: what is wrong with it."""

    field: str = ""
    test: str = "is"
    text: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class RuleForm:
    """A rule as it stands in the form."""

    name: str = ""
    when: tuple[Row, ...] = ()
    effect: str = "leave_out"
    where: tuple[Row, ...] = ()
    by: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    def rows(self, side: str) -> list[Row]:
        """Those that are filled, and some to fill."""
        filled, most = (self.when, WHEN_MOST) if side == "when" else (self.where, WHERE_MOST)
        spare = SPARE if side == "when" or filled else 1
        return [*filled, *[Row()] * max(0, min(spare, most - len(filled)))]


def read(sent: Mapping[str, Sequence[str]]) -> RuleForm:
    """What the browser sent."""
    return RuleForm(
        name=_one(sent, "name").strip(),
        when=tuple(_rows(sent, "when")),
        effect=effect if (effect := _one(sent, "effect")) in EFFECTS else "leave_out",
        where=tuple(_rows(sent, "where")),
        by=_one(sent, "by").strip().replace(",", "."),
        errors={},
    )


def document_of(form: RuleForm) -> dict[str, Any]:
    """The rule in the document's words."""
    rule: dict[str, Any] = {"name": form.name}
    if form.when:
        rule["when"] = _conditions(form.when)
    rule[form.effect] = _conditions(form.where)
    if form.effect in SOFT:
        rule["by"] = form.by
    return rule


def form_of(rule: Mapping[str, Any]) -> RuleForm:
    """A rule of a document, to be changed."""
    effect = next((word for word in EFFECTS if word in rule), "leave_out")
    return RuleForm(
        name=str(rule.get("name", "")),
        when=tuple(_rows_of(rule.get("when", {}))),
        effect=effect,
        where=tuple(_rows_of(rule.get(effect, {}))),
        by=str(rule.get("by", "")),
        errors={},
    )


def with_errors(form: RuleForm, errors: Iterable[Mapping[str, str]], path: str) -> RuleForm:
    """The same with what is wrong beside each row; what has no row stands under "rule"."""
    said = {one["field"]: one["expected"] for one in errors if one["field"].startswith(path)}
    rows = {side: _marked(getattr(form, side), side, form, said, path) for side in ("when", "where")}
    rest = {"name": said.pop(f"{path}.name", ""), "by": said.pop(f"{path}.by", "")}
    seen = {row.error for side in rows.values() for row in side}
    left = [text for text in said.values() if text not in seen]
    errors_left = {**rest, "rule": "; ".join(left)}
    return RuleForm(form.name, rows["when"], form.effect, rows["where"], form.by, errors_left)


def _marked(
    rows: Sequence[Row], side: str, form: RuleForm, said: Mapping[str, str], path: str
) -> tuple[Row, ...]:
    word = "when" if side == "when" else form.effect
    found = []
    for row in rows:
        error = next(
            (text for field, text in said.items() if field.startswith(f"{path}.{word}.{row.field}")), ""
        )
        found.append(Row(row.field, row.test, row.text, error))
    return tuple(found)


def _rows(sent: Mapping[str, Sequence[str]], side: str) -> Iterable[Row]:
    """Rows with a fact chosen; an empty value is kept, so that it is refused where it stands."""
    columns = [sent.get(f"{side}_{name}", []) for name in ("field", "test", "values")]
    for fact, test, said in zip(*columns, strict=False):
        if fact in FIELDS:
            yield Row(fact, test, said.strip())


def _conditions(rows: Sequence[Row]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows:
        if row.field in RANGES:
            end = row.test if row.test in {"at_least", "at_most"} else "at_least"
            known = found.get(row.field)
            found[row.field] = {**(known if isinstance(known, dict) else {}), end: _figure(row)}
        else:
            values = [_word(row.field, part.strip()) for part in row.text.split(",") if part.strip()]
            found[row.field] = {"not": values} if row.test == "not" else values
    return found


def _figure(row: Row) -> Any:
    """Numbers as numbers, amounts and weights as the texts they are written as, everything else as it was sent."""
    if RANGES[row.field] == "number" and NUMBER.fullmatch(row.text):
        return int(row.text)
    return row.text.replace(",", ".")


def _word(field: str, said: str) -> str:
    """What people call it, in the document's word."""
    known = WORDS[field]
    if not known:
        return said
    plain = said.casefold()
    called = {_(SAID[word]).casefold(): word for word in known} | {word: word for word in known}
    called |= {word.replace("_", " "): word for word in known}
    return called.get(plain) or called.get(f"{plain}s") or called.get(plain[:3]) or said


def _rows_of(said: Any) -> Iterable[Row]:
    if not isinstance(said, Mapping):
        return
    for fact, value in said.items():
        if isinstance(value, Mapping) and "not" not in value:
            for end, figure in value.items():
                yield Row(fact, end, str(figure))
        else:
            turned = isinstance(value, Mapping)
            values = value["not"] if turned else value
            listed = [values] if isinstance(values, str) else values
            words = ", ".join(_(SAID.get(str(one), str(one))) for one in listed)
            yield Row(fact, "not" if turned else "is", words)


def _one(sent: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(sent.get(name, [])), "")
