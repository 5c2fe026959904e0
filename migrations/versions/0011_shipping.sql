ALTER TABLE orders.lines ADD COLUMN q_packed INTEGER DEFAULT '0' NOT NULL
-- ;;
ALTER TABLE orders.lines ADD COLUMN q_shipped INTEGER DEFAULT '0' NOT NULL
-- ;;
ALTER TABLE orders.lines ADD COLUMN q_delivered INTEGER DEFAULT '0' NOT NULL
-- ;;
ALTER TABLE orders.lines DROP CONSTRAINT ck_lines_quantity_is_conserved
-- ;;
ALTER TABLE orders.lines ADD CONSTRAINT ck_lines_quantity_is_conserved CHECK (quantity = q_open + q_reserved + q_allocated + q_picked + q_staged + q_ready + q_packed + q_shipped + q_delivered + q_handed_over + q_returned + q_short + q_backordered + q_substituted + q_canceled + q_lost)
-- ;;
ALTER TABLE orders.lines DROP CONSTRAINT ck_lines_no_negative_state
-- ;;
ALTER TABLE orders.lines ADD CONSTRAINT ck_lines_no_negative_state CHECK (q_open >= 0 and q_reserved >= 0 and q_allocated >= 0 and q_picked >= 0 and q_staged >= 0 and q_ready >= 0 and q_packed >= 0 and q_shipped >= 0 and q_delivered >= 0 and q_handed_over >= 0 and q_returned >= 0 and q_short >= 0 and q_backordered >= 0 and q_substituted >= 0 and q_canceled >= 0 and q_lost >= 0)
-- ;;
ALTER TABLE fulfillment.work DROP CONSTRAINT ck_work_state
-- ;;
ALTER TABLE fulfillment.work ADD CONSTRAINT ck_work_state CHECK (state in ('offered','accepted','picking','picked','staged','ready','handed_over','packed','dispatched','delivered','delivery_failed','returned_to_sender','lost','refused','lapsed','taken_back','short','canceled'))
-- ;;
ALTER TABLE fulfillment.evidence DROP CONSTRAINT ck_evidence_step
-- ;;
ALTER TABLE fulfillment.evidence ADD CONSTRAINT ck_evidence_step CHECK (step in ('pick','cannot_find','stage','hand_over','put_away','undo','pack','unpack','dispatch','deliver','come_back'))
-- ;;
DROP INDEX fulfillment.ix_work_open
-- ;;
CREATE INDEX ix_work_open ON fulfillment.work (location_id, state) WHERE (state NOT IN ('handed_over', 'canceled', 'refused', 'lapsed', 'taken_back', 'short', 'delivered', 'returned_to_sender', 'lost'))
-- ;;
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
-- ;;
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
-- ;;
CREATE OR REPLACE FUNCTION fulfillment.guard_new_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- lock first and look afterwards: a condition would be asked before the lock and leave rows unlocked
  PERFORM FROM fulfillment.work w JOIN new_lines n USING (order_id, work_no) FOR SHARE OF w;
  IF EXISTS (SELECT FROM fulfillment.work w JOIN new_lines n USING (order_id, work_no)
              WHERE w.state IN ('ready', 'handed_over', 'packed', 'dispatched', 'delivered', 'delivery_failed',
                                'returned_to_sender', 'lost')) THEN
    RAISE EXCEPTION 'lines are frozen once ready' USING ERRCODE = '23514', CONSTRAINT = 'lines_freeze_at_ready';
  END IF;
  RETURN NULL;
