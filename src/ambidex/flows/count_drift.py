"""A drift that nothing explains is counted, the worst first, by who knows neither number; a count ends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ambidex.domains import catalogue, counting, governance, locations
from ambidex.domains.counting import CountKind
from ambidex.domains.governance import Drift, DriftKind, DriftState, DriftVerb, Place
from ambidex.flows import measure_drift
from ambidex.flows.close_counts import finish_tasks
from ambidex.flows.need_count import need_count
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.reads.drift import book_then
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import StoredEvent

NAMED_BY = frozenset({"governance.drift-named"})
ENDED_BY = frozenset({"governance.drift-closed"})
COUNTED_BY = frozenset({"inventory.counted"})
# one file may differ on hundreds of items: nobody is sent to more of them at once
COUNTS_MAX = 10
COUNTED = "somebody counted it since"
NOT_NEEDED = "book and source were explained"


async def count_drifts(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """Drifts were named (a reaction): those over the threshold whose cause is not sure are counted by our own people."""
    named = await governance.ask.drifts_of(tx, {UUID(event.subject.id) for event in events})
    doubtful = [drift for drift in named if _is_doubtful(drift)]
    places = await locations.by_ids(tx, {drift.location_id for drift in doubtful})
    ours = [d for d in doubtful if places[d.location_id].kind.value in governance.decide.OWNERS]
    wanted = [drift for place in places for drift in _worst(ours, place)]
    items = await catalogue.by_ids(tx, {drift.item_id for drift in wanted})
    _ = [
        await need_count(tx, places[drift.location_id], items[drift.item_id], kind=CountKind.DRIFT)
        for drift in sorted(wanted, key=lambda one: one.place)
    ]


async def counted(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """Shelves were counted by hand (a reaction): what was said of them before is over."""
    places = {
        (ItemId(UUID(event.payload["item_id"])), event.location_id)
        for event in events
        if event.location_id is not None and not measure_drift.is_word_of_source(event.payload["why"])
    }
    drifts = await governance.ask.open_at(tx, None, places)
    shelves = await book_then(tx, {drift.place: tx.now for drift in drifts})
    over = [drift for drift in drifts if _is_counted(drift, shelves[drift.place][1])]
    await measure_drift.close(tx, over, DriftVerb.EXPLAIN, outcome=COUNTED)


async def no_longer_needed(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """Drifts are over (a reaction): nobody has to go and count them, unless somebody has begun."""
    closed = await governance.ask.drifts_of(tx, {UUID(event.subject.id) for event in events})
    places: set[Place] = {drift.place for drift in closed}
    still = {drift.place for drift in await governance.ask.open_at(tx, None, places)}
    ended = await counting.call_off(tx, places - still, kind=CountKind.DRIFT, why=NOT_NEEDED)
    _ = [await finish_tasks(tx, one.count_id, proof={"canceled": NOT_NEEDED}) for one in ended]


def _is_doubtful(drift: Drift) -> bool:
    is_open = drift.state is DriftState.OPEN and drift.kind is DriftKind.STOCK
    worth = governance.decide.needs_person(amount=drift.amount, value_minor=drift.value_minor)
    return is_open and worth and not drift.certain


def _worst(drifts: Sequence[Drift], place: LocationId) -> list[Drift]:
    """Of one place, what differs by most money; of several sources about one item, one."""
    here = {drift.place: drift for drift in drifts if drift.location_id == place}
    return sorted(here.values(), key=lambda drift: -abs(drift.value_minor))[:COUNTS_MAX]


def _is_counted(drift: Drift, counted_at: datetime | None) -> bool:
    return counted_at is not None and counted_at > drift.as_of
