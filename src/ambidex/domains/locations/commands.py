"""Creating and changing places."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains.locations import queries, rules, store
from ambidex.domains.locations.events import LocationChanged, LocationClosed, LocationCreated
from ambidex.domains.locations.model import Location, NewLocation
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import LocationId
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx


async def put_location(tx: Tx, new: NewLocation) -> Location:
    """Create the place with this code, or change everything about it. BadLocation names what is wrong."""
    return (await put_locations(tx, [new]))[0]


async def put_locations(tx: Tx, news: Sequence[NewLocation]) -> list[Location]:
    """The same for many; all or none. Codes in one list must differ."""
    known = await queries.by_codes(tx, [new.code for new in news])
    for new in news:
        _must(tx, known.get(new.code))
        rules.check(new)
    put = await store.put(tx, news)
    now_known = await queries.by_codes(tx, list(put))
    for new in news:
        location_id, created = put[new.code]
        _announce(tx, new, location_id, created=created)
        before = known.get(new.code)
        if new.closed_from is not None and (before is None or before.closed_from != new.closed_from):
            tx.announce(
                Ref("location", new.code),
                LocationClosed.of(new.code, new.closed_from),
                location_id=location_id,
            )
    return [now_known[new.code] for new in news]


def _must(tx: Tx, known: Location | None) -> None:
    """Changing a place needs the place; making one needs all of them."""
    if known is None:
        tx.actor.must_everywhere(Permission.PLACES_CHANGE)
    else:
        tx.actor.must(Permission.PLACES_CHANGE, at=known.location_id)


def _announce(tx: Tx, new: NewLocation, location_id: LocationId, *, created: bool) -> None:
    said = LocationCreated(new.code, new.name) if created else LocationChanged(new.code, new.name)
    tx.announce(Ref("location", new.code), said, location_id=location_id)
