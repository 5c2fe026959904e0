"""Messages of tills, warehouses and partners take effect in lists: one transaction for all that wait of one source.

Each line counts once, however often, late or shuffled it is told, so a list that failed may be halved and told again.
What is said without authority is only observed; a line whose item nobody knows waits alone, with an owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import structlog

from ambidex.domains import catalogue, channels, governance, locations
from ambidex.domains.catalogue import Item
from ambidex.domains.channels import Source
from ambidex.domains.governance import Document, LineKind, LineState, Speaker
from ambidex.domains.locations import Location
from ambidex.flows import measure_drift, ownership, shop_words, stock_facts, stock_lines, take_in
from ambidex.flows.shop_port import SYSTEMS, Unreadable
from ambidex.flows.stock_lines import Known
from ambidex.flows.stock_port import TOPICS, SaidDocument
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind, Permission
from ambidex.kernel.ids import LocationId
from ambidex.runtime import crash, inbox
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.faults import is_passing, words
from ambidex.runtime.inbox import Message
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import StoredEvent

AT_ONCE = 400
NAME_WITHIN = timedelta(hours=4)
NUMBER_REUSED = "this number was sent before with other content; a correction needs a number of its own"
log = structlog.get_logger("ambidex.take_stock")
Part = tuple[Message, Sequence[SaidDocument]]


@dataclass
class Effect:
    """What a list of messages did, for the words beside each message."""

    parked: dict[UUID, str] = field(default_factory=dict)
    booked: int = 0
    waiting: int = 0
    observed: int = 0


def actor_of(source: Source) -> Actor:
    """The source as an actor: it may say what was counted; where, is asked of its authority."""
    return Actor(
        id=f"source:{source.code}",
        kind=ActorKind.SOURCE,
        name=source.code,
        permissions=frozenset({Permission.STOCK_COUNT, Permission.STOCK_REPAIR}),
        places=None,
        role="integration",
    )


async def apply_waiting(run: Run, outside: Outside) -> bool:
    """Apply what waits, a list for each source; whether there may be more. One beat of the worker."""
    taken = await run.perform(SYSTEM, inbox.take, limit=AT_ONCE, topics=TOPICS)
    by_source: dict[str, list[Message]] = {}
    for message in taken:
        by_source.setdefault(message.source, []).append(message)
    for code, messages in by_source.items():
        await apply_list(run, outside, code, messages)
    return len(taken) == AT_ONCE


async def apply_list(run: Run, outside: Outside, code: str, messages: Sequence[Message]) -> None:
    """Apply leased messages of one source together. A failure of the database is raised, nothing lost."""
    async with run.reading() as read:
        source = await channels.source(read, code)
    system = outside.via(SYSTEMS).of_kind(source.kind)
    assert system is not None, "it was received, so its kind is spoken here"
    parts: list[Part] = []
    for message in messages:
        try:
            told = system.read(message.topic, message.body)
            parts.append((message, [one for one in told if isinstance(one, SaidDocument)]))
        except Unreadable as cause:
            await take_in.put_aside(run, message, str(cause))
    await _apply(run, source, parts)


async def _apply(run: Run, source: Source, parts: Sequence[Part]) -> None:
    if not parts:
        return
    crash.point("inbox-before-record")
    try:
        await run.perform(actor_of(source), book_list, source, parts)
    except Exception as cause:
        if is_passing(cause):
            raise
        if len(parts) == 1:
            log.exception("failed", source=source.code, reason=words(cause))
            await take_in.later_or_aside(run, parts[0][0], cause)
            return
        half = len(parts) // 2
        await _apply(run, source, parts[:half])
        await _apply(run, source, parts[half:])
    crash.point("inbox-after-record")


async def book_list(tx: Tx, source: Source, parts: Sequence[Part]) -> Effect:
    """Everything these messages say, and that they were said, in one transaction."""
    said = [one for _, documents in parts for one in documents]
    known = await names_of(tx, source, said)
    effect = Effect(_nowhere(parts, known))
    heard = [(m, one) for m, documents in parts if m.message_id not in effect.parked for one in documents]
    if heard:
        await _enter(tx, source, heard, known=known, effect=effect)
    await _settle(tx, parts, effect)
    return effect


async def names_of(read: Read, source: Source, said: Iterable[SaidDocument]) -> Known:
    """What names mean: as mapped for this source, else our own SKU, barcode or code of a place."""
    documents = list(said)
    wanted = {line.item for one in documents for line in one.lines}
    where = {one.place for one in documents}
    skus = await channels.mapped(read, source.source_id, kind="item", externals=wanted)
    codes = await channels.mapped(read, source.source_id, kind="place", externals=where)
    places = await locations.by_codes(read, {codes.get(name, name) for name in where})
    items = await catalogue.by_skus(read, {skus.get(name, name) for name in wanted})
    left = {name for name in wanted if skus.get(name, name) not in items}
    owners = await catalogue.barcode_owners(read, left)
    scanned = await catalogue.by_ids(read, set(owners.values()))
    return Known(
        {name: item for name in wanted if (item := items.get(skus.get(name, name))) is not None}
        | {name: scanned[item_id] for name, item_id in owners.items() if item_id in scanned},
        {name: place for name in where if (place := places.get(codes.get(name, name))) is not None},
    )


def _nowhere(parts: Sequence[Part], known: Known) -> dict[UUID, str]:
    """Messages that name a place nobody knows: a person says what it is, then they go through again."""
    return {
        message.message_id: "; ".join(sorted({shop_words.unknown_place(one.place) for one in lost}))
        for message, documents in parts
        if (lost := [one for one in documents if one.place not in known.places])
    }


async def _enter(
    tx: Tx, source: Source, heard: Sequence[tuple[Message, SaidDocument]], *, known: Known, effect: Effect
) -> None:
    speaker = Speaker(source.source_id, source.code, source.kind)
    places = {known.places[one.place].location_id: known.places[one.place] for _, one in heard}
    rights = await governance.ask.rights(tx, {key: place.kind.value for key, place in places.items()})
    documents = [
        stock_lines.document_of(one, known, rights, speaker, message.message_id) for message, one in heard
    ]
    entered = await governance.change.enter(tx, source.source_id, documents)
    for one in documents:
        if (one.stream, one.document) in entered.conflicting and one.message_id is not None:
            effect.parked[one.message_id] = NUMBER_REUSED
    told = [one for one in documents if one.message_id not in effect.parked]
    await _numbers(tx, speaker, told, places)
    for state in (line.state for _, line in entered.lines):
        effect.booked += state is LineState.BOOKED
        effect.waiting += state is LineState.WAITING
        effect.observed += state is LineState.OBSERVED
    await _own_waiting(tx, source, entered.lines)
    await book_lines(tx, source, entered)
    files = [line for one in entered.documents if stock_lines.is_full(one) for line in one.lines]
    await measure_drift.weigh(tx, speaker, stock_lines.levels(files), direct=False)


async def book_lines(tx: Tx, source: Source, entered: governance.Entered) -> None:
    """Book what was new: units first, then what a person counted, then the drift of what was not allowed to be said."""
    moved = [*stock_lines.undoing(entered.undone), *stock_lines.movements(entered.lines)]
    if moved:
        await stock_facts.book_facts(tx, moved, cause="told by a system", source=source.code)
    speaker = Speaker(source.source_id, source.code, source.kind)
    counted = stock_lines.levels(line for _, line in entered.lines)
    await measure_drift.weigh(tx, speaker, counted, direct=True)
    observed = {
        line.place
        for _, line in (*entered.lines, *entered.undone)
        if line.state is LineState.OBSERVED and line.kind is not LineKind.COUNT and line.item_id
    }
    await measure_drift.note_unheard(tx, speaker, sorted(observed))


async def _numbers(
    tx: Tx, speaker: Speaker, documents: Sequence[Document], places: Mapping[LocationId, Location]
) -> None:
    _gaps, ended = await governance.change.follow_numbers(
        tx,
        speaker,
        documents,
        pause=lambda s: (
            places[s.location_id].hours.open_time_between(s.heard_at, tx.now)
            if s.location_id in places
            else timedelta()
        ),
    )
    _ = [await ownership.solved(tx, key, outcome="it speaks again") for key in ended]


async def _own_waiting(tx: Tx, source: Source, lines: Iterable[tuple[str, governance.Line]]) -> None:
    """Somebody says what a name means; one task for each name."""
    waiting = {line.item: line for _, line in lines if line.state is LineState.WAITING}
    _ = [
        await ownership.hand_to_person(
            tx,
            order_id=None,
            kind="unknown_item",
            cause="platform",
            title=f"Say what {item} of {source.code} is",
            detail=f"{line.reason}: its lines wait; everything else of the message was booked.",
            key=waiting_key(source, item),
            role=stock_lines.OWNER,
            about=ownership.About(due_at=tx.now + NAME_WITHIN, facts={"source": source.code, "item": item}),
        )
        for item, line in sorted(waiting.items())
    ]


def waiting_key(source: Source, item: str) -> str:
    """The task to say what a name means."""
    return f"unknown-item:{source.code}:{item}"


async def names_found(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A name was mapped (a reaction): lines that waited for it are booked, each when it happened."""
    named: dict[str, set[str]] = {}
    for event in events:
        if event.payload["kind"] == "item":
            named.setdefault(event.payload["code"], set()).add(event.payload["external"])
    _ = [await book_waiting(tx, code, items) for code, items in sorted(named.items())]


