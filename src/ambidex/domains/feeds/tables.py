"""Tables of feeds: subscriptions, what each was shown of an item, and how far each has been delivered."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant

feeds = Table(
    "feeds",
    METADATA,
    Column("feed_id", UUID(as_uuid=True), primary_key=True),
    # under this number it stands in what items are told
    Column("feed_no", Integer, Identity(always=True), nullable=False, unique=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("channel", Text, nullable=False),
    # places whose stock is added up; empty: all the channel may sell from
    Column("locations", ARRAY(UUID(as_uuid=True)), nullable=False, server_default="{}"),
    Column("place_group", Text, nullable=False, server_default=""),
    Column("country", Text, nullable=False, server_default=""),
    Column("postcode", Text, nullable=False, server_default=""),
    Column("method", Text, nullable=False, server_default=""),
    # thresholds of in, low and out; null: units
    Column("bands", JSONB(none_as_null=True)),
    Column("webhook_url", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False, server_default="active"),
    # secrets are derived from the installation's key and this number, never stored
    Column("secret_no", SmallInteger, nullable=False, server_default="1"),
    Column("old_secret_until", Instant),
    # items beyond this one wait to be looked at again; null: none
    Column("refresh_after", UUID(as_uuid=True)),
    # when looking at all items was last begun
    Column("refreshed_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("state in ('active','paused','disabled','closed')", name="state"),
    CheckConstraint(
        "channel in ('web','pos','phone','marketplace','social','chat','agent','b2b')", name="channel"
    ),
    schema="feeds",
)
Index("uq_feeds_code", feeds.c.code, unique=True, postgresql_where=feeds.c.state != "closed")

# one row: the newest position given; whoever publishes holds it, so positions become visible in order
head = Table(
    "head",
    METADATA,
    Column("one", Boolean, primary_key=True, server_default="true"),
    Column("position", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("one", name="one"),
    schema="feeds",
)

# what every feed tells of an item: one row, because one change of stock is another value in most feeds
shown = Table(
    "shown",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    # of the newest change in any feed
    Column("position", BigInteger, nullable=False),
    # by feed_no: [units, band, version, position of its last change, milliseconds since 1970 then]
    Column("told", JSONB, nullable=False),
    schema="feeds",
)
Index("ix_shown_position", shown.c.position)

deliveries = Table(
    "deliveries",
    METADATA,
    Column("feed_id", UUID(as_uuid=True), primary_key=True),
    # everything up to here was taken by the subscriber
    Column("position", BigInteger, nullable=False, server_default="0"),
    # who may send: a higher number refuses what a worker with a lower one records
    Column("lease_no", BigInteger, nullable=False, server_default="0"),
    Column("leased_by", Text, nullable=False, server_default=""),
    Column("leased_until", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant),
    Column("failing_since", Instant),
    Column("failure", Text, nullable=False, server_default=""),
    Column("delivered_at", Instant),
    Column("delivered", BigInteger, nullable=False, server_default="0"),
    # since when a person is asked to look after it
    Column("stuck_since", Instant),
    # when a channel that pulls or streams last asked, and from where
    Column("asked_at", Instant),
    Column("asked_from", BigInteger, nullable=False, server_default="0"),
    schema="feeds",
)
