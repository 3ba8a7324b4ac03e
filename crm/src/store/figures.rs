//! What a desk looks for: tickets by what people remember of them, broken promises by time.

use super::{Result, Tx, sql, unreadable};
use crate::clock::Moment;
use crate::domain::ids::TicketId;
use crate::domain::sla::Target;

/// So many of the newest tickets are searched.
const SEARCHED: i64 = 5_000;

impl Tx {
    /// The newest tickets in whose customer, requester, service or words `text` occurs, however its letters are cased.
    pub async fn tickets_find(&mut self, text: &str, limit: i64) -> Result<Vec<TicketId>> {
        self.flush().await?;
        // SQLite folds the case of Latin letters only, so each way of writing is looked for.
        let lower = text.to_lowercase();
        let mut title: String = lower.chars().take(1).flat_map(char::to_uppercase).collect();
        title.extend(lower.chars().skip(1));
        let like = |text: &str| {
            let mut pattern = String::from("%");
            for c in text.chars() {
                if matches!(c, '%' | '_' | '\\') {
                    pattern.push('\\');
                }
                pattern.push(c);
            }
            pattern.push('%');
            pattern
        };
        let ids = sql!(
            self,
            fetch_all scalar uuid::Uuid,
            r"SELECT t.id FROM (SELECT id, number, customer_id, requester_id, service_id FROM ticket ORDER BY number DESC LIMIT $6) AS t
             LEFT JOIN customer k ON k.id = t.customer_id LEFT JOIN contact c ON c.id = t.requester_id
             WHERE k.name LIKE $1 ESCAPE '\' OR k.name LIKE $2 ESCAPE '\' OR k.name LIKE $3 ESCAPE '\' OR k.name LIKE $4 ESCAPE '\'
             OR c.name LIKE $1 ESCAPE '\' OR c.name LIKE $2 ESCAPE '\' OR c.name LIKE $3 ESCAPE '\'
             OR t.service_id LIKE $1 ESCAPE '\' OR t.service_id LIKE $2 ESCAPE '\' OR t.customer_id LIKE $2 ESCAPE '\'
             OR EXISTS (SELECT 1 FROM message m WHERE m.ticket_id = t.id AND (m.body LIKE $1 ESCAPE '\'
                OR m.body LIKE $2 ESCAPE '\' OR m.body LIKE $3 ESCAPE '\' OR m.body LIKE $4 ESCAPE '\'))
             ORDER BY t.number DESC LIMIT $5",
            like(text),
            like(&lower),
            like(&title),
            like(&text.to_uppercase()),
            limit,
            SEARCHED
        )?;
        Ok(ids.into_iter().map(TicketId).collect())
    }

    /// Promises broken since `since`, latest first: the ticket, which promise, and its deadline.
    pub async fn breaches_since(
        &mut self,
        since: Moment,
        limit: i64,
    ) -> Result<Vec<(TicketId, Target, Moment)>> {
        self.flush().await?;
        let rows = sql!(
            self,
            fetch_all as (uuid::Uuid, String, Moment),
            r#"SELECT stream, CASE WHEN CAST(event AS TEXT) LIKE '%"first_reply"%' THEN 'first_reply' ELSE 'resolution' END, at
             FROM event WHERE word IN ('target_met', 'target_breached') AND word = 'target_breached' AND at >= $1
             ORDER BY at DESC, stream LIMIT $2"#,
            since,
            limit
        )?;
        rows.into_iter().map(|(ticket, target, at)| Ok((TicketId(ticket), read(&target)?, at))).collect()
    }
}

fn read(target: &str) -> Result<Target> {
    target.parse().map_err(|e: String| unreadable("event", target, e))
}
