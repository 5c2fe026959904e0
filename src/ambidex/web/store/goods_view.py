"""Goods on their way as people read them: rows of a list, the lines of one delivery, and what can be done now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass
from ambidex.reads.deliveries import DeliveryPage
from ambidex.runtime.db import Row
from ambidex.web.formats import local_when
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip
from ambidex.web.parts.views import Row as RowView
from ambidex.web.store.words import picture_of, walk_order
from ambidex.web.words import translate as _

ARRIVING = frozenset({"in_transit", "announced"})
TO_SEND = frozenset({"approved", "picking"})
OVER = frozenset({"received", "partly_received"})


@dataclass(frozen=True, slots=True)
class Lists:
    """Deliveries of a place by what they wait for."""

    to_answer: tuple[RowView, ...]
    to_send: tuple[RowView, ...]
    coming: tuple[RowView, ...]
    asked: tuple[RowView, ...]
    to_explain: tuple[RowView, ...]
    too_many: tuple[RowView, ...]


def lists_of(found: Iterable[DeliveryPage], who: Actor) -> Lists:
    """What this person's place has to answer, to send, to receive and to explain."""
    everything = list(found)
    sends, receives = _at(who, "from_id"), _at(who, "to_id")

    def rows(mine: Callable[[Row[Any]], bool], *states: str) -> tuple[RowView, ...]:
        return tuple(row_of(one) for one in everything if one.head.state in states and mine(one.head))

    return Lists(
        to_answer=rows(sends, "requested"),
        to_send=rows(sends, "approved", "picking"),
        coming=rows(receives, "in_transit", "announced"),
        asked=rows(receives, "requested", "approved", "picking"),
        to_explain=rows(receives, "partly_received"),
        too_many=tuple(
            row_of(one)
            for one in everything
            if one.head.state == "partly_received" and sends(one.head) and _came_too_many(one)
        ),
    )


def row_of(one: DeliveryPage) -> RowView:
    """A delivery in a list: where from, what, and when."""
    head = one.head
    units = sum(line.sent or line.asked for line in one.lines)
    first = _title(one.lines[0]) if one.lines else ""
    what = _("%(n)s × %(item)s", n=units, item=first)
    if len(one.lines) > 1:
        what = _("%(n)s units of %(items)s items", n=units, items=len(one.lines))
    return RowView(
        title=f"{head.from_name or head.supplier or _('Supplier')} → {head.to_name}",
        note=" · ".join(part for part in (head.reference, what, _date(one), _for_order(head)) if part),
        href=f"/deliveries/{head.delivery_id}",
        icon="truck" if head.kind == "transfer" else "package-open",
        chip=_when(one),
    )


def line_rows(one: DeliveryPage) -> tuple[RowView, ...]:
    """The lines in walking order with what was scanned of each; strangers at the end."""
    ordered = sorted(one.lines, key=lambda line: walk_order(line.spot or ""))
    rows = [_line_row(one, line) for line in ordered]
    rows += [
        RowView(
            title=_title(row),
            note=_("Nobody announced it."),
            picture=picture_of(row),
            chip=Chip(text=_("%(n)s too many", n=int(row.good) + int(row.bad)), mean=Mean.AT_RISK),
        )
        for row in one.strange
    ]
    return tuple(rows)


def sentence_of(one: DeliveryPage) -> str:
    """What is true now, in one sentence."""
    head = one.head
    names: Mapping[str, str] = {"sender": head.from_name or head.supplier or "", "to": head.to_name}
    words = {
        "requested": _("%(to)s asks %(sender)s for these units.", **names),
        "approved": _("%(sender)s keeps them for %(to)s. Scan each unit into the parcel.", **names),
        "picking": _("Scan each unit into the parcel, then send it off.", **names),
        "in_transit": _("On its way from %(sender)s to %(to)s.", **names),
        "announced": _("%(sender)s sends it to %(to)s.", **names),
        "received": _("Received at %(to)s.", **names),
        "partly_received": _("Received at %(to)s. What came is not what was sent.", **names),
        "declined": _("%(sender)s declined.", **names),
        "canceled": _("Canceled."),
    }
    late = _("It is late.") if head.late_told_at is not None and head.state not in OVER else ""
    return " ".join(part for part in (words[head.state], _for_order(head), late) if part)


def step_of(one: DeliveryPage, who: Actor) -> str:
    """What this person can do now: answer, send, receive, explain, or nothing."""
    head = one.head
    sends = who.may(Permission.STOCK_MOVE, at=LocationId(head.from_id)) if head.from_id else False
    receives = who.may(Permission.STOCK_MOVE, at=LocationId(head.to_id))
    if head.state == "requested" and sends:
        return "answer"
    if head.state in TO_SEND and sends:
        return "send"
    if head.state in ARRIVING and receives:
        return "receive"
    answers = receives or (sends and _came_too_many(one))
    return "explain" if head.state == "partly_received" and answers else ""


def scanned_of(one: DeliveryPage) -> int:
    """Units scanned so far in the step it is at."""
    if one.head.state in TO_SEND:
        return sum(int(line.picked) for line in one.lines)
    return sum(int(row.good) + int(row.bad) for row in (*one.lines, *one.strange))


def extra_of(one: DeliveryPage) -> int:
    """Units of them that nobody sent: they make up for none that are missing."""
    if one.head.state in TO_SEND:
        return 0
    known: int = sum(max(0, int(line.good) + int(line.bad) - (line.sent or line.asked)) for line in one.lines)
    return known + sum(int(row.good) + int(row.bad) for row in one.strange)


