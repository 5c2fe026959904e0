"""Tables of the pocket: what people did while their device had no network, and what became of it. Nothing is dropped."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, append_only

deeds = Table(
    "deeds",
    METADATA,
    Column("actor_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("actor_name", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # the work or the shelf it was about
    Column("subject", Text, nullable=False),
    Column("location_id", UUID(as_uuid=True)),
    Column("order_id", UUID(as_uuid=True)),
    # what the device says was done; never a pickup code
    Column("said", JSONB, nullable=False),
    # as the device said it, as it is taken, and how many seconds the device's clock was ahead
    Column("said_at", Instant, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("clock_ahead_seconds", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("outcome", Text, nullable=False),
    # of a conflict: what stood against it, and the task of the person who settles it
    Column("problem", Text, nullable=False, server_default=""),
    Column("stands", JSONB, nullable=False, server_default="{}"),
    Column("task_id", UUID(as_uuid=True)),
    CheckConstraint("outcome in ('done','conflict')", name="outcome"),
    CheckConstraint("(outcome = 'conflict') = (task_id is not null)", name="conflicts_have_a_task"),
    schema="pocket",
)
Index("ix_deeds_task", deeds.c.task_id, postgresql_where=deeds.c.task_id.is_not(None))
Index("ix_deeds_conflicts", deeds.c.subject, postgresql_where=deeds.c.task_id.is_not(None))
Index("ix_deeds_received", deeds.c.received_at)
append_only(deeds)
