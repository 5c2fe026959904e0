"""Who is here, the longest wait first, and who is on the way."""

from __future__ import annotations

from ambidex.kernel.values import dataclass, replace
from ambidex.reads.my_work import MyWork
from ambidex.web.parts.views import Work
from ambidex.web.store.cards import arrival_card
from ambidex.web.words import translate as _


@dataclass(frozen=True, slots=True)
class Around:
    """Cards of the arrivals page."""

    here: tuple[Work, ...]
    coming: tuple[Work, ...]


def arrivals_of(work: MyWork) -> Around:
    """Here by waiting time, then who set off; the first one carries the primary button."""
    since = sorted(work.works, key=lambda row: row.customer_side_since or work.now)
    here = [arrival_card(work, row) for row in since if row.customer_side == "arrived"]
    if here and here[0].action is not None:
        here[0] = replace(here[0], action=replace(here[0].action, look="primary"))
    return Around(
        tuple(here),
        tuple(arrival_card(work, row) for row in since if row.customer_side == "on_the_way"),
    )


def arrivals_sentence(around: Around) -> str:
    """What is true now."""
    if not around.here:
        return _("Nobody is waiting.")
    late = sum(card.clock is not None and card.clock.mean.rank > 0 for card in around.here)
    words = (
        _("1 person is waiting.")
        if len(around.here) == 1
        else _("%(n)s people are waiting.", n=len(around.here))
    )
    return f"{words} {_('%(n)s waited too long or nearly so.', n=late)}" if late else words
