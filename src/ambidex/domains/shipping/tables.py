"""Tables of shipping. What must be true of shipped work is guarded here, also against hand-written SQL.

Contents conserve units; *packed* needs every wanted unit in a package; *dispatched* needs each package labelled and
scanned out. Why each part is there: tests/domains/shipping/test_guard.py forges each and sees it refused.
"""

from __future__ import annotations

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    event,
)
from sqlalchemy.dialects.postgresql import UUID

from ambidex.domains.shipping.model import LabelState, PackageState, ScanStatus
from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, append_only, refuse_when


def _one_of(column: str, words: type[PackageState | LabelState | ScanStatus]) -> str:
    return f"{column} in (" + ",".join(f"'{word.value}'" for word in words) + ")"


packages = Table(
    "packages",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("package_no", SmallInteger, primary_key=True),
    Column("work_no", SmallInteger, nullable=False),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("grams", Integer, nullable=False),
    Column("length_mm", Integer),
    Column("width_mm", Integer),
    Column("height_mm", Integer),
    # these five are those of the label that is made
    Column("carrier", Text, nullable=False, server_default=""),
    Column("service", Text, nullable=False, server_default=""),
    Column("tracking_number", Text, nullable=False, server_default=""),
    Column("tracking_url", Text, nullable=False, server_default=""),
    Column("label_no", SmallInteger, nullable=False, server_default="0"),
    Column("manifest_id", UUID(as_uuid=True)),
    Column("packed_at", Instant, nullable=False),
    Column("state_since", Instant, nullable=False),
    Column("dispatched_at", Instant),
    Column("delivered_at", Instant),
    # when the carrier expects to deliver
    Column("expected_at", Instant),
    Column("signed_by", Text, nullable=False, server_default=""),
    # its goods were sent anew: what becomes of it changes the lines of the order no more
    Column("sent_again_at", Instant),
    # where it was scanned in again: any place may
    Column("back_at", UUID(as_uuid=True)),
    CheckConstraint(_one_of("state", PackageState), name="state"),
    CheckConstraint("grams > 0", name="weighs_something"),
    CheckConstraint("num_nonnulls(length_mm, width_mm, height_mm) in (0, 3)", name="whole_size"),
    CheckConstraint("least(length_mm, width_mm, height_mm) > 0", name="size_is_positive"),
    CheckConstraint("(label_no = 0) = (tracking_number = '')", name="label_has_a_number"),
    CheckConstraint(
        "state in ('packed','opened') or (tracking_number <> '' and dispatched_at is not null)",
        name="left_with_a_label",
    ),
    CheckConstraint("state <> 'delivered' or delivered_at is not null", name="delivered_at"),
    CheckConstraint("(state = 'came_back') = (back_at is not null)", name="came_back_somewhere"),
    CheckConstraint(
        "sent_again_at is null or state in ('returned_to_sender','came_back','lost','delivered')",
        name="sent_again_once_it_failed",
    ),
    schema="shipping",
)
Index("ix_packages_place", packages.c.location_id, packages.c.state, packages.c.state_since)
Index("ix_packages_manifest", packages.c.manifest_id, postgresql_where=packages.c.manifest_id.is_not(None))
refuse_when(packages, "packages_stay_opened", "UPDATE", "OLD.state = 'opened' AND NEW.state <> 'opened'")
refuse_when(packages, "packages_stay", "DELETE", "true")
refuse_when(
    packages,
    "packages_keep_their_work",
    "UPDATE",
    "(NEW.order_id, NEW.package_no, NEW.work_no, NEW.location_id)"
    " IS DISTINCT FROM (OLD.order_id, OLD.package_no, OLD.work_no, OLD.location_id)",
)

contents = Table(
    "contents",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("package_no", SmallInteger, primary_key=True),
    Column("line_no", SmallInteger, primary_key=True),
    Column("item_id", UUID(as_uuid=True), nullable=False),
    Column("units", Integer, nullable=False),
    CheckConstraint("units > 0", name="units"),
    schema="shipping",
)
append_only(contents)

