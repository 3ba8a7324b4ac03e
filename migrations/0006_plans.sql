-- What an action would change, read from the real systems before anybody is asked; customers' networks, and how zones reach each other.

ALTER TABLE action ADD COLUMN plan JSONB;

CREATE TABLE network (
    id           TEXT PRIMARY KEY,
    customer_id  TEXT NOT NULL REFERENCES customer (id),
    zone_id      TEXT NOT NULL REFERENCES zone (id),
    name         TEXT NOT NULL,
    cidr         TEXT NOT NULL,
    retired_at   TIMESTAMPTZ
);
CREATE INDEX network_customer ON network (customer_id);

-- The device and address at which a zone's host reaches other zones' hosts.
ALTER TABLE zone ADD COLUMN link_device TEXT;
ALTER TABLE zone ADD COLUMN link_address TEXT;
