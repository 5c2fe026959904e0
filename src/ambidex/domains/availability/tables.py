"""Tables of availability: rules, groups of places, who sells from them, areas served."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, remembered

rules = Table(
    "rules",
    METADATA,
    Column("rule_id", UUID(as_uuid=True), primary_key=True),
    Column("number", Text, nullable=False),
    Column("units", Integer, nullable=False),
    Column("item_id", UUID(as_uuid=True)),
    Column("category", Text, nullable=False, server_default=""),
    Column("location_id", UUID(as_uuid=True)),
    Column("group_code", Text, nullable=False, server_default=""),
    Column("channel", Text, nullable=False, server_default=""),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    CheckConstraint("number in ('safety','floor','threshold')", name="number"),
    CheckConstraint("units >= 0", name="units"),
    CheckConstraint("item_id is null or category = ''", name="item_or_category"),
    CheckConstraint("location_id is null or group_code = ''", name="place_or_group"),
    CheckConstraint("starts_on <= ends_on", name="dates"),
    CheckConstraint("number <> 'threshold' or channel <> ''", name="threshold_has_channel"),
    schema="availability",
)
Index(
    "uq_rules_scope",
    rules.c.number,
    rules.c.item_id,
    rules.c.category,
    rules.c.location_id,
    rules.c.group_code,
    rules.c.channel,
    rules.c.starts_on,
    rules.c.ends_on,
    unique=True,
    postgresql_nulls_not_distinct=True,
)

groups = Table(
    "groups",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    schema="availability",
)

group_places = Table(
    "group_places",
    METADATA,
    Column("group_code", Text, primary_key=True),
    Column("location_id", UUID(as_uuid=True), primary_key=True),
    schema="availability",
)

# a channel ("web") or a source ("shopify:main"); one that is not here sells from every place
sellers = Table(
    "sellers",
    METADATA,
    Column("seller", Text, primary_key=True),
    Column("group_code", Text, primary_key=True),
    schema="availability",
)

# a place and method that are not here serve every address
areas = Table(
    "areas",
    METADATA,
    Column("location_id", UUID(as_uuid=True), primary_key=True),
    Column("method", Text, primary_key=True),
    Column("country", Text, primary_key=True),
    Column("postcode", Text, primary_key=True),
    CheckConstraint("method in ('ship','deliver')", name="method"),
    CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
    schema="availability",
)

for table in (rules, groups, group_places, sellers, areas):
    remembered(table, "availability")
