"""Tables of transfers: deliveries between places and from suppliers, their lines, parcels, and every unit scanned."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, SmallInteger, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, append_only

deliveries = Table(
    "deliveries",
    METADATA,
    Column("delivery_id", UUID(as_uuid=True), primary_key=True),
    Column("kind", Text, nullable=False),
    # a transfer's label, a supplier's number
    Column("reference", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("from_id", UUID(as_uuid=True)),
    Column("to_id", UUID(as_uuid=True), nullable=False),
    Column("supplier", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),
    Column("order_id", UUID(as_uuid=True)),
    Column("expected_at", Instant),
    Column("note", Text, nullable=False, server_default=""),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("closed_at", Instant),
    # that it is late was noticed; a new date begins anew
    Column("late_told_at", Instant),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("kind", "reference"),
    CheckConstraint(
        "kind = 'transfer' and from_id is not null and state in ('requested','approved','picking','in_transit',"
        "'received','partly_received','declined','canceled') or kind = 'inbound' and from_id is null and state in "
        "('announced','received','partly_received','canceled')",
        name="state",
    ),
    CheckConstraint("from_id is null or from_id <> to_id", name="moves"),
    CheckConstraint("purpose in ('replenish','order','purchase')", name="purpose"),
    CheckConstraint("purpose <> 'order' or order_id is not null", name="order_is_named"),
    schema="transfers",
)
_OPEN = deliveries.c.state.in_(
    ["requested", "approved", "picking", "in_transit", "announced", "partly_received"]
)
Index("ix_deliveries_to_id", deliveries.c.to_id, postgresql_where=_OPEN)
Index("ix_deliveries_from_id", deliveries.c.from_id, postgresql_where=_OPEN)
Index("ix_deliveries_order_id", deliveries.c.order_id, postgresql_where=deliveries.c.order_id.is_not(None))
Index(
    "ix_deliveries_late",
    deliveries.c.expected_at,
    postgresql_where=deliveries.c.late_told_at.is_(None)
    & deliveries.c.state.in_(["approved", "picking", "in_transit", "announced"]),
)

lines = Table(
    "lines",
    METADATA,
    Column("delivery_id", UUID(as_uuid=True), primary_key=True),
    Column("line_no", SmallInteger, primary_key=True),
    Column("item_id", UUID(as_uuid=True), nullable=False),
    Column("asked", Integer, nullable=False),
    Column("sent", Integer, nullable=False, server_default="0"),
    Column("received", Integer, nullable=False, server_default="0"),
    Column("damaged", Integer, nullable=False, server_default="0"),
    # units of the difference between sent and arrived that a person explained
    Column("settled", Integer, nullable=False, server_default="0"),
    Column("order_line", SmallInteger),
    Column("hold_id", UUID(as_uuid=True)),
    CheckConstraint("least(asked, sent, received, damaged, settled) >= 0", name="none_negative"),
    CheckConstraint("settled <= abs(received + damaged - sent)", name="only_differences_are_settled"),
    schema="transfers",
)
Index("ix_lines_item_id", lines.c.item_id)

packages = Table(
    "packages",
    METADATA,
    Column("delivery_id", UUID(as_uuid=True), primary_key=True),
    Column("package_no", SmallInteger, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    schema="transfers",
)

# a unit into its parcel or out of it; a key sent twice changes nothing
scans = Table(
    "scans",
    METADATA,
    Column("delivery_id", UUID(as_uuid=True), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("scan_id", UUID(as_uuid=True), nullable=False),
    Column("item_id", UUID(as_uuid=True), nullable=False),
    Column("units", Integer, nullable=False),
    Column("arrived", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("barcode", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("actor_id", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("device", Text, nullable=False, server_default=""),
    Column("happened_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint("step in ('pick','receive')", name="step"),
    CheckConstraint("units > 0", name="units"),
    CheckConstraint("arrived in ('sellable','damaged')", name="arrived"),
    schema="transfers",
)
append_only(scans)
