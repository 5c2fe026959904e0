"""A house of a thousand places that collect and send, for the promise bench: stores around cities, a few warehouses."""

from __future__ import annotations

import random
import secrets

from sqlalchemy import text

from ambidex.domains import catalogue, identity, locations
from ambidex.domains.catalogue import NewItem
from ambidex.domains.locations import LocationKind, NewLocation
from ambidex.flows.quote_words import Basket
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.money import Money
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run

CITIES = (
    ("Seattle", "981", 47.61, -122.33), ("Portland", "972", 45.52, -122.68), ("San Francisco", "941", 37.77, -122.42),
    ("Los Angeles", "900", 34.05, -118.24), ("Phoenix", "850", 33.45, -112.07), ("Denver", "802", 39.74, -104.99),
    ("Dallas", "752", 32.78, -96.80), ("Houston", "770", 29.76, -95.37), ("Chicago", "606", 41.88, -87.63),
    ("Minneapolis", "554", 44.98, -93.27), ("Atlanta", "303", 33.75, -84.39), ("Miami", "331", 25.76, -80.19),
    ("Boston", "021", 42.36, -71.06), ("New York", "100", 40.71, -74.01), ("Philadelphia", "191", 39.95, -75.17),
    ("Washington", "200", 38.91, -77.04),
)  # fmt: skip
WEEK = {str(day): [["09:00", "21:00"]] for day in range(7)}
WAREHOUSES = 12
# of ten places six have an item; the last ones of the list only warehouses, and one nobody
STOCK = text("""
INSERT INTO inventory.positions (item_id, location_id, sellable, reserved, counted_at, booked_at, changed_at)
SELECT i.item_id, l.location_id, CASE WHEN l.kind = 'warehouse' THEN 500 ELSE 1 + h.n % 9 END,
       CASE WHEN h.n % 5 = 0 THEN 1 ELSE 0 END, CAST(:now AS timestamptz) - h.n % 90 * interval '1 day', :now, :now
  FROM catalogue.items i CROSS JOIN locations.locations l
 CROSS JOIN LATERAL (SELECT abs(hashtext(i.sku || ' ' || l.code)) AS n) h
 WHERE i.sku <> :nowhere AND CASE WHEN l.kind = 'warehouse' THEN h.n % 10 < 8 ELSE h.n % 10 < 6 AND i.sku < :rare END""")


async def build(run: Run, *, places: int, items: int, seed: int) -> str:
    """Fill it; a token of its web site."""
    return await run.perform(SYSTEM, _build, places=places, items=items, chance=random.Random(seed))


async def _build(tx: Tx, *, places: int, items: int, chance: random.Random) -> str:
    await locations.put_locations(tx, [_place(n, chance) for n in range(places)])
    price = Money.parse("19.90", "USD")
    news = [
        NewItem(sku=_sku(n), name=_sku(n), price=price, weight_grams=100 + 37 * n % 900) for n in range(items)
    ]
    await catalogue.put_items(tx, news)
    rare = _sku(items - items // 10)
    await tx.run(text("SET LOCAL statement_timeout = 0"))
    await tx.run(STOCK, {"now": tx.now, "nowhere": _sku(items - 1), "rare": rare})
    secret = secrets.token_urlsafe(24)
    await identity.create_token(tx, identity.NewToken("bench", identity.Role.INTEGRATION), secret=secret)
    return secret


def _place(n: int, chance: random.Random) -> NewLocation:
    city, prefix, latitude, longitude = CITIES[n % len(CITIES)]
    is_warehouse = n < WAREHOUSES
    return NewLocation(
        code=f"dc-{n:02}" if is_warehouse else f"store-{n:04}",
        name=f"{city} {n}",
        kind=LocationKind.WAREHOUSE if is_warehouse else LocationKind.STORE,
        time_zone="America/Chicago",
        week=WEEK,
        city=city,
        address={"country": "US", "postcode": f"{prefix}{n % 100:02}"},
        latitude=latitude + chance.gauss(0, 0.4),
        longitude=longitude + chance.gauss(0, 0.4),
    )


def _sku(n: int) -> str:
    return f"ITEM-{n:04}"


def basket(chance: random.Random, *, items: int, lines: int) -> Basket:
    """Common items mostly; an address near one of the cities, by its postcode."""
    _, prefix, _, _ = chance.choice(CITIES)
    skus = chance.sample(range(items - 1), lines)
    wanted = tuple((_sku(n), chance.choice((1, 1, 1, 2))) for n in skus)
    return Basket(wanted, country="US", postcode=f"{prefix}{chance.randrange(100):02}")
