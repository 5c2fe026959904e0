"""Tables of channels: sources that send to us, their secrets, mappings and cursors, and what we tell them."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, remembered

sources = Table(
    "sources",
    METADATA,
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    # where and how its API is called; never a secret
    Column("connection", JSONB, nullable=False, server_default="{}"),
    # message kind -> "us" | "platform"
    Column("speakers", JSONB, nullable=False, server_default="{}"),
    Column("heard_at", Instant),
    Column("created_at", Instant, nullable=False),
    CheckConstraint(
        "channel in ('web','pos','phone','marketplace','social','chat','agent','b2b')", name="channel"
    ),
    schema="channels",
)
# not when it was heard, which is each time it speaks
remembered(sources, "channels", columns="code, kind, channel, speakers, connection")

secrets = Table(
    "secrets",
    METADATA,
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("secret_no", SmallInteger, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("valid_until", Instant),
    CheckConstraint("length(secret) >= 8", name="secret"),
    schema="channels",
)

# kind: "item" (external SKU or variant id -> sku) or "place" (external location id -> location code)
mappings = Table(
    "mappings",
    METADATA,
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("external", Text, primary_key=True),
    Column("internal", Text, nullable=False),
    Column("mapped_at", Instant, nullable=False),
    Column("mapped_by", Text, nullable=False),
    CheckConstraint("kind in ('item','place')", name="kind"),
    schema="channels",
)

cursors = Table(
    "cursors",
    METADATA,
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("moved_at", Instant, nullable=False),
    schema="channels",
)

# what the source is told ("ready", "collected"), once each
tellings = Table(
    "tellings",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("telling_no", SmallInteger, primary_key=True),
    Column("source_id", UUID(as_uuid=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("fact_key", Text, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant),
    Column("answer", Text, nullable=False, server_default=""),
    Column("queued_at", Instant, nullable=False),
    Column("settled_at", Instant),
    CheckConstraint("state in ('queued','told','failed','withdrawn')", name="state"),
    schema="channels",
)
Index("uq_tellings_fact", tellings.c.order_id, tellings.c.fact_key, unique=True)
Index("ix_tellings_waiting", tellings.c.next_at, postgresql_where=tellings.c.state == "queued")

# the source's own word on stock, newest per item and place; never what is on hand
stock_reports = Table(
    "stock_reports",
    METADATA,
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("item", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("available", Integer, nullable=False),
    Column("version_at", Instant, nullable=False),
    Column("reported_at", Instant, nullable=False),
    schema="channels",
)
