-- Who may come in: Telegram accounts, one-time invitations, API tokens. Codes and tokens are stored as SHA-256 only.

CREATE TABLE account (
    telegram_id  BIGINT PRIMARY KEY,
    contact_id   TEXT REFERENCES contact (id),
    language     TEXT CHECK (language IN ('kk', 'ru', 'en')),
    name         TEXT NOT NULL,
    blocked_at   TIMESTAMPTZ,
    created_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX account_contact ON account (contact_id);

CREATE TABLE invite (
    code_hash   TEXT PRIMARY KEY,
    contact_id  TEXT NOT NULL REFERENCES contact (id),
    created_at  TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL,
    used_at     TIMESTAMPTZ,
    used_by     BIGINT
);
CREATE INDEX invite_contact ON invite (contact_id);

CREATE TABLE api_token (
    id          UUID PRIMARY KEY,
    name        TEXT NOT NULL,
    role        TEXT NOT NULL,
    token_hash  TEXT NOT NULL UNIQUE,
    created_at  TIMESTAMPTZ NOT NULL,
    revoked_at  TIMESTAMPTZ
);

-- Each version of the terms that was ever loaded, word for word: a ticket keeps the one it was opened under.
CREATE TABLE policy (
    name           TEXT PRIMARY KEY,
    terms          TEXT NOT NULL,
    in_force_from  TIMESTAMPTZ NOT NULL,
    digest         TEXT NOT NULL,
    body           TEXT NOT NULL,
    loaded_at      TIMESTAMPTZ NOT NULL
);

-- Switches of the whole desk, such as emergency mode.
CREATE TABLE setting (
    key         TEXT PRIMARY KEY,
    value       JSONB NOT NULL,
    changed_at  TIMESTAMPTZ NOT NULL
);
