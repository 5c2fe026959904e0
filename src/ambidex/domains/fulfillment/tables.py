"""Tables of fulfillment: work for one location, and the evidence that it was physically done.

*Ready* is guarded here as well as in the rules: the trigger at the end refuses it to hand-written SQL.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, after_create, append_only

work = Table(
    "work",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("work_no", SmallInteger, primary_key=True),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("method", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("staging_place", Text, nullable=False, server_default=""),
    # told, on_the_way, arrived, verified, handed_over, partly, refused; empty before we told them
    Column("customer_side", Text, nullable=False, server_default=""),
    Column("customer_side_since", Instant),
    Column("customer_note", Text, nullable=False, server_default=""),
    Column("assignee_id", Text, nullable=False, server_default=""),
    Column("assignee_name", Text, nullable=False, server_default=""),
    Column("offered_at", Instant, nullable=False),
    Column("state_since", Instant, nullable=False),
    Column("ready_at", Instant),
    Column("handed_over_at", Instant),
    Column("collector", Text, nullable=False, server_default=""),
    Column("cause", Text, nullable=False, server_default=""),
    CheckConstraint("method in ('pickup','ship','deliver')", name="method"),
    schema="fulfillment",
)
Index(
    "ix_work_open",
    work.c.location_id,
    work.c.state,
    postgresql_where=work.c.state.not_in(["handed_over", "canceled", "refused", "lapsed", "taken_back"]),
)

work_lines = Table(
    "work_lines",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("work_no", SmallInteger, primary_key=True),
    Column("line_no", SmallInteger, primary_key=True),
    Column("item_id", UUID(as_uuid=True), nullable=False),
    # units this work still has to hand over (falls when some are short or canceled)
    Column("wanted", Integer, nullable=False),
    Column("picked", Integer, nullable=False, server_default="0"),
    Column("handed_over", Integer, nullable=False, server_default="0"),
    Column("short", Integer, nullable=False, server_default="0"),
    CheckConstraint("wanted >= 0 and picked between 0 and wanted", name="picked"),
    CheckConstraint("short >= 0 and handed_over between 0 and wanted", name="handed_over"),
    schema="fulfillment",
)

evidence = Table(
    "evidence",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("evidence_id", UUID(as_uuid=True), primary_key=True),
    Column("work_no", SmallInteger, nullable=False),
    # null when the evidence is about the whole work (staging, identity check)
    Column("line_no", SmallInteger),
    Column("step", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("barcode", Text, nullable=False, server_default=""),
    Column("quantity", Integer, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("place", Text, nullable=False, server_default=""),
    Column("actor_id", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("device", Text, nullable=False, server_default=""),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    # the device's own key of this deed: a replay is recognised by it
    Column("key", Text, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("kind in ('scan','photo','weight','signature','typed','system')", name="kind"),
    CheckConstraint("step in ('pick','cannot_find','stage','hand_over','put_away','undo')", name="step"),
    CheckConstraint("kind <> 'typed' or reason <> ''", name="typed_has_reason"),
    CheckConstraint("kind <> 'scan' or barcode <> '' or place <> ''", name="scan_names_something"),
    schema="fulfillment",
)
append_only(evidence)
Index("ix_evidence_line", evidence.c.order_id, evidence.c.work_no, evidence.c.line_no)
Index("uq_evidence_key", evidence.c.order_id, evidence.c.key, unique=True)

# single use, revocable; the code itself is never stored
pickup_codes = Table(
    "pickup_codes",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("work_no", SmallInteger, primary_key=True),
    Column("code_no", SmallInteger, primary_key=True),
    Column("code_hash", LargeBinary, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    schema="fulfillment",
)
Index("ix_pickup_codes_hash", pickup_codes.c.code_hash)

_READY_GUARD = """
CREATE OR REPLACE FUNCTION fulfillment.guard_ready() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted_total integer; unproven integer;
BEGIN
  IF NEW.state NOT IN ('ready', 'handed_over') THEN RETURN NEW; END IF;
  IF TG_OP = 'INSERT' THEN
    RAISE EXCEPTION 'work is never born ready' USING ERRCODE = '23514', CONSTRAINT = 'ready_needs_evidence';
  END IF;
  IF NEW.staging_place = '' THEN
    RAISE EXCEPTION 'ready needs a staging place' USING ERRCODE = '23514', CONSTRAINT = 'ready_needs_place';
  END IF;
  IF NEW.state = 'handed_over' AND OLD.state NOT IN ('ready', 'handed_over') THEN
    RAISE EXCEPTION 'only what is ready is handed over' USING ERRCODE = '23514', CONSTRAINT = 'ready_needs_evidence';
  END IF;
  SELECT coalesce(sum(l.wanted), 0),
         count(*) FILTER (WHERE l.wanted > 0 AND l.wanted > coalesce((
           SELECT sum(e.quantity) FROM fulfillment.evidence e
            WHERE e.order_id = l.order_id AND e.work_no = l.work_no AND e.line_no = l.line_no
              AND e.step = 'pick' AND e.kind <> 'system' AND e.location_id = NEW.location_id), 0)
           - coalesce((SELECT sum(e.quantity) FROM fulfillment.evidence e
            WHERE e.order_id = l.order_id AND e.work_no = l.work_no AND e.line_no = l.line_no
              AND e.step IN ('undo', 'put_away')), 0))
    INTO wanted_total, unproven
    FROM fulfillment.work_lines l WHERE l.order_id = NEW.order_id AND l.work_no = NEW.work_no;
  IF wanted_total < 1 OR unproven > 0 THEN
    RAISE EXCEPTION 'ready needs physical evidence for every unit'
      USING ERRCODE = '23514', CONSTRAINT = 'ready_needs_evidence';
  END IF;
  RETURN NEW;
END $$;
"""
_LINES_FREEZE = """
CREATE OR REPLACE FUNCTION fulfillment.freeze_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE at text;
BEGIN
  SELECT state INTO at FROM fulfillment.work
   WHERE order_id = coalesce(NEW.order_id, OLD.order_id) AND work_no = coalesce(NEW.work_no, OLD.work_no);
  IF at IN ('ready', 'handed_over') AND (
       TG_OP <> 'UPDATE' OR NEW.wanted <> OLD.wanted OR NEW.item_id <> OLD.item_id OR NEW.picked <> OLD.picked
       OR (NEW.order_id, NEW.work_no, NEW.line_no) IS DISTINCT FROM (OLD.order_id, OLD.work_no, OLD.line_no)) THEN
    RAISE EXCEPTION 'lines are frozen once ready' USING ERRCODE = '23514', CONSTRAINT = 'lines_freeze_at_ready';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
"""
after_create(work, _READY_GUARD)
after_create(
    work,
    "CREATE TRIGGER work_guard_ready BEFORE INSERT OR UPDATE OF state, staging_place, location_id "
    "ON fulfillment.work FOR EACH ROW EXECUTE FUNCTION fulfillment.guard_ready()",
)
after_create(work_lines, _LINES_FREEZE)
after_create(
    work_lines,
    "CREATE TRIGGER work_lines_freeze BEFORE INSERT OR UPDATE OR DELETE ON fulfillment.work_lines "
    "FOR EACH ROW EXECUTE FUNCTION fulfillment.freeze_lines()",
)
