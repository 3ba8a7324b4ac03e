//! Tickets: loading, saving through the buffer, finding, and claiming those whose clock is due.

use uuid::Uuid;

use super::buffer::TicketRow;
use super::{Result, Tx, sql};
use crate::clock::Moment;
use crate::domain::ids::{CustomerId, MessageId, ServiceId, TicketId, TicketNumber};
use crate::domain::kind::{Kind, Queue, Terms};
use crate::domain::ticket::{State, Ticket};

#[derive(sqlx::FromRow)]
struct Row {
    version: i64,
    #[sqlx(json)]
    doc: Ticket,
}

impl From<Row> for Ticket {
    fn from(row: Row) -> Self {
        Self { version: row.version, ..row.doc }
    }
}

fn tickets(rows: Vec<Row>) -> Vec<Ticket> {
    rows.into_iter().map(Ticket::from).collect()
}

impl Tx {
    /// The next ticket number. Gaps never stay: the counter moves only if the transaction commits.
    pub async fn ticket_number_next(&mut self) -> Result<TicketNumber> {
        let number = match self.buffer.number {
            Some(last) => last + 1,
            // The update locks the counter until the commit, so the numbers counted on in memory are ours.
            None => sql!(self, fetch_one scalar i64,
                    "UPDATE counter SET value = value + 1 WHERE name = 'ticket' RETURNING value")?,
        };
        self.buffer.number = Some(number);
        Ok(TicketNumber(number))
    }

    /// The highest number given out.
    pub async fn ticket_number_last(&mut self) -> Result<i64> {
        self.flush().await?;
        Ok(sql!(self, fetch_one scalar i64, "SELECT value FROM counter WHERE name = 'ticket'")?)
    }

    /// Saves a ticket: a new one with version 1, a changed one with its loaded version plus one. `wake_at` is when its clock is due.
    /// A version that somebody else has saved meanwhile makes the commit fail with [`super::StoreError::Conflict`].
    pub fn ticket_save(&mut self, mut ticket: Ticket, wake_at: Option<Moment>) -> Ticket {
        if let Some(row) = self.buffer.tickets.iter_mut().find(|row| row.ticket.id == ticket.id) {
            // Saved before in this transaction: one row, one version.
            ticket.version = row.ticket.version;
            *row = TicketRow { ticket: ticket.clone(), wake_at };
        } else {
            ticket.version += 1;
            self.buffer.tickets.push(TicketRow { ticket: ticket.clone(), wake_at });
        }
        ticket
    }

    /// A ticket by id, as this transaction has left it.
    pub async fn ticket_fetch(&mut self, id: TicketId) -> Result<Option<Ticket>> {
        if let Some(row) = self.buffer.tickets.iter().find(|row| row.ticket.id == id) {
            return Ok(Some(row.ticket.clone()));
        }
        let row = sql!(self, fetch_optional as Row, "SELECT version, doc FROM ticket WHERE id = $1", id.0)?;
        Ok(row.map(Ticket::from))
    }

    /// A ticket by number.
    pub async fn ticket_by_number(&mut self, number: TicketNumber) -> Result<Option<Ticket>> {
        self.flush().await?;
        let row =
            sql!(self, fetch_optional as Row, "SELECT version, doc FROM ticket WHERE number = $1", number.0)?;
        Ok(row.map(Ticket::from))
    }

    /// Tickets whose clock is due by `now`, oldest first, at most `limit`; on PostgreSQL those that another node has in hand are
    /// passed over.
    pub async fn tickets_due(&mut self, now: Moment, limit: i64) -> Result<Vec<Ticket>> {
        let rows = if self.is_postgres() {
            sql!(
                self,
                fetch_all as Row,
                "SELECT version, doc FROM ticket WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2 FOR UPDATE SKIP LOCKED",
                now,
                limit
            )?
        } else {
            sql!(
                self,
                fetch_all as Row,
                "SELECT version, doc FROM ticket WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2",
                now,
                limit
            )?
        };
        Ok(tickets(rows))
    }

    /// The next moment at which any ticket's clock is due.
    pub async fn tickets_wake_at(&mut self) -> Result<Option<Moment>> {
        Ok(
            sql!(self, fetch_one scalar Option<Moment>, "SELECT MIN(wake_at) FROM ticket WHERE wake_at IS NOT NULL")?,
        )
    }

