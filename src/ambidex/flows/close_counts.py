"""An authoritative count is being booked: the counts that waited there are answered, and nobody needs to do their tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from ambidex.domains import counting, tasks
from ambidex.domains.counting import Count
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.runtime.db import Tx

STEPS = ("count", "recount", "count-approve")


async def close_counts(tx: Tx, counted: Mapping[tuple[ItemId, LocationId], int]) -> Sequence[Count]:
    """Call before stock is locked. Raises OwnCount where this person's own number waits for somebody else."""
    done = await counting.answer(tx, counted)
    _ = [await finish_tasks(tx, one.count_id, proof={"counted": counted[one.place]}) for one in done]
    return done


async def finish_tasks(tx: Tx, count_id: UUID, *, proof: Mapping[str, object]) -> list[bool]:
    """Whatever step of this count a person was asked for has happened."""
    return [await tasks.finish_by_key(tx, f"{step}:{count_id}", proof=proof) for step in STEPS]
