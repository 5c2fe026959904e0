"""What stands beside said | done: the parts of the order, its money, stock elsewhere, customer, timeline."""

from __future__ import annotations

from typing import Any

from ambidex.flows import correct_address
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass
from ambidex.reads.order_page import OrderPage
from ambidex.runtime.db import Row
from ambidex.web.formats import address_words, local_full, local_when, money
from ambidex.web.happened import Around, Happened, told
from ambidex.web.orders.parcels import package_rows, sent_chip
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Evidence, Happening, Picture
from ambidex.web.parts.views import Row as RowView
from ambidex.web.words import translate as _

SURE_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Lines that travel together."""

    title: str
    icon: str
    chip: Chip
    rows: tuple[RowView, ...]


def parts_of(page: OrderPage) -> list[Part]:
    """One part per work that goes on or was finished, then what no work has."""
    shown = [w for w in page.works if w.state not in {"refused", "lapsed", "taken_back"}]
    parts = [_part(page, work) for work in shown]
    covered = {row.line_no for row in page.work_lines if any(w.work_no == row.work_no for w in shown)}
    rest = [line for line in page.lines if line.line_no not in covered]
    if rest:
        rows = tuple(_line_row(page, line) for line in rest)
        chip = Chip(text=_("No place yet"), mean=Mean.WAITING)
        parts.append(Part(title=_("Not at any place"), icon="package", chip=chip, rows=rows))
    return parts


def owed_of(page: OrderPage) -> str:
    """What is to go back to the customer and has not yet, as an amount; nothing when nothing is."""
    back, _due = _to_give_back(page)
    return money(back, page.order.currency) if back > 0 else ""


def _to_give_back(page: OrderPage) -> tuple[int, int]:
    """Of what was taken, and in all with what was only authorized; in minor units, without what went back."""
    refunded = sum(t.refunded_minor for t in page.tenders)
    due = sum(f.amount_minor for f in page.money if f.kind == "refund_due") - refunded
    return min(due, sum(t.captured_minor for t in page.tenders) - refunded), due


def money_of(page: OrderPage) -> tuple[list[tuple[str, str]], tuple[str, str]]:
    """Pairs of what was agreed and taken, and the sum still owed or kept."""
    currency = page.order.currency
    total = sum
    authorized = total(t.authorized_minor for t in page.tenders)
    captured = total(t.captured_minor for t in page.tenders)
    refunded = total(t.refunded_minor for t in page.tenders)
    taken, due = _to_give_back(page)
    pairs = [(_("Authorized"), money(authorized, currency)), (_("Taken"), money(captured, currency))]
    if refunded:
        pairs.append((_("Given back"), money(refunded, currency)))
    if taken > 0:
        pairs.append((_("To give back"), money(taken, currency)))
    if due > max(0, taken):
        pairs.append((_("To release"), money(due - max(0, taken), currency)))
    return pairs, (_("Order total"), money(page.order.total_minor, currency))


def elsewhere_of(page: OrderPage) -> list[RowView]:
    """Other places that have what is missing here."""
    return [
        RowView(title=row.place, note=row.item, end=str(row.free), sure=min(SURE_MAX, max(1, row.free)))
        for row in page.elsewhere
    ]


def customer_of(page: OrderPage, actor: Actor) -> list[tuple[str, str]]:
    """Contact details, masked unless this person's work needs them."""
    sees = serves(page, actor)
    order = page.order
    phone = order.contact_phone if sees else masked(order.contact_phone)
    email = order.contact_email if sees else masked(order.contact_email)
    collectors = ", ".join(str(each) for each in order.collectors)
    there = address_words(order.address) if sees else ""
    pairs = [
        (_("Phone"), phone),
        (_("E-mail"), email),
        (_("Sent to"), there),
        (_("May also collect"), collectors),
    ]
    return [(name, value) for name, value in pairs if value]


def serves(page: OrderPage, actor: Actor) -> bool:
    """Whether this person's work is with this customer: at a place of the order, or everywhere."""
    return actor.may_at_one_of(Permission.ORDERS_CONTACT, [LocationId(place) for place in page.places])


def may_correct(page: OrderPage, actor: Actor) -> bool:
    """Whether the address still matters to a label, and this person may put it right."""
    is_here = any(line.method != "pickup" and _waits(line) for line in page.lines)
    sent = [
        work for work in page.works if work.method != "pickup" and work.state in correct_address.STILL_HERE
    ]
    may = correct_address.may_correct(actor, {LocationId(work.location_id) for work in sent})
    return is_here and (may if sent else serves(page, actor))


def _waits(line: Row[Any]) -> int:
    """Units that are still to be sent."""
    return sum(getattr(line, f"q_{state}") for state in _TO_BE_SENT)


_TO_BE_SENT = ("open", "reserved", "allocated", "picked", "packed", "short", "backordered")


