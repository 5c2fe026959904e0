CREATE TABLE runtime.touched (
	touch_id BIGINT GENERATED ALWAYS AS IDENTITY, 
	touched_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	began_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	xact BIGINT NOT NULL, 
	role TEXT NOT NULL, 
	program TEXT NOT NULL, 
	place TEXT NOT NULL, 
	verb TEXT NOT NULL, 
	columns TEXT[] NOT NULL, 
	keys JSONB NOT NULL, 
	CONSTRAINT pk_touched PRIMARY KEY (touch_id)
)
-- ;;
CREATE OR REPLACE FUNCTION runtime.note_touch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  was jsonb := to_jsonb(OLD);
  is_now jsonb := to_jsonb(NEW);
  changed text[] := '{}';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT array_agg(n.key ORDER BY n.key) INTO changed FROM jsonb_each(is_now) AS n WHERE n.value IS DISTINCT FROM was -> n.key;
    IF changed IS NULL THEN
      RETURN NULL;
    END IF;
  END IF;
  INSERT INTO runtime.touched (touched_at, began_at, xact, role, program, place, verb, columns, keys)
  SELECT clock_timestamp(), transaction_timestamp(), pg_current_xact_id()::text::bigint, session_user,
         left(current_setting('application_name'), 60), TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, TG_OP, changed,
         coalesce(jsonb_agg(DISTINCT k.keys), '[]')
    FROM (VALUES (was), (is_now)) AS r (said)
   CROSS JOIN LATERAL (SELECT jsonb_object_agg(c.key, c.value) AS keys FROM jsonb_each(r.said) AS c
          WHERE c.value <> 'null' AND (c.key ~ '_(id|no)$' OR c.key = 'position')) AS k
   WHERE r.said IS NOT NULL;
  RETURN NULL;
