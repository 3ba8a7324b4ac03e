-- Incidents, the downtime that is confirmed of them, and the credits that follow (C1–C13).

INSERT INTO counter (name, value) VALUES ('incident', 0);

-- One cause that several tickets, alerts and services may share.
CREATE TABLE incident (
    id          UUID PRIMARY KEY,
    number      BIGINT NOT NULL UNIQUE,
    version     BIGINT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'restored', 'closed', 'dismissed')),
    source      TEXT NOT NULL CHECK (source IN ('ticket', 'alert', 'engineer')),
    -- The earlier of monitoring's record and the customer's message (C8), as far as it is known.
    started_at  TIMESTAMPTZ NOT NULL,
    ended_at    TIMESTAMPTZ,
    opened_at   TIMESTAMPTZ NOT NULL,
    opened_by   JSONB NOT NULL,
    words       TEXT NOT NULL
);
CREATE INDEX incident_state ON incident (state, opened_at);

CREATE TABLE incident_service (
    incident_id  UUID NOT NULL REFERENCES incident (id),
    service_id   TEXT NOT NULL,
    PRIMARY KEY (incident_id, service_id)
);
CREATE INDEX incident_service_of ON incident_service (service_id);

CREATE TABLE incident_ticket (
    ticket_id    UUID PRIMARY KEY,
    incident_id  UUID NOT NULL REFERENCES incident (id)
);
CREATE INDEX incident_ticket_of ON incident_ticket (incident_id);

-- Intervals. 'unmeasured' is a gap of monitoring that nobody has ruled on; what is 'proposed' counts once a second person confirms it.
CREATE TABLE downtime (
    id            UUID PRIMARY KEY,
    service_id    TEXT NOT NULL,
    incident_id   UUID,
    state         TEXT NOT NULL CHECK (state IN ('unmeasured', 'proposed', 'confirmed', 'withdrawn')),
    cause         TEXT,
    starts        TIMESTAMPTZ NOT NULL,
    ends          TIMESTAMPTZ NOT NULL,
    evidence      TEXT NOT NULL,
    -- For planned works: when customers were told (C4).
    announced_at  TIMESTAMPTZ,
    proposed_by   TEXT NOT NULL,
    proposed_at   TIMESTAMPTZ NOT NULL,
    seconded_by   TEXT,
    seconded_at   TIMESTAMPTZ,
    -- Who says that a confirmed interval is wrong, until a second person agrees.
    disputed_by   TEXT
);
CREATE INDEX downtime_service ON downtime (service_id, starts);
CREATE INDEX downtime_waiting ON downtime (starts) WHERE state IN ('unmeasured', 'proposed');
CREATE INDEX downtime_incident ON downtime (incident_id);

-- Claims beside the tiers (C10, C11).
CREATE TABLE claim (
    id           UUID PRIMARY KEY,
    service_id   TEXT NOT NULL,
    month        TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('data_loss', 'liability')),
    ticket_id    UUID,
    state        TEXT NOT NULL CHECK (state IN ('open', 'proposed', 'granted', 'refused')),
    evidence     TEXT NOT NULL,
    made_at      TIMESTAMPTZ NOT NULL,
    proposed_by  TEXT,
    decided_by   TEXT,
    decided_at   TIMESTAMPTZ
);
CREATE INDEX claim_month ON claim (month, service_id);

-- A reporting period that is closed; finished once every service has its record.
CREATE TABLE period (
    month        TEXT PRIMARY KEY,
    closed_by    JSONB NOT NULL,
    closed_at    TIMESTAMPTZ NOT NULL,
    finished_at  TIMESTAMPTZ
);

-- What a service's month came to: frozen with the terms and everything it was computed from. A correction is a new revision.
CREATE TABLE credit (
    service_id    TEXT NOT NULL,
    month         TEXT NOT NULL,
    revision      BIGINT NOT NULL,
    customer_id   TEXT NOT NULL,
    policy        TEXT NOT NULL,
    inputs        JSONB NOT NULL,
    downtime_ms   BIGINT NOT NULL,
    credit_tiyn   BIGINT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('nothing', 'waiting', 'approved', 'declined', 'replaced')),
    reason        TEXT NOT NULL,
    made_at       TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (month, service_id, revision)
);
CREATE INDEX credit_waiting ON credit (month, service_id) WHERE state = 'waiting';
CREATE INDEX credit_service ON credit (service_id, month);

CREATE TABLE credit_approval (
    month       TEXT NOT NULL,
    service_id  TEXT NOT NULL,
    revision    BIGINT NOT NULL,
    staff_id    TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (month, service_id, revision, staff_id)
);
