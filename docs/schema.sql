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

CREATE TABLE article_docs (
    article uuid NOT NULL,
    stemmer text NOT NULL,
    doc tsvector NOT NULL,
    CONSTRAINT article_docs_pkey PRIMARY KEY (article),
    CONSTRAINT article_docs_article_fkey FOREIGN KEY (article) REFERENCES articles(id) ON DELETE CASCADE
);
CREATE INDEX article_docs_doc_idx ON article_docs USING gin (doc);

CREATE TABLE article_facts (
    article uuid NOT NULL,
    origin uuid NOT NULL,
    CONSTRAINT article_facts_pkey PRIMARY KEY (article),
    CONSTRAINT article_facts_article_fkey FOREIGN KEY (article) REFERENCES articles(id) ON DELETE CASCADE
);
CREATE INDEX article_facts_origin_idx ON article_facts USING btree (origin);

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

CREATE TABLE assessments (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    claim uuid,
    statement uuid,
    verdict text NOT NULL,
    scale text,
    normalised text,
    reviewer uuid NOT NULL,
    url text,
    reviewed_on text,
    rationale text,
    evidence text[],
    CONSTRAINT assessments_pkey PRIMARY KEY (id),
    CONSTRAINT assessments_claim_fkey FOREIGN KEY (claim) REFERENCES claims(id),
    CONSTRAINT assessments_reviewer_fkey FOREIGN KEY (reviewer) REFERENCES sources(id),
    CONSTRAINT assessments_statement_fkey FOREIGN KEY (statement) REFERENCES statements(id),
    CONSTRAINT assessments_check CHECK ((num_nonnulls(claim, statement) = 1)),
    CONSTRAINT assessments_normalised_check CHECK ((normalised = ANY (ARRAY['true'::text, 'mostly_true'::text, 'mixed'::text, 'misleading'::text, 'mostly_false'::text, 'false'::text, 'unproven'::text]))),
    CONSTRAINT assessments_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX assessments_claim_idx ON assessments USING btree (claim);
CREATE INDEX assessments_reviewer_idx ON assessments USING btree (reviewer);
CREATE INDEX assessments_statement_idx ON assessments USING btree (statement);
CREATE INDEX assessments_tx_idx ON assessments USING btree (tx);

CREATE TABLE assessments_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    claim uuid,
    statement uuid,
    verdict text NOT NULL,
    scale text,
    normalised text,
    reviewer uuid NOT NULL,
    url text,
    reviewed_on text,
    rationale text,
    evidence text[],
    to_tx bigint NOT NULL,
    CONSTRAINT assessments_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE cell_changes (
    n integer NOT NULL,
    said_from date NOT NULL,
    said_to date NOT NULL,
    speaker uuid NOT NULL,
    kind text NOT NULL,
    on_behalf_of text,
    target_countries text NOT NULL,
    topics text NOT NULL,
    articles uuid[] NOT NULL,
    said_days integer NOT NULL,
    said_qualified boolean NOT NULL,
    occasion uuid,
    language text,
    recurrence text NOT NULL,
    conditional text NOT NULL,
    claims text NOT NULL,
    stances text NOT NULL,
    medium_of text NOT NULL
);

CREATE TABLE cell_folds (
    one boolean NOT NULL DEFAULT true,
    mark uuid NOT NULL DEFAULT gen_random_uuid(),
    CONSTRAINT cell_folds_pkey PRIMARY KEY (one),
    CONSTRAINT cell_folds_one_check CHECK (one)
);

CREATE TABLE cells_by_article (
    article uuid,
    n bigint NOT NULL,
    CONSTRAINT cells_by_article_article_key UNIQUE NULLS NOT DISTINCT (article)
);

CREATE TABLE cells_by_behalf (
    on_behalf_of text,
    kind text,
    n bigint NOT NULL,
    CONSTRAINT cells_by_behalf_on_behalf_of_kind_key UNIQUE NULLS NOT DISTINCT (on_behalf_of, kind)
);

CREATE TABLE cells_by_behalf_time (
    on_behalf_of text,
    said_from date,
    said_to date,
    n bigint NOT NULL,
    CONSTRAINT cells_by_behalf_time_on_behalf_of_said_from_said_to_key UNIQUE NULLS NOT DISTINCT (on_behalf_of, said_from, said_to)
);

CREATE TABLE cells_by_kind (
    kind text,
    said_from date,
    said_to date,
    n bigint NOT NULL,
    CONSTRAINT cells_by_kind_kind_said_from_said_to_key UNIQUE NULLS NOT DISTINCT (kind, said_from, said_to)
);

CREATE TABLE cells_by_pair (
    on_behalf_of text,
    target_countries text,
    n bigint NOT NULL,
    CONSTRAINT cells_by_pair_on_behalf_of_target_countries_key UNIQUE NULLS NOT DISTINCT (on_behalf_of, target_countries)
);

CREATE TABLE cells_by_speaker (
    speaker uuid,
    n bigint NOT NULL,
    CONSTRAINT cells_by_speaker_speaker_key UNIQUE NULLS NOT DISTINCT (speaker)
);

CREATE TABLE cells_by_targets (
    target_countries text,
    n bigint NOT NULL,
    CONSTRAINT cells_by_targets_target_countries_key UNIQUE NULLS NOT DISTINCT (target_countries)
);

CREATE TABLE cells_by_topics (
    topics text,
    n bigint NOT NULL
);
CREATE UNIQUE INDEX cells_by_topics_idx ON cells_by_topics USING btree (md5(topics));

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

CREATE TABLE claim_about (
    claim uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    role text NOT NULL,
    country text,
    speaker uuid,
    CONSTRAINT claim_about_pkey PRIMARY KEY (claim, n),
    CONSTRAINT claim_about_claim_fkey FOREIGN KEY (claim) REFERENCES claims(id),
    CONSTRAINT claim_about_country_fkey FOREIGN KEY (country) REFERENCES countries(id),
    CONSTRAINT claim_about_speaker_fkey FOREIGN KEY (speaker) REFERENCES speakers(id),
    CONSTRAINT claim_about_check CHECK ((num_nonnulls(country, speaker) = 1)),
    CONSTRAINT claim_about_role_check CHECK ((role = ANY (ARRAY['accused'::text, 'subject'::text])))
);
CREATE INDEX claim_about_country_idx ON claim_about USING btree (country, claim) WHERE (country IS NOT NULL);
CREATE INDEX claim_about_speaker_idx ON claim_about USING btree (speaker, claim) WHERE (speaker IS NOT NULL);

CREATE TABLE claim_about_history (
    claim uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    role text NOT NULL,
    country text,
    speaker uuid,
    to_tx bigint NOT NULL,
    CONSTRAINT claim_about_history_pkey PRIMARY KEY (claim, tx, n)
);

CREATE TABLE claim_docs (
    claim uuid NOT NULL,
    stemmer text NOT NULL,
    doc tsvector NOT NULL,
    CONSTRAINT claim_docs_pkey PRIMARY KEY (claim),
    CONSTRAINT claim_docs_claim_fkey FOREIGN KEY (claim) REFERENCES claims(id) ON DELETE CASCADE
);
CREATE INDEX claim_docs_doc_idx ON claim_docs USING gin (doc);

CREATE TABLE claim_facts (
    claim uuid NOT NULL,
    status text NOT NULL,
    denied_by uuid[] NOT NULL DEFAULT '{}'::uuid[],
    denied_tx bigint NOT NULL DEFAULT 0,
    CONSTRAINT claim_facts_pkey PRIMARY KEY (claim),
    CONSTRAINT claim_facts_claim_fkey FOREIGN KEY (claim) REFERENCES claims(id) ON DELETE CASCADE,
    CONSTRAINT claim_facts_status_check CHECK ((status = ANY (ARRAY['open'::text, 'asserted'::text, 'withdrawn'::text, 'denied'::text, 'contested'::text, 'conceded'::text])))
);
CREATE INDEX claim_facts_status_idx ON claim_facts USING btree (status, claim);

CREATE TABLE claim_links (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    "from" uuid NOT NULL,
    "to" uuid NOT NULL,
    relation text NOT NULL,
    CONSTRAINT claim_links_to_key UNIQUE ("from", "to", relation),
    CONSTRAINT claim_links_pkey PRIMARY KEY (id),
    CONSTRAINT claim_links_from_fkey FOREIGN KEY ("from") REFERENCES claims(id),
    CONSTRAINT claim_links_to_fkey FOREIGN KEY ("to") REFERENCES claims(id),
    CONSTRAINT claim_links_check CHECK (("from" <> "to")),
    CONSTRAINT claim_links_relation_check CHECK ((relation = ANY (ARRAY['implies'::text, 'narrows'::text, 'negates'::text]))),
    CONSTRAINT claim_links_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX claim_links_to_idx ON claim_links USING btree ("to");
CREATE INDEX claim_links_tx_idx ON claim_links USING btree (tx);

CREATE TABLE claim_links_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    "from" uuid NOT NULL,
    "to" uuid NOT NULL,
    relation text NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT claim_links_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE claim_topics (
    claim uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    topic text NOT NULL,
    CONSTRAINT claim_topics_pkey PRIMARY KEY (claim, n),
    CONSTRAINT claim_topics_claim_fkey FOREIGN KEY (claim) REFERENCES claims(id),
    CONSTRAINT claim_topics_topic_fkey FOREIGN KEY (topic) REFERENCES topics(id)
);
CREATE INDEX claim_topics_topic_idx ON claim_topics USING btree (topic, claim);

CREATE TABLE claim_topics_history (
    claim uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    topic text NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT claim_topics_history_pkey PRIMARY KEY (claim, tx, n)
);

CREATE TABLE claims (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    text text NOT NULL,
    sort text NOT NULL,
    period text,
    period_from date NOT NULL,
    period_to date NOT NULL,
    CONSTRAINT claims_pkey PRIMARY KEY (id),
    CONSTRAINT claims_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text]))),
    CONSTRAINT claims_sort_check CHECK ((sort = ANY (ARRAY['fact'::text, 'prediction'::text, 'commitment'::text, 'value'::text])))
);
CREATE INDEX claims_sort_idx ON claims USING btree (sort, id);
CREATE INDEX claims_text_idx ON claims USING btree ("left"(text, 200), id);
CREATE INDEX claims_tx_idx ON claims USING btree (tx);

