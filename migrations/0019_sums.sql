-- Reports that cost the same however many tickets there are: sums of all kinds, departments and channels together in one row for each
-- day, each eight and each sixty-four days; open tickets by the hour they were opened in; and the tickets behind a figure by what a
-- report is narrowed to. All of it is computed: the worker counts every ticket anew after this.

DROP TABLE report_cell;
DROP TABLE report_fact;

-- `days` days from day `first` (in Almaty, counted from 1970), which is a multiple of it.
CREATE TABLE report_sum (
    days   BIGINT NOT NULL,
    first  BIGINT NOT NULL,
    sums   BYTEA NOT NULL,
    PRIMARY KEY (days, first)
);

-- Tickets on which something is owed, by the hour they were opened in, counted from 1970.
CREATE TABLE report_owed (
    hour   BIGINT PRIMARY KEY,
    count  BIGINT NOT NULL
);

-- What a ticket contributes to the sums at present, so that it can be taken out again.
CREATE TABLE report_fact (
    ticket_id  UUID PRIMARY KEY,
    number     BIGINT NOT NULL,
    opened_at  TIMESTAMPTZ NOT NULL,
    kind       TEXT NOT NULL,
    queue      TEXT NOT NULL,
    channel    TEXT NOT NULL,
    breached   BOOLEAN NOT NULL,
    owed       BOOLEAN NOT NULL,
    doc        JSONB NOT NULL
);
CREATE INDEX report_fact_opened ON report_fact (opened_at, number);
CREATE INDEX report_fact_owed ON report_fact (opened_at) WHERE owed;
CREATE INDEX report_fact_breached ON report_fact (opened_at, number) WHERE breached;
CREATE INDEX report_fact_breached_kind ON report_fact (kind, opened_at, number) WHERE breached;
CREATE INDEX report_fact_breached_queue ON report_fact (queue, opened_at, number) WHERE breached;
CREATE INDEX report_fact_breached_channel ON report_fact (channel, opened_at, number) WHERE breached;

DELETE FROM report_flow;
DELETE FROM report_dirty;
INSERT INTO report_dirty (ticket_id, version) SELECT id, version FROM ticket;

-- The queue page at a million tickets: what is owed is narrowed to a kind or an age within the index. Numbers are given out in the order of
-- opening, so that a customer's tickets need one index and not two.
DROP INDEX ticket_due;
CREATE INDEX ticket_due ON ticket (due_at, number, kind, opened_at) WHERE due_at IS NOT NULL;
DROP INDEX ticket_customer;
