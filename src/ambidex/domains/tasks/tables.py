"""Tables of tasks: work for people, pooled by duty, done with proof."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant

tasks = Table(
    "tasks",
    METADATA,
    Column("task_id", UUID(as_uuid=True), primary_key=True),
    # count, put_away, repair_message, solve_exception, call_customer, attend
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("order_id", UUID(as_uuid=True)),
    Column("subject", Text, nullable=False, server_default=""),
    Column("location_id", UUID(as_uuid=True)),
    Column("role", Text, nullable=False),
    Column("assignee_id", UUID(as_uuid=True)),
    Column("state", Text, nullable=False),
    Column("details", JSONB, nullable=False, server_default="{}"),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    # when the sweep looks whether it is done; after due_at while its place is closed
    Column("next_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("done_at", Instant),
    Column("done_by", Text, nullable=False, server_default=""),
    Column("proof", JSONB),
    # one task for one cause: opening it twice finds the first
    Column("key", Text, nullable=False, unique=True),
    CheckConstraint(
        "state in ('open','assigned','pooled','acknowledged','in_progress','done','blocked','handed_over','expired')",
        name="state",
    ),
    CheckConstraint("state <> 'done' or (done_at is not null and proof is not null)", name="done_with_proof"),
    schema="tasks",
)
Index(
    "ix_tasks_open",
    tasks.c.location_id,
    tasks.c.role,
    tasks.c.due_at,
    postgresql_where=tasks.c.state.not_in(["done", "expired"]),
)
Index("ix_tasks_next", tasks.c.next_at, postgresql_where=tasks.c.state.not_in(["done", "expired"]))
Index("ix_tasks_order", tasks.c.order_id)
