"""Tables of waves: walks, the works in them with their totes, and each unit that went into a tote."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, append_only

waves = Table(
    "waves",
    METADATA,
    Column("wave_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    # what people of the place call it
    Column("number", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="planned"),
    Column("carrier", Text, nullable=False, server_default=""),
    Column("leaves_at", Instant),
    Column("planned_by", Text, nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("released_at", Instant),
    Column("closed_at", Instant),
    CheckConstraint("state in ('planned','released','picking','done','canceled')", name="state"),
    CheckConstraint("(closed_at is not null) = (state in ('done','canceled'))", name="closed"),
    schema="waves",
)
Index("uq_waves_location_id_number", waves.c.location_id, waves.c.number, unique=True)
Index("ix_waves_open", waves.c.location_id, postgresql_where=waves.c.closed_at.is_(None))

works = Table(
    "works",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("work_no", SmallInteger, primary_key=True),
    Column("wave_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("tote_no", SmallInteger, nullable=False),
    # the label of a real tote; it stays until the goods are in boxes
    Column("tote", Text, nullable=False, server_default=""),
    # false: it left before it was picked
    Column("is_in", Boolean, nullable=False, server_default="true"),
    Column("why", Text, nullable=False, server_default=""),
    # the wave is not over
    Column("is_open", Boolean, nullable=False, server_default="true"),
    CheckConstraint("is_in or why <> ''", name="left_has_a_reason"),
    schema="waves",
)
# a work walks in one open wave only
Index(
    "uq_works_one_open_wave",
    works.c.order_id,
    works.c.work_no,
    unique=True,
    postgresql_where=text("is_open AND is_in"),
)
Index("uq_works_wave_id_tote_no", works.c.wave_id, works.c.tote_no, unique=True)
Index(
    "uq_works_one_order_in_a_tote",
    works.c.location_id,
    works.c.tote,
    unique=True,
    postgresql_where=text("is_open AND is_in AND tote <> ''"),
)
Index("ix_works_tote", works.c.location_id, works.c.tote, postgresql_where=works.c.tote != "")

# a key sent twice changes nothing
puts = Table(
    "puts",
    METADATA,
    Column("wave_id", UUID(as_uuid=True), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("order_id", UUID(as_uuid=True), nullable=False),
    Column("work_no", SmallInteger, nullable=False),
    Column("item_id", UUID(as_uuid=True), nullable=False),
    Column("tote_no", SmallInteger, nullable=False),
    Column("units", Integer, nullable=False),
    Column("barcode", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("units > 0", name="units"),
    schema="waves",
)
append_only(puts)
