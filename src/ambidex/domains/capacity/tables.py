"""Tables of capacity: limits with ring-fences, pauses, and the works booked into slots."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, remembered

limits = Table(
    "limits",
    METADATA,
    Column("limit_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    # '' counts for every method
    Column("method", Text, nullable=False, server_default=""),
    # 0 is Monday
    Column("days", ARRAY(SmallInteger), nullable=False),
    # minutes after the local midnight
    Column("opens", SmallInteger, nullable=False),
    Column("closes", SmallInteger, nullable=False),
    Column("slot_minutes", SmallInteger, nullable=False),
    Column("works", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    CheckConstraint("method in ('','pickup','ship','deliver')", name="method"),
    CheckConstraint("opens >= 0 and opens < closes and closes <= 1440", name="times"),
    CheckConstraint("slot_minutes between 5 and 1440", name="slot_minutes"),
    CheckConstraint("works >= 0", name="works"),
    schema="capacity",
)
Index("ix_limits_place", limits.c.location_id)

fences = Table(
    "fences",
    METADATA,
    Column(
        "limit_id", UUID(as_uuid=True), ForeignKey(limits.c.limit_id, ondelete="CASCADE"), primary_key=True
    ),
    Column("fence_no", SmallInteger, primary_key=True),
    Column("method", Text, nullable=False, server_default=""),
    Column("channel", Text, nullable=False, server_default=""),
    Column("works", Integer, nullable=False),
    CheckConstraint("method in ('','pickup','ship','deliver')", name="method"),
    CheckConstraint("works > 0 and fence_no > 0 and (method <> '' or channel <> '')", name="fence"),
    schema="capacity",
)

pauses = Table(
    "pauses",
    METADATA,
    Column("pause_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("method", Text, nullable=False, server_default=""),
    Column("starts_at", Instant, nullable=False),
    # null: until somebody ends it
    Column("ends_at", Instant),
    Column("reason", Text, nullable=False),
    Column("paused_by", Text, nullable=False),
    Column("ended_by", Text, nullable=False, server_default=""),
    CheckConstraint("method in ('','pickup','ship','deliver')", name="method"),
    CheckConstraint("ends_at is null or ends_at >= starts_at", name="times"),
    CheckConstraint("trim(reason) <> ''", name="reason"),
    schema="capacity",
)
Index("ix_pauses_place", pauses.c.location_id, pauses.c.starts_at)

bookings = Table(
    "bookings",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("work_no", SmallInteger, primary_key=True),
    Column("limit_id", UUID(as_uuid=True), primary_key=True),
    Column("starts_at", Instant, nullable=False),
    # 0: in no ring-fence
    Column("fence_no", SmallInteger, nullable=False),
    # it had to go there although the slot was full
    Column("over", Boolean, nullable=False, server_default="false"),
    # of the work: how, for which channel, and when it must be done; so it finds its slot again when the limit changes
    Column("method", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("done_by", Instant, nullable=False),
    Column("booked_at", Instant, nullable=False),
    # of a quote that is held: over by itself, swept or not
    Column("expires_at", Instant),
    Column("released_at", Instant),
    schema="capacity",
)
Index(
    "ix_bookings_slot",
    bookings.c.limit_id,
    bookings.c.starts_at,
    postgresql_where=bookings.c.released_at.is_(None),
)

for table in (limits, fences, pauses):
    remembered(table, "capacity")
