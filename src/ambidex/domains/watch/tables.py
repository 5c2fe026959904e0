"""Tables of watch: watchdogs, the one owner of each order, and exceptions that need a person."""

from sqlalchemy import CheckConstraint, Column, Index, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant

watchdogs = Table(
    "watchdogs",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("work_no", SmallInteger, primary_key=True, server_default="0"),
    # one of WaitsFor in model.py; armed again it is the same row
    Column("waits_for", Text, primary_key=True),
    Column("location_id", UUID(as_uuid=True)),
    Column("state", Text, nullable=False),
    Column("armed_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    # an extra look before it is due: when a promise would become impossible
    Column("look_at", Instant),
    # hops taken along the duty chain since it fired; for collect, the reminders given
    Column("level", SmallInteger, nullable=False, server_default="0"),
    # when it must be looked at next; null when it needs no look
    Column("next_at", Instant),
    Column("acknowledged_by", Text, nullable=False, server_default=""),
    Column("closed_at", Instant),
    CheckConstraint(
        "state in ('armed','due_soon','fired','notified','acknowledged','resolved','moved_on','canceled')",
        name="state",
    ),
    schema="watch",
)
Index("ix_watchdogs_next", watchdogs.c.next_at, postgresql_where=watchdogs.c.next_at.is_not(None))

ownership = Table(
    "ownership",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    # duty: a role at a place; staff: one person. Null role and staff only when nothing is left to happen
    Column("role", Text, nullable=False),
    Column("location_id", UUID(as_uuid=True)),
    Column("staff_id", UUID(as_uuid=True)),
    Column("since", Instant, nullable=False),
    Column("next_step", Text, nullable=False),
    Column("next_deadline", Instant, nullable=False),
    # the rung of the duty chain it stands on: 0 the assignee, 1 the duty at the place, 2 lead, 3 district, 4 order experience
    Column("level", SmallInteger, nullable=False, server_default="0"),
    Column("waiting_for", Text, nullable=False, server_default="staff"),
    CheckConstraint("role <> ''", name="someone"),
    CheckConstraint("waiting_for in ('staff','customer','system')", name="waiting_for"),
    schema="watch",
)
Index("ix_ownership_place", ownership.c.location_id, ownership.c.next_deadline)
Index("ix_ownership_staff", ownership.c.staff_id, postgresql_where=ownership.c.staff_id.is_not(None))

exceptions = Table(
    "exceptions",
    METADATA,
    Column("exception_id", UUID(as_uuid=True), primary_key=True),
    Column("order_id", UUID(as_uuid=True)),
    Column("work_no", SmallInteger),
    Column("location_id", UUID(as_uuid=True)),
    Column("kind", Text, nullable=False),
    # whose doing, without blaming a person for a system: stock, people, system, customer, platform, place
    Column("cause", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("facts", JSONB, nullable=False, server_default="{}"),
    Column("owner_role", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("outcome", Text, nullable=False, server_default=""),
    CheckConstraint("state in ('open','resolved')", name="state"),
    CheckConstraint("owner_role <> ''", name="owned"),
    CheckConstraint("cause in ('stock','people','system','customer','platform','place')", name="cause"),
    schema="watch",
)
Index("ix_exceptions_open", exceptions.c.location_id, postgresql_where=exceptions.c.state == "open")
Index("ix_exceptions_order", exceptions.c.order_id)
