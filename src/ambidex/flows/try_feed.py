"""Somebody wants to know whether a subscriber listens: one message that says nothing is sent at once."""

from __future__ import annotations

from ambidex.domains import feeds
from ambidex.flows.deliver_feeds import message_of
from ambidex.flows.webhook_port import WEBHOOKS, Answer
from ambidex.kernel.actor import Actor, Permission
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run


async def try_feed(run: Run, outside: Outside, actor: Actor, *, code: str, key: bytes) -> Answer:
    """Send a message of the kind "feed.test"; nothing is counted as delivered by it. Raises NoWebhook."""
    actor.must_everywhere(Permission.FEEDS_CHANGE)
    async with run.reading() as read:
        feed = await feeds.feed(read, code)
    if not feed.webhook_url:
        raise feeds.NoWebhook(code)
    about: dict[str, object] = {"feed": code, "channel": feed.channel}
    message = message_of(feed, "feed.test", run.clock().isoformat(), about, run=run, key=key)
    return await outside.via(WEBHOOKS).send(message)
