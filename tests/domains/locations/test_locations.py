"""Places: made, changed, refused, and sorted by distance; their hours become a clock."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import locations
from ambidex.domains.locations import NewLocation, StagingPlace
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind
from ambidex.kernel.problem import NotAllowed
from ambidex.runtime.perform import Run

CAMDEN = NewLocation(
    code="store-01",
    name="Camden Street",
    time_zone="America/Chicago",
    week={"monday": [["09:00", "21:00"]], "1": [["10:00", "24:00"]]},
    exceptions={"2026-12-25": []},
    city="Minneapolis",
    latitude=44.98,
    longitude=-93.27,
    staging=(StagingPlace("SHELF-B3", "Shelf B3"),),
)


async def test_a_place_is_made_changed_and_found(run: Run) -> None:
    made = await run.perform(SYSTEM, locations.put_location, CAMDEN)
    changed = await run.perform(
        SYSTEM, locations.put_location, NewLocation(code="store-01", name="Camden", staging=())
    )
    assert (made.location_id, changed.name) == (changed.location_id, "Camden")
    async with run.reading() as read:
        assert (await locations.by_code(read, "store-01")).name == "Camden"
        assert await locations.staging_places(read, made.location_id) == []
        names = await read.all(text("SELECT name FROM runtime.events ORDER BY seq"))
    assert [row.name for row in names] == ["locations.created", "locations.changed"]


async def test_hours_become_a_clock_of_the_place(run: Run) -> None:
    place = await run.perform(SYSTEM, locations.put_location, CAMDEN)
    assert str(place.zone) == "America/Chicago"
    monday_noon = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
    assert place.hours.is_open(monday_noon)
    assert place.hours.closes_at(monday_noon) == datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
    tuesday_late = datetime(2026, 3, 4, 5, 59, tzinfo=UTC)
    assert place.hours.is_open(tuesday_late)
    assert not place.hours.is_open(datetime(2026, 12, 25, 18, 0, tzinfo=UTC))


async def test_a_place_without_hours_is_always_open(run: Run) -> None:
    place = await run.perform(SYSTEM, locations.put_location, NewLocation(code="dc", name="DC"))
    assert place.hours.is_open(datetime(2026, 3, 1, 3, 0, tzinfo=UTC))
    assert place.hours.is_open(datetime(2026, 3, 1, 23, 59, tzinfo=UTC))


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"week": {"someday": []}}, "hours"),
        ({"week": {"0": [["9", "25:00"]]}}, "hours"),
        ({"exceptions": {"25.12.": []}}, "exceptions"),
        ({"code": "a b"}, "code"),
        ({"name": "  "}, "name"),
    ],
)
async def test_what_cannot_be_used_is_named(run: Run, bad: dict[str, Any], field: str) -> None:
    given: dict[str, Any] = {"code": "store-01", "name": "Camden"} | bad
    with pytest.raises(locations.BadLocation) as refused:
        await run.perform(SYSTEM, locations.put_location, NewLocation(**given))
    assert field in [error["field"] for error in refused.value.errors]


async def test_the_nearest_open_store_comes_first(run: Run) -> None:
    def store(code: str, latitude: float | None, **more: Any) -> NewLocation:
        return NewLocation(code=code, name=code, latitude=latitude, longitude=-93.0, **more)

    news = [
        store("here", 45.0),
        store("far", 41.0),
        store("near", 45.1),
        store("gone", 45.01, closed_from=date(2026, 3, 1)),
        store("soon-gone", 44.0, closed_from=date(2026, 4, 1)),
        store("nowhere", None),
        store("dc", 45.0, kind=locations.LocationKind.WAREHOUSE),
    ]
    here, *_ = await run.perform(SYSTEM, locations.put_locations, news)
    async with run.reading() as read:
        found = await locations.near(read, here)
    assert [place.code for place in found] == ["near", "soon-gone", "far", "nowhere"]


async def test_closing_for_good_is_said_once(run: Run) -> None:
    closing = NewLocation(code="store-01", name="Camden", closed_from=date(2026, 6, 1))
    for _ in range(2):
        await run.perform(SYSTEM, locations.put_location, closing)
    async with run.reading() as read:
        said = await read.value(text("SELECT count(*) FROM runtime.events WHERE name = 'locations.closed'"))
    assert said == 1


async def test_pages_go_on_where_they_ended(run: Run) -> None:
    news = [NewLocation(code=f"store-{n:02}", name=str(n)) for n in range(5)]
    await run.perform(SYSTEM, locations.put_locations, news)
    async with run.reading() as read:
        first = await locations.page(read, limit=3)
        second = await locations.page(read, limit=3, after=first.next)
    assert [place.code for place in (*first.items, *second.items)] == [new.code for new in news]
    assert second.next is None


async def test_only_who_may_changes_places(run: Run) -> None:
    nobody = Actor(id="1", kind=ActorKind.PERSON, name="Nils Åberg")
    with pytest.raises(NotAllowed):
        await run.perform(nobody, locations.put_location, CAMDEN)


@pytest.mark.parametrize("codes", [("A", "A"), ("",), (" ",)])
async def test_each_staging_place_has_a_code_of_its_own(run: Run, codes: tuple[str, ...]) -> None:
    staging = tuple(StagingPlace(code, "Shelf") for code in codes)
    with pytest.raises(locations.BadLocation) as refused:
        await run.perform(
            SYSTEM, locations.put_location, NewLocation(code="store-01", name="Camden", staging=staging)
        )
    assert refused.value.errors[0]["field"] == "staging_places"
