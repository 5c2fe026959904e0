"""What the page Stock shows, made of its reads: bars of units, plain words for each part, rules and ledger rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from babel.dates import format_date

from ambidex.domains.availability import LeftOut
from ambidex.kernel.values import dataclass, replace
from ambidex.reads.availability import Look
from ambidex.reads.stock_ledger import Entry
from ambidex.reads.stock_rules import RuleView
from ambidex.reads.why import Counts, PlaceWhy, Why
from ambidex.web.channels import CHANNELS
from ambidex.web.formats import local_full, local_when
from ambidex.web.hq.stock.words import ACCOUNTS, NUMBERS, PARTS, dates_words, scope_words
from ambidex.web.parts.views import Row, UnitShare
from ambidex.web.words import locale
from ambidex.web.words import translate as _


@dataclass(frozen=True, slots=True)
class Makeup:
    """Units by what they are for; they add up to everything on hand."""

    free: int = 0
    claimed: int = 0
    kept: int = 0
    apart: int = 0
    away: int = 0

    def shares(self) -> tuple[UnitShare, ...]:
        return tuple(UnitShare(part=p, count=getattr(self, p), label=_(PARTS[p])) for p in PARTS)

    @property
    def words(self) -> str:
        whole = sum(share.count for share in self.shares())
        parts = ", ".join(f"{s.count} {s.label.lower()}" for s in self.shares() if s.count)
        return _("%(n)s units: %(parts)s", n=whole, parts=parts) if parts else _("No units")

    def __add__(self, other: Makeup) -> Makeup:
        return Makeup(*(getattr(self, p) + getattr(other, p) for p in PARTS))


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One place: its number, its bar, and one plain line of why."""

    code: str
    name: str
    available: int
    words: str
    makeup: Makeup | None
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    id: str
    title: str
    scope: str
    dates: str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One movement. `late` says when it was recorded, when that was not at once."""

    place: str
    cause: str
    units: str
    way: str
    who: str
    when: str
    full_time: str
    late: str
    order: tuple[str, str] | None
    proofs: tuple[str, ...]
    said_by: str


def makeup_of(one: PlaceWhy) -> Makeup:
    """How the units of one place divide; what is claimed beyond the stock is not counted twice."""
    assert one.stock is not None, "kits have no stock of their own"
    stock, apart = one.stock, sum(one.stock.conditions.values())
    if one.left_out:
        return Makeup(away=stock.sellable + apart)
    claimed = min(stock.sellable, stock.reserved + stock.held + stock.waiting)
    left = stock.sellable - claimed
    kept = min(left, max(units_of(one.safety), units_of(one.floor)))
    return Makeup(left - kept, claimed, kept, apart)


def units_of(counts: Counts | None) -> int:
    return 0 if counts is None else counts.units


def whole_makeup(why: Why) -> Makeup:
    """All places together; what a threshold keeps back moves from free to kept."""
    together = Makeup()
    for one in why.places:
        if one.stock is not None:
            together += makeup_of(one)
    kept = min(together.free, why.withheld)
    return replace(together, free=together.free - kept, kept=together.kept + kept)


def place_rows(why: Why) -> list[PlaceRow]:
    """Those that count first, the best stocked first; then those left out."""
    rows = [
        PlaceRow(
            one.spot.code,
            one.spot.name,
            one.available,
            _place_words(one),
            makeup_of(one) if one.stock is not None else None,
            _out(one, why),
        )
        for one in why.places
    ]
    return sorted(rows, key=lambda row: (bool(row.left_out), -row.available, row.name))


def _out(one: PlaceWhy, why: Why) -> str:
    """Why a place is left out; an address that nobody told is said as such."""
    if one.left_out is LeftOut.DOES_NOT_SERVE and not why.ask.country:
        return _("it serves certain addresses only, and none is said")
    return _(one.left_out.value) if one.left_out else ""


def _place_words(one: PlaceWhy) -> str:
    if one.stock is None:
        return _("whole kits that its components make here")
    stock = one.stock
    parts = [_("%(n)s on the shelf", n=stock.sellable)]
    numbers = ((stock.reserved, _("reserved")), (stock.held, _("held")), (stock.waiting, _("waited for")))
    parts += [f"− {units} {word}" for units, word in numbers if units]
    safety, floor = units_of(one.safety), units_of(one.floor)
    name, counts = ("floor", one.floor) if floor > safety else ("safety", one.safety)
    if counts is not None and counts.units:
        parts.append(f"− {counts.units} {_(NUMBERS[name]).lower()} ({_source_of(counts)})")
    apart = [f"{units} {_(ACCOUNTS[name])}" for name, units in stock.conditions.items()]
    return " ".join(parts) + (f". {_('Not for sale')}: {', '.join(apart)}" if apart else "")


def _source_of(counts: Counts) -> str:
    return _("came with the stock") if counts.rule is None else scope_words(counts.rule)


def rule_row(rule: RuleView) -> RuleRow:
    title = f"{_(NUMBERS[rule.number])} {rule.units}"
    return RuleRow(rule.id, title, scope_words(rule), dates_words(rule.starts_on, rule.ends_on))


def threshold_words(why: Why) -> list[str]:
    """One sentence for each threshold that counts."""
    return [
        _(
            "%(units)s kept from %(channel)s, once for %(places)s places together: these have %(together)s above safety, so %(left)s may be bought (%(rule)s).",
            units=one.counts.units,
            channel=_(CHANNELS[why.ask.channel]),
            places=len(one.places),
            together=one.together,
            left=one.left,
            rule=_source_of(one.counts),
        )
        for one in why.thresholds
    ]


def asker_words(why: Why, place: str) -> str:
    """Who asks, in a sentence after the number."""
    channel = _(CHANNELS[why.ask.channel])
    address = " ".join(part for part in (why.ask.country, why.ask.postcode) if part)
    if why.ask.method == "pickup":
        ends = _("who collects it at %(place)s", place=place) if place else _("who collects it")
    elif address:
        ends = _("who has it sent to %(address)s", address=address)
    elif why.ask.method:
        ends = _("who has it sent, address not known yet")
    else:
        ends = _("whichever way they get it")
    return _("may be promised now to a customer of %(channel)s %(ends)s", channel=channel, ends=ends)


def channel_rows(look: Look, why: Why) -> list[tuple[str, str, list[int]]]:
    """Every channel with what it may promise to who collects and to who has it sent to the same address."""
    ware = why.ware.item_id
    ways = (("pickup", False), ("ship", True))
    return [
        (
            channel,
            _(name),
            [
                look.answer(ware, replace(why.ask, channel=channel, method=way), routed=routed).total
                for way, routed in ways
            ],
        )
        for channel, name in CHANNELS.items()
    ]


def entry_rows(entries: Iterable[Entry], now: datetime, zone: str) -> list[EntryRow]:
    """All on one clock, whatever that of their place: rows are read under each other."""
    return [_entry(entry, now, zone) for entry in entries]


def _entry(entry: Entry, now: datetime, zone: str) -> EntryRow:
    late = entry.recorded_at - entry.happened_at
    origin, target = _(ACCOUNTS[entry.origin]), _(ACCOUNTS[entry.target])
    sign = "+" if entry.target == "sellable" else "−" if entry.origin == "sellable" else ""
    return EntryRow(
        place=entry.place,
        cause=entry.cause.replace("_", " "),
        units=f"{sign}{entry.quantity}",
        way=f"{origin} → {target}",
        who=entry.actor,
        when=local_when(entry.happened_at, zone, now),
        full_time=local_full(entry.happened_at, zone),
        late=_("recorded %(when)s", when=local_when(entry.recorded_at, zone, now))
        if late.total_seconds() >= 60
        else "",
        order=(entry.order_number, str(entry.order_id)) if entry.order_number else None,
        proofs=tuple(entry.proofs),
        said_by=" ".join(part for part in (entry.source, entry.reference, entry.note) if part),
    )


def table_rows(why: Why) -> list[tuple[object, ...]]:
    """The same numbers as the bars, for who would rather read a table."""
    return [_table_row(one, _out(one, why)) for one in why.places]


def _table_row(one: PlaceWhy, out: str) -> tuple[object, ...]:
    if one.stock is None:
        return (one.spot.name, *("",) * 7, one.available, out)
    stock, apart = one.stock, sum(one.stock.conditions.values())
    counts = (apart, stock.reserved, stock.held, stock.waiting, units_of(one.safety), units_of(one.floor))
    return (one.spot.name, stock.sellable + apart, *counts, one.available, out)


def coming_rows(why: Why) -> list[Row]:
    """What will arrive, and what could be promised then."""
    return [
        Row(
            title=_("%(units)s to %(place)s", units=one.units, place=one.spot.name),
            note=_(
                "%(day)s, %(kind)s %(reference)s; then %(then)s may be promised",
                day=format_date(one.day, "EEE d MMM", locale=locale()),
                kind=_(one.kind),
                reference=one.reference,
                then=one.available_then,
            ),
            icon="truck",
            end=str(one.available_then),
        )
        for one in why.inbound
    ]
