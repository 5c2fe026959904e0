"""The places of the made-up retailer: twelve stores in three time zones, and where the rest of the goods lie."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ambidex.domains.locations import LocationKind, NewLocation, StagingPlace
from ambidex.kernel.values import dataclass

NEW_YORK, CHICAGO, LOS_ANGELES = "America/New_York", "America/Chicago", "America/Los_Angeles"
WEEKDAYS = [["09:00", "21:00"]]
WEEK = {**dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), WEEKDAYS), "sat": [["09:00", "20:00"]]}
STORE_WEEK = {**WEEK, "sun": [["11:00", "18:00"]]}
CLOSED_SUNDAY = WEEK
WAREHOUSE_WEEK = {day: [["06:00", "22:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}


@dataclass(frozen=True)
class Spot:
    """Where a place stands."""

    code: str
    name: str
    city: str
    region: str
    postcode: str
    street: str
    zone: str
    district: str
    latitude: float
    longitude: float
    phone: str


STORES = (
    Spot("store-01", "Harbor Street", "Portland", "ME", "04101", "18 Harbor Street", NEW_YORK, "atlantic", 43.657, -70.255, "+1 207 555 0101"),
    Spot("store-02", "Canal Row", "Providence", "RI", "02903", "240 Canal Row", NEW_YORK, "atlantic", 41.826, -71.410, "+1 401 555 0102"),
    Spot("store-03", "Chestnut Arcade", "Philadelphia", "PA", "19103", "1704 Chestnut Street", NEW_YORK, "atlantic", 39.951, -75.169, "+1 215 555 0103"),
    Spot("store-04", "Peachtree Walk", "Atlanta", "GA", "30308", "655 Peachtree Walk", NEW_YORK, "atlantic", 33.772, -84.384, "+1 404 555 0104"),
    Spot("store-05", "Lake Street", "Minneapolis", "MN", "55408", "1410 Lake Street", CHICAGO, "lakes", 44.948, -93.298, "+1 612 555 0105"),
    Spot("store-06", "Wicker Park", "Chicago", "IL", "60622", "1550 Milwaukee Avenue", CHICAGO, "lakes", 41.909, -87.677, "+1 312 555 0106"),
    Spot("store-07", "Third Ward", "Milwaukee", "WI", "53202", "222 Broadway", CHICAGO, "lakes", 43.033, -87.907, "+1 414 555 0107"),
    Spot("store-08", "South Congress", "Austin", "TX", "78704", "1606 South Congress Avenue", CHICAGO, "lakes", 30.247, -97.751, "+1 512 555 0108"),
    Spot("store-09", "Pearl Yard", "Portland", "OR", "97209", "925 Pearl Yard", LOS_ANGELES, "pacific", 45.528, -122.683, "+1 503 555 0109"),
    Spot("store-10", "Ballard Avenue", "Seattle", "WA", "98107", "5320 Ballard Avenue", LOS_ANGELES, "pacific", 47.667, -122.384, "+1 206 555 0110"),
    Spot("store-11", "Hayes Valley", "San Francisco", "CA", "94102", "480 Hayes Street", LOS_ANGELES, "pacific", 37.777, -122.424, "+1 415 555 0111"),
    Spot("store-12", "Silver Lake", "Los Angeles", "CA", "90026", "3820 Sunset Boulevard", LOS_ANGELES, "pacific", 34.092, -118.278, "+1 213 555 0112"),
)  # fmt: skip
OTHERS = (
    (LocationKind.WAREHOUSE, Spot("dc-north", "Columbus distribution center", "Columbus", "OH", "43217", "4400 Alum Creek Drive", NEW_YORK, "supply", 39.87, -82.94, "+1 614 555 0120")),
    (LocationKind.THIRD_PARTY, Spot("3pl-reno", "Sagebrush Fulfillment", "Reno", "NV", "89506", "900 Lear Boulevard", LOS_ANGELES, "supply", 39.63, -119.87, "+1 775 555 0121")),
    (LocationKind.SUPPLIER, Spot("hollow-kiln", "Hollow Kiln Pottery", "Asheville", "NC", "28801", "31 Depot Street", NEW_YORK, "supply", 35.58, -82.57, "+1 828 555 0122")),
)  # fmt: skip
_SHELVES = [f"{row}{number}" for row in "AB" for number in range(1, 5)]
STAGING = (
    *(StagingPlace(f"SHELF-{shelf}", f"Shelf {shelf}") for shelf in _SHELVES),
    StagingPlace("BULKY-1", "Bulky corner"),
    StagingPlace("LOCKER-1", "Locker 1"),
)
# These keep their ordinary hours also when the demo runs at night, so that a closed place can be looked at.
ORDINARY = frozenset({"store-04", "store-12"})


def places(now: datetime) -> list[NewLocation]:
    """All places; most stores work longer around `now`, so that a demo at any hour meets open doors."""
    stores = [_store(spot, now) for spot in STORES]
    others = [
        NewLocation(
            code=spot.code,
            name=spot.name,
            kind=kind,
            time_zone=spot.zone,
            week=WAREHOUSE_WEEK,
            **_where(spot),
            staging=STAGING[:2],
        )
        for kind, spot in OTHERS
    ]
    return [*stores, *others]


def _store(spot: Spot, now: datetime) -> NewLocation:
    week = CLOSED_SUNDAY if spot.code == "store-03" else STORE_WEEK
    return NewLocation(
        code=spot.code,
        name=spot.name,
        time_zone=spot.zone,
        week=week,
        exceptions={} if spot.code in ORDINARY else _late_opening(spot, now),
        capabilities=frozenset({"pickup", "ship", "receive"}),
        staging=STAGING,
        **_where(spot),
    )


def _late_opening(spot: Spot, now: datetime) -> dict[str, list[list[str]]]:
    """A long weekend around `now`, as shops have before a holiday."""
    first = now.astimezone(ZoneInfo(spot.zone)).date()
    return {(first + timedelta(days=offset)).isoformat(): [["00:00", "24:00"]] for offset in range(3)}


def _where(spot: Spot) -> dict[str, Any]:
    return {
        "phone": spot.phone,
        "address": {"line1": spot.street, "city": spot.city, "region": spot.region, "postcode": spot.postcode, "country": "US"},
        "city": spot.city,
        "district": spot.district,
        "latitude": spot.latitude,
        "longitude": spot.longitude,
    }  # fmt: skip
