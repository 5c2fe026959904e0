"""One event of the house as a sentence. `tests/web/test_happened.py` walks all events: one without words fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ambidex.web.happened.facts import Around, Happened, said_by, when
from ambidex.web.happened.sentences import SENTENCES
from ambidex.web.happened.values import (
    DEEDS,
    MESSAGES,
    MILESTONES,
    MONEY,
    OPTIONS,
    SIDES,
    STEPS,
    TASKS,
    WATCHED,
    lowered,
    promise_words,
)
from ambidex.web.orders.receipt.causes import cause_words
from ambidex.web.words import translate as _

Payload = Mapping[str, Any]
Words = dict[str, str]


def told(event: Happened, around: Around) -> str:
    """The sentence, on the clock of the page. KeyError for an event that has no words."""
    words = {**said_by(event, around), "cause": lowered(cause_words(event.cause))}
    more = _OF.get(event.name.partition(".")[0])
    words |= more(event.payload, words, around) if more else {}
    said = _sentence(event).format_map(words)
    return said[:1].upper() + said[1:]


def _sentence(event: Happened) -> str:
    """Some events say two things: a deadline that was met or let go, a step in time or late, another day or the first."""
    if event.name == "watch.closed" and event.payload["outcome"] == "resolved":
        return "{came}"
    if event.name == "promises.milestone-reached" and event.at > datetime.fromisoformat(
        event.payload["due_at"]
    ):
        return _("{mile} late: it was due by {due}")
    if event.name == "transfers.redated" and not event.payload["was_expected_at"]:
        return _("{reference}: it comes {expected}")
    return SENTENCES[event.name]


def _watch(payload: Payload, words: Words, around: Around) -> Words:
    said = payload.get("waits_for", "")
    if isinstance(said, Mapping):
        return {"watched": "; ".join(_until(name, due, around) for name, due in said.items())}
    if not said:
        return _owner(payload)
    watched = WATCHED[said]
    return {
        "until_when": watched.until.format_map({"due": "", **words}),
        "late": watched.late.format_map(words),
        "came": watched.came.format_map(words),
        "thing": watched.thing.format_map(words),
    }


def _until(name: str, due: str, around: Around) -> str:
    waits_for, _colon, work_no = name.partition(":")
    place = around.places.get(int(work_no or 0), "") or _("the place")
    return WATCHED[waits_for].until.format(place=place, due=when(due, around))


def _owner(payload: Payload) -> Words:
    """Duties as people address them."""
    roles = {
        name: f"@{payload[key]}"
        for name, key in {"role": "role", "from": "from_role", "to": "to_role"}.items()
        if payload.get(key)
    }
    if payload.get("to_staff_name"):
        roles["to"] += f", {payload['to_staff_name']}"
    return roles | {"step": lowered(str(payload.get("next_step", "")))}


def _promise(payload: Payload, words: Words, _around: Around) -> Words:
    if payload["kind"] in MILESTONES:
        return {"mile": MILESTONES[payload["kind"]]}
    late = int(payload.get("late_seconds") or 0) // 60
    return {
        "promise": lowered(promise_words(payload["kind"], place=words["place"], due=words["due"])),
        "late": _(", {n} min late").format(n=late) if late else "",
    }


def _order(payload: Payload, _words: Words, _around: Around) -> Words:
    short = int(payload.get("short") or 0)
    return {"short": _(", {n} of them nowhere in stock").format(n=short) if short else ""}


def _work(payload: Payload, _words: Words, _around: Around) -> Words:
    words = {"to": payload.get("collector") or _("the customer")}
    refused = sum(int(n) for n in payload.get("refused", {}).values())
    words["refused"] = _("; {n} were not wanted").format(n=refused) if refused else ""
    if "option" in payload:
        words["who"] = (
            _("The customer chose:") if payload["answered"] else _("The customer did not answer, so we")
        )
        words["option"] = OPTIONS[payload["option"].partition(":")[0]]
    if "step" in payload:
        words["step"] = STEPS[payload["step"]]
    if "side" in payload:
        words["side"] = SIDES[payload["side"]]
    return words


def _task(payload: Payload, _words: Words, _around: Around) -> Words:
    return {"task": TASKS[payload["kind"]], **_owner(payload)}


def _money(payload: Payload, words: Words, _around: Around) -> Words:
    return {"money": MONEY[payload["kind"]].format_map(words)} if "kind" in payload else {}


_OF: Mapping[str, Callable[[Payload, Words, Around], Words]] = {
    "watch": _watch,
    "promises": _promise,
    "orders": _order,
    "fulfillment": _work,
    "tasks": _task,
    "payments": _money,
    "pocket": lambda said, _words, _around: {"deed": DEEDS[said["kind"]]},
    "messages": lambda said, _words, _around: {"message": lowered(MESSAGES[said["kind"]])},
}
