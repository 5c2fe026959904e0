CREATE SCHEMA IF NOT EXISTS capacity
-- ;;
CREATE TABLE capacity.limits (
	limit_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	method TEXT DEFAULT '' NOT NULL, 
	days SMALLINT[] NOT NULL, 
	opens SMALLINT NOT NULL, 
	closes SMALLINT NOT NULL, 
	slot_minutes SMALLINT NOT NULL, 
	works INTEGER NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	changed_by TEXT NOT NULL, 
	CONSTRAINT pk_limits PRIMARY KEY (limit_id), 
	CONSTRAINT ck_limits_method CHECK (method in ('','pickup','ship','deliver')), 
	CONSTRAINT ck_limits_times CHECK (opens >= 0 and opens < closes and closes <= 1440), 
	CONSTRAINT ck_limits_slot_minutes CHECK (slot_minutes between 5 and 1440), 
	CONSTRAINT ck_limits_works CHECK (works >= 0)
)
-- ;;
CREATE INDEX ix_limits_place ON capacity.limits (location_id)
-- ;;
CREATE TRIGGER limits_remembered AFTER INSERT OR DELETE OR UPDATE ON capacity.limits FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('capacity')
-- ;;
CREATE TABLE capacity.pauses (
	pause_id UUID NOT NULL, 
	location_id UUID NOT NULL, 
	method TEXT DEFAULT '' NOT NULL, 
	starts_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	ends_at TIMESTAMP WITH TIME ZONE, 
	reason TEXT NOT NULL, 
	paused_by TEXT NOT NULL, 
	ended_by TEXT DEFAULT '' NOT NULL, 
	CONSTRAINT pk_pauses PRIMARY KEY (pause_id), 
	CONSTRAINT ck_pauses_method CHECK (method in ('','pickup','ship','deliver')), 
	CONSTRAINT ck_pauses_times CHECK (ends_at is null or ends_at >= starts_at), 
	CONSTRAINT ck_pauses_reason CHECK (trim(reason) <> '')
)
-- ;;
CREATE INDEX ix_pauses_place ON capacity.pauses (location_id, starts_at)
-- ;;
CREATE TRIGGER pauses_remembered AFTER INSERT OR DELETE OR UPDATE ON capacity.pauses FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('capacity')
-- ;;
CREATE TABLE capacity.bookings (
	order_id UUID NOT NULL, 
	work_no SMALLINT NOT NULL, 
	limit_id UUID NOT NULL, 
	starts_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	fence_no SMALLINT NOT NULL, 
	"over" BOOLEAN DEFAULT 'false' NOT NULL, 
	method TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	done_by TIMESTAMP WITH TIME ZONE NOT NULL, 
	booked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE, 
	released_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_bookings PRIMARY KEY (order_id, work_no, limit_id)
)
-- ;;
CREATE INDEX ix_bookings_slot ON capacity.bookings (limit_id, starts_at) WHERE released_at IS NULL
-- ;;
CREATE TABLE capacity.fences (
	limit_id UUID NOT NULL, 
	fence_no SMALLINT NOT NULL, 
	method TEXT DEFAULT '' NOT NULL, 
	channel TEXT DEFAULT '' NOT NULL, 
	works INTEGER NOT NULL, 
	CONSTRAINT pk_fences PRIMARY KEY (limit_id, fence_no), 
	CONSTRAINT ck_fences_method CHECK (method in ('','pickup','ship','deliver')), 
	CONSTRAINT ck_fences_fence CHECK (works > 0 and fence_no > 0 and (method <> '' or channel <> '')), 
	CONSTRAINT fk_fences_limit_id FOREIGN KEY(limit_id) REFERENCES capacity.limits (limit_id) ON DELETE CASCADE
)
-- ;;
CREATE TRIGGER fences_remembered AFTER INSERT OR DELETE OR UPDATE ON capacity.fences FOR EACH STATEMENT EXECUTE FUNCTION runtime.note_change('capacity')
