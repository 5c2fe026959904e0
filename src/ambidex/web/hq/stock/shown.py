"""One item as the page Stock shows it: one look at the stock, its rules and its ledger, and what refused it last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ambidex.domains import locations
from ambidex.domains.catalogue import Item
from ambidex.domains.locations import Location
from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass
from ambidex.reads.availability import look
from ambidex.reads.stock_ledger import ledger
from ambidex.reads.stock_rules import rules_for
from ambidex.reads.why import Why, why
from ambidex.runtime.db import Read
from ambidex.web.hq.stock import form, view
from ambidex.web.hq.stock.asked import Asked
from ambidex.web.hq.stock.words import WAYS
from ambidex.web.parts.views import Column, Picture
from ambidex.web.trouble import trouble_of
from ambidex.web.words import translate as _

ENTRIES, PLACES_MAX = 15, 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands around the number on this page."""

    asked: Asked
    before: str | None = None
    refused: Problem | None = None


async def shown(read: Read, known: Item, seen: Seen, *, home: LocationId | None) -> dict[str, Any]:
    """Everything that the page of one item names, for somebody who works at `home`, or everywhere."""
    asked = seen.asked
    told = await why(read, known.sku, asked.at(read.now), location=asked.place, routed=asked.routed)
    around = await look(read, [known.item_id])
    places = (await locations.page(read, limit=PLACES_MAX)).items
    chosen = next((place for place in places if place.code == asked.place), None)
    zone = _zone(places, chosen or next((place for place in places if place.location_id == home), None))
    return {
        "item": known,
        "picture": picture_of(known),
        "asked": asked,
        "channels": form.CHANNEL_OPTIONS,
        "ways": list(WAYS.items()),
        "places": [(place.code, place.name) for place in places],
        "trouble": trouble_of(seen.refused),
        "by_channel": view.channel_rows(around, told),
        **_number(told, asked, chosen.name if chosen else ""),
        **await _rules(read, known, places),
        "zone": zone,
        "clock": zone,
        **await _ledger(read, known, chosen, zone=zone, before=seen.before),
    }


def _number(told: Why, asked: Asked, place: str) -> dict[str, Any]:
    rows = view.place_rows(told)
    said = (asked.channel_word, _(WAYS[asked.method]), asked.country, asked.postcode, place)
    return {
        "told": told,
        "asked_words": " · ".join(word for word in said if word),
        "who_asks": view.asker_words(told, place),
        "makeup": view.whole_makeup(told),
        "scale": max((sum(s.count for s in row.makeup.shares()) for row in rows if row.makeup), default=1),
        "place_rows": rows,
        "table": (_columns(), view.table_rows(told)),
        "thresholds": view.threshold_words(told),
        "coming": view.coming_rows(told),
    }


async def _rules(read: Read, known: Item, places: Any) -> dict[str, Any]:
    rules, groups = await rules_for(read, known.item_id, known.category)
    return {
        "rules": [view.rule_row(rule) for rule in rules],
        "wheres": form.wheres(groups, places),
        "whats": form.whats(known),
    }


def _zone(places: Sequence[Location], near: Location | None) -> str:
    """The one clock of the page: of the place looked at, of the own one, of all when they share it, else UTC."""
    zones = {place.zone.key for place in ([near] if near else places)}
    return zones.pop() if len(zones) == 1 else "UTC"


async def _ledger(
    read: Read, known: Item, chosen: Location | None, *, zone: str, before: str | None
) -> dict[str, Any]:
    place = chosen.location_id if chosen else None
    entries = await ledger(read, known.item_id, location_id=place, before=before, limit=ENTRIES)
    return {"entries": view.entry_rows(entries.items, read.now, zone), "older": entries.next}


def _columns() -> list[Column]:
    titles = (
        _("On hand"), _("Not for sale"), _("Reserved"), _("Held"), _("Waited for"), _("Safety"), _("Floor"),
        _("May be promised"),
    )  # fmt: skip
    return [
        Column(title=_("Place")),
        *(Column(title=title, kind="n") for title in titles),
        Column(title=_("Left out")),
    ]


def picture_of(item: Item) -> Picture:
    """Its drawing."""
    return Picture(label=item.title, key=item.picture or "box", tint=item.color or "")
