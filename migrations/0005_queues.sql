-- What waits: raw updates from Telegram, work for the workers, messages to send, dialogues in the middle.

CREATE TABLE inbox (
    bot_id       BIGINT NOT NULL,
    update_id    BIGINT NOT NULL,
    chat_id      BIGINT,
    raw          TEXT NOT NULL,
    received_at  TIMESTAMPTZ NOT NULL,
    done_at      TIMESTAMPTZ,
    attempts     BIGINT NOT NULL,
    error        TEXT,
    PRIMARY KEY (bot_id, update_id)
);
CREATE INDEX inbox_waiting ON inbox (bot_id, update_id) WHERE done_at IS NULL;
CREATE INDEX inbox_done ON inbox (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE dialogue (
    chat_id     BIGINT NOT NULL,
    thread_id   BIGINT NOT NULL,
    user_id     BIGINT NOT NULL,
    state       JSONB NOT NULL,
    touched_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (chat_id, thread_id, user_id)
);

CREATE TABLE job (
    id           UUID PRIMARY KEY,
    lane         TEXT NOT NULL,
    dedup_key    TEXT NOT NULL,
    payload      JSONB NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead')),
    run_at       TIMESTAMPTZ NOT NULL,
    attempt      BIGINT NOT NULL,
    worker       TEXT,
    lease_until  TIMESTAMPTZ,
    error        TEXT
);
CREATE UNIQUE INDEX job_dedup ON job (dedup_key) WHERE state IN ('ready', 'running');
CREATE INDEX job_ready ON job (lane, run_at) WHERE state = 'ready';
CREATE INDEX job_running ON job (lane, lease_until) WHERE state = 'running';

CREATE TABLE outbox (
    id            UUID PRIMARY KEY,
    priority      BIGINT NOT NULL,
    -- Known for direct answers; the rest is addressed when it is sent.
    chat_id       BIGINT,
    ticket_id     UUID,
    payload       JSONB NOT NULL,
    coalesce_key  TEXT,
    state         TEXT NOT NULL CHECK (state IN ('ready', 'claimed', 'sent', 'failed', 'dropped')),
    not_before    TIMESTAMPTZ NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    attempts      BIGINT NOT NULL,
    sent_at       TIMESTAMPTZ,
    message_id    BIGINT,
    error         TEXT
);
CREATE UNIQUE INDEX outbox_coalesce ON outbox (coalesce_key) WHERE state = 'ready' AND coalesce_key IS NOT NULL;
CREATE INDEX outbox_ready ON outbox (priority, id) WHERE state = 'ready';
CREATE INDEX outbox_claimed ON outbox (id) WHERE state = 'claimed';
CREATE INDEX outbox_ticket ON outbox (ticket_id) WHERE ticket_id IS NOT NULL;

-- Leadership: one holder at a time does what only one may do (poll Telegram, send to it).
CREATE TABLE lease (
    name    TEXT PRIMARY KEY,
    holder  TEXT NOT NULL,
    until   TIMESTAMPTZ NOT NULL
);
