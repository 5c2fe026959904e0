"""Tables of routing: versions of the rules with their examples, receipts of decisions, and what tries a version out."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, append_only, refuse_when, remembered

# the columns of a version as it is read
VERSION_COLUMNS = """brand, number, name, state, document, revision, state_since, share, metric, threshold, orders_min,
  created_at, changed_at, changed_by, changed_by_name"""
_VERSION_KEY = ["routing.versions.brand", "routing.versions.number"]

# brand '' is every brand that has no versions of its own
versions = Table(
    "versions",
    METADATA,
    Column("brand", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),
    # as it was written: in the order of its words, which is what people and line numbers go by
    Column("document", Text, nullable=False),
    # moved by every change: two who edit the same draft see each other
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("state_since", Instant, nullable=False),
    # the canary: orders in a thousand, what is measured, and how much worse it may be
    Column("share", SmallInteger, nullable=False, server_default="0"),
    Column("metric", Text, nullable=False, server_default=""),
    Column("threshold", Integer, nullable=False, server_default="0"),
    Column("orders_min", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_by_name", Text, nullable=False),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("state in ('draft','shadow','canary','live','archived')", name="state"),
    CheckConstraint(
        "state <> 'canary' or (share between 1 and 999 and threshold >= 0 and orders_min >= 1"
        " and metric in ('refused','late','cost','split'))",
        name="canary_is_measured",
    ),
    schema="routing",
)
for _state in ("live", "canary", "shadow"):
    Index(
        f"uq_versions_{_state}",
        versions.c.brand,
        unique=True,
        postgresql_where=versions.c.state == _state,
    )
remembered(versions, "routing", columns="state, document, share")
# what decided an order is never another text afterwards
refuse_when(
    versions,
    "versions_freeze",
    "UPDATE",
    "OLD.state <> 'draft' AND (NEW.document IS DISTINCT FROM OLD.document OR NEW.state = 'draft')",
)
refuse_when(versions, "versions_stay", "DELETE", "true")

examples = Table(
    "examples",
    METADATA,
    Column("brand", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("situation", JSONB, nullable=False),
    Column("expected", JSONB, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    ForeignKeyConstraint(["brand", "number"], _VERSION_KEY),
    schema="routing",
)

# who changed what and why
changes = Table(
    "changes",
    METADATA,
    Column("brand", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("what", Text, nullable=False),
    Column("why", Text, nullable=False, server_default=""),
    Column("before", Text, nullable=False, server_default=""),
    Column("after", Text, nullable=False, server_default=""),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_by_name", Text, nullable=False),
    ForeignKeyConstraint(["brand", "number"], _VERSION_KEY),
    schema="routing",
)
append_only(changes)

# one row a decision; what was known and what was decided, packed, with the figures that are counted
receipts = Table(
    "receipts",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("receipt_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("cause", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("arm", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("took_us", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("snapshot", LargeBinary, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("parts", SmallInteger, nullable=False),
    Column("units", Integer, nullable=False),
    Column("unfilled", Integer, nullable=False),
    Column("meters", BigInteger, nullable=False),
    Column("late", Boolean, nullable=False),
    CheckConstraint("arm in ('live','canary')", name="arm"),
    CheckConstraint("unfilled between 0 and units", name="unfilled"),
    schema="routing",
)
Index("ix_receipts_decided_at", receipts.c.decided_at)
# first decisions of orders, which canaries are judged by
Index(
    "ix_receipts_first",
    receipts.c.brand,
    receipts.c.decided_at,
    postgresql_where=receipts.c.receipt_no == 1,
)
# the newest are never forgotten: the night decides them once more
append_only(receipts, while_="OLD.decided_at > now() - interval '2 days'")

# what a version in shadow would have decided
shadows = Table(
    "shadows",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("receipt_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("brand", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("decided_at", Instant, nullable=False),
    Column("differs", Boolean, nullable=False),
    Column("sent_from", Text, nullable=False),
    Column("sent_from_live", Text, nullable=False),
    Column("pair", JSONB, nullable=False),
    schema="routing",
)
Index("ix_shadows_version", shadows.c.brand, shadows.c.number, shadows.c.decided_at)

# a version against the live one over decisions of the past; the worker goes on where it stopped
trials = Table(
    "trials",
    METADATA,
    Column("trial_id", UUID(as_uuid=True), primary_key=True),
    Column("brand", Text, nullable=False),
    Column("number", Integer, nullable=False),
    # what decided for the brand when it was asked for: its own version, or that of every brand
    Column("against_brand", Text, nullable=False),
    Column("against", Integer, nullable=False),
    Column("from_at", Instant, nullable=False),
    Column("until_at", Instant, nullable=False),
    Column("decisions_max", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="asked"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("after_at", Instant),
    Column("after_order", UUID(as_uuid=True)),
    Column("after_receipt", SmallInteger),
    Column("result", JSONB(none_as_null=True)),
    Column("asked_at", Instant, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_by_name", Text, nullable=False),
    Column("ended_at", Instant),
    CheckConstraint("state in ('asked','running','done','stopped')", name="state"),
    CheckConstraint("from_at < until_at", name="period"),
    schema="routing",
)
Index("ix_trials_waiting", trials.c.asked_at, postgresql_where=trials.c.state.in_(("asked", "running")))
Index("ix_trials_version", trials.c.brand, trials.c.number, trials.c.asked_at)

# measures of one step of a trial: a list a decision, so that intervals can be drawn at the end
trial_steps = Table(
    "trial_steps",
    METADATA,
    Column("trial_id", UUID(as_uuid=True), primary_key=True),
    Column("step_no", Integer, primary_key=True, autoincrement=False),
    Column("rows", JSONB, nullable=False),
    ForeignKeyConstraint(["trial_id"], ["routing.trials.trial_id"]),
    schema="routing",
)

# all decisions of a day, decided once more
replays = Table(
    "replays",
    METADATA,
    Column("day", Date, primary_key=True),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("same", Integer, nullable=False, server_default="0"),
    Column("after_at", Instant),
    Column("after_order", UUID(as_uuid=True)),
    Column("after_receipt", SmallInteger),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant),
    CheckConstraint("same <= total", name="same"),
    schema="routing",
)
differences = Table(
    "differences",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("receipt_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("what", Text, nullable=False),
    Column("found_at", Instant, nullable=False),
    schema="routing",
)
Index("ix_differences_day", differences.c.day)

# what scarce stock is worth, made anew every night, with how it did on seasons of the past; the newest counts
price_lists = Table(
    "price_lists",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False, server_default=""),
    Column("past", Integer, nullable=False, server_default="0"),
    Column("days", Integer, nullable=False, server_default="0"),
    Column("season", Integer, nullable=False, server_default="0"),
    Column("every", Integer, nullable=False, server_default="0"),
    Column("proof", JSONB, nullable=False),
    # SKU -> place -> mills a unit and units that lay there, packed; only what has a price
    Column("priced", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    CheckConstraint("state in ('on','off','stopped')", name="state"),
    schema="routing",
)
remembered(price_lists, "routing", columns="state, priced")
