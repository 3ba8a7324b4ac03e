-- Proposed changes to real systems, and who agreed. The provisioner checks all of it again before it acts.

CREATE TABLE action (
    id           UUID PRIMARY KEY,
    ticket_id    UUID NOT NULL,
    kind         TEXT NOT NULL,
    spec         JSONB NOT NULL,
    digest       TEXT NOT NULL,
    expires_at   TIMESTAMPTZ NOT NULL,
    proposed_at  TIMESTAMPTZ NOT NULL,
    -- What the provisioner has done so far, step by step.
    progress     JSONB NOT NULL,
    finished_at  TIMESTAMPTZ,
    outcome      TEXT
);
CREATE INDEX action_ticket ON action (ticket_id);

CREATE TABLE approval (
    action_id    UUID NOT NULL,
    approver     TEXT NOT NULL,
    digest       TEXT NOT NULL,
    approved_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (action_id, approver)
);
