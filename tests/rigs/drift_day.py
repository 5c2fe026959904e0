"""A made-up retailer's days for the rig of drift: what really lies there, what is told of it, and what goes wrong.

The truth is kept here, apart from everything the program knows: units by place and item. Six causes are planted among
honest shrink, voids and counts; each is followed by a count, or by the file of the night, that brings it to light.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ambidex.domains.governance import DriftCause
from tests.inbound.stock.feeds import TILL, WAREHOUSE, Feeds

STORES, DC = ("camden", "leeds"), "dc"
REGISTERS = ("1", "2", "3")
OPENS, TICKS, TICK = timedelta(hours=9), 144, timedelta(minutes=5)
PLANTS = (
    DriftCause.LATE_SALE, DriftCause.MISSED_MESSAGE, DriftCause.DOUBLE_RESTOCK, DriftCause.STUCK_CONNECTOR,
)  # fmt: skip
Spot = tuple[str, str]


@dataclass
class Plant:
    """One thing that goes wrong, where it comes to light (`as_of` of the count) and when the evidence is complete."""

    cause: DriftCause
    place: str
    item: str
    amount: int
    as_of: datetime | None = None
    evident_at: datetime | None = None


@dataclass(order=True)
class Arrival:
    """A message and when it comes."""

    at: datetime
    order: int
    source: str = field(compare=False)
    body: Any = field(compare=False)


@dataclass
class World:
    """`unseen` are units that shrank since the last count of a spot: nobody can know of them yet."""

    feeds: Feeds
    chance: random.Random
    items: list[str]
    ticks: int = TICKS
    calm: bool = False
    truth: dict[Spot, int] = field(default_factory=dict)
    unseen: dict[Spot, int] = field(default_factory=lambda: defaultdict(int))
    plants: list[Plant] = field(default_factory=list)
    noise: list[tuple[str, str, datetime]] = field(default_factory=list)
    coming: list[Arrival] = field(default_factory=list)
    told: list[Arrival] = field(default_factory=list)
    to_count: list[tuple[datetime, str, str, Plant | None]] = field(default_factory=list)
    stuck: dict[str, tuple[datetime, list[Any]]] = field(default_factory=dict)
    naive: dict[Spot, int] = field(default_factory=dict)
    serial: int = 0

    @property
    def now(self) -> datetime:
        return self.feeds.clock.now

    @property
    def _began(self) -> datetime:
        """What is told at a tick happened in the minutes before it."""
        return self.now - timedelta(minutes=4)

    def day(self, number: int) -> Iterator[None]:
        """One day, five minutes at a time; the caller lets the program work at each pause."""
        begins = self._morning(number)
        planned = self._plan()
        for tick in range(self.ticks):
            self.feeds.clock.now = begins + tick * TICK
            if tick in planned:
                self._plant(planned[tick])
            self._trade()
            if tick % 6 == 5:
                self._delta(planned.get(-tick))
            self._count_due()
            self._unstick()
            yield
        self.feeds.clock.now = begins + self.ticks * TICK
        self._full()
        yield
        for _ in range(3):
            self.feeds.clock.forward(minutes=5)
            yield

    def _morning(self, number: int) -> datetime:
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + OPENS + (timedelta(days=1) if number else timedelta())

    def _plan(self) -> dict[int, DriftCause]:
        """Which cause at which tick, stores apart in time; negative: what happens to the delta of that tick."""
        planned: dict[int, DriftCause] = {}
        if self.calm:
            return planned
        tick = self.chance.randint(12, 16)
        while tick < self.ticks - 16:
            planned[tick] = self.chance.choice(PLANTS)
            tick += self.chance.randint(14, 22)
        deltas = [tick for tick in range(self.ticks) if tick % 6 == 5][1:-1]
        if deltas:
            planned[-self.chance.choice(deltas)] = self.chance.choice(
                (DriftCause.LOST_FILE, DriftCause.DOUBLED_DELTA)
            )
        return planned

    def _trade(self) -> None:
        for store in STORES:
            for register in REGISTERS:
                if self.chance.random() < 0.55:
                    self._sell(store, register)
            if self.chance.random() < 0.06:
                self._void(store)
            if self.chance.random() < 0.06:
                self._bring_back(store)
            if self.chance.random() < 0.04:
                self._shrink(store)
        if self.chance.random() < 0.03:
            self._shrink(DC)

    def _sell(self, store: str, register: str, *, item: str = "", units: int = 0) -> dict[str, Any]:
        item, units = item or self._some(store), units or self.chance.choice((1, 1, 1, 2, 3))
        self._move(store, item, -units)
        self.serial += 1
        sold = self.feeds.sale((item, units), place=store, register=register, transaction=f"S{self.serial}")
        self._tell(store, register, sold)
        return sold

    def _void(self, store: str) -> None:
        """Rung up and taken back at once: the unit never left."""
        item, register = self._some(store), self.chance.choice(REGISTERS)
        self.serial += 1
        sold = self.feeds.sale((item, 1), place=store, register=register, transaction=f"S{self.serial}")
        undone = self.feeds.sale(
            kind="void",
            place=store,
            register=register,
            transaction=f"V{self.serial}",
            voids=f"S{self.serial}",
        )
        for told in self.chance.sample((sold, undone), 2):
            self._tell(store, register, told)

    def _bring_back(self, store: str) -> None:
        """Somebody brings back what they bought: one in four damaged."""
        register, item = self.chance.choice(REGISTERS), self._some(store)
        sold = self._sell(store, register, item=item, units=2)
        condition = self.chance.choice(("sellable", "sellable", "sellable", "damaged"))
        self.serial += 1
        back = self.feeds.sale(
            (item, 1), kind="return", place=store, register=register, transaction=f"B{self.serial}",
            receipt=sold["transaction"],
        )  # fmt: skip
        back["lines"][0]["condition"] = condition
        self._move(store, item, 1 if condition == "sellable" else 0)
        self._tell(store, register, back)

    def _shrink(self, place: str) -> None:
        if self.calm:
            return
        item = self._some(place)
        self.truth[place, item] -= 1
        self.unseen[place, item] += 1

    def _plant(self, cause: DriftCause) -> None:
        store, register = self.chance.choice(STORES), self.chance.choice(REGISTERS)
        if f"{store}/{register}" in self.stuck:
            return
        item, units = self._some(store), self.chance.randint(1, 4)
        if cause is DriftCause.STUCK_CONNECTOR:
            self._stick(store, register, item, units)
            return
        plant = Plant(cause, store, item, -units)
        if cause is DriftCause.DOUBLE_RESTOCK:
            self._restock_twice(plant, register, units)
        else:
            self._withhold(plant, register, units)
        self.plants.append(plant)
        self.to_count.append((self.now + timedelta(minutes=self.chance.randint(20, 45)), store, item, plant))

    def _restock_twice(self, plant: Plant, register: str, units: int) -> None:
        sold = self._sell(plant.place, register, item=plant.item, units=units)
        self._move(plant.place, plant.item, units)
        for _ in range(2):
            self.serial += 1
            back = self.feeds.sale(
                (plant.item, units), kind="return", place=plant.place, register=register,
                transaction=f"B{self.serial}", receipt=sold["transaction"],
            )  # fmt: skip
            self._tell(plant.place, register, back)

    def _withhold(self, plant: Plant, register: str, units: int) -> None:
        """Sold, but told hours later, or never; the register goes on."""
        self._move(plant.place, plant.item, -units)
        self.serial += 1
        sold = self.feeds.sale(
            (plant.item, units),
            place=plant.place,
            register=register,
            transaction=f"S{self.serial}",
            at=self._began,
        )
        self._sell(plant.place, register)
        if plant.cause is DriftCause.LATE_SALE:
            late = timedelta(hours=self.chance.choice((2, 4, 25)))
            plant.evident_at = self.now + late
            self._arrive(TILL, sold, at=self.now + late)

    def _stick(self, store: str, register: str, item: str, units: int) -> None:
        """The register goes on selling and its messages pile up for an hour and a half."""
        until = self.now + timedelta(minutes=90)
        self.stuck[f"{store}/{register}"] = (until, [])
        plant = Plant(DriftCause.STUCK_CONNECTOR, store, item, -units)
        self._sell(store, register, item=item, units=units)
        self.plants.append(plant)
        plant.evident_at = self.now + timedelta(minutes=61)
        self.to_count.append((self.now + timedelta(minutes=65), store, item, plant))

    def let_loose(self) -> None:
        """The days are over: what was held back comes, what was to be counted is."""
        self._unstick(at_last=True)
        for due in self.to_count:
            self._count(*due[1:])
        self.to_count.clear()

    def _unstick(self, *, at_last: bool = False) -> None:
        for name, (until, held) in list(self.stuck.items()):
            if self.now >= until or at_last:
                del self.stuck[name]
                for told in held:
                    self._arrive(TILL, told, at=self.now)

    def _count_due(self) -> None:
        if self.chance.random() < 0.1:
            store = self.chance.choice(STORES)
            item = self._some(store)
            if not any(item == other for _, place, other, _ in self.to_count if place == store):
                self.to_count.append((self.now, store, item, None))
        for due in [one for one in self.to_count if one[0] <= self.now]:
            self.to_count.remove(due)
            self._count(*due[1:])

    def _count(self, store: str, item: str, plant: Plant | None) -> None:
        counted = self.feeds.sale(
            (item, self.truth[store, item]), kind="count", place=store, register="office"
        )
        self.unseen.pop((store, item), None)
        self._tell(store, "office", counted)
        at = datetime.fromisoformat(counted["happened_at"])
        if plant is None:
            self.noise.append((store, item, at))
            return
        plant.as_of = at
        plant.evident_at = max(plant.evident_at or at, self.now)

    def _delta(self, goes_wrong: DriftCause | None) -> None:
        rows = {item: -self.chance.randint(1, 4) for item in self.chance.sample(self.items, 4)}
        for item, change in rows.items():
            self._move(DC, item, change)
        file = self.feeds.file("delta", rows, reason="shipped")
        if goes_wrong is DriftCause.LOST_FILE:
            self.plants += [Plant(goes_wrong, DC, item, change) for item, change in rows.items()]
            if self.chance.random() < 0.5:
                self._arrive(WAREHOUSE, file, at=self.now + timedelta(hours=20))
            return
        self._arrive(WAREHOUSE, file, at=self.now)
        if goes_wrong is DriftCause.DOUBLED_DELTA:
            again = self.feeds.file("delta", rows, reason="shipped")
            self.plants += [Plant(goes_wrong, DC, item, -change) for item, change in rows.items()]
            self._arrive(WAREHOUSE, again, at=self.now)

    def _full(self) -> None:
        rows = {item: self.truth[DC, item] for item in self.items}
        self._arrive(WAREHOUSE, self.feeds.file("full", rows), at=self.now)
        for item in self.items:
            self.unseen.pop((DC, item), None)
        for plant in self.plants:
            if plant.place == DC and plant.as_of is None:
                plant.as_of = plant.evident_at = self.now

    def _tell(self, store: str, register: str, told: dict[str, Any]) -> None:
        """Its own second, so that what follows lies after it; held back while the register is stuck."""
        self.serial += 1
        told["happened_at"] = (self._began + timedelta(milliseconds=self.serial % 100_000)).isoformat()
        name = f"{store}/{register}"
        if name in self.stuck:
            self.stuck[name][1].append(told)
        else:
            self._arrive(TILL, told, at=self.now)

    def _arrive(self, source: str, body: Any, *, at: datetime) -> None:
        self.coming.append(Arrival(at, len(self.coming), source, body))

    def _move(self, place: str, item: str, change: int) -> None:
        self.truth[place, item] += change

    def _some(self, place: str) -> str:
        """An item that is there in plenty and that no plant waits for."""
        busy = {item for _, where, item, plant in self.to_count if where == place and plant}
        stray = self.chance.random() < 0.05
        free = [i for i in self.items if (stray or i not in busy) and self.truth[place, i] > 12]
        return self.chance.choice(free or self.items)
