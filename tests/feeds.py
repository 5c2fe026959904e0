"""Words for tests about feeds: opening one, and a subscriber that checks what it is sent by its own means."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from ambidex.domains.feeds import Bands, Feed
from ambidex.flows.deliver_feeds import Deliverer
from ambidex.flows.feed_terms import Terms, open_feed
from ambidex.flows.publish_stock import publish_stock, refresh_feeds
from ambidex.flows.webhook_port import WEBHOOKS, Answer, Message
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.live import Live
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import Reaction, settle

KEY = b"feeds are tested with this key.."
URL = "https://shop.example/hooks"
PUBLISHED = Reaction("stock published", frozenset({"inventory.moved", "availability.changed"}), publish_stock)


async def opened(
    run: Run, code: str = "web-shop", *, bands: Bands | None = None, places: Sequence[str] = (), **said: Any
) -> Feed:
    """A feed that has looked at all items; pushed to URL unless told otherwise."""
    told: dict[str, Any] = {"name": "", "channel": "web", "webhook_url": URL, **said}
    terms = Terms(code, places=tuple(places), bands=bands, **told)
    feed = await run.perform(SYSTEM, open_feed, terms=terms)
    await fill(run)
    return feed


async def fill(run: Run) -> None:
    """Until every feed has looked at every item."""
    while await refresh_feeds(run):
        pass


async def published(run: Run) -> None:
    """What moved so far is shown."""
    await settle(run, [PUBLISHED])


@dataclass
class Subscriber:
    """The port Webhooks in memory; `answers` are given in turn, then every message is taken."""

    answers: list[Answer] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> Answer:
        self.messages.append(message)
        return self.answers.pop(0) if self.answers else Answer()

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [orjson.loads(message.body) for message in self.messages]

    @property
    def told(self) -> list[tuple[str, Any, int]]:
        """Item, value and version, in the order they came."""
        changes = [change for body in self.bodies for change in body["data"]["changes"]]
        return [(c["item"], c.get("units", c.get("band")), c["version"]) for c in changes]


def deliverer(run: Run, subscriber: object, worker: str = "one") -> Deliverer:
    """Who delivers to this subscriber."""
    return Deliverer(run, Outside({WEBHOOKS: subscriber}), Live(run), KEY, worker)


async def deliver(run: Run, subscriber: object, worker: str = "one") -> int:
    """One fresh worker sends everything that is due and settles it; how many messages."""
    one, total = deliverer(run, subscriber, worker), 0
    while sent := await one.turn():
        total += sent
        await one.until_sent()
    await one.close()
    return total


def is_signed(headers: dict[str, str], body: bytes, secret: str) -> bool:
    """Standard Webhooks as a subscriber checks it, written from the specification and not from our code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    given = [part.split(",", 1) for part in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(code, wanted) for version, code in given)
