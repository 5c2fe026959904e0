"""Tables of promises: what we told somebody will be true by when. Versions are rows, never overwritten."""

from sqlalchemy import CheckConstraint, Column, Index, SmallInteger, Table, Text, column, table, text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, after_create

promises = Table(
    "promises",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("promise_no", SmallInteger, primary_key=True),
    # ready_by, delivered_by, answer_by, news_by, refund_by, correction_by, collect_until
    Column("kind", Text, nullable=False),
    Column("work_no", SmallInteger, nullable=False),
    Column("location_id", UUID(as_uuid=True)),
    Column("state", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    # what it was made of, for people: {"place": "Camden", "quantity": 2, ...}
    Column("facts", JSONB, nullable=False, server_default="{}"),
    # inner deadlines by kind (accepted, pick_begun, picked, ready; packed, dispatched), and when each was reached
    Column("milestones", JSONB, nullable=False, server_default="{}"),
    Column("reached", JSONB, nullable=False, server_default="{}"),
    Column("made_at", Instant, nullable=False),
    Column("replaces", SmallInteger),
    Column("closed_at", Instant),
    # outside ids of the evidence or event that kept it; the cause when broken, re-promised or released
    Column("kept_by", JSONB, nullable=False, server_default="[]"),
    Column("cause", Text, nullable=False, server_default=""),
    CheckConstraint("state in ('made','kept','re_promised','broken','released')", name="state"),
    CheckConstraint("state <> 'kept' or kept_by <> '[]'::jsonb", name="kept_by_evidence"),
    schema="promises",
)
Index(
    "uq_promises_one_open",
    promises.c.order_id,
    promises.c.work_no,
    promises.c.kind,
    unique=True,
    postgresql_where=promises.c.state == "made",
)

# the parking queue, in the order in which it is served
Index(
    "ix_promises_news",
    promises.c.due_at,
    promises.c.order_id,
    postgresql_where=text("kind = 'news_by' AND state = 'made'"),
)

# the inner deadlines of each version, as rows
milestones = table(
    "milestones",
    column("order_id", UUID(as_uuid=True)),
    column("promise_no", SmallInteger),
    column("kind", Text),
    column("due_at", Instant),
    column("reached_at", Instant),
    schema="promises",
)
after_create(
    promises,
    """
CREATE VIEW promises.milestones AS
SELECT p.order_id, p.promise_no, m.key AS kind, CAST(m.value AS timestamptz) AS due_at,
       CAST(p.reached ->> m.key AS timestamptz) AS reached_at
  FROM promises.promises p CROSS JOIN LATERAL jsonb_each_text(p.milestones) AS m""",
)
