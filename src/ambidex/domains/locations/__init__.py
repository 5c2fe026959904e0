"""Locations: stores, warehouses, third parties, suppliers; their hours, zones and staging places."""

from ambidex.domains.locations.commands import put_location, put_locations
from ambidex.domains.locations.events import LocationChanged, LocationClosed, LocationCreated
from ambidex.domains.locations.model import Location, LocationKind, NewLocation, StagingPlace
from ambidex.domains.locations.problems import BadLocation, UnknownLocation
from ambidex.domains.locations.queries import (
    by_code,
    by_codes,
    by_id,
    by_ids,
    handing_over,
    location_of_staging,
    near,
    page,
    senders,
    staging_places_of,
)
from ambidex.domains.locations.queries import staging_places_at as staging_places
from ambidex.domains.locations.rules import distance_km
from ambidex.domains.locations.store import lock

__all__ = [
    "BadLocation",
    "Location",
    "LocationChanged",
    "LocationClosed",
    "LocationCreated",
    "LocationKind",
    "NewLocation",
    "StagingPlace",
    "UnknownLocation",
    "by_code",
    "by_codes",
    "by_id",
    "by_ids",
    "distance_km",
    "handing_over",
    "location_of_staging",
    "lock",
    "near",
    "page",
    "put_location",
    "put_locations",
    "senders",
    "staging_places",
    "staging_places_of",
]
