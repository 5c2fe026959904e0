"""One work as a walk: its clock, its units, each line where it lies, what "cannot find" leads to, where it is staged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass
from ambidex.reads.picking import Picking
from ambidex.runtime.db import Row
from ambidex.web.formats import local_when, money
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Evidence, Option, PickLine, Stage
from ambidex.web.parts.views import Row as RowView
from ambidex.web.store.cards import ready_clock
from ambidex.web.store.ship_cards import is_sent, sent_clock
from ambidex.web.store.words import items_words, picture_of, sure_of, walk_order, way_to
from ambidex.web.words import translate as _

UNITS_SHOWN_MAX = 8
UNSURE = 2
FREE_SHOWN_MAX = 6


@dataclass(frozen=True, slots=True)
class Walk:
    """What the pick page shows; `left` is how many units are still to scan."""

    clock: Clock | None
    lines: tuple[PickLine, ...]
    units: tuple[Chip, ...]
    units_label: str
    left: int


def walk_of(work: Picking) -> Walk:
    """The lines in walking order: the first unfinished one is open, the finished ones above it."""
    ordered = sorted(work.lines, key=lambda line: walk_order(line.spot))
    done = [line for line in ordered if line.picked >= line.wanted]
    todo = [line for line in ordered if line.picked < line.wanted]
    lines = [_done(work, line) for line in done if line.wanted or line.short]
    lines += [_todo(work, line, state="next" if at else "open") for at, line in enumerate(todo)]
    chips, label = _units(work)
    return Walk(clock_of(work), tuple(lines), chips, label, work.wanted - work.picked)


def clock_of(work: Picking) -> Clock | None:
    """The promise of this work; none when nothing was promised."""
    row = work.work
    if row.state == "offered" and row.next_milestone:
        return Clock(
            what=_("Accept by"),
            by=row.next_milestone,
            began=row.offered_at,
            now=work.now,
            zone=work.zone,
        )
    if is_sent(row):
        return sent_clock(row, now=work.now, zone=work.zone)
    return None if row.due_at is None else ready_clock(row, now=work.now, zone=work.zone)


def open_line_of(work: Picking) -> Row[Any] | None:
    """The line whose unit comes next on the walk."""
    todo = [line for line in work.lines if line.picked < line.wanted]
    return min(todo, key=lambda line: walk_order(line.spot), default=None)


def ways_of(work: Picking, line: Row[Any]) -> tuple[Option, ...]:
    """What can happen when the open line's units cannot be found."""
    others = [place for place in work.elsewhere if place.item_id == line.item_id]
    name = first_name(work)
    if others:
        first = others[0]
        more = ", ".join(place.place for place in others[1:3])
        note = _("%(n)s there. %(name)s chooses before travelling.", n=first.free, name=name)
        ask = Option(
            value="ask",
            title=_("Hold it at %(place)s and ask %(name)s", place=first.place, name=name),
            note=f"{note} {_('Also at')} {more}." if more else note,
            chosen="yes",
        )
    else:
        ask = Option(
            value="ask",
            title=_("Ask %(name)s: wait or cancel", name=name),
            note=_("No other place near has it now."),
            chosen="yes",
        )
    _steps, words = sure_of(line)
    look = Option(value="look", title=_("Look in the stockroom first"), note=words)
    return ask, look


def told_of(work: Picking, line: Row[Any]) -> str:
    """What follows from "cannot find", in one sentence before it happens."""
    return _(
        "%(name)s is asked what to do. The missing %(item)s counts as lost until somebody counts it.",
        name=first_name(work),
        item=line.name,
    )


def first_name(work: Picking) -> str:
    """How the customer is called in a sentence."""
    return str(work.work.contact_name).split(" ")[0] if work.work.contact_name else _("the customer")


def offer_rows(work: Picking) -> list[RowView]:
    """What is asked of the place, line by line, before it says yes."""
    rows = []
    asked = [line for line in work.lines if line.wanted] or work.lines
    for line in sorted(asked, key=lambda each: walk_order(each.spot)):
        steps, _words = sure_of(line)
        rows.append(
            RowView(
                title=_counted_title(line),
                note=" · ".join(part for part in (line.variant, line.spot) if part),
                picture=picture_of(line),
                chip=Chip(text=_("Look first"), mean=Mean.AT_RISK)
                if steps <= UNSURE and line.wanted
                else None,
            )
        )
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Keepable:
    """Units of one line that a place may keep when it says no to the rest."""

    line_no: int
    title: str
    units: int


def keepable(work: Picking) -> list[Keepable]:
    """What can be kept by itself; nothing when all of it is one unit."""
    asked = [line for line in work.lines if line.wanted]
    if sum(line.wanted for line in asked) <= 1:
        return []
    return [
        Keepable(
            line_no=line.line_no,
            title=", ".join(part for part in (_counted_title(line), line.variant) if part),
            units=line.wanted,
        )
        for line in sorted(asked, key=lambda each: walk_order(each.spot))
    ]


