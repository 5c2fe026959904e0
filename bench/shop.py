"""The shop that benches sell from: some places, many items with more stock than can be sold, tokens for a web site."""

from __future__ import annotations

import secrets
from datetime import timedelta

from ambidex.domains import catalogue, identity, inventory, locations, people
from ambidex.domains.catalogue import NewItem
from ambidex.domains.inventory import StockRow
from ambidex.domains.locations import Location, NewLocation
from ambidex.domains.people import NewShift, NewStaff
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.money import Money
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run

PLACES = [f"store-{n:02}" for n in range(1, 13)]
SKUS = [f"ITEM-{n:03}" for n in range(1, 401)]
UNITS = 1_000_000


async def build(run: Run) -> str:
    """Fill it; the token of its web site."""
    return await run.perform(SYSTEM, _build)


async def _build(tx: Tx) -> str:
    places = await locations.put_locations(tx, [NewLocation(code=code, name=code) for code in PLACES])
    price = Money.parse("19.90", "USD")
    items = await catalogue.put_items(tx, [NewItem(sku=sku, name=sku, price=price) for sku in SKUS])
    rows = [
        StockRow(item.item_id, place.location_id, UNITS, spot="A-1") for place in places for item in items
    ]
    await inventory.count_all(tx, rows, cause="opening count")
    await _staff(tx, places)
    secret = secrets.token_urlsafe(24)
    await identity.create_token(tx, identity.NewToken("bench", identity.Role.INTEGRATION), secret=secret)
    return secret


async def _staff(tx: Tx, places: list[Location]) -> None:
    """An associate and a lead on shift in every store, as in any that is open: their orders stay theirs."""
    duties = [(place, role) for place in places for role in ("associate", "lead")]
    made = await people.put_staff(
        tx, [NewStaff(code=f"{role}-{place.code}", name=f"{role} of {place.code}") for place, role in duties]
    )
    begin, end = tx.now - timedelta(hours=1), tx.now + timedelta(hours=23)
    shifts = [
        NewShift(one.staff_id, begin, end, role, place.location_id)
        for one, (place, role) in zip(made, duties, strict=True)
    ]
    await people.plan_shifts(tx, shifts)
