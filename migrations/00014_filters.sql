-- Indexes of filters: statements by the best rating of those that carry them,
-- events by where they took place.

-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE INDEX statement_facts_reliability_idx ON statement_facts (max_reliability, statement) WHERE max_reliability IS NOT NULL;
CREATE INDEX event_places_latitude_idx ON event_places (latitude, longitude, event) WHERE latitude IS NOT NULL;

-- +goose Down
DROP INDEX statement_facts_reliability_idx, event_places_latitude_idx;