CREATE TABLE claims_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    text text NOT NULL,
    sort text NOT NULL,
    period text,
    period_from date NOT NULL,
    period_to date NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT claims_history_pkey PRIMARY KEY (id, version)
);

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
    relabels boolean NOT NULL DEFAULT true,
    wide boolean NOT NULL DEFAULT true,
    CONSTRAINT commits_tx_key UNIQUE (tx),
    CONSTRAINT commits_pkey PRIMARY KEY (seq),
    CONSTRAINT commits_kind_check CHECK ((kind = ANY (ARRAY['creates'::text, 'revises'::text, 'corrects'::text, 'retracts'::text, 'merges'::text, 'unmerges'::text, 'splits'::text, 'deletes'::text, 'imports'::text, 'reverts'::text])))
);
CREATE INDEX commits_at_idx ON commits USING btree (at);
CREATE INDEX commits_relabels_idx ON commits USING btree (seq) WHERE relabels;
CREATE INDEX commits_wide_idx ON commits USING btree (seq) WHERE wide;

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

CREATE TABLE country_docs (
    country text NOT NULL,
    stemmer text NOT NULL,
    doc tsvector NOT NULL,
    CONSTRAINT country_docs_pkey PRIMARY KEY (country),
    CONSTRAINT country_docs_country_fkey FOREIGN KEY (country) REFERENCES countries(id) ON DELETE CASCADE
);
CREATE INDEX country_docs_doc_idx ON country_docs USING gin (doc);

