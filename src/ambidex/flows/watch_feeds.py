"""A feed is stuck: a person is asked to look after it, once; and not any more when it keeps up again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambidex.domains import feeds
from ambidex.domains.feeds import FeedVerb
from ambidex.domains.watch import Cause
from ambidex.flows import ownership
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.feed_health import FeedHealth, feed_health
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run

OWNER = "experience"


async def watch_feeds(run: Run) -> None:
    """A loop: compare how feeds fare with what people were asked to look after."""
    async with run.reading() as read:
        news = [one for one in await feed_health(read) if _is_news(one, read.now)]
    if news:
        await run.perform(SYSTEM, _settle, codes=[one.code for one in news])


async def move_feed(tx: Tx, code: str, verb: FeedVerb) -> None:
    """Pause, resume or close; nobody looks after a feed that is closed. Raises FeedStandsStill, UnknownFeed."""
    await feeds.feed(tx, code, lock=True)
    [stood] = await feed_health(tx, code)
    if verb is FeedVerb.CLOSE:
        await _ended(tx, stood, outcome="the feed was closed")
    await feeds.move(tx, code, verb)


async def _settle(tx: Tx, *, codes: Sequence[str]) -> None:
    known = await feed_health(tx)
    for one in [each for each in known if each.code in codes and _is_news(each, tx.now)]:
        await (_ended(tx, one) if one.stuck_since else _begun(tx, one))


def _is_news(one: FeedHealth, now: datetime) -> bool:
    return bool(one.trouble(now)) != (one.stuck_since is not None)


async def _begun(tx: Tx, one: FeedHealth) -> None:
    if not await feeds.note_stuck(tx, one.code, since=tx.now):
        return
    facts = {"feed": one.code, "channel": one.channel, "behind": one.behind, "subject": f"feed:{one.code}"}
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind="feed-stuck",
        cause=Cause.PLATFORM if one.is_pushed and one.failure else Cause.SYSTEM,
        title=f"{one.name} does not hear of our stock",
        detail=f"{one.trouble(tx.now)}. {one.behind} items there show an old number. Look at /feeds/{one.code}.",
        key=_key(one.code, tx.now),
        role=OWNER,
        about=ownership.About(facts=facts),
    )


async def _ended(tx: Tx, one: FeedHealth, *, outcome: str = "the feed keeps up again") -> None:
    since = one.stuck_since
    if since is not None and await feeds.note_stuck(tx, one.code, since=None):
        await ownership.solved(tx, _key(one.code, since), outcome=outcome)


def _key(code: str, since: datetime) -> str:
    return f"feed-stuck:{code}:{since:%Y%m%dT%H%M%S.%f}"
