"""A wave as people walk it: what waits, which walks are open, one walk shelf by shelf, and its totes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass
from ambidex.reads.waves import PICKABLE, WavePage, work_id_of
from ambidex.runtime.db import Row
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Action, Chip, PickLine, Work
from ambidex.web.parts.views import Row as RowView
from ambidex.web.parts.views import Step as Way
from ambidex.web.store.ship_cards import sent_told, sent_ways
from ambidex.web.store.ship_tabs import carrier_words, leaves_clock
from ambidex.web.store.steps import Sheet
from ambidex.web.store.words import items_words, picture_of, reasons, sure_of, walk_order, way_to
from ambidex.web.words import translate as _


@dataclass(frozen=True, slots=True)
class Waiting:
    """Works that are in no walk yet."""

    accepted: int
    offered: int
    units: int
    leaves_at: datetime | None

    @property
    def works(self) -> int:
        return self.accepted + self.offered


@dataclass(frozen=True, slots=True)
class Stop:
    """One item of the walk: its line, and how many units go into which tote."""

    line: PickLine
    totes: tuple[tuple[int, int], ...]
    sku: str
    left: int
    title: str


@dataclass(frozen=True, slots=True)
class Walk:
    """The stops in walking order: the first with something to pick is open."""

    stops: tuple[Stop, ...]
    clock: Clock | None
    picked: int
    wanted: int
    label: str

    @property
    def open_stop(self) -> Stop | None:
        return next((stop for stop in self.stops if stop.line.state == "open"), None)


def waiting_of(rows: Sequence[Row[Any]]) -> Waiting:
    """What waits for a walk at the places of these rows."""
    by_state = {
        state: sum(row.works for row in rows if row.state == state) for state in ("accepted", "offered")
    }
    due = [row.leaves_at for row in rows if row.leaves_at is not None]
    units = sum(int(row.units or 0) for row in rows)
    return Waiting(by_state["accepted"], by_state["offered"], units, min(due, default=None))


def waiting_sentence(waiting: Waiting) -> str:
    """What is true now, in a sentence."""
    if not waiting.works:
        return _("Nothing waits for a walk.")
    units = items_words(waiting.units)
    orders = (
        _("1 order waits for a walk (%(units)s).", units=units)
        if waiting.works == 1
        else _("%(n)s orders wait for a walk (%(units)s).", n=waiting.works, units=units)
    )
    new = _("%(n)s not accepted yet.", n=waiting.offered) if waiting.offered else ""
    return " ".join(part for part in (orders, new) if part)


def wave_cards(rows: Sequence[Row[Any]], who: Actor, *, now: datetime) -> list[Work]:
    """Open walks, what leaves first first; the first one that can be worked on has the primary button."""
    cards: list[Work] = []
    for row in rows:
        may = who.may(Permission.WORK_DO, at=LocationId(row.location_id))
        first = may and not any(card.action for card in cards)
        cards.append(_card(row, now=now, action=_action(row, "primary" if first else "") if may else None))
    return cards


def _card(row: Row[Any], *, now: datetime, action: Action | None) -> Work:
    orders = _("1 order") if row.orders == 1 else _("%(n)s orders", n=row.orders)
    done = _("%(n)s of %(all)s units in totes", n=row.picked, all=row.wanted)
    words = done if row.state == "picking" else items_words(int(row.wanted))
    people = ", ".join(row.people)
    return Work(
        title=_("Wave %(n)s", n=row.number),
        href=f"/waves/{row.wave_id}",
        kind_icon={"planned": "clipboard-list", "released": "play"}.get(row.state, "scan-barcode"),
        sub=" · ".join(part for part in (orders, words, carrier_words(row.carrier), people) if part),
        clock=leaves_clock(row.leaves_at, began=row.planned_at, now=now, zone=row.time_zone),
        action=action,
        topic=f"place:{row.location_id}",
    )


def _action(row: Row[Any], look: str) -> Action:
    there = f"/waves/{row.wave_id}"
    if row.state == "planned":
        return Action(label=_("Release"), post=f"{there}/release", look=look)
    return Action(label=_("Walk") if row.state == "released" else _("Continue"), href=there, look=look)


def walk_of(page: WavePage) -> Walk:
    """The walk: finished stops above, the open one, then what comes."""
    ordered = sorted(page.lines, key=lambda line: (walk_order(line.spot), line.sku))
    stops = [list(lines) for _sku, lines in groupby(ordered, key=lambda line: (line.spot, line.sku))]
    done = [lines for lines in stops if not _left(lines)]
    todo = [lines for lines in stops if _left(lines)]
    made = [_stop(page, lines, "done") for lines in done]
    made += [_stop(page, lines, "next" if at else "open") for at, lines in enumerate(todo)]
    label = _("%(n)s of %(all)s units in totes", n=page.picked, all=page.wanted)
    return Walk(tuple(made), clock_of(page), page.picked, page.wanted, label)


def clock_of(page: WavePage) -> Clock | None:
    """Until when its parcels must have left."""
    head = page.head
    return leaves_clock(head.leaves_at, began=head.planned_at, now=page.now, zone=page.zone)


def _left(lines: Collection[Row[Any]]) -> int:
    return sum(line.wanted - line.picked for line in lines if line.state in PICKABLE)


def _stop(page: WavePage, lines: Sequence[Row[Any]], state: str) -> Stop:
    first, left = lines[0], _left(lines)
    wanted = sum(line.wanted for line in lines)
    steps, words = sure_of(first)
    clock = clock_of(page)
    return Stop(
        line=PickLine(
            title=first.name if state != "done" else f"{wanted} × {first.name}",
            picture=picture_of(first),
            state=state,
            mean=clock.mean if clock else Mean.NONE,
            variant=first.variant,
            way=way_to(first.spot),
            sure=steps,
            sure_text=words,
            counted=_("%(n)s of %(all)s to scan", n=left, all=wanted) if wanted > 1 else "",
            when=_totes_words(_totes(lines)),
            barcodes=first.barcodes or "",
            anchor=f"stop-{first.sku}",
        ),
        totes=_totes([line for line in lines if line.wanted > line.picked]),
        sku=first.sku,
        left=left,
        title=first.name,
    )


def _totes(lines: Sequence[Row[Any]]) -> tuple[tuple[int, int], ...]:
    units: dict[int, int] = {}
    for line in lines:
        units[line.tote_no] = units.get(line.tote_no, 0) + (line.wanted - line.picked or line.wanted)
    return tuple(sorted(units.items()))


def _totes_words(totes: Sequence[tuple[int, int]]) -> str:
    return ", ".join(_("Tote %(n)s", n=number) for number, _units in totes)


def tote_rows(page: WavePage) -> list[RowView]:
    """The totes with their orders, and how full they are."""
    return [_tote_row(row) for row in page.totes]


def _tote_row(row: Row[Any]) -> RowView:
    label = f" · {row.tote}" if row.tote else ""
    return RowView(
        title=_("Tote %(n)s", n=row.tote_no) + label,
        note=" · ".join(part for part in (row.number, row.contact_name) if part),
        icon="package",
        href=f"/work/{work_id_of(row)}" if row.is_in else f"/orders/{row.order_id}",
        chip=_tote_chip(row),
    )


def _tote_chip(row: Row[Any]) -> Chip:
    if not row.is_in:
        return Chip(text=_("Left the wave"), icon="log-out")
    if row.picked >= row.wanted:
        return Chip(text=_("Complete"), mean=Mean.ON_TRACK, icon="check")
    return Chip(text=_("%(n)s of %(all)s", n=int(row.picked), all=int(row.wanted)))


def tote_way(number: int, label: str = "") -> tuple[Way, ...]:
    """The tote a unit goes into, large."""
    return (Way(name=label or _("Tote"), value=str(number)),)


def next_step(page: WavePage) -> str:
    """What follows: release, walk, pack, or nothing."""
    state = page.head.state
    if state in {"released", "picking"}:
        return "walk"
    return {"planned": "release", "done": "pack"}.get(state, "")


def sheet_of(walk: Walk, *, key: str) -> Sheet | None:
    """What "cannot find" leads to for the open stop."""
    stop = walk.open_stop
    if stop is None:
        return None
    return Sheet(
        title=f"{stop.left} × {stop.title}" if stop.left > 1 else stop.title,
        reasons=reasons(),
        ways=sent_ways(),
        told=sent_told(),
        fields=(("item", stop.sku), ("quantity", str(stop.left)), ("key", key)),
    )
