"""Tables of fulfillment: work for one location, and the evidence that it was physically done.

*Ready* is guarded here as well as in the rules: the triggers at the end refuse it to hand-written SQL.
"""

from sqlalchemy import (
    Boolean,
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

from ambidex.domains.fulfillment.model import Step, WorkState
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
    CheckConstraint("state in (" + ",".join(f"'{state.value}'" for state in WorkState) + ")", name="state"),
    schema="fulfillment",
)
Index(
    "ix_work_open",
    work.c.location_id,
    work.c.state,
    postgresql_where=work.c.state.not_in(
        [
            "handed_over",
            "canceled",
            "refused",
            "lapsed",
            "taken_back",
            "short",
            "delivered",
            "returned_to_sender",
            "lost",
        ]
    ),
)

work_lines = Table(
    "work_lines",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("work_no", SmallInteger, primary_key=True),
    Column("line_no", SmallInteger, primary_key=True),
    Column("item_id", UUID(as_uuid=True), nullable=False),
    Column("asked", Integer, nullable=False),
    # what this work still has to hand over, or handed over: falls when units are short or dropped
    Column("wanted", Integer, nullable=False),
    Column("picked", Integer, nullable=False, server_default="0"),
    Column("handed_over", Integer, nullable=False, server_default="0"),
    Column("short", Integer, nullable=False, server_default="0"),
    # canceled, refused or taken back
    Column("dropped", Integer, nullable=False, server_default="0"),
    # staged units that nobody wants any more and that still lie at the staging place
    Column("to_put_away", Integer, nullable=False, server_default="0"),
    CheckConstraint("wanted >= 0 and picked between 0 and wanted", name="picked"),
    CheckConstraint("handed_over between 0 and picked", name="handed_over"),
    CheckConstraint("short >= 0 and dropped >= 0 and to_put_away >= 0", name="none_negative"),
    CheckConstraint("asked > 0 and asked = wanted + short + dropped", name="units_are_conserved"),
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
    Column("item_id", UUID(as_uuid=True)),
    Column("step", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("barcode", Text, nullable=False, server_default=""),
    Column("quantity", Integer, nullable=False),
    # the item's policy let one scan stand for several units, when it was scanned
    Column("counted", Boolean, nullable=False, server_default="false"),
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
    CheckConstraint("quantity = 1 or counted or step not in ('pick','put_away')", name="one_scan_one_unit"),
    CheckConstraint("(line_no is null) = (item_id is null)", name="line_and_item"),
    CheckConstraint("kind in ('scan','photo','weight','signature','typed','system')", name="kind"),
    CheckConstraint("step in (" + ",".join(f"'{step.value}'" for step in Step) + ")", name="step"),
    CheckConstraint("kind <> 'typed' or trim(reason) <> ''", name="typed_has_reason"),
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
# what was spent or revoked stays so
_SPENT_AGAIN = (
    "OLD.used_at IS NOT NULL AND NEW.used_at IS DISTINCT FROM OLD.used_at"
    " OR OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at"
    " OR NEW.code_hash <> OLD.code_hash"
)
for name, when in (
    ("pickup_codes_stay_spent", f"UPDATE ON fulfillment.pickup_codes FOR EACH ROW WHEN ({_SPENT_AGAIN})"),
    ("pickup_codes_stay", "DELETE ON fulfillment.pickup_codes FOR EACH ROW"),
):
    after_create(
        pickup_codes, f"CREATE TRIGGER {name} BEFORE {when} EXECUTE FUNCTION runtime.refuse_change()"
    )


# Why each part is there: tests/domains/fulfillment/test_guard.py forges each and sees it refused.
# Only READ COMMITTED lets the guard see what another transaction just committed after a wait on the row.
_GUARD_WORK = """
CREATE OR REPLACE FUNCTION fulfillment.guard_work() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE total integer; unproven integer; gone integer; unseen integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    RAISE EXCEPTION 'work begins as offered' USING ERRCODE = '23514', CONSTRAINT = 'work_begins_offered';
  END IF;
  IF (NEW.order_id, NEW.work_no, NEW.location_id) IS DISTINCT FROM (OLD.order_id, OLD.work_no, OLD.location_id) THEN
    RAISE EXCEPTION 'work keeps its order, number and place'
      USING ERRCODE = '23514', CONSTRAINT = 'work_keeps_its_place';
  END IF;
  IF NEW.state NOT IN ('ready', 'handed_over') THEN RETURN NEW; END IF;
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'ready is decided in read committed only'
      USING ERRCODE = '23514', CONSTRAINT = 'ready_needs_evidence';
  END IF;
  IF (NEW.state = 'ready' AND OLD.state NOT IN ('staged', 'ready'))
     OR (NEW.state = 'handed_over' AND OLD.state NOT IN ('ready', 'handed_over')) THEN
    RAISE EXCEPTION '% does not follow %', NEW.state, OLD.state
      USING ERRCODE = '23514', CONSTRAINT = 'ready_follows_staged';
  END IF;
  IF trim(NEW.staging_place) = '' OR NOT EXISTS (
       SELECT FROM fulfillment.evidence e WHERE e.order_id = NEW.order_id AND e.work_no = NEW.work_no
          AND e.step IN ('stage', 'undo') AND e.kind <> 'system' AND e.place = NEW.staging_place
          AND e.location_id = NEW.location_id) THEN
    RAISE EXCEPTION 'ready needs a staging place that was scanned'
      USING ERRCODE = '23514', CONSTRAINT = 'ready_needs_place';
  END IF;
  SELECT coalesce(sum(l.wanted), 0), coalesce(sum(l.handed_over), 0),
         count(*) FILTER (WHERE l.picked <> l.wanted OR l.wanted > fulfillment.proven_units(l, NEW.location_id)),
         count(*) FILTER (WHERE l.handed_over > fulfillment.units_seen_off(l, NEW.location_id))
    INTO total, gone, unproven, unseen
    FROM fulfillment.work_lines l WHERE l.order_id = NEW.order_id AND l.work_no = NEW.work_no;
  IF total < 1 OR unproven > 0 THEN
    RAISE EXCEPTION 'ready needs physical evidence for every unit'
      USING ERRCODE = '23514', CONSTRAINT = 'ready_needs_evidence';
  END IF;
  IF NEW.state = 'handed_over' AND (gone < 1 OR unseen > 0) THEN
    RAISE EXCEPTION 'a hand-over needs evidence' USING ERRCODE = '23514', CONSTRAINT = 'hand_over_needs_evidence';
  END IF;
  RETURN NEW;
END $$
"""
_PROVEN_UNITS = """
CREATE OR REPLACE FUNCTION fulfillment.proven_units(l fulfillment.work_lines, at uuid) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(sum(CASE e.step WHEN 'pick' THEN e.quantity ELSE -e.quantity END), 0)
    FROM fulfillment.evidence e
   WHERE e.order_id = l.order_id AND e.work_no = l.work_no AND e.line_no = l.line_no AND e.item_id = l.item_id
     AND (e.step = 'pick' AND e.kind NOT IN ('system', 'signature') AND e.location_id = at OR e.step = 'put_away')
$$
"""
_UNITS_SEEN_OFF = """
CREATE OR REPLACE FUNCTION fulfillment.units_seen_off(l fulfillment.work_lines, at uuid) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(sum(CASE e.step WHEN 'hand_over' THEN e.quantity ELSE -e.quantity END), 0)
    FROM fulfillment.evidence e
   WHERE e.order_id = l.order_id AND e.work_no = l.work_no AND e.line_no = l.line_no
     AND (e.step = 'hand_over' AND e.kind <> 'system' AND e.location_id = at OR e.step = 'undo')
$$
"""
_GUARD_LINES = """
CREATE OR REPLACE FUNCTION fulfillment.guard_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE at text;
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.order_id, NEW.work_no, NEW.line_no, NEW.item_id, NEW.asked)
     IS DISTINCT FROM (OLD.order_id, OLD.work_no, OLD.line_no, OLD.item_id, OLD.asked) THEN
    RAISE EXCEPTION 'a line keeps its work, item and quantity asked'
      USING ERRCODE = '23514', CONSTRAINT = 'lines_keep_their_item';
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.wanted = OLD.wanted AND NEW.picked = OLD.picked THEN RETURN NEW; END IF;
  -- the lock makes a change of lines and a change to ready wait for each other
  SELECT w.state INTO at FROM fulfillment.work w
   WHERE w.order_id = coalesce(NEW.order_id, OLD.order_id) AND w.work_no = coalesce(NEW.work_no, OLD.work_no)
     FOR SHARE;
  IF at IN ('ready', 'handed_over', 'packed', 'dispatched', 'delivered', 'delivery_failed', 'returned_to_sender', 'lost')
  THEN RAISE EXCEPTION 'lines are frozen once ready' USING ERRCODE = '23514', CONSTRAINT = 'lines_freeze_at_ready';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$
"""
# one question a statement, because orders are placed in lists
_GUARD_NEW_LINES = """
CREATE OR REPLACE FUNCTION fulfillment.guard_new_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- work that this very transaction made is seen by nobody else, so the rest is locked; lock first and look
  -- afterwards: a condition on what can change would be asked before the lock and leave rows unlocked
  PERFORM FROM fulfillment.work w JOIN new_lines n USING (order_id, work_no)
    WHERE w.xmin <> CAST(pg_current_xact_id() AS xid) FOR SHARE OF w;
  IF EXISTS (SELECT FROM fulfillment.work w JOIN new_lines n USING (order_id, work_no)
              WHERE w.state IN ('ready', 'handed_over', 'packed', 'dispatched', 'delivered', 'delivery_failed',
                                'returned_to_sender', 'lost')) THEN
    RAISE EXCEPTION 'lines are frozen once ready' USING ERRCODE = '23514', CONSTRAINT = 'lines_freeze_at_ready';
  END IF;
  RETURN NULL;
END $$
"""
_GUARD_EVIDENCE = """
CREATE OR REPLACE FUNCTION fulfillment.guard_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE at record;
BEGIN
  SELECT w.location_id, w.state INTO at FROM fulfillment.work w
   WHERE w.order_id = NEW.order_id AND w.work_no = NEW.work_no FOR SHARE;
  -- a parcel may come back anywhere; its units are put away where it did
  IF NOT FOUND OR at.location_id <> NEW.location_id AND NEW.step <> 'come_back' AND NOT (
       NEW.step = 'put_away' AND EXISTS (
         SELECT FROM fulfillment.evidence e WHERE e.order_id = NEW.order_id AND e.work_no = NEW.work_no
            AND e.step = 'come_back' AND e.location_id = NEW.location_id)) THEN
    RAISE EXCEPTION 'evidence belongs to work at its own place'
      USING ERRCODE = '23514', CONSTRAINT = 'evidence_belongs_to_work';
  END IF;
  IF NEW.line_no IS NOT NULL AND NOT EXISTS (
       SELECT FROM fulfillment.work_lines l WHERE l.order_id = NEW.order_id AND l.work_no = NEW.work_no
          AND l.line_no = NEW.line_no AND l.item_id = NEW.item_id) THEN
    RAISE EXCEPTION 'evidence names an item of its line'
      USING ERRCODE = '23514', CONSTRAINT = 'evidence_belongs_to_line';
  END IF;
  IF NEW.step = 'put_away' AND at.state = 'ready' AND EXISTS (
       SELECT FROM fulfillment.work_lines l WHERE l.order_id = NEW.order_id AND l.work_no = NEW.work_no
          AND l.line_no = NEW.line_no
          AND fulfillment.proven_units(l, NEW.location_id) - NEW.quantity < l.wanted) THEN
    RAISE EXCEPTION 'what is ready stays where it is'
      USING ERRCODE = '23514', CONSTRAINT = 'ready_stays_in_place';
  END IF;
  RETURN NEW;
END $$
"""
_TRIGGERS = tuple(
    f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {call}()"
    for name, when, call in (
        (
            "work_guard_new",
            "BEFORE INSERT ON fulfillment.work FOR EACH ROW WHEN (NEW.state || NEW.staging_place <> 'offered')",
            "fulfillment.guard_work",
        ),
        ("work_guard", "BEFORE UPDATE ON fulfillment.work FOR EACH ROW", "fulfillment.guard_work"),
        (
            "work_lines_guard_new",
            "AFTER INSERT ON fulfillment.work_lines REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT",
            "fulfillment.guard_new_lines",
        ),
        (
            "work_lines_guard",
            "BEFORE UPDATE OR DELETE ON fulfillment.work_lines FOR EACH ROW",
            "fulfillment.guard_lines",
        ),
        (
            "work_lines_no_truncate",
            "BEFORE TRUNCATE ON fulfillment.work_lines FOR EACH STATEMENT",
            "runtime.refuse_change",
        ),
        (
            "evidence_guard",
            "BEFORE INSERT ON fulfillment.evidence FOR EACH ROW",
            "fulfillment.guard_evidence",
        ),
    )
)
# work_lines is made last, so that everything the functions name exists by then
work_lines.add_is_dependent_on(work)
work_lines.add_is_dependent_on(evidence)
for statement in (
    _PROVEN_UNITS,
    _UNITS_SEEN_OFF,
    _GUARD_WORK,
    _GUARD_LINES,
    _GUARD_NEW_LINES,
    _GUARD_EVIDENCE,
    *_TRIGGERS,
):
    after_create(work_lines, statement)
