"""The pages of what is sent: walks, boxes, carriers, what did not arrive; and the clock they share."""

from __future__ import annotations

from datetime import datetime, timedelta

from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.views import Tab
from ambidex.web.words import translate as _

BEGINS_BEFORE = timedelta(hours=4)


def ship_tabs(here: str) -> list[Tab]:
    """Pick, pack, hand to the carrier: each an address of its own."""
    words = {
        "/waves": _("Waves"),
        "/pack": _("Pack"),
        "/dispatch": _("Dispatch"),
        "/parcels": _("Not arrived"),
    }
    return [Tab(label=word, href=path, here="page" if path == here else "") for path, word in words.items()]


def leaves_clock(at: datetime | None, *, began: datetime, now: datetime, zone: str) -> Clock | None:
    """Until when a parcel must have left; none where nothing was promised."""
    if at is None:
        return None
    return Clock(what=_("Leaves by"), by=at, began=min(began, at - BEGINS_BEFORE), now=now, zone=zone)


def carrier_words(carrier: str) -> str:
    """How a wave travels, as people say it."""
    return {"ship": _("By parcel"), "deliver": _("By courier")}.get(carrier, carrier)
