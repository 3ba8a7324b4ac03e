-- Webhooks: deliveries are claimed webhook by webhook, listed newest first, and forgotten once they have ended.
CREATE INDEX webhook_delivery_claim ON webhook_delivery (webhook_id, not_before) WHERE state = 'ready';
CREATE INDEX webhook_delivery_newest ON webhook_delivery (webhook_id, created_at);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (settled_at) WHERE state <> 'ready';