def units_kept(form: Mapping[str, str]) -> dict[int, int]:
    """Units by line that the place can do all the same, as its form says. Raises BadInput."""
    said = {
        name.removeprefix("can_"): count.strip() for name, count in form.items() if name.startswith("can_")
    }
    if any(not (name.isdecimal() and count.isdecimal()) for name, count in said.items()):
        raise BadInput(errors=[{"field": "units", "expected": "a whole number of units a line"}])
    return {int(name): int(count) for name, count in said.items() if int(count)}


def in_hand_rows(work: Picking) -> list[RowView]:
    """What lies in the picker's hands, to be staged."""
    return [
        RowView(
            title=_counted_title(line),
            note=line.variant,
            picture=picture_of(line),
            chip=Chip(text=_("Scanned"), mean=Mean.ON_TRACK, icon="check") if line.picked else None,
        )
        for line in work.lines
        if line.picked
    ]


def stage_steps(work: Picking) -> tuple[Stage, ...]:
    """Bring it to a shelf, then say it is ready."""
    staged = work.work.state in {"staged", "ready"}
    where = work.label_of(work.work.staging_place)
    return (
        Stage(
            title=_("Lies on %(place)s", place=where) if staged else _("Bring it to a pickup shelf"),
            note="" if staged else _("Put everything there, then scan the label of the shelf."),
            state="done" if staged else "now",
            mean=Mean.ON_TRACK,
        ),
        Stage(
            title=_("Say it is ready"),
            note=_("%(name)s gets the message at once, with the code to collect.", name=first_name(work)),
            state="now" if staged else "later",
            mean=Mean.ON_TRACK,
        ),
    )


def free_places(work: Picking) -> list[tuple[str, str]]:
    """Shelves with nothing on them: code and what people call them."""
    free = [(str(s.code), str(s.label or s.code)) for s in work.staging if not s.taken]
    return free[:FREE_SHOWN_MAX]


def staged_evidence(work: Picking) -> tuple[Evidence, str] | None:
    """How we know where it lies: the last staging scan and who made it."""
    rows = [row for row in work.evidence if row.step == "stage"]
    if not rows:
        return None
    last = rows[-1]
    return Evidence(kind=last.kind), f"{last.actor_name}, {local_when(last.happened_at, work.zone, work.now)}"


def _done(work: Picking, line: Row[Any]) -> PickLine:
    proof = [row for row in work.evidence if row.line_no == line.line_no and row.step == "pick"]
    missing = _("%(n)s not found", n=line.short) if line.short else ""
    when = local_when(proof[-1].happened_at, work.zone, work.now) if proof else ""
    return PickLine(
        title=_counted_title(line),
        picture=picture_of(line),
        state="done" if line.wanted else "gone",
        evidence=Evidence(kind=proof[-1].kind) if proof else None,
        when=" · ".join(part for part in (when, missing) if part),
        counted="" if line.wanted else missing,
        anchor=f"line-{line.line_no}",
    )


def _todo(work: Picking, line: Row[Any], *, state: str) -> PickLine:
    steps, words = sure_of(line)
    left = line.wanted - line.picked
    clock = clock_of(work)
    return PickLine(
        title=line.name,
        picture=picture_of(line),
        state=state,
        mean=clock.mean if clock else Mean.NONE,
        variant=line.variant,
        price=money(line.unit_price_minor, work.work.currency),
        way=way_to(line.spot),
        sure=steps,
        sure_text=words,
        counted=_("%(n)s of %(all)s to scan", n=left, all=line.wanted) if line.wanted > 1 else "",
        barcodes=line.barcodes or "",
        anchor=f"line-{line.line_no}",
    )


def _units(work: Picking) -> tuple[tuple[Chip, ...], str]:
    short = sum(line.short for line in work.lines)
    left = work.wanted - work.picked
    label = _("%(n)s of %(all)s picked", n=work.picked, all=work.wanted + short)
    label = f"{label}, {_('%(n)s not found', n=short)}" if short else label
    if work.wanted + short > UNITS_SHOWN_MAX:
        return (Chip(text=label, mean=Mean.ON_TRACK, icon="check"),), label
    picked = [Chip(text=_("Picked"), mean=Mean.ON_TRACK, icon="check")] * work.picked
    gone = [Chip(text=_("Not found"), mean=Mean.AT_RISK, icon="search")] * short
    return (*picked, *gone, *([Chip(text=_("To pick"))] * left)), label


def _counted_title(line: Row[Any]) -> str:
    count = line.wanted or line.asked
    return f"{count} × {line.name}" if count > 1 else str(line.name)


def title_of(work: Picking) -> str:
    """The task in two words: "Pick 3 items"."""
    return _("Pick %(items)s", items=items_words(work.wanted))
