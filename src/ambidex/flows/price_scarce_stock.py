"""What scarce stock is worth: every night prices are made from the recent past, tried on seasons of it, and used by the
decisions of the next day only if they saved there. They are off again when they do not.

The worker does it a piece at a time; `ambidex routing prices` does it at once. Who stopped them has them made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from datetime import timedelta

import structlog

from ambidex.domains import catalogue, routing
from ambidex.flows.order_words import sending_words
from ambidex.flows.past_season import Season, Seen, season_of
from ambidex.kernel.actor import SYSTEM, Actor
from ambidex.reads.availability import ROWS_MAX, stock_at
from ambidex.reads.past_orders import PastOrder, currencies, past_orders
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run

scarce, change, ask = routing.scarce, routing.change, routing.ask
PAST, PAST_MAX = timedelta(days=28), 2_000
PriceList = routing.scarce.PriceList
log = structlog.get_logger("ambidex.routing")


class Making:
    """Prices on their way; each `advance` does a piece, and says when all is done. They were begun behind list `behind`."""

    def __init__(self, pieces: Generator[None, None, PriceList], *, behind: int) -> None:
        self._pieces, self._behind = pieces, behind
        self.made: PriceList | None = None

    def advance(self) -> bool:
        """Whether it is done. What cannot be made is no price list, and says so."""
        try:
            next(self._pieces)
        except StopIteration as done:
            self.made = done.value
        except routing.trials.BROKEN:
            log.exception("prices-broke")
            self.made = _off(scarce.WhyOff.BROKEN)
        return self.made is not None

    async def keep(self, run: Run, actor: Actor) -> PriceList:
        """What was made, or that a person stopped it meanwhile."""
        assert self.made is not None, "it is done"
        return await run.perform(actor, change.keep_prices, self.made, begun_behind=self._behind)


class Nightly:
    """Once a day, and when somebody asks; not while a person has stopped it."""

    def __init__(self) -> None:
        self._making: Making | None = None

    async def step(self, run: Run) -> bool:
        """The next piece; whether there is more."""
        if self._making is None:
            if not await _is_due(run):
                return False
            self._making = await run.perform(SYSTEM, begin)
        if not await asyncio.to_thread(self._making.advance):
            return True
        making, self._making = self._making, None
        await making.keep(run, SYSTEM)
        return False


async def make_now(run: Run, actor: Actor) -> PriceList:
    """All of it at once, also if it was done today or stopped."""
    making = await run.perform(actor, begin)
    await asyncio.to_thread(_to_its_end, making)
    return await making.keep(run, actor)


def _to_its_end(making: Making) -> None:
    while not making.advance():
        pass


async def _is_due(run: Run) -> bool:
    async with run.reading() as read:
        newest = await ask.price_list(read)
    if newest is None or newest.made_at is None:
        return True
    if newest.why is scarce.WhyOff.ASKED:
        return True
    return newest.state is not scarce.PricesState.STOPPED and newest.made_at.date() < read.now.date()


async def begin(tx: Tx) -> Making:
    """Look at everything that prices are made from; the rest is arithmetic, which holds no transaction open."""
    before = await ask.price_list(tx) or scarce.NO_PRICES
    past = await past_orders(tx, since=tx.now - PAST, limit=PAST_MAX)
    return Making(_made(past, await _seen(tx, past), before), behind=before.number)


async def _seen(tx: Tx, past: Sequence[PastOrder]) -> Seen | routing.scarce.WhyOff:
    if len(await currencies(tx)) > 1:
        return scarce.WhyOff.CURRENCIES
    words = await sending_words(tx)
    items = await catalogue.by_skus(tx, {line["sku"] for one in past for line in one.demand["lines"]})
    ids = [item.item_id for item in items.values()]
    stock = await stock_at(tx, ids, [place.location_id for place in words.senders])
    if len(stock) >= ROWS_MAX:
        return scarce.WhyOff.LARGE
    return Seen(words, items, stock, tx.now)


def _made(
    past: Sequence[PastOrder], seen: Seen | routing.scarce.WhyOff, before: PriceList
) -> Generator[None, None, PriceList]:
    found = season_of(past, seen) if isinstance(seen, Seen) else seen
    yield
    if not isinstance(found, Season):
        return _off(found)
    return (yield from scarce.made(found.shop, found.terms, days=found.days, before=before))


def _off(why: routing.scarce.WhyOff) -> PriceList:
    return PriceList(scarce.PricesState.OFF, why)
