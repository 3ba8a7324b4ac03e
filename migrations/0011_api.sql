-- The HTTP API: narrower tokens, answers that a repeated request gets again, alerts from monitoring, webhooks out; and what the
-- reports are counted from.

ALTER TABLE api_token ADD COLUMN staff_id TEXT;
ALTER TABLE api_token ADD COLUMN customer_id TEXT;

-- The answer to a POST with an Idempotency-Key, stored with what it did. `request` is a digest of path and body.
CREATE TABLE idempotency (
    token_id    UUID NOT NULL,
    key         TEXT NOT NULL,
    request     TEXT NOT NULL,
    status      BIGINT NOT NULL,
    body        TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (token_id, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- What monitoring says is wrong. A fingerprint that fires again after it was resolved is a new occurrence of the same row.
CREATE TABLE alert (
    fingerprint  TEXT PRIMARY KEY,
    ticket_id    UUID NOT NULL,
    group_key    TEXT NOT NULL,
    service_id   TEXT,
    name         TEXT NOT NULL,
    labels       JSONB NOT NULL,
    annotations  JSONB NOT NULL,
    starts_at    TIMESTAMPTZ NOT NULL,
    resolved_at  TIMESTAMPTZ,
    seen_at      TIMESTAMPTZ NOT NULL,
    times        BIGINT NOT NULL
);
CREATE INDEX alert_ticket ON alert (ticket_id);
CREATE INDEX alert_firing ON alert (seen_at) WHERE resolved_at IS NULL;

-- Who is told of events over HTTP. The secret that signs is derived from the id and a key of the configuration; it is not in here.
CREATE TABLE webhook (
    id          UUID PRIMARY KEY,
    url         TEXT NOT NULL,
    words       JSONB NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    retired_at  TIMESTAMPTZ
);

-- One event on its way to one webhook.
CREATE TABLE webhook_delivery (
    id           UUID PRIMARY KEY,
    webhook_id   UUID NOT NULL REFERENCES webhook (id),
    stream       UUID NOT NULL,
    seq          BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('ready', 'sent', 'failed')),
    not_before   TIMESTAMPTZ NOT NULL,
    attempts     BIGINT NOT NULL,
    status       BIGINT,
    error        TEXT,
    created_at   TIMESTAMPTZ NOT NULL,
    settled_at   TIMESTAMPTZ
);
CREATE INDEX webhook_delivery_ready ON webhook_delivery (not_before) WHERE state = 'ready';
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook_id, id);

-- Reports are sums that follow the tickets: a saved ticket is noted here, and counted a moment later.
CREATE TABLE report_dirty (
    ticket_id  UUID NOT NULL,
    version    BIGINT NOT NULL,
    PRIMARY KEY (ticket_id, version)
);
INSERT INTO report_dirty (ticket_id, version) SELECT id, version FROM ticket;

-- What a ticket contributes to the sums at present, so that it can be taken out again.
CREATE TABLE report_fact (
    ticket_id  UUID PRIMARY KEY,
    number     BIGINT NOT NULL,
    opened_at  TIMESTAMPTZ NOT NULL,
    breached   BOOLEAN NOT NULL,
    doc        JSONB NOT NULL
);
CREATE INDEX report_fact_breached ON report_fact (opened_at, number) WHERE breached;

-- The sums: one row for each day (in Almaty, counted from 1970), kind, queue and channel.
CREATE TABLE report_cell (
    day      BIGINT NOT NULL,
    kind     TEXT NOT NULL,
    queue    TEXT NOT NULL,
    channel  TEXT NOT NULL,
    doc      JSONB NOT NULL,
    PRIMARY KEY (day, kind, queue, channel)
);

-- How many tickets began and ceased to be owed, day by day and hour by hour.
CREATE TABLE report_flow (
    hour      BIGINT PRIMARY KEY,
    change    BIGINT NOT NULL
);

INSERT INTO counter (name, value) VALUES ('report', 0);
