//! Finding tickets: the queue page under its filters, and the words of tickets.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Result, Tx, bulk, sql};
use crate::clock::Moment;
use crate::domain::ids::{CustomerId, ServiceId, StaffId};
use crate::domain::kind::{Kind, Queue};
use crate::domain::search;
use crate::domain::ticket::{State, Ticket};

/// Which tickets a page lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// What is owed, nearest deadline first; otherwise all there ever were, newest first.
    pub owed: bool,
    /// One department's.
    pub queue: Option<Queue>,
    /// In one state.
    pub state: Option<State>,
    /// Of one kind.
    pub kind: Option<Kind>,
    /// Whose; `Some(None)`: nobody's.
    pub holder: Option<Option<StaffId>>,
    /// One customer's.
    pub customer: Option<CustomerId>,
    /// About one service.
    pub service: Option<ServiceId>,
    /// Due before this moment.
    pub due_before: Option<Moment>,
    /// Opened after this moment.
    pub opened_after: Option<Moment>,
    /// Opened at this moment or before.
    pub opened_until: Option<Moment>,
}

/// Where a page begins: after this ticket, by deadline (of owed tickets) and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// The deadline of the last ticket of the page before.
    pub due_at: Option<Moment>,
    /// Its number.
    pub number: i64,
}

/// A ticket with the names a list shows.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The ticket.
    pub ticket: Ticket,
    /// The customer's name.
    pub customer: Option<String>,
    /// The holder's name.
    pub holder: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    version: i64,
    #[sqlx(json)]
    doc: Ticket,
    customer_name: Option<String>,
    holder_name: Option<String>,
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        let ticket = Ticket { version: row.version, ..row.doc };
        Self { ticket, customer: row.customer_name, holder: row.holder_name }
    }
}

impl QueueFilter {
    /// The conditions, and the order. Each is written only where it limits something: a condition that may be empty would keep both
    /// engines from their indexes. All of `$1` to `$12` are always there.
    fn text(&self, after: Option<After>) -> (String, &'static str) {
        let mut conditions: Vec<&str> = Vec::new();
        let mut one = |chosen: bool, condition: &'static str, without: &'static str| {
            conditions.push(if chosen { condition } else { without });
        };
        one(self.queue.is_some(), "t.queue = $1", "CAST($1 AS TEXT) IS NULL");
        one(self.state.is_some(), "t.state = $2", "CAST($2 AS TEXT) IS NULL");
        one(self.kind.is_some(), "t.kind = $3", "CAST($3 AS TEXT) IS NULL");
        match &self.holder {
            Some(Some(_)) => one(true, "t.assignee_id = $4", ""),
            Some(None) => one(true, "t.assignee_id IS NULL AND CAST($4 AS TEXT) IS NULL", ""),
            None => one(false, "", "CAST($4 AS TEXT) IS NULL"),
        }
        one(self.customer.is_some(), "t.customer_id = $5", "CAST($5 AS TEXT) IS NULL");
        one(self.service.is_some(), "t.service_id = $6", "CAST($6 AS TEXT) IS NULL");
        one(self.due_before.is_some(), "t.due_at < $7", "CAST($7 AS TIMESTAMPTZ) IS NULL");
        one(self.opened_after.is_some(), "t.opened_at > $11", "CAST($11 AS TIMESTAMPTZ) IS NULL");
        one(self.opened_until.is_some(), "t.opened_at <= $12", "CAST($12 AS TIMESTAMPTZ) IS NULL");
        match (self.owed, after.is_some()) {
            (true, true) => one(true, "t.due_at IS NOT NULL AND (t.due_at, t.number) > ($8, $9)", ""),
            (true, false) => one(
                true,
                "t.due_at IS NOT NULL AND CAST($8 AS TIMESTAMPTZ) IS NULL AND CAST($9 AS BIGINT) IS NULL",
                "",
            ),
            (false, true) => one(true, "CAST($8 AS TIMESTAMPTZ) IS NULL AND t.number < $9", ""),
            (false, false) => {
                one(true, "CAST($8 AS TIMESTAMPTZ) IS NULL AND CAST($9 AS BIGINT) IS NULL", "");
            }
        }
        let order = if self.owed { "t.due_at, t.number" } else { "t.number DESC" };
        (conditions.join(" AND "), order)
    }
}

