"""My work as cards: who stands here now, what is next by promise at risk, what waits for the customer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from ambidex.kernel.ids import LocationId, child_id
from ambidex.kernel.values import dataclass, replace
from ambidex.reads.my_work import MyWork
from ambidex.runtime.db import Row
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Action, Person, Picture, Work
from ambidex.web.store.ship_cards import ICONS as SENT_ICONS
from ambidex.web.store.ship_cards import is_anybodys, is_sent, sent_action, sent_clock, sent_words
from ambidex.web.store.words import items_words, picture_of
from ambidex.web.words import translate as _

ATTEND_WITHIN = timedelta(minutes=4)
TASK_ICONS = {
    "count": "binary",
    "put_away": "archive",
    "attend": "door-open",
    "call_customer": "phone",
    "repair_message": "wrench",
    "solve_exception": "circle-help",
}
AROUND = {"arrived", "on_the_way"}


@dataclass(frozen=True, slots=True)
class Lanes:
    """What stands under each heading, the most urgent first."""

    here: tuple[Work, ...]
    coming: tuple[Work, ...]
    waiting: tuple[Work, ...]

    @property
    def everything(self) -> tuple[Work, ...]:
        return (*self.here, *self.coming, *self.waiting)


def anywhere(_place: LocationId) -> bool:
    """Whoever looks may act."""
    return True


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which cards are shown: all, pick, here or mine; `me` is who looks, `acts` where they may do it themselves."""

    show: str
    me: str
    acts: Callable[[LocationId], bool] = anywhere


def lanes_of(work: MyWork, chosen: Chosen) -> Lanes:
    """The cards of my work, first things first; the very first carries the one primary button."""
    rows = [row for row in work.works if _is_shown(row, chosen)]
    cards = {(row.order_id, row.work_no): _card_of(work, row, chosen) for row in rows if _is_to_do(row)}
    here = [cards[row.order_id, row.work_no] for row in rows if row.customer_side == "arrived"]
    ready = [row for row in rows if row.state == "ready" and row.customer_side != "arrived"]
    going = [row for row in rows if row.state != "ready" and row.customer_side != "arrived"]
    coming = [cards[row.order_id, row.work_no] for row in going] + _tasks(work, chosen)
    waiting = [waiting_card(work, row) for row in ready]
    if chosen.show == "all":
        waiting += [answer_card(work, row) for row in work.answers]
    lanes = Lanes(_by_clock(here), _by_clock(coming), _by_clock(waiting))
    return _with_primary(lanes)


def _is_to_do(row: Row[Any]) -> bool:
    return bool(row.customer_side == "arrived" or row.state != "ready")


def _card_of(work: MyWork, row: Row[Any], chosen: Chosen) -> Work:
    arrived = row.customer_side == "arrived"
    card = arrival_card(work, row) if arrived else work_card(work, row, me=chosen.me)
    return card if chosen.acts(row.location_id) else replace(card, action=None)


def counts_of(work: MyWork, me: str) -> dict[str, int]:
    """How many cards each filter would show."""
    counts = {}
    for show in ("all", "pick", "here", "mine"):
        counts[show] = len(lanes_of(work, Chosen(show, me)).everything)
    return counts


def arrival_card(work: MyWork, row: Row[Any]) -> Work:
    """The customer stands here, or is on the way."""
    since = row.customer_side_since or work.now
    zone = work.zone
    here = row.customer_side == "arrived"
    clock = Clock(
        what=_("Here since") if here else _("On the way since"),
        by=since + ATTEND_WITHIN,
        began=since,
        now=work.now,
        zone=zone,
        since=since,
        least=Mean.ON_TRACK if here else Mean.WAITING,
    )
    sub = " · ".join(part for part in (_deed_words(work, row), row.customer_note) if part)
    return replace(
        _card(work, row),
        sub=sub,
        place=row.staging_label if row.state == "ready" else "",
        clock=clock if here else None,
        mean=Mean.WAITING,
        kind_icon="shopping-bag" if here else "navigation",
        state="arrived" if here else "",
        action=_action(row),
    )


