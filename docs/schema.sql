-- The schema that the migrations make, for reading. make schema writes it.

CREATE TABLE api_keys (
    id text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_role_check CHECK ((role = ANY (ARRAY['reader'::text, 'importer'::text, 'editor'::text, 'admin'::text])))
);

CREATE TABLE articles (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    source uuid NOT NULL,
    title text NOT NULL,
    url text,
    archive_url text,
    published_on text,
    published_from date NOT NULL,
    published_to date NOT NULL,
    published_days integer NOT NULL,
    published_qualified boolean NOT NULL,
    published_at timestamp with time zone,
    language text,
    section text,
    dateline text,
    author text,
    label text,
    syndicated_from uuid,
    seen_via uuid,
    content_hash text,
    retrieved_at timestamp with time zone,
    CONSTRAINT articles_pkey PRIMARY KEY (id),
    CONSTRAINT articles_seen_via_fkey FOREIGN KEY (seen_via) REFERENCES articles(id),
    CONSTRAINT articles_source_fkey FOREIGN KEY (source) REFERENCES sources(id),
    CONSTRAINT articles_syndicated_from_fkey FOREIGN KEY (syndicated_from) REFERENCES articles(id),
    CONSTRAINT articles_check CHECK ((syndicated_from <> id)),
    CONSTRAINT articles_check1 CHECK ((seen_via <> id)),
    CONSTRAINT articles_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX articles_published_idx ON articles USING btree (published_from, id);
CREATE INDEX articles_seen_via_idx ON articles USING btree (seen_via);
CREATE INDEX articles_source_idx ON articles USING btree (source, published_from, id);
CREATE INDEX articles_syndicated_from_idx ON articles USING btree (syndicated_from);
CREATE INDEX articles_tx_idx ON articles USING btree (tx);
CREATE INDEX articles_url_idx ON articles USING hash (url);
CREATE INDEX articles_wide_idx ON articles USING btree (published_from, published_to) WHERE (published_days > 366);

CREATE TABLE articles_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    source uuid NOT NULL,
    title text NOT NULL,
    url text,
    archive_url text,
    published_on text,
    published_from date NOT NULL,
    published_to date NOT NULL,
    published_days integer NOT NULL,
    published_qualified boolean NOT NULL,
    published_at timestamp with time zone,
    language text,
    section text,
    dateline text,
    author text,
    label text,
    syndicated_from uuid,
    seen_via uuid,
    content_hash text,
    retrieved_at timestamp with time zone,
    to_tx bigint NOT NULL,
    CONSTRAINT articles_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE changes (
    tx bigint NOT NULL,
    n integer NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    version integer NOT NULL,
    op text NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT changes_pkey PRIMARY KEY (tx, n),
    CONSTRAINT changes_op_check CHECK ((op = ANY (ARRAY['create'::text, 'update'::text, 'delete'::text])))
);
CREATE INDEX changes_record_idx ON changes USING btree (id, kind, version);

CREATE TABLE commits (
    seq bigint NOT NULL,
    tx bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    principal text NOT NULL,
    reason text,
    kind text NOT NULL,
    import_id uuid,
    digest bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT commits_tx_key UNIQUE (tx),
    CONSTRAINT commits_pkey PRIMARY KEY (seq),
    CONSTRAINT commits_kind_check CHECK ((kind = ANY (ARRAY['creates'::text, 'revises'::text, 'corrects'::text, 'retracts'::text, 'merges'::text, 'unmerges'::text, 'splits'::text, 'deletes'::text, 'imports'::text, 'reverts'::text])))
);
CREATE INDEX commits_at_idx ON commits USING btree (at);

CREATE TABLE countries (
    id text NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    official_name text,
    alpha3 text,
    "numeric" text,
    region text,
    subregion text,
    capital text,
    latitude double precision,
    longitude double precision,
    status text NOT NULL,
    valid text,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    CONSTRAINT countries_pkey PRIMARY KEY (id),
    CONSTRAINT countries_id_check CHECK ((id ~ '^[A-Z]{2}([A-Z]{2})?$'::text)),
    CONSTRAINT countries_key_check CHECK ((key IS NULL)),
    CONSTRAINT countries_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text]))),
    CONSTRAINT countries_status_check CHECK ((status = ANY (ARRAY['state'::text, 'former'::text, 'disputed'::text, 'dependency'::text])))
);
CREATE INDEX countries_name_idx ON countries USING btree (name, id);
CREATE INDEX countries_tx_idx ON countries USING btree (tx);