async def book_waiting(tx: Tx, code: str, items: Iterable[str]) -> int:
    """Book lines of a source that waited for these names; how many."""
    source = await channels.source(tx, code)
    lines = await governance.change.waiting(tx, source.source_id, items)
    if not lines:
        return 0
    ids = {line.location_id for _, line in lines}
    places = await locations.by_ids(tx, ids)
    skus = await channels.mapped(
        tx, source.source_id, kind="item", externals={line.item for _, line in lines}
    )
    found = await catalogue.by_skus(tx, {skus.get(line.item, line.item) for _, line in lines})
    rights = await governance.ask.rights(tx, {key: place.kind.value for key, place in places.items()})
    speaker = Speaker(source.source_id, source.code, source.kind)
    known = [
        (stream, _known(line, item, rights, speaker))
        for stream, line in lines
        if (item := found.get(skus.get(line.item, line.item))) is not None
    ]
    await governance.change.found(tx, source.source_id, known)
    await book_lines(tx, source, governance.Entered([], known, []))
    _ = [
        await ownership.solved(tx, waiting_key(source, name), outcome="it has a name now")
        for name in sorted({line.item for _, line in known})
    ]
    return len(known)


def _known(line: governance.Line, item: Item, rights: governance.Rights, speaker: Speaker) -> governance.Line:
    fact = governance.rules.FACT_OF[line.kind]
    may = governance.rules.may_say(rights, speaker, line.location_id, fact)
    state = LineState.BOOKED if may else LineState.OBSERVED
    return replace(line, item_id=item.item_id, state=state, reason="", owner="")


async def _settle(tx: Tx, parts: Sequence[Part], effect: Effect) -> None:
    done = [message for message, _ in parts if message.message_id not in effect.parked]
    outcome = f"{effect.booked} lines booked of {len(done)} messages"
    if effect.waiting:
        outcome += f", {effect.waiting} wait for a name"
    if effect.observed:
        outcome += f", {effect.observed} only observed: no authority"
    await inbox.settle_all(tx, [message.message_id for message in done], outcome=outcome)
    replayed = [message for message in done if message.reason]
    _ = [await ownership.solved(tx, take_in.task_key(m), outcome=outcome) for m in replayed]
    aside = [message for message, _ in parts if message.message_id in effect.parked]
    _ = [await take_in.park(tx, message=m, reason=effect.parked[m.message_id]) for m in aside]