def work_card(work: MyWork, row: Row[Any], *, me: str) -> Work:
    """Work on the way to *ready*. Somebody else's shows who has it instead of a button."""
    mine = row.assignee_id in {"", me} or row.state == "offered" or is_anybodys(row)
    other = "" if mine else row.assignee_name
    return replace(
        _card(work, row),
        sub=_deed_words(work, row),
        clock=clock_of(work, row),
        owner=Person(name=other, note=_("has it")) if other else None,
        action=None if other else _action(row),
    )


def waiting_card(work: MyWork, row: Row[Any]) -> Work:
    """Ready, and nothing is left to do until the customer comes."""
    clock = None
    if row.collect_until and row.ready_at:
        clock = Clock(
            what=_("Back to stock"),
            by=row.collect_until,
            began=row.ready_at,
            now=work.now,
            zone=work.zone,
            least=Mean.WAITING,
        )
    on_the_way = row.customer_side == "on_the_way"
    return replace(
        _card(work, row),
        sub=_("On the way here") if on_the_way else _("Ready to collect"),
        place=row.staging_label,
        kind_icon="navigation" if on_the_way else "shopping-bag",
        clock=clock,
        mean=Mean.WAITING,
    )


def answer_card(work: MyWork, row: Row[Any]) -> Work:
    """The customer chooses what shall happen; the order page shows between what."""
    return Work(
        title=row.contact_name or row.number,
        href=f"/orders/{row.order_id}",
        kind_icon="shuffle",
        sub=_("Chooses what we do instead"),
        mean=Mean.WAITING,
        clock=Clock(
            what=_("Answers by"),
            by=row.due_at,
            began=row.made_at,
            now=work.now,
            zone=work.zone,
            least=Mean.WAITING,
        ),
        topic=f"order:{row.order_id}",
    )


def task_card(work: MyWork, row: Row[Any]) -> Work:
    """A task: compact, its due time beside it."""
    where = work.name_of(row.location_id)
    taken = _("%(name)s has it", name=row.assignee_name) if row.assignee_name else ""
    return Work(
        title=row.title,
        href=_where_done(row),
        kind_icon=TASK_ICONS.get(row.kind, "clipboard-list"),
        sub=" · ".join(part for part in (_TASK_WORDS.get(row.kind, _("Task")), where, taken) if part),
        clock=Clock(
            what=_("Done by"),
            by=row.due_at,
            began=row.opened_at,
            now=work.now,
            zone=work.zone,
        ),
    )


def _where_done(row: Row[Any]) -> str:
    """The page on which a task is done: that of its delivery, else its own."""
    delivery = dict(row.details).get("delivery")
    return f"/deliveries/{delivery}" if delivery else f"/tasks/{row.task_id}"


def clock_of(work: MyWork, row: Row[Any]) -> Clock | None:
    """The clock of a work: until it is accepted the time to answer, then the promise."""
    zone = work.zone
    if row.state == "offered" and row.next_milestone:
        return Clock(
            what=_("Accept by"), by=row.next_milestone, began=row.offered_at, now=work.now, zone=zone
        )
    if is_sent(row):
        return sent_clock(row, now=work.now, zone=zone)
    return None if row.due_at is None else ready_clock(row, now=work.now, zone=zone)


def ready_clock(row: Row[Any], *, now: datetime, zone: str) -> Clock:
    """The promise of a work row; a missed inner deadline makes it at risk early."""
    missed = row.next_milestone is not None and row.next_milestone < now
    return Clock(
        what=_("Ready by"),
        by=row.due_at,
        began=row.made_at,
        now=now,
        zone=zone,
        before=row.due_before,
        least=Mean.BROKEN if row.promise_state == "broken" else Mean.AT_RISK if missed else Mean.ON_TRACK,
    )


def _card(work: MyWork, row: Row[Any]) -> Work:
    return Work(
        title=row.contact_name or row.number,
        href=f"/work/{child_id(row.order_id, row.work_no)}",
        kind_icon=(SENT_ICONS if is_sent(row) else {}).get(row.state)
        or _ICONS.get(row.state, "shopping-bag"),
        pictures=_pictures(work, row),
        topic=f"order:{row.order_id}",
    )


