"""What somebody says about a feed becomes its terms: codes of places and groups are looked up and refused by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.domains import feeds, locations
from ambidex.domains.feeds import Area, Bands, Feed, NewFeed
from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass, replace
from ambidex.runtime.db import Read, Tx

EVERYWHERE = Area()


@dataclass(frozen=True, slots=True)
class Terms:
    """A feed as people write it: places by their codes."""

    code: str
    name: str
    channel: str
    places: Sequence[str] = ()
    area: Area = EVERYWHERE
    bands: Bands | None = None
    webhook_url: str = ""


async def open_feed(tx: Tx, *, terms: Terms) -> Feed:
    """Subscribe a channel."""
    return await feeds.open_feed(tx, await _new(tx, terms))


async def change_feed(tx: Tx, *, terms: Terms) -> Feed:
    """The feed of this code on new terms; its positions and versions go on."""
    return await feeds.change_feed(tx, await _new(tx, terms))


async def terms_of(read: Read, known: Sequence[Feed]) -> dict[str, Terms]:
    """The terms of these feeds as they stand, by code."""
    named = {place for feed in known for place in feed.area.locations}
    codes = {place.location_id: place.code for place in (await locations.by_ids(read, named)).values()}
    return {feed.code: _terms(feed, codes) for feed in known}


def _terms(feed: Feed, codes: Mapping[LocationId, str]) -> Terms:
    places = sorted(codes[place] for place in feed.area.locations if place in codes)
    area = replace(feed.area, locations=())
    return Terms(feed.code, feed.name, feed.channel, places, area, feed.bands, feed.webhook_url)


async def _new(tx: Tx, terms: Terms) -> NewFeed:
    found: tuple[LocationId, ...] = ()
    if terms.places:
        known = await locations.by_codes(tx, list(terms.places))
        missing = sorted(set(terms.places) - known.keys())
        if missing:
            raise BadInput(
                errors=[{"field": "locations", "expected": "codes of places", "advice": f"no {missing[0]}"}]
            )
        found = tuple(sorted(known[code].location_id for code in set(terms.places)))
    return NewFeed(
        terms.code,
        terms.name.strip() or terms.code,
        terms.channel,
        replace(terms.area, locations=found),
        terms.bands,
        terms.webhook_url,
    )