END $$
-- ;;
CREATE SCHEMA IF NOT EXISTS shipping
-- ;;
CREATE TABLE shipping.packages (
	order_id UUID NOT NULL, 
	package_no SMALLINT NOT NULL, 
	work_no SMALLINT NOT NULL, 
	location_id UUID NOT NULL, 
	state TEXT NOT NULL, 
	grams INTEGER NOT NULL, 
	length_mm INTEGER, 
	width_mm INTEGER, 
	height_mm INTEGER, 
	carrier TEXT DEFAULT '' NOT NULL, 
	service TEXT DEFAULT '' NOT NULL, 
	tracking_number TEXT DEFAULT '' NOT NULL, 
	tracking_url TEXT DEFAULT '' NOT NULL, 
	label_no SMALLINT DEFAULT '0' NOT NULL, 
	manifest_id UUID, 
	packed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	state_since TIMESTAMP WITH TIME ZONE NOT NULL, 
	dispatched_at TIMESTAMP WITH TIME ZONE, 
	delivered_at TIMESTAMP WITH TIME ZONE, 
	expected_at TIMESTAMP WITH TIME ZONE, 
	signed_by TEXT DEFAULT '' NOT NULL, 
	sent_again_at TIMESTAMP WITH TIME ZONE, 
	back_at UUID, 
	CONSTRAINT pk_packages PRIMARY KEY (order_id, package_no), 
	CONSTRAINT ck_packages_state CHECK (state in ('packed','opened','dispatched','delivery_failed','delivered','returned_to_sender','came_back','lost')), 
	CONSTRAINT ck_packages_weighs_something CHECK (grams > 0), 
	CONSTRAINT ck_packages_whole_size CHECK (num_nonnulls(length_mm, width_mm, height_mm) in (0, 3)), 
	CONSTRAINT ck_packages_size_is_positive CHECK (least(length_mm, width_mm, height_mm) > 0), 
	CONSTRAINT ck_packages_label_has_a_number CHECK ((label_no = 0) = (tracking_number = '')), 
	CONSTRAINT ck_packages_left_with_a_label CHECK (state in ('packed','opened') or (tracking_number <> '' and dispatched_at is not null)), 
	CONSTRAINT ck_packages_delivered_at CHECK (state <> 'delivered' or delivered_at is not null), 
	CONSTRAINT ck_packages_came_back_somewhere CHECK ((state = 'came_back') = (back_at is not null)), 
	CONSTRAINT ck_packages_sent_again_once_it_failed CHECK (sent_again_at is null or state in ('returned_to_sender','came_back','lost','delivered'))
)
-- ;;
CREATE INDEX ix_packages_manifest ON shipping.packages (manifest_id) WHERE manifest_id IS NOT NULL
-- ;;
CREATE INDEX ix_packages_place ON shipping.packages (location_id, state, state_since)
-- ;;
CREATE TRIGGER packages_stay_opened BEFORE UPDATE ON shipping.packages FOR EACH ROW WHEN (OLD.state = 'opened' AND NEW.state <> 'opened') EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER packages_stay BEFORE DELETE ON shipping.packages FOR EACH ROW WHEN (true) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER packages_keep_their_work BEFORE UPDATE ON shipping.packages FOR EACH ROW WHEN ((NEW.order_id, NEW.package_no, NEW.work_no, NEW.location_id) IS DISTINCT FROM (OLD.order_id, OLD.package_no, OLD.work_no, OLD.location_id)) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE shipping.contents (
	order_id UUID NOT NULL, 
	package_no SMALLINT NOT NULL, 
	line_no SMALLINT NOT NULL, 
	item_id UUID NOT NULL, 
	units INTEGER NOT NULL, 
	CONSTRAINT pk_contents PRIMARY KEY (order_id, package_no, line_no), 
	CONSTRAINT ck_contents_units CHECK (units > 0)
)
-- ;;
CREATE TRIGGER contents_append_only BEFORE UPDATE OR DELETE ON shipping.contents FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER contents_no_truncate BEFORE TRUNCATE ON shipping.contents FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE shipping.labels (
	order_id UUID NOT NULL, 
	package_no SMALLINT NOT NULL, 
	label_no SMALLINT NOT NULL, 
	state TEXT NOT NULL, 
	carrier TEXT NOT NULL, 
	service TEXT NOT NULL, 
	key TEXT NOT NULL, 
	carrier_ref TEXT DEFAULT '' NOT NULL, 
	tracking_number TEXT DEFAULT '' NOT NULL, 
	document TEXT DEFAULT '' NOT NULL, 
	media_type TEXT DEFAULT '' NOT NULL, 
	cost_minor BIGINT DEFAULT '0' NOT NULL, 
	currency TEXT DEFAULT '' NOT NULL, 
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	settled_at TIMESTAMP WITH TIME ZONE, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	next_at TIMESTAMP WITH TIME ZONE, 
	answer TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_labels PRIMARY KEY (order_id, package_no, label_no), 
	CONSTRAINT ck_labels_state CHECK (state in ('wanted','made','refused','unwanted','voided','not_voided')), 
	CONSTRAINT ck_labels_made_is_printed CHECK (state <> 'made' or (tracking_number <> '' and document <> '')), 
	CONSTRAINT ck_labels_waiting_is_looked_at CHECK ((state in ('wanted','unwanted')) = (next_at is not null))
)
-- ;;
CREATE INDEX ix_labels_waiting ON shipping.labels (next_at) WHERE next_at IS NOT NULL
-- ;;
CREATE UNIQUE INDEX uq_labels_key ON shipping.labels (key)
-- ;;
CREATE UNIQUE INDEX uq_labels_live ON shipping.labels (order_id, package_no) WHERE state IN ('wanted', 'made')
-- ;;
CREATE TABLE shipping.tracking_numbers (
	tracking_number TEXT NOT NULL, 
	order_id UUID NOT NULL, 
	package_no SMALLINT NOT NULL, 
	carrier TEXT NOT NULL, 
	CONSTRAINT pk_tracking_numbers PRIMARY KEY (tracking_number, order_id, package_no)
)
-- ;;
CREATE TRIGGER tracking_numbers_append_only BEFORE UPDATE OR DELETE ON shipping.tracking_numbers FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER tracking_numbers_no_truncate BEFORE TRUNCATE ON shipping.tracking_numbers FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE shipping.scans (
	order_id UUID NOT NULL, 
	package_no SMALLINT NOT NULL, 
	scan_key TEXT NOT NULL, 
	status TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	words TEXT NOT NULL, 
	city TEXT NOT NULL, 
	region TEXT NOT NULL, 
	country TEXT NOT NULL, 
	source TEXT NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_scans PRIMARY KEY (order_id, package_no, scan_key), 
	CONSTRAINT ck_scans_status CHECK (status in ('unknown','pre_transit','in_transit','out_for_delivery','available_for_pickup','delivered','failure','return_to_sender','canceled'))
)
-- ;;
CREATE TRIGGER scans_append_only BEFORE UPDATE OR DELETE ON shipping.scans FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER scans_no_truncate BEFORE TRUNCATE ON shipping.scans FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE shipping.manifests (
	manifest_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	carrier TEXT NOT NULL, 
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	opened_by TEXT NOT NULL, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	closed_by TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_manifests PRIMARY KEY (manifest_id)
)
-- ;;
CREATE INDEX ix_manifests_place ON shipping.manifests (location_id, opened_at)
-- ;;
CREATE UNIQUE INDEX uq_manifests_open ON shipping.manifests (location_id, carrier) WHERE closed_at IS NULL
-- ;;
CREATE OR REPLACE FUNCTION shipping.units_in(the_order uuid, the_work smallint, the_line smallint) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(sum(c.units), 0) FROM shipping.packages p JOIN shipping.contents c USING (order_id, package_no)
   WHERE p.order_id = the_order AND p.work_no = the_work AND c.line_no = the_line AND p.state <> 'opened'
