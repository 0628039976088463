-- The rest of the model: offices and tenures, ratings, claims with positions
-- and links, events with their parts, mentions, assessments, tips.

-- +goose Up
CREATE TABLE ratings (
    id         uuid PRIMARY KEY,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    source      uuid NOT NULL REFERENCES sources,
    reliability text NOT NULL CHECK (reliability IN ('A', 'B', 'C', 'D', 'E', 'F')),
    rated_on    text NOT NULL,
    rated_from  date NOT NULL,
    rated_to    date NOT NULL,
    rated_by    text NOT NULL,
    reason      text NOT NULL
);
CREATE INDEX ratings_rated_idx ON ratings (rated_from, id);
CREATE INDEX ratings_source_idx ON ratings (source, rated_from);
CREATE INDEX ratings_tx_idx ON ratings (tx);

CREATE TABLE offices (
    id         uuid PRIMARY KEY,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    title   text NOT NULL,
    country text REFERENCES countries,
    body    uuid REFERENCES speakers
);
CREATE INDEX offices_title_idx ON offices (title, id);
CREATE INDEX offices_country_idx ON offices (country);
CREATE INDEX offices_body_idx ON offices (body);
CREATE INDEX offices_tx_idx ON offices (tx);

CREATE TABLE tenures (
    id         uuid PRIMARY KEY,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    speaker   uuid NOT NULL REFERENCES speakers,
    office    uuid NOT NULL REFERENCES offices,
    held      text,
    held_from date NOT NULL,
    held_to   date NOT NULL,
    sure_from date NOT NULL,
    sure_to   date NOT NULL,
    capacity  text NOT NULL CHECK (capacity IN ('substantive', 'acting', 'disputed', 'de_facto'))
);
COMMENT ON COLUMN tenures.sure_from IS 'Half-open range of days on which the office was certainly held; held_from and held_to span those on which it can have been.';
CREATE INDEX tenures_speaker_idx ON tenures (speaker, held_from);
CREATE INDEX tenures_held_idx ON tenures (held_from, id);
CREATE INDEX tenures_office_idx ON tenures (office, held_from);
CREATE INDEX tenures_tx_idx ON tenures (tx);

CREATE TABLE tenure_observations (
    tenure  uuid NOT NULL REFERENCES tenures,
    n       int NOT NULL,
    tx      bigint NOT NULL,
    "on"    text NOT NULL,
    on_from date NOT NULL,
    on_to   date NOT NULL,
    article uuid NOT NULL REFERENCES articles,
    PRIMARY KEY (tenure, n)
);
CREATE INDEX tenure_observations_article_idx ON tenure_observations (article);

CREATE TABLE events (
    id         uuid PRIMARY KEY,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    kind               text NOT NULL CHECK (kind IN ('interview', 'press_conference', 'speech', 'publication', 'meeting', 'talks', 'mediation', 'agreement', 'ceasefire', 'visit', 'handover', 'release', 'recognition', 'attack', 'airstrike', 'shelling', 'bombing', 'clash', 'incursion', 'assassination', 'capture', 'raid', 'arrest', 'seizure', 'deployment', 'exercise', 'withdrawal', 'border_closure', 'expulsion', 'election', 'vote', 'ruling', 'appointment', 'protest', 'ceremony', 'sanction', 'trade_measure', 'aid', 'disaster', 'accident', 'other')),
    title              text NOT NULL,
    description        text,
    occurred           text,
    occurred_from      date NOT NULL,
    occurred_to        date NOT NULL,
    occurred_days      int NOT NULL,
    occurred_qualified boolean NOT NULL,
    country            text REFERENCES countries,
    part_of            uuid REFERENCES events CHECK (part_of <> id),
    ordinal            int
);
CREATE INDEX events_occurred_idx ON events (occurred_from, occurred_days, id);
CREATE INDEX events_wide_idx ON events (occurred_from, occurred_to) WHERE occurred_days > 366;
CREATE INDEX events_kind_idx ON events (kind, occurred_from, occurred_days, id);
CREATE INDEX events_country_idx ON events (country, occurred_from, occurred_days, id);
CREATE INDEX events_part_of_idx ON events (part_of);
CREATE INDEX events_tx_idx ON events (tx);

CREATE TABLE event_codes (
    event  uuid NOT NULL REFERENCES events,
    n      int NOT NULL,
    tx     bigint NOT NULL,
    scheme text NOT NULL,
    code   text NOT NULL,
    PRIMARY KEY (event, n)
);

CREATE TABLE event_topics (
    event uuid NOT NULL REFERENCES events,
    n     int NOT NULL,
    tx    bigint NOT NULL,
    topic text NOT NULL REFERENCES topics,
    PRIMARY KEY (event, n)
);
CREATE INDEX event_topics_topic_idx ON event_topics (topic, event);

