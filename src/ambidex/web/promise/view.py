"""The answer of a quote in words: each way with its time, price and how sure it is; and why others are not offered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ambidex.domains.orders import Method
from ambidex.flows.quote import Answer
from ambidex.flows.quote_options import Missing, Option, Share
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass
from ambidex.web.formats import local_when, money
from ambidex.web.words import translate as _

# per cent from which each step of the scale is reached
STEPS = (0, 55, 65, 75, 85)
MILLS = 1_000


@dataclass(frozen=True, slots=True)
class Piece:
    """One package: from where, when it comes, what is in it."""

    title: str
    when: str
    what: str


@dataclass(frozen=True, slots=True)
class Way:
    """One way to have it. `steps` of five say how sure it is, `sure` in words."""

    key: str
    icon: str
    title: str
    when: str
    note: str
    price: str
    cost: str
    steps: int
    sure: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the page shows; `what` is asked about, by name."""

    what: str
    collected: Sequence[Way]
    sent: Sequence[Way]
    left_out: Sequence[tuple[str, str]]


def answers_of(answer: Answer, *, now: datetime) -> Answers:
    """In the words of the page."""
    ways = [(_way(one, answer, now), one.method) for one in answer.options]
    return Answers(
        ", ".join(f"{one.units} × {one.item.title}" for one in answer.view.goods),
        [way for way, method in ways if method is Method.PICKUP],
        [way for way, method in ways if method is not Method.PICKUP],
        [_left_out(one) for one in answer.missing],
    )


def _way(one: Option, answer: Answer, now: datetime) -> Way:
    currency = answer.view.goods[0].item.price.currency
    zone = (one.collected_at or one.shares[0].place).zone.key
    steps = sum(one.confidence >= least for least in STEPS)
    return Way(
        key=one.key,
        icon="store" if one.method is Method.PICKUP else "truck",
        title=one.name if one.method is Method.PICKUP else _sent_title(one),
        when=_when(one, zone, now),
        note=_note(one),
        price="" if one.price is None else money(one.price) if one.price.minor else _("free"),
        cost=_("costs us %(cost)s", cost=money(Money((one.cost + MILLS // 2) // MILLS, currency))),
        steps=steps,
        sure=_("%(n)s%% sure", n=one.confidence),
        pieces=[_piece(share, answer, now) for share in one.shares] if len(one.shares) > 1 else (),
    )


def _sent_title(one: Option) -> str:
    return _("Delivered") if one.method is Method.DELIVER else _("Sent, %(speed)s", speed=one.name.lower())


def _when(one: Option, zone: str, now: datetime) -> str:
    at = local_when(one.due_at, zone, now)
    return _("ready %(at)s", at=at) if one.method is Method.PICKUP else _("there by %(at)s", at=at)


def _note(one: Option) -> str:
    if one.method is Method.PICKUP:
        far = "" if one.metres is None else far_words(one.metres)
        city = one.collected_at.city if one.collected_at else ""
        sent = "" if one.sent_to is None else _("sent there from %(place)s", place=one.shares[0].place.name)
        return ", ".join(word for word in (city, far, sent) if word)
    names = [share.place.name for share in one.shares]
    if len(names) == 1:
        return _("one package from %(place)s", place=names[0])
    return _("%(n)s packages: %(places)s", n=len(names), places=", ".join(names))


def _piece(share: Share, answer: Answer, now: datetime) -> Piece:
    titles = ((answer.view.goods[no - 1].item.title, n) for no, n in sorted(share.units.items()))
    what = ", ".join(f"{n} × {title}" for title, n in titles)
    return Piece(
        share.place.name, _("there by %(at)s", at=local_when(share.due_at, share.place.zone.key, now)), what
    )


def _left_out(one: Missing) -> tuple[str, str]:
    words = {Method.PICKUP: _("Collect"), Method.SHIP: _("Send"), Method.DELIVER: _("Deliver")}[one.method]
    where = words if one.place is None else one.place.name
    return where, one.why + _left(one.left.items())


def _left(left: Iterable[tuple[str, int]]) -> str:
    found = ", ".join(_("%(units)s of %(sku)s", units=units, sku=sku) for sku, units in sorted(left))
    return f": {found}" if found else ""


def far_words(metres: int) -> str:
    """Whoever names only a postcode stands in its middle: below a kilometer nothing exact is known."""
    return _("less than 1 km away") if metres < 1000 else _("%(km)s km away", km=f"{metres / 1000:.1f}")
