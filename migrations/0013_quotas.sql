-- Quotas as they were last read from the Cabinet and the clusters, so that a customer sees what he has beside what he wants.
-- Written by the provisioner, read by the bot. `service_id` is empty for the Cabinet. Memory is in MiB.
CREATE TABLE quota_fact (
    customer_id  TEXT NOT NULL,
    service_id   TEXT NOT NULL,
    resource     TEXT NOT NULL,
    value        BIGINT NOT NULL,
    seen_at      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (customer_id, service_id, resource)
);