CREATE TABLE countries_history (
    id text NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    official_name text,
    alpha3 text,
    "numeric" text,
    region text,
    subregion text,
    capital text,
    latitude double precision,
    longitude double precision,
    status text NOT NULL,
    valid text,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT countries_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE country_aliases (
    country text NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    language text,
    valid text,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    CONSTRAINT country_aliases_pkey PRIMARY KEY (country, n),
    CONSTRAINT country_aliases_country_fkey FOREIGN KEY (country) REFERENCES countries(id),
    CONSTRAINT country_aliases_kind_check CHECK ((kind = ANY (ARRAY['alternative'::text, 'demonym'::text, 'metonym'::text, 'former_name'::text, 'transliteration'::text, 'acronym'::text])))
);

CREATE TABLE country_aliases_history (
    country text NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    language text,
    valid text,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT country_aliases_history_pkey PRIMARY KEY (country, tx, n)
);

CREATE TABLE head (
    one boolean NOT NULL DEFAULT true,
    CONSTRAINT head_pkey PRIMARY KEY (one),
    CONSTRAINT head_one_check CHECK (one)
);

CREATE TABLE idempotency (
    principal text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    request bytea NOT NULL,
    tx bigint NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT idempotency_pkey PRIMARY KEY (principal, route, key)
);
CREATE INDEX idempotency_at_idx ON idempotency USING btree (at);

CREATE TABLE names (
    id uuid NOT NULL,
    kind text NOT NULL,
    CONSTRAINT names_pkey PRIMARY KEY (id)
);

CREATE TABLE renderings (
    statement uuid NOT NULL,
    report uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    part text NOT NULL,
    text text,
    form text NOT NULL,
    attribution text NOT NULL,
    attribution_verb text,
    hedge text,
    content_hedge text,
    condition text,
    names_as_given jsonb,
    time_as_given text,
    locator text,
    translated boolean NOT NULL,
    CONSTRAINT renderings_pkey PRIMARY KEY (statement, report, n),
    CONSTRAINT renderings_statement_report_fkey FOREIGN KEY (statement, report) REFERENCES reports(statement, id),
    CONSTRAINT renderings_attribution_check CHECK ((attribution = ANY (ARRAY['explicit'::text, 'carried_over'::text, 'unclear'::text, 'own_voice'::text]))),
    CONSTRAINT renderings_form_check CHECK ((form = ANY (ARRAY['quotation'::text, 'partial_quotation'::text, 'paraphrase'::text, 'inference'::text]))),
    CONSTRAINT renderings_part_check CHECK ((part = ANY (ARRAY['headline'::text, 'lead'::text, 'body'::text, 'caption'::text, 'teaser'::text])))
);
CREATE INDEX renderings_names_idx ON renderings USING gin (names_as_given jsonb_path_ops) WHERE (names_as_given IS NOT NULL);

CREATE TABLE renderings_history (
    statement uuid NOT NULL,
    report uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    part text NOT NULL,
    text text,
    form text NOT NULL,
    attribution text NOT NULL,
    attribution_verb text,
    hedge text,
    content_hedge text,
    condition text,
    names_as_given jsonb,
    time_as_given text,
    locator text,
    translated boolean NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT renderings_history_pkey PRIMARY KEY (statement, report, tx, n)
);

CREATE TABLE report_cites (
    statement uuid NOT NULL,
    report uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    source uuid,
    article uuid,
    words text,
    CONSTRAINT report_cites_pkey PRIMARY KEY (statement, report, n),
    CONSTRAINT report_cites_article_fkey FOREIGN KEY (article) REFERENCES articles(id),
    CONSTRAINT report_cites_source_fkey FOREIGN KEY (source) REFERENCES sources(id),
    CONSTRAINT report_cites_statement_report_fkey FOREIGN KEY (statement, report) REFERENCES reports(statement, id),
    CONSTRAINT report_cites_check CHECK ((num_nonnulls(source, article) <= 1))
);
CREATE INDEX report_cites_article_idx ON report_cites USING btree (article) WHERE (article IS NOT NULL);
CREATE INDEX report_cites_source_idx ON report_cites USING btree (source) WHERE (source IS NOT NULL);

CREATE TABLE report_cites_history (
    statement uuid NOT NULL,
    report uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    source uuid,
    article uuid,
    words text,
    to_tx bigint NOT NULL,
    CONSTRAINT report_cites_history_pkey PRIMARY KEY (statement, report, tx, n)
);

CREATE TABLE reports (
    statement uuid NOT NULL,
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    article uuid NOT NULL,
    match text NOT NULL,
    match_note text,
    credibility integer,
    credibility_by text,
    credibility_on text,
    credibility_reason text,
    CONSTRAINT reports_article_key UNIQUE (statement, article),
    CONSTRAINT reports_pkey PRIMARY KEY (statement, id),
    CONSTRAINT reports_article_fkey FOREIGN KEY (article) REFERENCES articles(id),
    CONSTRAINT reports_statement_fkey FOREIGN KEY (statement) REFERENCES statements(id),
    CONSTRAINT reports_credibility_check CHECK (((credibility >= 1) AND (credibility <= 6))),
    CONSTRAINT reports_match_check CHECK ((match = ANY (ARRAY['explicit'::text, 'inferred'::text]))),
    CONSTRAINT reports_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX reports_article_idx ON reports USING btree (article);
CREATE INDEX reports_id_idx ON reports USING btree (id);
CREATE INDEX reports_tx_idx ON reports USING btree (tx);

CREATE TABLE reports_history (
    statement uuid NOT NULL,
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    article uuid NOT NULL,
    match text NOT NULL,
    match_note text,
    credibility integer,
    credibility_by text,
    credibility_on text,
    credibility_reason text,
    to_tx bigint NOT NULL,
    CONSTRAINT reports_history_pkey PRIMARY KEY (statement, id, version)
);
CREATE INDEX reports_history_id_idx ON reports_history USING btree (id);

CREATE TABLE sources (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    country text,
    domain text,
    languages text[],
    owner uuid,
    identified boolean NOT NULL,
    CONSTRAINT sources_pkey PRIMARY KEY (id),
    CONSTRAINT sources_country_fkey FOREIGN KEY (country) REFERENCES countries(id),
    CONSTRAINT sources_owner_fkey FOREIGN KEY (owner) REFERENCES sources(id),
    CONSTRAINT sources_check CHECK ((owner <> id)),
    CONSTRAINT sources_kind_check CHECK ((kind = ANY (ARRAY['agency'::text, 'newspaper'::text, 'broadcaster'::text, 'online'::text, 'aggregator'::text, 'government'::text, 'intergovernmental'::text, 'fact_checker'::text, 'social'::text, 'think_tank'::text, 'other'::text]))),
    CONSTRAINT sources_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX sources_country_idx ON sources USING btree (country);
CREATE INDEX sources_domain_idx ON sources USING btree (domain);
CREATE INDEX sources_name_idx ON sources USING btree (name, id);
CREATE INDEX sources_owner_idx ON sources USING btree (owner);
CREATE INDEX sources_tx_idx ON sources USING btree (tx);

CREATE TABLE sources_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    country text,
    domain text,
    languages text[],
    owner uuid,
    identified boolean NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT sources_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE speaker_aliases (
    speaker uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    language text,
    valid text,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    CONSTRAINT speaker_aliases_pkey PRIMARY KEY (speaker, n),
    CONSTRAINT speaker_aliases_speaker_fkey FOREIGN KEY (speaker) REFERENCES speakers(id),
    CONSTRAINT speaker_aliases_kind_check CHECK ((kind = ANY (ARRAY['alternative'::text, 'demonym'::text, 'metonym'::text, 'former_name'::text, 'transliteration'::text, 'acronym'::text])))
);

CREATE TABLE speaker_aliases_history (
    speaker uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    language text,
    valid text,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT speaker_aliases_history_pkey PRIMARY KEY (speaker, tx, n)
);

CREATE TABLE speakers (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    nationality text,
    country text,
    part_of uuid,
    source uuid,
    wikidata_id text,
    de_facto text,
    CONSTRAINT speakers_pkey PRIMARY KEY (id),
    CONSTRAINT speakers_country_fkey FOREIGN KEY (country) REFERENCES countries(id),
    CONSTRAINT speakers_nationality_fkey FOREIGN KEY (nationality) REFERENCES countries(id),
    CONSTRAINT speakers_part_of_fkey FOREIGN KEY (part_of) REFERENCES speakers(id),
    CONSTRAINT speakers_source_fkey FOREIGN KEY (source) REFERENCES sources(id),
    CONSTRAINT speakers_check CHECK ((part_of <> id)),
    CONSTRAINT speakers_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'government'::text, 'ministry'::text, 'military'::text, 'security_service'::text, 'legislature'::text, 'court'::text, 'party'::text, 'armed_group'::text, 'intergovernmental'::text, 'media'::text, 'religious_body'::text, 'company'::text, 'ngo'::text, 'community'::text, 'collective'::text, 'anonymous'::text]))),
    CONSTRAINT speakers_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX speakers_country_idx ON speakers USING btree (country, kind);
