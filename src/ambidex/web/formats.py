"""Money, times and names as people read them, in the language of the request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency
from markupsafe import Markup, escape

from ambidex.kernel.address import address_lines
from ambidex.kernel.money import Money, minor_digits
from ambidex.web.words import locale, translate

MINUTES_UNTIL_HOURS = 60
HOURS_UNTIL_DAYS = 24
DAYS_WITH_TIME = 2
_ = translate


def money(amount: Money | int, currency: str = "") -> str:
    """A Money, or minor units with their currency."""
    known = amount if isinstance(amount, Money) else Money(amount, currency)
    value = Decimal(known.minor).scaleb(-minor_digits(known.currency))
    return format_currency(value, known.currency, locale=locale())


def local_time(instant: datetime, zone: str) -> str:
    """The time of day at the place, without its date."""
    return _plain(format_time(instant, "short", tzinfo=ZoneInfo(zone), locale=locale()))


def wall_time(time_of_day: time) -> str:
    """A time on the wall of a place, whatever the day."""
    return _plain(format_time(time_of_day, "short", locale=locale()))


def day_words(day: date) -> str:
    """A day of the calendar with its year."""
    return format_date(day, "EEE d MMM y", locale=locale())


def clock_words(instant: datetime, zone: str) -> str:
    """The time of day with the name of its clock."""
    return f"{local_time(instant, zone)} {instant.astimezone(ZoneInfo(zone)):%Z}"


def local_day(instant: datetime, zone: str) -> str:
    """Weekday and date at the place, short."""
    return format_date(instant.astimezone(ZoneInfo(zone)).date(), "EEE d MMM", locale=locale())


def local_full(instant: datetime, zone: str) -> str:
    """Everything, for a hover or a tap: date, time and zone."""
    text = format_datetime(instant, "EEEE d MMMM y, ", tzinfo=ZoneInfo(zone), locale=locale())
    return f"{text}{local_time(instant, zone)} {instant.astimezone(ZoneInfo(zone)).tzname()}"


def local_when(instant: datetime, zone: str, now: datetime) -> str:
    """The time alone today, else day and time."""
    place = ZoneInfo(zone)
    if instant.astimezone(place).date() == now.astimezone(place).date():
        return local_time(instant, zone)
    return f"{local_day(instant, zone)}, {local_time(instant, zone)}"


def local_named(instant: datetime, zone: str, now: datetime) -> str:
    """The same with the name of its clock, where the reader may live on another one: "4:20 AM EST"."""
    return f"{local_when(instant, zone, now)} {instant.astimezone(ZoneInfo(zone)):%Z}"


def zone_city(zone: str) -> str:
    """The clock of a zone by its city: "New York"."""
    return zone.rpartition("/")[2].replace("_", " ")


def local_short(instant: datetime, zone: str, now: datetime) -> str:
    """As short as it stays clear: 15:30, then Sun 15:30, then Wed 25 Nov. The whole stands in the title."""
    place = ZoneInfo(zone)
    days = abs((instant.astimezone(place).date() - now.astimezone(place).date()).days)
    if days == 0:
        return local_time(instant, zone)
    if days <= DAYS_WITH_TIME:
        weekday = format_date(instant.astimezone(place).date(), "EEE", locale=locale())
        return f"{weekday} {local_time(instant, zone)}"
    return local_day(instant, zone)


def span(length: timedelta) -> str:
    """A length of time in one or two words: 12 min, 1 h 22, 4 days. static/js/clock.js says it the same way."""
    minutes = abs(int(length.total_seconds())) // 60
    if minutes < 1:
        return _("under 1 min")
    if minutes < MINUTES_UNTIL_HOURS:
        return _("%(n)s min", n=minutes)
    hours, rest = divmod(minutes, 60)
    if hours < HOURS_UNTIL_DAYS:
        return _("%(h)s h %(m)02d", h=hours, m=rest)
    days = hours // HOURS_UNTIL_DAYS
    return _("1 day") if days == 1 else _("%(n)s days", n=days)


def in_minutes(instant: datetime, now: datetime) -> str:
    """How far away: "in 12 min" or "12 min ago"."""
    length = span(instant - now)
    return _("in %(span)s", span=length) if instant >= now else _("%(span)s ago", span=length)


def bdi(name: str) -> Markup:
    """A name in its own direction, so that it never turns the sentence around it."""
    return Markup("<bdi>{}</bdi>").format(escape(name))


def initials(name: str) -> str:
    """One or two letters for an avatar; one for scripts that need no more."""
    words = [word for word in name.split() if word[:1].isalpha()]
    if not words:
        return "?"
    first = words[0][0].upper()
    return first + words[-1][0].upper() if len(words) > 1 else first


def tone(name: str) -> int:
    """A quiet avatar color, 1 to 4, always the same for the same name."""
    return sum(name.encode()) % 4 + 1


def _plain(text: str) -> str:
    return text.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")


def address_words(address: Mapping[str, Any] | None) -> str:
    """An address in one line, without the name, as its country writes it."""
    return ", ".join(address_lines(address or {}))
