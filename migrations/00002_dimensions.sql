-- What facts refer to: countries, topics, sources, speakers, articles. Each
-- record has a table, a history (written by update and delete only) and tables
-- of parts, which share its tx. Constraint names give the field.

-- +goose Up
CREATE TABLE countries (
    id            text PRIMARY KEY CHECK (id ~ '^[A-Z]{2}([A-Z]{2})?$'),
    key           text CHECK (key IS NULL),
    version       int NOT NULL,
    dataset       text NOT NULL,
    review        text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx    bigint NOT NULL,
    tx            bigint NOT NULL,
    name          text NOT NULL,
    official_name text,
    alpha3        text,
    numeric       text,
    region        text,
    subregion     text,
    capital       text,
    latitude      double precision,
    longitude     double precision,
    status        text NOT NULL CHECK (status IN ('state', 'former', 'disputed', 'dependency')),
    valid         text,
    valid_from    date NOT NULL,
    valid_to      date NOT NULL
);
CREATE INDEX countries_name_idx ON countries (name, id);
CREATE INDEX countries_tx_idx ON countries (tx);

CREATE TABLE country_aliases (
    country    text NOT NULL REFERENCES countries,
    n          int NOT NULL,
    tx         bigint NOT NULL,
    name       text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('alternative', 'demonym', 'metonym', 'former_name', 'transliteration', 'acronym')),
    language   text,
    valid      text,
    valid_from date NOT NULL,
    valid_to   date NOT NULL,
    PRIMARY KEY (country, n)
);

CREATE TABLE topics (
    id         text PRIMARY KEY,
    key        text CHECK (key IS NULL),
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    name       text NOT NULL,
    parent     text REFERENCES topics CHECK (parent <> id)
);
CREATE INDEX topics_name_idx ON topics (name, id);
CREATE INDEX topics_parent_idx ON topics (parent);
CREATE INDEX topics_tx_idx ON topics (tx);

CREATE TABLE sources (
    id         uuid PRIMARY KEY,
    key        text,
    version    int NOT NULL,
    dataset    text NOT NULL,
    review     text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx bigint NOT NULL,
    tx         bigint NOT NULL,
    name       text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('agency', 'newspaper', 'broadcaster', 'online', 'aggregator', 'government', 'intergovernmental', 'fact_checker', 'social', 'think_tank', 'other')),
    country    text REFERENCES countries,
    domain     text,
    languages  text[],
    owner      uuid REFERENCES sources CHECK (owner <> id),
    identified boolean NOT NULL
);
CREATE INDEX sources_name_idx ON sources (name, id);
CREATE INDEX sources_country_idx ON sources (country);
CREATE INDEX sources_owner_idx ON sources (owner);
CREATE INDEX sources_domain_idx ON sources (domain);
CREATE INDEX sources_tx_idx ON sources (tx);

CREATE TABLE speakers (
    id            uuid PRIMARY KEY,
    key           text,
    version       int NOT NULL,
    dataset       text NOT NULL,
    review        text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx    bigint NOT NULL,
    tx            bigint NOT NULL,
    name          text NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('person', 'government', 'ministry', 'military', 'security_service', 'legislature', 'court', 'party', 'armed_group', 'intergovernmental', 'media', 'religious_body', 'company', 'ngo', 'community', 'collective', 'anonymous')),
    nationality   text REFERENCES countries,
    country       text REFERENCES countries,
    part_of       uuid REFERENCES speakers CHECK (part_of <> id),
    source        uuid REFERENCES sources,
    wikidata_id   text,
    de_facto      text
);
CREATE INDEX speakers_name_idx ON speakers (name, id);
CREATE INDEX speakers_nationality_idx ON speakers (nationality);
CREATE INDEX speakers_country_idx ON speakers (country, kind);
CREATE INDEX speakers_part_of_idx ON speakers (part_of);
CREATE INDEX speakers_source_idx ON speakers (source);
CREATE INDEX speakers_tx_idx ON speakers (tx);

CREATE TABLE speaker_aliases (
    speaker    uuid NOT NULL REFERENCES speakers,
    n          int NOT NULL,
    tx         bigint NOT NULL,
    name       text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('alternative', 'demonym', 'metonym', 'former_name', 'transliteration', 'acronym')),
    language   text,
    valid      text,
    valid_from date NOT NULL,
    valid_to   date NOT NULL,
    PRIMARY KEY (speaker, n)
);

CREATE TABLE articles (
    id              uuid PRIMARY KEY,
    key             text,
    version         int NOT NULL,
    dataset         text NOT NULL,
    review          text NOT NULL CHECK (review IN ('machine', 'single', 'second_read')),
    created_tx      bigint NOT NULL,
    tx              bigint NOT NULL,
    source          uuid NOT NULL REFERENCES sources,
    title           text NOT NULL,
    url             text,
    archive_url     text,
    published_on    text,
    published_from  date NOT NULL,
    published_to    date NOT NULL,
    published_days  int NOT NULL,
    published_qualified boolean NOT NULL,
    published_at    timestamptz,
    language        text,
    section         text,
    dateline        text,
    author          text,
    label           text,
    syndicated_from uuid REFERENCES articles CHECK (syndicated_from <> id),
    seen_via        uuid REFERENCES articles CHECK (seen_via <> id),
    content_hash    text,
    retrieved_at    timestamptz
);
CREATE INDEX articles_source_idx ON articles (source, published_from, id);
CREATE INDEX articles_published_idx ON articles (published_from, id);
CREATE INDEX articles_wide_idx ON articles (published_from, published_to) WHERE published_days > 366;
CREATE INDEX articles_syndicated_from_idx ON articles (syndicated_from);
CREATE INDEX articles_seen_via_idx ON articles (seen_via);
CREATE INDEX articles_url_idx ON articles USING hash (url);
CREATE INDEX articles_tx_idx ON articles (tx);

-- Histories: the columns of the table, and the transaction that ended the
-- version.
CREATE TABLE countries_history (LIKE countries, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE country_aliases_history (LIKE country_aliases, to_tx bigint NOT NULL, PRIMARY KEY (country, tx, n));
CREATE TABLE topics_history (LIKE topics, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE sources_history (LIKE sources, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE speakers_history (LIKE speakers, to_tx bigint NOT NULL, PRIMARY KEY (id, version));
CREATE TABLE speaker_aliases_history (LIKE speaker_aliases, to_tx bigint NOT NULL, PRIMARY KEY (speaker, tx, n));
CREATE TABLE articles_history (LIKE articles, to_tx bigint NOT NULL, PRIMARY KEY (id, version));

-- +goose Down
DROP TABLE articles_history, speaker_aliases_history, speakers_history, sources_history, topics_history, country_aliases_history, countries_history;
DROP TABLE articles, speaker_aliases, speakers, sources, topics, country_aliases, countries;