CREATE TABLE event_codes (
    event uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    scheme text NOT NULL,
    code text NOT NULL,
    CONSTRAINT event_codes_pkey PRIMARY KEY (event, n),
    CONSTRAINT event_codes_event_fkey FOREIGN KEY (event) REFERENCES events(id)
);

CREATE TABLE event_codes_history (
    event uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    scheme text NOT NULL,
    code text NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT event_codes_history_pkey PRIMARY KEY (event, tx, n)
);

CREATE TABLE event_docs (
    event uuid NOT NULL,
    stemmer text NOT NULL,
    doc tsvector NOT NULL,
    CONSTRAINT event_docs_pkey PRIMARY KEY (event),
    CONSTRAINT event_docs_event_fkey FOREIGN KEY (event) REFERENCES events(id) ON DELETE CASCADE
);
CREATE INDEX event_docs_doc_idx ON event_docs USING gin (doc);

CREATE TABLE event_figures (
    event uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    metric text NOT NULL,
    unit text,
    of text,
    civilian boolean,
    as_given text NOT NULL,
    low double precision,
    high double precision,
    approximate boolean NOT NULL,
    given_by_article uuid,
    given_by_statement uuid,
    as_of text,
    CONSTRAINT event_figures_pkey PRIMARY KEY (event, n),
    CONSTRAINT event_figures_event_fkey FOREIGN KEY (event) REFERENCES events(id),
    CONSTRAINT event_figures_given_by_article_fkey FOREIGN KEY (given_by_article) REFERENCES articles(id),
    CONSTRAINT event_figures_given_by_statement_fkey FOREIGN KEY (given_by_statement) REFERENCES statements(id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT event_figures_check CHECK ((low <= high)),
    CONSTRAINT event_figures_check1 CHECK ((num_nonnulls(given_by_article, given_by_statement) = 1)),
    CONSTRAINT event_figures_metric_check CHECK ((metric = ANY (ARRAY['killed'::text, 'injured'::text, 'missing'::text, 'captured'::text, 'detained'::text, 'released'::text, 'displaced'::text, 'seized'::text, 'participants'::text, 'money'::text, 'percent'::text, 'count'::text, 'other'::text])))
);
CREATE INDEX event_figures_given_by_article_idx ON event_figures USING btree (given_by_article);
CREATE INDEX event_figures_given_by_statement_idx ON event_figures USING btree (given_by_statement);
CREATE INDEX event_figures_metric_idx ON event_figures USING btree (metric, low, event);

CREATE TABLE event_figures_history (
    event uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    metric text NOT NULL,
    unit text,
    of text,
    civilian boolean,
    as_given text NOT NULL,
    low double precision,
    high double precision,
    approximate boolean NOT NULL,
    given_by_article uuid,
    given_by_statement uuid,
    as_of text,
    to_tx bigint NOT NULL,
    CONSTRAINT event_figures_history_pkey PRIMARY KEY (event, tx, n)
);

CREATE TABLE event_links (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    "from" uuid NOT NULL,
    "to" uuid NOT NULL,
    relation text NOT NULL,
    given_by_article uuid,
    given_by_statement uuid,
    CONSTRAINT event_links_pkey PRIMARY KEY (id),
    CONSTRAINT event_links_from_fkey FOREIGN KEY ("from") REFERENCES events(id),
    CONSTRAINT event_links_given_by_article_fkey FOREIGN KEY (given_by_article) REFERENCES articles(id),
    CONSTRAINT event_links_given_by_statement_fkey FOREIGN KEY (given_by_statement) REFERENCES statements(id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT event_links_to_fkey FOREIGN KEY ("to") REFERENCES events(id),
    CONSTRAINT event_links_check CHECK (("from" <> "to")),
    CONSTRAINT event_links_check1 CHECK ((num_nonnulls(given_by_article, given_by_statement) = 1)),
    CONSTRAINT event_links_relation_check CHECK ((relation = ANY (ARRAY['follows'::text, 'retaliates_for'::text, 'prompted_by'::text]))),
    CONSTRAINT event_links_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX event_links_from_idx ON event_links USING btree ("from");
CREATE INDEX event_links_given_by_article_idx ON event_links USING btree (given_by_article);
CREATE INDEX event_links_given_by_statement_idx ON event_links USING btree (given_by_statement);
CREATE INDEX event_links_to_idx ON event_links USING btree ("to");
CREATE INDEX event_links_tx_idx ON event_links USING btree (tx);

CREATE TABLE event_links_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    "from" uuid NOT NULL,
    "to" uuid NOT NULL,
    relation text NOT NULL,
    given_by_article uuid,
    given_by_statement uuid,
    to_tx bigint NOT NULL,
    CONSTRAINT event_links_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE event_participants (
    event uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    role text NOT NULL,
    country text,
    speaker uuid,
    given_by_article uuid,
    given_by_statement uuid,
    CONSTRAINT event_participants_pkey PRIMARY KEY (event, n),
    CONSTRAINT event_participants_country_fkey FOREIGN KEY (country) REFERENCES countries(id),
    CONSTRAINT event_participants_event_fkey FOREIGN KEY (event) REFERENCES events(id),
    CONSTRAINT event_participants_given_by_article_fkey FOREIGN KEY (given_by_article) REFERENCES articles(id),
    CONSTRAINT event_participants_given_by_statement_fkey FOREIGN KEY (given_by_statement) REFERENCES statements(id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT event_participants_speaker_fkey FOREIGN KEY (speaker) REFERENCES speakers(id),
    CONSTRAINT event_participants_check CHECK ((num_nonnulls(country, speaker) = 1)),
    CONSTRAINT event_participants_check1 CHECK ((num_nonnulls(given_by_article, given_by_statement) = 1)),
    CONSTRAINT event_participants_role_check CHECK ((role = ANY (ARRAY['perpetrator'::text, 'suspect'::text, 'target'::text, 'victim'::text, 'responsibility_claimed'::text, 'captor'::text, 'captive'::text, 'host'::text, 'mediator'::text, 'requester'::text, 'recipient'::text, 'party'::text, 'speaker'::text, 'interviewer'::text, 'attendee'::text])))
);
CREATE INDEX event_participants_country_idx ON event_participants USING btree (country, role, event) WHERE (country IS NOT NULL);
CREATE INDEX event_participants_given_by_article_idx ON event_participants USING btree (given_by_article);
CREATE INDEX event_participants_given_by_statement_idx ON event_participants USING btree (given_by_statement);
CREATE INDEX event_participants_speaker_idx ON event_participants USING btree (speaker, role, event) WHERE (speaker IS NOT NULL);

CREATE TABLE event_participants_history (
    event uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    role text NOT NULL,
    country text,
    speaker uuid,
    given_by_article uuid,
    given_by_statement uuid,
    to_tx bigint NOT NULL,
    CONSTRAINT event_participants_history_pkey PRIMARY KEY (event, tx, n)
);

CREATE TABLE event_places (
    event uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    latitude double precision,
    longitude double precision,
    "precision" text NOT NULL,
    CONSTRAINT event_places_pkey PRIMARY KEY (event, n),
    CONSTRAINT event_places_event_fkey FOREIGN KEY (event) REFERENCES events(id),
    CONSTRAINT event_places_precision_check CHECK (("precision" = ANY (ARRAY['exact'::text, 'city'::text, 'district'::text, 'province'::text, 'country'::text])))
);
CREATE INDEX event_places_latitude_idx ON event_places USING btree (latitude, longitude, event) WHERE (latitude IS NOT NULL);

CREATE TABLE event_places_history (
    event uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    name text NOT NULL,
    latitude double precision,
    longitude double precision,
    "precision" text NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT event_places_history_pkey PRIMARY KEY (event, tx, n)
);

CREATE TABLE event_topics (
    event uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    topic text NOT NULL,
    CONSTRAINT event_topics_pkey PRIMARY KEY (event, n),
    CONSTRAINT event_topics_event_fkey FOREIGN KEY (event) REFERENCES events(id),
    CONSTRAINT event_topics_topic_fkey FOREIGN KEY (topic) REFERENCES topics(id)
);
CREATE INDEX event_topics_topic_idx ON event_topics USING btree (topic, event);

CREATE TABLE event_topics_history (
    event uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    topic text NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT event_topics_history_pkey PRIMARY KEY (event, tx, n)
);

CREATE TABLE events (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    description text,
    occurred text,
    occurred_from date NOT NULL,
    occurred_to date NOT NULL,
    occurred_days integer NOT NULL,
    occurred_qualified boolean NOT NULL,
    country text,
    part_of uuid,
    ordinal integer,
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_country_fkey FOREIGN KEY (country) REFERENCES countries(id),
    CONSTRAINT events_part_of_fkey FOREIGN KEY (part_of) REFERENCES events(id),
    CONSTRAINT events_check CHECK ((part_of <> id)),
    CONSTRAINT events_kind_check CHECK ((kind = ANY (ARRAY['interview'::text, 'press_conference'::text, 'speech'::text, 'publication'::text, 'meeting'::text, 'talks'::text, 'mediation'::text, 'agreement'::text, 'ceasefire'::text, 'visit'::text, 'handover'::text, 'release'::text, 'recognition'::text, 'attack'::text, 'airstrike'::text, 'shelling'::text, 'bombing'::text, 'clash'::text, 'incursion'::text, 'assassination'::text, 'capture'::text, 'raid'::text, 'arrest'::text, 'seizure'::text, 'deployment'::text, 'exercise'::text, 'withdrawal'::text, 'border_closure'::text, 'expulsion'::text, 'election'::text, 'vote'::text, 'ruling'::text, 'appointment'::text, 'protest'::text, 'ceremony'::text, 'sanction'::text, 'trade_measure'::text, 'aid'::text, 'disaster'::text, 'accident'::text, 'other'::text]))),
    CONSTRAINT events_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX events_country_idx ON events USING btree (country, occurred_from, occurred_days, id);
CREATE INDEX events_kind_idx ON events USING btree (kind, occurred_from, occurred_days, id);
CREATE INDEX events_occurred_idx ON events USING btree (occurred_from, occurred_days, id);
CREATE INDEX events_part_of_idx ON events USING btree (part_of);
CREATE INDEX events_tx_idx ON events USING btree (tx);
CREATE INDEX events_wide_idx ON events USING btree (occurred_from, occurred_to) WHERE (occurred_days > 366);

CREATE TABLE events_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    description text,
    occurred text,
    occurred_from date NOT NULL,
    occurred_to date NOT NULL,
    occurred_days integer NOT NULL,
    occurred_qualified boolean NOT NULL,
    country text,
    part_of uuid,
    ordinal integer,
    to_tx bigint NOT NULL,
    CONSTRAINT events_history_pkey PRIMARY KEY (id, version)
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
    body bytea,
    CONSTRAINT idempotency_pkey PRIMARY KEY (principal, route, key)
);
CREATE INDEX idempotency_at_idx ON idempotency USING btree (at);

CREATE TABLE imports (
    id uuid NOT NULL,
    principal text NOT NULL,
    key text,
    request bytea,
    state text NOT NULL,
    tx bigint,
    alive_at timestamp with time zone NOT NULL,
    report jsonb NOT NULL,
    CONSTRAINT imports_principal_key_key UNIQUE (principal, key),
    CONSTRAINT imports_pkey PRIMARY KEY (id),
    CONSTRAINT imports_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'partial'::text, 'failed'::text, 'reverted'::text])))
);
CREATE INDEX imports_tx_idx ON imports USING btree (tx);
CREATE INDEX imports_waiting_idx ON imports USING btree (alive_at) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

