-- The directory: who the customers are, what they rent, who works at the desk. Ids are the directory file's own words;
-- what is gone from the file is retired, never deleted.

CREATE TABLE zone (
    id          TEXT PRIMARY KEY,
    libvirt     TEXT NOT NULL,
    retired_at  TIMESTAMPTZ
);

CREATE TABLE cluster (
    id             TEXT PRIMARY KEY,
    control_plane  TEXT NOT NULL CHECK (control_plane IN ('basic', 'ha')),
    kubeconfig     TEXT NOT NULL,
    masters        JSONB NOT NULL,
    retired_at     TIMESTAMPTZ
);

CREATE TABLE customer (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    cabinet     JSONB,
    retired_at  TIMESTAMPTZ
);

CREATE TABLE contact (
    id           TEXT PRIMARY KEY,
    customer_id  TEXT NOT NULL REFERENCES customer (id),
    name         TEXT NOT NULL,
    phone        TEXT,
    email        TEXT,
    language     TEXT NOT NULL CHECK (language IN ('kk', 'ru', 'en')),
    retired_at   TIMESTAMPTZ
);
CREATE INDEX contact_customer ON contact (customer_id);
CREATE INDEX contact_phone ON contact (phone);

CREATE TABLE service (
    id           TEXT PRIMARY KEY,
    customer_id  TEXT NOT NULL REFERENCES customer (id),
    kind         TEXT NOT NULL CHECK (kind IN ('vm', 'kubernetes')),
    zone_id      TEXT REFERENCES zone (id),
    domain       TEXT,
    cluster_id   TEXT REFERENCES cluster (id),
    namespace    TEXT,
    since        TIMESTAMPTZ NOT NULL,
    until        TIMESTAMPTZ,
    retired_at   TIMESTAMPTZ
);
CREATE INDEX service_customer ON service (customer_id);
CREATE INDEX service_zone ON service (zone_id, domain);

-- Rental cost per month from a moment on, in tiyn (1/100 KZT).
CREATE TABLE price (
    service_id     TEXT NOT NULL REFERENCES service (id),
    valid_from     TIMESTAMPTZ NOT NULL,
    monthly_tiyn   BIGINT NOT NULL,
    PRIMARY KEY (service_id, valid_from)
);

CREATE TABLE staff (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    role         TEXT NOT NULL CHECK (role IN ('engineer', 'duty-manager', 'manager', 'administrator', 'auditor')),
    queues       JSONB NOT NULL,
    telegram_id  BIGINT,
    language     TEXT NOT NULL CHECK (language IN ('kk', 'ru', 'en')),
    retired_at   TIMESTAMPTZ
);
CREATE UNIQUE INDEX staff_telegram ON staff (telegram_id) WHERE telegram_id IS NOT NULL AND retired_at IS NULL;

CREATE TABLE rota (
    queue                TEXT PRIMARY KEY,
    starts               TIMESTAMPTZ NOT NULL,
    shift_hours          BIGINT NOT NULL,
    turns                JSONB NOT NULL,
    ack_timeout_minutes  BIGINT NOT NULL,
    then_role            TEXT NOT NULL,
    retired_at           TIMESTAMPTZ
);

-- What the provisioner last read of each VM: its state, and why it is locked.
CREATE TABLE vm_fact (
    service_id   TEXT PRIMARY KEY REFERENCES service (id),
    state        TEXT NOT NULL,
    lock_reason  TEXT,
    lock_ticket  TEXT,
    seen_at      TIMESTAMPTZ NOT NULL
);
