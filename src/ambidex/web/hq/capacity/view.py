"""Capacity in words: how places stand, their limits, how full the coming slots are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from ambidex.domains.capacity import CapacityBook, Limit, Pause
from ambidex.domains.locations import Location
from ambidex.kernel.clock import Interval
from ambidex.kernel.values import dataclass
from ambidex.reads.capacity import PlaceCapacity, SlotView
from ambidex.web.channels import channel_word
from ambidex.web.formats import day_words, local_day, local_time, wall_time
from ambidex.web.hq.capacity.form import DAY_NAMES, LENGTHS, METHODS, WHICH_DAYS
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Row
from ambidex.web.paused import until_when
from ambidex.web.words import translate as _

METHOD_WORDS = dict(METHODS)
SLOTS_SHOWN = 24


@dataclass(frozen=True, slots=True)
class SlotLine:
    """One slot: when, of what, and how full."""

    when: str
    what: str
    taken: int
    works: int
    free: int
    words: str
    is_full: bool


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One limit in a sentence."""

    id: str
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class PauseLine:
    """One pause in a sentence."""

    method: str
    title: str
    note: str


def chip(place: Location, book: CapacityBook, now: datetime) -> Chip:
    """How a place stands, in a word or two."""
    pause = next((p for m in ("pickup", "ship", "deliver") if (p := book.pause_of(place.location_id, m, at=now))), None)  # fmt: skip
    if pause is not None:
        words = _("%(what)s paused", what=METHOD_WORDS[pause.method]) if pause.method else _("Paused")
        return Chip(text=words, mean=Mean.BROKEN, icon="hand")
    if not place.hours.is_open(now):
        return Chip(text=_("Closed now"), icon="moon")
    return Chip(text=_("Takes work"), mean=Mean.ON_TRACK, icon="check")


def row(place: Location, book: CapacityBook, now: datetime) -> Row:
    """One place in the list."""
    limits = book.limits.get(place.location_id, ())
    note = _("%(n)s limits", n=len(limits)) if limits else _("no limit")
    return Row(
        title=place.name,
        note=f"{place.city} · {note}" if place.city else note,
        href=f"/capacity/{place.code}",
        icon="store" if place.kind.value == "store" else "warehouse",
        chip=chip(place, book, now),
    )


def pause_line(pause: Pause, place: Location, now: datetime) -> PauseLine:
    """What is paused, until when, why, by whom."""
    until = until_when(pause, place, now)
    return PauseLine(pause.method, f"{METHOD_WORDS[pause.method]}: {until}", f"{pause.reason} · {pause.by}")


def limit_line(limit: Limit) -> LimitLine:
    """So many of what, when."""
    length = dict(LENGTHS).get(str(limit.slot_minutes), _("%(n)s minutes", n=limit.slot_minutes))
    kept = "; ".join(
        _("%(n)s kept for %(who)s", n=f.works, who=_who(f.channel, f.method)) for f in limit.fences
    )
    times = _("%(a)s to %(b)s", a=_clock(limit.opens), b=_clock(limit.closes))
    note = " · ".join(part for part in (_days(limit.days), times, kept) if part)
    what = limit.name or METHOD_WORDS[limit.method]
    title = _("%(what)s: at most %(n)s in %(length)s", what=what, n=limit.works, length=length)
    return LimitLine(str(limit.limit_id), title, note)


def slot_lines(found: PlaceCapacity, now: datetime) -> Sequence[SlotLine]:
    """The coming slots, the nearest first."""
    return [_slot_line(slot, found.place, now) for slot in found.slots[:SLOTS_SHOWN]]


def _slot_line(slot: SlotView, place: Location, now: datetime) -> SlotLine:
    zone = place.zone.key
    day = "" if local_day(slot.starts_at, zone) == local_day(now, zone) else local_day(slot.starts_at, zone)
    when = f"{day} {local_time(slot.starts_at, zone)}".strip()
    what = slot.limit.name or METHOD_WORDS[slot.limit.method]
    words = _("full") if slot.free == 0 else _("%(n)s free", n=slot.free)
    return SlotLine(when, what, slot.taken, slot.limit.works, slot.free, words, slot.free == 0)


def _days(days: frozenset[int]) -> str:
    key = "".join(str(day) for day in sorted(days))
    return dict(WHICH_DAYS).get(key) or ", ".join(DAY_NAMES[day] for day in sorted(days))


def _who(channel: str, method: str) -> str:
    return channel_word(channel) if channel else METHOD_WORDS[method]


def _clock(minute: int) -> str:
    return wall_time(time(minute // 60 % 24, minute % 60))


def _hours(spans: Sequence[Interval]) -> str:
    if spans == ((time(0), time(0)),):
        return _("open all day")
    return ", ".join(f"{wall_time(a)}–{wall_time(b)}" for a, b in spans) or _("closed")


def day_rows(place: Location, now: datetime) -> list[tuple[str, str, str]]:
    """Days with other hours that are still to come: iso date, day in words, hours in words."""
    today = now.astimezone(place.zone).date()
    return [
        (day.isoformat(), day_words(day), _hours(spans))
        for day, spans in sorted(place.hours.exceptions.items())
        if day >= today
    ]  # fmt: skip
