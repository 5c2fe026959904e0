"""Systems that speak of stock watch themselves badly: a silence beyond their habit and a number left out become owned.

Habit is measured in open time of the place, so a register that sleeps with its shop is not called silent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from ambidex.domains import channels, governance, locations
from ambidex.domains.channels import Source
from ambidex.domains.governance import Speaker, Stream
from ambidex.domains.locations import Location
from ambidex.flows import ownership
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import LocationId, SourceId
from ambidex.reads.drift import MissingNumbers, missing_numbers
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

OWNER = "experience"
# a register that was not heard for so long is no longer used, which is somebody's decision, not a fault
USED_WITHIN = timedelta(days=14)
# a number may be overtaken on the way by the next one
PATIENCE = timedelta(minutes=3)


async def look(run: Run, _outside: Outside) -> bool:
    """One beat: who has gone silent, and which numbers are missing for good."""
    async with run.reading() as read:
        silent = await _silent(read)
        missing = await missing_numbers(read, opened_before=read.now - PATIENCE)
    if silent:
        await run.perform(SYSTEM, note_silent, streams=silent)
    if missing:
        await run.perform(SYSTEM, ask_for_numbers, missing=missing)
    return False


async def _silent(read: Read) -> list[tuple[Source, Stream, Location]]:
    heard = await governance.ask.speaking_streams(read, within=USED_WITHIN)
    places = await locations.by_ids(read, {stream.location_id for _, stream in heard})
    quiet = [
        (source_id, stream, places[stream.location_id])
        for source_id, stream in heard
        if _is_quiet(stream, places, read)
    ]
    sources = await _sources(read, {source_id for source_id, _, _ in quiet})
    return [(sources[source_id], stream, place) for source_id, stream, place in quiet]


def _is_quiet(stream: Stream, places: Mapping[LocationId, Location], read: Read) -> bool:
    hours = places[stream.location_id].hours
    return governance.decide.is_silent(
        stream.usual, quiet_for=hours.open_time_between(stream.heard_at, read.now)
    )


async def note_silent(tx: Tx, *, streams: Sequence[tuple[Source, Stream, Location]]) -> None:
    """Silent since it was last heard: owned once, until it speaks again."""
    _ = [await _note(tx, source, stream, place) for source, stream, place in streams]


async def _note(tx: Tx, source: Source, stream: Stream, place: Location) -> bool:
    speaker = Speaker(source.source_id, source.code, source.kind)
    key = await governance.change.went_silent(tx, speaker, stream)
    if key is None:
        return False
    since = stream.heard_at.astimezone(place.zone)
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="connector_silent",
        cause="system",
        title=f"{source.code} says nothing any more ({stream.stream})",
        detail=f"The last message came at {since:%a %H:%M}; usually there is one every {_span(stream.usual)}.",
        key=key,
        role=OWNER,
        about=ownership.About(facts={"source": source.code, "place": place.code, "subject": "/drift"}),
    )
    return True


async def ask_for_numbers(tx: Tx, *, missing: Sequence[MissingNumbers]) -> None:
    """Numbers that nobody sent are asked for, once for each gap."""
    _ = [
        await ownership.hand_to_person(
            tx,
            order_id=None,
            kind="numbers_missing",
            cause="system",
            title=f"Have {gap.source} send {gap.numbers} of {gap.stream} again",
            detail="Later numbers came and these did not; what they say is not in our book.",
            key=governance.change.gap_key(gap.gap_id),
            role=OWNER,
            about=ownership.About(facts={"source": gap.source, "subject": "/drift"}),
        )
        for gap in missing
    ]


async def _sources(read: Read, wanted: set[SourceId]) -> dict[SourceId, Source]:
    return {source_id: await channels.source_by_id(read, source_id) for source_id in sorted(wanted)}


def _span(usual: timedelta) -> str:
    minutes = max(1, round(usual.total_seconds() / 60))
    return f"{minutes} min" if minutes < 120 else f"{round(minutes / 60)} h"
