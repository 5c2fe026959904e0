"""Everything that a list of messages says of stock, and that it was said, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from ambidex.domains import governance
from ambidex.domains.channels import Source
from ambidex.domains.governance import Document, LineState, Speaker
from ambidex.domains.locations import Location
from ambidex.flows import measure_drift, ownership, shop_words, stock_lines, take_in
from ambidex.flows.book_lines import book_lines
from ambidex.flows.complete_files import left_out
from ambidex.flows.stock_lines import Known
from ambidex.flows.stock_names import names_of, own_waiting
from ambidex.flows.stock_port import SaidDocument
from ambidex.flows.stock_rights import stock_rights
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass, field
from ambidex.runtime import inbox
from ambidex.runtime.db import Tx
from ambidex.runtime.inbox import Message

NUMBER_REUSED = "this number was sent before with other content; a correction needs a number of its own"
Part = tuple[Message, Sequence[SaidDocument]]


@dataclass
class Effect:
    """What a list of messages did, for the words beside each message."""

    parked: dict[UUID, str] = field(default_factory=dict)
    booked: int = 0
    waiting: int = 0
    observed: int = 0


async def book_list(tx: Tx, source: Source, parts: Sequence[Part]) -> Effect:
    """Everything these messages say, and that they were said, in one transaction."""
    said = [one for _, documents in parts for one in documents]
    known = await names_of(tx, source, said)
    effect = Effect(_nowhere(parts, known))
    heard = [
        (message, stock_lines.not_after(one, message.received_at))
        for message, documents in parts
        if message.message_id not in effect.parked
        for one in documents
    ]
    if heard:
        await _enter(tx, source, heard, known=known, effect=effect)
    await _settle(tx, parts, effect)
    return effect


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
    rights = await stock_rights(tx, {key: place.kind.value for key, place in places.items()})
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
    await own_waiting(tx, source, entered.lines)
    await book_lines(tx, source, entered)
    files = [line for one in entered.documents if stock_lines.is_full(one) for line in one.lines]
    said = [*stock_lines.levels(files), *await left_out(tx, entered.documents)]
    await measure_drift.weigh(tx, speaker, said, direct=False)


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
    _ = [await ownership.solved(tx, key, outcome=why) for key, why in sorted(ended.items())]


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
