-- The web console: who is signed in, what pages need to find tickets quickly, and what people see of each other.

-- One-time links that sign a staff member in. The code is stored as SHA-256 only.
CREATE TABLE login_link (
    code_hash   TEXT PRIMARY KEY,
    staff_id    TEXT NOT NULL REFERENCES staff (id),
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    used_at     TIMESTAMPTZ
);
CREATE INDEX login_link_staff ON login_link (staff_id);

-- Signed-in browsers. The role is the one held at sign-in: with another one the session ends.
CREATE TABLE web_session (
    token_hash  TEXT PRIMARY KEY,
    id          UUID NOT NULL UNIQUE,
    staff_id    TEXT NOT NULL REFERENCES staff (id),
    role        TEXT NOT NULL,
    agent       TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    seen_at     TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    ended_at    TIMESTAMPTZ
);
CREATE INDEX web_session_staff ON web_session (staff_id, created_at);

-- A filled-in form counts once, however often it is sent.
CREATE TABLE form_once (
    id       UUID PRIMARY KEY,
    used_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX form_once_used ON form_once (used_at);

-- Who is writing an answer to which ticket just now.
CREATE TABLE presence (
    ticket_id  UUID NOT NULL,
    staff_id   TEXT NOT NULL,
    until      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (ticket_id, staff_id)
);

-- Secret addresses of calendar feeds: calendars cannot sign in. One per person; a new one ends the old.
CREATE TABLE calendar_feed (
    staff_id    TEXT PRIMARY KEY REFERENCES staff (id),
    token_hash  TEXT NOT NULL UNIQUE,
    created_at  TIMESTAMPTZ NOT NULL
);

-- Files of messages, as far as this desk holds them: what is only in Telegram is wanted, then fetched by the bot.
CREATE TABLE file (
    message_id  UUID NOT NULL,
    place       BIGINT NOT NULL,
    ticket_id   UUID NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('wanted', 'stored', 'failed')),
    body        BYTEA,
    error       TEXT,
    asked_at    TIMESTAMPTZ NOT NULL,
    stored_at   TIMESTAMPTZ,
    PRIMARY KEY (message_id, place)
);
CREATE INDEX file_wanted ON file (asked_at) WHERE state = 'wanted';

-- The words of tickets and messages, folded and cut to their stems, as bytes: so ranges mean the same on both engines.
CREATE TABLE search_word (
    stem    BYTEA NOT NULL,
    number  BIGINT NOT NULL,
    PRIMARY KEY (stem, number)
);

-- The queue page: the same order under the filters that are used most; and what is over, newest first.
CREATE INDEX ticket_due_queue ON ticket (queue, due_at, number) WHERE due_at IS NOT NULL;
CREATE INDEX ticket_due_assignee ON ticket (assignee_id, due_at, number) WHERE due_at IS NOT NULL;
CREATE INDEX ticket_state ON ticket (state, number);
CREATE INDEX ticket_customer_number ON ticket (customer_id, number);
CREATE INDEX ticket_service_number ON ticket (service_id, number) WHERE service_id IS NOT NULL;