    /// Tickets on which the desk owes something, nearest deadline first; all queues or one.
    pub async fn tickets_by_due(&mut self, queue: Option<Queue>, limit: i64) -> Result<Vec<Ticket>> {
        self.flush().await?;
        // Two texts: a condition that may be empty would keep both engines from their indexes.
        let rows = match queue.map(Queue::as_str) {
            None => sql!(
                self,
                fetch_all as Row,
                "SELECT version, doc FROM ticket WHERE due_at IS NOT NULL ORDER BY due_at, number LIMIT $1",
                limit
            )?,
            Some(queue) => sql!(
                self,
                fetch_all as Row,
                "SELECT version, doc FROM ticket WHERE due_at IS NOT NULL AND queue = $1 ORDER BY due_at, number LIMIT $2",
                queue,
                limit
            )?,
        };
        Ok(tickets(rows))
    }

    /// A customer's tickets, newest first.
    pub async fn tickets_of_customer(&mut self, customer: &CustomerId, limit: i64) -> Result<Vec<Ticket>> {
        let rows = sql!(
            self,
            fetch_all as Row,
            "SELECT version, doc FROM ticket WHERE customer_id = $1 ORDER BY number DESC LIMIT $2",
            &customer.0,
            limit
        )?;
        Ok(self.with_buffered(rows, limit, |t| t.customer.as_ref() == Some(customer)))
    }

    /// Tickets opened from a chat by somebody who is bound to no customer, newest first.
    pub async fn tickets_of_stranger(&mut self, chat: i64, limit: i64) -> Result<Vec<Ticket>> {
        let rows = if self.ahead.without_tickets.contains(&chat) {
            Vec::new()
        } else {
            sql!(
                self,
                fetch_all as Row,
                "SELECT version, doc FROM ticket WHERE origin_chat = $1 AND requester_id IS NULL
                 ORDER BY opened_at DESC, number DESC LIMIT $2",
                chat,
                limit
            )?
        };
        Ok(self.with_buffered(rows, limit, |t| t.origin.chat == Some(chat) && t.requester.is_none()))
    }

