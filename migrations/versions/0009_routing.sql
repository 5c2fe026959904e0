-- Routing: versions of rules, examples, receipts of decisions. The first version comes with the installation.
CREATE SCHEMA IF NOT EXISTS routing
-- ;;
CREATE TABLE routing.versions (
	brand TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	state TEXT DEFAULT 'draft' NOT NULL, 
	document TEXT NOT NULL, 
	revision INTEGER DEFAULT '1' NOT NULL, 
	state_since TIMESTAMP WITH TIME ZONE NOT NULL, 
	share SMALLINT DEFAULT '0' NOT NULL, 
	metric TEXT DEFAULT '' NOT NULL, 
	threshold INTEGER DEFAULT '0' NOT NULL, 
	orders_min INTEGER DEFAULT '0' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	changed_by TEXT NOT NULL, 
	changed_by_name TEXT NOT NULL, 
	CONSTRAINT pk_versions PRIMARY KEY (brand, number), 
	CONSTRAINT ck_versions_number CHECK (number >= 1), 
	CONSTRAINT ck_versions_state CHECK (state in ('draft','shadow','canary','live','archived')), 
	CONSTRAINT ck_versions_canary_is_measured CHECK (state <> 'canary' or (share between 1 and 999 and threshold >= 0 and orders_min >= 1 and metric in ('refused','late','cost','split')))
)
-- ;;
CREATE UNIQUE INDEX uq_versions_canary ON routing.versions (brand) WHERE state = 'canary'
-- ;;
CREATE UNIQUE INDEX uq_versions_live ON routing.versions (brand) WHERE state = 'live'
-- ;;
CREATE UNIQUE INDEX uq_versions_shadow ON routing.versions (brand) WHERE state = 'shadow'
-- ;;
CREATE TRIGGER versions_remembered AFTER INSERT OR DELETE OR UPDATE OF state, document, share ON routing.versions FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('routing')
-- ;;
CREATE TRIGGER versions_freeze BEFORE UPDATE ON routing.versions FOR EACH ROW WHEN (OLD.state <> 'draft' AND (NEW.document IS DISTINCT FROM OLD.document OR NEW.state = 'draft')) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER versions_stay BEFORE DELETE ON routing.versions FOR EACH ROW WHEN (true) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE routing.receipts (
	order_id UUID NOT NULL, 
	receipt_no SMALLINT NOT NULL, 
	cause TEXT NOT NULL, 
	brand TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	arm TEXT NOT NULL, 
	decided_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	took_us INTEGER NOT NULL, 
	fingerprint TEXT NOT NULL, 
	snapshot BYTEA NOT NULL, 
	receipt BYTEA NOT NULL, 
	cost BIGINT NOT NULL, 
	parts SMALLINT NOT NULL, 
	units INTEGER NOT NULL, 
	unfilled INTEGER NOT NULL, 
	meters BIGINT NOT NULL, 
	late BOOLEAN NOT NULL, 
	CONSTRAINT pk_receipts PRIMARY KEY (order_id, receipt_no), 
	CONSTRAINT ck_receipts_arm CHECK (arm in ('live','canary')), 
	CONSTRAINT ck_receipts_unfilled CHECK (unfilled between 0 and units)
)
-- ;;
CREATE INDEX ix_receipts_decided_at ON routing.receipts (decided_at)
-- ;;
CREATE INDEX ix_receipts_first ON routing.receipts (brand, decided_at) WHERE receipt_no = 1
-- ;;
CREATE TRIGGER receipts_stay BEFORE DELETE ON routing.receipts FOR EACH ROW WHEN (OLD.decided_at > now() - interval '2 days') EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER receipts_append_only BEFORE UPDATE ON routing.receipts FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER receipts_no_truncate BEFORE TRUNCATE ON routing.receipts FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE routing.shadows (
	order_id UUID NOT NULL, 
	receipt_no SMALLINT NOT NULL, 
	brand TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	decided_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	differs BOOLEAN NOT NULL, 
	sent_from TEXT NOT NULL, 
	sent_from_live TEXT NOT NULL, 
	pair JSONB NOT NULL, 
	CONSTRAINT pk_shadows PRIMARY KEY (order_id, receipt_no, brand, number)
)
-- ;;
CREATE INDEX ix_shadows_version ON routing.shadows (brand, number, decided_at)
-- ;;
CREATE TABLE routing.trials (
	trial_id UUID NOT NULL, 
	brand TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	against_brand TEXT NOT NULL, 
	against INTEGER NOT NULL, 
	from_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	until_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	decisions_max INTEGER NOT NULL, 
	state TEXT DEFAULT 'asked' NOT NULL, 
	total INTEGER DEFAULT '0' NOT NULL, 
	done INTEGER DEFAULT '0' NOT NULL, 
	after_at TIMESTAMP WITH TIME ZONE, 
	after_order UUID, 
	after_receipt SMALLINT, 
	result JSONB, 
	asked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	asked_by TEXT NOT NULL, 
	asked_by_name TEXT NOT NULL, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_trials PRIMARY KEY (trial_id), 
	CONSTRAINT ck_trials_state CHECK (state in ('asked','running','done','stopped')), 
	CONSTRAINT ck_trials_period CHECK (from_at < until_at)
)
-- ;;
CREATE INDEX ix_trials_version ON routing.trials (brand, number, asked_at)
-- ;;
CREATE INDEX ix_trials_waiting ON routing.trials (asked_at) WHERE state IN ('asked', 'running')
-- ;;
CREATE TABLE routing.replays (
	day DATE NOT NULL, 
	total INTEGER DEFAULT '0' NOT NULL, 
	same INTEGER DEFAULT '0' NOT NULL, 
	after_at TIMESTAMP WITH TIME ZONE, 
	after_order UUID, 
	after_receipt SMALLINT, 
	began_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ended_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_replays PRIMARY KEY (day), 
	CONSTRAINT ck_replays_same CHECK (same <= total)
)
-- ;;
CREATE TABLE routing.differences (
	order_id UUID NOT NULL, 
	receipt_no SMALLINT NOT NULL, 
	day DATE NOT NULL, 
	what TEXT NOT NULL, 
	found_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_differences PRIMARY KEY (order_id, receipt_no)
)
-- ;;
CREATE INDEX ix_differences_day ON routing.differences (day)
-- ;;
CREATE TABLE routing.price_lists (
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	why TEXT DEFAULT '' NOT NULL, 
	past INTEGER DEFAULT '0' NOT NULL, 
	days INTEGER DEFAULT '0' NOT NULL, 
	season INTEGER DEFAULT '0' NOT NULL, 
	every INTEGER DEFAULT '0' NOT NULL, 
	proof JSONB NOT NULL, 
	priced BYTEA NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	made_by TEXT NOT NULL, 
	CONSTRAINT pk_price_lists PRIMARY KEY (number), 
	CONSTRAINT ck_price_lists_state CHECK (state in ('on','off','stopped'))
)
-- ;;
CREATE TRIGGER price_lists_remembered AFTER INSERT OR DELETE OR UPDATE OF state, priced ON routing.price_lists FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('routing')
-- ;;
CREATE TABLE routing.examples (
	brand TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	situation JSONB NOT NULL, 
	expected JSONB NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	changed_by TEXT NOT NULL, 
	CONSTRAINT pk_examples PRIMARY KEY (brand, number, name), 
	CONSTRAINT fk_examples_brand_number FOREIGN KEY(brand, number) REFERENCES routing.versions (brand, number)
)
-- ;;
CREATE TABLE routing.changes (
	brand TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	what TEXT NOT NULL, 
	why TEXT DEFAULT '' NOT NULL, 
	before TEXT DEFAULT '' NOT NULL, 
	after TEXT DEFAULT '' NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	changed_by TEXT NOT NULL, 
	changed_by_name TEXT NOT NULL, 
	CONSTRAINT pk_changes PRIMARY KEY (brand, number, revision), 
	CONSTRAINT fk_changes_brand_number FOREIGN KEY(brand, number) REFERENCES routing.versions (brand, number)
)
-- ;;
CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE ON routing.changes FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER changes_no_truncate BEFORE TRUNCATE ON routing.changes FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE routing.trial_steps (
	trial_id UUID NOT NULL, 
	step_no INTEGER NOT NULL, 
	rows JSONB NOT NULL, 
	CONSTRAINT pk_trial_steps PRIMARY KEY (trial_id, step_no), 
	CONSTRAINT fk_trial_steps_trial_id FOREIGN KEY(trial_id) REFERENCES routing.trials (trial_id)
)
-- ;;
INSERT INTO routing.versions (brand, number, name, state, document, state_since, created_at, changed_at, changed_by, changed_by_name)
VALUES ('', 1, 'Close and cheap', 'live', $document${
  "name": "Close and cheap",
  "currency": "USD",
  "rules": [],
  "costs": {
    "parcel": "4.00",
    "parcel_per_1000_km": "2.00",
    "kg": "0.60",
    "kg_per_1000_km": "0.30",
    "weight_bands": [],
    "handling": {
      "store": {
        "parcel": "1.00",
        "unit": "0.40"
      },
      "warehouse": {
        "parcel": "0.50",
        "unit": "0.20"
      }
    },
    "split": "1.50",
    "late_hour": "0.20",
    "waiting": "0.01",
    "failed_pick": "8.00",
    "transit": [
      {
        "up_to_km": 300,
        "days": 1
      },
      {
        "up_to_km": 800,
        "days": 2
      },
      {
        "up_to_km": 2000,
        "days": 3
      },
      {
        "up_to_km": 6000,
        "days": 5
      },
      {
        "up_to_km": 20000,
        "days": 8
      }
    ]
  },
  "parcels_max": 0,
  "cut_offs": {
    "store": "16:00",
    "warehouse": "18:00",
    "third_party": "16:00",
    "supplier": "12:00"
  },
  "handling_minutes": {
    "store": 120,
    "warehouse": 60,
    "third_party": 120,
    "supplier": 480
  },
  "speeds": []
}$document$, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z', 'ambidex', 'Ambidex')
-- ;;
INSERT INTO routing.changes (brand, number, revision, what, why, after, changed_at, changed_by, changed_by_name)
SELECT brand, number, revision, 'came with the installation', 'What is ordered leaves from the cheapest place that keeps the promise.', document, changed_at, changed_by, changed_by_name FROM routing.versions
-- ;;
INSERT INTO routing.examples (brand, number, name, situation, expected, changed_at, changed_by)
VALUES ('', 1, 'One parcel from the near warehouse, not two from farther away', '{"order": {"at": [52.52, 13.4]}, "lines": [{"sku": "MUG", "units": 2, "weight": "0.4"}], "places": [{"code": "dc-near", "kind": "warehouse", "at": [52.4, 13.1], "has": {"MUG": 5}}, {"code": "store-far", "kind": "store", "at": [48.1, 11.6], "has": {"MUG": 1}}]}', '{"sent_from": {"dc-near": {"MUG": 2}}}', '2026-01-01T00:00:00Z', 'ambidex')
-- ;;
CREATE INDEX ix_promises_news ON promises.promises (due_at, order_id) WHERE kind = 'news_by' AND state = 'made'