/// The arguments of a filter, in the order of its text.
macro_rules! filtered {
    ($tx:expr, $fetch:ident $as:tt $row:ty, $text:expr, $filter:expr, $after:expr, $limit:expr) => {
        sql!(
            $tx,
            $fetch $as $row,
            AssertSqlSafe($text.clone()),
            $filter.queue.map(Queue::as_str),
            $filter.state.map(State::as_str),
            $filter.kind.map(Kind::as_str),
            $filter.holder.as_ref().and_then(|h| h.as_ref().map(StaffId::as_str)),
            $filter.customer.as_ref().map(CustomerId::as_str),
            $filter.service.as_ref().map(ServiceId::as_str),
            $filter.due_before,
            $after.and_then(|a: After| a.due_at).filter(|_| $filter.owed),
            $after.map(|a: After| a.number),
            $limit,
            $filter.opened_after,
            $filter.opened_until
        )
    };
}

impl Tx {
    /// A page of tickets, with the names a list shows.
    pub async fn tickets_listed(
        &mut self,
        filter: &QueueFilter,
        after: Option<After>,
        limit: i64,
    ) -> Result<Vec<Listed>> {
        self.flush().await?;
        let (conditions, order) = filter.text(after);
        // The page is chosen before names are looked up, for fifty tickets and not for all.
        let text = format!(
            "SELECT p.version, p.doc, k.name AS customer_name, s.name AS holder_name FROM (
                SELECT t.version, t.doc, t.customer_id, t.assignee_id, t.due_at, t.number FROM ticket t
                WHERE {conditions} ORDER BY {order} LIMIT $10) AS p
             LEFT JOIN customer k ON k.id = p.customer_id LEFT JOIN staff s ON s.id = p.assignee_id
             ORDER BY {}",
            order.replace("t.", "p.")
        );
        let rows = filtered!(self, fetch_all as Row, text, filter, after, limit)?;
        Ok(rows.into_iter().map(Listed::from).collect())
    }

    /// How many tickets a filter finds, counting no further than `limit`.
    pub async fn tickets_counted(&mut self, filter: &QueueFilter, limit: i64) -> Result<i64> {
        self.flush().await?;
        let (conditions, _) = filter.text(None);
        let text = format!(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM ticket t WHERE {conditions} LIMIT $10) AS found"
        );
        Ok(filtered!(self, fetch_one scalar i64, text, filter, None, limit)?)
    }

    /// What a page of tickets looks like, without reading it: number and version of each.
    pub async fn tickets_outline(&mut self, filter: &QueueFilter, limit: i64) -> Result<Vec<(i64, i64)>> {
        let (conditions, order) = filter.text(None);
        let text =
            format!("SELECT t.number, t.version FROM ticket t WHERE {conditions} ORDER BY {order} LIMIT $10");
        Ok(filtered!(self, fetch_all as (i64, i64), text, filter, None, limit)?)
    }

    /// The numbers of the newest tickets with a word of this stem, at most `limit`.
    pub async fn search_stem(&mut self, stem: &str, limit: i64) -> Result<Vec<i64>> {
        Ok(sql!(
            self,
            fetch_all scalar i64,
            "SELECT number FROM search_word WHERE stem = $1 ORDER BY number DESC LIMIT $2",
            stem.as_bytes().to_vec(),
            limit
        )?)
    }

    /// Which of these tickets have a word of this stem.
    pub async fn search_among(&mut self, numbers: &[i64], stem: &str) -> Result<BTreeSet<i64>> {
        if numbers.is_empty() {
            return Ok(BTreeSet::new());
        }
        let rows = super::fetch_keys!(
            self,
            (i64,),
            "SELECT w.number FROM (",
            ") AS n JOIN search_word w ON w.stem = n.column2 AND w.number = n.column1",
            numbers,
            |n| *n,
            stem.as_bytes().to_vec(),
        );
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// The numbers of tickets with a word that begins like this, at most `limit` words.
    pub async fn search_beginning(&mut self, beginning: &str, limit: i64) -> Result<Vec<i64>> {
        let from = beginning.as_bytes().to_vec();
        // No byte of UTF-8 is 0xff: this is behind everything that begins so.
        let to = [beginning.as_bytes(), &[0xff]].concat();
        let numbers = sql!(
            self,
            fetch_all scalar i64,
            "SELECT number FROM search_word WHERE stem >= $1 AND stem < $2 LIMIT $3",
            from,
            to,
            limit
        )?;
        let numbers: BTreeSet<i64> = numbers.into_iter().collect();
        Ok(numbers.into_iter().rev().collect())
    }

    /// These tickets, newest first.
    pub async fn tickets_numbered(&mut self, numbers: &[i64]) -> Result<Vec<Listed>> {
        let mut rows = super::fetch_keys!(
            self,
            Row,
            "SELECT t.version, t.doc, k.name AS customer_name, s.name AS holder_name FROM (",
            ") AS n JOIN ticket t ON t.number = n.column1
             LEFT JOIN customer k ON k.id = t.customer_id LEFT JOIN staff s ON s.id = t.assignee_id",
            numbers,
            |n| *n,
        );
        rows.sort_by_key(|row| std::cmp::Reverse(row.doc.number));
        rows.dedup_by_key(|row| row.doc.number);
        Ok(rows.into_iter().map(Listed::from).collect())
    }

    /// Writes down words of tickets so that they are found; what is there already changes nothing.
    pub async fn search_add(&mut self, words: &BTreeSet<(String, i64)>) -> Result<()> {
        let rows: Vec<(Vec<u8>, i64)> =
            words.iter().map(|(stem, number)| (stem.as_bytes().to_vec(), *number)).collect();
        bulk!(
            self,
            "INSERT INTO search_word (stem, number)",
            "ON CONFLICT DO NOTHING",
            rows.as_slice(),
            |row| row.0.clone(),
            row.1,
        );
        Ok(())
    }

    /// The words of the tickets after number `after`, at most `limit` tickets; and the last number.
    pub async fn search_tickets(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<(BTreeSet<(String, i64)>, Option<i64>)> {
        let rows = sql!(
            self,
            fetch_all as SearchRow,
            "SELECT t.number, t.doc, k.name AS customer, c.name AS contact, c.phone FROM ticket t
             LEFT JOIN customer k ON k.id = t.customer_id LEFT JOIN contact c ON c.id = t.requester_id
             WHERE t.number > $1 ORDER BY t.number LIMIT $2",
            after,
            limit
        )?;
        let last = rows.last().map(|row| row.number);
        let mut words = BTreeSet::new();
        for row in rows {
            let ticket = row.doc;
            let texts = [
                Some(ticket.requester_name),
                ticket.customer.map(|c| c.0),
                ticket.form.service().map(|s| s.0.clone()),
                row.customer,
                row.contact,
                row.phone,
            ];
            for stem in texts.iter().flatten().flat_map(|text| search::stems(text)) {
                words.insert((stem, row.number));
            }
        }
        Ok((words, last))
    }

    /// The words of the messages after id `after`, at most `limit` messages; and the last id.
    pub async fn search_messages(
        &mut self,
        after: Uuid,
        limit: i64,
    ) -> Result<(BTreeSet<(String, i64)>, Option<Uuid>)> {
        let rows = sql!(
            self,
            fetch_all as (Uuid, i64, String),
            "SELECT m.id, t.number, m.body FROM message m JOIN ticket t ON t.id = m.ticket_id
             WHERE m.id > $1 ORDER BY m.id LIMIT $2",
            after,
            limit
        )?;
        let last = rows.last().map(|row| row.0);
        let mut words = BTreeSet::new();
        for (_, number, body) in rows {
            words.extend(search::stems(&body).into_iter().map(|stem| (stem, number)));
        }
        Ok((words, last))
    }
}

#[derive(sqlx::FromRow)]
struct SearchRow {
    number: i64,
    #[sqlx(json)]
    doc: Ticket,
    customer: Option<String>,
    contact: Option<String>,
    phone: Option<String>,
}