def timeline_of(page: OrderPage) -> list[Happening]:
    """Everything that happened, newest first."""
    zone = page.zone_of(None)
    around = Around(
        zone=zone,
        now=page.now,
        places={work.work_no: page.place_name(work.location_id) for work in page.works},
        lines={line.line_no: line.title for line in page.lines},
        shelves={work.staging_place: work.shelf for work in page.works if work.staging_place},
    )
    return [
        Happening(
            text=told(Happened(event.name, event.payload, event.cause, event.happened_at), around),
            when=local_when(event.happened_at, zone, page.now),
            full_time=local_full(event.happened_at, zone),
            who=str(event.actor["name"]),
            side="said" if event.name.startswith("messages.") else "done",
            evidence=tuple(Evidence(kind=kind) for kind in _kinds(page, event)),
        )
        for event in reversed(page.events)
    ]


def masked(contact: str) -> str:
    """Enough to compare with what somebody says, not enough to use."""
    if not contact:
        return ""
    if "@" in contact:
        name, _at, domain = contact.partition("@")
        return f"{name[:1]}···@{domain}"
    return f"··· {contact[-2:]}"


def _part(page: OrderPage, work: Row[Any]) -> Part:
    place = page.place_name(work.location_id)
    asked = [r for r in page.work_lines if r.work_no == work.work_no]
    # what the place said no to, or what was canceled here, is no part of this part
    rows = [r for r in asked if r.wanted or r.short] or asked
    lines = {line.line_no: line for line in page.lines}
    return Part(
        title=_("Collect at {place}").format(place=place)
        if work.method == "pickup"
        else _("Sent from {place}").format(place=place),
        icon="store" if work.method == "pickup" else "truck",
        chip=_work_chip(work, rows),
        rows=(
            *(_line_row(page, lines[row.line_no], row) for row in rows),
            *package_rows(page, work.work_no),
        ),
    )


def _work_chip(work: Row[Any], rows: list[Row[Any]]) -> Chip:
    picked, wanted = sum(r.picked for r in rows), sum(r.wanted for r in rows)
    match work.state:
        case "ready":
            return Chip(text=_("Ready, {place}").format(place=work.shelf), mean=Mean.ON_TRACK)
        case "handed_over":
            return Chip(text=_("Handed over"), mean=Mean.ON_TRACK)
        case "packed" | "dispatched" | "delivered" | "delivery_failed" | "returned_to_sender" | "lost":
            return sent_chip(work)
        case "canceled" | "short":
            return Chip(text=_("Canceled") if work.state == "canceled" else _("Not found"), mean=Mean.NONE)
        case _:
            return Chip(text=_("{n} of {all}").format(n=picked, all=wanted), mean=Mean.NONE)


def _line_row(page: OrderPage, line: Row[Any], row: Row[Any] | None = None) -> RowView:
    units = (row.wanted or row.short or line.quantity) if row is not None else line.quantity
    is_all = units == line.quantity
    paid = line.unit_price_minor * units - (line.discount_minor if is_all else 0)
    return RowView(
        title=f"{units} × {line.title}" if units > 1 else line.title,
        note=_line_note(line, row),
        end=money(paid, page.order.currency),
        picture=Picture(label=line.title, key=line.picture or "box", tint=line.color or ""),
        chip=Chip(text=_("Not found"), mean=Mean.AT_RISK) if row is not None and row.short else None,
    )


def _line_note(line: Row[Any], row: Row[Any] | None) -> str:
    """Where its units are, and the kit it was bought in."""
    words = "" if row is not None and row.short and not row.wanted else _line_words(line)
    kit = _("part of {n} × {kit}").format(n=line.kit_quantity, kit=line.kit_title) if line.kit_no else ""
    return " · ".join(part for part in (words, kit) if part)


def _line_words(line: Row[Any]) -> str:
    words = {
        "q_open": _("open"),
        "q_reserved": _("reserved"),
        "q_allocated": _("to pick"),
        "q_picked": _("picked"),
        "q_staged": _("on the shelf"),
        "q_ready": _("ready"),
        "q_handed_over": _("handed over"),
        "q_packed": _("packed"),
        "q_shipped": _("on its way"),
        "q_delivered": _("delivered"),
        "q_lost": _("lost"),
        "q_short": _("missing"),
        "q_backordered": _("waits for stock"),
        "q_canceled": _("canceled"),
        "q_returned": _("returned"),
        "q_substituted": _("replaced by another item"),
    }
    counts = [(getattr(line, column), word) for column, word in words.items() if getattr(line, column)]
    if len(counts) == 1:
        return counts[0][1].capitalize()
    return ", ".join(f"{count} {word}" for count, word in counts)


def _kinds(page: OrderPage, event: Row[Any]) -> list[str]:
    wanted = set(event.evidence)
    return list(dict.fromkeys(row.kind for row in page.evidence if str(row.evidence_id) in wanted))
