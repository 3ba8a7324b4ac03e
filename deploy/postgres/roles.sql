-- PostgreSQL: one role for each service, with the tables it works with and no others. Run it as the owner of the tables, after
-- `komek-crm migrate` (which the owner runs too), and again after every new version:
--
--   psql komek -v bot=komek_bot -v crm=komek_crm -v provisioner=komek_provisioner -f deploy/postgres/roles.sql
--
-- The three roles must exist (CREATE ROLE komek_bot LOGIN PASSWORD '…'), own nothing and be members of nothing. Each service then has
-- its own user and password in KOMEK_DATABASE_URL.
-- What it holds, and a test tries: the bot reads neither secrets nor tokens of other programs; the provisioner reads no messages, no
-- dialogues and no raw updates; nobody but the crm writes the directory; nobody changes what was written into the audit trail.

\set ON_ERROR_STOP on
BEGIN;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :bot, :crm, :provisioner;
GRANT USAGE ON SCHEMA public TO :bot, :crm, :provisioner;

-- The crm administers: everything but what the provisioner and the bot say to each other. Secrets it takes out, and never puts in.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :crm;
REVOKE ALL ON secret_link, bot_key, simulated_account FROM :crm;
-- It closes codes for the bot, and forgets links that lead nowhere any more.
GRANT SELECT ON bot_key TO :crm;
GRANT SELECT (action_id, expires_at), DELETE ON secret_link TO :crm;
REVOKE INSERT, DELETE ON secret FROM :crm;

-- The bot: no secrets, no tokens, no sessions of browsers; it reads the directory and what systems were seen to have.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :bot;
REVOKE ALL ON secret, simulated_quota, simulated_account, api_token, web_session FROM :bot;
REVOKE INSERT, UPDATE, DELETE ON secret_link, vm_fact, quota_fact, probe FROM :bot;
REVOKE ALL ON webhook, webhook_delivery FROM :bot;
REVOKE INSERT, UPDATE, DELETE ON zone, cluster, network, cluster_network, customer, contact, service, price, staff, rota, policy
    FROM :bot;

-- The provisioner: reads what its guard checks, writes what becomes of an action.
GRANT SELECT ON zone, cluster, network, cluster_network, customer, contact, service, price, staff, rota, binding, account, policy, setting, counter,
    bot_key, rota_cover TO :provisioner;
GRANT SELECT, INSERT, UPDATE ON vm_fact, quota_fact, ticket, action, approval, job, stream_head, secret, secret_link, simulated_quota,
    simulated_account, report_dirty, probe TO :provisioner;
GRANT DELETE ON quota_fact TO :provisioner;
-- Whether a code has proved who asks; not the code.
GRANT SELECT (contact_id, passed_at, ticket_id) ON step_up TO :provisioner;
GRANT SELECT, INSERT ON event TO :provisioner;
-- Cards that wait are coalesced: the key is looked at, the words are not there yet.
GRANT SELECT, INSERT, UPDATE ON outbox TO :provisioner;

-- What a webhook wants to be told is queued with the event, by whichever service writes it; where it leads is the crm's alone.
GRANT SELECT (id, words, retired_at) ON webhook TO :bot, :provisioner;
GRANT SELECT (id), INSERT ON webhook_delivery TO :bot, :provisioner;

-- Which schema there is, every service looks at before it starts; only the owner changes it.
REVOKE ALL ON _sqlx_migrations FROM :bot, :crm, :provisioner;
GRANT SELECT ON _sqlx_migrations TO :bot, :crm, :provisioner;
-- The audit trail only grows.
REVOKE UPDATE, DELETE ON event FROM :bot, :crm, :provisioner;
COMMIT;
