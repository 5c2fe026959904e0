"""Work that is sent, as a card of my work: until when it leaves, what comes next, and the walk it is part of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ambidex.domains.fulfillment import Work, WorkState
from ambidex.kernel.ids import child_id
from ambidex.reads.waves import SENT
from ambidex.runtime.db import Row
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Action, Option
from ambidex.web.store.words import items_words
from ambidex.web.words import translate as _

WALKED = frozenset({"released", "picking"})
PACKED = frozenset(
    {
        WorkState.PACKED, WorkState.DISPATCHED, WorkState.DELIVERED, WorkState.DELIVERY_FAILED,
        WorkState.RETURNED_TO_SENDER, WorkState.LOST,
    }
)  # fmt: skip
ICONS = {"picked": "package-plus", "packed": "truck"}


def is_sent(row: Row[Any]) -> bool:
    """Whether this work leaves in a parcel."""
    return row.method in SENT


def is_packed_there(work: Work) -> bool:
    """Whether this work goes into boxes now, or did."""
    return work.method in SENT and (work.state in PACKED or work.state.value == "picked")


def is_anybodys(row: Row[Any]) -> bool:
    """Who walks, packs and hands over need not be who picked."""
    return is_sent(row) and (row.state in ICONS or row.wave_state in WALKED)


def sent_clock(row: Row[Any], *, now: datetime, zone: str) -> Clock | None:
    """Until when the parcel must have left; a missed inner deadline makes it at risk early."""
    missed = row.next_milestone is not None and row.next_milestone < now
    if row.due_at is None:
        return None
    return Clock(
        what=_("Leaves by") if row.leaves_at else _("Arrives by"),
        by=row.leaves_at or row.due_at,
        began=row.made_at,
        now=now,
        zone=zone,
        least=Mean.BROKEN if row.promise_state == "broken" else Mean.AT_RISK if missed else Mean.ON_TRACK,
    )


def sent_action(row: Row[Any]) -> Action:
    """The one next step: accept, walk, pack, hand to the carrier."""
    work = f"/work/{child_id(row.order_id, row.work_no)}"
    match row.state:
        case "offered":
            return Action(label=_("Accept"), post=f"{work}/accept")
        case "picked":
            return Action(label=_("Pack"), href=f"/pack/{child_id(row.order_id, row.work_no)}")
        case "packed":
            return Action(label=_("Hand to the carrier"), href="/dispatch")
        case _ if row.wave_state in WALKED:
            return Action(label=_("Walk"), href=f"/waves/{row.wave_id}")
        case _:
            return Action(label=_("Start") if row.state == "accepted" else _("Continue"), href=f"{work}/pick")


def sent_words(row: Row[Any], *, wanted: int, picked: int, short: int) -> str:
    """What there is to do, in a line."""
    wave = _("Wave %(n)s", n=row.wave_number) if row.wave_number else ""
    missing = _("%(n)s missing", n=short) if short else ""
    match row.state:
        case "offered":
            words = _("New: pick %(items)s to send", items=items_words(wanted))
        case "picked":
            words = _("%(items)s in hand: pack and label", items=items_words(picked))
        case "packed":
            words = _("Packed: hand it to the carrier")
        case _:
            done = _("%(n)s done", n=picked) if picked else ""
            words = _("Pick %(items)s to send", items=items_words(wanted))
            words = " · ".join(part for part in (words, done) if part)
    return " · ".join(part for part in (words, missing, wave) if part)


def sent_ways() -> tuple[Option, ...]:
    """What can happen when an item of the walk is not there."""
    return (
        Option(
            value="short",
            title=_("Go on without it"),
            note=_(
                "As few orders as possible lack it; each is sent from elsewhere, or its customer is asked."
            ),
            chosen="yes",
        ),
        Option(value="look", title=_("Look in the stockroom first")),
    )


def sent_told() -> str:
    """What follows, in one sentence before it happens."""
    return _("Each order that lacks it is sent from another place if one has it; else its customer is asked.")
