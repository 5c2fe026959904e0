"""Tables of the catalogue: what can be sold, and the barcodes that name it."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, remembered

items = Table(
    "items",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("sku", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("variant", Text, nullable=False, server_default=""),
    Column("category", Text, nullable=False, server_default=""),
    Column("price_minor", Integer, nullable=False, server_default="0"),
    Column("currency", Text, nullable=False, server_default="USD"),
    Column("weight_grams", Integer, nullable=False, server_default="0"),
    Column("care_note", Text, nullable=False, server_default=""),
    Column("picture", Text, nullable=False, server_default=""),
    Column("color", Text, nullable=False, server_default=""),
    Column("tracking", Text, nullable=False, server_default="none"),
    Column("counted_scans", Boolean, nullable=False, server_default="false"),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("sku <> ''", name="sku"),
    CheckConstraint("tracking in ('none','lot','serial')", name="tracking"),
    schema="catalogue",
)
# what is alike: called the same, or of one category at about the price
Index("ix_items_name", items.c.name)
Index("ix_items_category", items.c.category, items.c.price_minor, postgresql_where=items.c.category != "")

barcodes = Table(
    "barcodes",
    METADATA,
    Column("barcode", Text, primary_key=True),
    Column("item_id", UUID(as_uuid=True), nullable=False),
    schema="catalogue",
)
Index("ix_barcodes_item_id", barcodes.c.item_id)

# what a kit is made of; an item that is here as a kit is sold as one and guarded by these
components = Table(
    "components",
    METADATA,
    Column("kit_id", UUID(as_uuid=True), primary_key=True),
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("quantity", Integer, nullable=False),
    Column("component_no", SmallInteger, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("kit_id <> item_id", name="not_itself"),
    schema="catalogue",
)
Index("ix_components_item_id", components.c.item_id)
for table in (items, barcodes, components):
    remembered(table, "catalogue")
