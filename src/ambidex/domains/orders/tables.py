"""Tables of orders: what was agreed. The line holds the truth by quantity; the order's progress is derived."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant

LINE_STATES = (
    "open", "reserved", "allocated", "picked", "staged", "ready", "packed", "shipped", "delivered", "handed_over",
    "returned", "short", "backordered", "substituted", "canceled", "lost",
)  # fmt: skip

# (source, reference) has one order, for ever, and so has a number
references = Table(
    "references",
    METADATA,
    Column("source_id", UUID(as_uuid=True), primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("order_id", UUID(as_uuid=True), nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("number", Text, nullable=False),
    schema="orders",
)
Index("uq_references_number", references.c.number, unique=True)

orders = Table(
    "orders",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("number", Text, nullable=False),
    Column("source_id", UUID(as_uuid=True), nullable=False),
    Column("reference", Text, nullable=False),
    # it was over when it came: nothing of it ever happens here
    Column("history", Boolean, nullable=False, server_default="false"),
    # how the source names it to people ("#1001")
    Column("source_number", Text, nullable=False, server_default=""),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False, server_default="0"),
    Column("shipping_minor", BigInteger, nullable=False, server_default="0"),
    Column("prices_include_tax", Boolean, nullable=False, server_default="false"),
    Column("contact_name", Text, nullable=False, server_default=""),
    Column("contact_email", Text, nullable=False, server_default=""),
    Column("contact_phone", Text, nullable=False, server_default=""),
    Column("address", JSONB),
    Column("language", Text, nullable=False, server_default="en"),
    Column("collectors", JSONB, nullable=False, server_default="[]"),
    Column("attribution", JSONB),
    # free fields of the contract kept as sent: fees, parties, requested_for
    Column("terms", JSONB),
    Column("placed_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    # the newest version of the source's own record that we applied
    Column("source_version", Instant),
    Column("link_version", SmallInteger, nullable=False, server_default="1"),
    Column("link_expires_at", Instant, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint(
        "state in ('draft','placed','confirmed','closed','changing','canceled','expired')", name="state"
    ),
    schema="orders",
)

lines = Table(
    "lines",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("line_no", SmallInteger, primary_key=True),
    Column("item_id", UUID(as_uuid=True), nullable=False),
    Column("sku", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("source_line", Text, nullable=False, server_default=""),
    Column("quantity", Integer, nullable=False),
    Column("unit_price_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False, server_default="0"),
    Column("discount_minor", BigInteger, nullable=False, server_default="0"),
    Column("method", Text, nullable=False),
    Column("location_id", UUID(as_uuid=True)),
    # the kit this line is a part of: its SKU, its name, and its number within the order
    Column("kit_sku", Text, nullable=False, server_default=""),
    Column("kit_title", Text, nullable=False, server_default=""),
    Column("kit_no", SmallInteger, nullable=False, server_default="0"),
    # how many of the kit were bought
    Column("kit_quantity", Integer, nullable=False, server_default="0"),
    *(Column(f"q_{state}", Integer, nullable=False, server_default="0") for state in LINE_STATES),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("quantity = " + " + ".join(f"q_{s}" for s in LINE_STATES), name="quantity_is_conserved"),
    CheckConstraint(" and ".join(f"q_{s} >= 0" for s in LINE_STATES), name="no_negative_state"),
    CheckConstraint("method in ('pickup','ship','deliver')", name="method"),
    schema="orders",
)

Index(
    "ix_lines_waiting",
    lines.c.item_id,
    lines.c.location_id,
    postgresql_where=lines.c.q_backordered > 0,
)

holds = Table(
    "holds",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("hold_no", SmallInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("blocks", ARRAY(Text), nullable=False),
    Column("owner", Text, nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("released_at", Instant),
    schema="orders",
)
Index("ix_holds_open", holds.c.order_id, postgresql_where=holds.c.released_at.is_(None))
