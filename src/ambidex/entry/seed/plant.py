"""Planting the made-up retailer through the same doors that everybody uses, in lists, once."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ambidex.domains import catalogue, identity, inventory, locations, people
from ambidex.domains.catalogue import Item
from ambidex.domains.identity import Grant, NewAccount, Role
from ambidex.domains.inventory import StockRow
from ambidex.domains.locations import Location, LocationKind
from ambidex.domains.people import DUTY_ROLES, NewShift, NewStaff, Staff
from ambidex.entry.installation import OPERATOR
from ambidex.entry.seed.keeps import keep_back, make_kits
from ambidex.entry.seed.places import places
from ambidex.entry.seed.rules import write_rules
from ambidex.entry.seed.staff import NAMES, Post, posts
from ambidex.entry.seed.wares import WARES, wares
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx
from ambidex.runtime.passwords import Passwords
from ambidex.runtime.perform import Run

PASSWORD, PIN = "marrow and finch", "2468"  # of a made-up shop, printed at every start
FIRST_STORE = "store-01"
SHIFT = timedelta(hours=12)
SHIFTS_AHEAD = 6
# The share of the range that a place carries, and how many of each it has at most.
CARRIES = {
    LocationKind.STORE: (0.7, 12),
    LocationKind.WAREHOUSE: (1.0, 120),
    LocationKind.THIRD_PARTY: (0.4, 60),
    LocationKind.SUPPLIER: (0.12, 40),
}
READY_ROLES = ("associate", "lead", "picker", "agent", "district", "experience", "admin")


@dataclass(frozen=True)
class SignIn:
    """A sign-in that is ready to be used."""

    role: str
    login: str
    name: str
    place: str


@dataclass(frozen=True)
class Seeded:
    """What stands after planting. `is_new` is False when it stood there before."""

    sign_ins: tuple[SignIn, ...]
    is_new: bool


async def plant(run: Run, *, number: int, passwords: Passwords) -> Seeded:
    """Make the retailer unless it is there; everybody is on shift now either way."""
    async with run.reading() as read:
        is_new = FIRST_STORE not in await locations.by_codes(read, [FIRST_STORE])
    if is_new:
        chance = random.Random(number)  # noqa: S311  # the same number makes the same shop
        made = await run.perform(OPERATOR, _places_and_items)
        for place in made[0]:
            rows = _shelves(place, made[1], chance)
            await run.perform(OPERATOR, inventory.count_all, rows, cause="opening count")
        await run.perform(OPERATOR, make_kits)
        await run.perform(OPERATOR, keep_back, made[0])
        await run.perform(OPERATOR, write_rules)
        hashes = (await passwords.hash(PASSWORD), await passwords.hash(PIN))
        await run.perform(OPERATOR, _staff, hashes=hashes)
    await put_on_shift(run)
    return Seeded(tuple(_ready()), is_new)


async def put_on_shift(run: Run) -> None:
    """Everybody works from now on, for three days, so that each place and rung is covered."""
    await run.perform(OPERATOR, _shifts)


async def _places_and_items(tx: Tx) -> tuple[list[Location], list[Item]]:
    return await locations.put_locations(tx, places(tx.now)), await catalogue.put_items(tx, wares())


def _shelves(place: Location, items: Sequence[Item], chance: random.Random) -> list[StockRow]:
    """What lies where at one place: a few items are scarce, most are not."""
    share, most = CARRIES[place.kind]
    carried = [item for item in items if chance.random() < share]
    return [
        StockRow(
            item.item_id,
            place.location_id,
            counted=chance.choice((0, 1, 1, 2)) if chance.random() < 0.15 else chance.randint(3, most),
            safety=0,
            spot=_spot(item, place.kind, chance),
        )
        for item in carried
    ]


def _spot(item: Item, kind: LocationKind, chance: random.Random) -> str:
    aisle = list(WARES).index(item.category) + 1
    if kind is LocationKind.STORE:
        hangs = item.category in {"Women", "Men"}
        last = f"Rail {chance.randint(1, 6)}" if hangs else f"Shelf {chance.choice('ABCD')}"
        return f"{item.category} · Bay {chance.randint(1, 8)} · {last}"
    return f"Aisle {aisle:02} · Rack {chance.randint(1, 30)} · Level {chance.randint(1, 5)}"


async def _staff(tx: Tx, *, hashes: tuple[str, str]) -> None:
    jobs = posts()
    known = await locations.by_codes(tx, {job.place for job in jobs if job.place})
    news = [
        NewStaff(
            code=_login(number, job),
            name=NAMES[number],
            email=f"{_login(number, job)}@marrowandfinch.example",
            home_location=known[job.place].location_id if job.place else None,
        )
        for number, job in enumerate(jobs)
    ]
    staff = await people.put_staff(tx, news)
    accounts = [
        NewAccount(
            login=who.code,
            name=who.name,
            password_hash=hashes[0],
            pin_hash=hashes[1],
            staff_id=who.staff_id,
            grants=_grants(job, known),
        )
        for who, job in zip(staff, jobs, strict=True)
    ]
    await identity.put_accounts(tx, accounts)


def _grants(job: Post, known: Mapping[str, Location]) -> tuple[Grant, ...]:
    role = Role(job.role)
    if job.district:
        theirs = [place for place in known.values() if place.district == job.district]
        return tuple(Grant(role, place.location_id) for place in theirs)
    return (Grant(role, known[job.place].location_id if job.place else None),)


async def _shifts(tx: Tx) -> None:
    jobs = [(number, job) for number, job in enumerate(posts()) if job.role in DUTY_ROLES]
    staff = await people.staff_by_codes(tx, [_login(number, job) for number, job in jobs])
    known = await locations.by_codes(tx, {job.place for _, job in jobs if job.place})
    midnight = tx.now.replace(hour=0, minute=0, second=0, microsecond=0)
    begin = midnight + SHIFT * ((tx.now - midnight) // SHIFT)
    shifts = [
        _shift(staff[_login(number, job)], job, known, begin + round_ * SHIFT)
        for number, job in jobs
        for round_ in range(SHIFTS_AHEAD)
    ]
    await people.plan_shifts(tx, shifts)


def _shift(who: Staff, job: Post, known: Mapping[str, Location], begin: datetime) -> NewShift:
    at = known[job.place].location_id if job.place else None
    return NewShift(who.staff_id, begin, begin + SHIFT, role=job.role, location_id=at, district=job.district)


def _login(number: int, job: Post) -> str:
    """The first of each role is called by the role, so that a newcomer can guess it."""
    first = next(place for place, other in enumerate(posts()) if other.role == job.role)
    return job.role if number == first else f"{job.role}-{number + 1:02}"


def _ready() -> list[SignIn]:
    jobs = posts()
    found = {job.role: (number, job) for number, job in reversed(list(enumerate(jobs)))}
    return [
        SignIn(role, _login(number, job), NAMES[number], job.place or job.district or "everywhere")
        for role in READY_ROLES
        for number, job in [found[role]]
    ]
