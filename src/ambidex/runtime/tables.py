"""Tables of the runtime: events, cursors of reactions, idempotent answers, the inbox of outside systems."""

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    event,
)
from sqlalchemy import DateTime as _DateTime
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA

Instant = _DateTime(timezone=True)

_REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION runtime.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = '23001';
END $$
"""

_NOTE_CHANGE = """
CREATE OR REPLACE FUNCTION runtime.note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO runtime.versions (name) VALUES (TG_ARGV[0]) ON CONFLICT (name) DO UPDATE SET version = DEFAULT;
  RETURN NULL;
END $$
"""


def after_create(table: Table, statement: str) -> None:
    """Run this one statement right after the table is made (functions, triggers)."""
    event.listen(table, "after_create", _ddl(statement))


def before_create(table: Table, statement: str) -> None:
    """Run this one statement right before the table is made (extensions)."""
    event.listen(table, "before_create", _ddl(statement))


def before_any(statement: str) -> None:
    """Run this one statement before the first table is made (functions that triggers of many tables call)."""
    event.listen(METADATA, "before_create", _ddl(statement))


def refuse_when(table: Table, name: str, when: str, condition: str) -> None:
    """Refuse INSERT, UPDATE or DELETE of a row by trigger where this is true."""
    after_create(
        table,
        f"CREATE TRIGGER {name} BEFORE {when} ON {table.schema}.{table.name} "
        f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION runtime.refuse_change()",
    )


def remembered(table: Table, family: str, *, columns: str = "") -> None:
    """Processes remember facts of this table (memory.py): each change, or one of these columns, moves their version."""
    of = f" OF {columns}" if columns else ""
    after_create(
        table,
        f"CREATE TRIGGER {table.name}_remembered AFTER INSERT OR DELETE OR UPDATE{of} ON {table.schema}.{table.name} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('{family}')",
    )


def unmeasured(table: Table, *columns: str) -> None:
    """Nobody asks for rows by these, so PostgreSQL need not sort samples of them to know how they spread."""
    changes = ", ".join(f"ALTER COLUMN {name} SET STATISTICS 0" for name in columns)
    after_create(table, f"ALTER TABLE {table.schema}.{table.name} {changes}")


def append_only(table: Table, *, while_: str = "") -> None:
    """Refuse UPDATE, DELETE and TRUNCATE of this table by trigger; DELETE only `while_` this is so of a row, where it is said."""
    name = f"{table.schema}.{table.name}"
    if while_:
        refuse_when(table, f"{table.name}_stay", "DELETE", while_)
    for suffix, when, each in (
        ("append_only", "UPDATE" if while_ else "UPDATE OR DELETE", "ROW"),
        ("no_truncate", "TRUNCATE", "STATEMENT"),
    ):
        after_create(
            table,
            f"CREATE TRIGGER {table.name}_{suffix} BEFORE {when} ON {name} "
            f"FOR EACH {each} EXECUTE FUNCTION runtime.refuse_change()",
        )


def _ddl(statement: str) -> DDL:
    return DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


event.listen(METADATA, "before_create", _ddl("CREATE SCHEMA IF NOT EXISTS runtime"))
event.listen(METADATA, "before_create", _ddl(_REFUSE_CHANGE))
event.listen(METADATA, "before_create", _ddl(_NOTE_CHANGE))

events = Table(
    "events",
    METADATA,
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("position", BigInteger),
    Column("event_id", UUID(as_uuid=True), nullable=False),
    Column("name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("order_id", UUID(as_uuid=True)),
    Column("location_id", UUID(as_uuid=True)),
    Column("actor", JSONB, nullable=False),
    Column("cause", Text, nullable=False, server_default=""),
    Column("evidence", JSONB, nullable=False, server_default="[]"),
    Column("payload", JSONB, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("hash", LargeBinary),
    schema="runtime",
)
# seq is looked for only until there is a position; an index of all of it would be written twice for each event
Index("ix_events_unpublished", events.c.seq, unique=True, postgresql_where=events.c.position.is_(None))
Index("uq_events_position", events.c.position, unique=True, postgresql_where=events.c.position.is_not(None))
Index("ix_events_order", events.c.order_id, events.c.seq, postgresql_where=events.c.order_id.is_not(None))
unmeasured(events, "event_id", "subject", "actor", "cause", "evidence", "payload", "hash")
# An event is written once and numbered once; a chain alone could be counted anew by whoever may write.
_SAID = [column.name for column in events.c if column.name not in {"position", "hash"}]
_NEW, _OLD = (", ".join(f"{row}.{name}" for name in _SAID) for row in ("NEW", "OLD"))
_RENUMBERED = "OLD.position IS NOT NULL OR NEW.position IS NULL"
_NUMBERED = "NEW.position IS NOT NULL OR NEW.hash IS NOT NULL"
refuse_when(events, "events_begin_unnumbered", "INSERT", _NUMBERED)
refuse_when(
    events, "events_are_numbered_once", "UPDATE", f"{_RENUMBERED} OR ({_NEW}) IS DISTINCT FROM ({_OLD})"
)
refuse_when(events, "events_stay", "DELETE", "true")

# a number that is never given twice, moved in the transaction that changed a fact of the family
versions = Table(
    "versions",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("version", BigInteger, Identity(always=True), nullable=False),
    schema="runtime",
)

cursors = Table(
    "cursors",
    METADATA,
    Column("reaction", Text, primary_key=True),
    Column("position", BigInteger, nullable=False, server_default="0"),
    Column("moved_at", Instant, nullable=False),
    schema="runtime",
)

parked_reactions = Table(
    "parked_reactions",
    METADATA,
    Column("reaction", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("parked_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="1"),
    Column("replayed_at", Instant),
    schema="runtime",
)

idempotency = Table(
    "idempotency",
    METADATA,
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("answered_at", Instant, nullable=False),
    schema="runtime",
)
Index("ix_idempotency_answered_at", idempotency.c.answered_at)

inbox = Table(
    "inbox",
    METADATA,
    Column("message_id", UUID(as_uuid=True), primary_key=True),
    Column("source", Text, nullable=False),
    Column("delivery_key", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("resource", Text, nullable=False, server_default=""),
    Column("version_at", Instant),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False, server_default="stored"),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    Column("owner", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant),
    Column("settled_at", Instant),
    CheckConstraint("state in ('stored','applied','parked','refused')", name="state"),
    CheckConstraint("state <> 'parked' or (reason <> '' and owner <> '')", name="parked_is_owned"),
    schema="runtime",
)
Index("uq_inbox_delivery", inbox.c.source, inbox.c.delivery_key, unique=True)
Index("ix_inbox_waiting", inbox.c.next_at, postgresql_where=inbox.c.state == "stored")
Index("ix_inbox_resource", inbox.c.source, inbox.c.resource)
Index("ix_inbox_parked", inbox.c.received_at, postgresql_where=inbox.c.state == "parked")

settings = Table(
    "settings",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    schema="runtime",
)

chain_head = Table(
    "chain_head",
    METADATA,
    Column("one", Boolean, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("one", name="one_row"),
    schema="runtime",
)
refuse_when(chain_head, "chain_head_goes_on", "UPDATE", "NEW.position <= OLD.position")
refuse_when(chain_head, "chain_head_stays", "DELETE", "true")

# lines of imported files whose effect is stored: the same file again goes on where it ended
imported_lines = Table(
    "imported_lines",
    METADATA,
    Column("file_hash", LargeBinary, primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("imported_at", Instant, nullable=False),
    schema="runtime",
)