_ICONS = {
    "offered": "inbox",
    "accepted": "scan-barcode",
    "picking": "scan-barcode",
    "picked": "layers",
    "staged": "package-check",
    "ready": "shopping-bag",
}
_TASK_WORDS = {
    "count": _("Count it"),
    "put_away": _("Put back on the shelf"),
    "attend": _("Go to the customer"),
    "call_customer": _("Call the customer"),
    "repair_message": _("Repair a message"),
    "solve_exception": _("Find a way"),
}


def _action(row: Row[Any]) -> Action:
    if is_sent(row):
        return sent_action(row)
    work = f"/work/{child_id(row.order_id, row.work_no)}"
    match row.state:
        case "offered":
            return Action(label=_("Accept"), post=f"{work}/accept")
        case "accepted":
            return Action(label=_("Start"), href=f"{work}/pick")
        case "picking":
            return Action(label=_("Continue"), href=f"{work}/pick")
        case "picked" | "staged":
            return Action(label=_("Finish"), href=f"{work}/stage")
        case _:
            return Action(label=_("Hand over"), href=f"{work}/hand-over")


def _deed_words(work: MyWork, row: Row[Any]) -> str:
    lines = work.lines_of(row)
    wanted, picked = sum(line.wanted for line in lines), sum(line.picked for line in lines)
    short = sum(line.short for line in lines)
    where = work.name_of(row.location_id)
    if is_sent(row):
        words = sent_words(row, wanted=wanted, picked=picked, short=short)
        return f"{words} · {where}" if where else words
    match row.state:
        case "offered":
            words = _("New: pick %(items)s", items=items_words(wanted))
        case "accepted" | "picking":
            done = [_("%(n)s done", n=picked)] if picked else []
            missing = [_("%(n)s missing", n=short)] if short else []
            words = _("Pick %(items)s", items=items_words(wanted + short))
            words = f"{words} · {', '.join(done + missing)}" if done or missing else words
        case "picked":
            words = _("%(items)s in hand: bring to a shelf", items=items_words(picked))
        case "staged":
            words = _("Lies on %(place)s: say it is ready", place=row.staging_label)
        case _:
            words = _("Hand over %(items)s", items=items_words(sum(x.wanted - x.handed_over for x in lines)))
    return f"{words} · {where}" if where else words


def _pictures(work: MyWork, row: Row[Any]) -> tuple[Picture, ...]:
    lines = [line for line in work.lines_of(row) if line.wanted]
    return tuple(picture_of(line, quantity=line.wanted) for line in lines)


def _tasks(work: MyWork, chosen: Chosen) -> list[Work]:
    if chosen.show in {"pick", "here"}:
        return []
    rows = [row for row in work.tasks if chosen.show == "all" or str(row.assignee_id) == chosen.me]
    return [task_card(work, row) for row in rows if row.kind != "attend"]


def _is_shown(row: Row[Any], chosen: Chosen) -> bool:
    match chosen.show:
        case "pick":
            return str(row.state) != "ready"
        case "here":
            return str(row.customer_side) == "arrived"
        case "mine":
            return str(row.assignee_id) == chosen.me
        case _:
            return True


def _by_clock(cards: list[Work]) -> tuple[Work, ...]:
    """Broken first, then at risk, then by deadline; what has no clock comes last."""

    def urgency(card: Work) -> tuple[int, float]:
        if card.clock is None:
            return 1, 0.0
        return -card.clock.mean.rank, card.clock.by.timestamp()

    return tuple(sorted(cards, key=urgency))


def _with_primary(lanes: Lanes) -> Lanes:
    for name in ("here", "coming"):
        cards = getattr(lanes, name)
        for at, card in enumerate(cards):
            if card.action is not None:
                marked = replace(card, action=replace(card.action, look="primary"))
                return replace(lanes, **{name: (*cards[:at], marked, *cards[at + 1 :])})
    return lanes
