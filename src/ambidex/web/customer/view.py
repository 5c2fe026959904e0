"""The order in customer words: what needs an answer, what is ready where, what we said and what happened.

Pure: the rows of reads/order_page.py become parts. It never says more than the facts prove.
"""

from __future__ import annotations

from typing import Any

from ambidex.kernel.values import dataclass
from ambidex.reads.order_page import OrderPage
from ambidex.runtime.db import Row
from ambidex.web.customer.sent import SentPart, is_sent, sent_part, split_words
from ambidex.web.customer.words import kept_words, work_titles
from ambidex.web.formats import address_words, local_day, local_named, local_when, money
from ambidex.web.parts.clocks import Clock
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Option, Picture, Stage
from ambidex.web.parts.views import Row as RowView
from ambidex.web.words import translate as _

GOING = frozenset({"offered", "accepted", "picking", "picked", "staged", "ready"})
OVER = frozenset({"handed_over", "delivered", "canceled"})
HIDDEN = frozenset({"refused", "lapsed", "taken_back", "short"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something only the customer can decide, with its end and what happens without an answer."""

    promise_no: int
    title: str
    text: str
    clock: Clock
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pickup:
    """One part of the order at one place."""

    work_no: int
    state: str
    chip: Chip
    title: str
    where: str
    phone: str
    stages: tuple[Stage, ...]
    rows: tuple[RowView, ...]
    side: str
    side_since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What no place has just now, and when the customer hears of it; or what is on its way to where they collect it."""

    title: str
    text: str
    chip: Chip
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerOrder:
    """The whole page."""

    greeting: str
    placed: str
    questions: tuple[Question, ...]
    pickups: tuple[Pickup, ...]
    sent: tuple[SentPart, ...]
    split: str
    kept: tuple[Stage, ...]
    money: tuple[tuple[str, str], ...]
    sum: tuple[str, str]
    canceled: str
    ask: str
    waits: tuple[Waiting, ...]


def customer_order(page: OrderPage) -> CustomerOrder:
    """The page of this order, as its customer sees it."""
    # the first part's clock: when it was placed does not change with where it is sent from now
    zone = page.zone_of(None)
    shown = [work for work in page.works if work.state not in HIDDEN]
    pickups = tuple(_pickup(page, work) for work in shown if not is_sent(work))
    sent = tuple(sent_part(page, work) for work in shown if is_sent(work))
    sent = tuple(part for part in sent if part.state != "canceled") or sent
    # what comes stands before what did not arrive and was sent again
    sent = tuple(sorted(sent, key=lambda part: part.is_replaced))
    questions = tuple(
        _question(page, promise)
        for promise in page.promises
        if promise.kind == "answer_by" and promise.state == "made"
    )
    return CustomerOrder(
        greeting=_greeting(page, (*pickups, *(part for part in sent if not part.is_replaced)), questions),
        placed=_("Order {number}, placed {when}").format(
            number=page.order.source_number or page.order.number,
            when=_placed(page, zone),
        ),
        questions=questions,
        pickups=pickups,
        sent=sent,
        split=split_words(page, sum(part.state != "canceled" and not part.is_replaced for part in sent)),
        kept=tuple(kept_words(page, promise) for promise in page.promises if promise.kind != "correction_by"),
        money=tuple(_money(page)),
        sum=(_("In all"), money(page.order.total_minor, page.order.currency)),
        waits=_waiting(page, zone),
        canceled=_("This order is canceled. Please do not travel for it.")
        if page.order.state == "canceled"
        else "",
        ask=_(
            "Answer any of our e-mails, or call the store. Whoever answers has your order in front of them."
        )
        if pickups
        else _("Answer any of our e-mails. Whoever answers has your order in front of them."),
    )


def _placed(page: OrderPage, zone: str) -> str:
    """With the name of the clock where parts of it live on several."""
    say = local_named if page.has_several_clocks else local_when
    return say(page.order.placed_at, zone, page.now)


def _waiting(page: OrderPage, zone: str) -> tuple[Waiting, ...]:
    lines = [line for line in page.lines if line.q_backordered]
    coming = next((p for p in page.promises if p.state == "made" and p.facts.get("transfer")), None)
    comes = [line for line in lines if coming is not None and line.method == "pickup"]
    missing = [line for line in lines if line not in comes]
    return (
        *([_comes(page, coming, _waiting_rows(comes))] if coming is not None and comes else []),
        *([_missing(page, missing, zone)] if missing else []),
    )


def _missing(page: OrderPage, lines: list[Row[Any]], zone: str) -> Waiting:
    news = next((p for p in page.promises if p.kind == "news_by" and p.state == "made"), None)
    text = _("No place that can send it to you has it just now. We look for it.")
    if all(line.method == "pickup" for line in lines):
        text = _("It is not where you collect it. We look for it.")
    if news is not None:
        by = _("We write to you by {day}.").format(
            day=local_day(news.due_at, page.zone_of(news.location_id) or zone)
        )
        text = f"{text} {by}"
    chip = Chip(text=_("Looked for"), mean=Mean.AT_RISK)
    return Waiting(title=_("This is still missing"), text=text, chip=chip, rows=_waiting_rows(lines))


def _waiting_rows(lines: list[Row[Any]]) -> tuple[RowView, ...]:
    return tuple(_item(line, line.q_backordered) for line in lines)


def _comes(page: OrderPage, promise: Row[Any], rows: tuple[RowView, ...]) -> Waiting:
    """What another place sends to where they collect it."""
    by = local_when(promise.due_at, page.zone_of(promise.location_id), page.now)
    text = _("{sender} sends it there for you. We write to you as soon as it lies ready.")
    return Waiting(
        title=_("Collect at {place}, ready by {by}").format(place=promise.facts["place"], by=by),
        text=text.format(sender=promise.facts["from"]),
        chip=Chip(text=_("Being prepared"), icon="package"),
        rows=rows,
    )


def _item(line: Row[Any], units: int, note: str = "") -> RowView:
    picture = Picture(label=line.title, key=line.picture or "box", tint=line.color or "")
    return RowView(title=_named(line, units), note=note, picture=picture)


def _greeting(page: OrderPage, parts: tuple[Pickup | SentPart, ...], questions: tuple[Question, ...]) -> str:
    first = page.order.contact_name.split(maxsplit=1)[:1]
    hello = _("Hello {name},").format(name=first[0]) if first else _("Hello,")
    if page.order.state == "canceled":
        return f"{hello} {_('your order is canceled.')}"
    if questions:
        return f"{hello} {_('one thing needs your answer.')}"
    states = {part.state for part in parts}
    if any(isinstance(part, SentPart) and part.is_troubled for part in parts):
        return f"{hello} {_('something went wrong on the way. We are on it.')}"
    if "ready" in states:
        return f"{hello} {_('your order is ready.')}"
    if states and states <= OVER and states & {"handed_over", "delivered"}:
        return f"{hello} {_('you have your order. Enjoy!')}"
    if any(isinstance(part, SentPart) and part.has_left == "some" for part in parts):
        return f"{hello} {_('a part of your order is on its way.')}"
    if "dispatched" in states:
        return f"{hello} {_('your order is on its way.')}"
    return f"{hello} {_('we are on it.')}"


def _question(page: OrderPage, promise: Row[Any]) -> Question:
    zone = page.zone_of(promise.location_id)
    facts = promise.facts
    until = local_when(promise.due_at, zone, page.now)
    otherwise = str(facts.get("default_words", ""))
    return Question(
        promise_no=promise.promise_no,
        title=str(facts.get("cause_words") or _("Something is missing. Sorry.")),
        text=_("Choose by {time}. If we do not hear from you: {otherwise}").format(
            time=until, otherwise=otherwise
        ),
        clock=Clock(
            what=_("Until"),
            by=promise.due_at,
            began=promise.made_at,
            now=page.now,
            zone=zone,
            least=Mean.WAITING,
        ),
        options=tuple(
            Option(value=str(option["key"]), title=str(option["words"]), chosen="yes" if i == 0 else "")
            for i, option in enumerate(facts.get("options", []))
        ),
    )


def _pickup(page: OrderPage, work: Row[Any]) -> Pickup:
    place = page.places.get(work.location_id)
    zone = page.zone_of(work.location_id)
    name = page.place_name(work.location_id)
    promise = _ready_by(page, work)
    by = local_when(promise.due_at, zone, page.now) if promise is not None else ""
    titles = work_titles()
    title = titles[work.state if by or work.state in {"ready", "handed_over", "canceled"} else "late"]
    return Pickup(
        work_no=work.work_no,
        state=work.state,
        chip=_chip(work),
        title=title.format(place=name, by=by),
        where=_address(place),
        phone=str(place.phone) if place is not None else "",
        stages=tuple(_stages(page, work, zone)),
        rows=tuple(_rows(page, work)),
        side=work.customer_side,
        side_since=local_when(work.customer_side_since, zone, page.now) if work.customer_side_since else "",
    )


def _ready_by(page: OrderPage, work: Row[Any]) -> Row[Any] | None:
    return next(
        (
            p
            for p in page.promises
            if p.kind == "ready_by" and p.work_no == work.work_no and p.state == "made"
        ),
        None,
    )


def _chip(work: Row[Any]) -> Chip:
    if work.state == "ready":
        return Chip(text=_("Ready"), mean=Mean.ON_TRACK, icon="package-check")
    if work.state == "handed_over":
        return Chip(text=_("Collected"), mean=Mean.ON_TRACK)
    if work.state == "canceled":
        return Chip(text=_("Canceled"), mean=Mean.NONE)
    return Chip(text=_("Being prepared"), mean=Mean.NONE, icon="package")


def _stages(page: OrderPage, work: Row[Any], zone: str) -> list[Stage]:
    if work.state == "canceled":
        return []
    picked = [e for e in page.evidence if e.work_no == work.work_no and e.step == "pick"]
    steps = (
        (
            _("Picked"),
            picked[-1].happened_at
            if picked and work.state not in {"offered", "accepted", "picking"}
            else None,
        ),
        (_("Ready"), work.ready_at if work.state in {"ready", "handed_over"} else None),
        (_("Collected"), work.handed_over_at),
    )
    return [
        Stage(title=name, note=local_when(at, zone, page.now) if at else "", state="done" if at else "later")
        for name, at in steps
    ]


def _rows(page: OrderPage, work: Row[Any]) -> list[RowView]:
    lines = {line.line_no: line for line in page.lines}
    staged = {e.line_no: e for e in page.evidence if e.work_no == work.work_no and e.step == "stage"}
    since = max((e.happened_at for e in staged.values()), default=None)
    zone = page.zone_of(work.location_id)
    note = ""
    if since is not None and work.state in {"staged", "ready"}:
        note = _("On the pickup shelf since {time}").format(time=local_when(since, zone, page.now))
    return [
        _item(
            lines[row.line_no],
            row.wanted or row.short,
            _("Not found") if row.short and not row.wanted else note,
        )
        for row in page.work_lines
        if row.work_no == work.work_no
    ]


def _named(line: Row[Any], quantity: int) -> str:
    named = f"{quantity} × {line.title}" if quantity > 1 else str(line.title)
    return f"{named} ({line.kit_title})" if line.kit_no else named


def _address(place: Row[Any] | None) -> str:
    return address_words({**place.address, "city": place.city}) if place is not None else ""


def _money(page: OrderPage) -> list[tuple[str, str]]:
    currency = page.order.currency
    authorized = sum(t.authorized_minor for t in page.tenders)
    captured = sum(t.captured_minor for t in page.tenders)
    refunded = sum(t.refunded_minor for t in page.tenders)
    due = sum(f.amount_minor for f in page.money if f.kind == "refund_due") - refunded
    aside = _("Set aside, being released") if page.order.state == "canceled" else _("Set aside")
    pairs = [(aside, max(0, authorized - captured)), (_("Paid"), captured)]
    pairs += [
        (_("Given back"), refunded),
        (_("On its way back to you"), max(0, min(due, captured - refunded))),
    ]
    return [(name, money(amount, currency)) for name, amount in pairs if amount]
