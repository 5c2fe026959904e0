"""Prices of scarce stock as they count for decisions: a list with its proof, on only where it proved itself.

A list is made from what lay at each place when it was made. A place that has more of an item since has no price for it, and
no list counts for longer than it may.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from ambidex.domains.routing.rules.joint import Asked
from ambidex.domains.routing.rules.prices import Prices, Pricing
from ambidex.domains.routing.rules.snapshot import Ints, Network
from ambidex.domains.routing.rules.trials_of_prices import Played, Proof, Shop, Terms, tried
from ambidex.kernel.values import dataclass, field, replace

__all__ = [
    "NO_PRICES",
    "Ints",
    "Played",
    "PriceList",
    "PricesState",
    "Proof",
    "Shop",
    "Terms",
    "WhyOff",
    "made",
]
# made anew every night: a list that was not renewed for two is of another time
COUNTS_FOR = timedelta(hours=48)


class PricesState(StrEnum):
    """`stopped` by a person, and it stays so until a person has prices made again."""

    ON = "on"
    OFF = "off"
    STOPPED = "stopped"


class WhyOff(StrEnum):
    """Why there are no prices, where it is not the proof that says so."""

    NOTHING = ""
    FEW = "few orders"
    PLENTY = "nothing is scarce"
    CURRENCIES = "several currencies"
    LARGE = "too much stock to look at"
    BROKEN = "could not be made"
    PERSON = "stopped by a person"
    ASKED = "being made"


# SKU -> place -> mills a unit, and how many units lay there when it was made
Priced = Mapping[str, Mapping[str, tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class PriceList:
    """Prices with their proof. `past` orders of `days` days were looked at; a season had `season` orders."""

    state: PricesState = PricesState.OFF
    why: WhyOff = WhyOff.NOTHING
    past: int = 0
    days: int = 0
    season: int = 0
    every: int = 0
    proof: Proof = field(default_factory=Proof)
    priced: Priced = field(default_factory=dict)
    number: int = 0
    made_at: datetime | None = None
    made_by: str = ""

    @property
    def count(self) -> int:
        """Positions that have a price."""
        return sum(len(places) for places in self.priced.values())

    @property
    def is_stopped(self) -> bool:
        return self.state is PricesState.STOPPED

    def counts(self, now: datetime) -> bool:
        """Whether decisions of this moment know these prices."""
        is_fresh = self.made_at is not None and now < self.made_at + COUNTS_FOR
        return self.state is PricesState.ON and is_fresh

    def price(self, sku: str, site: str, *, free: int, now: datetime) -> int:
        """Mills that a unit there is worth to the orders to come."""
        if not self.priced:
            return 0
        mills, lay = self.priced.get(sku, {}).get(site, (0, 0))
        return mills if mills and free <= lay and self.counts(now) else 0


NO_PRICES = PriceList()


def made(
    shop: Shop, terms: Terms, *, days: int, before: PriceList = NO_PRICES
) -> Generator[None, None, PriceList]:
    """Tried on seasons of the past; where that saves, prices of what there is now, half of them those of `before`."""
    proof = yield from tried(shop, terms)
    state = PricesState.ON if proof.is_proved else PricesState.OFF
    found = PriceList(state, WhyOff.NOTHING, len(shop.past), days, terms.orders, terms.every, proof)
    if state is PricesState.OFF:
        return found
    network = shop.past[0].network
    known = _columns(before.priced, shop, network) if before.state is PricesState.ON else None
    past = [Asked.of(one) for one in shop.past]
    pricing = Pricing(past, terms.seed, cover=terms.cover, before=known)
    prices = pricing.at(before.number + 1, shop.stock, to_come=terms.orders)
    return replace(found, priced=_worth_keeping(prices, shop, network))


def _worth_keeping(prices: Prices, shop: Shop, network: Network) -> Priced:
    """Those above zero, with the units that lay there."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for sku, mills in prices.items():
        there = shop.stock[sku]
        places = {
            network.sites[at].code: (int(mills[at]), int(there[at]))
            for at in range(len(mills))
            if mills[at] > 0 and there[at] > 0
        }
        if places:
            found[sku] = places
    return found


def _columns(priced: Priced, shop: Shop, network: Network) -> Prices:
    """Prices of before for what there is now; a place that has more than it had has none."""
    found = {}
    for sku, units in shop.stock.items():
        column = units * 0
        for site, (mills, lay) in priced.get(sku, {}).items():
            at = network.index.get(site)
            if at is not None and units[at] <= lay:
                column[at] = mills
        found[sku] = column
    return found
