-- A person may speak for several customers, and a customer may let a contact see his own tickets alone.

CREATE TABLE binding (
    telegram_id  BIGINT NOT NULL,
    contact_id   TEXT NOT NULL REFERENCES contact (id),
    bound_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (telegram_id, contact_id)
);
CREATE INDEX binding_contact ON binding (contact_id);
INSERT INTO binding (telegram_id, contact_id, bound_at)
    SELECT telegram_id, contact_id, created_at FROM account WHERE contact_id IS NOT NULL;

-- account.contact_id is the contact as whom the person speaks at the moment.
ALTER TABLE account ADD COLUMN misses BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN missed_at TIMESTAMPTZ;
ALTER TABLE contact ADD COLUMN sees TEXT NOT NULL DEFAULT 'all' CHECK (sees IN ('all', 'own'));

-- Which message of the ticket's conversation a Telegram message was written as, or shows: an edit finds its copies.
ALTER TABLE message_link ADD COLUMN words_id UUID;
CREATE INDEX message_link_words ON message_link (words_id) WHERE words_id IS NOT NULL;