END $$
-- ;;
CREATE TRIGGER touched_stay BEFORE UPDATE OR DELETE ON runtime.touched FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER touched_no_truncate BEFORE TRUNCATE ON runtime.touched FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER evidence_touched AFTER INSERT OR DELETE OR UPDATE ON fulfillment.evidence FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE fulfillment.evidence ENABLE ALWAYS TRIGGER evidence_touched
-- ;;
CREATE TRIGGER evidence_emptied AFTER TRUNCATE ON fulfillment.evidence FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE fulfillment.evidence ENABLE ALWAYS TRIGGER evidence_emptied
-- ;;
CREATE TRIGGER pickup_codes_touched AFTER INSERT OR DELETE OR UPDATE ON fulfillment.pickup_codes FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE fulfillment.pickup_codes ENABLE ALWAYS TRIGGER pickup_codes_touched
-- ;;
CREATE TRIGGER pickup_codes_emptied AFTER TRUNCATE ON fulfillment.pickup_codes FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE fulfillment.pickup_codes ENABLE ALWAYS TRIGGER pickup_codes_emptied
-- ;;
CREATE TRIGGER work_touched AFTER INSERT OR DELETE OR UPDATE ON fulfillment.work FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE fulfillment.work ENABLE ALWAYS TRIGGER work_touched
-- ;;
CREATE TRIGGER work_emptied AFTER TRUNCATE ON fulfillment.work FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE fulfillment.work ENABLE ALWAYS TRIGGER work_emptied
-- ;;
CREATE TRIGGER work_lines_touched AFTER INSERT OR DELETE OR UPDATE ON fulfillment.work_lines FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE fulfillment.work_lines ENABLE ALWAYS TRIGGER work_lines_touched
-- ;;
CREATE TRIGGER work_lines_emptied AFTER TRUNCATE ON fulfillment.work_lines FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE fulfillment.work_lines ENABLE ALWAYS TRIGGER work_lines_emptied
-- ;;
CREATE TRIGGER holds_touched AFTER INSERT OR DELETE OR UPDATE ON inventory.holds FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.holds ENABLE ALWAYS TRIGGER holds_touched
-- ;;
CREATE TRIGGER holds_emptied AFTER TRUNCATE ON inventory.holds FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.holds ENABLE ALWAYS TRIGGER holds_emptied
-- ;;
CREATE TRIGGER ledger_touched AFTER INSERT OR DELETE OR UPDATE ON inventory.ledger FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.ledger ENABLE ALWAYS TRIGGER ledger_touched
-- ;;
CREATE TRIGGER ledger_emptied AFTER TRUNCATE ON inventory.ledger FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.ledger ENABLE ALWAYS TRIGGER ledger_emptied
-- ;;
CREATE TRIGGER positions_touched AFTER INSERT OR DELETE OR UPDATE ON inventory.positions FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.positions ENABLE ALWAYS TRIGGER positions_touched
-- ;;
CREATE TRIGGER positions_emptied AFTER TRUNCATE ON inventory.positions FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.positions ENABLE ALWAYS TRIGGER positions_emptied
-- ;;
CREATE TRIGGER reservations_touched AFTER INSERT OR DELETE OR UPDATE ON inventory.reservations FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.reservations ENABLE ALWAYS TRIGGER reservations_touched
-- ;;
CREATE TRIGGER reservations_emptied AFTER TRUNCATE ON inventory.reservations FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.reservations ENABLE ALWAYS TRIGGER reservations_emptied
-- ;;
CREATE TRIGGER shelf_counts_touched AFTER INSERT OR DELETE OR UPDATE ON inventory.shelf_counts FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.shelf_counts ENABLE ALWAYS TRIGGER shelf_counts_touched
-- ;;
CREATE TRIGGER shelf_counts_emptied AFTER TRUNCATE ON inventory.shelf_counts FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.shelf_counts ENABLE ALWAYS TRIGGER shelf_counts_emptied
-- ;;
CREATE TRIGGER shorts_touched AFTER INSERT OR DELETE OR UPDATE ON inventory.shorts FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.shorts ENABLE ALWAYS TRIGGER shorts_touched
-- ;;
CREATE TRIGGER shorts_emptied AFTER TRUNCATE ON inventory.shorts FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE inventory.shorts ENABLE ALWAYS TRIGGER shorts_emptied
-- ;;
CREATE TRIGGER messages_touched AFTER INSERT OR DELETE OR UPDATE ON messages.messages FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE messages.messages ENABLE ALWAYS TRIGGER messages_touched
-- ;;
CREATE TRIGGER messages_emptied AFTER TRUNCATE ON messages.messages FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE messages.messages ENABLE ALWAYS TRIGGER messages_emptied
-- ;;
CREATE TRIGGER lines_touched AFTER INSERT OR DELETE OR UPDATE ON orders.lines FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE orders.lines ENABLE ALWAYS TRIGGER lines_touched
-- ;;
CREATE TRIGGER lines_emptied AFTER TRUNCATE ON orders.lines FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE orders.lines ENABLE ALWAYS TRIGGER lines_emptied
-- ;;
CREATE TRIGGER orders_touched AFTER INSERT OR DELETE OR UPDATE ON orders.orders FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE orders.orders ENABLE ALWAYS TRIGGER orders_touched
-- ;;
CREATE TRIGGER orders_emptied AFTER TRUNCATE ON orders.orders FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE orders.orders ENABLE ALWAYS TRIGGER orders_emptied
-- ;;
CREATE TRIGGER references_touched AFTER INSERT OR DELETE OR UPDATE ON orders.references FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE orders.references ENABLE ALWAYS TRIGGER references_touched
-- ;;
CREATE TRIGGER references_emptied AFTER TRUNCATE ON orders.references FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE orders.references ENABLE ALWAYS TRIGGER references_emptied
-- ;;
CREATE TRIGGER facts_touched AFTER INSERT OR DELETE OR UPDATE ON payments.facts FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE payments.facts ENABLE ALWAYS TRIGGER facts_touched
-- ;;
CREATE TRIGGER facts_emptied AFTER TRUNCATE ON payments.facts FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE payments.facts ENABLE ALWAYS TRIGGER facts_emptied
-- ;;
CREATE TRIGGER tenders_touched AFTER INSERT OR DELETE OR UPDATE ON payments.tenders FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE payments.tenders ENABLE ALWAYS TRIGGER tenders_touched
-- ;;
CREATE TRIGGER tenders_emptied AFTER TRUNCATE ON payments.tenders FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE payments.tenders ENABLE ALWAYS TRIGGER tenders_emptied
-- ;;
CREATE TRIGGER promises_touched AFTER INSERT OR DELETE OR UPDATE ON promises.promises FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE promises.promises ENABLE ALWAYS TRIGGER promises_touched
-- ;;
CREATE TRIGGER promises_emptied AFTER TRUNCATE ON promises.promises FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE promises.promises ENABLE ALWAYS TRIGGER promises_emptied
-- ;;
CREATE TRIGGER receipts_touched AFTER INSERT OR DELETE OR UPDATE ON routing.receipts FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE routing.receipts ENABLE ALWAYS TRIGGER receipts_touched
-- ;;
CREATE TRIGGER receipts_emptied AFTER TRUNCATE ON routing.receipts FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE routing.receipts ENABLE ALWAYS TRIGGER receipts_emptied
-- ;;
CREATE TRIGGER chain_head_touched AFTER INSERT OR DELETE OR UPDATE ON runtime.chain_head FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE runtime.chain_head ENABLE ALWAYS TRIGGER chain_head_touched
-- ;;
CREATE TRIGGER chain_head_emptied AFTER TRUNCATE ON runtime.chain_head FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE runtime.chain_head ENABLE ALWAYS TRIGGER chain_head_emptied
-- ;;
CREATE TRIGGER events_touched AFTER INSERT OR DELETE OR UPDATE ON runtime.events FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE runtime.events ENABLE ALWAYS TRIGGER events_touched
-- ;;
CREATE TRIGGER events_emptied AFTER TRUNCATE ON runtime.events FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE runtime.events ENABLE ALWAYS TRIGGER events_emptied
-- ;;
CREATE TRIGGER inbox_touched AFTER INSERT OR DELETE OR UPDATE ON runtime.inbox FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE runtime.inbox ENABLE ALWAYS TRIGGER inbox_touched
-- ;;
CREATE TRIGGER inbox_emptied AFTER TRUNCATE ON runtime.inbox FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE runtime.inbox ENABLE ALWAYS TRIGGER inbox_emptied
-- ;;
CREATE TRIGGER contents_touched AFTER INSERT OR DELETE OR UPDATE ON shipping.contents FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE shipping.contents ENABLE ALWAYS TRIGGER contents_touched
-- ;;
CREATE TRIGGER contents_emptied AFTER TRUNCATE ON shipping.contents FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE shipping.contents ENABLE ALWAYS TRIGGER contents_emptied
-- ;;
CREATE TRIGGER packages_touched AFTER INSERT OR DELETE OR UPDATE ON shipping.packages FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE shipping.packages ENABLE ALWAYS TRIGGER packages_touched
-- ;;
CREATE TRIGGER packages_emptied AFTER TRUNCATE ON shipping.packages FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE shipping.packages ENABLE ALWAYS TRIGGER packages_emptied
-- ;;
CREATE TRIGGER scans_touched AFTER INSERT OR DELETE OR UPDATE ON shipping.scans FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE shipping.scans ENABLE ALWAYS TRIGGER scans_touched
-- ;;
CREATE TRIGGER scans_emptied AFTER TRUNCATE ON shipping.scans FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE shipping.scans ENABLE ALWAYS TRIGGER scans_emptied
-- ;;
CREATE TRIGGER tasks_touched AFTER INSERT OR DELETE OR UPDATE ON tasks.tasks FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE tasks.tasks ENABLE ALWAYS TRIGGER tasks_touched
-- ;;
CREATE TRIGGER tasks_emptied AFTER TRUNCATE ON tasks.tasks FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE tasks.tasks ENABLE ALWAYS TRIGGER tasks_emptied
-- ;;
CREATE TRIGGER deliveries_touched AFTER INSERT OR DELETE OR UPDATE ON transfers.deliveries FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE transfers.deliveries ENABLE ALWAYS TRIGGER deliveries_touched
-- ;;
CREATE TRIGGER deliveries_emptied AFTER TRUNCATE ON transfers.deliveries FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE transfers.deliveries ENABLE ALWAYS TRIGGER deliveries_emptied
-- ;;
CREATE TRIGGER lines_touched AFTER INSERT OR DELETE OR UPDATE ON transfers.lines FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE transfers.lines ENABLE ALWAYS TRIGGER lines_touched
-- ;;
CREATE TRIGGER lines_emptied AFTER TRUNCATE ON transfers.lines FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE transfers.lines ENABLE ALWAYS TRIGGER lines_emptied
-- ;;
CREATE TRIGGER exceptions_touched AFTER INSERT OR DELETE OR UPDATE ON watch.exceptions FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE watch.exceptions ENABLE ALWAYS TRIGGER exceptions_touched
-- ;;
CREATE TRIGGER exceptions_emptied AFTER TRUNCATE ON watch.exceptions FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE watch.exceptions ENABLE ALWAYS TRIGGER exceptions_emptied
-- ;;
CREATE TRIGGER ownership_touched AFTER INSERT OR DELETE OR UPDATE ON watch.ownership FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE watch.ownership ENABLE ALWAYS TRIGGER ownership_touched
-- ;;
CREATE TRIGGER ownership_emptied AFTER TRUNCATE ON watch.ownership FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE watch.ownership ENABLE ALWAYS TRIGGER ownership_emptied
-- ;;
CREATE TRIGGER watchdogs_touched AFTER INSERT OR DELETE OR UPDATE ON watch.watchdogs FOR EACH ROW WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE watch.watchdogs ENABLE ALWAYS TRIGGER watchdogs_touched
-- ;;
CREATE TRIGGER watchdogs_emptied AFTER TRUNCATE ON watch.watchdogs FOR EACH STATEMENT WHEN (current_setting('ambidex.program', true) IS NULL) EXECUTE FUNCTION runtime.note_touch()
-- ;;
ALTER TABLE watch.watchdogs ENABLE ALWAYS TRIGGER watchdogs_emptied
