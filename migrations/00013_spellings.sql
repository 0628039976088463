-- Names of speakers, countries, sources, offices and topics as they are looked
-- for (docs/decisions/0012): one row each, with all that leads to it. Derived
-- like facts: written with the record, without history.

-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE TABLE spellings (
    kind         text NOT NULL,
    record       text NOT NULL,
    n            int NOT NULL,
    name         text NOT NULL,
    sort         text NOT NULL,
    folded       text COLLATE "C" NOT NULL,
    valid_from   date NOT NULL,
    valid_to     date NOT NULL,
    denotes_kind text NOT NULL,
    denotes      text NOT NULL,
    dataset      text NOT NULL,
    key          text,
    ways         int[] NOT NULL,
    PRIMARY KEY (kind, record, n)
);
CREATE INDEX spellings_ways_idx ON spellings USING gin (ways);
COMMENT ON TABLE spellings IS 'The names of records; n = 0 is the one that a record is shown by.';
COMMENT ON COLUMN spellings.sort IS 'The kind of the alias, or name.';
COMMENT ON COLUMN spellings.folded IS 'As names are compared: one case, no accents, no apostrophes.';
COMMENT ON COLUMN spellings.denotes IS 'The record that it names: of a metonym of a country the government.';
COMMENT ON COLUMN spellings.ways IS 'Hashes of what leads to the name: itself, without one letter, by two thirds, its skeleton, its words by two and by one.';

CREATE TABLE spelling_rules (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    rules int NOT NULL
);
INSERT INTO spelling_rules (rules) VALUES (0);
COMMENT ON TABLE spelling_rules IS 'The rules by which all names were spelt last: the service spells them anew when it has others.';

-- +goose Down
DROP TABLE spelling_rules, spellings;
