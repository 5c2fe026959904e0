ALTER TABLE inventory.positions
	ADD COLUMN counted_at TIMESTAMP WITH TIME ZONE,
	ADD COLUMN booked_at TIMESTAMP WITH TIME ZONE
-- ;;
ALTER TABLE inventory.ledger
	ADD COLUMN source TEXT DEFAULT '' NOT NULL,
	ADD COLUMN reference TEXT DEFAULT '' NOT NULL,
	ADD COLUMN note TEXT DEFAULT '' NOT NULL,
	DROP CONSTRAINT ck_ledger_accounts,
	ADD CONSTRAINT ck_ledger_accounts CHECK (from_account in ('sellable','suspect','staged','damaged','quarantine','display','supplier','customer','written_off','found','in_transit','package') and to_account in ('sellable','suspect','staged','damaged','quarantine','display','supplier','customer','written_off','found','in_transit','package')) NOT VALID
-- ;;
ALTER TABLE inventory.ledger VALIDATE CONSTRAINT ck_ledger_accounts
-- ;;
CREATE INDEX ix_ledger_place ON inventory.ledger (item_id, location_id, happened_at)
-- ;;
CREATE INDEX ix_ledger_package ON inventory.ledger (order_id) WHERE 'package' IN (from_account, to_account)
-- ;;
CREATE TABLE inventory.shelf_counts (
	item_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	counted INTEGER NOT NULL, 
	actor_id TEXT NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_shelf_counts PRIMARY KEY (item_id, location_id, happened_at), 
	CONSTRAINT ck_shelf_counts_counted CHECK (counted >= 0)
)
-- ;;
CREATE TRIGGER shelf_counts_append_only BEFORE UPDATE OR DELETE ON inventory.shelf_counts FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER shelf_counts_no_truncate BEFORE TRUNCATE ON inventory.shelf_counts FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
ALTER TABLE inventory.reservations
	ADD COLUMN allocated INTEGER DEFAULT '0' NOT NULL,
	ADD COLUMN picked INTEGER DEFAULT '0' NOT NULL,
	ADD COLUMN due_at TIMESTAMP WITH TIME ZONE,
	ADD CONSTRAINT ck_reservations_picked_allocated CHECK (picked >= 0 and picked <= allocated and allocated <= quantity)
-- ;;
UPDATE inventory.reservations r
   SET allocated = least(r.quantity, l.q_allocated + l.q_picked), picked = least(r.quantity, l.q_picked)
  FROM orders.lines l
 WHERE l.order_id = r.order_id AND l.line_no = r.line_no AND r.quantity > 0 AND l.q_allocated + l.q_picked > 0
-- ;;
UPDATE inventory.reservations r SET due_at = p.due_at
  FROM (SELECT order_id, min(due_at) AS due_at FROM promises.promises
         WHERE kind = 'ready_by' AND state = 'made' GROUP BY order_id) AS p
 WHERE p.order_id = r.order_id AND r.quantity > 0
-- ;;
UPDATE inventory.positions p SET booked_at = l.happened_at
  FROM (SELECT item_id, location_id, max(happened_at) AS happened_at FROM inventory.ledger
         GROUP BY item_id, location_id) AS l
 WHERE l.item_id = p.item_id AND l.location_id = p.location_id
