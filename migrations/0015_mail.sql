-- Mail: whom a ticket is answered by mail, which mails came in (each counts once), and what goes out.

-- The other end of a ticket's correspondence.
CREATE TABLE mail_thread (
    ticket_id  UUID PRIMARY KEY,
    address    TEXT NOT NULL,
    name       TEXT NOT NULL,
    subject    TEXT NOT NULL
);

-- What came in. `digest` is of sender, subject and words: of two different mails that bear one Message-ID neither is lost.
CREATE TABLE mail_in (
    message_id   TEXT NOT NULL,
    digest       TEXT NOT NULL,
    ticket_id    UUID,
    sender       TEXT NOT NULL,
    outcome      TEXT NOT NULL CHECK (outcome IN ('opened', 'added', 'automatic', 'nobody')),
    received_at  TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (message_id, digest)
);
CREATE INDEX mail_in_ticket ON mail_in (ticket_id, received_at) WHERE ticket_id IS NOT NULL;
CREATE INDEX mail_in_sender ON mail_in (sender, received_at);

-- What goes out. The Message-ID is made from the id: a mail that is sent again after a crash is the same mail.
CREATE TABLE mail_out (
    id           UUID PRIMARY KEY,
    ticket_id    UUID NOT NULL,
    event_seq    BIGINT,
    what         JSONB NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('ready', 'sent', 'failed', 'dropped')),
    not_before   TIMESTAMPTZ NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL,
    attempts     BIGINT NOT NULL,
    worker       TEXT,
    lease_until  TIMESTAMPTZ,
    address      TEXT,
    automatic    BOOLEAN NOT NULL,
    sent_at      TIMESTAMPTZ,
    error        TEXT
);
CREATE INDEX mail_out_ready ON mail_out (not_before) WHERE state = 'ready';
CREATE INDEX mail_out_ticket ON mail_out (ticket_id);
CREATE INDEX mail_out_address ON mail_out (address, sent_at) WHERE automatic;

-- Webhooks: a delivery is leased by the process that makes it.
ALTER TABLE webhook_delivery ADD COLUMN worker TEXT;
ALTER TABLE webhook_delivery ADD COLUMN lease_until TIMESTAMPTZ;
