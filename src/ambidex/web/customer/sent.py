"""A part that is sent, in customer words: where it comes from, what is in which parcel, where it is, when it comes.

Pure: the rows of reads/order_page.py become parts. A carrier's word is told as the carrier's.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ambidex.kernel.values import dataclass
from ambidex.reads.order_page import OrderPage
from ambidex.reads.waves import SENT
from ambidex.reads.why_split import WhySplit
from ambidex.runtime.db import Row
from ambidex.web.formats import address_words, local_day, local_when
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Picture, Stage
from ambidex.web.parts.views import Row as RowView
from ambidex.web.words import translate as _

LEFT = frozenset({"dispatched", "delivered", "delivery_failed", "returned_to_sender", "lost"})
TROUBLE = frozenset({"delivery_failed", "returned_to_sender", "came_back", "lost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One package that left or will leave."""

    title: str
    note: str
    carrier: str
    number: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentPart:
    """One part of the order that is sent from one place."""

    work_no: int
    state: str
    chip: Chip
    title: str
    where: str
    stages: tuple[Stage, ...]
    rows: tuple[RowView, ...]
    parcels: tuple[Parcel, ...]
    sorry: str
    is_replaced: bool
    is_troubled: bool
    # how many of its parcels are with the carrier: "none", "some" or "all"
    has_left: str


def is_sent(work: Row[Any]) -> bool:
    """Whether this part comes to the customer."""
    return work.method in SENT


def sent_part(page: OrderPage, work: Row[Any]) -> SentPart:
    """One part, as the customer of it sees it."""
    zone = page.zone_of(work.location_id)
    place = page.place_name(work.location_id)
    boxes = page.packages_of(work.work_no)
    has_left = _has_left(work, boxes)
    replaced = bool(boxes) and all(box.sent_again_at for box in boxes)
    troubled = [box for box in boxes if box.state in TROUBLE and not box.sent_again_at]
    return SentPart(
        work_no=work.work_no,
        state=work.state,
        chip=Chip(text=_("Partly on its way"), mean=Mean.ON_TRACK, icon="truck")
        if has_left == "some"
        else _chip(work),
        title=_title(page, work, zone),
        where=_from_to(place, page),
        stages=tuple(_stages(page, work, zone)),
        rows=tuple(_rows(page, work)),
        parcels=tuple(_parcel(page, box, zone, of=len(boxes)) for box in boxes),
        sorry=_("We send the same again. You pay nothing for it.")
        if replaced
        else _sorry(troubled, of=len(boxes)),
        is_replaced=replaced,
        is_troubled=bool(troubled),
        has_left=has_left,
    )


def _from_to(place: str, page: OrderPage) -> str:
    there = address_words(page.order.address)
    if place and there:
        return _("Sent from {place} to {there}").format(place=place, there=there)
    return _("Sent from {place}").format(place=place) if place else ""


def split_words(page: OrderPage, parts: int) -> str:
    """Why it comes in several parts, as far as routing said so."""
    if parts < 2:
        return ""
    count = _("two parcels") if parts == 2 else _("{n} parcels").format(n=parts)
    if page.split is WhySplit.NOBODY_HAS_ALL:
        words = _("Your order comes in {count}, since no place can send all of it.")
    elif page.split is WhySplit.BETTER_SO:
        words = _("Your order comes in {count}: so it reaches you best.")
    elif page.split is WhySplit.CAME_UP_SHORT:
        words = _("Your order comes in {count}, since one place could not send all of it.")
    else:
        words = _("Your order comes in {count}.")
    return words.format(count=count)


def _promised(page: OrderPage, work: Row[Any]) -> Row[Any] | None:
    found = [p for p in page.promises if p.kind == "delivered_by" and p.work_no == work.work_no]
    return found[-1] if found else None


def _title(page: OrderPage, work: Row[Any], zone: str) -> str:
    boxes = page.packages_of(work.work_no)
    if work.state == "delivered":
        last = max((box.delivered_at for box in boxes if box.delivered_at), default=work.state_since)
        return _("Delivered {time}").format(time=local_when(last, zone, page.now))
    if work.state in TROUBLE:
        return _troubled_title(boxes, str(work.state))
    if work.state == "canceled":
        return _("Nothing comes from here")
    promise = _promised(page, work)
    if promise is None or promise.state in {"broken", "released"}:
        return _("On its way to you") if work.state in LEFT else _("We prepare it for you")
    return _("Comes by {day}").format(day=local_day(promise.due_at, zone))


def _has_left(work: Row[Any], boxes: list[Row[Any]]) -> str:
    if work.state in LEFT:
        return "all"
    return "some" if any(box.dispatched_at for box in boxes) else "none"


def _chip(work: Row[Any]) -> Chip:
    match work.state:
        case "delivered":
            return Chip(text=_("Delivered"), mean=Mean.ON_TRACK, icon="package-check")
        case "dispatched":
            return Chip(text=_("On its way"), mean=Mean.ON_TRACK, icon="truck")
        case "packed":
            return Chip(text=_("Packed"), icon="package")
        case "delivery_failed":
            return Chip(text=_("Not delivered"), mean=Mean.AT_RISK, icon="triangle-alert")
        case "returned_to_sender":
            return Chip(text=_("Comes back"), mean=Mean.AT_RISK, icon="undo-2")
        case "lost":
            return Chip(text=_("Lost"), mean=Mean.BROKEN, icon="circle-x")
        case "canceled":
            return Chip(text=_("Canceled"))
        case _:
            return Chip(text=_("Being prepared"), icon="package")


