"""Opening, changing, pausing and closing feeds; publishing into them; settling what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ambidex.domains.feeds import queries, rules, store
from ambidex.domains.feeds.events import (
    DeliveryFailed,
    DeliveryRecovered,
    FeedChanged,
    FeedClosed,
    FeedDisabled,
    FeedOpened,
    SecretRotated,
)
from ambidex.domains.feeds.model import FEED, Attempt, Feed, FeedVerb, Lease, NewFeed
from ambidex.domains.feeds.problems import FeedStandsStill, FeedTaken, NoWebhook
from ambidex.kernel.actor import Permission
from ambidex.kernel.event import Event
from ambidex.kernel.ids import FeedId, ItemId
from ambidex.kernel.problem import MovedOn
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx

NOTED_EVERY = timedelta(seconds=10)


async def open_feed(tx: Tx, new: NewFeed) -> Feed:
    """Subscribe a channel; its items appear within a moment. Raises BadFeed, FeedTaken."""
    tx.actor.must_everywhere(Permission.FEEDS_CHANGE)
    rules.check(new)
    if await store.insert_feed(tx, new) is None:
        raise FeedTaken(new.code)
    _announce(tx, new.code, FeedOpened(new.code, new.channel))
    return await queries.feed(tx, new.code)


async def change_feed(tx: Tx, new: NewFeed) -> Feed:
    """What the feed of this code is from now on; positions and versions go on. Raises BadFeed, UnknownFeed."""
    tx.actor.must_everywhere(Permission.FEEDS_CHANGE)
    rules.check(new)
    feed = await queries.locked(tx, new.code)
    await store.change_feed(tx, feed.feed_id, new)
    _announce(tx, new.code, FeedChanged(new.code, "terms"))
    return await queries.feed(tx, new.code)


async def move(tx: Tx, code: str, verb: FeedVerb) -> None:
    """Pause, resume (from where it stood, the newest values, at once) or close. Raises FeedStandsStill, UnknownFeed."""
    feed = await _changeable(tx, code)
    if not FEED.allows(feed.state, verb):
        raise FeedStandsStill(f"{code} is {feed.state.value}", state=feed.state.value)
    if not await store.move(tx, feed, verb):
        raise MovedOn(code)
    if verb is FeedVerb.CLOSE:
        await store.forget_shown(tx, feed)
    if verb is FeedVerb.RESUME:
        await store.set_back(tx, feed.feed_id, after=None)
    _announce(tx, code, FeedClosed(code) if verb is FeedVerb.CLOSE else FeedChanged(code, verb.value))


async def send_again(tx: Tx, code: str, *, after: int) -> Feed:
    """Send every value that stands after this position once more; older versions never follow newer ones."""
    feed = await _changeable(tx, code)
    if not feed.webhook_url:
        raise NoWebhook(code)
    await store.set_back(tx, feed.feed_id, after=after)
    _announce(tx, code, FeedChanged(code, f"sent again after {after}"))
    return feed


async def rotate_secret(tx: Tx, code: str) -> Feed:
    """A new secret; messages are signed with both for a day. Raises UnknownFeed."""
    feed = await _changeable(tx, code)
    await store.rotate(tx, feed, old_until=tx.now + rules.OLD_SECRET_FOR)
    _announce(tx, code, SecretRotated(code))
    return await queries.feed(tx, code)


async def hold(tx: Tx) -> list[Feed]:
    """All feeds; nobody else publishes until the end of the transaction. Read stock after this, never before."""
    await store.hold_head(tx)
    return await queries.page(tx)


async def publish(tx: Tx, feeds: Sequence[Feed], units: rules.Units) -> int:
    """Tell what is new of these units, after `hold`; of how many items. No permission: a reaction."""
    item_ids = sorted({item_id for _, item_id in units})
    if not item_ids:
        return 0
    head = await store.hold_head(tx)
    before = await store.told_before(tx, item_ids)
    changes = rules.changes(feeds, units, before=before, head=head, now=tx.now)
    if changes:
        await store.publish(tx, changes)
    return len(changes)


async def refreshed(tx: Tx, feeds: Sequence[Feed], *, upto: ItemId | None) -> None:
    """These feeds were looked at up to this item; None: wholly."""
    await store.refreshed(tx, [feed.feed_id for feed in feeds], upto=upto)


async def lease(tx: Tx, worker: str) -> list[Lease]:
    """What this worker may send for the next seconds."""
    leases = await store.lease(tx, worker, until=tx.now + rules.LEASE_FOR)
    await store.pass_over(tx, worker)
    return leases


async def record(tx: Tx, attempts: Sequence[Attempt]) -> set[FeedId]:
    """Settle what was sent, and what failed: said once, tried again, disabled after a month; whose lease counted."""
    stand = await store.record(tx, [(attempt, _next_at(attempt, tx.now)) for attempt in attempts])
    ends = {}
    for attempt in attempts:
        row = stand.get(attempt.lease.feed_id)
        if row is None:
            continue
        if attempt.failure and row.attempts == 1:
            _announce(tx, row.code, DeliveryFailed(row.code, attempt.failure))
        if not attempt.failure and attempt.lease.attempts:
            _announce(tx, row.code, DeliveryRecovered(row.code))
        if attempt.failure and (attempt.is_gone or rules.gives_up(row.failing_since, tx.now)):
            ends[attempt.lease.feed_id] = FeedDisabled(row.code, attempt.failure)
    disabled = await store.disable(tx, list(ends)) if ends else set()
    for feed_id in disabled:
        _announce(tx, ends[feed_id].code, ends[feed_id])
    return set(stand)


def _next_at(attempt: Attempt, now: datetime) -> datetime | None:
    if not attempt.failure:
        return None
    return now + max(rules.wait(attempt.lease.attempts), timedelta(seconds=attempt.retry_after_seconds))


async def asked(tx: Tx, feed: Feed, *, after: int) -> None:
    """A channel that pulls was here; noted a few times a minute at most."""
    await store.asked(tx, feed.feed_id, after=after, often=tx.now - NOTED_EVERY)


async def _changeable(tx: Tx, code: str) -> Feed:
    tx.actor.must_everywhere(Permission.FEEDS_CHANGE)
    return await queries.locked(tx, code)


def _announce(tx: Tx, code: str, event: Event) -> None:
    tx.announce(Ref("feed", code), event)
