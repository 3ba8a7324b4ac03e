-- Step-up: a code that goes to the other registered channel of a contact, so that a password or a key may be handed over without an
-- engineer. `digest` is keyed with `salt`, which is closed for the bot: the row alone does not tell the code, though it has six digits
-- only. Both are gone once the code is right, spent or out of date.
CREATE TABLE step_up (
    id           UUID PRIMARY KEY,
    contact_id   TEXT NOT NULL,
    account      BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('wanted', 'sent', 'passed', 'over', 'failed')),
    digest       TEXT,
    salt         TEXT,
    tries        BIGINT NOT NULL,
    attempts     BIGINT NOT NULL,
    not_before   TIMESTAMPTZ NOT NULL,
    worker       TEXT,
    lease_until  TIMESTAMPTZ,
    created_at   TIMESTAMPTZ NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL,
    passed_at    TIMESTAMPTZ,
    ticket_id    UUID
);
CREATE INDEX step_up_contact ON step_up (contact_id, created_at);
CREATE INDEX step_up_wanted ON step_up (not_before) WHERE state = 'wanted';
CREATE INDEX step_up_open ON step_up (expires_at) WHERE digest IS NOT NULL;
CREATE UNIQUE INDEX step_up_ticket ON step_up (ticket_id) WHERE ticket_id IS NOT NULL;

-- A customer's namespace as an end of a link: `network` has those of zones. `cidr` is the range of the cluster's pods.
CREATE TABLE cluster_network (
    id           TEXT PRIMARY KEY,
    customer_id  TEXT NOT NULL REFERENCES customer (id),
    cluster_id   TEXT NOT NULL REFERENCES cluster (id),
    namespace    TEXT NOT NULL,
    cidr         TEXT NOT NULL,
    retired_at   TIMESTAMPTZ
);
CREATE INDEX cluster_network_customer ON cluster_network (customer_id);
