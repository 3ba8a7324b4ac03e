-- How control planes were, stretch by stretch: the provisioner writes what it saw, the crm makes faults and intervals of it (C3, C8, S6).

-- A stretch goes on until the plane is otherwise, or until it was not seen for too long: then it ends when it was last seen.
CREATE TABLE probe (
    id          UUID PRIMARY KEY,
    cluster_id  TEXT NOT NULL,
    health      TEXT NOT NULL CHECK (health IN ('healthy', 'degraded', 'critical')),
    starts      TIMESTAMPTZ NOT NULL,
    seen_at     TIMESTAMPTZ NOT NULL,
    ends        TIMESTAMPTZ,
    findings    TEXT NOT NULL,
    -- What the crm has made of it: nothing, a fault, everything that follows.
    handled     TEXT NOT NULL CHECK (handled IN ('no', 'raised', 'done'))
);
CREATE UNIQUE INDEX probe_open ON probe (cluster_id) WHERE ends IS NULL;
CREATE INDEX probe_cluster ON probe (cluster_id, starts);
CREATE INDEX probe_waiting ON probe (starts) WHERE handled <> 'done';
