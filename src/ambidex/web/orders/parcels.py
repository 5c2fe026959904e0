"""Packages on the order page: what is in which, where it is, and each word of a carrier as the report that it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ambidex.kernel.ids import child_id
from ambidex.reads.order_page import OrderPage
from ambidex.reads.waves import SENT
from ambidex.runtime.db import Row
from ambidex.web.formats import local_when
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Action, Chip, Evidence, Fact
from ambidex.web.parts.views import Row as RowView
from ambidex.web.words import translate as _

_MEANS = {
    "dispatched": Mean.NONE,
    "delivered": Mean.ON_TRACK,
    "delivery_failed": Mean.AT_RISK,
    "returned_to_sender": Mean.AT_RISK,
    "came_back": Mean.AT_RISK,
    "lost": Mean.BROKEN,
}


_DID_NOT_ARRIVE = frozenset({"dispatched", "delivery_failed", "returned_to_sender", "came_back", "lost"})


def _words(state: str) -> str:
    return {
        "packed": _("Packed"),
        "dispatched": _("On its way"),
        "delivered": _("Delivered"),
        "delivery_failed": _("Not delivered"),
        "returned_to_sender": _("Comes back"),
        "came_back": _("Came back"),
        "lost": _("Lost"),
    }.get(state, state)


def is_sent(work: Row[Any]) -> bool:
    """Whether this part leaves in parcels."""
    return work.method in SENT


def sent_sentence(work: Row[Any], place: str) -> str:
    """What is true of the part now."""
    return {
        "offered": _("{place} has it in the list and has not accepted yet."),
        "accepted": _("{who} at {place} accepted it. Picking has not begun."),
        "picking": _("{place} is picking it."),
        "picked": _("Everything is picked at {place} and waits for a box."),
        "packed": _("It is packed at {place} and waits for the carrier."),
        "dispatched": _("It left {place} and is with the carrier."),
        "delivery_failed": _("The carrier could not deliver it. Somebody chooses what is done."),
    }[work.state].format(place=place, who=work.assignee_name)


def sent_primary(work: Row[Any]) -> Action | None:
    """The next step of a part that is picked."""
    if work.state == "picked":
        path = f"/pack/{child_id(work.order_id, work.work_no)}"
        return Action(label=_("Pack"), href=path, icon="package-plus", look="primary", key="p")
    if work.state == "packed":
        return Action(label=_("Dispatch"), href="/dispatch", icon="truck", look="primary", key="p")
    return None


def failed_primary(page: OrderPage, work: Row[Any]) -> Action | None:
    """What is done about the first parcel of a part that was not delivered."""
    failed = [box for box in page.packages_of(work.work_no) if box.state == "delivery_failed"]
    if not failed:
        return None
    return Action(
        label=_("Choose what is done"), href=_there(failed[0]), icon="package", look="primary", key="p"
    )


def sent_chip(work: Row[Any]) -> Chip:
    """How far a part is that is sent."""
    return Chip(text=_words(work.state), mean=_MEANS.get(work.state, Mean.NONE))


def package_rows(page: OrderPage, work_no: int) -> list[RowView]:
    """The packages of one part, each with its number to follow it by."""
    return [_row(page, box) for box in page.packages_of(work_no)]


def _row(page: OrderPage, box: Row[Any]) -> RowView:
    zone = page.zone_of(box.location_id)
    scans = [scan for scan in page.carrier_scans if scan.package_no == box.package_no]
    last = _scan_words(scans[-1]) if scans else ""
    when = local_when(scans[-1].happened_at, zone, page.now) if scans else ""
    parts = (f"{box.grams / 1000:.2f} kg", box.carrier, box.tracking_number, last, when)
    return RowView(
        title=_("Parcel {n}").format(n=box.package_no),
        note=" · ".join(part for part in parts if part),
        icon="package",
        href=_there(box),
        chip=Chip(text=_words(box.state), mean=_MEANS.get(box.state, Mean.NONE)),
    )


def _there(box: Row[Any]) -> str:
    """Its box while it is here; what is done about it once it did not arrive."""
    if box.state in _DID_NOT_ARRIVE:
        return f"/parcels/{child_id(box.order_id, box.package_no)}"
    return f"/pack/{child_id(box.order_id, box.work_no)}"


def carrier_facts(page: OrderPage, work_no: int, *, keeps: bool) -> list[tuple[datetime, Fact]]:
    """What carriers said of the packages of one work; the last delivery keeps the promise."""
    boxes = {box.package_no: box for box in page.packages_of(work_no)}
    scans = [scan for scan in page.carrier_scans if scan.package_no in boxes]
    delivered = [at for at, scan in enumerate(scans) if scan.status == "delivered"]
    last = delivered[-1] if keeps and delivered else None
    return [
        (scan.happened_at, _fact(page, scan, boxes, keeps="yes" if at == last else ""))
        for at, scan in enumerate(scans)
    ]


def _fact(page: OrderPage, scan: Row[Any], boxes: dict[int, Row[Any]], *, keeps: str) -> Fact:
    box = boxes[scan.package_no]
    zone = page.zone_of(box.location_id)
    parcel = _("Parcel {n}: {words}").format(n=box.package_no, words=_scan_words(scan))
    place = f", {scan.city.title()}" if scan.city else ""
    return Fact(
        title=parcel if len(boxes) > 1 else _scan_words(scan),
        by=f"{box.carrier}{place}, {local_when(scan.happened_at, zone, page.now)}",
        evidence=(Evidence(kind="system"),),
        keeps=keeps,
    )


def _scan_words(scan: Row[Any]) -> str:
    return str(scan.words or scan.detail or scan.status).replace("_", " ")