labels = Table(
    "labels",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("package_no", SmallInteger, primary_key=True),
    Column("label_no", SmallInteger, primary_key=True),
    Column("state", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("service", Text, nullable=False),
    # the carrier knows the wish by it: asking again with the same key makes no second label
    Column("key", Text, nullable=False),
    Column("carrier_ref", Text, nullable=False, server_default=""),
    Column("tracking_number", Text, nullable=False, server_default=""),
    Column("document", Text, nullable=False, server_default=""),
    Column("media_type", Text, nullable=False, server_default=""),
    Column("cost_minor", BigInteger, nullable=False, server_default="0"),
    Column("currency", Text, nullable=False, server_default=""),
    Column("asked_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Instant),
    Column("answer", Text, nullable=False, server_default=""),
    CheckConstraint(_one_of("state", LabelState), name="state"),
    CheckConstraint("state <> 'made' or (tracking_number <> '' and document <> '')", name="made_is_printed"),
    CheckConstraint("(state in ('wanted','unwanted')) = (next_at is not null)", name="waiting_is_looked_at"),
    schema="shipping",
)
Index("uq_labels_key", labels.c.key, unique=True)
Index(
    "uq_labels_live",
    labels.c.order_id,
    labels.c.package_no,
    unique=True,
    postgresql_where=labels.c.state.in_(["wanted", "made"]),
)
Index("ix_labels_waiting", labels.c.next_at, postgresql_where=labels.c.next_at.is_not(None))

# carriers say only the number, and use it again after a while
tracking_numbers = Table(
    "tracking_numbers",
    METADATA,
    Column("tracking_number", Text, primary_key=True),
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("package_no", SmallInteger, primary_key=True, autoincrement=False),
    Column("carrier", Text, nullable=False),
    schema="shipping",
)
append_only(tracking_numbers)

scans = Table(
    "scans",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("package_no", SmallInteger, primary_key=True),
    # made of what was said: said again, it is the same
    Column("scan_key", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    CheckConstraint(_one_of("status", ScanStatus), name="status"),
    schema="shipping",
)
append_only(scans)

manifests = Table(
    "manifests",
    METADATA,
    Column("manifest_id", UUID(as_uuid=True), primary_key=True),
    Column("location_id", UUID(as_uuid=True), nullable=False),
    Column("carrier", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("closed_at", Instant),
    Column("closed_by", Text, nullable=False, server_default=""),
    schema="shipping",
)
Index(
    "uq_manifests_open",
    manifests.c.location_id,
    manifests.c.carrier,
    unique=True,
    postgresql_where=manifests.c.closed_at.is_(None),
)
Index("ix_manifests_place", manifests.c.location_id, manifests.c.opened_at)


_GUARD_CONTENTS = """
CREATE OR REPLACE FUNCTION shipping.guard_contents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE box record; inside bigint; there integer;
BEGIN
  SELECT p.work_no, p.state INTO box FROM shipping.packages p
   WHERE p.order_id = NEW.order_id AND p.package_no = NEW.package_no;
  -- two packers of one work wait for each other
  PERFORM FROM fulfillment.work w WHERE w.order_id = NEW.order_id AND w.work_no = box.work_no FOR NO KEY UPDATE;
  SELECT l.picked INTO there FROM fulfillment.work_lines l
   WHERE l.order_id = NEW.order_id AND l.work_no = box.work_no AND l.line_no = NEW.line_no
     AND l.item_id = NEW.item_id;
  SELECT shipping.units_in(NEW.order_id, box.work_no, NEW.line_no) INTO inside;
  IF box.state IS DISTINCT FROM 'packed' OR there IS NULL OR inside + NEW.units > there THEN
    RAISE EXCEPTION 'a package holds units that were picked for it and are in no other'
      USING ERRCODE = '23514', CONSTRAINT = 'contents_were_picked';
  END IF;
  RETURN NEW;
END $$
"""
_UNITS_IN = """
CREATE OR REPLACE FUNCTION shipping.units_in(the_order uuid, the_work smallint, the_line smallint) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(sum(c.units), 0) FROM shipping.packages p JOIN shipping.contents c USING (order_id, package_no)
   WHERE p.order_id = the_order AND p.work_no = the_work AND c.line_no = the_line AND p.state <> 'opened'
$$
"""
# what left and came back was picked once, and may be put away before the rest has left
_UNITS_BACK = """
CREATE OR REPLACE FUNCTION shipping.units_back(the_order uuid, the_work smallint, the_line smallint) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(sum(c.units), 0) FROM shipping.packages p JOIN shipping.contents c USING (order_id, package_no)
   WHERE p.order_id = the_order AND p.work_no = the_work AND c.line_no = the_line AND p.state = 'came_back'
$$
"""
_GUARD_PACKAGES = """
CREATE OR REPLACE FUNCTION shipping.guard_packages() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE deed text := CASE WHEN TG_OP = 'INSERT' THEN 'pack' ELSE 'dispatch' END;
BEGIN
  IF TG_OP = 'INSERT' AND NEW.state <> 'packed' THEN
    RAISE EXCEPTION 'a package begins as packed' USING ERRCODE = '23514', CONSTRAINT = 'packages_begin_packed';
  END IF;
  IF NOT EXISTS (
       SELECT FROM fulfillment.evidence e WHERE e.order_id = NEW.order_id AND e.work_no = NEW.work_no
          AND e.step = deed AND e.kind <> 'system' AND e.location_id = NEW.location_id
          AND e.place = 'package-' || NEW.package_no
          AND (TG_OP = 'INSERT' OR e.kind <> 'scan' OR upper(e.barcode) = upper(NEW.tracking_number))) THEN
    RAISE EXCEPTION 'a package is % by somebody who has it in hand', deed
      USING ERRCODE = '23514', CONSTRAINT = 'packages_are_seen';
  END IF;
  IF TG_OP = 'UPDATE' AND NOT EXISTS (SELECT FROM shipping.contents c
       WHERE c.order_id = NEW.order_id AND c.package_no = NEW.package_no) THEN
    RAISE EXCEPTION 'an empty package goes nowhere' USING ERRCODE = '23514', CONSTRAINT = 'packages_hold_something';
  END IF;
  RETURN NEW;
END $$
"""
_GUARD_WORK = """
CREATE OR REPLACE FUNCTION shipping.guard_work() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE total bigint; outside bigint; unproven bigint; waiting bigint; other bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'packed and dispatched are decided in read committed only'
      USING ERRCODE = '23514', CONSTRAINT = 'packed_needs_packages';
  END IF;
  IF NOT (NEW.state = 'packed' AND OLD.state IN ('picked', 'packed')
       OR NEW.state = 'dispatched' AND OLD.state IN ('packed', 'dispatched', 'delivery_failed')
       OR NEW.state IN ('delivered', 'delivery_failed', 'returned_to_sender', 'lost')
          AND OLD.state IN ('dispatched', 'delivery_failed', NEW.state)
       OR NEW.state = 'delivered' AND OLD.state = 'lost') THEN
    RAISE EXCEPTION '% does not follow %', NEW.state, OLD.state
      USING ERRCODE = '23514', CONSTRAINT = 'shipped_step_by_step';
  END IF;
  SELECT coalesce(sum(l.wanted), 0),
         coalesce(sum(abs(l.wanted - shipping.units_in(l.order_id, l.work_no, l.line_no))), 0),
         count(*) FILTER (WHERE OLD.state IN ('picked', 'packed')
                            AND l.wanted > fulfillment.proven_units(l, NEW.location_id)
                                         + shipping.units_back(l.order_id, l.work_no, l.line_no))
    INTO total, outside, unproven
    FROM fulfillment.work_lines l WHERE l.order_id = NEW.order_id AND l.work_no = NEW.work_no;
  IF total < 1 OR outside > 0 OR unproven > 0 THEN
    RAISE EXCEPTION 'every wanted unit lies in a package, and was picked by somebody'
      USING ERRCODE = '23514', CONSTRAINT = 'packed_needs_packages';
  END IF;
  IF NEW.state = 'packed' THEN RETURN NEW; END IF;
  SELECT count(*) FILTER (WHERE p.state = 'packed'),
         count(*) FILTER (WHERE p.state <> 'delivered')
    INTO waiting, other
    FROM shipping.packages p
   WHERE p.order_id = NEW.order_id AND p.work_no = NEW.work_no AND p.state <> 'opened';
  IF waiting > 0 THEN
    RAISE EXCEPTION 'a package has not left' USING ERRCODE = '23514', CONSTRAINT = 'dispatched_needs_scans';
  END IF;
  IF NEW.state = 'delivered' AND other > 0 THEN
    RAISE EXCEPTION 'a package is not delivered' USING ERRCODE = '23514', CONSTRAINT = 'delivered_needs_all';
  END IF;
  RETURN NEW;
END $$
"""
_GUARD_LINES = """
CREATE OR REPLACE FUNCTION shipping.guard_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.picked < shipping.units_in(OLD.order_id, OLD.work_no, OLD.line_no) THEN
    RAISE EXCEPTION 'units in a package stay picked until it is opened'
      USING ERRCODE = '23514', CONSTRAINT = 'contents_were_picked';
  END IF;
  RETURN NEW;
END $$
"""
_GUARD_OPENED = """
CREATE OR REPLACE FUNCTION shipping.guard_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
       SELECT FROM fulfillment.work w JOIN fulfillment.work_lines l USING (order_id, work_no)
        WHERE w.order_id = NEW.order_id AND w.work_no = NEW.work_no
          AND w.state IN ('packed','dispatched','delivered','delivery_failed','returned_to_sender','lost')
          AND l.wanted <> shipping.units_in(l.order_id, l.work_no, l.line_no)) THEN
    RAISE EXCEPTION 'what is packed stays in a package' USING ERRCODE = '23514', CONSTRAINT = 'packed_needs_packages';
  END IF;
  RETURN NULL;
END $$
"""
_SHIPPED = "('packed','dispatched','delivered','delivery_failed','returned_to_sender','lost')"
# asked at the commit: what is opened and the work that loses it change one after the other
_TRIGGER_OPENED = """
CREATE CONSTRAINT TRIGGER packages_guard_opened AFTER UPDATE ON shipping.packages DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.state = 'opened' AND OLD.state <> 'opened') EXECUTE FUNCTION shipping.guard_opened()
"""
_TRIGGERS = tuple(
    f"CREATE TRIGGER {name} BEFORE {when} EXECUTE FUNCTION shipping.{call}()"
    for name, when, call in (
        ("contents_guard", "INSERT ON shipping.contents FOR EACH ROW", "guard_contents"),
        ("packages_guard_new", "INSERT ON shipping.packages FOR EACH ROW", "guard_packages"),
        (
            "packages_guard",
            "UPDATE ON shipping.packages FOR EACH ROW WHEN (NEW.state NOT IN ('packed','opened'))",
            "guard_packages",
        ),
        (
            "work_guard_shipped",
            f"UPDATE ON fulfillment.work FOR EACH ROW WHEN (NEW.state IN {_SHIPPED})",
            "guard_work",
        ),
        (
            "work_lines_guard_shipped",
            "UPDATE ON fulfillment.work_lines FOR EACH ROW WHEN (NEW.picked < OLD.picked)",
            "guard_lines",
        ),
    )
)
# last of all, because they stand on tables of fulfillment too
for _statement in (
    _UNITS_IN, _UNITS_BACK, _GUARD_CONTENTS, _GUARD_PACKAGES, _GUARD_WORK, _GUARD_LINES, _GUARD_OPENED,
    *_TRIGGERS, _TRIGGER_OPENED,
):  # fmt: skip
    event.listen(METADATA, "after_create", DDL(_statement.replace("%", "%%")))  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
