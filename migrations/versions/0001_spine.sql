CREATE SCHEMA IF NOT EXISTS catalogue
-- ;;
CREATE SCHEMA IF NOT EXISTS channels
-- ;;
CREATE SCHEMA IF NOT EXISTS fulfillment
-- ;;
CREATE SCHEMA IF NOT EXISTS identity
-- ;;
CREATE SCHEMA IF NOT EXISTS inventory
-- ;;
CREATE SCHEMA IF NOT EXISTS locations
-- ;;
CREATE SCHEMA IF NOT EXISTS messages
-- ;;
CREATE SCHEMA IF NOT EXISTS orders
-- ;;
CREATE SCHEMA IF NOT EXISTS payments
-- ;;
CREATE SCHEMA IF NOT EXISTS people
-- ;;
CREATE SCHEMA IF NOT EXISTS promises
-- ;;
CREATE SCHEMA IF NOT EXISTS runtime
-- ;;
CREATE SCHEMA IF NOT EXISTS search
-- ;;
CREATE SCHEMA IF NOT EXISTS tasks
-- ;;
CREATE SCHEMA IF NOT EXISTS watch
-- ;;
CREATE SCHEMA IF NOT EXISTS runtime
-- ;;
CREATE OR REPLACE FUNCTION runtime.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = '23001';
END $$
-- ;;
CREATE TABLE runtime.events (
	seq BIGINT GENERATED ALWAYS AS IDENTITY, 
	position BIGINT, 
	event_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	order_id UUID, 
	location_id UUID, 
	actor JSONB NOT NULL, 
	cause TEXT DEFAULT '' NOT NULL, 
	evidence JSONB DEFAULT '[]' NOT NULL, 
	payload JSONB NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	hash BYTEA, 
	CONSTRAINT pk_events PRIMARY KEY (seq)
)
-- ;;
CREATE INDEX ix_events_order ON runtime.events (order_id, seq) WHERE order_id IS NOT NULL
-- ;;
CREATE INDEX ix_events_unpublished ON runtime.events (seq) WHERE position IS NULL
-- ;;
CREATE UNIQUE INDEX uq_events_position ON runtime.events (position) WHERE position IS NOT NULL
-- ;;
CREATE TRIGGER events_begin_unnumbered BEFORE INSERT ON runtime.events FOR EACH ROW WHEN (NEW.position IS NOT NULL OR NEW.hash IS NOT NULL) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER events_are_numbered_once BEFORE UPDATE ON runtime.events FOR EACH ROW WHEN (OLD.position IS NOT NULL OR NEW.position IS NULL OR (NEW.seq, NEW.event_id, NEW.name, NEW.subject, NEW.order_id, NEW.location_id, NEW.actor, NEW.cause, NEW.evidence, NEW.payload, NEW.happened_at, NEW.recorded_at) IS DISTINCT FROM (OLD.seq, OLD.event_id, OLD.name, OLD.subject, OLD.order_id, OLD.location_id, OLD.actor, OLD.cause, OLD.evidence, OLD.payload, OLD.happened_at, OLD.recorded_at)) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER events_stay BEFORE DELETE ON runtime.events FOR EACH ROW WHEN (true) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE runtime.cursors (
	reaction TEXT NOT NULL, 
	position BIGINT DEFAULT '0' NOT NULL, 
	moved_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_cursors PRIMARY KEY (reaction)
)
-- ;;
CREATE TABLE runtime.parked_reactions (
	reaction TEXT NOT NULL, 
	position BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	parked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	attempts INTEGER DEFAULT '1' NOT NULL, 
	replayed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_parked_reactions PRIMARY KEY (reaction, position)
)
-- ;;
CREATE TABLE runtime.idempotency (
	caller TEXT NOT NULL, 
	key TEXT NOT NULL, 
	request_hash BYTEA NOT NULL, 
	status SMALLINT NOT NULL, 
	body BYTEA NOT NULL, 
	answered_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_idempotency PRIMARY KEY (caller, key)
)
-- ;;
CREATE INDEX ix_idempotency_answered_at ON runtime.idempotency (answered_at)
-- ;;
CREATE TABLE runtime.inbox (
	message_id UUID NOT NULL, 
	source TEXT NOT NULL, 
	delivery_key TEXT NOT NULL, 
	topic TEXT NOT NULL, 
	resource TEXT DEFAULT '' NOT NULL, 
	version_at TIMESTAMP WITH TIME ZONE, 
	headers JSONB NOT NULL, 
	body BYTEA NOT NULL, 
	received_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	state TEXT DEFAULT 'stored' NOT NULL, 
	outcome TEXT DEFAULT '' NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	owner TEXT DEFAULT '' NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	next_at TIMESTAMP WITH TIME ZONE, 
	settled_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_inbox PRIMARY KEY (message_id), 
	CONSTRAINT ck_inbox_state CHECK (state in ('stored','applied','parked','refused')), 
	CONSTRAINT ck_inbox_parked_is_owned CHECK (state <> 'parked' or (reason <> '' and owner <> ''))
)
-- ;;
CREATE INDEX ix_inbox_parked ON runtime.inbox (received_at) WHERE state = 'parked'
-- ;;
CREATE INDEX ix_inbox_resource ON runtime.inbox (source, resource)
-- ;;
CREATE INDEX ix_inbox_waiting ON runtime.inbox (next_at) WHERE state = 'stored'
-- ;;
CREATE UNIQUE INDEX uq_inbox_delivery ON runtime.inbox (source, delivery_key)
-- ;;
CREATE TABLE runtime.settings (
	name TEXT NOT NULL, 
	value JSONB NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	changed_by TEXT NOT NULL, 
	CONSTRAINT pk_settings PRIMARY KEY (name)
)
-- ;;
CREATE TABLE runtime.chain_head (
	one BOOLEAN NOT NULL, 
	position BIGINT NOT NULL, 
	hash BYTEA NOT NULL, 
	CONSTRAINT pk_chain_head PRIMARY KEY (one), 
	CONSTRAINT ck_chain_head_one_row CHECK (one)
)
-- ;;
CREATE TRIGGER chain_head_goes_on BEFORE UPDATE ON runtime.chain_head FOR EACH ROW WHEN (NEW.position <= OLD.position) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER chain_head_stays BEFORE DELETE ON runtime.chain_head FOR EACH ROW WHEN (true) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE runtime.imported_lines (
	file_hash BYTEA NOT NULL, 
	line_no INTEGER NOT NULL, 
	imported_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_imported_lines PRIMARY KEY (file_hash, line_no)
)
-- ;;
CREATE TABLE catalogue.items (
	item_id UUID NOT NULL, 
	sku TEXT NOT NULL, 
	name TEXT NOT NULL, 
	variant TEXT DEFAULT '' NOT NULL, 
	category TEXT DEFAULT '' NOT NULL, 
	price_minor INTEGER DEFAULT '0' NOT NULL, 
	currency TEXT DEFAULT 'USD' NOT NULL, 
	weight_grams INTEGER DEFAULT '0' NOT NULL, 
	care_note TEXT DEFAULT '' NOT NULL, 
	picture TEXT DEFAULT '' NOT NULL, 
	color TEXT DEFAULT '' NOT NULL, 
	tracking TEXT DEFAULT 'none' NOT NULL, 
	counted_scans BOOLEAN DEFAULT 'false' NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_items PRIMARY KEY (item_id), 
	CONSTRAINT ck_items_sku CHECK (sku <> ''), 
	CONSTRAINT ck_items_tracking CHECK (tracking in ('none','lot','serial')), 
	CONSTRAINT uq_items_sku UNIQUE (sku)
)
-- ;;
CREATE INDEX ix_items_name ON catalogue.items (name)
-- ;;
CREATE INDEX ix_items_category ON catalogue.items (category, price_minor) WHERE category != ''
-- ;;
CREATE TABLE catalogue.barcodes (
	barcode TEXT NOT NULL, 
	item_id UUID NOT NULL, 
	CONSTRAINT pk_barcodes PRIMARY KEY (barcode)
)
-- ;;
CREATE INDEX ix_barcodes_item_id ON catalogue.barcodes (item_id)
-- ;;
CREATE TABLE channels.sources (
	source_id UUID NOT NULL, 
	code TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	connection JSONB DEFAULT '{}' NOT NULL, 
	speakers JSONB DEFAULT '{}' NOT NULL, 
	heard_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_sources PRIMARY KEY (source_id), 
	CONSTRAINT ck_sources_channel CHECK (channel in ('web','pos','phone','marketplace','social','chat','agent','b2b')), 
	CONSTRAINT uq_sources_code UNIQUE (code)
)
-- ;;
CREATE TABLE channels.secrets (
	source_id UUID NOT NULL, 
	secret_no SMALLINT NOT NULL, 
	secret TEXT NOT NULL, 
	valid_until TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_secrets PRIMARY KEY (source_id, secret_no), 
	CONSTRAINT ck_secrets_secret CHECK (length(secret) >= 8)
)
-- ;;
CREATE TABLE channels.mappings (
	source_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	external TEXT NOT NULL, 
	internal TEXT NOT NULL, 
	mapped_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	mapped_by TEXT NOT NULL, 
	CONSTRAINT pk_mappings PRIMARY KEY (source_id, kind, external), 
	CONSTRAINT ck_mappings_kind CHECK (kind in ('item','place'))
)
-- ;;
CREATE TABLE channels.cursors (
	source_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	cursor TEXT NOT NULL, 
	moved_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_cursors PRIMARY KEY (source_id, kind)
)
-- ;;
CREATE TABLE channels.tellings (
	order_id UUID NOT NULL, 
	telling_no SMALLINT NOT NULL, 
	source_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	fact_key TEXT NOT NULL, 
	facts JSONB NOT NULL, 
	state TEXT DEFAULT 'queued' NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	next_at TIMESTAMP WITH TIME ZONE, 
	answer TEXT DEFAULT '' NOT NULL, 
	queued_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	settled_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_tellings PRIMARY KEY (order_id, telling_no), 
	CONSTRAINT ck_tellings_state CHECK (state in ('queued','told','failed','withdrawn'))
)
-- ;;
CREATE INDEX ix_tellings_waiting ON channels.tellings (next_at) WHERE state = 'queued'
-- ;;
CREATE UNIQUE INDEX uq_tellings_fact ON channels.tellings (order_id, fact_key)
-- ;;
CREATE TABLE channels.stock_reports (
	source_id UUID NOT NULL, 
	item TEXT NOT NULL, 
	place TEXT NOT NULL, 
	available INTEGER NOT NULL, 
	version_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	reported_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_stock_reports PRIMARY KEY (source_id, item, place)
)
-- ;;
CREATE TABLE fulfillment.work (
	order_id UUID NOT NULL, 
	work_no SMALLINT NOT NULL, 
	location_id UUID NOT NULL, 
	method TEXT NOT NULL, 
	state TEXT NOT NULL, 
	staging_place TEXT DEFAULT '' NOT NULL, 
	customer_side TEXT DEFAULT '' NOT NULL, 
	customer_side_since TIMESTAMP WITH TIME ZONE, 
	customer_note TEXT DEFAULT '' NOT NULL, 
	assignee_id TEXT DEFAULT '' NOT NULL, 
	assignee_name TEXT DEFAULT '' NOT NULL, 
	offered_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	state_since TIMESTAMP WITH TIME ZONE NOT NULL, 
	ready_at TIMESTAMP WITH TIME ZONE, 
	handed_over_at TIMESTAMP WITH TIME ZONE, 
	collector TEXT DEFAULT '' NOT NULL, 
	cause TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_work PRIMARY KEY (order_id, work_no), 
	CONSTRAINT ck_work_method CHECK (method in ('pickup','ship','deliver')), 
	CONSTRAINT ck_work_state CHECK (state in ('offered','accepted','picking','picked','staged','ready','handed_over','refused','lapsed','taken_back','short','canceled'))
)
-- ;;
CREATE INDEX ix_work_open ON fulfillment.work (location_id, state) WHERE (state NOT IN ('handed_over', 'canceled', 'refused', 'lapsed', 'taken_back', 'short'))
-- ;;
CREATE TABLE fulfillment.evidence (
	order_id UUID NOT NULL, 
	evidence_id UUID NOT NULL, 
	work_no SMALLINT NOT NULL, 
	line_no SMALLINT, 
	item_id UUID, 
	step TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	barcode TEXT DEFAULT '' NOT NULL, 
	quantity INTEGER NOT NULL, 
	counted BOOLEAN DEFAULT 'false' NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	place TEXT DEFAULT '' NOT NULL, 
	actor_id TEXT NOT NULL, 
	actor_name TEXT NOT NULL, 
	device TEXT DEFAULT '' NOT NULL, 
	location_id UUID NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	key TEXT NOT NULL, 
	CONSTRAINT pk_evidence PRIMARY KEY (order_id, evidence_id), 
	CONSTRAINT ck_evidence_quantity CHECK (quantity > 0), 
	CONSTRAINT ck_evidence_one_scan_one_unit CHECK (quantity = 1 or counted or step not in ('pick','put_away')), 
	CONSTRAINT ck_evidence_line_and_item CHECK ((line_no is null) = (item_id is null)), 
	CONSTRAINT ck_evidence_kind CHECK (kind in ('scan','photo','weight','signature','typed','system')), 
	CONSTRAINT ck_evidence_step CHECK (step in ('pick','cannot_find','stage','hand_over','put_away','undo')), 
	CONSTRAINT ck_evidence_typed_has_reason CHECK (kind <> 'typed' or trim(reason) <> ''), 
	CONSTRAINT ck_evidence_scan_names_something CHECK (kind <> 'scan' or barcode <> '' or place <> '')
)
-- ;;
CREATE INDEX ix_evidence_line ON fulfillment.evidence (order_id, work_no, line_no)
-- ;;
CREATE UNIQUE INDEX uq_evidence_key ON fulfillment.evidence (order_id, key)
-- ;;
CREATE TRIGGER evidence_append_only BEFORE UPDATE OR DELETE ON fulfillment.evidence FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER evidence_no_truncate BEFORE TRUNCATE ON fulfillment.evidence FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE fulfillment.pickup_codes (
	order_id UUID NOT NULL, 
	work_no SMALLINT NOT NULL, 
	code_no SMALLINT NOT NULL, 
	code_hash BYTEA NOT NULL, 
	issued_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	used_at TIMESTAMP WITH TIME ZONE, 
	revoked_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_pickup_codes PRIMARY KEY (order_id, work_no, code_no)
)
-- ;;
CREATE INDEX ix_pickup_codes_hash ON fulfillment.pickup_codes (code_hash)
-- ;;
CREATE TRIGGER pickup_codes_stay_spent BEFORE UPDATE ON fulfillment.pickup_codes FOR EACH ROW WHEN (OLD.used_at IS NOT NULL AND NEW.used_at IS DISTINCT FROM OLD.used_at OR OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at OR NEW.code_hash <> OLD.code_hash) EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER pickup_codes_stay BEFORE DELETE ON fulfillment.pickup_codes FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE identity.accounts (
	account_id UUID NOT NULL, 
	staff_id UUID, 
	login TEXT NOT NULL, 
	name TEXT NOT NULL, 
	password_hash TEXT NOT NULL, 
	pin_hash TEXT DEFAULT '' NOT NULL, 
	disabled_at TIMESTAMP WITH TIME ZONE, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (account_id), 
	CONSTRAINT uq_accounts_staff_id UNIQUE (staff_id), 
	CONSTRAINT uq_accounts_login UNIQUE (login)
)
-- ;;
CREATE TABLE identity.grants (
	account_id UUID NOT NULL, 
	grant_no SMALLINT NOT NULL, 
	role TEXT NOT NULL, 
	location_id UUID, 
	starts_at TIMESTAMP WITH TIME ZONE, 
	ends_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_grants PRIMARY KEY (account_id, grant_no), 
	CONSTRAINT ck_grants_role CHECK (role in ('associate','lead','picker','supervisor','agent','district','experience','reader','partner','admin','integration'))
)
-- ;;
CREATE TABLE identity.sessions (
	session_hash BYTEA NOT NULL, 
	account_id UUID NOT NULL, 
	device TEXT DEFAULT '' NOT NULL, 
	shared BOOLEAN DEFAULT 'false' NOT NULL, 
	at_location UUID, 
	csrf TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	locked_at TIMESTAMP WITH TIME ZONE, 
	revoked_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_sessions PRIMARY KEY (session_hash)
)
-- ;;
CREATE INDEX ix_sessions_account_id ON identity.sessions (account_id)
-- ;;
CREATE TABLE identity.tokens (
	token_hash BYTEA NOT NULL, 
	token_id UUID NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	locations UUID[] DEFAULT '{}' NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE, 
	revoked_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_tokens PRIMARY KEY (token_hash), 
	CONSTRAINT ck_tokens_role CHECK (role in ('associate','lead','picker','supervisor','agent','district','experience','reader','partner','admin','integration')), 
	CONSTRAINT uq_tokens_token_id UNIQUE (token_id)
)
-- ;;
CREATE TABLE identity.attempts (
	key TEXT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	tries SMALLINT DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_attempts PRIMARY KEY (key, at)
)
-- ;;
CREATE TABLE inventory.positions (
	item_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	sellable INTEGER DEFAULT '0' NOT NULL, 
	suspect INTEGER DEFAULT '0' NOT NULL, 
	staged INTEGER DEFAULT '0' NOT NULL, 
	damaged INTEGER DEFAULT '0' NOT NULL, 
	quarantine INTEGER DEFAULT '0' NOT NULL, 
	display INTEGER DEFAULT '0' NOT NULL, 
	reserved INTEGER DEFAULT '0' NOT NULL, 
	held INTEGER DEFAULT '0' NOT NULL, 
	safety INTEGER DEFAULT '0' NOT NULL, 
	gap INTEGER DEFAULT '0' NOT NULL, 
	spot TEXT DEFAULT '' NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_positions PRIMARY KEY (item_id, location_id), 
	CONSTRAINT ck_positions_none_negative CHECK (sellable >= 0 and suspect >= 0 and staged >= 0 and damaged >= 0 and quarantine >= 0 and display >= 0 and reserved >= 0 and held >= 0 and gap >= 0 and safety >= 0), 
	CONSTRAINT ck_positions_never_oversold CHECK (reserved + held <= sellable + gap)
)
-- ;;
CREATE INDEX ix_positions_location_id ON inventory.positions (location_id)
-- ;;
CREATE TABLE inventory.ledger (
	item_id UUID NOT NULL, 
	entry_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	from_account TEXT NOT NULL, 
	to_account TEXT NOT NULL, 
	quantity INTEGER NOT NULL, 
	cause TEXT NOT NULL, 
	order_id UUID, 
	actor_id TEXT NOT NULL, 
	evidence JSONB DEFAULT '[]' NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_ledger PRIMARY KEY (item_id, entry_id), 
	CONSTRAINT ck_ledger_quantity CHECK (quantity > 0), 
	CONSTRAINT ck_ledger_moves CHECK (from_account <> to_account), 
	CONSTRAINT ck_ledger_accounts CHECK (from_account in ('sellable','suspect','staged','damaged','quarantine','display','supplier','customer','written_off','found','in_transit') and to_account in ('sellable','suspect','staged','damaged','quarantine','display','supplier','customer','written_off','found','in_transit'))
)
-- ;;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON inventory.ledger FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON inventory.ledger FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE inventory.reservations (
	item_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	order_id UUID NOT NULL, 
	line_no SMALLINT NOT NULL, 
	quantity INTEGER NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_reservations PRIMARY KEY (item_id, location_id, order_id, line_no), 
	CONSTRAINT ck_reservations_quantity CHECK (quantity >= 0)
)
-- ;;
CREATE TABLE inventory.holds (
	item_id UUID NOT NULL, 
	hold_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	quantity INTEGER NOT NULL, 
	order_id UUID, 
	line_no SMALLINT, 
	purpose TEXT NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	released_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_holds PRIMARY KEY (item_id, hold_id), 
	CONSTRAINT ck_holds_quantity CHECK (quantity > 0)
)
-- ;;
CREATE INDEX ix_holds_live ON inventory.holds (expires_at) WHERE released_at IS NULL
-- ;;
CREATE TABLE inventory.shorts (
	item_id UUID NOT NULL, 
	short_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	order_id UUID NOT NULL, 
	line_no SMALLINT NOT NULL, 
	quantity INTEGER NOT NULL, 
	cause TEXT NOT NULL, 
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_shorts PRIMARY KEY (item_id, short_id), 
	CONSTRAINT ck_shorts_quantity CHECK (quantity > 0)
)
-- ;;
CREATE INDEX ix_shorts_open ON inventory.shorts (item_id, location_id) WHERE closed_at IS NULL
-- ;;
CREATE TABLE inventory.counts (
	item_id UUID NOT NULL, 
	count_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	cause TEXT NOT NULL, 
	state TEXT DEFAULT 'open' NOT NULL, 
	counted INTEGER, 
	counted_by TEXT DEFAULT '' NOT NULL, 
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	counted_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_counts PRIMARY KEY (item_id, count_id), 
	CONSTRAINT ck_counts_state CHECK (state in ('open','counted','canceled'))
)
-- ;;
CREATE INDEX ix_counts_open ON inventory.counts (location_id) WHERE state = 'open'
-- ;;
CREATE TABLE locations.locations (
	location_id UUID NOT NULL, 
	code TEXT NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	address JSONB DEFAULT '{}' NOT NULL, 
	city TEXT DEFAULT '' NOT NULL, 
	latitude FLOAT, 
	longitude FLOAT, 
	phone TEXT DEFAULT '' NOT NULL, 
	district TEXT DEFAULT '' NOT NULL, 
	time_zone TEXT NOT NULL, 
	week JSONB DEFAULT '{}' NOT NULL, 
	exceptions JSONB DEFAULT '{}' NOT NULL, 
	closed_from DATE, 
	capabilities TEXT[] DEFAULT '{}' NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_locations PRIMARY KEY (location_id), 
	CONSTRAINT ck_locations_kind CHECK (kind in ('store','warehouse','third_party','supplier')), 
	CONSTRAINT ck_locations_code CHECK (code <> ''), 
	CONSTRAINT uq_locations_code UNIQUE (code)
)
-- ;;
CREATE TABLE locations.staging_places (
	location_id UUID NOT NULL, 
	code TEXT NOT NULL, 
	label TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_staging_places PRIMARY KEY (location_id, code)
)
-- ;;
CREATE TABLE messages.messages (
	order_id UUID NOT NULL, 
	message_no SMALLINT NOT NULL, 
	kind TEXT NOT NULL, 
	work_no SMALLINT DEFAULT '0' NOT NULL, 
	fact_key TEXT NOT NULL, 
	speaker TEXT NOT NULL, 
	channel TEXT DEFAULT 'email' NOT NULL, 
	state TEXT NOT NULL, 
	proof JSONB NOT NULL, 
	facts JSONB NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	wording TEXT DEFAULT '' NOT NULL, 
	queued_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	next_at TIMESTAMP WITH TIME ZONE, 
	leased_until TIMESTAMP WITH TIME ZONE, 
	begun BOOLEAN DEFAULT 'false' NOT NULL, 
	fence INTEGER DEFAULT '0' NOT NULL, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	settled_at TIMESTAMP WITH TIME ZONE, 
	provider_key TEXT DEFAULT '' NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_messages PRIMARY KEY (order_id, message_no), 
	CONSTRAINT ck_messages_state CHECK (state in ('queued','sending','sent','failed','unknown','withdrawn','reported')), 
	CONSTRAINT ck_messages_speaker CHECK (speaker in ('us','platform')), 
	CONSTRAINT ck_messages_proven CHECK (proof <> '[]'::jsonb)
)
-- ;;
CREATE INDEX ix_messages_waiting ON messages.messages (next_at) WHERE state IN ('queued', 'sending')
-- ;;
CREATE UNIQUE INDEX uq_messages_fact ON messages.messages (order_id, fact_key)
-- ;;
CREATE TABLE orders."references" (
	source_id UUID NOT NULL, 
	reference TEXT NOT NULL, 
	order_id UUID NOT NULL, 
	content_hash BYTEA NOT NULL, 
	CONSTRAINT pk_references PRIMARY KEY (source_id, reference)
)
-- ;;
CREATE TABLE orders.numbers (
	number TEXT NOT NULL, 
	order_id UUID NOT NULL, 
	CONSTRAINT pk_numbers PRIMARY KEY (number)
)
-- ;;
CREATE TABLE orders.orders (
	order_id UUID NOT NULL, 
	number TEXT NOT NULL, 
	source_id UUID NOT NULL, 
	reference TEXT NOT NULL, 
	source_number TEXT DEFAULT '' NOT NULL, 
	channel TEXT NOT NULL, 
	state TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	total_minor BIGINT NOT NULL, 
	tax_minor BIGINT DEFAULT '0' NOT NULL, 
	shipping_minor BIGINT DEFAULT '0' NOT NULL, 
	prices_include_tax BOOLEAN DEFAULT 'false' NOT NULL, 
	contact_name TEXT DEFAULT '' NOT NULL, 
	contact_email TEXT DEFAULT '' NOT NULL, 
	contact_phone TEXT DEFAULT '' NOT NULL, 
	address JSONB, 
	language TEXT DEFAULT 'en' NOT NULL, 
	collectors JSONB DEFAULT '[]' NOT NULL, 
	attribution JSONB, 
	terms JSONB, 
	placed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	source_version TIMESTAMP WITH TIME ZONE, 
	link_version SMALLINT DEFAULT '1' NOT NULL, 
	link_expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	version INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_orders PRIMARY KEY (order_id), 
	CONSTRAINT ck_orders_state CHECK (state in ('draft','placed','confirmed','closed','changing','canceled','expired'))
)
-- ;;
CREATE TABLE orders.lines (
	order_id UUID NOT NULL, 
	line_no SMALLINT NOT NULL, 
	item_id UUID NOT NULL, 
	sku TEXT NOT NULL, 
	title TEXT NOT NULL, 
	source_line TEXT DEFAULT '' NOT NULL, 
	quantity INTEGER NOT NULL, 
	unit_price_minor BIGINT NOT NULL, 
	tax_minor BIGINT DEFAULT '0' NOT NULL, 
	discount_minor BIGINT DEFAULT '0' NOT NULL, 
	method TEXT NOT NULL, 
	location_id UUID, 
	q_open INTEGER DEFAULT '0' NOT NULL, 
	q_reserved INTEGER DEFAULT '0' NOT NULL, 
	q_allocated INTEGER DEFAULT '0' NOT NULL, 
	q_picked INTEGER DEFAULT '0' NOT NULL, 
	q_staged INTEGER DEFAULT '0' NOT NULL, 
	q_ready INTEGER DEFAULT '0' NOT NULL, 
	q_handed_over INTEGER DEFAULT '0' NOT NULL, 
	q_returned INTEGER DEFAULT '0' NOT NULL, 
	q_short INTEGER DEFAULT '0' NOT NULL, 
	q_backordered INTEGER DEFAULT '0' NOT NULL, 
	q_substituted INTEGER DEFAULT '0' NOT NULL, 
	q_canceled INTEGER DEFAULT '0' NOT NULL, 
	q_lost INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_lines PRIMARY KEY (order_id, line_no), 
	CONSTRAINT ck_lines_quantity CHECK (quantity > 0), 
	CONSTRAINT ck_lines_quantity_is_conserved CHECK (quantity = q_open + q_reserved + q_allocated + q_picked + q_staged + q_ready + q_handed_over + q_returned + q_short + q_backordered + q_substituted + q_canceled + q_lost), 
	CONSTRAINT ck_lines_no_negative_state CHECK (q_open >= 0 and q_reserved >= 0 and q_allocated >= 0 and q_picked >= 0 and q_staged >= 0 and q_ready >= 0 and q_handed_over >= 0 and q_returned >= 0 and q_short >= 0 and q_backordered >= 0 and q_substituted >= 0 and q_canceled >= 0 and q_lost >= 0), 
	CONSTRAINT ck_lines_method CHECK (method in ('pickup','ship','deliver'))
)
-- ;;
CREATE INDEX ix_lines_waiting ON orders.lines (item_id, location_id) WHERE q_backordered > 0
-- ;;
CREATE TABLE orders.holds (
	order_id UUID NOT NULL, 
	hold_no SMALLINT NOT NULL, 
	kind TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	blocks TEXT[] NOT NULL, 
	owner TEXT NOT NULL, 
	placed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	released_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_holds PRIMARY KEY (order_id, hold_no)
)
-- ;;
CREATE INDEX ix_holds_open ON orders.holds (order_id) WHERE released_at IS NULL
-- ;;
CREATE TABLE payments.tenders (
	order_id UUID NOT NULL, 
	payment_no SMALLINT NOT NULL, 
	method TEXT DEFAULT '' NOT NULL, 
	provider_reference TEXT DEFAULT '' NOT NULL, 
	state TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	authorized_minor BIGINT DEFAULT '0' NOT NULL, 
	captured_minor BIGINT DEFAULT '0' NOT NULL, 
	refunded_minor BIGINT DEFAULT '0' NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_tenders PRIMARY KEY (order_id, payment_no), 
	CONSTRAINT ck_tenders_state CHECK (state in ('pending','authorized','captured','partly_refunded','refunded','voided','expired','failed','disputed')), 
	CONSTRAINT ck_tenders_refund_within_capture CHECK (0 <= refunded_minor and refunded_minor <= captured_minor)
)
-- ;;
CREATE TABLE payments.facts (
	order_id UUID NOT NULL, 
	fact_no SMALLINT NOT NULL, 
	payment_no SMALLINT, 
	kind TEXT NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	currency TEXT NOT NULL, 
	reported_by TEXT NOT NULL, 
	reference TEXT NOT NULL, 
	cause TEXT DEFAULT '' NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_facts PRIMARY KEY (order_id, fact_no), 
	CONSTRAINT ck_facts_kind CHECK (kind in ('authorized','captured','refunded','voided','refund_due','agreed'))
)
-- ;;
CREATE UNIQUE INDEX uq_facts_reference ON payments.facts (order_id, kind, reference)
-- ;;
CREATE TRIGGER facts_append_only BEFORE UPDATE OR DELETE ON payments.facts FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER facts_no_truncate BEFORE TRUNCATE ON payments.facts FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TABLE people.staff (
	staff_id UUID NOT NULL, 
	code TEXT NOT NULL, 
	name TEXT NOT NULL, 
	email TEXT DEFAULT '' NOT NULL, 
	language TEXT DEFAULT 'en' NOT NULL, 
	home_location UUID, 
	left_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_staff PRIMARY KEY (staff_id), 
	CONSTRAINT uq_staff_code UNIQUE (code)
)
-- ;;
CREATE TABLE people.shifts (
	staff_id UUID NOT NULL, 
	starts_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	location_id UUID, 
	role TEXT NOT NULL, 
	district TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_shifts PRIMARY KEY (staff_id, starts_at), 
	CONSTRAINT ck_shifts_forward CHECK (ends_at > starts_at)
)
-- ;;
CREATE INDEX ix_shifts_place ON people.shifts (location_id, role, ends_at)
-- ;;
CREATE TABLE promises.promises (
	order_id UUID NOT NULL, 
	promise_no SMALLINT NOT NULL, 
	kind TEXT NOT NULL, 
	work_no SMALLINT NOT NULL, 
	location_id UUID, 
	state TEXT NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	facts JSONB DEFAULT '{}' NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	replaces SMALLINT, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	kept_by JSONB DEFAULT '[]' NOT NULL, 
	cause TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_promises PRIMARY KEY (order_id, promise_no), 
	CONSTRAINT ck_promises_state CHECK (state in ('made','kept','re_promised','broken','released')), 
	CONSTRAINT ck_promises_kept_by_evidence CHECK (state <> 'kept' or kept_by <> '[]'::jsonb)
)
-- ;;
CREATE INDEX ix_promises_due ON promises.promises (due_at) WHERE state = 'made'
-- ;;
CREATE UNIQUE INDEX uq_promises_one_open ON promises.promises (order_id, work_no, kind) WHERE state = 'made'
-- ;;
CREATE TABLE promises.milestones (
	order_id UUID NOT NULL, 
	promise_no SMALLINT NOT NULL, 
	kind TEXT NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	reached_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_milestones PRIMARY KEY (order_id, promise_no, kind)
)
-- ;;
CREATE TABLE search.documents (
	order_id UUID NOT NULL, 
	seq BIGINT GENERATED ALWAYS AS IDENTITY, 
	indexed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_documents PRIMARY KEY (order_id), 
	CONSTRAINT uq_documents_seq UNIQUE (seq)
)
-- ;;
CREATE TABLE search.terms (
	hash BIGINT NOT NULL, 
	seq BIGINT NOT NULL, 
	CONSTRAINT pk_terms PRIMARY KEY (hash, seq)
)
-- ;;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public
-- ;;
CREATE TABLE search.words (
	word TEXT COLLATE "C" NOT NULL, 
	reversed TEXT COLLATE "C" NOT NULL, 
	seen INTEGER DEFAULT '1' NOT NULL, 
	CONSTRAINT pk_words PRIMARY KEY (word)
)
-- ;;
CREATE INDEX ix_words_reversed ON search.words (reversed)
-- ;;
CREATE INDEX ix_words_trigrams ON search.words USING gin (word public.gin_trgm_ops)
-- ;;
CREATE TABLE tasks.tasks (
	task_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	title TEXT NOT NULL, 
	order_id UUID, 
	subject TEXT DEFAULT '' NOT NULL, 
	location_id UUID, 
	role TEXT NOT NULL, 
	assignee_id UUID, 
	state TEXT NOT NULL, 
	details JSONB DEFAULT '{}' NOT NULL, 
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	next_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	claimed_at TIMESTAMP WITH TIME ZONE, 
	done_at TIMESTAMP WITH TIME ZONE, 
	done_by TEXT DEFAULT '' NOT NULL, 
	proof JSONB, 
	key TEXT NOT NULL, 
	CONSTRAINT pk_tasks PRIMARY KEY (task_id), 
	CONSTRAINT ck_tasks_state CHECK (state in ('open','assigned','pooled','acknowledged','in_progress','done','blocked','handed_over','expired')), 
	CONSTRAINT ck_tasks_done_with_proof CHECK (state <> 'done' or (done_at is not null and proof is not null)), 
	CONSTRAINT uq_tasks_key UNIQUE (key)
)
-- ;;
CREATE INDEX ix_tasks_next ON tasks.tasks (next_at) WHERE (state NOT IN ('done', 'expired'))
-- ;;
CREATE INDEX ix_tasks_open ON tasks.tasks (location_id, role, due_at) WHERE (state NOT IN ('done', 'expired'))
-- ;;
CREATE INDEX ix_tasks_order ON tasks.tasks (order_id)
-- ;;
CREATE TABLE watch.watchdogs (
	order_id UUID NOT NULL, 
	watchdog_no SMALLINT NOT NULL, 
	waits_for TEXT NOT NULL, 
	work_no SMALLINT DEFAULT '0' NOT NULL, 
	location_id UUID, 
	state TEXT NOT NULL, 
	armed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	look_at TIMESTAMP WITH TIME ZONE, 
	level SMALLINT DEFAULT '0' NOT NULL, 
	next_at TIMESTAMP WITH TIME ZONE, 
	acknowledged_by TEXT DEFAULT '' NOT NULL, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_watchdogs PRIMARY KEY (order_id, watchdog_no), 
	CONSTRAINT ck_watchdogs_state CHECK (state in ('armed','due_soon','fired','notified','acknowledged','resolved','moved_on','canceled'))
)
-- ;;
CREATE INDEX ix_watchdogs_next ON watch.watchdogs (next_at) WHERE next_at IS NOT NULL
-- ;;
CREATE INDEX ix_watchdogs_place ON watch.watchdogs (location_id) WHERE next_at IS NOT NULL
-- ;;
CREATE UNIQUE INDEX uq_watchdogs_one_open ON watch.watchdogs (order_id, work_no, waits_for) WHERE (state NOT IN ('resolved', 'canceled'))
-- ;;
CREATE TABLE watch.ownership (
	order_id UUID NOT NULL, 
	role TEXT NOT NULL, 
	location_id UUID, 
	staff_id UUID, 
	since TIMESTAMP WITH TIME ZONE NOT NULL, 
	next_step TEXT NOT NULL, 
	next_deadline TIMESTAMP WITH TIME ZONE NOT NULL, 
	level SMALLINT DEFAULT '0' NOT NULL, 
	waiting_for TEXT DEFAULT 'staff' NOT NULL, 
	CONSTRAINT pk_ownership PRIMARY KEY (order_id), 
	CONSTRAINT ck_ownership_someone CHECK (role <> ''), 
	CONSTRAINT ck_ownership_waiting_for CHECK (waiting_for in ('staff','customer','system'))
)
-- ;;
CREATE INDEX ix_ownership_place ON watch.ownership (location_id, next_deadline)
-- ;;
CREATE INDEX ix_ownership_staff ON watch.ownership (staff_id) WHERE staff_id IS NOT NULL
-- ;;
CREATE TABLE watch.exceptions (
	exception_id UUID NOT NULL, 
	order_id UUID, 
	work_no SMALLINT, 
	location_id UUID, 
	kind TEXT NOT NULL, 
	cause TEXT NOT NULL, 
	detail TEXT DEFAULT '' NOT NULL, 
	facts JSONB DEFAULT '{}' NOT NULL, 
	owner_role TEXT NOT NULL, 
	state TEXT DEFAULT 'open' NOT NULL, 
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	outcome TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_exceptions PRIMARY KEY (exception_id), 
	CONSTRAINT ck_exceptions_state CHECK (state in ('open','resolved')), 
	CONSTRAINT ck_exceptions_owned CHECK (owner_role <> ''), 
	CONSTRAINT ck_exceptions_cause CHECK (cause in ('stock','people','system','customer','platform','place'))
)
-- ;;
CREATE INDEX ix_exceptions_open ON watch.exceptions (location_id) WHERE state = 'open'
-- ;;
CREATE INDEX ix_exceptions_order ON watch.exceptions (order_id)
-- ;;
CREATE TABLE fulfillment.work_lines (
	order_id UUID NOT NULL, 
	work_no SMALLINT NOT NULL, 
	line_no SMALLINT NOT NULL, 
	item_id UUID NOT NULL, 
	asked INTEGER NOT NULL, 
	wanted INTEGER NOT NULL, 
	picked INTEGER DEFAULT '0' NOT NULL, 
	handed_over INTEGER DEFAULT '0' NOT NULL, 
	short INTEGER DEFAULT '0' NOT NULL, 
	dropped INTEGER DEFAULT '0' NOT NULL, 
	to_put_away INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_work_lines PRIMARY KEY (order_id, work_no, line_no), 
	CONSTRAINT ck_work_lines_picked CHECK (wanted >= 0 and picked between 0 and wanted), 
	CONSTRAINT ck_work_lines_handed_over CHECK (handed_over between 0 and picked), 
	CONSTRAINT ck_work_lines_none_negative CHECK (short >= 0 and dropped >= 0 and to_put_away >= 0), 
	CONSTRAINT ck_work_lines_units_are_conserved CHECK (asked > 0 and asked = wanted + short + dropped)
)
-- ;;
CREATE OR REPLACE FUNCTION fulfillment.proven_units(l fulfillment.work_lines, at uuid) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(sum(CASE e.step WHEN 'pick' THEN e.quantity ELSE -e.quantity END), 0)
    FROM fulfillment.evidence e
   WHERE e.order_id = l.order_id AND e.work_no = l.work_no AND e.line_no = l.line_no AND e.item_id = l.item_id
     AND (e.step = 'pick' AND e.kind NOT IN ('system', 'signature') AND e.location_id = at OR e.step = 'put_away')
