"""Tables of locations: places that hold, send, receive or hand over; their hours and staging places."""

from sqlalchemy import ARRAY, CheckConstraint, Column, Date, Float, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, remembered

locations = Table(
    "locations",
    METADATA,
    Column("location_id", UUID(as_uuid=True), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", JSONB, nullable=False, server_default="{}"),
    Column("city", Text, nullable=False, server_default=""),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("phone", Text, nullable=False, server_default=""),
    Column("district", Text, nullable=False, server_default=""),
    Column("time_zone", Text, nullable=False),
    # {"0": [["09:00","21:00"]], ...}: 0 is Monday; an absent day is closed
    Column("week", JSONB, nullable=False, server_default="{}"),
    # days that differ from the week, by date: no interval is closed all day
    Column("exceptions", JSONB, nullable=False, server_default="{}"),
    Column("closed_from", Date),
    Column("capabilities", ARRAY(Text), nullable=False, server_default="{}"),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("kind in ('store','warehouse','third_party','supplier')", name="kind"),
    CheckConstraint("code <> ''", name="code"),
    schema="locations",
)
remembered(locations, "locations")

staging_places = Table(
    "staging_places",
    METADATA,
    Column("location_id", UUID(as_uuid=True), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("label", Text, nullable=False, server_default=""),
    schema="locations",
)
