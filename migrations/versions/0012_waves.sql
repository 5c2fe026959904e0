-- Waves: works picked in one walk.
CREATE SCHEMA IF NOT EXISTS waves
-- ;;
CREATE TABLE waves.waves (
	wave_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT DEFAULT 'planned' NOT NULL, 
	carrier TEXT DEFAULT '' NOT NULL, 
	leaves_at TIMESTAMP WITH TIME ZONE, 
	planned_by TEXT NOT NULL, 
	planned_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	released_at TIMESTAMP WITH TIME ZONE, 
	closed_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_waves PRIMARY KEY (wave_id), 
	CONSTRAINT ck_waves_state CHECK (state in ('planned','released','picking','done','canceled')), 
	CONSTRAINT ck_waves_closed CHECK ((closed_at is not null) = (state in ('done','canceled')))
)
-- ;;
CREATE INDEX ix_waves_open ON waves.waves (location_id) WHERE closed_at IS NULL
-- ;;
CREATE UNIQUE INDEX uq_waves_location_id_number ON waves.waves (location_id, number)
-- ;;
CREATE TABLE waves.works (
	order_id UUID NOT NULL, 
	work_no SMALLINT NOT NULL, 
	wave_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	tote_no SMALLINT NOT NULL, 
	tote TEXT DEFAULT '' NOT NULL, 
	is_in BOOLEAN DEFAULT 'true' NOT NULL, 
	why TEXT DEFAULT '' NOT NULL, 
	is_open BOOLEAN DEFAULT 'true' NOT NULL, 
	CONSTRAINT pk_works PRIMARY KEY (order_id, work_no, wave_id), 
	CONSTRAINT ck_works_left_has_a_reason CHECK (is_in or why <> '')
)
-- ;;
CREATE INDEX ix_works_tote ON waves.works (location_id, tote) WHERE tote != ''
-- ;;
CREATE UNIQUE INDEX uq_works_one_open_wave ON waves.works (order_id, work_no) WHERE is_open AND is_in
-- ;;
CREATE UNIQUE INDEX uq_works_one_order_in_a_tote ON waves.works (location_id, tote) WHERE is_open AND is_in AND tote <> ''
-- ;;
CREATE UNIQUE INDEX uq_works_wave_id_tote_no ON waves.works (wave_id, tote_no)
-- ;;
CREATE TABLE waves.puts (
	wave_id UUID NOT NULL, 
	key TEXT NOT NULL, 
	order_id UUID NOT NULL, 
	work_no SMALLINT NOT NULL, 
	item_id UUID NOT NULL, 
	tote_no SMALLINT NOT NULL, 
	units INTEGER NOT NULL, 
	barcode TEXT NOT NULL, 
	actor_id TEXT NOT NULL, 
	actor_name TEXT NOT NULL, 
	recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_puts PRIMARY KEY (wave_id, key), 
	CONSTRAINT ck_puts_units CHECK (units > 0)
)
-- ;;
CREATE TRIGGER puts_append_only BEFORE UPDATE OR DELETE ON waves.puts FOR EACH ROW EXECUTE FUNCTION runtime.refuse_change()
-- ;;
CREATE TRIGGER puts_no_truncate BEFORE TRUNCATE ON waves.puts FOR EACH STATEMENT EXECUTE FUNCTION runtime.refuse_change()
