-- Views for tools that speak only SQL (docs/decisions/0015). reporting_all has
-- every record; reporting has those of the standard scope of the API's lists and
-- counts. Left joins all: one whose columns nobody asks for is not made.

-- +goose Up
SET LOCAL lock_timeout = '5s';

CREATE SCHEMA reporting_all;
CREATE SCHEMA reporting;

CREATE VIEW reporting_all.statements AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    t.speaker, sp.name AS speaker_name, sp.kind AS speaker_kind, sp.nationality AS speaker_nationality,
    t.on_behalf_of, ob.name AS on_behalf_of_name, t.kind, t.voice, t.text, t.text_from, t.text_from IS NULL AS composed, t.language, t.spoken_language,
    t.said_on, CASE WHEN t.said_days > 0 AND isfinite(t.said_from) THEN t.said_from END AS said_from,
    CASE WHEN t.said_days > 0 AND isfinite(t.said_to) THEN t.said_to END AS said_to,
    CASE WHEN t.said_days = 1 AND NOT t.said_qualified THEN t.said_from END AS said_day,
    CASE WHEN t.said_days BETWEEN 1 AND 7 AND NOT t.said_qualified AND date_trunc('week', t.said_from::timestamp) = date_trunc('week', (t.said_to - 1)::timestamp)
        THEN date_trunc('week', t.said_from::timestamp)::date END AS said_week,
    CASE WHEN t.said_days BETWEEN 1 AND 31 AND NOT t.said_qualified AND date_trunc('month', t.said_from::timestamp) = date_trunc('month', (t.said_to - 1)::timestamp)
        THEN date_trunc('month', t.said_from::timestamp)::date END AS said_month,
    CASE WHEN t.said_days BETWEEN 1 AND 92 AND NOT t.said_qualified AND date_trunc('quarter', t.said_from::timestamp) = date_trunc('quarter', (t.said_to - 1)::timestamp)
        THEN date_trunc('quarter', t.said_from::timestamp)::date END AS said_quarter,
    CASE WHEN t.said_days BETWEEN 1 AND 366 AND NOT t.said_qualified AND date_trunc('year', t.said_from::timestamp) = date_trunc('year', (t.said_to - 1)::timestamp)
        THEN date_trunc('year', t.said_from::timestamp)::date END AS said_year,
    t.recurrence, t.occasion, oc.title AS occasion_title, t.medium, f.medium AS medium_of,
    t.condition_text, t.condition_sense, t.condition_outcome, t.within, t.within IS NOT NULL AS second_hand,
    f.report_count, f.publishers_low, f.publishers_high, f.origins_low, f.origins_high, f.first_carried_on,
    f.min_reliability, f.max_reliability, f.denied_by_others,
    (SELECT string_agg(coalesce(c.name, s.name, e.title), '; ' ORDER BY p.n) FROM public.statement_targets p LEFT JOIN public.countries c ON c.id = p.country
        LEFT JOIN public.speakers s ON s.id = p.speaker LEFT JOIN public.events e ON e.id = p.event WHERE p.statement = t.id) AS target_names,
    (SELECT string_agg(p.topic, '; ' ORDER BY p.n) FROM public.statement_topics p WHERE p.statement = t.id) AS topics
FROM public.statements t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.speakers sp ON sp.id = t.speaker LEFT JOIN public.countries ob ON ob.id = t.on_behalf_of
    LEFT JOIN public.events oc ON oc.id = t.occasion LEFT JOIN public.statement_facts f ON f.statement = t.id;

CREATE VIEW reporting_all.statement_targets AS SELECT
    t.statement, t.n, s.dataset, s.within IS NOT NULL AS second_hand, s.voice, t.role, t.country, t.speaker, t.event,
    coalesce(c.name, sp.name, e.title) AS name, coalesce(t.country, CASE WHEN sp.kind IN ('government', 'ministry', 'military', 'security_service', 'legislature', 'court') THEN sp.country END) AS target_country,
    coalesce(c.name, CASE WHEN sp.kind IN ('government', 'ministry', 'military', 'security_service', 'legislature', 'court') THEN sc.name END) AS target_country_name