CREATE TABLE links (
    statement uuid NOT NULL,
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    "to" uuid NOT NULL,
    relation text NOT NULL,
    CONSTRAINT links_to_key UNIQUE (statement, "to", relation),
    CONSTRAINT links_pkey PRIMARY KEY (statement, id),
    CONSTRAINT links_statement_fkey FOREIGN KEY (statement) REFERENCES statements(id),
    CONSTRAINT links_to_fkey FOREIGN KEY ("to") REFERENCES statements(id),
    CONSTRAINT links_check CHECK (("to" <> statement)),
    CONSTRAINT links_relation_check CHECK ((relation = ANY (ARRAY['responds_to'::text, 'repeats'::text, 'quotes'::text, 'clarifies'::text, 'retracts'::text, 'disowns'::text]))),
    CONSTRAINT links_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX links_id_idx ON links USING btree (id);
CREATE INDEX links_to_idx ON links USING btree ("to");
CREATE INDEX links_tx_idx ON links USING btree (tx);

CREATE TABLE links_history (
    statement uuid NOT NULL,
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    "to" uuid NOT NULL,
    relation text NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT links_history_pkey PRIMARY KEY (statement, id, version)
);
CREATE INDEX links_history_id_idx ON links_history USING btree (id);

CREATE TABLE mentions (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    article uuid NOT NULL,
    event uuid NOT NULL,
    role text NOT NULL,
    statement uuid,
    time_as_given text,
    locator text,
    CONSTRAINT mentions_pkey PRIMARY KEY (id),
    CONSTRAINT mentions_article_fkey FOREIGN KEY (article) REFERENCES articles(id),
    CONSTRAINT mentions_event_fkey FOREIGN KEY (event) REFERENCES events(id),
    CONSTRAINT mentions_statement_fkey FOREIGN KEY (statement) REFERENCES statements(id),
    CONSTRAINT mentions_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text]))),
    CONSTRAINT mentions_role_check CHECK ((role = ANY (ARRAY['subject'::text, 'occasion'::text, 'background'::text, 'cause_given'::text, 'related'::text])))
);
CREATE INDEX mentions_article_idx ON mentions USING btree (article);
CREATE INDEX mentions_event_idx ON mentions USING btree (event, role);
CREATE INDEX mentions_statement_idx ON mentions USING btree (statement);
CREATE INDEX mentions_tx_idx ON mentions USING btree (tx);