CREATE TABLE event_places (
    event     uuid NOT NULL REFERENCES events,
    n         int NOT NULL,
    tx        bigint NOT NULL,
    name      text NOT NULL,
    latitude  double precision,
    longitude double precision,
    precision text NOT NULL CHECK (precision IN ('exact', 'city', 'district', 'province', 'country')),
    PRIMARY KEY (event, n)
);

CREATE TABLE event_participants (
    event              uuid NOT NULL REFERENCES events,
    n                  int NOT NULL,
    tx                 bigint NOT NULL,
    role               text NOT NULL CHECK (role IN ('perpetrator', 'suspect', 'target', 'victim', 'responsibility_claimed', 'captor', 'captive', 'host', 'mediator', 'requester', 'recipient', 'party', 'speaker', 'interviewer', 'attendee')),
    country            text REFERENCES countries,
    speaker            uuid REFERENCES speakers,
    given_by_article   uuid REFERENCES articles,
    given_by_statement uuid REFERENCES statements DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (event, n),
    CHECK (num_nonnulls(country, speaker) = 1),
    CHECK (num_nonnulls(given_by_article, given_by_statement) = 1)
);
CREATE INDEX event_participants_country_idx ON event_participants (country, role, event) WHERE country IS NOT NULL;
CREATE INDEX event_participants_speaker_idx ON event_participants (speaker, role, event) WHERE speaker IS NOT NULL;
CREATE INDEX event_participants_given_by_article_idx ON event_participants (given_by_article);
CREATE INDEX event_participants_given_by_statement_idx ON event_participants (given_by_statement);

CREATE TABLE event_figures (
    event              uuid NOT NULL REFERENCES events,
    n                  int NOT NULL,
    tx                 bigint NOT NULL,
    metric             text NOT NULL CHECK (metric IN ('killed', 'injured', 'missing', 'captured', 'detained', 'released', 'displaced', 'seized', 'participants', 'money', 'percent', 'count', 'other')),
    unit               text,
    of                 text,
    civilian           boolean,
    as_given           text NOT NULL,
    low                double precision,
    high               double precision CHECK (low <= high),
    approximate        boolean NOT NULL,
    given_by_article   uuid REFERENCES articles,
    given_by_statement uuid REFERENCES statements DEFERRABLE INITIALLY DEFERRED,
    as_of              text,
    PRIMARY KEY (event, n),
    CHECK (num_nonnulls(given_by_article, given_by_statement) = 1)
);
CREATE INDEX event_figures_metric_idx ON event_figures (metric, low, event);
CREATE INDEX event_figures_given_by_article_idx ON event_figures (given_by_article);
CREATE INDEX event_figures_given_by_statement_idx ON event_figures (given_by_statement);

ALTER TABLE statements ADD occasion uuid REFERENCES events, ADD condition_event uuid REFERENCES events;
CREATE INDEX statements_occasion_idx ON statements (occasion) WHERE occasion IS NOT NULL;
CREATE INDEX statements_condition_event_idx ON statements (condition_event) WHERE condition_event IS NOT NULL;
ALTER TABLE statement_targets ADD event uuid REFERENCES events,
    DROP CONSTRAINT statement_targets_check, ADD CONSTRAINT statement_targets_check CHECK (num_nonnulls(country, speaker, event) = 1);