FROM public.statement_targets t
    LEFT JOIN public.statements s ON s.id = t.statement LEFT JOIN public.countries c ON c.id = t.country
    LEFT JOIN public.speakers sp ON sp.id = t.speaker LEFT JOIN public.countries sc ON sc.id = sp.country LEFT JOIN public.events e ON e.id = t.event;

CREATE VIEW reporting_all.statement_topics AS SELECT
    t.statement, s.dataset, s.within IS NOT NULL AS second_hand, s.voice, a.above AS topic, tp.name AS topic_name, bool_or(a.above = t.topic) AS given
FROM public.statement_topics t
    JOIN (WITH RECURSIVE up(id, above) AS (SELECT id, id FROM public.topics
            UNION SELECT up.id, p.parent FROM up JOIN public.topics p ON p.id = up.above WHERE p.parent IS NOT NULL)
        SELECT id, above FROM up) a ON a.id = t.topic
    JOIN public.topics tp ON tp.id = a.above JOIN public.statements s ON s.id = t.statement
GROUP BY t.statement, s.dataset, s.within, s.voice, a.above, tp.name;

CREATE VIEW reporting_all.reports AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    s.within IS NOT NULL AS second_hand, s.voice, t.statement, t.article, a.title AS article_title, a.url, a.published_on,
    CASE WHEN isfinite(a.published_from) THEN a.published_from END AS published_from, a.published_at, a.source, so.name AS source_name, so.country AS outlet_country,
    t.match, t.match_note, t.credibility, t.credibility_by, t.credibility_on, t.credibility_reason
FROM public.reports t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.statements s ON s.id = t.statement LEFT JOIN public.articles a ON a.id = t.article LEFT JOIN public.sources so ON so.id = a.source;

CREATE VIEW reporting_all.renderings AS SELECT
    t.statement, t.report, t.n, r.dataset, s.within IS NOT NULL AS second_hand, s.voice,
    t.part, t.text, t.form, t.attribution, t.attribution_verb, t.hedge, t.content_hedge, t.condition, t.time_as_given, t.locator, t.translated,
    r.article, a.source, so.name AS source_name
FROM public.renderings t
    LEFT JOIN public.reports r ON r.statement = t.statement AND r.id = t.report LEFT JOIN public.statements s ON s.id = t.statement
    LEFT JOIN public.articles a ON a.id = r.article LEFT JOIN public.sources so ON so.id = a.source;

CREATE VIEW reporting_all.positions AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    s.within IS NOT NULL AS second_hand, s.voice, t.statement, t.claim, cl.text AS claim_text, t.stance, t.withdraws,
    s.speaker, sp.name AS speaker_name, s.on_behalf_of, s.said_on, CASE WHEN s.said_days > 0 AND isfinite(s.said_from) THEN s.said_from END AS said_from
FROM public.positions t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.statements s ON s.id = t.statement LEFT JOIN public.speakers sp ON sp.id = s.speaker LEFT JOIN public.claims cl ON cl.id = t.claim;

CREATE VIEW reporting_all.claims AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    t.text, t.sort, t.period, f.status,
    (SELECT string_agg(coalesce(c.name, s.name), '; ' ORDER BY p.n) FROM public.claim_about p LEFT JOIN public.countries c ON c.id = p.country
        LEFT JOIN public.speakers s ON s.id = p.speaker WHERE p.claim = t.id) AS about_names,
    (SELECT string_agg(p.topic, '; ' ORDER BY p.n) FROM public.claim_topics p WHERE p.claim = t.id) AS topics
FROM public.claims t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.claim_facts f ON f.claim = t.id;

CREATE VIEW reporting_all.claim_about AS SELECT
    t.claim, t.n, cl.dataset, t.role, t.country, t.speaker, coalesce(c.name, sp.name) AS name, coalesce(t.country, CASE WHEN sp.kind IN ('government', 'ministry', 'military', 'security_service', 'legislature', 'court') THEN sp.country END) AS about_country
FROM public.claim_about t
    LEFT JOIN public.claims cl ON cl.id = t.claim LEFT JOIN public.countries c ON c.id = t.country LEFT JOIN public.speakers sp ON sp.id = t.speaker;