$$
-- ;;
CREATE OR REPLACE FUNCTION fulfillment.units_seen_off(l fulfillment.work_lines, at uuid) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
  SELECT coalesce(sum(CASE e.step WHEN 'hand_over' THEN e.quantity ELSE -e.quantity END), 0)
    FROM fulfillment.evidence e
   WHERE e.order_id = l.order_id AND e.work_no = l.work_no AND e.line_no = l.line_no
     AND (e.step = 'hand_over' AND e.kind <> 'system' AND e.location_id = at OR e.step = 'undo')
$$
-- ;;
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
  IF at IN ('ready', 'handed_over') THEN
    RAISE EXCEPTION 'lines are frozen once ready' USING ERRCODE = '23514', CONSTRAINT = 'lines_freeze_at_ready';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$
-- ;;
CREATE OR REPLACE FUNCTION fulfillment.guard_new_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- lock first and look afterwards: a condition would be asked before the lock and leave rows unlocked
  PERFORM FROM fulfillment.work w JOIN new_lines n USING (order_id, work_no) FOR SHARE OF w;
  IF EXISTS (SELECT FROM fulfillment.work w JOIN new_lines n USING (order_id, work_no)
              WHERE w.state IN ('ready', 'handed_over')) THEN
    RAISE EXCEPTION 'lines are frozen once ready' USING ERRCODE = '23514', CONSTRAINT = 'lines_freeze_at_ready';
  END IF;
  RETURN NULL;
