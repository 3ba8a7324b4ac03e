-- The desk: forum topics, who covers for whom, canned replies, storms of pages, broadcasts, and what became of each notice.

-- The event a message tells the customer of, so that the desk sees whether it arrived.
ALTER TABLE outbox ADD COLUMN event_seq BIGINT;
CREATE INDEX outbox_broadcast ON outbox (coalesce_key) WHERE priority = 7;

-- The forum topic a card stands in; 0 outside of topics.
ALTER TABLE card ADD COLUMN thread_id BIGINT NOT NULL DEFAULT 0;

-- The topic of each department in a desk group that is a forum.
CREATE TABLE desk_topic (
    chat_id    BIGINT NOT NULL,
    queue      TEXT NOT NULL,
    thread_id  BIGINT NOT NULL,
    PRIMARY KEY (chat_id, queue)
);

-- Who is on call out of turn. It counts once agreed_at is set and until ended_at is; the rows of a swap share `pair`.
CREATE TABLE rota_cover (
    id         UUID PRIMARY KEY,
    pair       UUID NOT NULL,
    queue      TEXT NOT NULL,
    staff_id   TEXT NOT NULL,
    starts     TIMESTAMPTZ NOT NULL,
    until      TIMESTAMPTZ NOT NULL,
    made_by    TEXT NOT NULL,
    made_at    TIMESTAMPTZ NOT NULL,
    agreed_at  TIMESTAMPTZ,
    ended_at   TIMESTAMPTZ
);
CREATE INDEX rota_cover_queue ON rota_cover (queue, until);
CREATE INDEX rota_cover_pair ON rota_cover (pair);

-- Who was paged lately for what: a storm of similar tickets becomes one message.
CREATE TABLE page_log (
    staff_id   TEXT NOT NULL,
    queue      TEXT NOT NULL,
    kind       TEXT NOT NULL,
    ticket_id  UUID NOT NULL,
    at         TIMESTAMPTZ NOT NULL
);
CREATE INDEX page_log_staff ON page_log (staff_id, at);
CREATE INDEX page_log_at ON page_log (at);

-- Replies that are written often, by name and language; with places such as {name}.
CREATE TABLE canned (
    name        TEXT NOT NULL,
    language    TEXT NOT NULL CHECK (language IN ('kk', 'ru', 'en')),
    body        TEXT NOT NULL,
    changed_by  TEXT NOT NULL,
    changed_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (name, language)
);

-- What customers were told of works and outages; who was to be told is in the outbox.
CREATE TABLE broadcast (
    id           UUID PRIMARY KEY,
    about        TEXT NOT NULL CHECK (about IN ('planned_works', 'outage')),
    body         JSONB NOT NULL,
    audience     JSONB NOT NULL,
    chats        BIGINT NOT NULL,
    unreachable  JSONB NOT NULL,
    made_by      JSONB NOT NULL,
    made_at      TIMESTAMPTZ NOT NULL
);

-- Promises kept and broken, by time: the figures of a month without reading everything.
CREATE INDEX event_promise ON event (at) WHERE word IN ('target_met', 'target_breached');
