CREATE SCHEMA IF NOT EXISTS transfers
-- ;;
CREATE TABLE transfers.deliveries (
	delivery_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	from_id UUID, 
	to_id UUID NOT NULL, 
	supplier TEXT DEFAULT '' NOT NULL, 
	state TEXT NOT NULL, 
	order_id UUID, 
	expected_at TIMESTAMP WITH TIME ZONE, 
	note TEXT DEFAULT '' NOT NULL, 
	made_by TEXT NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	sent_at TIMESTAMP WITH TIME ZONE, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	late_told_at TIMESTAMP WITH TIME ZONE, 
	version INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (delivery_id), 
	CONSTRAINT uq_deliveries_kind_reference UNIQUE (kind, reference), 
	CONSTRAINT ck_deliveries_state CHECK (kind = 'transfer' and from_id is not null and state in ('requested','approved','picking','in_transit','received','partly_received','declined','canceled') or kind = 'inbound' and from_id is null and state in ('announced','received','partly_received','canceled')), 
	CONSTRAINT ck_deliveries_moves CHECK (from_id is null or from_id <> to_id), 
	CONSTRAINT ck_deliveries_purpose CHECK (purpose in ('replenish','order','purchase')), 
	CONSTRAINT ck_deliveries_order_is_named CHECK (purpose <> 'order' or order_id is not null)
)
-- ;;
CREATE INDEX ix_deliveries_from_id ON transfers.deliveries (from_id) WHERE state IN ('requested', 'approved', 'picking', 'in_transit', 'announced', 'partly_received')
-- ;;
CREATE INDEX ix_deliveries_late ON transfers.deliveries (expected_at) WHERE late_told_at IS NULL AND state IN ('approved', 'picking', 'in_transit', 'announced')
-- ;;
CREATE INDEX ix_deliveries_order_id ON transfers.deliveries (order_id) WHERE order_id IS NOT NULL
-- ;;
CREATE INDEX ix_deliveries_to_id ON transfers.deliveries (to_id) WHERE state IN ('requested', 'approved', 'picking', 'in_transit', 'announced', 'partly_received')
-- ;;
CREATE TABLE transfers.lines (
	delivery_id UUID NOT NULL, 
	line_no SMALLINT NOT NULL, 
	item_id UUID NOT NULL, 
	asked INTEGER NOT NULL, 
	sent INTEGER DEFAULT '0' NOT NULL, 
	received INTEGER DEFAULT '0' NOT NULL, 
	damaged INTEGER DEFAULT '0' NOT NULL, 
	settled INTEGER DEFAULT '0' NOT NULL, 
	order_line SMALLINT, 
	hold_id UUID, 
	CONSTRAINT pk_lines PRIMARY KEY (delivery_id, line_no), 
	CONSTRAINT ck_lines_none_negative CHECK (least(asked, sent, received, damaged, settled) >= 0), 
	CONSTRAINT ck_lines_only_differences_are_settled CHECK (settled <= abs(received + damaged - sent))
)
-- ;;
CREATE INDEX ix_lines_item_id ON transfers.lines (item_id)
-- ;;
CREATE TABLE transfers.packages (
	delivery_id UUID NOT NULL, 
	package_no SMALLINT NOT NULL, 
	code TEXT NOT NULL, 
	CONSTRAINT pk_packages PRIMARY KEY (delivery_id, package_no), 
	CONSTRAINT uq_packages_code UNIQUE (code)
)
-- ;;
CREATE TABLE transfers.scans (
	delivery_id UUID NOT NULL, 
	step TEXT NOT NULL, 
	key TEXT NOT NULL, 
	scan_id UUID NOT NULL, 
	item_id UUID NOT NULL, 
	units INTEGER NOT NULL, 
	arrived TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	barcode TEXT NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	actor_id TEXT NOT NULL, 
	actor_name TEXT NOT NULL, 
	device TEXT DEFAULT '' NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_scans PRIMARY KEY (delivery_id, step, key), 
	CONSTRAINT ck_scans_step CHECK (step in ('pick','receive')), 
	CONSTRAINT ck_scans_units CHECK (units > 0), 
	CONSTRAINT ck_scans_arrived CHECK (arrived in ('sellable','damaged'))
)
-- ;;
CREATE TRIGGER scans_append_only BEFORE UPDATE OR DELETE ON transfers.scans FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER scans_no_truncate BEFORE TRUNCATE ON transfers.scans FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
ALTER TABLE orders.orders ADD COLUMN history BOOLEAN DEFAULT 'false' NOT NULL
