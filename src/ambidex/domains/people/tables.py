"""Tables of people: who works here, and who is on shift where, as what."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant

staff = Table(
    "staff",
    METADATA,
    Column("staff_id", UUID(as_uuid=True), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default="en"),
    Column("home_location", UUID(as_uuid=True)),
    Column("left_at", Instant),
    schema="people",
)

shifts = Table(
    "shifts",
    METADATA,
    Column("staff_id", UUID(as_uuid=True), primary_key=True),
    Column("starts_at", Instant, primary_key=True),
    Column("ends_at", Instant, nullable=False),
    # null: head office (district, experience, agent on call)
    Column("location_id", UUID(as_uuid=True)),
    Column("role", Text, nullable=False),
    # of a head-office shift: the district it answers for; empty: all
    Column("district", Text, nullable=False, server_default=""),
    CheckConstraint("ends_at > starts_at", name="forward"),
    schema="people",
)
Index("ix_shifts_place", shifts.c.location_id, shifts.c.role, shifts.c.ends_at)
