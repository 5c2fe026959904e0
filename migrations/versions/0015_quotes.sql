-- Quotes: what was promised before the order.
CREATE SCHEMA IF NOT EXISTS quotes
-- ;;
CREATE TABLE quotes.quotes (
	quote_id UUID NOT NULL, 
	state TEXT DEFAULT 'open' NOT NULL, 
	channel TEXT NOT NULL, 
	source TEXT DEFAULT '' NOT NULL, 
	country TEXT DEFAULT '' NOT NULL, 
	postcode TEXT DEFAULT '' NOT NULL, 
	basket JSONB NOT NULL, 
	promised JSONB NOT NULL, 
	decided JSONB, 
	made_by TEXT NOT NULL, 
	made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	order_id UUID, 
	kept BOOLEAN, 
	differences JSONB DEFAULT '[]' NOT NULL, 
	settled_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_quotes PRIMARY KEY (quote_id), 
	CONSTRAINT ck_quotes_state CHECK (state in ('open','used','let_go')), 
	CONSTRAINT ck_quotes_used_by_an_order CHECK ((state = 'used') = (order_id is not null) and (state = 'used') = (kept is not null)), 
	CONSTRAINT ck_quotes_settled CHECK ((state = 'open') = (settled_at is null)), 
	CONSTRAINT ck_quotes_differences_are_told CHECK (kept is not false or differences <> '[]')
)
-- ;;
CREATE INDEX ix_quotes_over ON quotes.quotes (expires_at)
-- ;;
CREATE UNIQUE INDEX uq_quotes_order_id ON quotes.quotes (order_id) WHERE order_id IS NOT NULL
