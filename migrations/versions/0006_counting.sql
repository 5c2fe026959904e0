CREATE SCHEMA IF NOT EXISTS counting
-- ;;
CREATE SCHEMA IF NOT EXISTS pocket
-- ;;
ALTER TABLE inventory.counts SET SCHEMA counting
-- ;;
DROP INDEX counting.ix_counts_open
-- ;;
ALTER TABLE counting.counts
	ADD COLUMN kind TEXT DEFAULT 'short_pick' NOT NULL,
	ADD COLUMN expected INTEGER,
	ADD COLUMN counters TEXT[] DEFAULT '{}' NOT NULL,
	ADD COLUMN decided_by TEXT DEFAULT '' NOT NULL,
	ADD COLUMN closed_at TIMESTAMP WITH TIME ZONE,
	DROP CONSTRAINT ck_counts_state,
	ADD CONSTRAINT ck_counts_state CHECK (state in ('open','counting','recount','to_approve','counted','approved','rejected','canceled')),
	ADD CONSTRAINT ck_counts_kind CHECK (kind in ('directed','short_pick','drift','own','next_best'))
-- ;;
UPDATE counting.counts SET counters = ARRAY[counted_by], closed_at = counted_at WHERE counted_by <> ''
-- ;;
UPDATE counting.counts c SET state = 'canceled'
 WHERE state = 'open' AND EXISTS (SELECT 1 FROM counting.counts o WHERE o.item_id = c.item_id
   AND o.location_id = c.location_id AND o.state = 'open' AND o.count_id < c.count_id)
-- ;;
ALTER TABLE counting.counts
	ADD CONSTRAINT ck_counts_decided_by_another CHECK (decided_by = '' or not (decided_by = any(counters))),
	ADD CONSTRAINT ck_counts_counted_before_decided CHECK (state not in ('recount','to_approve','approved','rejected') or cardinality(counters) >= 1)
-- ;;
CREATE UNIQUE INDEX uq_counts_count_id ON counting.counts (count_id)
-- ;;
CREATE UNIQUE INDEX uq_counts_one_waiting ON counting.counts (item_id, location_id) WHERE state IN ('open', 'counting', 'recount', 'to_approve')
-- ;;
CREATE INDEX ix_counts_place ON counting.counts (location_id, opened_at)
-- ;;
CREATE INDEX ix_counts_waiting ON counting.counts (location_id, opened_at) WHERE state IN ('open', 'counting', 'recount', 'to_approve')
-- ;;
CREATE TABLE counting.entries (
	item_id UUID NOT NULL, 
	count_id UUID NOT NULL, 
	entry_no SMALLINT NOT NULL, 
	counted INTEGER NOT NULL, 
	expected INTEGER, 
	counted_by TEXT NOT NULL, 
	counted_by_name TEXT NOT NULL, 
	device TEXT DEFAULT '' NOT NULL, 
	key TEXT DEFAULT '' NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_entries PRIMARY KEY (item_id, count_id, entry_no), 
	CONSTRAINT ck_entries_counted CHECK (counted >= 0), 
	CONSTRAINT uq_entries_another_person UNIQUE (item_id, count_id, counted_by), 
	CONSTRAINT fk_entries_item_id_count_id FOREIGN KEY(item_id, count_id) REFERENCES counting.counts (item_id, count_id)
)
-- ;;
CREATE UNIQUE INDEX uq_entries_key ON counting.entries (counted_by, key) WHERE key != ''
-- ;;
CREATE TABLE counting.policies (
	location_id UUID NOT NULL, 
	recount_units INTEGER, 
	recount_value_minor BIGINT, 
	approve_units INTEGER, 
	approve_value_minor BIGINT, 
	changed_by TEXT NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_policies PRIMARY KEY (location_id), 
	CONSTRAINT ck_policies_units CHECK (recount_units >= 0 and approve_units >= recount_units), 
	CONSTRAINT ck_policies_value CHECK (recount_value_minor >= 0 and approve_value_minor >= recount_value_minor)
)
-- ;;
CREATE TABLE pocket.deeds (
	actor_id TEXT NOT NULL, 
	key TEXT NOT NULL, 
	actor_name TEXT NOT NULL, 
	device TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	location_id UUID, 
	order_id UUID, 
	said JSONB NOT NULL, 
	said_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	clock_ahead_seconds INTEGER NOT NULL, 
	received_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	outcome TEXT NOT NULL, 
	problem TEXT DEFAULT '' NOT NULL, 
	stands JSONB DEFAULT '{}' NOT NULL, 
	task_id UUID, 
	CONSTRAINT pk_deeds PRIMARY KEY (actor_id, key), 
	CONSTRAINT ck_deeds_outcome CHECK (outcome in ('done','conflict')), 
	CONSTRAINT ck_deeds_conflicts_have_a_task CHECK ((outcome = 'conflict') = (task_id is not null))
)
-- ;;
CREATE INDEX ix_deeds_received ON pocket.deeds (received_at)
-- ;;
CREATE INDEX ix_deeds_task ON pocket.deeds (task_id) WHERE task_id IS NOT NULL
-- ;;
CREATE INDEX ix_deeds_conflicts ON pocket.deeds (subject) WHERE task_id IS NOT NULL
-- ;;
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE ON counting.entries FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON counting.entries FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER deeds_append_only BEFORE UPDATE OR DELETE ON pocket.deeds FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER deeds_no_truncate BEFORE TRUNCATE ON pocket.deeds FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
