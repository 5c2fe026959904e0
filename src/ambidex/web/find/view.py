"""What the search box answers: orders that fit, then commands, each with its own key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.values import dataclass
from ambidex.reads.find import Hit
from ambidex.web.formats import in_minutes
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Found, Row
from ambidex.web.shell.nav import nav_for
from ambidex.web.words import translate as _

_DONE = {"handed_over", "canceled"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several orders a shop has for the same words."""

    number: str
    source: str
    reference: str


def groups_of(hits: Sequence[Hit], query: str, *, who: Actor, now: datetime) -> list[tuple[str, list[Found]]]:
    """The groups of the command box."""
    orders = [_found(hit, query, now=now) for hit in hits]
    return [(_("Orders"), orders), (_("Commands"), commands_of(query, who, has_hits=bool(hits)))]


def rows_of(hits: Sequence[Hit], *, now: datetime) -> list[Row]:
    """The same as rows of the page."""
    return [
        Row(
            title=" · ".join(part for part in (hit.number, hit.name) if part),
            note=" · ".join(part for part in (_where(hit), hit.email, hit.phone, _why(hit)) if part),
            end=in_minutes(hit.placed_at, now),
            href=f"/orders/{hit.order_id}",
            icon=_icon(hit),
            chip=_chip(hit, now=now),
        )
        for hit in hits
    ]


def commands_of(query: str, who: Actor, *, has_hits: bool) -> list[Found]:
    """Where this person can go, and what can be done about words that no order answers to."""
    wanted = query.strip().casefold()
    places = [
        Found(title=_("Open %(page)s", page=item.label), href=item.path, icon=item.icon, key=item.key)
        for item in nav_for(who.role)
        if wanted in item.label.casefold() or wanted in _("Open %(page)s", page=item.label).casefold()
    ]
    if wanted and not has_hits and who.may(Permission.ORDERS_CLAIM):
        pull = Found(
            title=_("Pull “%(words)s” from its shop", words=query.strip()),
            href=f"/find?q={quote(query.strip())}",
            note=_("The customer is here and the order is not"),
            icon="handshake",
        )
        return [pull, *places]
    return places


def _found(hit: Hit, query: str, *, now: datetime) -> Found:
    chip = _chip(hit, now=now)
    return Found(
        title=" · ".join(part for part in (hit.number, hit.name) if part),
        href=f"/orders/{hit.order_id}",
        note=" · ".join(part for part in (chip.text, hit.place, _why(hit)) if part),
        icon=_icon(hit),
        mark=query.strip(),
        match="exact" if hit.exact else "",
    )


def _where(hit: Hit) -> str:
    return hit.place


def _why(hit: Hit) -> str:
    words = {
        "number": "",
        "name": "",
        "e-mail": _("found by e-mail"),
        "phone": _("found by phone"),
        "item": _("found by item"),
        "code": _("by the customer's code"),
        "similar": _("something similar"),
    }
    return words.get(hit.matched, hit.matched)


def _icon(hit: Hit) -> str:
    if hit.work_state == "handed_over":
        return "package-check"
    return "package-x" if hit.state == "canceled" else "package"


def _chip(hit: Hit, *, now: datetime) -> Chip:
    if hit.state in {"canceled", "expired"}:
        return Chip(text=_("Canceled"), icon="ban")
    late = hit.next_deadline is not None and hit.next_deadline < now and hit.work_state not in _DONE
    words = {
        "offered": _("New"),
        "accepted": _("To pick"),
        "picking": _("Being picked"),
        "picked": _("In hand"),
        "staged": _("On the shelf"),
        "ready": _("Ready"),
        "handed_over": _("Handed over"),
        "short": _("Missing"),
        "refused": _("Refused"),
        "lapsed": _("Unanswered"),
    }
    word = words.get(hit.work_state, hit.state.capitalize())
    if late and hit.work_state != "ready":
        return Chip(text=_("%(word)s, late", word=word), mean=Mean.BROKEN)
    meant = {"ready": Mean.WAITING, "handed_over": Mean.ON_TRACK, "short": Mean.AT_RISK}
    return Chip(text=word, mean=meant.get(hit.work_state, Mean.NONE))
