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
