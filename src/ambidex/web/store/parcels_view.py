"""What did not arrive, as people see it: a list by urgency, and one parcel with what may be chosen for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ambidex.kernel.ids import child_id
from ambidex.reads.parcels import ParcelPage
from ambidex.runtime.db import Row
from ambidex.web.formats import local_when
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Option
from ambidex.web.parts.views import Row as RowView
from ambidex.web.words import translate as _

_MEANS = {
    "dispatched": Mean.AT_RISK,
    "delivery_failed": Mean.AT_RISK,
    "returned_to_sender": Mean.AT_RISK,
    "came_back": Mean.AT_RISK,
    "lost": Mean.BROKEN,
    "delivered": Mean.ON_TRACK,
}
# what may be chosen in which state, in the order in which it is offered
CHOICES: dict[str, tuple[str, ...]] = {
    "dispatched": ("send-again", "bring-back", "lost"),
    "delivery_failed": ("try-again", "send-again", "bring-back", "lost"),
    "returned_to_sender": ("send-again", "pay-back", "lost"),
    "came_back": ("send-again", "pay-back"),
    "lost": ("send-again",),
}
_ABOUT_MONEY = frozenset({"send-again", "pay-back"})


def chip_of_one(row: Row[Any]) -> Chip:
    """Where it is; one that is not late yet is simply on its way."""
    if row.state == "dispatched" and not row.is_late:
        return Chip(text=_("On its way"))
    return chip_of(row)


def chip_of(row: Row[Any]) -> Chip:
    """Where a parcel of the list is, in a word or two: one that is on its way stands there because it is late."""
    words = {
        "packed": _("Not left yet"),
        "opened": _("Opened again"),
        "dispatched": _("Too late"),
        "delivery_failed": _("Not delivered"),
        "returned_to_sender": _("Comes back"),
        "came_back": _("Came back"),
        "lost": _("Lost"),
        "delivered": _("Delivered"),
    }
    return Chip(text=words[row.state], mean=_MEANS.get(row.state, Mean.NONE))


def rows_of(rows: Sequence[Row[Any]], now: Any) -> list[RowView]:
    """The list: for whom, and until when somebody should choose."""
    return [
        RowView(
            title=row.contact_name or row.number,
            note=_(
                "%(number)s, choose by %(time)s",
                number=row.number,
                time=local_when(row.due_at, row.time_zone, now),
            ),
            icon="package",
            href=f"/parcels/{child_id(row.order_id, row.package_no)}",
            chip=chip_of(row),
        )
        for row in rows
    ]


def sentence_of(count: int) -> str:
    if not count:
        return _("Every parcel is on its way or has arrived.")
    return _("1 parcel needs somebody.") if count == 1 else _("%(n)s parcels need somebody.", n=count)


def facts_of(found: ParcelPage) -> list[tuple[str, str]]:
    """What is known of it."""
    row, zone = found.parcel, str(found.parcel.time_zone)
    said = str(row.words or row.status or "").replace("_", " ")
    said_at = local_when(row.happened_at, zone, found.now) if row.happened_at else ""
    decided = (
        f"{row.decided} ({row.decided_by}, {local_when(row.decided_at, zone, found.now)})"
        if row.decided
        else ""
    )
    inside = ", ".join(f"{one['quantity']} × {one['title']}" for one in row.contents or ())
    pairs = [
        (_("Inside"), inside),
        (_("Sent from"), row.place),
        (_("Left"), local_when(row.dispatched_at, zone, found.now) if row.dispatched_at else ""),
        (_("Carrier"), f"{row.carrier} {row.tracking_number}".strip()),
        (
            _("It says"),
            ", ".join(part for part in (said, row.city.title() if row.city else "", said_at) if part),
        ),
        (_("Back at"), row.back_place or ""),
        (_("Sent again"), local_when(row.sent_again_at, zone, found.now) if row.sent_again_at else ""),
        (_("Why so"), decided),
        (_("Money"), _("goes back to the customer") if found.is_paid_back else ""),
    ]
    return [(name, value) for name, value in pairs if value]


def next_words(found: ParcelPage) -> str:
    """What is left for whoever may not choose, or has nothing to choose."""
    if found.parcel.state == "came_back":
        return _("Its units are to be put back on the shelf: that is a task in My work.")
    if found.parcel.state == "returned_to_sender":
        return _("When it is back, scan its label on the page Not arrived.")
    if _is_awaited(found.parcel):
        return _(
            "It is due by %(time)s. Once it is late, it can be sent again or paid back.",
            time=local_when(found.parcel.expected_by, str(found.parcel.time_zone), found.now),
        )
    return ""


def _is_awaited(row: Row[Any]) -> bool:
    """On its way, and the day on which it should be there has not passed."""
    return bool(row.state == "dispatched" and row.expected_by is not None and not row.is_late)


def options_of(found: ParcelPage) -> list[Option]:
    """What may be chosen now, each with what follows. What was settled is offered no more."""
    row = found.parcel
    over = found.is_paid_back or row.sent_again_at is not None
    offered = ("bring-back",) if _is_awaited(row) else CHOICES.get(row.state, ())
    left = [one for one in offered if not (over and one in _ABOUT_MONEY)]
    state = "sent_again" if row.sent_again_at is not None else row.state
    return [_option(one, state) for one in left]


def _option(choice: str, state: str) -> Option:
    if (choice, state) == ("lost", "sent_again"):
        note = _("Its units are written off. Nothing goes back to the customer: the same went out again.")
        return Option(value=choice, title=_("It is lost"), note=note)
    titles = {
        "try-again": _("The carrier tries again"),
        "send-again": _("Send the same again"),
        "bring-back": _("Bring it back"),
        "pay-back": _("Pay back"),
        "lost": _("It is lost: pay back"),
    }
    notes = {
        "try-again": _("You agreed it with the carrier. Somebody asks after it in three days."),
        "send-again": _SEND_AGAIN.get(state, _("Other units go out from wherever they are. The customer is told and pays nothing.")),
        "bring-back": _("It returns to the place that sent it. Then choose: pay back, or send the same again."),
        "pay-back": _("What it cost goes back to the customer, once."),
        "lost": _("Its units are written off, and the customer gets the money back."),
    }  # fmt: skip
    return Option(value=choice, title=titles[choice], note=notes[choice])


_SEND_AGAIN = {
    "dispatched": _(
        "Nobody waits for this parcel any more. Other units go out; the customer is told and pays nothing."
    ),
    "delivery_failed": _(
        "The carrier brings this parcel back. Other units go out; the customer is told and pays nothing."
    ),
}