CREATE VIEW reporting_all.events AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    t.kind, t.title, t.description, t.occurred, CASE WHEN t.occurred_days > 0 AND isfinite(t.occurred_from) THEN t.occurred_from END AS occurred_from,
    CASE WHEN t.occurred_days > 0 AND isfinite(t.occurred_to) THEN t.occurred_to END AS occurred_to,
    CASE WHEN t.occurred_days = 1 AND NOT t.occurred_qualified THEN t.occurred_from END AS occurred_day,
    CASE WHEN t.occurred_days BETWEEN 1 AND 7 AND NOT t.occurred_qualified AND date_trunc('week', t.occurred_from::timestamp) = date_trunc('week', (t.occurred_to - 1)::timestamp)
        THEN date_trunc('week', t.occurred_from::timestamp)::date END AS occurred_week,
    CASE WHEN t.occurred_days BETWEEN 1 AND 31 AND NOT t.occurred_qualified AND date_trunc('month', t.occurred_from::timestamp) = date_trunc('month', (t.occurred_to - 1)::timestamp)
        THEN date_trunc('month', t.occurred_from::timestamp)::date END AS occurred_month,
    CASE WHEN t.occurred_days BETWEEN 1 AND 92 AND NOT t.occurred_qualified AND date_trunc('quarter', t.occurred_from::timestamp) = date_trunc('quarter', (t.occurred_to - 1)::timestamp)
        THEN date_trunc('quarter', t.occurred_from::timestamp)::date END AS occurred_quarter,
    CASE WHEN t.occurred_days BETWEEN 1 AND 366 AND NOT t.occurred_qualified AND date_trunc('year', t.occurred_from::timestamp) = date_trunc('year', (t.occurred_to - 1)::timestamp)
        THEN date_trunc('year', t.occurred_from::timestamp)::date END AS occurred_year,
    t.country, c.name AS country_name, t.part_of, whole.title AS part_of_title, t.ordinal,
    (SELECT string_agg(p.name, '; ' ORDER BY p.n) FROM public.event_places p WHERE p.event = t.id) AS places,
    (SELECT string_agg(p.topic, '; ' ORDER BY p.n) FROM public.event_topics p WHERE p.event = t.id) AS topics
FROM public.events t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.countries c ON c.id = t.country LEFT JOIN public.events whole ON whole.id = t.part_of;

CREATE VIEW reporting_all.event_participants AS SELECT
    t.event, t.n, e.dataset, e.title AS event_title, t.role, t.country, t.speaker, coalesce(c.name, sp.name) AS name, coalesce(t.country, CASE WHEN sp.kind IN ('government', 'ministry', 'military', 'security_service', 'legislature', 'court') THEN sp.country END) AS participant_country,
    t.given_by_article, a.title AS given_by_article_title, t.given_by_statement, gs.speaker AS given_by_speaker, gsp.name AS given_by_speaker_name
FROM public.event_participants t
    LEFT JOIN public.events e ON e.id = t.event LEFT JOIN public.countries c ON c.id = t.country LEFT JOIN public.speakers sp ON sp.id = t.speaker
    LEFT JOIN public.articles a ON a.id = t.given_by_article
    LEFT JOIN public.statements gs ON gs.id = t.given_by_statement LEFT JOIN public.speakers gsp ON gsp.id = gs.speaker;

CREATE VIEW reporting_all.event_figures AS SELECT
    t.event, t.n, e.dataset, e.title AS event_title, t.metric, t.unit, t.of, t.civilian, t.as_given, t.low, t.high, t.approximate, t.as_of,
    t.given_by_article, a.title AS given_by_article_title, t.given_by_statement, gs.speaker AS given_by_speaker, gsp.name AS given_by_speaker_name
FROM public.event_figures t
    LEFT JOIN public.events e ON e.id = t.event
    LEFT JOIN public.articles a ON a.id = t.given_by_article
    LEFT JOIN public.statements gs ON gs.id = t.given_by_statement LEFT JOIN public.speakers gsp ON gsp.id = gs.speaker;

CREATE VIEW reporting_all.articles AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    t.source, so.name AS source_name, so.country AS outlet_country, t.title, t.url, t.archive_url,
    t.published_on, CASE WHEN isfinite(t.published_from) THEN t.published_from END AS published_from, CASE WHEN isfinite(t.published_to) THEN t.published_to END AS published_to, t.published_at, t.language, t.section, t.dateline, t.author, t.label,
    t.syndicated_from, f.origin
