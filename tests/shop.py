"""The words tests are told in: places, shelves, people and what happened, all through the doors of the house."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from ambidex.domains import catalogue, inventory, locations, people
from ambidex.domains.catalogue import Item
from ambidex.domains.locations import Location, StagingPlace
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind, Permission
from ambidex.kernel.ids import LocationId
from ambidex.kernel.money import Money
from ambidex.runtime.perform import Run

DAILY = {str(day): [["09:00", "21:00"]] for day in range(7)}
CLOSED_ON_SUNDAY = {day: hours for day, hours in DAILY.items() if day != "6"}


@dataclass
class Shop:
    """A small made-up retailer, built as a test needs it. Every change is a performed command."""

    run: Run
    places: dict[str, Location] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)

    async def place(self, code: str = "camden", *, zone: str = "Europe/London", **said: Any) -> Location:
        """A store that is open daily from nine to nine and hands over, with two staging shelves."""
        told: dict[str, Any] = {
            "name": code.replace("-", " ").title(),
            "week": DAILY,
            "staging": (StagingPlace("SHELF-A1", "Shelf A1"), StagingPlace("SHELF-B3", "Shelf B3")),
            "capabilities": frozenset({"pickup"}),
            "address": {"line1": "12 Chalk Farm Road", "postcode": "NW1 8AG"},
            "city": "London",
            "phone": "+44 20 7946 0991",
            "district": "north",
            **said,
        }
        new = locations.NewLocation(code=code, time_zone=zone, **told)
        self.places[code] = await self.run.perform(SYSTEM, locations.put_location, new)
        return self.places[code]

    async def item(self, sku: str = "MUG-01", *, price: str = "19.90", **said: Any) -> Item:
        """An item with one barcode ("B-" and its SKU unless given)."""
        told: dict[str, Any] = {"name": sku.replace("-", " ").title(), "barcodes": (f"B-{sku}",), **said}
        new = catalogue.NewItem(sku=sku, price=Money.parse(price, "GBP"), **told)
        self.items[sku] = await self.run.perform(SYSTEM, catalogue.put_item, new)
        return self.items[sku]

    async def shelf(self, place: str, sku: str, units: int) -> None:
        """Count what lies on a shelf; makes the place and the item when they are not there."""
        where = self.places.get(place) or await self.place(place)
        what = self.items.get(sku) or await self.item(sku)
        await self.run.perform(
            SYSTEM,
            inventory.count_all,
            [inventory.StockRow(what.item_id, where.location_id, units)],
            cause="opening count",
        )

    async def on_shift(
        self, name: str, *, role: str, place: str | None, start: datetime, hours: float = 8
    ) -> people.Staff:
        """A person on shift; `place` None is head office."""
        where = None if place is None else self.places[place].location_id
        code = name.lower().replace(" ", ".")
        [person] = await self.run.perform(
            SYSTEM, people.put_staff, [people.NewStaff(code=code, name=name, home_location=where)]
        )
        shift = people.NewShift(person.staff_id, start, start + timedelta(hours=hours), role, where)
        await self.run.perform(SYSTEM, people.plan_shifts, [shift])
        return person

    async def stock(self, place: str, sku: str) -> Any:
        """The position row of an item at a place."""
        async with self.run.reading() as read:
            return await read.one(
                text("SELECT * FROM inventory.positions WHERE item_id = :item AND location_id = :place"),
                {"item": self.items[sku].item_id, "place": self.places[place].location_id},
            )

    async def happened(self, *names: str) -> list[str]:
        """Names of events in order; only these when some are given."""
        async with self.run.reading() as read:
            rows = await read.all(text("SELECT name FROM runtime.events ORDER BY seq"))
        return [row.name for row in rows if not names or row.name in names]

    async def said(self) -> list[tuple[str, str]]:
        """What customers are told: kind and state, in order."""
        async with self.run.reading() as read:
            rows = await read.all(
                text("SELECT kind, state FROM messages.messages ORDER BY queued_at, message_no")
            )
        return [(row.kind, row.state) for row in rows]


def associate(place: Location, name: str = "Inès Caron", *, actor_id: str = "ines") -> Actor:
    """Somebody who may do what associates do, at this place only."""
    return Actor(
        id=actor_id,
        kind=ActorKind.PERSON,
        name=name,
        permissions=frozenset(Permission) - {Permission.SETTINGS_CHANGE, Permission.STAFF_CHANGE},
        places=frozenset({LocationId(place.location_id)}),
        at=place.location_id,
        role="associate",
    )
