"""Importing places and items. Text is kept as it is, also when it begins like a spreadsheet's formula."""

from __future__ import annotations

from ambidex.domains import catalogue, locations
from ambidex.domains.catalogue import NewItem
from ambidex.domains.locations import LocationKind, NewLocation, StagingPlace
from ambidex.flows import import_fields as read
from ambidex.flows.import_rows import Fields, Kind

CURRENCY = "USD"
GRAMS_MAX = 10_000_000
_ADDRESS = ("line1", "line2", "city", "region", "postcode", "country")


def _location(fields: Fields) -> NewLocation:
    try:
        kind = LocationKind(read.text(fields, "kind", "store"))
    except ValueError as cause:
        raise read.expected("kind", " | ".join(LocationKind)) from cause
    abilities = read.words(fields, "capabilities")
    shelves = read.words(fields, "staging")
    return NewLocation(
        code=read.text(fields, "code"),
        name=read.text(fields, "name"),
        kind=kind,
        time_zone=read.text(fields, "time_zone", "UTC"),
        week=read.week(fields, "hours"),
        closed_from=read.day(fields, "closed_from"),
        phone=read.text(fields, "phone"),
        address={name: read.text(fields, name) for name in _ADDRESS if read.text(fields, name)},
        city=read.text(fields, "city"),
        district=read.text(fields, "district"),
        latitude=read.decimal(fields, "latitude"),
        longitude=read.decimal(fields, "longitude"),
        capabilities=frozenset(abilities) if abilities else None,
        staging=tuple(StagingPlace(code, code) for code in shelves) if shelves else None,
    )


def _item(fields: Fields) -> NewItem:
    return NewItem(
        sku=read.text(fields, "sku"),
        name=read.text(fields, "name"),
        variant=read.text(fields, "variant"),
        price=read.money(fields, "price", currency=CURRENCY),
        barcodes=read.words(fields, "barcodes"),
        category=read.text(fields, "category"),
        weight_grams=read.whole(fields, "weight_grams", default=0, most=GRAMS_MAX),
        care_note=read.text(fields, "care_note"),
        picture=read.text(fields, "picture"),
        color=read.text(fields, "color"),
        tracking=read.text(fields, "tracking", "none"),
        counted_scans=read.yes(fields, "counted_scans"),
    )


LOCATIONS = Kind(
    name="locations",
    columns=(
        "code", "name", "kind", "time_zone", "hours", "closed_from", "phone", *_ADDRESS, "district", "latitude",
        "longitude", "capabilities", "staging",
    ),
    required=("code", "name"),
    read=_location,
    key=lambda new: new.code,
    apply=locations.put_locations,
)  # fmt: skip
ITEMS = Kind(
    name="items",
    columns=(
        "sku", "name", "variant", "price", "currency", "barcodes", "category", "weight_grams", "care_note", "picture",
        "color", "tracking", "counted_scans",
    ),
    required=("sku", "name"),
    read=_item,
    key=lambda new: new.sku,
    apply=catalogue.put_items,
)  # fmt: skip