CREATE TABLE mentions_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    article uuid NOT NULL,
    event uuid NOT NULL,
    role text NOT NULL,
    statement uuid,
    time_as_given text,
    locator text,
    to_tx bigint NOT NULL,
    CONSTRAINT mentions_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE names (
    id uuid NOT NULL,
    kind text NOT NULL,
    CONSTRAINT names_pkey PRIMARY KEY (id)
);

CREATE TABLE office_docs (
    office uuid NOT NULL,
    stemmer text NOT NULL,
    doc tsvector NOT NULL,
    CONSTRAINT office_docs_pkey PRIMARY KEY (office),
    CONSTRAINT office_docs_office_fkey FOREIGN KEY (office) REFERENCES offices(id) ON DELETE CASCADE
);
CREATE INDEX office_docs_doc_idx ON office_docs USING gin (doc);

CREATE TABLE offices (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    title text NOT NULL,
    country text,
    body uuid,
    shared boolean NOT NULL,
    CONSTRAINT offices_pkey PRIMARY KEY (id),
    CONSTRAINT offices_body_fkey FOREIGN KEY (body) REFERENCES speakers(id),
    CONSTRAINT offices_country_fkey FOREIGN KEY (country) REFERENCES countries(id),
    CONSTRAINT offices_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX offices_body_idx ON offices USING btree (body);
CREATE INDEX offices_country_idx ON offices USING btree (country);
CREATE INDEX offices_title_idx ON offices USING btree (title, id);
CREATE INDEX offices_tx_idx ON offices USING btree (tx);

CREATE TABLE offices_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    title text NOT NULL,
    country text,
    body uuid,
    shared boolean NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT offices_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE positions (
    statement uuid NOT NULL,
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    claim uuid NOT NULL,
    stance text NOT NULL,
    withdraws uuid,
    CONSTRAINT positions_claim_key UNIQUE (statement, claim),
    CONSTRAINT positions_pkey PRIMARY KEY (statement, id),
    CONSTRAINT positions_claim_fkey FOREIGN KEY (claim) REFERENCES claims(id),
    CONSTRAINT positions_statement_fkey FOREIGN KEY (statement) REFERENCES statements(id),
    CONSTRAINT positions_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text]))),
    CONSTRAINT positions_stance_check CHECK ((stance = ANY (ARRAY['asserts'::text, 'denies'::text, 'questions'::text, 'concedes'::text, 'commits'::text, 'declines'::text, 'withdraws'::text])))
);
CREATE INDEX positions_claim_idx ON positions USING btree (claim, stance);
CREATE INDEX positions_id_idx ON positions USING btree (id);
CREATE INDEX positions_tx_idx ON positions USING btree (tx);
CREATE INDEX positions_withdraws_idx ON positions USING btree (withdraws) WHERE (withdraws IS NOT NULL);

