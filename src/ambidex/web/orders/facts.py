"""The right hand: evidence rows as facts in words, with their badge, and who is accountable for what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ambidex.reads.order_page import OrderPage
from ambidex.runtime.db import Row
from ambidex.web.formats import local_when
from ambidex.web.happened import why_words
from ambidex.web.orders.parcels import carrier_facts
from ambidex.web.parts.views import Evidence, Fact, Person
from ambidex.web.words import translate as _

_MILESTONE_EVENTS = {
    "fulfillment.accepted": _("{place} accepted"),
    "fulfillment.refused": _("{place} refused"),
    "fulfillment.lapsed": _("{place} did not answer"),
    "watch.ownership-moved": _("Ownership moved on"),
}


def work_facts(page: OrderPage, promise: Row[Any]) -> list[Fact]:
    """What happened for the work of a promise, in order; the staging or the delivery that kept it comes last."""
    kept = promise.state == "kept"
    facts = [*_event_facts(page, promise), *_deeds(page, promise.work_no, keeps=kept)]
    facts += carrier_facts(page, promise.work_no, keeps=kept)
    return [fact for _at, fact in sorted(facts, key=lambda pair: pair[0])]


def evidence_facts(page: OrderPage, proof: Sequence[str]) -> list[Fact]:
    """The facts behind a message: its evidence when it has some, else the event it names."""
    wanted = set(proof)
    rows = [row for row in page.evidence if str(row.evidence_id) in wanted]
    grouped = _group(rows)
    return [
        _deed(page, rows_of_one, keeps="yes" if i == len(grouped) - 1 else "")
        for i, rows_of_one in enumerate(grouped)
    ]


def owner_person(page: OrderPage) -> Person | None:
    """Who answers for what is still to happen."""
    owner = page.owner
    if owner is None:
        return None
    if owner.staff_name:
        return Person(name=owner.staff_name, note=_("owns it"))
    return Person(name=duty_name(owner.role, owner.place), note=_("owns it"), icon="users")


def duty_name(role: str, place: str | None) -> str:
    """A duty as people address it: "@lead, Camden"."""
    return f"@{role}, {place}" if place else f"@{role}"


def _event_facts(page: OrderPage, promise: Row[Any]) -> list[tuple[Any, Fact]]:
    zone, place = page.zone_of(promise.location_id), page.place_name(promise.location_id)
    subject = f"-{promise.work_no}"
    return [
        (
            event.happened_at,
            Fact(
                title=_MILESTONE_EVENTS[event.name].format(place=place),
                by=f"{event.actor['name']}, {local_when(event.happened_at, zone, page.now)}",
                evidence=(Evidence(kind="system" if event.actor["kind"] == "system" else "typed"),),
                cause=why_words(event.cause),
            ),
        )
        for event in page.events
        if event.name in _MILESTONE_EVENTS
        and (
            event.payload.get("work_no", promise.work_no) == promise.work_no
            or event.subject.endswith(subject)
        )
    ]


def _deeds(page: OrderPage, work_no: int, *, keeps: bool) -> list[tuple[Any, Fact]]:
    rows = [r for r in page.evidence if r.work_no == work_no and r.step in _WAY]
    groups = _group(rows)
    last_stage = max((i for i, group in enumerate(groups) if group[0].step == "stage"), default=None)
    return [
        (group[0].happened_at, _deed(page, group, keeps="yes" if keeps and i == last_stage else ""))
        for i, group in enumerate(groups)
    ]


def _group(rows: Sequence[Row[Any]]) -> list[list[Row[Any]]]:
    groups: dict[tuple[Any, ...], list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault((row.work_no, row.step, row.line_no, row.kind, row.place, row.actor_id), []).append(
            row
        )
    return list(groups.values())


def _deed(page: OrderPage, rows: Sequence[Row[Any]], *, keeps: str) -> Fact:
    first = rows[0]
    line = next((ln for ln in page.lines if ln.line_no == first.line_no), None)
    name = line.title if line is not None else ""
    count = sum(row.quantity for row in rows)
    item = f"{count} × {name}" if count > 1 else name
    words = _STEP_WORDS[first.step].format(item=item, place=_place_words(first.shelf)).strip(" ,")
    return Fact(
        title=f"{words[:1].upper()}{words[1:]}",
        by=f"{first.actor_name}, {local_when(rows[-1].happened_at, page.zone_of(first.location_id), page.now)}",
        evidence=(Evidence(kind=first.kind),),
        keeps=keeps,
        cause=first.reason if first.step in {"cannot_find", "undo"} or first.kind == "typed" else "",
    )


def _place_words(place: str) -> str:
    """A package as people call it, a shelf as it is labelled."""
    kind, dash, number = place.partition("-")
    return _("parcel {n}").format(n=number) if dash and kind == "package" and number.isdecimal() else place


_WAY = frozenset({"pick", "cannot_find", "stage", "pack", "unpack", "dispatch", "come_back"})
_STEP_WORDS = {
    "pick": _("{item} picked"),
    "cannot_find": _("{item} not found"),
    "stage": _("Lies on {place}"),
    "hand_over": _("{item} handed over"),
    "put_away": _("{item} put away"),
    "undo": _("Hand-over undone"),
    "pack": _("Packed as {place}"),
    "unpack": _("{place} opened again"),
    "dispatch": _("{place} handed to the carrier"),
    "deliver": _("{item} delivered"),
    "come_back": _("{place} came back"),
}