CREATE INDEX speakers_name_idx ON speakers USING btree (name, id);
CREATE INDEX speakers_nationality_idx ON speakers USING btree (nationality);
CREATE INDEX speakers_part_of_idx ON speakers USING btree (part_of);
CREATE INDEX speakers_source_idx ON speakers USING btree (source);
CREATE INDEX speakers_tx_idx ON speakers USING btree (tx);

CREATE TABLE speakers_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    nationality text,
    country text,
    part_of uuid,
    source uuid,
    wikidata_id text,
    de_facto text,
    to_tx bigint NOT NULL,
    CONSTRAINT speakers_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE statement_targets (
    statement uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    role text NOT NULL,
    country text,
    speaker uuid,
    CONSTRAINT statement_targets_pkey PRIMARY KEY (statement, n),
    CONSTRAINT statement_targets_country_fkey FOREIGN KEY (country) REFERENCES countries(id),
    CONSTRAINT statement_targets_speaker_fkey FOREIGN KEY (speaker) REFERENCES speakers(id),
    CONSTRAINT statement_targets_statement_fkey FOREIGN KEY (statement) REFERENCES statements(id),
    CONSTRAINT statement_targets_check CHECK ((num_nonnulls(country, speaker) = 1)),
    CONSTRAINT statement_targets_role_check CHECK ((role = ANY (ARRAY['addressee'::text, 'object'::text, 'victim'::text, 'beneficiary'::text, 'mentioned'::text])))
);
CREATE INDEX statement_targets_country_idx ON statement_targets USING btree (country, role, statement) WHERE (country IS NOT NULL);
CREATE INDEX statement_targets_speaker_idx ON statement_targets USING btree (speaker, role, statement) WHERE (speaker IS NOT NULL);

