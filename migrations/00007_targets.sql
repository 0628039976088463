-- Indexes that lists walk.
--
-- Targets and topics carry the date that their statement sorts by, so that the
-- newest of a target or topic are walked in order. They are rewritten with their
-- statement, and so is the date.

-- +goose Up
ALTER TABLE statement_targets ADD said_from date, ADD said_days int;
UPDATE statement_targets p SET said_from = t.said_from, said_days = t.said_days FROM statements t WHERE t.id = p.statement;
ALTER TABLE statement_targets ALTER said_from SET NOT NULL, ALTER said_days SET NOT NULL;
ALTER TABLE statement_topics ADD said_from date, ADD said_days int;
UPDATE statement_topics p SET said_from = t.said_from, said_days = t.said_days FROM statements t WHERE t.id = p.statement;
ALTER TABLE statement_topics ALTER said_from SET NOT NULL, ALTER said_days SET NOT NULL;

DROP INDEX statement_targets_country_idx, statement_targets_speaker_idx, statement_targets_event_idx, statement_topics_topic_idx;
CREATE INDEX statement_targets_country_idx ON statement_targets (country, said_from, said_days, statement) INCLUDE (role) WHERE country IS NOT NULL;
CREATE INDEX statement_targets_speaker_idx ON statement_targets (speaker, said_from, said_days, statement) INCLUDE (role) WHERE speaker IS NOT NULL;
CREATE INDEX statement_targets_event_idx ON statement_targets (event, said_from, said_days, statement) INCLUDE (role) WHERE event IS NOT NULL;
CREATE INDEX statement_topics_topic_idx ON statement_topics (topic, said_from, said_days, statement);
CREATE INDEX statements_dataset_idx ON statements (dataset, said_from, said_days, id);
CREATE INDEX statements_review_idx ON statements (review, said_from, said_days, id);

-- Histories have their tables' columns in their order, to_tx behind them.
ALTER TABLE statement_targets_history RENAME TO statement_targets_before;
ALTER INDEX statement_targets_history_pkey RENAME TO statement_targets_before_pkey;
CREATE TABLE statement_targets_history (LIKE statement_targets, to_tx bigint NOT NULL, PRIMARY KEY (statement, tx, n));
INSERT INTO statement_targets_history SELECT b.statement, b.n, b.tx, b.role, b.country, b.speaker, b.event, t.said_from, t.said_days, b.to_tx
    FROM statement_targets_before b JOIN statements_history t ON t.id = b.statement AND t.tx = b.tx;
ALTER TABLE statement_topics_history RENAME TO statement_topics_before;
ALTER INDEX statement_topics_history_pkey RENAME TO statement_topics_before_pkey;
CREATE TABLE statement_topics_history (LIKE statement_topics, to_tx bigint NOT NULL, PRIMARY KEY (statement, tx, n));
INSERT INTO statement_topics_history SELECT b.statement, b.n, b.tx, b.topic, t.said_from, t.said_days, b.to_tx
    FROM statement_topics_before b JOIN statements_history t ON t.id = b.statement AND t.tx = b.tx;
DROP TABLE statement_targets_before, statement_topics_before;

-- +goose Down
DROP INDEX statements_dataset_idx, statements_review_idx;
ALTER TABLE statement_targets DROP said_from, DROP said_days;
ALTER TABLE statement_topics DROP said_from, DROP said_days;
ALTER TABLE statement_targets_history DROP said_from, DROP said_days;
ALTER TABLE statement_topics_history DROP said_from, DROP said_days;
CREATE INDEX statement_targets_country_idx ON statement_targets (country, role, statement) WHERE country IS NOT NULL;
CREATE INDEX statement_targets_speaker_idx ON statement_targets (speaker, role, statement) WHERE speaker IS NOT NULL;
CREATE INDEX statement_targets_event_idx ON statement_targets (event, role, statement) WHERE event IS NOT NULL;
CREATE INDEX statement_topics_topic_idx ON statement_topics (topic, statement);
