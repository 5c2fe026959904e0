-- Fewer microseconds for one order.
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
-- ;;
ALTER TABLE runtime.events ALTER COLUMN event_id SET STATISTICS 0, ALTER COLUMN subject SET STATISTICS 0, ALTER COLUMN actor SET STATISTICS 0, ALTER COLUMN cause SET STATISTICS 0, ALTER COLUMN evidence SET STATISTICS 0, ALTER COLUMN payload SET STATISTICS 0, ALTER COLUMN hash SET STATISTICS 0
