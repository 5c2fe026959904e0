"""A receipt of made-up facts: the engine decides it when the gallery is opened, nothing in it is written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from ambidex.domains import routing
from ambidex.kernel.ids import OrderId
from ambidex.reads.receipt_page import Around, Part
from ambidex.web.orders.receipt.known import Known
from ambidex.web.orders.receipt.shown import Stored, context
from ambidex.web.parts.story import NOON, PLACE_ZONE

HOUR, DAY = 3_600, 86_400
DECIDED = NOON - timedelta(hours=3)
ORDER = OrderId(UUID("018f5b7e-0000-7000-8000-000000010428"))
TITLES = {1: "Enamel kettle", 2: "Linen shirt, sage", 3: "Stoneware mug"}
# code, name, kind, latitude and longitude, works waiting, units of each line, chance of the shirt per mille
PLACES = (
    ("camden", "Camden", "store", (51.5390, -0.1426), 11, (4, 1, 9), 930),
    ("soho", "Soho", "store", (51.5136, -0.1365), 44, (2, 3, 6), 880),
    ("islington", "Islington", "store", (51.5362, -0.1033), 8, (3, 2, 5), 540),
    ("hampstead", "Hampstead", "store", (51.5566, -0.1781), 2, (0, 0, 12), 900),
    ("greenwich", "Greenwich", "store", (51.4826, -0.0077), 3, (5, 0, 4), 900),
    ("dc-north", "DC North", "warehouse", (51.7520, -0.3360), 0, (60, 40, 200), 995),
)


@cache
def facts() -> tuple[routing.Snapshot, routing.model.Receipt]:
    """Six places around London, one of them paused, and what the engine makes of them."""
    now = int(DECIDED.timestamp())
    sites = [
        routing.Site(
            code=code,
            kind=kind,
            latitude_e6=round(at[0] * 1e6),
            longitude_e6=round(at[1] * 1e6),
            zone=PLACE_ZONE,
            leaves_at=now + (5 if kind == "store" else 26) * HOUR,
            load=load,
        )
        for code, _name, kind, at, load, _free, _chance in PLACES
    ]
    shelves = {
        (code, line): routing.Shelf(units, chance if line == 2 else 990)  # the shirt
        for code, _name, _kind, _at, _load, free, chance in PLACES
        for line, units in enumerate(free, 1)
    }
    snapshot = routing.Snapshot.of(
        now,
        _demand(now),
        sites=sites,
        shelves=shelves,
        policy=routing.versions.BUILT_IN,
        out={"greenwich": ("paused until 15:00",)},
    )
    return snapshot, routing.decide(snapshot).receipt


def _demand(now: int) -> routing.Demand:
    """A basket for Kentish Town, promised for the day after tomorrow."""
    return routing.Demand(
        order="MF-10428",
        lines=(
            routing.Wanted(1, "KETTLE-02", 1, grams=900, value=4_200),
            routing.Wanted(2, "SHIRT-11", 1, grams=250, value=3_800),
            routing.Wanted(3, "MUG-01", 2, grams=700, value=2_400),
        ),
        country="GB",
        postcode="NW5 1TL",
        latitude_e6=51_549_600,
        longitude_e6=-145_000,
        promised_by=now + 2 * DAY,
        is_promised=True,
    )


def receipt() -> Mapping[str, Any]:
    """What the templates of the page need, without the frame."""
    snapshot, decided = facts()
    names, zones = {p[0]: p[1] for p in PLACES}, {p[0]: PLACE_ZONE for p in PLACES}
    known = Known(names, zones, TITLES, "GBP", NOON)
    place = decided.chosen.sites[0]
    short = Part(place, "short", DECIDED, NOON - timedelta(hours=1), "", 1, None)
    around = Around(ORDER, "MF-10428", "Σοφία", "GBP", TITLES, (short,), NOON)
    stored = Stored(1, "placed", "live", routing.versions.BUILT_IN.name, DECIDED, 6_000, replayed=True)
    return {
        "around": around,
        "tabs": [],
        "may_change": True,
        **context(decided, snapshot, stored, around, known),
    }