FROM public.articles t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.sources so ON so.id = t.source LEFT JOIN public.article_facts f ON f.article = t.id;

CREATE VIEW reporting_all.sources AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    t.name, t.kind, t.country, c.name AS country_name, t.domain, array_to_string(t.languages, '; ') AS languages,
    t.owner, o.name AS owner_name, f.family AS publisher, fs.name AS publisher_name, t.identified
FROM public.sources t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.countries c ON c.id = t.country LEFT JOIN public.sources o ON o.id = t.owner
    LEFT JOIN public.source_facts f ON f.source = t.id LEFT JOIN public.sources fs ON fs.id = f.family;

CREATE VIEW reporting_all.speakers AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    t.name, t.kind, t.nationality, t.country, t.part_of, whole.name AS part_of_name, t.source, t.wikidata_id
FROM public.speakers t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.speakers whole ON whole.id = t.part_of;

CREATE VIEW reporting_all.countries AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    t.name, t.official_name, t.alpha3, t."numeric", t.region, t.subregion, t.capital, t.latitude, t.longitude, t.status, t.valid
FROM public.countries t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx;

CREATE VIEW reporting_all.offices AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    t.title, t.country, c.name AS country_name, t.body, b.name AS body_name, t.shared
FROM public.offices t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.countries c ON c.id = t.country LEFT JOIN public.speakers b ON b.id = t.body;

CREATE VIEW reporting_all.tenures AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    t.speaker, sp.name AS speaker_name, t.office, o.title AS office_title, o.country AS office_country, t.held,
    CASE WHEN t.held_from < t.held_to AND isfinite(t.held_from) THEN t.held_from END AS held_from,
    CASE WHEN t.held_from < t.held_to AND isfinite(t.held_to) THEN t.held_to END AS held_to, t.capacity
FROM public.tenures t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.speakers sp ON sp.id = t.speaker LEFT JOIN public.offices o ON o.id = t.office;

CREATE VIEW reporting_all.topics AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    t.name, t.parent, p.name AS parent_name
FROM public.topics t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.topics p ON p.id = t.parent;

CREATE VIEW reporting_all.assessments AS SELECT
    t.id, t.key, t.version, t.dataset, t.review, made.at AS created_at, changed.at AS updated_at,
    t.claim, cl.text AS claim_text, t.statement, t.verdict, t.scale, t.normalised, t.reviewer, so.name AS reviewer_name, t.url, t.reviewed_on, t.rationale
FROM public.assessments t
    LEFT JOIN public.commits made ON made.tx = t.created_tx LEFT JOIN public.commits changed ON changed.tx = t.tx
    LEFT JOIN public.claims cl ON cl.id = t.claim LEFT JOIN public.sources so ON so.id = t.reviewer;

CREATE VIEW reporting.about AS SELECT 1 AS version, head.seq, head.at, EXISTS (SELECT FROM public.stale) AS derived_pending
FROM (SELECT seq, at FROM public.commits ORDER BY seq DESC LIMIT 1) head;

-- Each line is a view or a column, with what it means; * is every view that has
-- the column and no line of its own for it.
-- +goose StatementBegin
DO $do$
DECLARE
    said text := $list$
