"""What a source says lies at a place, beside our book of the same moment: agreed, repaired at once, or somebody's task.

Who may say what lies there, and says it for a sure reason or by a little, is believed at once; everything else is
proposed. A repair is a count as of the moment of the level, so what arrives later from before it changes no shelf.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from ambidex.domains import catalogue, channels, governance, locations
from ambidex.domains.catalogue import Item
from ambidex.domains.governance import (
    Drift,
    DriftCause,
    DriftKind,
    DriftVerb,
    Level,
    Measured,
    Named,
    Place,
    Speaker,
)
from ambidex.domains.inventory import StockRow
from ambidex.domains.locations import Location
from ambidex.flows import ownership, stock_facts
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import ItemId, LocationId, SourceId
from ambidex.kernel.values import replace
from ambidex.reads import drift as reads
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import StoredEvent

rules = governance.decide
# how old a level may be that is still held against the book
HELD_FOR = timedelta(hours=48)
ANSWER_WITHIN = timedelta(hours=2)
# changes of claims: what lies on the shelf stays
CLAIMS_ONLY = frozenset({"reserved", "released", "hold expired", "hold released", "held"})
LATER = "what came in later explains it"
AGREES = "book and source agree again"
SAID_THERE, DRIFTED = "said to be there", "drift: "


async def weigh(tx: Tx, speaker: Speaker, levels: Sequence[Level], *, direct: bool) -> list[Drift]:
    """Hold levels against our book. `direct`: a person counted, so it is believed whatever the difference."""
    if not levels:
        return []
    newest = await governance.change.observe(tx, speaker.source_id, levels)
    measured = await _measure(tx, speaker.source_id, newest)
    agreeing = [one for one in measured if not one.amount]
    drifts = await _note(tx, [one for one in measured if one.amount])
    named = await _name(tx, drifts)
    await _agree(tx, speaker, agreeing)
    sure = [
        drift
        for drift in drifts
        if drift.authority and (direct or _repairs_itself(drift, named[drift.drift_id]))
    ]
    await _repair(tx, sure, code=speaker.code, named=named, outcome="repaired by itself")
    await _ask_people(tx, speaker, [drift for drift in drifts if drift not in sure], named)
    return drifts


async def note_unheard(tx: Tx, speaker: Speaker, places: Sequence[Place]) -> None:
    """Facts said without authority: never booked, shown as drift, with the duty of the place as owner."""
    told = await reads.unheard(tx, speaker.source_id, places)
    levels = [
        (Level(*place, units, as_of, "", counts=False), None)
        for place, (units, as_of) in told.items()
        if units
    ]
    beside = [
        Measured(m.level, m.source_id, 0, None, m.price_minor, m.currency, m.owner_role)
        for m in await _measure(tx, speaker.source_id, levels)
    ]
    drifts = await _note(tx, beside, kind=DriftKind.UNHEARD)
    why = Named(DriftCause.NO_AUTHORITY, certain=True, words=f"{speaker.code} has no authority for it here.")
    await governance.change.name_drifts(tx, [(drift, why) for drift in drifts])
    await _ask_people(tx, speaker, drifts, {drift.drift_id: why for drift in drifts})


async def look_again(run: Run, _outside: Outside) -> bool:
    """One beat: drifts whose cause is not sure are held against what came in meanwhile."""
    async with run.reading() as read:
        unsure = await governance.ask.unsure_drifts(read)
    if unsure:
        await run.perform(SYSTEM, measure_again, drifts=unsure)
    return False


async def measure_again(tx: Tx, *, drifts: Sequence[Drift]) -> None:
    """Name these again by the evidence of now; the open ones are measured again, and repaired when it is sure."""
    named = await _name(tx, drifts)
    still = [drift for drift in drifts if drift.state is governance.DriftState.OPEN]
    by_source: dict[SourceId, list[Drift]] = {}
    for drift in still:
        by_source.setdefault(drift.source_id, []).append(drift)
    _ = [await _again(tx, source_id, theirs, named) for source_id, theirs in sorted(by_source.items())]


async def _again(
    tx: Tx, source_id: SourceId, drifts: Sequence[Drift], named: Mapping[UUID, Named]
) -> list[Drift]:
    speaker = await speaker_of(tx, source_id)
    books = await reads.book_then(tx, {drift.place: drift.as_of for drift in drifts})
    gone = [drift for drift in drifts if books[drift.place][0] == drift.said]
    await close(tx, gone, DriftVerb.EXPLAIN, outcome=LATER)
    moved = [drift for drift in drifts if books[drift.place][0] not in (drift.said, drift.book)]
    levels = [(Level(*d.place, d.said, d.as_of, d.document, d.authority), d.since) for d in moved]
    changed = await _note(tx, await _measure(tx, source_id, levels))
    fresh = {**named, **await _name(tx, changed)}
    left = [drift for drift in drifts if drift not in gone and drift not in moved] + changed
    sure = [drift for drift in left if _repairs_itself(drift, fresh[drift.drift_id])]
    await _repair(tx, sure, code=speaker.code, named=fresh, outcome="repaired by itself")
    return left


async def stock_moved(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """The book changed (a reaction): what was said of these places is held against it again."""
    places = {
        (ItemId(UUID(item)), LocationId(UUID(place)))
        for event in events
        if event.payload["why"] not in CLAIMS_ONLY
        for item, place in event.payload["places"]
    }
    if not places:
        return
    found = await governance.ask.levels_at(tx, places, after=tx.now - HELD_FOR)
    by_source: dict[SourceId, list[tuple[Level, datetime | None]]] = {}
    for source_id, level, agreed_at in found:
        by_source.setdefault(source_id, []).append((level, agreed_at))
    _ = [await _hold_against(tx, source_id, levels) for source_id, levels in sorted(by_source.items())]


async def _hold_against(
    tx: Tx, source_id: SourceId, levels: Sequence[tuple[Level, datetime | None]]
) -> list[Drift]:
    measured = await _measure(tx, source_id, levels)
    open_now = {
        drift.place: drift
        for drift in await governance.ask.open_at(tx, source_id, [one.level.place for one in measured])
    }
    gone = [open_now[m.level.place] for m in measured if not m.amount and m.level.place in open_now]
    await close(tx, gone, DriftVerb.EXPLAIN, outcome=AGREES)
    # what its authority said was believed or waits for a person already; only observers are held against the book
    news = [m for m in measured if m.amount and not m.level.counts and m.level.place not in open_now]
    drifts = await _note(tx, news)
    named = await _name(tx, drifts)
    await _ask_people(tx, await speaker_of(tx, source_id), drifts, named)
    return drifts


async def close(tx: Tx, drifts: Sequence[Drift], verb: DriftVerb, *, outcome: str) -> list[Drift]:
    """Close drifts; the task that asked for them ends with the last one."""
    closed = await governance.change.close_drifts(tx, drifts, verb, outcome=outcome)
    keys = sorted({drift.task_key for drift in closed if drift.task_key})
    ended = [key for key in keys if not await governance.ask.drifts_of_task(tx, key)]
    _ = [await ownership.solved(tx, key, outcome=outcome) for key in ended]
    return closed


def is_word_of_source(cause: str) -> bool:
    """Whether a count was booked because a source said so; every other one was made by hand."""
    return cause == SAID_THERE or cause.startswith(DRIFTED)


async def book_repair(tx: Tx, drifts: Sequence[Drift], *, code: str) -> None:
    """One balanced entry each, as of the moment of the level, named by the drift."""
    by_cause: dict[str, list[Drift]] = {}
    for drift in drifts:
        by_cause.setdefault(drift.cause.value, []).append(drift)
    _ = [
        await stock_facts.book_counts(
            tx,
            [_row(drift) for drift in alike],
            cause=f"{DRIFTED}{cause.replace('_', ' ')}",
            source=code,
            reference=f"drift:{alike[0].drift_id}" if len(alike) == 1 else f"drifts of {alike[0].document}",
        )
        for cause, alike in sorted(by_cause.items())
    ]


async def speaker_of(read: Read, source_id: SourceId) -> Speaker:
    """A source as authorities see it."""
    source = await channels.source_by_id(read, source_id)
    return Speaker(source.source_id, source.code, source.kind)


async def _repair(
    tx: Tx, drifts: Sequence[Drift], *, code: str, named: Mapping[UUID, Named], outcome: str
) -> None:
    """Close first (once for ever), then book; both in this transaction."""
    closed = await close(tx, drifts, DriftVerb.REPAIR, outcome=outcome)
    fresh = {drift.drift_id: drift for drift in closed}
    known = [_with_cause(fresh[key], named[key]) for key in sorted(fresh)]
    await book_repair(tx, known, code=code)


async def _agree(tx: Tx, speaker: Speaker, measured: Sequence[Measured]) -> None:
    """Book and source say the same: where it may count, this is a count; open drifts are over."""
    if not measured:
        return
    places = [one.level.place for one in measured]
    gone = await governance.ask.open_at(tx, speaker.source_id, places)
    await close(tx, gone, DriftVerb.EXPLAIN, outcome=AGREES)
    rows = [
        StockRow(*one.level.place, one.level.units, happened_at=one.level.as_of)
        for one in measured
        if one.level.counts
    ]
    if rows:
        await stock_facts.book_counts(tx, rows, cause=SAID_THERE, source=speaker.code)
    await governance.change.agreed(tx, speaker.source_id, [one.level for one in measured])


async def _measure(
    tx: Tx, source_id: SourceId, levels: Sequence[tuple[Level, datetime | None]]
) -> list[Measured]:
    books = await reads.book_then(tx, {level.place: level.as_of for level, _ in levels})
    items = await catalogue.by_ids(tx, {level.item_id for level, _ in levels})
    places = await locations.by_ids(tx, {level.location_id for level, _ in levels})
    return [
        _measured(
            level, source_id, books[level.place], (items[level.item_id], places[level.location_id]), since
        )
        for level, since in levels
    ]


def _measured(
    level: Level,
    source_id: SourceId,
    book: tuple[int, datetime | None],
    about: tuple[Item, Location],
    agreed: datetime | None,
) -> Measured:
    units, counted_at = book
    moments = [at for at in (counted_at, agreed) if at is not None and at < level.as_of]
    return Measured(
        level=level,
        source_id=source_id,
        book=units,
        since=max(moments, default=None),
        price_minor=about[0].price.minor,
        currency=about[0].price.currency,
        owner_role=rules.owner_of(about[1].kind.value),
    )


async def _note(tx: Tx, measured: Sequence[Measured], *, kind: DriftKind = DriftKind.STOCK) -> list[Drift]:
    if not measured:
        return []
    items = await catalogue.by_ids(tx, {one.level.item_id for one in measured})
    skus = {item_id: item.sku for item_id, item in items.items()}
    return await governance.change.note_drifts(tx, measured, kind=kind, skus=skus)


async def _name(tx: Tx, drifts: Sequence[Drift]) -> dict[UUID, Named]:
    found = await reads.clues(tx, drifts)
    named = {drift.drift_id: rules.name(drift.amount, found[drift.drift_id]) for drift in drifts}
    await governance.change.name_drifts(tx, [(drift, named[drift.drift_id]) for drift in drifts])
    return named


def _repairs_itself(drift: Drift, named: Named) -> bool:
    return rules.repairs_itself(
        named, amount=drift.amount, value_minor=drift.value_minor, authority=drift.authority
    )


def _with_cause(drift: Drift, named: Named) -> Drift:
    return replace(drift, cause=named.cause, certain=named.certain, words=named.words)


def _row(drift: Drift) -> StockRow:
    return StockRow(*drift.place, drift.said, happened_at=drift.as_of)


async def _ask_people(tx: Tx, speaker: Speaker, drifts: Sequence[Drift], named: Mapping[UUID, Named]) -> None:
    """One task for the drifts of one document at one place that are worth somebody's time."""
    worth = [d for d in drifts if rules.needs_person(amount=d.amount, value_minor=d.value_minor)]
    together: dict[tuple[LocationId, str], list[Drift]] = {}
    for drift in worth:
        together.setdefault((drift.location_id, drift.document), []).append(drift)
    places = await locations.by_ids(tx, {place for place, _ in together})
    _ = [
        await _ask(tx, speaker, places[place], theirs, named)
        for (place, _), theirs in sorted(together.items())
    ]


async def _ask(
    tx: Tx, speaker: Speaker, place: Location, drifts: Sequence[Drift], named: Mapping[UUID, Named]
) -> str:
    first = max(drifts, key=lambda drift: abs(drift.value_minor))
    key = first.task_key or f"drift:{first.drift_id}"
    things = "1 item" if len(drifts) == 1 else f"{len(drifts)} items"
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="drift",
        cause="system",
        title=f"{speaker.code} and our book differ on {things} at {place.name}",
        detail=named[first.drift_id].words,
        key=key,
        role=first.owner_role,
        about=ownership.About(
            location_id=None if first.owner_role == rules.OWNER_ELSEWHERE else place.location_id,
            due_at=place.hours.after_open_time(tx.now, ANSWER_WITHIN) or tx.now + ANSWER_WITHIN,
            facts={"subject": f"/drift/{first.drift_id}", "source": speaker.code},
        ),
    )
    await governance.change.give_task(tx, drifts, key)
    return key
