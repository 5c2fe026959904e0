"""Subscribers of the kill rig: what they were told last must be the truth, and no item's version may go back.

One listens well, one is rude (it takes a message and hangs up, or refuses it with 500), one is told bands.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from ambidex.domains import catalogue, feeds
from ambidex.domains.feeds import Bands
from ambidex.flows.channel_units import channel_units
from ambidex.flows.deliver_feeds import Deliverer
from ambidex.flows.feed_terms import Terms, open_feed
from ambidex.flows.publish_stock import refresh_feeds
from ambidex.flows.webhook_port import WEBHOOKS
from ambidex.integrations.webhooks.sender import WebhookSender
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import ItemId
from ambidex.reads import feeds as reading
from ambidex.reads.feed_health import feed_health
from ambidex.runtime.live import Live
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

LOOPBACK = "127.0.0.0/8"
TAKEN = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
REFUSED = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
EVERY_ITEM = 1_000
_KEY, _FIRST = b"the rig verifies no signatures", UUID(int=0)


@dataclass
class Double:
    """A subscriber that keeps the newest it was told of each item: value and version."""

    code: str
    bands: Bands | None = None
    is_rude: bool = False
    known: dict[str, tuple[Any, int]] = field(default_factory=dict)
    messages: int = 0
    went_back: int = 0
    url: str = ""
    _server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/stock"

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                at = head.lower().index(b"content-length:") + 15
                body = await reader.readexactly(int(head[at : head.index(b"\r", at)]))
                answer = self._take(orjson.loads(body))
                if not answer:
                    break
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        writer.close()

    def _take(self, body: dict[str, Any]) -> bytes:
        self.messages += 1
        if self.is_rude and self.messages % 4 == 0:
            return REFUSED
        for change in body["data"]["changes"]:
            value = change.get("units", change.get("band"))
            _, version = self.known.get(change["item"], (None, 0))
            self.went_back += change["version"] < version
            self.known[change["item"]] = value, change["version"]
        return b"" if self.is_rude and self.messages % 3 == 0 else TAKEN


@dataclass(frozen=True)
class Told:
    """What the subscribers showed at the end. `wrong` is an item of which one was last told something untrue."""

    feed_messages: int
    feed_values: int
    feed_wrong: int
    feed_went_back: int


@dataclass
class Doubles:
    """The subscribers of one run."""

    all: list[Double] = field(
        default_factory=lambda: [
            Double("well"),
            Double("rude", is_rude=True),
            Double("steps", bands=Bands(low_at=99_900, in_from=99_950, out_at=0, back_from=1)),
        ]
    )

    async def open(self, run: Run) -> None:
        """Subscribe, with every item told at least once by whoever sends first."""
        for double in self.all:
            await double.open()
            terms = Terms(double.code, double.code, "web", bands=double.bands, webhook_url=double.url)
            await run.perform(SYSTEM, open_feed, terms=terms)

    def close(self) -> None:
        for double in self.all:
            double.close()

    async def drain(self, run: Run) -> None:
        """Send what is left, until nobody is behind. `run` has a clock that hurries."""
        while await refresh_feeds(run):
            pass
        sender = WebhookSender([ipaddress.ip_network(LOOPBACK)])
        deliverer = Deliverer(run, Outside({WEBHOOKS: sender}), Live(run), _KEY, "the end")
        try:
            while await deliverer.turn():
                await deliverer.until_sent()
        finally:
            await deliverer.close()
            await sender.close()

    async def is_behind(self, run: Run) -> bool:
        async with run.reading() as read:
            return any(one.behind for one in await feed_health(read))

    async def told(self, run: Run) -> Told:
        """Hold what each was told last against the truth, computed anew."""
        async with run.reading() as read:
            known = {feed.code: feed for feed in await feeds.page(read)}
            item_ids = await reading.items_after(read, ItemId(_FIRST), limit=EVERY_ITEM)
            units = await channel_units(read, list(known.values()), item_ids)
            shown = {
                code: (await reading.changes(read, feed.feed_id, after=0, limit=EVERY_ITEM)).items
                for code, feed in known.items()
            }
            skus = {i: item.sku for i, item in (await catalogue.by_ids(read, item_ids)).items()}
        wrong = 0
        for double in self.all:
            feed = known[double.code]
            for item_id in item_ids:
                value, _ = double.known.get(skus[item_id], (None, 0))
                number = units[feed.feed_id, item_id]
                wrong += not _is_true(double, value, number)
            wrong += sum(
                double.known.get(one.item) != (one.band or one.units, one.version) for one in shown[feed.code]
            )
        return Told(
            feed_messages=sum(double.messages for double in self.all),
            feed_values=len(self.all) * len(item_ids),
            feed_wrong=wrong,
            feed_went_back=sum(double.went_back for double in self.all),
        )


def _is_true(double: Double, value: Any, units: int) -> bool:
    """Whether it is the number, or a band that so many units may be in (between two steps it depends on the way)."""
    if double.bands is None:
        return bool(value == units)
    return value in _bands_of(double.bands, units)


def _bands_of(bands: Bands, units: int) -> Sequence[str]:
    if units <= bands.out_at:
        return ("out",)
    if units >= bands.in_from:
        return ("in",)
    return ("low",) if units <= bands.low_at else ("low", "in")
