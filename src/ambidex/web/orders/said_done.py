"""The two hands of an order: each promise and message, joined to the facts that kept it, or did not yet.

Pure: turns the rows of reads/order_page.py into parts. A fact stands under the promise of its work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ambidex.reads.order_page import OrderPage
from ambidex.runtime.db import Row
from ambidex.web.formats import local_when
from ambidex.web.happened import MESSAGES, promise_words, why_words
from ambidex.web.orders.facts import evidence_facts, owner_person, work_facts
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Fact, Thread
from ambidex.web.words import translate as _

Rows = Sequence[Row[Any]]

_TELLS_READY_BY = ("late", "confirmed", "choice-confirmed")
_SAID_AS = {"ready_by": "ready_by", "delivered_by": "arrives_by"}
_TELLS_QUESTION = ("options", "short-at-arrival", "late")
_PROMISE_STATES = {
    "made": ("open", Mean.ON_TRACK, "timer"),
    "kept": ("kept", Mean.ON_TRACK, "check"),
    "broken": ("broken", Mean.BROKEN, "x"),
    "released": ("released", Mean.NONE, "minus"),
}


def threads(page: OrderPage) -> tuple[list[Thread], list[Thread]]:
    """Open threads by deadline, then closed ones, newest first."""
    told: set[int] = set()
    from_promises = [_promise_thread(page, row, told) for row in page.promises if row.state != "re_promised"]
    from_messages = [_message_thread(page, row) for row in page.messages if row.message_no not in told]
    everything = [*from_promises, *from_messages]
    return [t for t in everything if t.state == "open"], [t for t in everything if t.state != "open"][::-1]


def _promise_thread(page: OrderPage, promise: Row[Any], told: set[int]) -> Thread:
    state, mean, joint = _PROMISE_STATES[promise.state]
    waits_for_customer = promise.kind == "answer_by"
    mean = Mean.WAITING if waits_for_customer and state == "open" else mean
    message = _message_of(page, promise)
    if message is not None:
        told.add(message.message_no)
    zone = page.zone_of(promise.location_id)
    clock = _clock(page, promise, zone, mean) if state == "open" else None
    shown = clock.mean if clock else mean
    return Thread(
        title=_promise_title(page, promise, zone),
        before=_earlier_time(page, promise, zone),
        via=_via(page, message, zone),
        via_icon="mail" if message is None or message.speaker == "us" else "store",
        wording=_wording(message),
        mean=shown,
        state=state,
        chip=Chip(text=_promise_word(promise, shown), mean=shown),
        clock=clock,
        joint="hourglass" if waits_for_customer else joint,
        facts=tuple(_promise_facts(page, promise)),
        anchor=f"promise-{promise.promise_no}",
    )


def _promise_facts(page: OrderPage, promise: Row[Any]) -> list[Fact]:
    found = work_facts(page, promise) if promise.kind in _SAID_AS else _answer_facts(page, promise)
    if promise.state == "made":
        return [*found, Fact(title=_not_yet(page, promise), keeps="not-yet", owner=owner_person(page))]
    if promise.state in {"broken", "released"}:
        word = _("Not kept in time") if promise.state == "broken" else _("No longer owed")
        return [*found, Fact(title=word, keeps="no", cause=why_words(promise.cause))]
    return found


def _answer_facts(page: OrderPage, promise: Row[Any]) -> list[Fact]:
    zone = page.zone_of(promise.location_id)
    held = [
        Fact(title=str(option["words"]), by=_("Held for the customer") if option.get("hold_id") else "")
        for option in promise.facts.get("options", [])
    ]
    if promise.state != "kept":
        return held
    chosen = promise.facts.get("chosen_words") or promise.cause or _("The customer chose")
    return [*held, Fact(title=str(chosen), by=local_when(promise.closed_at, zone, page.now), keeps="yes")]


def _message_thread(page: OrderPage, message: Row[Any]) -> Thread:
    work = next((w for w in page.works if w.work_no == message.work_no), None)
    zone = page.zone_of(work.location_id if work else None)
    settled = message.state in {"sent", "reported"}
    withdrawn = message.state == "withdrawn"
    mean = Mean.NONE if withdrawn else Mean.ON_TRACK if settled else Mean.AT_RISK
    if message.state in {"failed", "unknown"}:
        mean = Mean.BROKEN
    proofs = evidence_facts(page, message.proof)
    return Thread(
        title=_message_title(message),
        via=_via(page, message, zone),
        via_icon="mail" if message.speaker == "us" else "store",
        wording=_wording(message),
        mean=mean,
        state="kept" if settled else "released" if withdrawn else "broken" if mean is Mean.BROKEN else "open",
        chip=Chip(text=_message_word(message), mean=mean),
        joint="mail",
        facts=tuple(proofs)
        or (Fact(title=message.reason or _("Proven by the order itself"), keeps="yes" if settled else ""),),
        anchor=f"message-{message.message_no}",
    )


def _message_of(page: OrderPage, promise: Row[Any]) -> Row[Any] | None:
    """The newest message that told this very promise: the same time for a ready-by, the same work for a question."""
    if promise.kind in _SAID_AS:
        due = promise.due_at.isoformat()
        told = [
            m
            for m in page.messages
            if m.kind in _TELLS_READY_BY and m.facts.get(_SAID_AS[promise.kind]) == due
        ]
    elif promise.kind == "answer_by":
        works = {0, promise.work_no}
        told = [
            m
            for m in page.messages
            if m.kind in _TELLS_QUESTION and m.work_no in works and m.queued_at >= promise.made_at
        ]
    else:
        told = []
    return told[-1] if told else None


def _clock(page: OrderPage, promise: Row[Any], zone: str, mean: Mean) -> Clock:
    missed = any(
        m.promise_no == promise.promise_no and m.reached_at is None and m.due_at < page.now
        for m in page.milestones
    )
    least = Mean.WAITING if mean is Mean.WAITING else Mean.AT_RISK if missed else Mean.ON_TRACK
    return Clock(
        what=_("Until") if promise.kind == "answer_by" else _("By"),
        by=promise.due_at,
        began=promise.made_at,
        now=page.now,
        zone=zone,
        least=least,
    )


def _promise_title(page: OrderPage, promise: Row[Any], zone: str) -> str:
    place, due = page.place_name(promise.location_id), local_when(promise.due_at, zone, page.now)
    return promise_words(promise.kind, place=place, due=due)


def _earlier_time(page: OrderPage, promise: Row[Any], zone: str) -> str:
    earlier = next((p for p in page.promises if p.promise_no == promise.replaces), None)
    return (
        local_when(earlier.due_at, zone, page.now) if earlier is not None and promise.kind in _SAID_AS else ""
    )


def _not_yet(page: OrderPage, promise: Row[Any]) -> str:
    match promise.kind:
        case "answer_by":
            return _("Not yet: the customer’s answer")
        case "refund_by":
            return _("Not yet: money back")
        case "news_by":
            return _("Not yet: a place that has it")
        case "correction_by":
            return _("Not yet: the correction sent")
        case _:
            work = next((w for w in page.works if w.work_no == promise.work_no), None)
            words = _NEXT_SENT if promise.kind == "delivered_by" else _NEXT
            return words.get(work.state if work else "", _("Not yet"))


_NEXT = {
    "offered": _("Not yet: accepted, picked, staged"),
    "accepted": _("Not yet: picked and staged"),
    "picking": _("Not yet: the rest picked, all staged"),
    "picked": _("Not yet: staged"),
    "staged": _("Not yet: declared ready"),
    "ready": _("Not yet: ready"),
}
_NEXT_SENT = {
    "offered": _("Not yet: accepted, picked, packed"),
    "accepted": _("Not yet: picked, packed, handed to the carrier"),
    "picking": _("Not yet: the rest picked, packed"),
    "picked": _("Not yet: packed and labelled"),
    "packed": _("Not yet: handed to the carrier"),
    "dispatched": _("Not yet: delivered"),
    "delivery_failed": _("Not yet: delivered. The carrier could not"),
    "returned_to_sender": _("Not yet: it comes back"),
}


def _promise_word(promise: Row[Any], mean: Mean) -> str:
    words = {"kept": _("Kept"), "broken": _("Broken"), "released": _("Released")}
    open_words = {
        Mean.WAITING: _("Waiting for the customer"),
        Mean.AT_RISK: _("At risk"),
        Mean.BROKEN: _("Late"),
    }
    return words.get(str(promise.state)) or open_words.get(mean) or _("On track")


def _message_word(message: Row[Any]) -> str:
    words = {
        "queued": _("Not sent yet"),
        "sending": _("Being sent"),
        "sent": _("Sent"),
        "reported": _("Said by the platform"),
        "failed": _("Not delivered"),
        "unknown": _("Nobody knows whether it arrived"),
        "withdrawn": _("Withdrawn before it was sent"),
    }
    return words[str(message.state)]


def _message_title(message: Row[Any]) -> str:
    return MESSAGES.get(str(message.kind), str(message.kind))


def _via(page: OrderPage, message: Row[Any] | None, zone: str) -> str:
    if message is None:
        return _("Promised, told on the order page")
    when = local_when(message.settled_at or message.queued_at, zone, page.now)
    who = _("E-mail") if message.speaker == "us" else _("The shop platform")
    return f"{who}, {when}"


def _wording(message: Row[Any] | None) -> str:
    return str(message.wording) if message is not None else ""