CREATE TABLE statement_targets_history (
    statement uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    role text NOT NULL,
    country text,
    speaker uuid,
    to_tx bigint NOT NULL,
    CONSTRAINT statement_targets_history_pkey PRIMARY KEY (statement, tx, n)
);

CREATE TABLE statement_topics (
    statement uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    topic text NOT NULL,
    CONSTRAINT statement_topics_pkey PRIMARY KEY (statement, n),
    CONSTRAINT statement_topics_statement_fkey FOREIGN KEY (statement) REFERENCES statements(id),
    CONSTRAINT statement_topics_topic_fkey FOREIGN KEY (topic) REFERENCES topics(id)
);
CREATE INDEX statement_topics_topic_idx ON statement_topics USING btree (topic, statement);

CREATE TABLE statement_topics_history (
    statement uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    topic text NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT statement_topics_history_pkey PRIMARY KEY (statement, tx, n)
);

CREATE TABLE statements (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    speaker uuid NOT NULL,
    on_behalf_of text,
    kind text NOT NULL,
    voice text NOT NULL,
    text text NOT NULL,
    text_from uuid,
    language text,
    spoken_language text,
    said_on text,
    said_from date NOT NULL,
    said_to date NOT NULL,
    said_days integer NOT NULL,
    said_qualified boolean NOT NULL,
    recurrence text NOT NULL,
    medium text,
    condition_text text,
    condition_sense text,
    condition_outcome text,
    condition_statement uuid,
    condition_given_by uuid,
    within uuid,
    CONSTRAINT statements_pkey PRIMARY KEY (id),
    CONSTRAINT statements_condition_given_by_fkey FOREIGN KEY (condition_given_by) REFERENCES articles(id),
    CONSTRAINT statements_condition_statement_fkey FOREIGN KEY (condition_statement) REFERENCES statements(id),
    CONSTRAINT statements_on_behalf_of_fkey FOREIGN KEY (on_behalf_of) REFERENCES countries(id),
    CONSTRAINT statements_speaker_fkey FOREIGN KEY (speaker) REFERENCES speakers(id),
    CONSTRAINT statements_text_from_fkey FOREIGN KEY (text_from) REFERENCES articles(id),
    CONSTRAINT statements_within_fkey FOREIGN KEY (within) REFERENCES statements(id),
    CONSTRAINT statements_check CHECK ((within <> id)),
    CONSTRAINT statements_condition_outcome_check CHECK ((condition_outcome = ANY (ARRAY['met'::text, 'broken'::text]))),
    CONSTRAINT statements_condition_sense_check CHECK ((condition_sense = ANY (ARRAY['if'::text, 'unless'::text]))),
    CONSTRAINT statements_kind_check CHECK ((kind = ANY (ARRAY['announcement'::text, 'assertion'::text, 'allegation'::text, 'denial'::text, 'threat'::text, 'warning'::text, 'prediction'::text, 'demand'::text, 'request'::text, 'order'::text, 'promise'::text, 'offer'::text, 'appeal'::text, 'refusal'::text, 'acknowledgement'::text, 'justification'::text, 'assessment'::text, 'condemnation'::text, 'praise'::text, 'support'::text, 'confirmation'::text, 'retraction'::text, 'apology'::text, 'courtesy'::text, 'claim_of_responsibility'::text, 'no_comment'::text, 'other'::text]))),
    CONSTRAINT statements_medium_check CHECK ((medium = ANY (ARRAY['interview'::text, 'press_conference'::text, 'speech'::text, 'document'::text, 'written'::text, 'social_media'::text, 'broadcast'::text, 'meeting'::text, 'private'::text, 'unknown'::text]))),
    CONSTRAINT statements_recurrence_check CHECK ((recurrence = ANY (ARRAY['once'::text, 'repeated'::text, 'standing'::text]))),
    CONSTRAINT statements_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text]))),
    CONSTRAINT statements_voice_check CHECK ((voice = ANY (ARRAY['attributed'::text, 'editorial'::text])))
);
CREATE INDEX statements_condition_given_by_idx ON statements USING btree (condition_given_by) WHERE (condition_given_by IS NOT NULL);
CREATE INDEX statements_condition_statement_idx ON statements USING btree (condition_statement) WHERE (condition_statement IS NOT NULL);
CREATE INDEX statements_kind_idx ON statements USING btree (kind, said_from, said_days, id);
CREATE INDEX statements_on_behalf_of_idx ON statements USING btree (on_behalf_of, said_from, said_days, id);
CREATE INDEX statements_said_idx ON statements USING btree (said_from, said_days, id);
CREATE INDEX statements_speaker_idx ON statements USING btree (speaker, said_from, said_days, id);
CREATE INDEX statements_text_from_idx ON statements USING btree (text_from);
CREATE INDEX statements_tx_idx ON statements USING btree (tx);
CREATE INDEX statements_undated_idx ON statements USING btree (id) WHERE (said_days = 0);
CREATE INDEX statements_wide_idx ON statements USING btree (said_from, said_to) WHERE (said_days > 366);
CREATE INDEX statements_within_idx ON statements USING btree (within) WHERE (within IS NOT NULL);