def _troubled_title(boxes: list[Row[Any]], state: str) -> str:
    """What is true of all that did not arrive; with other parcels beside it, which one is meant."""
    meant = [box for box in boxes if box.state in TROUBLE]
    named = _named_parcels(meant) if len(boxes) > len(meant) else ""
    inside = named[:1].lower() + named[1:]
    if meant and all(box.state == "came_back" for box in meant):
        return _("{parcel} came back to us").format(parcel=named or _("It"))
    if state == "delivery_failed":
        return _("The carrier could not deliver {parcel}").format(parcel=inside or _("it"))
    if state == "lost":
        return _("{parcel} got lost on its way").format(parcel=named or _("It"))
    return _("{parcel} is on its way back to us").format(parcel=named or _("It"))


def _named_parcels(boxes: list[Row[Any]]) -> str:
    numbers = [str(box.package_no) for box in boxes]
    if len(numbers) == 1:
        return _("Parcel {n}").format(n=numbers[0])
    return _("Parcels {some} and {last}").format(some=", ".join(numbers[:-1]), last=numbers[-1])


def _sorry(troubled: list[Row[Any]], *, of: int) -> str:
    """How it goes on with what did not arrive, the worst of it; which parcel, when there are others."""
    for state in ("lost", "delivery_failed", "returned_to_sender", "came_back"):
        meant = [box for box in troubled if box.state == state]
        if meant:
            words = _goes_on(state)
            return f"{_named_parcels(meant)}: {words}" if len(meant) < of else words
    return ""


def _goes_on(state: str) -> str:
    return {
        "delivery_failed": _("We talk to the carrier and write to you. If the address is wrong, answer any of our e-mails."),
        "returned_to_sender": _("It is on its way back to us. We write to you how it goes on. Nothing is lost."),
        "came_back": _("It is back with us. We write to you how it goes on. Nothing is lost."),
        "lost": _("We are sorry. What you paid for it goes back to you, or it is sent again."),
    }[state]  # fmt: skip


def _stages(page: OrderPage, work: Row[Any], zone: str) -> list[Stage]:
    if work.state == "canceled":
        return []
    boxes = page.packages_of(work.work_no)
    all_left = bool(boxes) and work.state in LEFT
    there = work.state == "delivered"
    picked = [e.happened_at for e in page.evidence if e.work_no == work.work_no and e.step == "pick"]
    is_picked = work.state in LEFT | {"picked", "packed"}
    steps = (
        (_("Picked"), max(picked, default=None) if is_picked else None),
        (_("Packed"), _last(boxes, "packed_at") if work.state in LEFT | {"packed"} else None),
        (_("Left"), _last(boxes, "dispatched_at") if all_left else None),
        (_("Delivered"), _last(boxes, "delivered_at") if there else None),
    )
    return [
        Stage(title=name, note=local_when(at, zone, page.now) if at else "", state="done" if at else "later")
        for name, at in steps
    ]


def _last(boxes: list[Row[Any]], column: str) -> datetime | None:
    times = [getattr(box, column) for box in boxes]
    return max((at for at in times if at is not None), default=None)


def _parcel(page: OrderPage, box: Row[Any], zone: str, *, of: int) -> Parcel:
    scans = [scan for scan in page.carrier_scans if scan.package_no == box.package_no]
    return Parcel(
        title=_("Parcel {n}").format(n=box.package_no) if of > 1 else _("Your parcel"),
        note=" · ".join(part for part in (_inside(page, box) if of > 1 else "", _where(page, box, scans, zone)) if part),
        carrier=box.carrier,
        number=box.tracking_number if box.dispatched_at else "",
        url=box.tracking_url if box.dispatched_at and box.tracking_url.startswith("https://") else "",
    )  # fmt: skip


def _inside(page: OrderPage, box: Row[Any]) -> str:
    titles = {line.line_no: line.title for line in page.lines}
    units = [(row.line_no, row.units) for row in page.contents if row.package_no == box.package_no]
    return ", ".join(f"{n} × {titles[no]}" if n > 1 else str(titles[no]) for no, n in sorted(units))


def _where(page: OrderPage, box: Row[Any], scans: list[Row[Any]], zone: str) -> str:
    if not scans:
        return "" if box.dispatched_at else _("Has not left yet")
    back = {"returned_to_sender": _("On its way back to us"), "came_back": _("Back with us")}.get(
        box.state, ""
    )
    if back and scans[-1].status not in {"return_to_sender", "returned"}:
        return back
    last = scans[-1]
    place = f", {last.city.title()}" if last.city else ""
    time = local_when(last.happened_at, zone, page.now)
    return _("{carrier}: {words}{place}, {time}").format(
        carrier=box.carrier, words=last.words or last.status.replace("_", " "), place=place, time=time
    )


def _rows(page: OrderPage, work: Row[Any]) -> list[RowView]:
    lines = {line.line_no: line for line in page.lines}
    return [
        RowView(
            title=_named(lines[row.line_no], row.wanted or row.short),
            note=_("Not found here") if row.short and not row.wanted else "",
            picture=Picture(
                label=lines[row.line_no].title,
                key=lines[row.line_no].picture or "box",
                tint=lines[row.line_no].color or "",
            ),
        )
        for row in page.work_lines
        if row.work_no == work.work_no and (row.wanted or row.short)
    ]


def _named(line: Row[Any], quantity: int) -> str:
    named = f"{quantity} × {line.title}" if quantity > 1 else str(line.title)
    return f"{named} ({line.kit_title})" if line.kit_no else named