CREATE TABLE positions_history (
    statement uuid NOT NULL,
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    claim uuid NOT NULL,
    stance text NOT NULL,
    withdraws uuid,
    to_tx bigint NOT NULL,
    CONSTRAINT positions_history_pkey PRIMARY KEY (statement, id, version)
);
CREATE INDEX positions_history_id_idx ON positions_history USING btree (id);

CREATE TABLE ratings (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    source uuid NOT NULL,
    reliability text NOT NULL,
    rated_on text NOT NULL,
    rated_from date NOT NULL,
    rated_to date NOT NULL,
    rated_by text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT ratings_pkey PRIMARY KEY (id),
    CONSTRAINT ratings_source_fkey FOREIGN KEY (source) REFERENCES sources(id),
    CONSTRAINT ratings_reliability_check CHECK ((reliability = ANY (ARRAY['A'::text, 'B'::text, 'C'::text, 'D'::text, 'E'::text, 'F'::text]))),
    CONSTRAINT ratings_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX ratings_rated_idx ON ratings USING btree (rated_from, id);
CREATE INDEX ratings_source_idx ON ratings USING btree (source, rated_from);
CREATE INDEX ratings_tx_idx ON ratings USING btree (tx);

CREATE TABLE ratings_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    source uuid NOT NULL,
    reliability text NOT NULL,
    rated_on text NOT NULL,
    rated_from date NOT NULL,
    rated_to date NOT NULL,
    rated_by text NOT NULL,
    reason text NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT ratings_history_pkey PRIMARY KEY (id, version)
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

CREATE TABLE source_docs (
    source uuid NOT NULL,
    stemmer text NOT NULL,
    doc tsvector NOT NULL,
    CONSTRAINT source_docs_pkey PRIMARY KEY (source),
    CONSTRAINT source_docs_source_fkey FOREIGN KEY (source) REFERENCES sources(id) ON DELETE CASCADE
);
CREATE INDEX source_docs_doc_idx ON source_docs USING gin (doc);

CREATE TABLE source_facts (
    source uuid NOT NULL,
    family uuid NOT NULL,
    CONSTRAINT source_facts_pkey PRIMARY KEY (source),
    CONSTRAINT source_facts_source_fkey FOREIGN KEY (source) REFERENCES sources(id) ON DELETE CASCADE
);
CREATE INDEX source_facts_family_idx ON source_facts USING btree (family);

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

CREATE TABLE speaker_docs (
    speaker uuid NOT NULL,
    stemmer text NOT NULL,
    doc tsvector NOT NULL,
    CONSTRAINT speaker_docs_pkey PRIMARY KEY (speaker),
    CONSTRAINT speaker_docs_speaker_fkey FOREIGN KEY (speaker) REFERENCES speakers(id) ON DELETE CASCADE
);
CREATE INDEX speaker_docs_doc_idx ON speaker_docs USING gin (doc);

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

CREATE TABLE spelling_rules (
    one boolean NOT NULL DEFAULT true,
    rules integer NOT NULL,
    CONSTRAINT spelling_rules_pkey PRIMARY KEY (one),
    CONSTRAINT spelling_rules_one_check CHECK (one)
);

CREATE TABLE spellings (
    kind text NOT NULL,
    record text NOT NULL,
    n integer NOT NULL,
    name text NOT NULL,
    sort text NOT NULL,
    folded text NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    denotes_kind text NOT NULL,
    denotes text NOT NULL,
    dataset text NOT NULL,
    key text,
    ways integer[] NOT NULL,
    CONSTRAINT spellings_pkey PRIMARY KEY (kind, record, n)
);
CREATE INDEX spellings_ways_idx ON spellings USING gin (ways);

CREATE TABLE staging (
    import uuid NOT NULL,
    n integer NOT NULL,
    line integer NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    key text,
    pointer text NOT NULL,
    action text NOT NULL,
    version integer NOT NULL,
    digest bytea NOT NULL,
    doc jsonb,
    refs text[]
);
CREATE INDEX staging_import_idx ON staging USING btree (import, kind, action, n);

CREATE TABLE stale (
    statement uuid,
    docs boolean NOT NULL DEFAULT false,
    tx bigint,
    CONSTRAINT stale_statement_key UNIQUE (statement),
    CONSTRAINT stale_one_check CHECK ((num_nonnulls(statement, tx) = 1))
);
CREATE INDEX stale_tx_idx ON stale USING btree (tx) WHERE (tx IS NOT NULL);

CREATE TABLE statement_cells (
    id uuid NOT NULL,
    speaker uuid NOT NULL,
    said_from date NOT NULL,
    said_to date NOT NULL,
    said_days integer NOT NULL,
    said_qualified boolean NOT NULL,
    dataset text NOT NULL,
    voice text NOT NULL,
    kind text NOT NULL,
    on_behalf_of text,
    target_countries text NOT NULL,
    topics text NOT NULL,
    within uuid,
    occasion uuid,
    articles uuid[] NOT NULL,
    language text,
    recurrence text NOT NULL,
    conditional text NOT NULL,
    claims text NOT NULL,
    stances text NOT NULL,
    medium_of text NOT NULL,
    CONSTRAINT statement_cells_pkey PRIMARY KEY (id)
);
CREATE INDEX statement_cells_on_behalf_of_idx ON statement_cells USING btree (on_behalf_of, kind);
CREATE INDEX statement_cells_speaker_idx ON statement_cells USING btree (speaker);

CREATE TABLE statement_docs (
    statement uuid NOT NULL,
    doc tsvector NOT NULL,
    stemmer text NOT NULL,
    CONSTRAINT statement_docs_pkey PRIMARY KEY (statement),
    CONSTRAINT statement_docs_statement_fkey FOREIGN KEY (statement) REFERENCES statements(id) ON DELETE CASCADE
);
CREATE INDEX statement_docs_doc_idx ON statement_docs USING gin (doc);

CREATE TABLE statement_facts (
    statement uuid NOT NULL,
    report_count integer NOT NULL,
    publishers_low integer NOT NULL,
    publishers_high integer NOT NULL,
    origins_low integer NOT NULL,
    origins_high integer NOT NULL,
    first_carried_on date,
    carried_by date,
    min_reliability text,
    max_reliability text,
    denied_by_others boolean NOT NULL,
    second_hand boolean NOT NULL,
    medium text NOT NULL,
    CONSTRAINT statement_facts_pkey PRIMARY KEY (statement),
    CONSTRAINT statement_facts_statement_fkey FOREIGN KEY (statement) REFERENCES statements(id) ON DELETE CASCADE
);
CREATE INDEX statement_facts_denied_idx ON statement_facts USING btree (statement) WHERE denied_by_others;
CREATE INDEX statement_facts_medium_idx ON statement_facts USING btree (medium, statement);
CREATE INDEX statement_facts_origins_idx ON statement_facts USING btree (origins_high, statement);
CREATE INDEX statement_facts_origins_low_idx ON statement_facts USING btree (origins_low, statement);
CREATE INDEX statement_facts_publishers_idx ON statement_facts USING btree (publishers_high, statement);
CREATE INDEX statement_facts_publishers_low_idx ON statement_facts USING btree (publishers_low, statement);
CREATE INDEX statement_facts_reliability_idx ON statement_facts USING btree (max_reliability, statement) WHERE (max_reliability IS NOT NULL);

CREATE TABLE statement_targets (
    statement uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    role text NOT NULL,
    country text,
    speaker uuid,
    event uuid,
    said_from date NOT NULL,
    said_days integer NOT NULL,
    CONSTRAINT statement_targets_pkey PRIMARY KEY (statement, n),
    CONSTRAINT statement_targets_country_fkey FOREIGN KEY (country) REFERENCES countries(id),
    CONSTRAINT statement_targets_event_fkey FOREIGN KEY (event) REFERENCES events(id),
    CONSTRAINT statement_targets_speaker_fkey FOREIGN KEY (speaker) REFERENCES speakers(id),
    CONSTRAINT statement_targets_statement_fkey FOREIGN KEY (statement) REFERENCES statements(id),
    CONSTRAINT statement_targets_check CHECK ((num_nonnulls(country, speaker, event) = 1)),
    CONSTRAINT statement_targets_role_check CHECK ((role = ANY (ARRAY['addressee'::text, 'object'::text, 'victim'::text, 'beneficiary'::text, 'mentioned'::text])))
);
CREATE INDEX statement_targets_country_idx ON statement_targets USING btree (country, said_from, said_days, statement) INCLUDE (role) WHERE (country IS NOT NULL);
CREATE INDEX statement_targets_event_idx ON statement_targets USING btree (event, said_from, said_days, statement) INCLUDE (role) WHERE (event IS NOT NULL);
CREATE INDEX statement_targets_speaker_idx ON statement_targets USING btree (speaker, said_from, said_days, statement) INCLUDE (role) WHERE (speaker IS NOT NULL);

CREATE TABLE statement_targets_history (
    statement uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    role text NOT NULL,
    country text,
    speaker uuid,
    event uuid,
    said_from date NOT NULL,
    said_days integer NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT statement_targets_history_pkey PRIMARY KEY (statement, tx, n)
);

CREATE TABLE statement_topics (
    statement uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    topic text NOT NULL,
    said_from date NOT NULL,
    said_days integer NOT NULL,
    CONSTRAINT statement_topics_pkey PRIMARY KEY (statement, n),
    CONSTRAINT statement_topics_statement_fkey FOREIGN KEY (statement) REFERENCES statements(id),
    CONSTRAINT statement_topics_topic_fkey FOREIGN KEY (topic) REFERENCES topics(id)
);
CREATE INDEX statement_topics_topic_idx ON statement_topics USING btree (topic, said_from, said_days, statement);

CREATE TABLE statement_topics_history (
    statement uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    topic text NOT NULL,
    said_from date NOT NULL,
    said_days integer NOT NULL,
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
    occasion uuid,
    condition_event uuid,
    CONSTRAINT statements_pkey PRIMARY KEY (id),
    CONSTRAINT statements_condition_event_fkey FOREIGN KEY (condition_event) REFERENCES events(id),
    CONSTRAINT statements_condition_given_by_fkey FOREIGN KEY (condition_given_by) REFERENCES articles(id),
    CONSTRAINT statements_condition_statement_fkey FOREIGN KEY (condition_statement) REFERENCES statements(id),
    CONSTRAINT statements_occasion_fkey FOREIGN KEY (occasion) REFERENCES events(id),
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
CREATE INDEX statements_condition_event_idx ON statements USING btree (condition_event) WHERE (condition_event IS NOT NULL);
CREATE INDEX statements_condition_given_by_idx ON statements USING btree (condition_given_by) WHERE (condition_given_by IS NOT NULL);
CREATE INDEX statements_condition_statement_idx ON statements USING btree (condition_statement) WHERE (condition_statement IS NOT NULL);
CREATE INDEX statements_dataset_idx ON statements USING btree (dataset, said_from, said_days, id);
CREATE INDEX statements_kind_idx ON statements USING btree (kind, said_from, said_days, id);
CREATE INDEX statements_occasion_idx ON statements USING btree (occasion) WHERE (occasion IS NOT NULL);
CREATE INDEX statements_on_behalf_of_idx ON statements USING btree (on_behalf_of, said_from, said_days, id);
CREATE INDEX statements_review_idx ON statements USING btree (review, said_from, said_days, id);
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
    occasion uuid,
    condition_event uuid,
    to_tx bigint NOT NULL,
    CONSTRAINT statements_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE tenure_observations (
    tenure uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    "on" text NOT NULL,
    on_from date NOT NULL,
    on_to date NOT NULL,
    article uuid NOT NULL,
    CONSTRAINT tenure_observations_pkey PRIMARY KEY (tenure, n),
    CONSTRAINT tenure_observations_article_fkey FOREIGN KEY (article) REFERENCES articles(id),
    CONSTRAINT tenure_observations_tenure_fkey FOREIGN KEY (tenure) REFERENCES tenures(id)
);
CREATE INDEX tenure_observations_article_idx ON tenure_observations USING btree (article);

CREATE TABLE tenure_observations_history (
    tenure uuid NOT NULL,
    n integer NOT NULL,
    tx bigint NOT NULL,
    "on" text NOT NULL,
    on_from date NOT NULL,
    on_to date NOT NULL,
    article uuid NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT tenure_observations_history_pkey PRIMARY KEY (tenure, tx, n)
);

CREATE TABLE tenures (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    speaker uuid NOT NULL,
    office uuid NOT NULL,
    held text,
    held_from date NOT NULL,
    held_to date NOT NULL,
    sure_from date NOT NULL,
    sure_to date NOT NULL,
    capacity text NOT NULL,
    CONSTRAINT tenures_pkey PRIMARY KEY (id),
    CONSTRAINT tenures_office_fkey FOREIGN KEY (office) REFERENCES offices(id),
    CONSTRAINT tenures_speaker_fkey FOREIGN KEY (speaker) REFERENCES speakers(id),
    CONSTRAINT tenures_capacity_check CHECK ((capacity = ANY (ARRAY['substantive'::text, 'acting'::text, 'disputed'::text, 'de_facto'::text]))),
    CONSTRAINT tenures_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text])))
);
CREATE INDEX tenures_held_idx ON tenures USING btree (held_from, id);
CREATE INDEX tenures_office_idx ON tenures USING btree (office, held_from);
CREATE INDEX tenures_speaker_idx ON tenures USING btree (speaker, held_from);
CREATE INDEX tenures_tx_idx ON tenures USING btree (tx);

