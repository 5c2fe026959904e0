"""The hand-over: who collects and how we know, what is brought from where, what stays, and how it can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ambidex.kernel.values import dataclass
from ambidex.reads.picking import Picking
from ambidex.runtime.db import Row
from ambidex.web.formats import local_full, local_when, money
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Evidence, Happening, Option, Picture, Stage
from ambidex.web.store.cards import ATTEND_WITHIN
from ambidex.web.store.words import items_words, picture_of
from ambidex.web.words import translate as _

# the same minutes as the rule of fulfillment, which decides
UNDO_WITHIN = timedelta(minutes=15)
SOMEBODY = "other"
TICKS_MAX = 5


@dataclass(frozen=True, slots=True)
class Give:
    """A line to hand over: a tick per unit, ticked by default; above TICKS_MAX a number to step."""

    line_no: int
    title: str
    note: str
    picture: Picture
    left: int
    given: int

    @property
    def ticks(self) -> tuple[bool, ...]:
        """Whether each unit is ticked; empty when there are too many to tick."""
        return tuple(n < self.given for n in range(self.left)) if self.left <= TICKS_MAX else ()


@dataclass(frozen=True, slots=True)
class Counter:
    """What the hand-over page shows."""

    customer: str
    summary: str
    clock: Clock | None
    steps: tuple[Stage, ...]
    place: str
    gives: tuple[Give, ...]
    left: int
    collectors: tuple[Option, ...]
    checks: tuple[Option, ...]
    collector: str
    code: str

    @property
    def known(self) -> bool:
        """Whether the customer's code matched."""
        return bool(self.code)


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What happened at the counter, and until when it can be undone."""

    happened: tuple[Happening, ...]
    undo_until: Any | None
    sentence: str


def counter_of(work: Picking, *, code: str = "", form: Mapping[str, str] | None = None) -> Counter:
    """The page of a ready work. `code` is one that was found to open it; `form` what was said before a refusal."""
    row = work.work
    said = form or {}
    gives = tuple(_give(line, said) for line in work.lines if line.wanted > line.handed_over)
    left = sum(give.left for give in gives)
    place = work.label_of(row.staging_place)
    return Counter(
        customer=row.contact_name or row.number,
        summary=_(
            "%(items)s, %(total)s", items=items_words(left), total=money(row.total_minor, row.currency)
        ),
        clock=_waiting_clock(work),
        steps=(
            Stage(
                title=_("Who collects"),
                state="done" if code else "now",
                mean=Mean.ON_TRACK,
            ),
            Stage(title=_("Bring from"), state="now" if code else "later", mean=Mean.ON_TRACK),
        ),
        place=place,
        gives=gives,
        left=left,
        collectors=_collectors(row, said),
        checks=checks(said),
        collector=said.get("collector", ""),
        code=code,
    )


def handed_of(work: Picking) -> HandedOver:
    """What was handed over to whom, and whether it can still be undone."""
    row = work.work
    happened = tuple(_happening(work, each) for each in work.evidence if each.step in {"hand_over", "undo"})
    until = row.handed_over_at + UNDO_WITHIN if row.handed_over_at else None
    given = sum(line.handed_over for line in work.lines)
    who = row.collector or row.contact_name
    return HandedOver(
        happened=happened,
        undo_until=until if until and work.now <= until and given else None,
        sentence=_("%(items)s handed over to %(who)s", items=items_words(given), who=who),
    )


def undo_words(handed: HandedOver, work: Picking) -> str:
    """How long the hand-over can be undone."""
    if handed.undo_until is None:
        return ""
    left: timedelta = handed.undo_until - work.now
    return _("Can be undone for %(n)s more min.", n=max(1, int(left.total_seconds() // 60)))


def units_given(form: Mapping[str, str], work: Picking) -> dict[int, int]:
    """Units by line as ticked or stepped on the page; lines left out are not given now."""
    counts = {line.line_no: _count(form, line) for line in work.lines}
    return {line_no: count for line_no, count in counts.items() if count}


def rest_of(form: Mapping[str, str], work: Picking, units: Mapping[int, int]) -> dict[int, int]:
    """Units by line that the customer does not want, when the page said so."""
    if form.get("rest") != "refuse":
        return {}
    left = {line.line_no: line.wanted - line.handed_over - units.get(line.line_no, 0) for line in work.lines}
    return {line_no: count for line_no, count in left.items() if count > 0}


def collector_of(form: Mapping[str, str]) -> str:
    """Who takes it along, as chosen or written."""
    chosen = form.get("who", "")
    return form.get("collector", "").strip() if chosen == SOMEBODY else chosen.strip()


def _waiting_clock(work: Picking) -> Clock | None:
    row = work.work
    if row.customer_side != "arrived" or row.customer_side_since is None:
        return None
    since = row.customer_side_since
    return Clock(
        what=_("Here since"),
        by=since + ATTEND_WITHIN,
        began=since,
        now=work.now,
        zone=work.zone,
        since=since,
    )


def _give(line: Row[Any], said: Mapping[str, str]) -> Give:
    left = line.wanted - line.handed_over
    return Give(
        line_no=line.line_no,
        title=line.name,
        note=" · ".join(part for part in (line.variant, line.care_note) if part),
        picture=picture_of(line),
        left=left,
        given=min(left, _count(said, line)) if said else left,
    )


def _count(form: Mapping[str, str], line: Row[Any]) -> int:
    said = form.get(f"give_{line.line_no}", "0")
    return int(said) if said.isdecimal() else 0


def _collectors(row: Row[Any], said: Mapping[str, str]) -> tuple[Option, ...]:
    known = [(row.contact_name, _("The customer"))]
    known += [(str(name), _("Named by the customer")) for name in row.collectors]
    chosen = said.get("who", row.contact_name)
    named = [
        Option(value=name, title=name, note=note, chosen="yes" if name == chosen else "")
        for name, note in known
        if name
    ]
    other = Option(
        value=SOMEBODY,
        title=_("Someone else"),
        note=_("Write the name below"),
        chosen="yes" if chosen == SOMEBODY else "",
    )
    return (*named, other)


def checks(said: Mapping[str, str]) -> tuple[Option, ...]:
    """What can be checked in place of a code; only the kind is kept."""
    known = (
        ("photo id", _("Photo ID"), _("Name and face fit")),
        ("order e-mail", _("Our e-mail"), _("On their phone")),
        ("payment card", _("Payment card"), _("Name fits")),
    )
    return tuple(
        Option(value=value, title=title, note=note, chosen="yes" if said.get("checked") == value else "")
        for value, title, note in known
    )


def _happening(work: Picking, row: Row[Any]) -> Happening:
    line = next((each for each in work.lines if each.line_no == row.line_no), None)
    name = line.name if line is not None else ""
    item = f"{row.quantity} × {name}" if row.quantity > 1 else name
    undone = row.step == "undo"
    return Happening(
        text=_("%(item)s came back", item=item) if undone else _("%(item)s handed over", item=item),
        when=local_when(row.happened_at, work.zone, work.now),
        who=row.actor_name,
        icon="undo-2" if undone else "shopping-bag",
        evidence=(Evidence(kind=row.kind),),
        side="done",
        full_time=local_full(row.happened_at, work.zone),
    )


def partly_chip(work: Picking) -> Chip | None:
    """Said above when only a part was taken."""
    given = sum(line.handed_over for line in work.lines)
    if not given or work.work.state == "handed_over":
        return None
    return Chip(text=_("%(items)s collected already", items=items_words(given)), mean=Mean.WAITING)
