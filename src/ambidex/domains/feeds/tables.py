"""Tables of feeds: subscriptions, what each was shown of an item, and how far each has been delivered."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant

feeds = Table(
    "feeds",
    METADATA,
    Column("feed_id", UUID(as_uuid=True), primary_key=True),
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
    Column("bands", JSONB),
    Column("webhook_url", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False, server_default="active"),
    # secrets are derived from the installation's key and this number, never stored
    Column("secret_no", SmallInteger, nullable=False, server_default="1"),
    Column("old_secret_until", Instant),
    # the newest position given; whoever publishes holds this row, so positions become visible in order
    Column("position", BigInteger, nullable=False, server_default="0"),
    # items beyond this one wait to be looked at again; null: none
    Column("refresh_after", UUID(as_uuid=True)),
    Column("refreshed_at", Instant),
    Column("created_at", Instant, nullable=False),
    CheckConstraint("state in ('active','paused','disabled','closed')", name="state"),
    CheckConstraint(
        "channel in ('web','pos','phone','marketplace','social','chat','agent','b2b')", name="channel"
    ),
    schema="feeds",
)
Index("uq_feeds_code", feeds.c.code, unique=True, postgresql_where=feeds.c.state != "closed")

# the newest value of an item in a feed, at the position of its last change: older values are gone, none is missing
shown = Table(
    "shown",
    METADATA,
    Column("item_id", UUID(as_uuid=True), primary_key=True),
    Column("feed_id", UUID(as_uuid=True), primary_key=True),
    Column("units", Integer, nullable=False),
    Column("band", Text, nullable=False, server_default=""),
    Column("version", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("units >= 0", name="units"),
    CheckConstraint("band in ('','in','low','out')", name="band"),
    CheckConstraint("version > 0", name="version"),
    schema="feeds",
)
Index("uq_shown_position", shown.c.feed_id, shown.c.position, unique=True)

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
    # when a channel that pulls or streams last asked, and from where
    Column("asked_at", Instant),
    Column("asked_from", BigInteger, nullable=False, server_default="0"),
    schema="feeds",
)