*.id The record's id, the same as in the API's addresses.
*.key The key that an import gave it, or null.
*.version How often it was written.
*.dataset The data set: own, or the name that an import gave; of a part that of its record.
*.review How it was read: machine, single or second_read.
*.created_at When it was entered.
*.updated_at When it was last changed.
*.second_hand Whether the statement is one that another statement reports.
*.voice attributed: said by a speaker; editorial: by the outlet itself.
*.n Its place among those of its record, from 1.
*.statement Id of the statement.
*.article Id of the article.
*.event Id of the event.
*.claim Id of the claim.
*.source Id of the source, the outlet.
*.source_name The outlet's name.
*.outlet_country Code of the outlet's country.
*.article_title The article's title.
*.speaker Id of the speaker.
*.speaker_name The speaker's name.
*.country Code of the country.
*.country_name The country's name.
*.topics Slugs of its topics, separated by semicolons.
*.url Its address on the web.
*.published_on When the article was published, in EDTF as written.
*.published_from The first day that it can mean; null where unknown or open.
*.published_to The day after the last that it can mean; null where unknown or open.
*.published_at The moment of publication, where it is known.
*.language BCP 47 tag of its language.
*.said_on When it was said, in EDTF as written.
*.said_from The first day that said_on can mean; null where unknown or open.
*.event_title The event's title.
*.given_by_article Id of the article that says so; else a statement does.
*.given_by_article_title That article's title.
*.given_by_statement Id of the statement that says so.
*.given_by_speaker Id of the speaker of that statement.
*.given_by_speaker_name That speaker's name.
*.on_behalf_of Code of the country it is said for, or null.
*.on_behalf_of_name That country's name.
*.claim_text The claim in words.
*.part_of_title Title of the event that it is part of.
*.time_as_given The time in the article's words.
about One row: the version of these views and how current the data are.
about.version Version of the views.
about.seq Number of the last commit; the API's as_of=seq:N pins it.
about.at Time of that commit.
about.derived_pending Whether some derived columns wait to be computed after a wide change.
statements Acts of speech: one speaker, one occasion, one kind, one main proposition.
statements.speaker_kind Sort of speaker: person, government, ministry …
statements.speaker_nationality Code of the nationality of a person.
statements.kind Kind of act: threat, denial, allegation …
statements.text The reference wording.
statements.text_from Id of the article that the wording is copied from; null where it is composed.
statements.composed Whether the wording is composed, and so no quotation.
statements.language BCP 47 tag of the wording's language.
statements.spoken_language BCP 47 tag of the language spoken.
statements.said_to The day after the last that said_on can mean; null where unknown or open.
statements.said_day The day, where said_on certainly is one; null else.
statements.said_week Monday of the ISO week that it was certainly said in; null where no one week is certain.
statements.said_month First day of the month that it was certainly said in; null where no one month is certain.
statements.said_quarter First day of the quarter that it was certainly said in; null where no one quarter is certain.
statements.said_year First day of the year that it was certainly said in; null where no one year is certain.
statements.recurrence once, repeated or standing.
statements.occasion Id of the event at which it was said.
statements.occasion_title That event's title.
statements.medium Through which it was said, as written, or null.
statements.medium_of Through which it was said as far as is known, by its occasion or as written, else unknown. Derived.
statements.condition_text What it hangs on, in words.
statements.condition_sense if or unless.
statements.condition_outcome met or broken; null while open.
statements.within Id of the statement that reports it.
statements.report_count How many articles carry it. Derived.
statements.publishers_low How many publishers carry it, at least. Outlets of one owner are one. Derived.
statements.publishers_high How many publishers carry it, at most. Derived.
statements.origins_low How many publishers are left where those that take over from or cite each other are one, at least. Derived.
statements.origins_high The same, at most. Derived.
statements.first_carried_on The first day on which an article that carries it can have been published. Derived.
statements.min_reliability The worst rating, A to E, of a source that carries it on the day. Derived.
statements.max_reliability The best rating, A to E, of a source that carries it on the day. Derived.
statements.denied_by_others Whether another speaker denies a claim that it asserts, first-hand. Derived.
statements.target_names Names of its targets, separated by semicolons.
statement_targets Whom statements are directed at or about, one row each: a country, a speaker or an event.
statement_targets.role addressee, object, victim, beneficiary or mentioned.
statement_targets.country Code of the country targeted; null where it is a speaker or an event.
statement_targets.speaker Id of the speaker targeted.
statement_targets.event Id of the event targeted.
statement_targets.name Name of the country or speaker, title of the event.
statement_targets.target_country The country targeted: itself, its government or its state bodies.
statement_targets.target_country_name That country's name.
statement_topics What statements are about: a row for each topic given and each above it.
statement_topics.topic Slug of the topic.
statement_topics.topic_name Its name.
statement_topics.given Whether the statement has the topic itself, not only one below it.
reports That an article carries a statement: one row for each pair.
reports.url The article's address on the web.
reports.match Whether the article itself says which act of speech it is (explicit) or that is inferred.
reports.match_note Why it is matched so.
reports.credibility Credibility of the information, 1 (confirmed) to 6 (cannot be judged).
reports.credibility_by Who judged it.
reports.credibility_on When.
reports.credibility_reason Why.
renderings The words in which an article gives a statement, one row for each place.
renderings.report Id of the report.
renderings.part Part of the article: headline, lead, body, caption or teaser.
renderings.text The words.
renderings.form quotation, partial_quotation, paraphrase or inference.
renderings.attribution How the words are attributed: explicit, carried_over, unclear or own_voice.
renderings.attribution_verb The verb: said, claimed, warned …
renderings.hedge The outlet's distance: allegedly …
renderings.content_hedge The speaker's own: may, perhaps …
renderings.condition The condition in these words.
renderings.locator Where in the article.
renderings.translated Whether the words are a translation.
positions What statements say of claims.
positions.stance asserts, denies, questions, concedes, commits, declines or withdraws.
positions.withdraws Id of the earlier position that it withdraws.
claims Propositions that speakers take positions on.
claims.text The claim in words.
claims.sort fact, prediction, commitment or value.
claims.period The time that it is about, in EDTF.
claims.status open, asserted, withdrawn, denied, contested or conceded; it follows from the positions. Derived.
claims.about_names Names of those it is about, separated by semicolons.
claim_about Whom claims are about, one row each: a country or a speaker.
claim_about.role accused or subject.
claim_about.name Name of the country or speaker.
claim_about.about_country The country it is about: itself, its government or its state bodies.
events What happened, as somebody tells it.
events.kind Kind of event: bombing, talks, interview …
events.title Its title in neutral words.
events.description More about it, as far as nobody contests it.
events.occurred When it happened, in EDTF as written.
events.occurred_from The first day that occurred can mean; null where unknown or open.
events.occurred_to The day after the last that occurred can mean; null where unknown or open.
events.occurred_day The day, where occurred certainly is one; null else.
events.occurred_week Monday of the ISO week that it certainly happened in; null where no one week is certain.
events.occurred_month First day of the month that it certainly happened in; null where no one month is certain.
events.occurred_quarter First day of the quarter that it certainly happened in; null where no one quarter is certain.
events.occurred_year First day of the year that it certainly happened in; null where no one year is certain.
events.country Code of the country where it happened.
events.part_of Id of the event that it is part of.
events.ordinal Its number in a series.
events.places Names of the places, separated by semicolons.
event_participants Who had a part in events according to whom, one row each.
event_participants.role perpetrator, suspect, victim, host, mediator …
event_participants.name Name of the country or speaker.
event_participants.participant_country The country that had the part: itself, its government or its state bodies.
event_figures Numbers of events according to whom, one row each. Accounts differ: adding them up counts an event several times.
event_figures.metric killed, injured, displaced, money …
event_figures.unit The unit, of money and of things.
event_figures.of Of whom or what.
event_figures.civilian Whether of civilians; null: unknown.
event_figures.as_given The number in the giver's words.
event_figures.low The least that the words can mean; null: open.
event_figures.high The most that the words can mean; null: open.
event_figures.approximate Whether the number is said to be approximate.
event_figures.as_of The time that the number is of, in EDTF.
articles What outlets publish.
articles.title Its title.
articles.archive_url Address of a copy in an archive.
articles.section Section of the outlet.
articles.dateline The dateline as printed.
articles.author The byline as printed.
articles.label A label as printed: opinion, analysis …
articles.syndicated_from Id of the article that it takes over.
articles.origin Id of the article at the root of that chain, itself where it takes over none. Derived.
sources Outlets and other sources.
sources.name Its name.
sources.kind agency, newspaper, broadcaster, online …
sources.country Code of its country.
sources.domain Its domain on the web.
sources.languages BCP 47 tags of its languages, separated by semicolons.
sources.owner Id of the source that owns it.
sources.owner_name That source's name.
sources.publisher Id of the root of the chain of owners; sources of one publisher count as one. Derived.
sources.publisher_name Its name.
sources.identified Whether it is known who is behind it.
speakers Persons and bodies that speak.
speakers.name The name.
speakers.kind person, government, ministry, armed_group …
speakers.nationality Code of the nationality of a person.
speakers.country Code of the country of a body.
speakers.part_of Id of the body that it is part of.
speakers.part_of_name That body's name.
speakers.source Id of the outlet, of one that speaks itself.
speakers.wikidata_id Its item in Wikidata.
countries Countries, present and former.
countries.id ISO 3166-1 alpha-2 code, or alpha-4 of a former country.
countries.key Always null: the code is the key.
countries.name Its short name.
countries.official_name Its full name.
countries.alpha3 ISO 3166-1 alpha-3 code.
countries.numeric ISO 3166-1 numeric code, as text.
countries.region Region of UN M49.
countries.subregion Subregion of UN M49.
countries.capital Its capital.
countries.latitude Degrees north of a point in it.
countries.longitude Degrees east of a point in it.
countries.status state, former, disputed or dependency.
countries.valid The time in which it exists, in EDTF.
offices Offices that speakers hold.
offices.title Its title.
offices.country Code of the country that it is an office of.
offices.body Id of the body that it is an office of.
offices.body_name That body's name.
offices.shared Whether several hold it at once.
tenures Who held which office when.
tenures.office Id of the office.
tenures.office_title The office's title.
tenures.office_country Code of the office's country.
tenures.held The time, in EDTF as written.
tenures.held_from The first day that it can have begun; null where unknown or open.
tenures.held_to The day after the last that it can have lasted to; null where unknown or open.
tenures.capacity substantive, acting, disputed or de_facto.
topics What statements, claims and events are about: a tree.
topics.id Its slug.
topics.key Always null: the slug is the key.
topics.name Its name.
topics.parent Slug of the topic above it.
topics.parent_name That topic's name.
assessments Verdicts of reviewers on claims or statements, as published.
assessments.claim Id of the claim; else a statement is assessed.
assessments.statement Id of the statement.
assessments.verdict The verdict as published.
assessments.scale The reviewer's scale, by name.
assessments.normalised The verdict on a common scale: true, mostly_true, mixed, misleading, mostly_false, false or unproven.
assessments.reviewer Id of the reviewer, a source.
assessments.reviewer_name The reviewer's name.
assessments.reviewed_on When, in EDTF.
assessments.rationale Why.
$list$;
    line text;
    object text;
    sentence text;
    at record;