CREATE TABLE tenures_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    speaker uuid NOT NULL,
    office uuid NOT NULL,
    held text,
    held_from date NOT NULL,
    held_to date NOT NULL,
    sure_from date NOT NULL,
    sure_to date NOT NULL,
    capacity text NOT NULL,
    to_tx bigint NOT NULL,
    CONSTRAINT tenures_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE tips (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    "on" text NOT NULL,
    record text NOT NULL,
    text text NOT NULL,
    contact text,
    status text NOT NULL,
    change bigint,
    response text,
    CONSTRAINT tips_pkey PRIMARY KEY (id),
    CONSTRAINT tips_review_check CHECK ((review = ANY (ARRAY['machine'::text, 'single'::text, 'second_read'::text]))),
    CONSTRAINT tips_status_check CHECK ((status = ANY (ARRAY['new'::text, 'accepted'::text, 'rejected'::text])))
);
CREATE INDEX tips_record_idx ON tips USING btree (record);
CREATE INDEX tips_status_idx ON tips USING btree (status, id);
CREATE INDEX tips_tx_idx ON tips USING btree (tx);

CREATE TABLE tips_history (
    id uuid NOT NULL,
    key text,
    version integer NOT NULL,
    dataset text NOT NULL,
    review text NOT NULL,
    created_tx bigint NOT NULL,
    tx bigint NOT NULL,
    "on" text NOT NULL,
    record text NOT NULL,
    text text NOT NULL,
    contact text,
    status text NOT NULL,
    change bigint,
    response text,
    to_tx bigint NOT NULL,
    CONSTRAINT tips_history_pkey PRIMARY KEY (id, version)
);

CREATE TABLE tombstones (
    kind text NOT NULL,
    id text NOT NULL,
    version integer NOT NULL,
    tx bigint NOT NULL,
    merged_into text,
    CONSTRAINT tombstones_pkey PRIMARY KEY (kind, id)
);

CREATE TABLE topic_docs (
    topic text NOT NULL,
    stemmer text NOT NULL,
    doc tsvector NOT NULL,
    CONSTRAINT topic_docs_pkey PRIMARY KEY (topic),
    CONSTRAINT topic_docs_topic_fkey FOREIGN KEY (topic) REFERENCES topics(id) ON DELETE CASCADE
);
CREATE INDEX topic_docs_doc_idx ON topic_docs USING gin (doc);

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
