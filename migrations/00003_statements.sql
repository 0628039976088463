-- Statements and their reports. Children carry the statement's id first in
-- their primary key, so that all of it can be spread by statement.

-- +goose Up
CREATE TABLE statements (
    id                  uuid PRIMARY KEY,
    key                 text,
    version             int NOT NULL,
    dataset             text NOT NULL,
    review              text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx          bigint NOT NULL,
    tx                  bigint NOT NULL,
    speaker             uuid NOT NULL REFERENCES speakers,
    on_behalf_of        text REFERENCES countries,
    kind                text NOT NULL CHECK (kind IN ('announcement', 'assertion', 'allegation', 'denial', 'threat', 'warning', 'prediction', 'demand', 'request', 'order', 'promise', 'offer', 'appeal', 'refusal', 'acknowledgement', 'justification', 'assessment', 'condemnation', 'praise', 'support', 'confirmation', 'retraction', 'apology', 'courtesy', 'claim_of_responsibility', 'no_comment', 'other')),
    voice               text NOT NULL CHECK (voice IN ('attributed', 'editorial')),
    text                text NOT NULL,
    text_from           uuid REFERENCES articles,
    language            text,
    spoken_language     text,
    said_on             text,
    said_from           date NOT NULL,
    said_to             date NOT NULL,
    said_days           int NOT NULL,
    said_qualified      boolean NOT NULL,
    recurrence          text NOT NULL CHECK (recurrence IN ('once', 'repeated', 'standing')),
    medium              text CHECK (medium IN ('interview', 'press_conference', 'speech', 'document', 'written', 'social_media', 'broadcast', 'meeting', 'private', 'unknown')),
    condition_text      text,
    condition_sense     text CHECK (condition_sense IN ('if', 'unless')),
    condition_outcome   text CHECK (condition_outcome IN ('met', 'broken')),
    condition_statement uuid REFERENCES statements,
    condition_given_by  uuid REFERENCES articles,
    within              uuid REFERENCES statements CHECK (within <> id)
);
COMMENT ON COLUMN statements.said_from IS 'Half-open range of days; unknown is the empty range at infinity, an open end is infinite.';
CREATE INDEX statements_said_idx ON statements (said_from, said_days, id);
CREATE INDEX statements_wide_idx ON statements (said_from, said_to) WHERE said_days > 366;
CREATE INDEX statements_undated_idx ON statements (id) WHERE said_days = 0;
CREATE INDEX statements_speaker_idx ON statements (speaker, said_from, said_days, id);
CREATE INDEX statements_on_behalf_of_idx ON statements (on_behalf_of, said_from, said_days, id);
CREATE INDEX statements_kind_idx ON statements (kind, said_from, said_days, id);
CREATE INDEX statements_text_from_idx ON statements (text_from);
CREATE INDEX statements_within_idx ON statements (within) WHERE within IS NOT NULL;
CREATE INDEX statements_condition_statement_idx ON statements (condition_statement) WHERE condition_statement IS NOT NULL;
CREATE INDEX statements_condition_given_by_idx ON statements (condition_given_by) WHERE condition_given_by IS NOT NULL;
CREATE INDEX statements_tx_idx ON statements (tx);

CREATE TABLE statement_targets (
    statement uuid NOT NULL REFERENCES statements,
    n         int NOT NULL,
    tx        bigint NOT NULL,
    role      text NOT NULL CHECK (role IN ('addressee', 'object', 'victim', 'beneficiary', 'mentioned')),
    country   text REFERENCES countries,
    speaker   uuid REFERENCES speakers,
    PRIMARY KEY (statement, n),
    CHECK (num_nonnulls(country, speaker) = 1)
);
CREATE INDEX statement_targets_country_idx ON statement_targets (country, role, statement) WHERE country IS NOT NULL;
CREATE INDEX statement_targets_speaker_idx ON statement_targets (speaker, role, statement) WHERE speaker IS NOT NULL;