BEGIN
    -- The same views over the records of the standard scope, with the columns' meanings.
    FOR at IN SELECT c.relname AS view, array_agg(a.attname) AS columns FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'reporting_all'::regnamespace GROUP BY c.relname
    LOOP
        EXECUTE format('CREATE VIEW reporting.%1$I AS SELECT * FROM reporting_all.%1$I WHERE dataset = ''own''%2$s%3$s', at.view,
            CASE WHEN at.view IN ('statements', 'statement_targets', 'statement_topics', 'positions') THEN ' AND NOT second_hand AND voice = ''attributed''' END,
            CASE WHEN at.view = 'statement_targets' THEN ' AND role IN (''object'', ''addressee'')' END);
    END LOOP;
    FOREACH line IN ARRAY string_to_array(btrim(said, E'\n'), E'\n') LOOP -- those for * come first
        object := split_part(line, ' ', 1);
        sentence := btrim(substr(line, length(object) + 1));
        FOR at IN SELECT n.nspname AS schema, c.relname AS view, a.attname AS attribute
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.attname = split_part(object, '.', 2)
            WHERE n.nspname IN ('reporting', 'reporting_all') AND c.relkind = 'v' AND split_part(object, '.', 1) IN (c.relname, '*') AND (position('.' IN object) > 0) = (a.attname IS NOT NULL)
        LOOP
            IF at.attribute IS NULL THEN
                EXECUTE format('COMMENT ON VIEW %I.%I IS %L', at.schema, at.view, sentence);
            ELSE
                EXECUTE format('COMMENT ON COLUMN %I.%I.%I IS %L', at.schema, at.view, at.attribute, sentence);
            END IF;
        END LOOP;
    END LOOP;
END
$do$;
-- +goose StatementEnd

-- +goose Down
DROP SCHEMA reporting CASCADE;
DROP SCHEMA reporting_all CASCADE;
