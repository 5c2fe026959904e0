CREATE SCHEMA IF NOT EXISTS availability
-- ;;
CREATE TABLE availability.rules (
	rule_id UUID NOT NULL, 
	number TEXT NOT NULL, 
	units INTEGER NOT NULL, 
	item_id UUID, 
	category TEXT DEFAULT '' NOT NULL, 
	location_id UUID, 
	group_code TEXT DEFAULT '' NOT NULL, 
	channel TEXT DEFAULT '' NOT NULL, 
	starts_on DATE, 
	ends_on DATE, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	changed_by TEXT NOT NULL, 
	CONSTRAINT pk_rules PRIMARY KEY (rule_id), 
	CONSTRAINT ck_rules_number CHECK (number in ('safety','floor','threshold')), 
	CONSTRAINT ck_rules_units CHECK (units >= 0), 
	CONSTRAINT ck_rules_item_or_category CHECK (item_id is null or category = ''), 
	CONSTRAINT ck_rules_place_or_group CHECK (location_id is null or group_code = ''), 
	CONSTRAINT ck_rules_dates CHECK (starts_on <= ends_on), 
	CONSTRAINT ck_rules_threshold_has_channel CHECK (number <> 'threshold' or channel <> '')
)
-- ;;
CREATE UNIQUE INDEX uq_rules_scope ON availability.rules (number, item_id, category, location_id, group_code, channel, starts_on, ends_on) NULLS NOT DISTINCT
-- ;;
CREATE TABLE availability.groups (
	code TEXT NOT NULL, 
	name TEXT NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_groups PRIMARY KEY (code)
)
-- ;;
CREATE TABLE availability.group_places (
	group_code TEXT NOT NULL, 
	location_id UUID NOT NULL, 
	CONSTRAINT pk_group_places PRIMARY KEY (group_code, location_id)
)
-- ;;
CREATE TABLE availability.sellers (
	seller TEXT NOT NULL, 
	group_code TEXT NOT NULL, 
	CONSTRAINT pk_sellers PRIMARY KEY (seller, group_code)
)
-- ;;
CREATE TABLE availability.areas (
	location_id UUID NOT NULL, 
	method TEXT NOT NULL, 
	country TEXT NOT NULL, 
	postcode TEXT NOT NULL, 
	CONSTRAINT pk_areas PRIMARY KEY (location_id, method, country, postcode), 
	CONSTRAINT ck_areas_method CHECK (method in ('ship','deliver')), 
	CONSTRAINT ck_areas_country CHECK (country ~ '^[A-Z]{2}$')
)
-- ;;
CREATE TABLE catalogue.components (
	kit_id UUID NOT NULL,
	item_id UUID NOT NULL,
	quantity INTEGER NOT NULL,
	component_no SMALLINT NOT NULL,
	CONSTRAINT pk_components PRIMARY KEY (kit_id, item_id),
	CONSTRAINT ck_components_quantity CHECK (quantity > 0),
	CONSTRAINT ck_components_not_itself CHECK (kit_id <> item_id)
)
-- ;;
CREATE INDEX ix_components_item_id ON catalogue.components (item_id)
-- ;;
ALTER TABLE orders.lines ADD COLUMN kit_sku TEXT DEFAULT '' NOT NULL
-- ;;
ALTER TABLE orders.lines ADD COLUMN kit_title TEXT DEFAULT '' NOT NULL
-- ;;
ALTER TABLE orders.lines ADD COLUMN kit_no SMALLINT DEFAULT '0' NOT NULL
-- ;;
ALTER TABLE orders.lines ADD COLUMN kit_quantity INTEGER DEFAULT '0' NOT NULL
