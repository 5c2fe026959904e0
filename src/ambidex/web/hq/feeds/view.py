"""Feeds in words: how each fares, what is known of it, and what an item shows on each channel beside our own number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ambidex.domains.feeds import Feed
from ambidex.kernel.values import dataclass
from ambidex.reads.feed_health import BEHIND_MAX, ChannelShows, FeedHealth
from ambidex.web.channels import channel_word
from ambidex.web.formats import local_when, span
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Row, Stat
from ambidex.web.words import translate as _

LATE_AFTER_SECONDS = 5.0
BAND_WORDS = {"in": _("in stock"), "low": _("few left"), "out": _("sold out")}


def chip(one: FeedHealth, now: datetime) -> Chip:
    """Its state in one word."""
    if one.state == "disabled":
        return Chip(text=_("Stopped"), mean=Mean.BROKEN, icon="octagon-x")
    if one.state == "paused":
        return Chip(text=_("Paused"), mean=Mean.NONE, icon="hand")
    if one.trouble(now):
        return Chip(text=_("Stuck"), mean=Mean.BROKEN, icon="unplug")
    if one.failing_since:
        return Chip(text=_("Failing"), mean=Mean.AT_RISK, icon="triangle-alert")
    if one.is_filling:
        return Chip(text=_("Filling"), mean=Mean.NONE, icon="hourglass")
    if one.is_pushed and one.lag_seconds(now) > LATE_AFTER_SECONDS:
        return Chip(text=_("Late"), mean=Mean.AT_RISK, icon="timer")
    if not one.is_pushed and one.asked_at is None:
        return Chip(text=_("Not asked yet"), mean=Mean.NONE, icon="circle-dot")
    return Chip(text=_("Up to date"), mean=Mean.ON_TRACK, icon="check")


def row(one: FeedHealth, now: datetime) -> Row:
    """One feed in the list."""
    return Row(
        title=one.name,
        note=" · ".join(part for part in (_how(one), behind(one), _news(one, now)) if part),
        href=f"/feeds/{one.code}",
        icon="webhook" if one.is_pushed else "plug",
        chip=chip(one, now),
    )


def stats(known: Sequence[FeedHealth], now: datetime) -> list[Stat]:
    """The feeds together."""
    stuck = sum(bool(one.trouble(now)) for one in known)
    waiting = max(
        (one.lag_seconds(now) for one in known if one.state == "active" and one.is_pushed), default=0
    )
    return [
        Stat(label=_("Channels"), value=str(len(known)), icon="webhook"),
        Stat(
            label=_("Need a person"),
            value=str(stuck),
            mean=Mean.BROKEN if stuck else Mean.ON_TRACK,
            icon="unplug" if stuck else "check",
        ),
        Stat(label=_("Longest wait"), value=lag(waiting), icon="timer"),
    ]


def sentence(known: Sequence[FeedHealth], now: datetime) -> str:
    """What is true now."""
    if not known:
        return _("No channel is told about stock yet.")
    stuck = [one.name for one in known if one.trouble(now)]
    if stuck:
        return _("%(names)s: not told about our stock. Somebody was asked to look.", names=", ".join(stuck))
    return _("Every channel hears of a change of stock within a moment.")


def facts(one: FeedHealth, feed: Feed, places: Sequence[str], now: datetime) -> list[tuple[str, str]]:
    """What is known of one feed."""
    pairs = [
        (_("Channel"), channel_word(one.channel)),
        (_("Adds up"), ", ".join(places) or (feed.area.group or _("every place the channel may sell from"))),
        (
            _("For"),
            " ".join(part for part in (feed.area.method, feed.area.country, feed.area.postcode) if part),
        ),
        (_("Tells"), _tells(feed)),
        (_("Goes to"), one.host if one.is_pushed else _("nobody; the channel asks")),
        (_("Last delivered"), _when(one.delivered_at, now) if one.is_pushed else ""),
        (_("Last asked"), "" if one.is_pushed else _when(one.asked_at, now)),
        (_("Behind"), f"{behind(one)}, {lag(one.lag_seconds(now))}" if one.behind else _("nothing")),
        (_("Failing since"), _when(one.failing_since, now) if one.failing_since else ""),
        (_("Because"), one.failure),
        (_("Next try"), _when(one.next_at, now) if one.next_at and one.state == "active" else ""),
        (_("Values delivered"), str(one.delivered) if one.is_pushed else ""),
    ]
    return [(name, value) for name, value in pairs if value]


def behind(one: FeedHealth) -> str:
    """How many items show an old value there."""
    if not one.behind:
        return ""
    many = f"{BEHIND_MAX}+" if one.behind >= BEHIND_MAX else str(one.behind)
    return _("%(n)s behind", n=many)


def lag(seconds: float) -> str:
    """A wait, short ones in seconds."""
    if seconds < 1:
        return _("none")
    return _("%(n)s s", n=int(seconds)) if seconds < 100 else span(timedelta(seconds=seconds))


@dataclass(frozen=True, slots=True)
class Truth:
    """What each channel may sell of the item now, computed anew, by the code of its feed."""

    units: Mapping[str, int]


def item_rows(shown: Sequence[ChannelShows], truth: Truth, now: datetime) -> list[list[object]]:
    """One row per channel: what it shows, what is true, since when, whether the two agree."""
    return [
        [
            (one.name, f"/feeds/{one.code}"),
            _value(one),
            _agrees(one, truth.units.get(one.code, 0)),
            str(truth.units.get(one.code, 0)),
            "–" if one.changed_at is None else local_when(one.changed_at, "UTC", now),
        ]
        for one in shown
    ]


def _value(one: ChannelShows) -> str:
    if one.version is None:
        return _("nothing yet")
    return BAND_WORDS[one.band] if one.band else str(one.units)


def _agrees(one: ChannelShows, units: int) -> Chip:
    if one.version is not None and not one.band and one.units != units:
        return Chip(text=_("Being published"), mean=Mean.AT_RISK, icon="hourglass")
    if not one.is_delivered:
        return Chip(text=_("Not there yet"), mean=Mean.AT_RISK, icon="timer")
    return Chip(text=_("Delivered"), mean=Mean.ON_TRACK, icon="check")


def _how(one: FeedHealth) -> str:
    form = _("bands") if one.tells == "bands" else _("units")
    channel = channel_word(one.channel)
    return f"{channel}, {form}" if one.is_pushed else f"{channel}, {form}, {_('asks')}"


def _news(one: FeedHealth, now: datetime) -> str:
    if one.trouble(now):
        return one.trouble(now)
    if one.failure and one.state == "active":
        return _("%(reason)s, tried again by itself", reason=one.failure)
    last = one.delivered_at if one.is_pushed else one.asked_at
    if last is None:
        return _("nothing delivered yet") if one.is_pushed else _("has not asked yet")
    words = _("delivered %(ago)s ago") if one.is_pushed else _("asked %(ago)s ago")
    return words % {"ago": span(now - last)}


def _tells(feed: Feed) -> str:
    if feed.bands is None:
        return _("units")
    return _(
        "bands: few left at %(low)s, in stock again from %(again)s, sold out at %(out)s, back from %(back)s",
        low=feed.bands.low_at,
        again=feed.bands.in_from,
        out=feed.bands.out_at,
        back=feed.bands.back_from,
    )


def _when(instant: datetime | None, now: datetime) -> str:
    return _("never") if instant is None else f"{local_when(instant, 'UTC', now)} UTC"
