"""Deciding who may say what, entering what was said exactly once, opening, naming and closing drifts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from ambidex.domains.governance import queries, rules, store
from ambidex.domains.governance.events import (
    AuthoritySet,
    DriftClosed,
    DriftNamed,
    DriftOpened,
    GapSeen,
    HeardAgain,
    WentSilent,
)
from ambidex.domains.governance.model import (
    DRIFT,
    Document,
    DocumentKind,
    Drift,
    DriftKind,
    DriftState,
    DriftVerb,
    Entered,
    Fact,
    Gap,
    Level,
    Line,
    LineState,
    Measured,
    Named,
    Speaker,
    Stream,
)
from ambidex.domains.governance.problems import BadAuthority, DriftIsOver
from ambidex.kernel.actor import Permission
from ambidex.kernel.event import Event
from ambidex.kernel.ids import ItemId, LocationId, SourceId
from ambidex.kernel.ref import Ref
from ambidex.kernel.values import replace
from ambidex.runtime.db import Tx


async def set_authority(tx: Tx, location_id: LocationId, *, fact: Fact, holder: str) -> None:
    """Decide who may say a fact of a place; an empty holder leaves it to the kind of place. Claims stay ours."""
    tx.actor.must(Permission.STOCK_REPAIR, at=location_id)
    if fact is Fact.CLAIMS and holder not in {"", rules.AMBIDEX}:
        raise BadAuthority(
            "claims", errors=[{"field": "holder", "expected": "ambidex: claims are always ours"}]
        )
    await store.put_authority(tx, location_id, fact, holder)
    told = AuthoritySet(fact.value, holder)
    tx.announce(Ref("location", str(location_id)), told, location_id=location_id)


async def enter(tx: Tx, source_id: SourceId, documents: Sequence[Document]) -> Entered:
    """Keep what was said, each line once for ever. A void undoes its transaction, whichever of them came first.

    `conflicting` are files that say something else under a number that was used before; nothing of them is kept.
    """
    new = await store.add_documents(tx, source_id, documents)
    numbered = [
        one
        for one in documents
        if one.kind in (DocumentKind.DELTA, DocumentKind.FULL) and (one.stream, one.document) not in new
    ]
    known = await store.contents(tx, source_id, {(one.stream, one.document) for one in numbered})
    conflicting = {
        (one.stream, one.document) for one in numbered if known[one.stream, one.document] != one.content
    }
    fresh = [one for one in documents if (one.stream, one.document) in new]
    said = [one for one in documents if (one.stream, one.document) not in conflicting]
    kept = await _enter_lines(
        tx, source_id, [one for one in said if one.kind is not DocumentKind.FULL or one in fresh]
    )
    undone = await store.undo(tx, source_id, {(one.stream, one.voids) for one in fresh if one.voids})
    return Entered(fresh, kept, undone, frozenset(conflicting))


async def _enter_lines(tx: Tx, source_id: SourceId, documents: Sequence[Document]) -> list[tuple[str, Line]]:
    lines = {
        (one.stream, line.document, line.line_no, line.part): (one.stream, line)
        for one in documents
        for line in one.lines
        if one.kind is not DocumentKind.FULL or line.state is LineState.WAITING
    }
    void = await store.voided(tx, source_id, {(stream, line.document) for stream, line in lines.values()})
    told = [
        (
            stream,
            replace(line, state=LineState.VOIDED, reason="", owner="")
            if (stream, line.document) in void
            else line,
        )
        for stream, line in lines.values()
    ]
    # the parts of a kit follow their first one: what a kit is made of may have changed since it was told
    new = await store.add_lines(tx, source_id, [one for one in told if not one[1].part])
    fresh = [(stream, line) for stream, line in told if (stream, line.document, line.line_no) in new]
    await store.add_lines(tx, source_id, [one for one in fresh if one[1].part])
    return fresh


async def follow_numbers(
    tx: Tx, speaker: Speaker, documents: Sequence[Document], *, pause: Callable[[Stream], timedelta]
) -> tuple[list[tuple[Gap, LocationId]], dict[str, str]]:
    """Note the numbers that came; gaps seen now, and the tasks that are over (key -> why). `pause`: open time since last heard."""
    places = {one.stream: one.location_id for one in documents}
    streams = await store.lock_streams(tx, speaker.source_id, places)
    before = await store.open_gaps(tx, speaker.source_id, places)
    after: list[Gap] = []
    followed = []
    for name, stream in streams.items():
        came = [(o.number, o.happened_at) for o in documents if o.stream == name and o.number is not None]
        moved, gaps = rules.follow(stream, [gap for gap in before if gap.stream == name], came)
        usual = rules.usual_after(stream.usual, pause(stream)) if tx.now > stream.heard_at else stream.usual
        followed.append(replace(moved, heard_at=tx.now, usual=usual, location_id=places[name]))
        after += gaps
    await store.save_streams(tx, speaker.source_id, followed)
    closed = await store.close_gaps(tx, speaker.source_id, [gap for gap in before if gap not in after])
    seen = [(gap, places[gap.stream]) for gap in after if gap not in before]
    await store.add_gaps(tx, speaker.source_id, seen)
    for gap, place in seen:
        told = GapSeen(speaker.code, gap.stream, gap.low, gap.high)
        tx.announce(Ref("source", speaker.code), told, location_id=place)
    ended = dict.fromkeys(await _heard(tx, speaker, places), "it speaks again")
    return seen, ended | {gap_key(gap_id): "they came after all" for gap_id in closed}


def gap_key(gap_id: UUID) -> str:
    """The task to have these numbers sent again."""
    return f"gap:{gap_id}"


async def _heard(tx: Tx, speaker: Speaker, streams: Collection[str]) -> list[str]:
    ended = await store.end_silences(tx, speaker.source_id, streams)
    for row in ended:
        told = HeardAgain(speaker.code, row.stream, row.since)
        tx.announce(Ref("source", speaker.code), told, location_id=row.location_id)
    return [silence_key(speaker, row.stream, row.since.isoformat()) for row in ended]


async def went_silent(tx: Tx, speaker: Speaker, stream: Stream) -> str | None:
    """It says nothing any more; the key of this silence, None when it was known."""
    if not await store.begin_silence(tx, speaker.source_id, stream):
        return None
    told = WentSilent(speaker.code, stream.stream, stream.heard_at)
    tx.announce(Ref("source", speaker.code), told, location_id=stream.location_id)
    return silence_key(speaker, stream.stream, stream.heard_at.isoformat())


def silence_key(speaker: Speaker, stream: str, since: str) -> str:
    """The same for the same silence."""
    return f"silent:{speaker.code}:{stream}:{since}"


async def observe(
    tx: Tx, source_id: SourceId, levels: Sequence[Level]
) -> list[tuple[Level, datetime | None]]:
    """Keep what a source says lies there; older words never replace newer ones. Those that are newest now."""
    # a clock that runs ahead would silence its own source until that time has come
    said = [replace(one, as_of=min(one.as_of, tx.now)) for one in sorted(levels, key=lambda one: one.as_of)]
    newest = {one.place: one for one in said}
    return await store.put_levels(tx, source_id, list(newest.values()))


async def note_drifts(
    tx: Tx, measured: Sequence[Measured], *, kind: DriftKind, skus: Mapping[ItemId, str]
) -> list[Drift]:
    """Open a drift for each of these that differs, or bring its open one up to date."""
    rows = [
        {
            "drift_id": tx.new_id(),
            "item_id": one.level.item_id,
            "location_id": one.level.location_id,
            "source_id": one.source_id,
            "kind": kind,
            "document": one.level.document,
            "since": one.since,
            "as_of": one.level.as_of,
            "said": one.level.units,
            "book": one.book,
            "amount": one.amount,
            "value_minor": one.amount * one.price_minor,
            "currency": one.currency,
            "authority": one.level.counts,
            "owner_role": one.owner_role,
        }
        for one in measured
    ]
    found = await store.open_drifts(tx, rows)
    for drift in found:
        if drift.opened_at == tx.now:
            sku = skus.get(drift.item_id, "")
            told = DriftOpened(str(drift.source_id), sku, kind.value, drift.said, drift.book, drift.as_of)
            _tell(tx, drift, told)
    return found


async def name_drifts(tx: Tx, named: Sequence[tuple[Drift, Named]]) -> None:
    """Say why, where that is news."""
    news = [(drift, why) for drift, why in named if _is_news(drift, why)]
    await store.name_drifts(tx, news)
    for drift, why in news:
        _tell(tx, drift, DriftNamed(why.cause.value, why.certain))


async def close_drifts(tx: Tx, drifts: Sequence[Drift], verb: DriftVerb, *, outcome: str) -> list[Drift]:
    """Close those that are still open (compare-and-set); which they were."""
    if not drifts:
        return []
    state = DRIFT.after(DriftState.OPEN, verb)
    closed = await store.close_drifts(tx, [one.drift_id for one in drifts], state=state, outcome=outcome)
    for drift in closed:
        _tell(tx, drift, DriftClosed(state.value, drift.amount, outcome))
    return closed


async def settle_observed(tx: Tx, drift: Drift, state: LineState) -> list[tuple[str, Line]]:
    """The lines behind a drift of unheard facts are booked, or let go. Call once its drift is closed."""
    return await store.settle_observed(tx, drift.source_id, drift.place, state)


async def waiting(tx: Tx, source_id: SourceId, items: Iterable[str]) -> list[tuple[str, Line]]:
    """Lines that wait for one of these names, locked."""
    return await store.waiting_lines(tx, source_id, set(items))


async def found(tx: Tx, source_id: SourceId, lines: Sequence[tuple[str, Line]]) -> None:
    """Lines that waited have an item now, and the state that goes with it; a kit's further parts are new."""
    await store.lines_found(tx, source_id, [one for one in lines if not one[1].part])
    await store.add_lines(tx, source_id, [one for one in lines if one[1].part])


async def agreed(tx: Tx, source_id: SourceId, levels: Sequence[Level]) -> None:
    """Our book says the same as of their moment."""
    await store.agreed(tx, source_id, levels)


async def take_open(tx: Tx, drift_id: UUID) -> Drift:
    """An open drift, locked, for somebody who may repair there. Raises UnknownDrift, DriftIsOver."""
    drift = await queries.drift_locked(tx, drift_id)
    tx.actor.must(Permission.STOCK_REPAIR, at=drift.location_id)
    if drift.state is not DriftState.OPEN:
        raise DriftIsOver(drift_id=str(drift_id), state=drift.state.value)
    return drift


async def give_task(tx: Tx, drifts: Sequence[Drift], key: str) -> None:
    """Which task calls a person for these."""
    await store.give_task(tx, [one.drift_id for one in drifts], key)


def _is_news(drift: Drift, why: Named) -> bool:
    return drift.named_at is None or (drift.cause, drift.certain, drift.words) != (
        why.cause,
        why.certain,
        why.words,
    )


def _tell(tx: Tx, drift: Drift, event: Event) -> None:
    tx.announce(Ref("drift", str(drift.drift_id)), event, location_id=drift.location_id)
