"""Sentences of the customer's page that more than one part of it needs."""

from __future__ import annotations

from typing import Any

from ambidex.reads.order_page import OrderPage
from ambidex.runtime.db import Row
from ambidex.web.formats import local_when
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Stage
from ambidex.web.words import translate as _


def work_titles() -> dict[str, str]:
    """The heading of a part of the order, by the state of its work."""
    preparing = _("Collect at {place}, ready by {by}")
    return {
        "offered": preparing,
        "accepted": preparing,
        "picking": preparing,
        "picked": preparing,
        "staged": preparing,
        "late": _("Collect at {place}"),
        "ready": _("Collect at {place}"),
        "handed_over": _("Collected at {place}"),
        "canceled": _("Nothing to collect at {place}"),
    }


def kept_words(page: OrderPage, promise: Row[Any]) -> Stage:
    """One promise and what became of it."""
    zone = page.zone_of(promise.location_id)
    due = local_when(promise.due_at, zone, page.now)
    said = {
        "ready_by": _("{place} ready by {time}").format(place=page.place_name(promise.location_id), time=due),
        "delivered_by": _("With you by {time}").format(time=due),
        "answer_by": _("Your choice by {time}").format(time=due),
        "news_by": _("We write to you by {time}").format(time=due),
        "refund_by": _("Money back by {time}").format(time=due),
    }.get(promise.kind, due)
    closed = local_when(promise.closed_at, zone, page.now) if promise.closed_at else ""
    outcome, mean = {
        "made": (_("Not yet"), Mean.NONE),
        "kept": (_("Done at {time}").format(time=closed), Mean.ON_TRACK),
        "re_promised": (_("Not kept: a new time was promised at {time}").format(time=closed), Mean.BROKEN),
        "broken": (
            _("Not kept: {cause}. Sorry.").format(cause=_cause(promise.cause)),
            Mean.BROKEN,
        ),
        "released": (_("No longer needed"), Mean.NONE),
    }[promise.state]
    return Stage(title=said, note=outcome, state="later" if promise.state == "made" else "done", mean=mean)


def _cause(said: str) -> str:
    """Why, in words; what only programs call by a name is our matter, not the customer's."""
    words = said.rstrip(".")
    return words if " " in words else _("we could not send it in time")
