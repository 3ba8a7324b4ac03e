//! What the HTTP API asks of the store: answers kept for repeated requests, and tickets page by page.

use uuid::Uuid;

use super::{Result, StoreError, Tx, sql};
use crate::clock::Moment;
use crate::domain::ids::{CustomerId, StaffId, TicketNumber};
use crate::domain::kind::Queue;
use crate::domain::ticket::{State, Ticket};

/// The answer that a request with an idempotency key got.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Answered {
    /// Digest of method, path and body.
    pub request: String,
    /// HTTP status.
    pub status: i64,
    /// The body, JSON.
    pub body: String,
}

/// Where the next page begins: behind this ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketPlace {
    /// The moment it is sorted by.
    pub at: Moment,
    /// Its number, for those of the same moment.
    pub number: TicketNumber,
}

/// Which tickets, and in what order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TicketFilter {
    /// In this state.
    pub state: Option<State>,
    /// In this department.
    pub queue: Option<Queue>,
    /// Of this customer.
    pub customer: Option<CustomerId>,
    /// Held by this person.
    pub assignee: Option<StaffId>,
    /// Only those on which the desk owes something.
    pub owed: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    version: i64,
    #[sqlx(json)]
    doc: Ticket,
}

impl Tx {
    /// The answer that was given to this key of this token.
    pub async fn idempotency_fetch(&mut self, token: Uuid, key: &str) -> Result<Option<Answered>> {
        Ok(sql!(
            self,
            fetch_optional as Answered,
            "SELECT request, status, body FROM idempotency WHERE token_id = $1 AND key = $2",
            token,
            key
        )?)
    }

    /// Keeps an answer with what it did. [`StoreError::Conflict`] if somebody sent the same key at the same time: begin anew.
    pub async fn idempotency_add(
        &mut self,
        token: Uuid,
        key: &str,
        answer: &Answered,
        now: Moment,
    ) -> Result<()> {
        let rows = sql!(
            self,
            execute,
            "INSERT INTO idempotency (token_id, key, request, status, body, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (token_id, key) DO NOTHING",
            token,
            key,
            &answer.request,
            answer.status,
            &answer.body,
            now
        )?;
        if rows == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Forgets answers from before `before`.
    pub async fn idempotency_prune(&mut self, before: Moment) -> Result<u64> {
        Ok(sql!(self, execute, "DELETE FROM idempotency WHERE created_at < $1", before)?)
    }

    /// Whether there are answers from before `answers`, or alerts resolved before `alerts`.
    pub async fn outdated(&mut self, answers: Moment, alerts: Moment) -> Result<bool> {
        Ok(sql!(
            self,
            fetch_one scalar bool,
            "SELECT EXISTS (SELECT 1 FROM idempotency WHERE created_at < $1)
                OR EXISTS (SELECT 1 FROM alert WHERE resolved_at < $2)",
            answers,
            alerts
        )?)
    }

    /// A page of tickets on which the desk owes something, nearest deadline first.
    pub async fn ticket_page_by_due(
        &mut self,
        filter: &TicketFilter,
        after: Option<TicketPlace>,
        limit: i64,
    ) -> Result<Vec<Ticket>> {
        self.flush().await?;
        let (at, number) = place(after);
        let rows = sql!(
            self,
            fetch_all as Row,
            "SELECT version, doc FROM ticket
             WHERE due_at IS NOT NULL AND ($1 IS NULL OR state = $1) AND ($2 IS NULL OR queue = $2)
               AND ($3 IS NULL OR customer_id = $3) AND ($4 IS NULL OR assignee_id = $4)
               AND ($5 IS NULL OR due_at > $5 OR (due_at = $5 AND number > $6))
             ORDER BY due_at, number LIMIT $7",
            filter.state.map(State::as_str),
            filter.queue.map(Queue::as_str),
            filter.customer.as_ref().map(|c| c.0.as_str()),
            filter.assignee.as_ref().map(|s| s.0.as_str()),
            at,
            number,
            limit
        )?;
        Ok(read(rows))
    }

    /// A page of tickets, newest first.
    pub async fn ticket_page_by_number(
        &mut self,
        filter: &TicketFilter,
        after: Option<TicketPlace>,
        limit: i64,
    ) -> Result<Vec<Ticket>> {
        self.flush().await?;
        let (_, number) = place(after);
        // Three texts, so that each is read along an index: by customer, among the few that are owed, or all.
        let states = (filter.state.map(State::as_str), filter.queue.map(Queue::as_str));
        let assignee = filter.assignee.as_ref().map(|s| s.0.as_str());
        let rows = if let Some(customer) = &filter.customer {
            sql!(
                self,
                fetch_all as Row,
                "SELECT version, doc FROM ticket
                 WHERE customer_id = $1 AND ($2 IS NULL OR state = $2) AND ($3 IS NULL OR queue = $3)
                   AND ($4 IS NULL OR assignee_id = $4) AND ($5 IS NULL OR number < $5) AND ($6 OR due_at IS NOT NULL)
                 ORDER BY opened_at DESC, number DESC LIMIT $7",
                customer.0.as_str(),
                states.0,
                states.1,
                assignee,
                number,
                !filter.owed,
                limit
            )?
        } else if filter.owed || filter.state.is_some_and(State::is_active) {
            sql!(
                self,
                fetch_all as Row,
                "SELECT version, doc FROM ticket
                 WHERE due_at IS NOT NULL AND ($1 IS NULL OR state = $1) AND ($2 IS NULL OR queue = $2)
                   AND ($3 IS NULL OR assignee_id = $3) AND ($4 IS NULL OR number < $4)
                 ORDER BY opened_at DESC, number DESC LIMIT $5",
                states.0,
                states.1,
                assignee,
                number,
                limit
            )?
        } else {
            sql!(
                self,
                fetch_all as Row,
                "SELECT version, doc FROM ticket
                 WHERE ($1 IS NULL OR state = $1) AND ($2 IS NULL OR queue = $2)
                   AND ($3 IS NULL OR assignee_id = $3) AND ($4 IS NULL OR number < $4)
                 ORDER BY number DESC LIMIT $5",
                states.0,
                states.1,
                assignee,
                number,
                limit
            )?
        };
        Ok(read(rows))
    }
}

fn place(after: Option<TicketPlace>) -> (Option<Moment>, Option<i64>) {
    (after.map(|p| p.at), after.map(|p| p.number.0))
}

fn read(rows: Vec<Row>) -> Vec<Ticket> {
    rows.into_iter().map(|row| Ticket { version: row.version, ..row.doc }).collect()
}
