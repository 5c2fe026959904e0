CREATE SCHEMA IF NOT EXISTS feeds
-- ;;
CREATE TABLE feeds.feeds (
	feed_id UUID NOT NULL, 
	feed_no INTEGER GENERATED ALWAYS AS IDENTITY, 
	code TEXT NOT NULL, 
	name TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	locations UUID[] DEFAULT '{}' NOT NULL, 
	place_group TEXT DEFAULT '' NOT NULL, 
	country TEXT DEFAULT '' NOT NULL, 
	postcode TEXT DEFAULT '' NOT NULL, 
	method TEXT DEFAULT '' NOT NULL, 
	bands JSONB, 
	webhook_url TEXT DEFAULT '' NOT NULL, 
	state TEXT DEFAULT 'active' NOT NULL, 
	secret_no SMALLINT DEFAULT '1' NOT NULL, 
	old_secret_until TIMESTAMP WITH TIME ZONE, 
	refresh_after UUID, 
	refreshed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_feeds PRIMARY KEY (feed_id), 
	CONSTRAINT ck_feeds_state CHECK (state in ('active','paused','disabled','closed')), 
	CONSTRAINT ck_feeds_channel CHECK (channel in ('web','pos','phone','marketplace','social','chat','agent','b2b')), 
	CONSTRAINT uq_feeds_feed_no UNIQUE (feed_no)
) WITH (fillfactor = 70)
-- ;;
CREATE UNIQUE INDEX uq_feeds_code ON feeds.feeds (code) WHERE state != 'closed'
-- ;;
CREATE TABLE feeds.head (
	one BOOLEAN DEFAULT 'true' NOT NULL, 
	position BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_head PRIMARY KEY (one), 
	CONSTRAINT ck_head_one CHECK (one)
) WITH (fillfactor = 50)
-- ;;
CREATE TABLE feeds.shown (
	item_id UUID NOT NULL, 
	position BIGINT NOT NULL, 
	told JSONB NOT NULL, 
	CONSTRAINT pk_shown PRIMARY KEY (item_id)
) WITH (fillfactor = 50)
-- ;;
CREATE INDEX ix_shown_position ON feeds.shown (position)
-- ;;
CREATE TABLE feeds.deliveries (
	feed_id UUID NOT NULL, 
	position BIGINT DEFAULT '0' NOT NULL, 
	lease_no BIGINT DEFAULT '0' NOT NULL, 
	leased_by TEXT DEFAULT '' NOT NULL, 
	leased_until TIMESTAMP WITH TIME ZONE, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	next_at TIMESTAMP WITH TIME ZONE, 
	failing_since TIMESTAMP WITH TIME ZONE, 
	failure TEXT DEFAULT '' NOT NULL, 
	delivered_at TIMESTAMP WITH TIME ZONE, 
	delivered BIGINT DEFAULT '0' NOT NULL, 
	stuck_since TIMESTAMP WITH TIME ZONE, 
	asked_at TIMESTAMP WITH TIME ZONE, 
	asked_from BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (feed_id)
) WITH (fillfactor = 50)