CREATE INDEX statement_targets_event_idx ON statement_targets (event, role, statement) WHERE event IS NOT NULL;
-- Histories have their tables' columns in their order, to_tx behind them.
ALTER TABLE statements_history RENAME TO statements_before;
ALTER INDEX statements_history_pkey RENAME TO statements_before_pkey;
CREATE TABLE statements_history (LIKE statements, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
INSERT INTO statements_history SELECT (jsonb_populate_record(NULL::statements_history, to_jsonb(b))).* FROM statements_before b;
ALTER TABLE statement_targets_history RENAME TO statement_targets_before;
ALTER INDEX statement_targets_history_pkey RENAME TO statement_targets_before_pkey;
CREATE TABLE statement_targets_history (LIKE statement_targets, to_tx bigint NOT NULL, PRIMARY KEY (statement, tx, n));
INSERT INTO statement_targets_history SELECT (jsonb_populate_record(NULL::statement_targets_history, to_jsonb(b))).* FROM statement_targets_before b;
DROP TABLE statements_before, statement_targets_before;

CREATE TABLE claims (
    id         uuid PRIMARY KEY,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    text        text NOT NULL,
    sort        text NOT NULL CHECK (sort IN ('fact', 'prediction', 'commitment', 'value')),
    period      text,
    period_from date NOT NULL,
    period_to   date NOT NULL
);
CREATE INDEX claims_sort_idx ON claims (sort, id);
CREATE INDEX claims_text_idx ON claims (left(text, 200), id); -- an index entry holds at most 2,700 bytes
CREATE INDEX claims_tx_idx ON claims (tx);

CREATE TABLE claim_topics (
    claim uuid NOT NULL REFERENCES claims,
    n     int NOT NULL,
    tx    bigint NOT NULL,
    topic text NOT NULL REFERENCES topics,
    PRIMARY KEY (claim, n)
);
CREATE INDEX claim_topics_topic_idx ON claim_topics (topic, claim);

CREATE TABLE claim_about (
    claim   uuid NOT NULL REFERENCES claims,
    n       int NOT NULL,
    tx      bigint NOT NULL,
    role    text NOT NULL CHECK (role IN ('accused', 'subject')),
    country text REFERENCES countries,
    speaker uuid REFERENCES speakers,
    PRIMARY KEY (claim, n),
    CHECK (num_nonnulls(country, speaker) = 1)
);
CREATE INDEX claim_about_country_idx ON claim_about (country, claim) WHERE country IS NOT NULL;
CREATE INDEX claim_about_speaker_idx ON claim_about (speaker, claim) WHERE speaker IS NOT NULL;

CREATE TABLE positions (
    statement  uuid NOT NULL REFERENCES statements,
    id         uuid NOT NULL,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    claim     uuid NOT NULL REFERENCES claims,
    stance    text NOT NULL CHECK (stance IN ('asserts', 'denies', 'questions', 'concedes', 'commits', 'declines', 'withdraws')),
    withdraws uuid,
    PRIMARY KEY (statement, id),
    CONSTRAINT positions_claim_key UNIQUE (statement, claim)
);
CREATE INDEX positions_id_idx ON positions (id);
CREATE INDEX positions_claim_idx ON positions (claim, stance);
CREATE INDEX positions_withdraws_idx ON positions (withdraws) WHERE withdraws IS NOT NULL;
CREATE INDEX positions_tx_idx ON positions (tx);

CREATE TABLE claim_links (
    id         uuid PRIMARY KEY,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    "from"   uuid NOT NULL REFERENCES claims,
    "to"     uuid NOT NULL REFERENCES claims,
    relation text NOT NULL CHECK (relation IN ('implies', 'narrows', 'negates')),
    CHECK ("from" <> "to"),
    CONSTRAINT claim_links_to_key UNIQUE ("from", "to", relation)
);
CREATE INDEX claim_links_to_idx ON claim_links ("to");
CREATE INDEX claim_links_tx_idx ON claim_links (tx);

CREATE TABLE links (
    statement  uuid NOT NULL REFERENCES statements,
    id         uuid NOT NULL,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    "to"     uuid NOT NULL REFERENCES statements,
    relation text NOT NULL CHECK (relation IN ('responds_to', 'repeats', 'quotes', 'clarifies', 'retracts', 'disowns')),
    PRIMARY KEY (statement, id),
    CHECK ("to" <> statement),
    CONSTRAINT links_to_key UNIQUE (statement, "to", relation)
);
CREATE INDEX links_id_idx ON links (id);
CREATE INDEX links_to_idx ON links ("to");
CREATE INDEX links_tx_idx ON links (tx);

CREATE TABLE event_links (
    id         uuid PRIMARY KEY,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    "from"             uuid NOT NULL REFERENCES events,
    "to"               uuid NOT NULL REFERENCES events,
    relation           text NOT NULL CHECK (relation IN ('follows', 'retaliates_for', 'prompted_by')),
    given_by_article   uuid REFERENCES articles,
    given_by_statement uuid REFERENCES statements DEFERRABLE INITIALLY DEFERRED,
    CHECK ("from" <> "to"),
    CHECK (num_nonnulls(given_by_article, given_by_statement) = 1)
);
CREATE INDEX event_links_from_idx ON event_links ("from");
CREATE INDEX event_links_to_idx ON event_links ("to");
CREATE INDEX event_links_given_by_article_idx ON event_links (given_by_article);
CREATE INDEX event_links_given_by_statement_idx ON event_links (given_by_statement);
CREATE INDEX event_links_tx_idx ON event_links (tx);

CREATE TABLE mentions (
    id         uuid PRIMARY KEY,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    article       uuid NOT NULL REFERENCES articles,
    event         uuid NOT NULL REFERENCES events,
    role          text NOT NULL CHECK (role IN ('subject', 'occasion', 'background', 'cause_given', 'related')),
    statement     uuid REFERENCES statements,
    time_as_given text,
    locator       text
);
CREATE INDEX mentions_article_idx ON mentions (article);
CREATE INDEX mentions_event_idx ON mentions (event, role);
CREATE INDEX mentions_statement_idx ON mentions (statement);
CREATE INDEX mentions_tx_idx ON mentions (tx);

CREATE TABLE assessments (
    id         uuid PRIMARY KEY,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    claim       uuid REFERENCES claims,
    statement   uuid REFERENCES statements,
    verdict     text NOT NULL,
    scale       text,
    normalised  text CHECK (normalised IN ('true', 'mostly_true', 'mixed', 'misleading', 'mostly_false', 'false', 'unproven')),
    reviewer    uuid NOT NULL REFERENCES sources,
    url         text,
    reviewed_on text,
    rationale   text,
    evidence    text[],
    CHECK (num_nonnulls(claim, statement) = 1)
);
CREATE INDEX assessments_claim_idx ON assessments (claim);
CREATE INDEX assessments_statement_idx ON assessments (statement);
CREATE INDEX assessments_reviewer_idx ON assessments (reviewer);
CREATE INDEX assessments_tx_idx ON assessments (tx);

CREATE TABLE tips (
    id         uuid PRIMARY KEY,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    "on"     text NOT NULL,
    record   text NOT NULL,
    text     text NOT NULL,
    contact  text,
    status   text NOT NULL CHECK (status IN ('new', 'accepted', 'rejected')),
    change   bigint,
    response text
);
CREATE INDEX tips_record_idx ON tips (record);
CREATE INDEX tips_status_idx ON tips (status, id);
CREATE INDEX tips_tx_idx ON tips (tx);

CREATE TABLE ratings_history (LIKE ratings, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE offices_history (LIKE offices, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE tenures_history (LIKE tenures, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE tenure_observations_history (LIKE tenure_observations, to_tx bigint NOT NULL, PRIMARY KEY (tenure, tx, n));
CREATE TABLE events_history (LIKE events, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE event_codes_history (LIKE event_codes, to_tx bigint NOT NULL, PRIMARY KEY (event, tx, n));
CREATE TABLE event_topics_history (LIKE event_topics, to_tx bigint NOT NULL, PRIMARY KEY (event, tx, n));
CREATE TABLE event_places_history (LIKE event_places, to_tx bigint NOT NULL, PRIMARY KEY (event, tx, n));
CREATE TABLE event_participants_history (LIKE event_participants, to_tx bigint NOT NULL, PRIMARY KEY (event, tx, n));
CREATE TABLE event_figures_history (LIKE event_figures, to_tx bigint NOT NULL, PRIMARY KEY (event, tx, n));
CREATE TABLE claims_history (LIKE claims, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE claim_topics_history (LIKE claim_topics, to_tx bigint NOT NULL, PRIMARY KEY (claim, tx, n));
CREATE TABLE claim_about_history (LIKE claim_about, to_tx bigint NOT NULL, PRIMARY KEY (claim, tx, n));
CREATE TABLE positions_history (LIKE positions, to_tx bigint NOT NULL, PRIMARY KEY (statement, id, version));
CREATE TABLE claim_links_history (LIKE claim_links, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE links_history (LIKE links, to_tx bigint NOT NULL, PRIMARY KEY (statement, id, version));
CREATE TABLE event_links_history (LIKE event_links, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE mentions_history (LIKE mentions, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE assessments_history (LIKE assessments, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE tips_history (LIKE tips, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE INDEX positions_history_id_idx ON positions_history (id);
CREATE INDEX links_history_id_idx ON links_history (id);

-- +goose Down
DROP TABLE tips_history, assessments_history, mentions_history, event_links_history, links_history, claim_links_history, positions_history, claim_about_history, claim_topics_history, claims_history, event_figures_history, event_participants_history, event_places_history, event_topics_history, event_codes_history, events_history, tenure_observations_history, tenures_history, offices_history, ratings_history;
ALTER TABLE statement_targets DROP CONSTRAINT statement_targets_check, DROP event,
    ADD CONSTRAINT statement_targets_check CHECK (num_nonnulls(country, speaker) = 1);
ALTER TABLE statement_targets_history DROP event;
ALTER TABLE statements DROP occasion, DROP condition_event;
ALTER TABLE statements_history DROP occasion, DROP condition_event;
DROP TABLE tips, assessments, mentions, event_links, links, claim_links, positions, claim_about, claim_topics, claims, event_figures, event_participants, event_places, event_topics, event_codes, events, tenure_observations, tenures, offices, ratings;
