"""Table of quotes: what was promised and held before there is an order."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant

quotes = Table(
    "quotes",
    METADATA,
    Column("quote_id", UUID(as_uuid=True), primary_key=True),
    Column("state", Text, nullable=False, server_default="open"),
    Column("channel", Text, nullable=False),
    # '' is any source of the channel
    Column("source", Text, nullable=False, server_default=""),
    Column("country", Text, nullable=False, server_default=""),
    Column("postcode", Text, nullable=False, server_default=""),
    # [[sku, units], ...] by SKU, each once
    Column("basket", JSONB, nullable=False),
    # the option with its parts and holds, as it was promised
    Column("promised", JSONB, nullable=False),
    # what the engine saw and why it chose so, where it chose: the snapshot and the receipt of the order to come
    Column("decided", JSONB(none_as_null=True)),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("order_id", UUID(as_uuid=True)),
    # whether the order got exactly this; null while there is no order
    Column("kept", Boolean),
    # what had changed when it did not
    Column("differences", JSONB, nullable=False, server_default="[]"),
    Column("settled_at", Instant),
    CheckConstraint("state in ('open','used','let_go')", name="state"),
    CheckConstraint(
        "(state = 'used') = (order_id is not null) and (state = 'used') = (kept is not null)",
        name="used_by_an_order",
    ),
    CheckConstraint("(state = 'open') = (settled_at is null)", name="settled"),
    CheckConstraint("kept is not false or differences <> '[]'", name="differences_are_told"),
    schema="quotes",
)
Index("ix_quotes_over", quotes.c.expires_at)
Index("uq_quotes_order_id", quotes.c.order_id, unique=True, postgresql_where=quotes.c.order_id.is_not(None))
