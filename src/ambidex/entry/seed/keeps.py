"""What the made-up retailer keeps back, who sells from where, which addresses a place serves, and two kits."""

from __future__ import annotations

from datetime import timedelta

from ambidex.domains import availability, catalogue
from ambidex.domains.availability import Group, Number, Scope
from ambidex.domains.catalogue import NewItem
from ambidex.domains.locations import Location, LocationKind
from ambidex.entry.seed.wares import barcode
from ambidex.kernel.money import Money
from ambidex.runtime.db import Tx

STORES, SUPPLY = "stores", "supply"
# the warehouse in Reno sends to the western postcodes only
WEST = tuple(("US", first) for first in "89")
KITS = (
    ("TEA-FOR-TWO", "Tea for two", "teapot", 8200, (("QUITEA-OAT", 1), ("HARMUG-OAT", 2))),
    ("SUPPER-FOR-FOUR", "Supper for four", "plates", 10900, (("MEAPLA-INK", 1), ("TIDGLA-INK", 4))),
)


async def keep_back(tx: Tx, places: list[Location]) -> None:
    """A few rules of each kind, so that every number has something to explain."""
    stores = {p.location_id for p in places if p.kind is LocationKind.STORE}
    supply = {p.location_id for p in places if p.kind is not LocationKind.STORE}
    await availability.put_group(tx, Group(STORES, "All stores", frozenset(stores)))
    await availability.put_group(tx, Group(SUPPLY, "Warehouses and suppliers", frozenset(supply)))
    # the day before, so that it has begun in every zone
    first = tx.now.date() - timedelta(days=1)
    holidays = Scope(category="Light", group=STORES, starts_on=first, ends_on=first + timedelta(days=31))
    await availability.put_rules(
        tx,
        [
            (Number.SAFETY, 1, Scope(category="Table", group=STORES)),
            (Number.SAFETY, 2, holidays),
            (Number.FLOOR, 3, Scope(group=STORES)),
            (Number.THRESHOLD, 4, Scope(channel="marketplace")),
            (Number.THRESHOLD, 2, Scope(category="Light", channel="social")),
        ],
    )
    await availability.put_seller(tx, "b2b", [SUPPLY])
    [reno] = [place for place in places if place.code == "3pl-reno"]
    await availability.put_areas(tx, reno.location_id, "ship", WEST)


async def make_kits(tx: Tx) -> None:
    """Kits of what is sold alone as well."""
    known = await catalogue.by_skus(tx, [sku for kit in KITS for sku, _ in kit[4]])
    await catalogue.put_items(
        tx,
        [
            NewItem(
                sku=sku,
                name=name,
                price=Money(price, "USD"),
                picture=picture,
                color=known[parts[0][0]].color,
                barcodes=(barcode(90_000 + number),),
                category="Table",
                components=parts,
            )
            for number, (sku, name, picture, price, parts) in enumerate(KITS)
        ],
    )
