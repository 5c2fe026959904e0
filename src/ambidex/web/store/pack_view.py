"""Packing as people do it: what waits for boxes, one order's units going into the box before them, its packages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId, child_id
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass
from ambidex.reads.packing import Packing
from ambidex.runtime.db import Row
from ambidex.web.formats import local_when
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Action, Chip, Work
from ambidex.web.parts.views import Row as RowView
from ambidex.web.store.ship_cards import sent_clock
from ambidex.web.store.words import items_words, picture_of
from ambidex.web.words import translate as _

BOX_GRAMS = 150  # of an empty box, where nobody weighed
Inside = dict[int, int]


class NotOfThisOrder(Problem):
    """This item does not belong to this order."""

    status, code = 409, "not-of-this-order"
    advice = "Put it aside and scan an item shown on the screen."


class AllInABox(Problem):
    """All picked units of this item are in a box already."""

    status, code = 409, "all-in-a-box"
    advice = "Leave the extra unit out, or open the other box again."


@dataclass(frozen=True, slots=True)
class Parcel:
    """One closed package: its label, or why there is none."""

    id: str
    number: int
    title: str
    note: str
    chip: Chip
    has_label: bool
    can_open: bool
    number_text: str = ""
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class BoxView:
    """The box that is being filled, beside what still lies in the tote."""

    rows: tuple[RowView, ...]
    inside: str
    scanned: int
    left: int
    grams: int
    parcels: tuple[Parcel, ...]
    clock: Clock | None

    @property
    def label(self) -> str:
        return _("%(n)s of %(all)s in this box", n=self.scanned, all=self.scanned + self.left)


def pack_cards(rows: Sequence[Row[Any]], who: Actor, *, now: datetime) -> list[Work]:
    """What waits for boxes; the first one that may be packed here has the primary button."""
    cards: list[Work] = []
    for row in rows:
        may = who.may(Permission.WORK_DO, at=LocationId(row.location_id))
        look = "primary" if may and not any(card.action for card in cards) else ""
        cards.append(_card(row, now=now, look=look, may=may))
    return cards


def _card(row: Row[Any], *, now: datetime, look: str, may: bool) -> Work:
    there = f"/pack/{child_id(row.order_id, row.work_no)}"
    return Work(
        title=row.contact_name or row.number,
        href=there,
        kind_icon="package-plus",
        sub=" · ".join(part for part in (row.number, tote_words(row)) if part),
        clock=sent_clock(row, now=now, zone=row.time_zone),
        action=Action(label=_("Pack"), href=there, look=look) if may else None,
        topic=f"order:{row.order_id}",
    )


def tote_words(row: Row[Any]) -> str:
    """Where its goods lie: the tote by label or number, and the wave."""
    if not row.tote_no:
        return ""
    tote = row.tote or _("Tote %(n)s", n=row.tote_no)
    return _("%(tote)s of wave %(n)s", tote=tote, n=row.wave_number) if row.wave_number else str(tote)


def read_inside(said: str) -> Inside:
    """Units by line as a form carries them ("1:2 3:1"); what is no such pair is left out."""
    inside: Inside = {}
    for pair in said.split():
        line, _colon, units = pair.partition(":")
        if line.isdecimal() and units.isdecimal() and len(pair) < 16 and int(units) > 0:
            inside[int(line)] = int(units)
    return inside


def write_inside(inside: Mapping[int, int]) -> str:
    return " ".join(f"{line}:{units}" for line, units in sorted(inside.items()) if units)


def put_inside(work: Packing, inside: Inside, code: str) -> Inside:
    """The same box with one unit more. Raises NotOfThisOrder, AllInABox."""
    of_code = [line for line in work.lines if code in (line.barcodes or "").split() or code == line.sku]
    if not code or not of_code:
        raise NotOfThisOrder(barcode=code)
    for line in of_code:
        if inside.get(line.line_no, 0) < work.free[line.line_no]:
            return {**inside, line.line_no: inside.get(line.line_no, 0) + 1}
    raise AllInABox(item=of_code[0].sku)


def box_of(work: Packing, inside: Inside) -> BoxView:
    """The page of one work, with what was scanned into the open box so far."""
    known = {line.line_no: line for line in work.lines}
    kept = {no: min(units, work.free[no]) for no, units in inside.items() if no in known}
    scanned = sum(kept.values())
    # nothing scanned: all that is left goes into one box
    weight = sum(known[no].weight_grams * units for no, units in (kept or work.free).items())
    return BoxView(
        rows=tuple(_row(line, kept.get(line.line_no, 0), work.free[line.line_no]) for line in work.lines),
        inside=write_inside(kept),
        scanned=scanned,
        left=sum(work.free.values()) - scanned,
        grams=weight + BOX_GRAMS if weight else 0,
        parcels=tuple(parcel_of(work, row) for row in work.packages),
        clock=sent_clock(work.work, now=work.now, zone=work.zone),
    )


def _row(line: Row[Any], inside: int, free: int) -> RowView:
    if not free:
        chip = Chip(text=_("In a box"), mean=Mean.ON_TRACK, icon="check")
    elif inside >= free:
        chip = Chip(text=_("In this box"), mean=Mean.ON_TRACK, icon="check")
    else:
        chip = Chip(text=_("%(n)s of %(all)s", n=inside, all=free))
    boxed = (
        _("%(n)s of %(all)s in a box", n=line.wanted - free, all=line.wanted)
        if 0 < free < line.wanted
        else ""
    )
    units = free or line.wanted
    return RowView(
        title=f"{units} × {line.name}" if units > 1 else line.name,
        note=" · ".join(part for part in (line.variant, boxed, line.care_note) if part),
        picture=picture_of(line),
        chip=chip,
    )


def parcel_of(work: Packing, row: Row[Any]) -> Parcel:
    """A closed package in words."""
    weight = f"{row.grams / 1000:.2f} kg"
    parts = (items_words(int(row.units or 0)), weight, row.carrier, row.tracking_number)
    return Parcel(
        id=child_id(row.order_id, row.package_no),
        number=row.package_no,
        title=_("Package %(n)s", n=row.package_no),
        note=" · ".join(part for part in parts if part),
        chip=_parcel_chip(work, row),
        has_label=bool(row.label_no),
        number_text=row.tracking_number,
        is_picture=str(row.media_type or "").startswith("image/"),
        can_open=row.state == "packed",
    )


def _parcel_chip(work: Packing, row: Row[Any]) -> Chip:
    def at(when: datetime | None) -> str:
        return local_when(when, work.zone, work.now) if when else ""

    match row.state:
        case "packed" if row.label_no:
            return Chip(text=_("Labeled"), mean=Mean.ON_TRACK, icon="tag")
        case "packed" if row.label_state == "refused":
            return Chip(text=_("The carrier refused"), mean=Mean.BROKEN, icon="circle-x")
        case "packed":
            return Chip(text=_("No label yet"), mean=Mean.AT_RISK, icon="hourglass")
        case "dispatched":
            return Chip(text=_("Left %(when)s", when=at(row.dispatched_at)), icon="truck")
        case "delivered":
            return Chip(
                text=_("Delivered %(when)s", when=at(row.delivered_at)), mean=Mean.ON_TRACK, icon="check"
            )
        case "delivery_failed":
            return Chip(text=_("Delivery failed"), mean=Mean.AT_RISK, icon="triangle-alert")
        case "returned_to_sender" | "came_back":
            return Chip(text=_("Comes back"), mean=Mean.AT_RISK, icon="undo-2")
        case _:
            return Chip(text=_("Lost"), mean=Mean.BROKEN, icon="circle-x")
