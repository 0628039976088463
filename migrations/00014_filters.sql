-- Indexes of filters: statements by how widely they are carried, by the best
-- rating of those that carry them and by medium; events by where they took place.
-- Nothing is filtered or sorted by the day of the first carriage.

-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE INDEX statement_facts_reliability_idx ON statement_facts (max_reliability, statement) WHERE max_reliability IS NOT NULL;
CREATE INDEX statement_facts_publishers_low_idx ON statement_facts (publishers_low, statement);
CREATE INDEX statement_facts_origins_low_idx ON statement_facts (origins_low, statement);
CREATE INDEX statement_facts_medium_idx ON statement_facts (medium, statement);
DROP INDEX statement_facts_first_carried_idx;
CREATE INDEX event_places_latitude_idx ON event_places (latitude, longitude, event) WHERE latitude IS NOT NULL;

-- +goose Down
CREATE INDEX statement_facts_first_carried_idx ON statement_facts (first_carried_on, statement);
DROP INDEX statement_facts_reliability_idx, statement_facts_publishers_low_idx, statement_facts_origins_low_idx, statement_facts_medium_idx, event_places_latitude_idx;
