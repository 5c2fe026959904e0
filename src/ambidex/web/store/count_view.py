"""What the count pages show: rows with their reasons, one item in front of a person, two numbers beside the book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ambidex.domains import locations
from ambidex.domains.catalogue import Item
from ambidex.domains.locations import Location
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import Problem
from ambidex.reads import counts as lists
from ambidex.reads.counts import CountView
from ambidex.reads.next_counts import NextCount
from ambidex.runtime.db import Read
from ambidex.web.formats import local_when, money
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Picture, Row
from ambidex.web.store.count_words import kind_words, why
from ambidex.web.store.words import picture_of, way_to
from ambidex.web.words import translate as _


class NoPlaceChosen(Problem):
    """Counting belongs to a place, and you work at none now."""

    status, code = 409, "no-place-chosen"
    advice = "Sign in at the place where you are."


async def place_of(read: Read, who: Actor, code: str) -> Location:
    """Where is counted: the place named, else where this person works."""
    if code:
        return await locations.by_code(read, code)
    if who.at is None:
        raise NoPlaceChosen
    return await locations.by_id(read, who.at)


def list_view(found: Sequence[NextCount], waiting: Sequence[CountView], *, place: str) -> dict[str, Any]:
    """Next best, then what another person counts, then what a lead decides."""
    after = f"?place={place}" if place else ""
    todo = [one for one in found if one.row.state != "recount"]
    decide = [view for view in waiting if view.row.state == "to_approve"]
    recount = [view for view in waiting if view.row.state == "recount"]
    return {
        "next_rows": [_next_row(one, after) for one in todo],
        "recount_rows": [_recount_row(view, after) for view in recount],
        "decide_rows": [_decide_row(view) for view in decide],
        "sentence": _sentence(todo, recount, decide),
    }


async def pad_view(read: Read, who: Actor, where: Location, item: Item) -> dict[str, Any]:
    """One item to count: where it lies and why; never what the book says."""
    waiting = await lists.waiting_at(read, who, item.item_id, where.location_id)
    row = waiting.row if waiting is not None else None
    own = waiting is not None and not waiting.may_count and who.id in waiting.row.counters
    return {
        "item": item,
        "picture": Picture(label=item.name, key=item.picture or "box", tint=item.color or ""),
        "way": way_to(await lists.spot_of(read, item.item_id, where.location_id)),
        "barcodes": " ".join(item.barcodes),
        "why": "" if row is None else kind_words(row.kind),
        "kind": "own" if row is None else row.kind,
        "is_recount": row is not None and row.state == "recount" and not own,
        "is_own": own,
        "is_decided": row is not None and row.state == "to_approve",
        "may_ask": row is None and who.may(Permission.STOCK_APPROVE, at=where.location_id),
        "where": where,
    }


def decision_view(count: CountView, now: datetime) -> dict[str, Any]:
    """What each person counted and what the book said of that moment; hidden from who counted it themselves."""
    row = count.row
    zone = str(row.time_zone)
    names = str(row.counter_names or "").split(", ")
    numbers = count.entered
    books = list(row.books or ()) if count.sees_numbers else []
    last, book = (numbers[-1], books[-1] or 0) if numbers else (0, 0)
    return {
        "count": row,
        "picture": picture_of(row),
        "may_decide": count.may_decide,
        "pairs": [
            (
                names[n] if n < len(names) else "",
                _("%(n)s counted, the books said %(book)s", n=number, book=books[n]),
            )
            for n, number in enumerate(numbers)
        ],
        "counted": last,
        "difference": last - book,
        "worth": money(abs(last - book) * row.price_minor, row.currency),
        "when": local_when(row.counted_at, zone, now) if row.counted_at else "",
        "why": kind_words(row.kind),
    }


def _next_row(one: NextCount, after: str) -> Row:
    row = one.row
    asked = Chip(text=_("Asked for"), mean=Mean.AT_RISK, icon="hand") if one.waits else None
    return Row(
        title=f"{row.name} {row.variant}".strip(),
        note=" · ".join(part for part in (row.spot, why(one.reasons)) if part),
        picture=picture_of(row),
        href=f"/count/item/{row.sku}{after}",
        chip=asked,
    )


def _recount_row(view: CountView, after: str) -> Row:
    row = view.row
    note = (
        _("Another person counts it")
        if view.may_count
        else _("You counted it; somebody else has to count it again")
    )
    return Row(
        title=f"{row.name} {row.variant}".strip(),
        note=" · ".join(part for part in (row.spot, note) if part),
        picture=picture_of(row),
        href=f"/count/item/{row.sku}{after}" if view.may_count else "",
        chip=Chip(text=_("Count again"), mean=Mean.AT_RISK, icon="repeat"),
    )


def _decide_row(view: CountView) -> Row:
    row = view.row
    note = _("Counted by %(names)s", names=row.counter_names) if view.may_decide else _("A lead decides")
    return Row(
        title=f"{row.name} {row.variant}".strip(),
        note=note,
        picture=picture_of(row),
        href=f"/count/decide/{row.count_id}",
        chip=Chip(text=_("To decide"), mean=Mean.AT_RISK, icon="shield-check"),
    )


def _sentence(todo: Sequence[Any], recount: Sequence[Any], decide: Sequence[Any]) -> str:
    said = []
    if decide:
        said.append(
            _("1 count waits for a lead.")
            if len(decide) == 1
            else _("%(n)s counts wait for a lead.", n=len(decide))
        )
    if recount:
        said.append(
            _("1 is to be counted again.")
            if len(recount) == 1
            else _("%(n)s are to be counted again.", n=len(recount))
        )
    return " ".join(said) or (_("The first one protects most.") if todo else _("Nothing needs counting."))
