"""Tables of messages: what customers are told, each tied to the fact that makes it true, once."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant

messages = Table(
    "messages",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("message_no", SmallInteger, nullable=False),
    # confirmed, ready, late, options, choice_confirmed, collected, canceled, short, correction, refund_due
    Column("kind", Text, nullable=False),
    Column("work_no", SmallInteger, nullable=False, server_default="0"),
    # one message per fact: "ready:1", "confirmed", "late:1:v2"
    Column("fact_key", Text, primary_key=True),
    # us, or platform: what others said still stands under "Said"
    Column("speaker", Text, nullable=False),
    Column("channel", Text, nullable=False, server_default="email"),
    Column("state", Text, nullable=False),
    # outside ids of evidence or event names that make it true, and what the template may say
    Column("proof", JSONB, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("subject", Text, nullable=False, server_default=""),
    Column("wording", Text, nullable=False, server_default=""),
    Column("queued_at", Instant, nullable=False),
    Column("next_at", Instant),
    Column("leased_until", Instant),
    # the dialog with the mail server may have begun under this lease; before that it may be given back
    Column("begun", Boolean, nullable=False, server_default="false"),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("settled_at", Instant),
    Column("provider_key", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    CheckConstraint(
        "state in ('queued','sending','sent','failed','unknown','withdrawn','reported')", name="state"
    ),
    CheckConstraint("speaker in ('us','platform')", name="speaker"),
    CheckConstraint("proof <> '[]'::jsonb", name="proven"),
    schema="messages",
)
Index("ix_messages_waiting", messages.c.next_at, postgresql_where=messages.c.state.in_(["queued", "sending"]))
