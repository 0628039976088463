-- Which commits change what is shown of other records: names, titles, and who
-- held which office. What the service remembers of a record as it was shown holds
-- until the next of them (docs/decisions/0016).

-- +goose Up
SET LOCAL lock_timeout = '5s';

ALTER TABLE commits ADD relabels boolean NOT NULL DEFAULT true; -- of those there are, and of writers that don't know of it
CREATE INDEX commits_relabels_idx ON commits (seq) WHERE relabels;
COMMENT ON COLUMN commits.relabels IS 'Whether it changes or removes a record whose name others show, or writes tenures.';

-- +goose Down
ALTER TABLE commits DROP relabels;