def progress_words(one: DeliveryPage) -> str:
    """How far it is; what came too many is said beside it."""
    extra, wanted = extra_of(one), wanted_of(one)
    words = _("%(n)s of %(all)s scanned", n=scanned_of(one) - extra, all=wanted)
    return _("%(words)s, and %(n)s too many", words=words, n=extra) if extra else words


def wanted_of(one: DeliveryPage) -> int:
    """Units that should be scanned in the step it is at."""
    return sum(line.sent or line.asked for line in one.lines)


def differences_of(one: DeliveryPage, who: Actor) -> list[tuple[int, str, int, list[tuple[str, str]]]]:
    """What this person may still explain: line, words, units and the outcomes that fit.

    Whether too many were sent is said by who sent them; what is missing, by who received the rest.
    """
    found = []
    sends = one.head.from_id is not None and who.may(Permission.STOCK_MOVE, at=LocationId(one.head.from_id))
    receives = who.may(Permission.STOCK_MOVE, at=LocationId(one.head.to_id))
    for line in one.lines:
        variance = line.received + line.damaged - line.sent
        left = abs(variance) - line.settled
        if left and (receives or variance > 0):
            few = _("%(n)s × %(item)s did not arrive", n=left, item=line.name)
            many = _("%(n)s × %(item)s more than sent", n=left, item=line.name)
            words = few if variance < 0 else many
            fitting = _missing(one.head.kind) if variance < 0 else _too_many(one.head.kind, sends=sends)
            found.append((line.line_no, words, left, fitting))
    return found


def asked_sender(one: DeliveryPage, who: Actor) -> str:
    """Who is asked about units that are too many, for those who cannot say it themselves."""
    sends = one.head.from_id is not None and who.may(Permission.STOCK_MOVE, at=LocationId(one.head.from_id))
    if one.head.kind != "transfer" or one.head.state not in OVER or sends or not _came_too_many(one):
        return ""
    return _("%(sender)s is asked whether it sent too many.", sender=one.head.from_name)


def _came_too_many(one: DeliveryPage) -> bool:
    """Units that nobody sent, and nobody explained yet."""
    return any(line.received + line.damaged - line.sent > line.settled for line in one.lines)


def _missing(kind: str) -> list[tuple[str, str]]:
    at_sender = _("It is still at the sender") if kind == "transfer" else _("The supplier did not send it")
    return [
        ("arrived", _("Found here after all")),
        ("never_sent", at_sender),
        ("lost", _("Lost on the way")),
    ]


def _too_many(kind: str, *, sends: bool) -> list[tuple[str, str]]:
    if kind == "transfer" and sends:
        return [
            ("sent_too_many", _("We sent them; missing here")),
            ("kept", _("Not from us; they stay")),
        ]
    if kind != "transfer":
        return [("kept", _("The supplier sent too many; they stay"))]
    return [("kept", _("Here to stay; nobody knows why"))]


def _line_row(one: DeliveryPage, line: Row[Any]) -> RowView:
    state = one.head.state
    if state in OVER:
        chip = _received_chip(line)
    elif state in TO_SEND:
        chip = _count_chip(int(line.picked), line.asked)
    elif state in ARRIVING:
        chip = _count_chip(int(line.good) + int(line.bad), line.sent or line.asked)
    else:
        chip = Chip(text=_("%(n)s units", n=line.asked))
    damaged = int(line.damaged or line.bad)
    notes = (line.variant, line.spot or "", _("%(n)s damaged", n=damaged) if damaged else "")
    return RowView(
        title=line.name, note=" · ".join(note for note in notes if note), picture=picture_of(line), chip=chip
    )


def _count_chip(scanned: int, wanted: int) -> Chip:
    text = _("%(n)s of %(all)s", n=scanned, all=wanted)
    if scanned > wanted:
        return Chip(text=text, mean=Mean.AT_RISK, icon="triangle-alert")
    return Chip(text=text, mean=Mean.ON_TRACK, icon="check") if scanned == wanted else Chip(text=text)


def _received_chip(line: Row[Any]) -> Chip:
    came = line.received + line.damaged
    if came == line.sent:
        return Chip(text=_("%(n)s came", n=came), mean=Mean.ON_TRACK, icon="check")
    explained = line.settled == abs(came - line.sent)
    return Chip(
        text=_("%(n)s of %(all)s came", n=came, all=line.sent),
        mean=Mean.NONE if explained else Mean.AT_RISK,
        icon="check" if explained else "triangle-alert",
    )


def _when(one: DeliveryPage) -> Chip | None:
    head = one.head
    if head.state == "partly_received":
        return Chip(text=_("Differs"), mean=Mean.AT_RISK, icon="triangle-alert")
    if head.state == "requested":
        return Chip(text=_("To answer"))
    if head.expected_at is not None and head.expected_at <= one.now:
        return Chip(text=_("Late"), mean=Mean.BROKEN, icon="clock")
    return None


def _date(one: DeliveryPage) -> str:
    at = one.head.expected_at
    return "" if at is None or one.head.state in OVER else local_when(at, one.zone, one.now)


def _for_order(head: Row[Any]) -> str:
    return _("For order %(number)s.", number=head.number) if head.number else ""


def _title(row: Row[Any]) -> str:
    return f"{row.name}, {row.variant}" if row.variant else str(row.name)


def _at(who: Actor, column: str) -> Callable[[Row[Any]], bool]:
    def is_mine(head: Row[Any]) -> bool:
        place = getattr(head, column)
        if place is None:
            return False
        return place == who.at if who.at else who.may(Permission.STOCK_MOVE, at=LocationId(place))

    return is_mine