$$
-- ;;
CREATE OR REPLACE FUNCTION shipping.units_back(the_order uuid, the_work smallint, the_line smallint) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(sum(c.units), 0) FROM shipping.packages p JOIN shipping.contents c USING (order_id, package_no)
   WHERE p.order_id = the_order AND p.work_no = the_work AND c.line_no = the_line AND p.state = 'came_back'
$$
-- ;;
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
-- ;;
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
-- ;;
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
-- ;;
CREATE OR REPLACE FUNCTION shipping.guard_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.picked < shipping.units_in(OLD.order_id, OLD.work_no, OLD.line_no) THEN
    RAISE EXCEPTION 'units in a package stay picked until it is opened'
      USING ERRCODE = '23514', CONSTRAINT = 'contents_were_picked';
  END IF;
  RETURN NEW;
END $$
-- ;;
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
-- ;;
CREATE TRIGGER contents_guard BEFORE INSERT ON shipping.contents FOR EACH ROW EXECUTE FUNCTION shipping.guard_contents()
-- ;;
CREATE TRIGGER packages_guard_new BEFORE INSERT ON shipping.packages FOR EACH ROW EXECUTE FUNCTION shipping.guard_packages()
-- ;;
CREATE TRIGGER packages_guard BEFORE UPDATE ON shipping.packages FOR EACH ROW WHEN (NEW.state NOT IN ('packed','opened')) EXECUTE FUNCTION shipping.guard_packages()
-- ;;
CREATE TRIGGER work_guard_shipped BEFORE UPDATE ON fulfillment.work FOR EACH ROW WHEN (NEW.state IN ('packed','dispatched','delivered','delivery_failed','returned_to_sender','lost')) EXECUTE FUNCTION shipping.guard_work()
-- ;;
CREATE TRIGGER work_lines_guard_shipped BEFORE UPDATE ON fulfillment.work_lines FOR EACH ROW WHEN (NEW.picked < OLD.picked) EXECUTE FUNCTION shipping.guard_lines()
-- ;;
CREATE CONSTRAINT TRIGGER packages_guard_opened AFTER UPDATE ON shipping.packages DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.state = 'opened' AND OLD.state <> 'opened') EXECUTE FUNCTION shipping.guard_opened()
