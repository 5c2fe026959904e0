"""Pure decisions of feeds: which band, what has changed, how long to wait before the next try, what is no feed."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ambidex.domains.feeds.model import Band, Bands, Change, Feed, NewFeed, Told
from ambidex.domains.feeds.problems import BadFeed
from ambidex.kernel.ids import FeedId, ItemId
from ambidex.kernel.problem import FieldError

CHANNELS = ("web", "pos", "phone", "marketplace", "social", "chat", "agent", "b2b")
OLD_SECRET_FOR = timedelta(hours=24)
GIVE_UP_AFTER = timedelta(days=30)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=10)
LEASE_FOR = timedelta(seconds=4)
UNITS_MAX = 1_000_000
URL_LENGTH_MAX = 2_000
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

Units = Mapping[tuple[FeedId, ItemId], int]
ToldBefore = Mapping[ItemId, Mapping[int, Told]]


def band(bands: Bands, units: int, *, before: Band | None) -> Band:
    """The band of this many units, after this band. Between the two numbers of a step it stays what it was."""
    if units <= bands.out_at or (before is Band.OUT and units < bands.back_from):
        return Band.OUT
    if before in {Band.LOW, Band.OUT}:
        return Band.IN if units >= bands.in_from else Band.LOW
    return Band.LOW if units <= bands.low_at else Band.IN


def changes(
    feeds: Sequence[Feed], units: Units, *, before: ToldBefore, head: int, now: datetime
) -> list[Change]:
    """The items of which a feed tells something new, in order, their positions going on after `head` without a gap."""
    found: list[Change] = []
    at_ms = int(now.timestamp() * 1000)
    for item_id in sorted({item_id for _, item_id in units}):
        known = before.get(item_id, {})
        position = head + len(found) + 1
        new: dict[int, Told] = {}
        for feed in feeds:
            number = units.get((feed.feed_id, item_id))
            was = known.get(feed.feed_no)
            value = None if number is None else _new_value(feed, max(0, number), was)
            if value is not None:
                version = 1 if was is None else was.version + 1
                new[feed.feed_no] = Told(*value, version, position, at_ms)
        if new:
            found.append(Change(item_id, position, {**known, **new}))
    return found


def _new_value(feed: Feed, units: int, was: Told | None) -> tuple[int, str] | None:
    """What the channel is told now; None when it was told so before."""
    if feed.bands is None:
        same = was is not None and was.units == units and not was.band
        return None if same else (units, "")
    before = Band(was.band) if was and was.band else None
    now = band(feed.bands, units, before=before)
    return None if now is before else (units, now.value)


def wait(attempts: int) -> timedelta:
    """How long after the so-many-th failure in a row; twice as long each time, up to LONGEST_WAIT."""
    doubled: int = 1 << min(attempts, 20)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def gives_up(failing_since: datetime, now: datetime) -> bool:
    """Whether it has failed for so long that only a person starts it again; nothing is discarded."""
    return now - failing_since >= GIVE_UP_AFTER


def secrets(key: bytes, feed: Feed, now: datetime) -> tuple[bytes, ...]:
    """What a message is signed with, newest first: two for a while after a rotation."""
    old_is_good = feed.old_secret_until is not None and feed.old_secret_until > now
    numbers = (feed.secret_no, feed.secret_no - 1) if old_is_good else (feed.secret_no,)
    return tuple(secret(key, feed.feed_id, number) for number in numbers)


def secret(key: bytes, feed_id: FeedId, number: int) -> bytes:
    """The so-many-th secret of a feed, derived from the installation's key: nobody can read it in the database."""
    return hmac.new(key, b"feed secret" + feed_id.bytes + number.to_bytes(4, "big"), hashlib.sha256).digest()


def check(new: NewFeed) -> None:
    """Raise BadFeed naming every field that cannot be used."""
    errors: list[FieldError] = []
    if not _CODE.fullmatch(new.code):
        errors.append({"field": "code", "expected": "1 to 64 small letters, digits or -, such as web-shop"})
    if new.channel not in CHANNELS:
        errors.append({"field": "channel", "expected": " | ".join(CHANNELS)})
    if new.webhook_url and (wrong := _wrong_url(new.webhook_url)):
        errors.append({"field": "webhook.url", "expected": wrong})
    if new.bands is not None:
        errors += _wrong_bands(new.bands)
    if errors:
        raise BadFeed(f"feed {new.code!r}", errors=errors)


def _wrong_bands(bands: Bands) -> list[FieldError]:
    errors: list[FieldError] = []
    if not 0 <= bands.out_at < bands.back_from <= bands.in_from <= UNITS_MAX:
        errors.append({"field": "bands.back_from", "expected": "0 <= out_at < back_from <= in_from"})
    if not bands.out_at < bands.low_at < bands.in_from:
        errors.append({"field": "bands.in_from", "expected": "out_at < low_at < in_from"})
    return errors


def _wrong_url(url: str) -> str:
    expected = "an https address without user, password or fragment"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return expected
    plain = parts.scheme in {"https", "http"} and parts.hostname and not parts.username and not parts.fragment
    clean = url.isascii() and url.isprintable() and " " not in url and len(url) <= URL_LENGTH_MAX
    return "" if plain and clean and parts.password is None and port != 0 else expected