CREATE TABLE statement_topics (
    statement uuid NOT NULL REFERENCES statements,
    n         int NOT NULL,
    tx        bigint NOT NULL,
    topic     text NOT NULL REFERENCES topics,
    PRIMARY KEY (statement, n)
);
CREATE INDEX statement_topics_topic_idx ON statement_topics (topic, statement);

CREATE TABLE reports (
    statement          uuid NOT NULL REFERENCES statements,
    id                 uuid NOT NULL,
    key                text,
    version            int NOT NULL,
    dataset            text NOT NULL,
    review             text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx         bigint NOT NULL,
    tx                 bigint NOT NULL,
    article            uuid NOT NULL REFERENCES articles,
    match              text NOT NULL CHECK (match IN ('explicit', 'inferred')),
    match_note         text,
    credibility        int CHECK (credibility BETWEEN 1 AND 6),
    credibility_by     text,
    credibility_on     text,
    credibility_reason text,
    PRIMARY KEY (statement, id),
    CONSTRAINT reports_article_key UNIQUE (statement, article)
);
CREATE INDEX reports_id_idx ON reports (id);
CREATE INDEX reports_article_idx ON reports (article);
CREATE INDEX reports_tx_idx ON reports (tx);

CREATE TABLE report_cites (
    statement uuid NOT NULL,
    report    uuid NOT NULL,
    n         int NOT NULL,
    tx        bigint NOT NULL,
    source    uuid REFERENCES sources,
    article   uuid REFERENCES articles,
    words     text,
    PRIMARY KEY (statement, report, n),
    FOREIGN KEY (statement, report) REFERENCES reports,
    CHECK (num_nonnulls(source, article) <= 1)
);
CREATE INDEX report_cites_source_idx ON report_cites (source) WHERE source IS NOT NULL;
CREATE INDEX report_cites_article_idx ON report_cites (article) WHERE article IS NOT NULL;

CREATE TABLE renderings (
    statement        uuid NOT NULL,
    report           uuid NOT NULL,
    n                int NOT NULL,
    tx               bigint NOT NULL,
    part             text NOT NULL CHECK (part IN ('headline', 'lead', 'body', 'caption', 'teaser')),
    text             text,
    form             text NOT NULL CHECK (form IN ('quotation', 'partial_quotation', 'paraphrase', 'inference')),
    attribution      text NOT NULL CHECK (attribution IN ('explicit', 'carried_over', 'unclear', 'own_voice')),
    attribution_verb text,
    hedge            text,
    content_hedge    text,
    condition        text,
    names_as_given   jsonb,
    time_as_given    text,
    locator          text,
    translated       boolean NOT NULL,
    PRIMARY KEY (statement, report, n),
    FOREIGN KEY (statement, report) REFERENCES reports
);
CREATE INDEX renderings_names_idx ON renderings USING gin (names_as_given jsonb_path_ops) WHERE names_as_given IS NOT NULL;

CREATE TABLE statements_history (LIKE statements, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE statement_targets_history (LIKE statement_targets, to_tx bigint NOT NULL, PRIMARY KEY (statement, tx, n));
CREATE TABLE statement_topics_history (LIKE statement_topics, to_tx bigint NOT NULL, PRIMARY KEY (statement, tx, n));
CREATE TABLE reports_history (LIKE reports, to_tx bigint NOT NULL, PRIMARY KEY (statement, id, version));
CREATE TABLE report_cites_history (LIKE report_cites, to_tx bigint NOT NULL, PRIMARY KEY (statement, report, tx, n));
CREATE TABLE renderings_history (LIKE renderings, to_tx bigint NOT NULL, PRIMARY KEY (statement, report, tx, n));
CREATE INDEX reports_history_id_idx ON reports_history (id);

-- +goose Down
DROP TABLE renderings_history, report_cites_history, reports_history, statement_topics_history, statement_targets_history, statements_history;
DROP TABLE renderings, report_cites, reports, statement_topics, statement_targets, statements;
