"""What stands above My work: that the place is paused, and that orders wait for a place."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.kernel.actor import Actor
from ambidex.kernel.values import dataclass
from ambidex.reads.parked_orders import parked_count
from ambidex.runtime.db import Read
from ambidex.web.paused import pauses_here
from ambidex.web.words import translate as _

PARKED_CONCERNS = frozenset({"lead", "supervisor", "district", "agent", "experience", "admin"})


@dataclass(frozen=True, slots=True)
class AboveWork:
    """Sentences; none where nothing is to be said."""

    pauses: Sequence[str]
    parked: str


async def above_work(read: Read, who: Actor) -> AboveWork:
    """As this person is told: leads and those above them see that orders wait for a place."""
    concerned = not PARKED_CONCERNS.isdisjoint(who.roles or {who.role})
    parked = await parked_count(read) if concerned else 0
    return AboveWork(await pauses_here(read, who.at), _parked_words(parked))


def _parked_words(count: int) -> str:
    if not count:
        return ""
    return (
        _("1 order waits for a place that can send it")
        if count == 1
        else _("%(n)s orders wait for a place that can send them", n=count)
    )
