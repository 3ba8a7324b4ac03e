-- Tickets and what happened to them. The row holds the present state (doc) with the columns that are searched; event is the audit.

CREATE TABLE counter (
    name   TEXT PRIMARY KEY,
    value  BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('ticket', 0);

CREATE TABLE ticket (
    id               UUID PRIMARY KEY,
    number           BIGINT NOT NULL UNIQUE,
    version          BIGINT NOT NULL,
    kind             TEXT NOT NULL,
    state            TEXT NOT NULL,
    queue            TEXT NOT NULL,
    policy           TEXT NOT NULL,
    customer_id      TEXT,
    requester_id     TEXT,
    service_id       TEXT,
    assignee_id      TEXT,
    origin_chat      BIGINT,
    opened_at        TIMESTAMPTZ NOT NULL,
    solved_at        TIMESTAMPTZ,
    -- The deadline that matters now; NULL when nothing is owed.
    due_at           TIMESTAMPTZ,
    -- When the SLA clock must look at this ticket again; NULL when never.
    wake_at          TIMESTAMPTZ,
    -- Head of the audit chain.
    seq              BIGINT NOT NULL,
    head             TEXT NOT NULL,
    doc              JSONB NOT NULL
);
CREATE INDEX ticket_wake ON ticket (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX ticket_due ON ticket (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ticket_customer ON ticket (customer_id, opened_at);
CREATE INDEX ticket_service ON ticket (service_id, kind) WHERE due_at IS NOT NULL;
CREATE INDEX ticket_chat ON ticket (origin_chat, opened_at);

-- Append-only. `stream` is a ticket's id, or the desk's own stream.
CREATE TABLE event (
    stream       UUID NOT NULL,
    seq          BIGINT NOT NULL,
    at           TIMESTAMPTZ NOT NULL,
    recorded_at  TIMESTAMPTZ NOT NULL,
    word         TEXT NOT NULL,
    actor        JSONB NOT NULL,
    event        JSONB NOT NULL,
    prev_hash    TEXT NOT NULL,
    hash         TEXT NOT NULL,
    PRIMARY KEY (stream, seq)
);

-- Heads of streams that are not tickets.
CREATE TABLE stream_head (
    stream  UUID PRIMARY KEY,
    seq     BIGINT NOT NULL,
    head    TEXT NOT NULL
);

-- What people wrote. Kept apart from the audit, which names a message and its digest.
CREATE TABLE message (
    id           UUID PRIMARY KEY,
    ticket_id    UUID NOT NULL,
    author       JSONB NOT NULL,
    -- 'customer' and 'desk' are seen by both sides, 'note' by the desk alone.
    side         TEXT NOT NULL CHECK (side IN ('customer', 'desk', 'note')),
    body         TEXT NOT NULL,
    attachments  JSONB NOT NULL,
    written_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX message_ticket ON message (ticket_id, written_at);

-- Which ticket a Telegram message belongs to, so that a reply finds it.
CREATE TABLE message_link (
    chat_id     BIGINT NOT NULL,
    message_id  BIGINT NOT NULL,
    ticket_id   UUID NOT NULL,
    PRIMARY KEY (chat_id, message_id)
);

-- The card of a ticket in the desk group.
CREATE TABLE card (
    ticket_id   UUID PRIMARY KEY,
    chat_id     BIGINT NOT NULL,
    message_id  BIGINT NOT NULL
);
