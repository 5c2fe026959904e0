"""Tables of counting: counts that wait or are over, what each person entered, and what a place tolerates."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, append_only

_STATES = ("open", "counting", "recount", "to_approve", "counted", "approved", "rejected", "canceled")
_KINDS = ("directed", "short_pick", "drift", "own", "next_best")

counts = Table(
    "counts",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("count_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("cause", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("counted", Integer),
    Column("counted_by", Text, nullable=False, server_default=""),
    Column("opened_at", Instant, nullable=False),
    Column("counted_at", Instant),
    Column("kind", Text, nullable=False, server_default="short_pick"),
    # what the book said of the moment of the last number; hidden from those who may still count
    Column("expected", Integer),
    # who entered a number, in order
    Column("counters", ARRAY(Text), nullable=False, server_default="{}"),
    Column("decided_by", Text, nullable=False, server_default=""),
    Column("closed_at", Instant),
    CheckConstraint("state in (" + ",".join(f"'{s}'" for s in _STATES) + ")", name="state"),
    CheckConstraint("kind in (" + ",".join(f"'{k}'" for k in _KINDS) + ")", name="kind"),
    CheckConstraint("decided_by = '' or not (decided_by = any(counters))", name="decided_by_another"),
    CheckConstraint(
        "state not in ('recount','to_approve','approved','rejected') or cardinality(counters) >= 1",
        name="counted_before_decided",
    ),
    schema="counting",
)
Index(
    "uq_counts_one_waiting",
    counts.c.item_id,
    counts.c.location_id,
    unique=True,
    postgresql_where=counts.c.state.in_(["open", "counting", "recount", "to_approve"]),
)
Index(
    "ix_counts_waiting",
    counts.c.location_id,
    counts.c.opened_at,
    postgresql_where=counts.c.state.in_(["open", "counting", "recount", "to_approve"]),
)
Index("ix_counts_place", counts.c.location_id, counts.c.opened_at)
Index("uq_counts_count_id", counts.c.count_id, unique=True)

entries = Table(
    "entries",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("count_id", UUID(as_uuid=True), primary_key=True),
    Column("entry_no", SmallInteger, primary_key=True),
    Column("counted", Integer, nullable=False),
    Column("expected", Integer),
    Column("counted_by", Text, nullable=False),
    Column("counted_by_name", Text, nullable=False),
    Column("device", Text, nullable=False, server_default=""),
    Column("key", Text, nullable=False, server_default=""),
    Column("happened_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("counted >= 0", name="counted"),
    # the same person never counts the same count twice
    UniqueConstraint("item_id", "count_id", "counted_by", name="uq_entries_another_person"),
    ForeignKeyConstraint(["item_id", "count_id"], ["counting.counts.item_id", "counting.counts.count_id"]),
    schema="counting",
)
Index(
    "uq_entries_key", entries.c.counted_by, entries.c.key, unique=True, postgresql_where=entries.c.key != ""
)
append_only(entries)

policies = Table(
    "policies",
    METADATA,
    Column("location_id", UUID(as_uuid=True), primary_key=True),
    Column("recount_units", Integer),
    Column("recount_value_minor", BigInteger),
    Column("approve_units", Integer),
    Column("approve_value_minor", BigInteger),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("recount_units >= 0 and approve_units >= recount_units", name="units"),
    CheckConstraint("recount_value_minor >= 0 and approve_value_minor >= recount_value_minor", name="value"),
    schema="counting",
)
