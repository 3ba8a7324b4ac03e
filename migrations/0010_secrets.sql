-- One-time links to what nobody may read in a chat, closed so that the database alone opens nothing; and the simulated Cabinet.

-- What a link leads to. Written by the provisioner, opened once by the crm. `sealed` opens with the token alone, of which only a hash is
-- here; it is gone once it was opened or its time is over.
CREATE TABLE secret (
    action_id   UUID PRIMARY KEY,
    ticket_id   UUID NOT NULL,
    what        TEXT NOT NULL CHECK (what IN ('password', 'kubeconfig')),
    token_hash  TEXT NOT NULL UNIQUE,
    sealed      TEXT,
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    opened_at   TIMESTAMPTZ
);
CREATE INDEX secret_open ON secret (expires_at) WHERE sealed IS NOT NULL;

-- The token of a link, closed for the bot, which puts it into the chat.
CREATE TABLE secret_link (
    action_id   UUID PRIMARY KEY,
    sealed      TEXT NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL
);

-- The public half of the bot's key.
CREATE TABLE bot_key (
    public      TEXT PRIMARY KEY,
    since       TIMESTAMPTZ NOT NULL
);

CREATE TABLE simulated_quota (
    project     TEXT NOT NULL,
    resource    TEXT NOT NULL,
    value       BIGINT NOT NULL,
    in_use      BIGINT NOT NULL,
    PRIMARY KEY (project, resource)
);

CREATE TABLE simulated_account (
    name               TEXT PRIMARY KEY,
    password_digest    TEXT,
    must_change        BOOLEAN NOT NULL,
    signed_out_before  TIMESTAMPTZ
);
