"""The head of an order: what is true now in one sentence, its clock, who owns it, what is next, one primary button."""

from __future__ import annotations

from typing import Any

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import child_id
from ambidex.kernel.values import dataclass
from ambidex.reads.order_page import OrderPage
from ambidex.runtime.db import Row
from ambidex.web.formats import local_when
from ambidex.web.happened import MILESTONES
from ambidex.web.orders.beside import owed_of
from ambidex.web.orders.facts import duty_name
from ambidex.web.orders.parcels import failed_primary, is_sent, sent_primary, sent_sentence
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Action, Chip, Mile, Person
from ambidex.web.words import translate as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What the head of the page shows."""

    sentence: str
    chip: Chip
    owner: Person | None
    next_step: str
    moves_on: str
    clock: Clock | None
    miles: tuple[Mile, ...]
    primary: Action | None
    others: tuple[Action, ...]
    banners: tuple[str, ...]

    @property
    def mean(self) -> Mean:
        return self.chip.mean


def now_of(page: OrderPage, actor: Actor) -> Now:
    """The head of this order for this person."""
    promise = _leading_promise(page)
    clock = _clock(page, promise) if promise is not None else None
    mean = clock.mean if clock else _settled_mean(page)
    return Now(
        sentence=_sentence(page, promise),
        chip=Chip(text=_word(page, mean), mean=mean),
        owner=_owner(page),
        next_step=str(page.owner.next_step) if page.owner is not None else _("Nothing is left to do."),
        moves_on=_moves_on(page),
        clock=clock,
        miles=tuple(_miles(page, promise))
        if promise is not None and promise.kind in {"ready_by", "delivered_by"}
        else (),
        primary=_primary(page, actor),
        others=tuple(_others(page, actor)),
        banners=tuple(row.detail for row in page.exceptions if row.state == "open" and row.detail),
    )


_ARRIVED = ("delivered", "returned_to_sender", "lost")


def open_work(page: OrderPage) -> Row[Any] | None:
    """The work that is still going on, if any."""
    ended = {"handed_over", "refused", "lapsed", "taken_back", "short", "canceled", *_ARRIVED}
    return next((work for work in page.works if work.state not in ended), None)


def _leading_promise(page: OrderPage) -> Row[Any] | None:
    made = [p for p in page.promises if p.state == "made"]
    return min(made, key=lambda p: p.due_at, default=None)


def _clock(page: OrderPage, promise: Row[Any]) -> Clock:
    zone = page.zone_of(promise.location_id)
    missed = any(
        m.promise_no == promise.promise_no and m.reached_at is None and m.due_at < page.now
        for m in page.milestones
    )
    failed = any(w.work_no == promise.work_no and w.state == "delivery_failed" for w in page.works)
    at_risk = missed or failed
    least = Mean.WAITING if promise.kind == "answer_by" else Mean.AT_RISK if at_risk else Mean.ON_TRACK
    words = {
        "ready_by": _("Ready at {place} by"),
        "delivered_by": _("From {place}, with the customer by"),
        "news_by": _("The customer hears of it by"),
        "answer_by": _("Answer by"),
        "refund_by": _("Money back by"),
    }.get(promise.kind, _("By"))
    what = words.format(place=page.place_name(promise.location_id))
    return Clock(what=what, by=promise.due_at, began=promise.made_at, now=page.now, zone=zone, least=least)


def _miles(page: OrderPage, promise: Row[Any]) -> list[Mile]:
    zone = page.zone_of(promise.location_id)
    rows = [m for m in page.milestones if m.promise_no == promise.promise_no]
    first_open = next((m.kind for m in rows if m.reached_at is None), "")
    return [
        Mile(
            name=MILESTONES[m.kind],
            when=local_when(m.reached_at, zone, page.now)
            if m.reached_at
            else _("by {time}").format(time=local_when(m.due_at, zone, page.now)),
            state="done" if m.reached_at else "now" if m.kind == first_open else "later",
        )
        for m in rows
    ]


def _sentence(page: OrderPage, promise: Row[Any] | None) -> str:
    if page.order.state == "canceled":
        return _("Canceled. Nothing is to be handed over.")
    if promise is not None and promise.kind == "answer_by":
        return _("Something is missing. The customer chooses what happens.")
    work = open_work(page)
    if work is None:
        states = {w.state for w in page.works}
        ended = ("handed_over", "delivered", "lost", "returned_to_sender")
        return next((_ENDED[state] for state in ended if state in states), _("Nothing is under way."))
    place = page.place_name(work.location_id)
    if is_sent(work):
        return sent_sentence(work, place)
    return _WORK_SENTENCES[work.state].format(place=place, shelf=work.shelf, who=work.assignee_name)


_ENDED = {
    "handed_over": _("Handed over."),
    "delivered": _("Delivered."),
    "lost": _("A parcel got lost."),
    "returned_to_sender": _("It comes back to its sender."),
}
_WORK_SENTENCES = {
    "offered": _("{place} has it in the list and has not accepted yet."),
    "accepted": _("{who} at {place} accepted it. Picking has not begun."),
    "picking": _("{place} is picking it."),
    "picked": _("Everything is picked at {place} and waits for a shelf."),
    "staged": _("It lies on {shelf} at {place}. Nobody has told the customer yet."),
    "ready": _("It lies on {shelf} at {place}. The customer may come."),
}


def _word(page: OrderPage, mean: Mean) -> str:
    work = open_work(page)
    if work is not None and work.state == "ready":
        return _("Ready")
    if mean is Mean.NONE:
        settled = _("Money is owed") if owed_of(page) else _("Settled")
        return _("Canceled") if page.order.state == "canceled" else settled
    return {Mean.ON_TRACK: _("On track"), Mean.AT_RISK: _("At risk"), Mean.BROKEN: _("Late")}.get(mean) or _(
        "Waiting for the customer"
    )


def _settled_mean(page: OrderPage) -> Mean:
    work = open_work(page)
    return Mean.ON_TRACK if work is not None and work.state == "ready" else Mean.NONE


def _owner(page: OrderPage) -> Person | None:
    owner = page.owner
    if owner is None:
        return None
    since = _("since {time}").format(time=local_when(owner.since, page.zone_of(owner.location_id), page.now))
    if owner.staff_name:
        return Person(name=owner.staff_name, note=f"{duty_name(owner.role, owner.place)} · {since}")
    return Person(name=duty_name(owner.role, owner.place), note=since, icon="users")


def _moves_on(page: OrderPage) -> str:
    if page.owner is None:
        return ""
    time = local_when(page.owner.next_deadline, page.zone_of(page.owner.location_id), page.now)
    if page.owner.waiting_for == "customer":
        return _("We wait for the customer until {time}.").format(time=time)
    return _("If nobody answers by {time}, it moves to the next in the duty chain.").format(time=time)


def _primary(page: OrderPage, actor: Actor) -> Action | None:
    work = open_work(page)
    if work is not None and work.state == "delivery_failed":
        may = actor.may(Permission.ORDERS_CANCEL, at=work.location_id)
        return failed_primary(page, work) if may else None
    if work is None or not actor.may(Permission.WORK_DO, at=work.location_id):
        return None
    if is_sent(work) and work.state not in {"offered", "accepted", "picking"}:
        return sent_primary(work)
    path = f"/work/{child_id(page.order.order_id, work.work_no)}"
    if work.state == "offered":
        return Action(label=_("Accept"), post=f"{path}/accept", icon="check", look="primary", key="a")
    if work.state in {"accepted", "picking", "picked"}:
        label = _("Stage") if work.state == "picked" else _("Pick")
        return Action(label=label, href=f"{path}/pick", icon="scan-barcode", look="primary", key="p")
    if work.state == "staged":
        return Action(label=_("Say it is ready"), post=f"{path}/ready", icon="check", look="primary", key="r")
    return Action(
        label=_("Hand over"), href=f"{path}/hand-over", icon="scan-barcode", look="primary", key="h"
    )


def _others(page: OrderPage, actor: Actor) -> list[Action]:
    path = f"/orders/{page.order.order_id}/receipt"
    why = [Action(label=_("Why here"), href=path, icon="route", key="y")] if page.decisions else []
    if page.order.state in {"canceled", "closed"} or not actor.may(Permission.ORDERS_CANCEL):
        return why
    return [*why, Action(label=_("Cancel…"), href=f"/orders/{page.order.order_id}?cancel=1", key="c")]
