"""What the wall shows of a place: figures, and the most urgent cards of each lane."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ambidex.kernel.values import dataclass
from ambidex.reads.board import Today
from ambidex.reads.my_work import MyWork
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Stat, Work
from ambidex.web.store.cards import Chosen, Lanes, lanes_of
from ambidex.web.words import translate as _

CARDS_MAX = 7


@dataclass(frozen=True, slots=True)
class Board:
    """Figures and the most urgent cards of each lane; `hidden` says how many more there are."""

    stats: tuple[Stat, ...]
    lanes: Lanes
    shown: Lanes


def board_of(work: MyWork, kept: Today, *, me: str) -> Board:
    """What the wall shows of a place's work."""
    lanes = lanes_of(work, Chosen("all", me))
    shown = Lanes(lanes.here[:CARDS_MAX], lanes.coming[:CARDS_MAX], lanes.waiting[:CARDS_MAX])
    going = (*lanes.here, *lanes.coming)
    late, risk = _count(going, Mean.BROKEN), _count(going, Mean.AT_RISK)
    closed = kept.kept + kept.broken
    stats = (
        Stat(
            label=_("Waiting here"),
            value=str(len(lanes.here)),
            mean=Mean.AT_RISK if lanes.here else Mean.NONE,
            icon="door-open",
        ),
        Stat(label=_("Late"), value=str(late), mean=Mean.BROKEN if late else Mean.NONE, icon="octagon-x"),
        Stat(
            label=_("At risk"),
            value=str(risk),
            mean=Mean.AT_RISK if risk else Mean.NONE,
            icon="triangle-alert",
        ),
        Stat(label=_("To do"), value=str(len(lanes.coming)), icon="list-checks"),
        Stat(
            label=_("Kept today"),
            value=f"{round(100 * kept.kept / closed)}" if closed else "–",
            unit="%" if closed else "",
            note=_("%(n)s of %(all)s promises", n=kept.kept, all=closed) if closed else _("None due yet"),
            mean=Mean.ON_TRACK if closed and not kept.broken else Mean.NONE,
        ),
    )
    return Board(stats, lanes, shown)


def morning_of(work: MyWork) -> datetime:
    """When today began at the place."""
    return work.now.astimezone(ZoneInfo(work.zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def _count(cards: tuple[Work, ...], mean: Mean) -> int:
    return sum(card.clock is not None and card.clock.mean is mean for card in cards)
