CREATE SCHEMA IF NOT EXISTS governance
-- ;;
CREATE TABLE governance.authorities (
	location_id UUID NOT NULL, 
	fact TEXT NOT NULL, 
	holder TEXT NOT NULL, 
	set_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	set_by TEXT NOT NULL, 
	CONSTRAINT pk_authorities PRIMARY KEY (location_id, fact), 
	CONSTRAINT ck_authorities_fact CHECK (fact in ('sales', 'counts', 'receipts', 'returns', 'claims'))
)
-- ;;
CREATE TABLE governance.documents (
	source_id UUID NOT NULL, 
	stream TEXT NOT NULL, 
	document TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	number BIGINT, 
	location_id UUID NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	voids TEXT DEFAULT '' NOT NULL, 
	content BYTEA NOT NULL, 
	lines INTEGER NOT NULL, 
	message_id UUID, 
	CONSTRAINT pk_documents PRIMARY KEY (source_id, stream, document), 
	CONSTRAINT ck_documents_kind CHECK (kind in ('transaction','void','delta','full'))
)
-- ;;
CREATE INDEX ix_documents_content ON governance.documents (source_id, content)
-- ;;
CREATE INDEX ix_documents_voids ON governance.documents (source_id, stream, voids) WHERE voids != ''
-- ;;
CREATE TABLE governance.drifts (
	drift_id UUID NOT NULL, 
	item_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	source_id UUID NOT NULL, 
	kind TEXT NOT NULL, 
	document TEXT DEFAULT '' NOT NULL, 
	since TIMESTAMP WITH TIME ZONE, 
	as_of TIMESTAMP WITH TIME ZONE NOT NULL, 
	said INTEGER NOT NULL, 
	book INTEGER NOT NULL, 
	amount INTEGER NOT NULL, 
	value_minor BIGINT NOT NULL, 
	currency TEXT NOT NULL, 
	cause TEXT DEFAULT 'unknown' NOT NULL, 
	certain BOOLEAN DEFAULT 'false' NOT NULL, 
	words TEXT DEFAULT '' NOT NULL, 
	evidence JSONB DEFAULT '[]' NOT NULL, 
	authority BOOLEAN NOT NULL, 
	state TEXT DEFAULT 'open' NOT NULL, 
	owner_role TEXT NOT NULL, 
	task_key TEXT DEFAULT '' NOT NULL, 
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	measured_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	named_at TIMESTAMP WITH TIME ZONE, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	closed_by TEXT DEFAULT '' NOT NULL, 
	outcome TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_drifts PRIMARY KEY (drift_id), 
	CONSTRAINT ck_drifts_kind CHECK (kind in ('stock','shown','unheard')), 
	CONSTRAINT ck_drifts_state CHECK (state in ('open','repaired','explained','dismissed')), 
	CONSTRAINT ck_drifts_cause CHECK (cause in ('lost_file', 'doubled_delta', 'late_sale', 'missed_message', 'double_restock', 'stuck_connector', 'no_authority', 'unknown')), 
	CONSTRAINT ck_drifts_owned CHECK (owner_role <> ''), 
	CONSTRAINT ck_drifts_closed CHECK ((state = 'open') = (closed_at is null))
)
-- ;;
CREATE INDEX ix_drifts_opened_at ON governance.drifts (opened_at)
-- ;;
CREATE INDEX ix_drifts_task ON governance.drifts (task_key) WHERE state = 'open'
-- ;;
CREATE UNIQUE INDEX uq_drifts_open ON governance.drifts (item_id, location_id, source_id, kind) WHERE state = 'open'
-- ;;
CREATE TABLE governance.gaps (
	gap_id UUID NOT NULL, 
	source_id UUID NOT NULL, 
	stream TEXT NOT NULL, 
	location_id UUID NOT NULL, 
	low BIGINT NOT NULL, 
	high BIGINT NOT NULL, 
	after_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	before_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_gaps PRIMARY KEY (gap_id), 
	CONSTRAINT ck_gaps_order CHECK (low <= high)
)
-- ;;
CREATE INDEX ix_gaps_open ON governance.gaps (source_id, stream) WHERE closed_at IS NULL
-- ;;
CREATE INDEX ix_gaps_place ON governance.gaps (location_id, before_at)
-- ;;
CREATE TABLE governance.levels (
	item_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	source_id UUID NOT NULL, 
	units INTEGER NOT NULL, 
	as_of TIMESTAMP WITH TIME ZONE NOT NULL, 
	document TEXT NOT NULL, 
	counts BOOLEAN NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	agreed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_levels PRIMARY KEY (item_id, location_id, source_id)
)
-- ;;
CREATE TABLE governance.lines (
	source_id UUID NOT NULL, 
	stream TEXT NOT NULL, 
	document TEXT NOT NULL, 
	line_no INTEGER NOT NULL, 
	part SMALLINT DEFAULT '0' NOT NULL, 
	kind TEXT NOT NULL, 
	item TEXT NOT NULL, 
	item_id UUID, 
	location_id UUID NOT NULL, 
	units INTEGER NOT NULL, 
	condition TEXT DEFAULT 'sellable' NOT NULL, 
	reference TEXT DEFAULT '' NOT NULL, 
	happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	owner TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_lines PRIMARY KEY (source_id, stream, document, line_no, part), 
	CONSTRAINT ck_lines_kind CHECK (kind in ('sale', 'return', 'void', 'receipt', 'adjust', 'count')), 
	CONSTRAINT ck_lines_state CHECK (state in ('booked', 'voided', 'observed', 'waiting', 'dismissed')), 
	CONSTRAINT ck_lines_waiting_is_owned CHECK (state <> 'waiting' or (reason <> '' and owner <> '')), 
	CONSTRAINT ck_lines_units CHECK (kind = 'adjust' or units >= 0), 
	CONSTRAINT ck_lines_condition CHECK (condition in ('sellable','damaged','quarantine','display'))
)
-- ;;
CREATE INDEX ix_lines_place ON governance.lines (item_id, location_id, happened_at)
-- ;;
CREATE INDEX ix_lines_reference ON governance.lines (source_id, reference) WHERE reference != ''
-- ;;
CREATE INDEX ix_lines_waiting ON governance.lines (source_id, item) WHERE state = 'waiting'
-- ;;
CREATE TABLE governance.silences (
	source_id UUID NOT NULL, 
	stream TEXT NOT NULL, 
	since TIMESTAMP WITH TIME ZONE NOT NULL, 
	location_id UUID NOT NULL, 
	noticed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	until TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_silences PRIMARY KEY (source_id, stream, since)
)
-- ;;
CREATE INDEX ix_silences_place ON governance.silences (location_id, since)
-- ;;
CREATE TABLE governance.streams (
	source_id UUID NOT NULL, 
	stream TEXT NOT NULL, 
	location_id UUID NOT NULL, 
	last_number BIGINT, 
	last_at TIMESTAMP WITH TIME ZONE, 
	heard_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	usual_seconds FLOAT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_streams PRIMARY KEY (source_id, stream)
)
