"""A full file that says it is complete: what it does not name is not there. Without that word it is left alone."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains.governance import Document, Level, LineState
from ambidex.flows.stock_lines import is_full
from ambidex.reads.drift import lying_at
from ambidex.runtime.db import Read


async def left_out(read: Read, documents: Sequence[Document]) -> list[Level]:
    """What lies at the places of complete files by our book, and is not in them: nothing of it is there.

    A file with a name that nobody knows may mean any item by it, so its silence says nothing.
    """
    return [
        level
        for one in documents
        if one.complete and is_full(one) and all(line.state is not LineState.WAITING for line in one.lines)
        for level in await _nothing_of(read, one)
    ]


async def _nothing_of(read: Read, file: Document) -> list[Level]:
    named = {line.item_id for line in file.lines}
    counts = all(line.state is LineState.BOOKED for line in file.lines)
    lying = await lying_at(read, file.location_id, at=file.happened_at)
    return [
        Level(item_id, file.location_id, 0, file.happened_at, file.document, counts)
        for item_id in lying
        if item_id not in named
    ]
