CREATE TABLE search.codes (
	code TEXT COLLATE "C" NOT NULL, 
	seq BIGINT NOT NULL, 
	CONSTRAINT pk_codes PRIMARY KEY (code, seq)
)
-- ;;
CREATE INDEX ix_codes_tails ON search.codes (reverse(code) COLLATE "C") WHERE strpos(code, '@') = 0
-- ;;
ALTER TABLE search.words SET (fillfactor = 80)
-- ;;
TRUNCATE search.documents, search.terms, search.words
-- ;;
UPDATE runtime.cursors SET position = 0 WHERE reaction = 'orders found'
-- ;;
CREATE TABLE runtime.versions (
	name TEXT NOT NULL,
	version BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
	CONSTRAINT pk_versions PRIMARY KEY (name)
)
-- ;;
CREATE OR REPLACE FUNCTION runtime.note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO runtime.versions (name) VALUES (TG_ARGV[0]) ON CONFLICT (name) DO UPDATE SET version = DEFAULT;
  RETURN NULL;
END $$
-- ;;
CREATE TRIGGER items_remembered AFTER INSERT OR DELETE OR UPDATE ON catalogue.items FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('catalogue')
-- ;;
CREATE TRIGGER barcodes_remembered AFTER INSERT OR DELETE OR UPDATE ON catalogue.barcodes FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('catalogue')
-- ;;
CREATE TRIGGER components_remembered AFTER INSERT OR DELETE OR UPDATE ON catalogue.components FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('catalogue')
-- ;;
CREATE TRIGGER locations_remembered AFTER INSERT OR DELETE OR UPDATE ON locations.locations FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('locations')
-- ;;
CREATE TRIGGER sources_remembered AFTER INSERT OR DELETE OR UPDATE OF code, kind, channel, speakers, connection ON channels.sources FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('channels')
-- ;;
ALTER TABLE orders."references" ADD COLUMN number TEXT
-- ;;
UPDATE orders."references" r SET number = n.number FROM orders.numbers n WHERE n.order_id = r.order_id
-- ;;
ALTER TABLE orders."references" ALTER COLUMN number SET NOT NULL
-- ;;
CREATE UNIQUE INDEX uq_references_number ON orders."references" (number)
-- ;;
DROP TABLE orders.numbers
-- ;;
ALTER TABLE payments.facts DROP CONSTRAINT pk_facts
-- ;;
DROP INDEX payments.uq_facts_reference
-- ;;
ALTER TABLE payments.facts ADD CONSTRAINT pk_facts PRIMARY KEY (order_id, kind, reference)
-- ;;
ALTER TABLE messages.messages DROP CONSTRAINT pk_messages
-- ;;
DROP INDEX messages.uq_messages_fact
-- ;;
ALTER TABLE messages.messages ADD CONSTRAINT pk_messages PRIMARY KEY (order_id, fact_key)
-- ;;
UPDATE watch.exceptions e SET facts = e.facts - 'watchdog_no' || jsonb_build_object('watchdog', w.waits_for || ':' || w.work_no)
  FROM watch.watchdogs w WHERE w.order_id = e.order_id AND w.watchdog_no = CAST(e.facts ->> 'watchdog_no' AS smallint)
-- ;;
DELETE FROM watch.watchdogs w USING watch.watchdogs later
 WHERE (w.order_id, w.work_no, w.waits_for) = (later.order_id, later.work_no, later.waits_for)
   AND w.watchdog_no < later.watchdog_no
-- ;;
DROP INDEX watch.uq_watchdogs_one_open
-- ;;
DROP INDEX watch.ix_watchdogs_place
-- ;;
ALTER TABLE watch.watchdogs DROP CONSTRAINT pk_watchdogs
-- ;;
ALTER TABLE watch.watchdogs DROP COLUMN watchdog_no
-- ;;
ALTER TABLE watch.watchdogs ADD CONSTRAINT pk_watchdogs PRIMARY KEY (order_id, work_no, waits_for)
-- ;;
ALTER TABLE promises.promises ADD COLUMN milestones JSONB NOT NULL DEFAULT '{}', ADD COLUMN reached JSONB NOT NULL DEFAULT '{}'
-- ;;
UPDATE promises.promises p SET milestones = m.dues, reached = coalesce(m.reached, '{}')
  FROM (SELECT order_id, promise_no, jsonb_object_agg(kind, due_at) AS dues,
               jsonb_object_agg(kind, reached_at) FILTER (WHERE reached_at IS NOT NULL) AS reached
          FROM promises.milestones GROUP BY order_id, promise_no) m
 WHERE (p.order_id, p.promise_no) = (m.order_id, m.promise_no)
-- ;;
DROP TABLE promises.milestones
-- ;;
CREATE VIEW promises.milestones AS
SELECT p.order_id, p.promise_no, m.key AS kind, CAST(m.value AS timestamptz) AS due_at,
       CAST(p.reached ->> m.key AS timestamptz) AS reached_at
  FROM promises.promises p CROSS JOIN LATERAL jsonb_each_text(p.milestones) AS m
-- ;;
DROP INDEX promises.ix_promises_due
-- ;;
ALTER TABLE runtime.events DROP CONSTRAINT pk_events
-- ;;
DROP INDEX runtime.ix_events_unpublished
-- ;;
CREATE UNIQUE INDEX ix_events_unpublished ON runtime.events (seq) WHERE position IS NULL
-- ;;
ALTER TABLE inventory.positions SET (fillfactor = 70)
-- ;;
CREATE TRIGGER rules_remembered AFTER INSERT OR DELETE OR UPDATE ON availability.rules FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('availability')
-- ;;
CREATE TRIGGER groups_remembered AFTER INSERT OR DELETE OR UPDATE ON availability.groups FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('availability')
-- ;;
CREATE TRIGGER group_places_remembered AFTER INSERT OR DELETE OR UPDATE ON availability.group_places FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('availability')
-- ;;
CREATE TRIGGER sellers_remembered AFTER INSERT OR DELETE OR UPDATE ON availability.sellers FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('availability')
-- ;;
CREATE TRIGGER areas_remembered AFTER INSERT OR DELETE OR UPDATE ON availability.areas FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('availability')
-- ;;
CREATE INDEX ix_holds_place ON inventory.holds (item_id, location_id) WHERE released_at IS NULL
