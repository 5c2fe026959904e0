"""The channels of the made-up retailer that are told about stock, and the systems behind them on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ambidex.domains import feeds
from ambidex.domains.feeds import Bands
from ambidex.flows.feed_secrets import secrets_of
from ambidex.flows.feed_terms import Terms, change_feed, open_feed
from ambidex.integrations.fake.subscriber import Subscriber, Subscribers
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.perform import Run

LOOPBACK = "127.0.0.0/8"
STEPS = Bands(low_at=3, in_from=6, out_at=0, back_from=2)
# One listens well, one is slow, one refuses two of three messages; the assistant asks by itself.
SUBSCRIBERS = {
    "web-shop": Subscriber(),
    "marketplace": Subscriber(),
    "tills": Subscriber(seconds=2),
    "social-shelf": Subscriber(refuses=2, out_of=3),
}
TERMS = (
    Terms("web-shop", "Web shop", "web"),
    Terms("marketplace", "Bazaar marketplace", "marketplace", bands=STEPS),
    Terms("tills", "Tills of the first store", "pos", places=("store-01",)),
    Terms("social-shelf", "Social shelf", "social", bands=STEPS),
    Terms("assistant", "Shopping assistant", "agent"),
)


@asynccontextmanager
async def serving(run: Run, *, key: bytes) -> AsyncIterator[Subscribers]:
    """The systems behind the channels, subscribed at the address of this start."""
    texts: dict[str, tuple[str, ...]] = {}
    subscribers = Subscribers(SUBSCRIBERS, lambda name: texts.get(name, ()))
    await subscribers.open()
    try:
        for terms in TERMS:  # five, at every start
            url = f"{subscribers.url}/{terms.code}" if terms.code in SUBSCRIBERS else ""
            await _subscribe(run, terms, url)
            async with run.reading() as read:
                texts[terms.code] = (await secrets_of(read, terms.code, key=key)).texts
        yield subscribers
    finally:
        await subscribers.close()


async def _subscribe(run: Run, terms: Terms, url: str) -> None:
    async with run.reading() as read:
        known = {feed.code for feed in await feeds.page(read)}
    told = Terms(terms.code, terms.name, terms.channel, terms.places, terms.area, terms.bands, url)
    await run.perform(SYSTEM, change_feed if terms.code in known else open_feed, terms=told)