END $$
-- ;;
CREATE OR REPLACE FUNCTION fulfillment.guard_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE at record;
BEGIN
  SELECT w.location_id, w.state INTO at FROM fulfillment.work w
   WHERE w.order_id = NEW.order_id AND w.work_no = NEW.work_no FOR SHARE;
  IF NOT FOUND OR at.location_id <> NEW.location_id THEN
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
CREATE TRIGGER work_guard_new BEFORE INSERT ON fulfillment.work FOR EACH ROW WHEN (NEW.state || NEW.staging_place <> 'offered') EXECUTE FUNCTION fulfillment.guard_work()
-- ;;
CREATE TRIGGER work_guard BEFORE UPDATE ON fulfillment.work FOR EACH ROW EXECUTE FUNCTION fulfillment.guard_work()
-- ;;
CREATE TRIGGER work_lines_guard_new AFTER INSERT ON fulfillment.work_lines REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION fulfillment.guard_new_lines()
-- ;;
CREATE TRIGGER work_lines_guard BEFORE UPDATE OR DELETE ON fulfillment.work_lines FOR EACH ROW EXECUTE FUNCTION fulfillment.guard_lines()
-- ;;
CREATE TRIGGER work_lines_no_truncate BEFORE TRUNCATE ON fulfillment.work_lines FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER evidence_guard BEFORE INSERT ON fulfillment.evidence FOR EACH ROW EXECUTE FUNCTION fulfillment.guard_evidence()