CREATE TABLE statements_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    speaker uuid NOT NULL,
    on_behalf_of text,
    kind text NOT NULL,
    voice text NOT NULL,
    text text NOT NULL,
    text_from uuid,
    language text,
    spoken_language text,
    said_on text,
    said_from date NOT NULL,
    said_to date NOT NULL,
    said_days integer NOT NULL,
    said_qualified boolean NOT NULL,
    recurrence text NOT NULL,
    medium text,
    condition_text text,
    condition_sense text,
    condition_outcome text,
    condition_statement uuid,
    condition_given_by uuid,
    within uuid,
    to_tx bigint NOT NULL,
    CONSTRAINT statements_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE tombstones (
    kind text NOT NULL,
    id text NOT NULL,
    version integer NOT NULL,
    tx bigint NOT NULL,
    merged_into text,
    CONSTRAINT tombstones_pkey PRIMARY KEY (kind, id)
);

CREATE TABLE topics (
    id text NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    parent text,
    CONSTRAINT topics_pkey PRIMARY KEY (id),
    CONSTRAINT topics_parent_fkey FOREIGN KEY (parent) REFERENCES topics(id),
    CONSTRAINT topics_check CHECK ((parent <> id)),
    CONSTRAINT topics_key_check CHECK ((key IS NULL)),
    CONSTRAINT topics_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX topics_name_idx ON topics USING btree (name, id);
CREATE INDEX topics_parent_idx ON topics USING btree (parent);
CREATE INDEX topics_tx_idx ON topics USING btree (tx);

CREATE TABLE topics_history (
    id text NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    parent text,
    to_tx bigint NOT NULL,
    CONSTRAINT topics_history_pkey PRIMARY KEY (id, version)
);