    /// Tickets as this transaction has left them: those that were read, and those of the buffer that are `wanted`, newest first.
    fn with_buffered(&self, rows: Vec<Row>, limit: i64, wanted: impl Fn(&Ticket) -> bool) -> Vec<Ticket> {
        let buffered = self.buffer.tickets.iter().map(|row| &row.ticket).filter(|t| wanted(t));
        let mut all: Vec<Ticket> = buffered.cloned().collect();
        let fresh = all.len();
        for ticket in tickets(rows) {
            if !all[..fresh].iter().any(|known| known.id == ticket.id) {
                all.push(ticket);
            }
        }
        if fresh > 0 {
            all.sort_by_key(|t| std::cmp::Reverse((t.opened_at, t.number)));
            all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        all
    }

    /// A ticket of the same kind for the same service on which the desk still owes something.
    pub async fn ticket_active_for(&mut self, service: &ServiceId, kind: Kind) -> Result<Option<Ticket>> {
        self.flush().await?;
        let row = sql!(
            self,
            fetch_optional as Row,
            "SELECT version, doc FROM ticket WHERE service_id = $1 AND kind = $2 AND due_at IS NOT NULL
             ORDER BY number LIMIT 1",
            &service.0,
            kind.as_str()
        )?;
        Ok(row.map(Ticket::from))
    }

    /// Whether `customer` may still have a trial of a service (S2): not who rents or rented it, and not who had a trial. One that was
    /// withdrawn or declined was none.
    pub async fn trial_of(&mut self, customer: &CustomerId, terms: Terms) -> Result<Trial> {
        self.flush().await?;
        let rented = sql!(
            self,
            fetch_one scalar i64,
            "SELECT COUNT(*) FROM service WHERE customer_id = $1 AND kind = $2",
            &customer.0,
            terms.as_str()
        )?;
        if rented > 0 {
            return Ok(Trial::Had);
        }
        let rows = sql!(
            self,
            fetch_all as Row,
            "SELECT version, doc FROM ticket WHERE customer_id = $1 AND kind = $2 ORDER BY number",
            &customer.0,
            Kind::Trial.as_str()
        )?;
        let of_these = |t: &Ticket| t.form.terms() == Some(terms);
        Ok(tickets(rows).into_iter().filter(of_these).fold(Trial::Free, |known, ticket| match ticket.state {
            State::Solved | State::Closed => Trial::Had,
            state if state.is_active() && known == Trial::Free => Trial::UnderWay(ticket.number),
            _ => known,
        }))
    }

    /// Every ticket's id, number and audit head, in order of number; a page of them, from after `after`.
    pub async fn ticket_heads(&mut self, after: i64, limit: i64) -> Result<Vec<TicketHead>> {
        self.flush().await?;
        Ok(sql!(
            self,
            fetch_all as TicketHead,
            "SELECT id, number, seq, head FROM ticket WHERE number > $1 ORDER BY number LIMIT $2",
            after,
            limit
        )?)
    }

    /// Links a Telegram message to a ticket, so that a reply to it finds the ticket.
    pub fn message_link(&mut self, chat: i64, message: i64, ticket: TicketId) {
        self.buffer.links.push((chat, message, ticket, None));
    }

    /// The same for a message that is, or shows, these words of the ticket's conversation: an edit of the one finds the others.
    pub fn message_link_words(&mut self, chat: i64, message: i64, ticket: TicketId, words: MessageId) {
        self.buffer.links.push((chat, message, ticket, Some(words)));
    }

    /// The ticket and the words that a Telegram message was written as, or shows.
    pub async fn words_of_message(
        &mut self,
        chat: i64,
        message: i64,
    ) -> Result<Option<(TicketId, MessageId)>> {
        self.flush().await?;
        let row = sql!(
            self,
            fetch_optional as (Uuid, Uuid),
            "SELECT ticket_id, words_id FROM message_link
             WHERE chat_id = $1 AND message_id = $2 AND words_id IS NOT NULL",
            chat,
            message
        )?;
        Ok(row.map(|(ticket, words)| (TicketId(ticket), MessageId(words))))
    }

    /// Where these words stand in Telegram: chats and messages.
    pub async fn messages_of_words(&mut self, words: MessageId) -> Result<Vec<(i64, i64)>> {
        self.flush().await?;
        Ok(sql!(
            self,
            fetch_all as (i64, i64),
            "SELECT chat_id, message_id FROM message_link WHERE words_id = $1 ORDER BY chat_id, message_id",
            words.0
        )?)
    }

    /// A message has become another one, which does not show these words; it still belongs to its ticket.
    pub async fn message_unlink_words(&mut self, chat: i64, message: i64, words: MessageId) -> Result<()> {
        self.flush().await?;
        sql!(
            self,
            execute,
            "UPDATE message_link SET words_id = NULL WHERE chat_id = $1 AND message_id = $2 AND words_id = $3",
            chat,
            message,
            words.0
        )?;
        Ok(())
    }

    /// The ticket a Telegram message belongs to.
    pub async fn ticket_of_message(&mut self, chat: i64, message: i64) -> Result<Option<TicketId>> {
        if let Some(link) = self.buffer.links.iter().find(|l| (l.0, l.1) == (chat, message)) {
            return Ok(Some(link.2));
        }
        let id = sql!(self, fetch_optional scalar Uuid,
            "SELECT ticket_id FROM message_link WHERE chat_id = $1 AND message_id = $2", chat, message)?;
        Ok(id.map(TicketId))
    }

    /// Where the card of a ticket is in the desk group: chat and message.
    pub async fn card_fetch(&mut self, ticket: TicketId) -> Result<Option<(i64, i64)>> {
        Ok(sql!(
            self,
            fetch_optional as (i64, i64),
            "SELECT chat_id, message_id FROM card WHERE ticket_id = $1",
            ticket.0
        )?)
    }

    /// Remembers where the card is; outside of topics, unless [`Tx::card_thread_save`] says otherwise.
    pub async fn card_save(&mut self, ticket: TicketId, chat: i64, message: i64) -> Result<()> {
        sql!(self, execute,
            "INSERT INTO card (ticket_id, chat_id, message_id) VALUES ($1, $2, $3)
             ON CONFLICT (ticket_id) DO UPDATE SET chat_id = excluded.chat_id, message_id = excluded.message_id, thread_id = 0",
            ticket.0, chat, message)?;
        self.message_link(chat, message, ticket);
        Ok(())
    }

    /// The card is gone from the group: the next one is a new message.
    pub async fn card_forget(&mut self, ticket: Option<Uuid>) -> Result<()> {
        sql!(self, execute, "DELETE FROM card WHERE ticket_id = $1", ticket)?;
        Ok(())
    }
}

/// What is known of a customer's trial of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// He may ask for one.
    Free,
    /// He has asked for one.
    UnderWay(TicketNumber),
    /// He had one, or had the service itself.
    Had,
}

/// A ticket's audit head.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TicketHead {
    /// The ticket and its stream.
    pub id: Uuid,
    /// Its number.
    pub number: i64,
    /// Number of events.
    pub seq: i64,
    /// Hash of the last.
    pub head: String,
}
