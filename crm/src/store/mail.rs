//! Mail: who is answered where, what came in (each mail once), and what goes out (leased, so that two processes do not send it twice).

use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use uuid::Uuid;

use super::claim::claiming;
use super::{Result, Tx, bulk, sql};
use crate::clock::Moment;
use crate::domain::ids::TicketId;

/// The other end of a ticket's correspondence.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct MailThread {
    /// His address, in small letters.
    pub address: String,
    /// How he calls himself.
    pub name: String,
    /// What he wrote about.
    pub subject: String,
}

word_enum! {
    /// What became of a mail that came in.
    pub enum MailOutcome {
        /// A new ticket.
        Opened = "opened",
        /// More for a ticket.
        Added = "added",
        /// A machine wrote it: it is kept in the mailbox for people to see.
        Automatic = "automatic",
        /// It names no sender who could be answered.
        Nobody = "nobody",
    }
}

/// A mail that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailIn {
    /// Its Message-ID without brackets, or a digest where it has none.
    pub message_id: String,
    /// Of sender, subject and words.
    pub digest: String,
    /// The sender's address, in small letters.
    pub sender: String,
    /// When it was taken in.
    pub received_at: Moment,
}

/// What a mail tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mail", rename_all = "snake_case")]
pub enum MailWhat {
    /// An event of the ticket.
    Notice {
        /// Which.
        seq: i64,
    },
    /// Files that were too large to be taken.
    Refused {
        /// Their names.
        files: Vec<String>,
        /// The largest that is taken, bytes.
        limit: i64,
    },
}

impl MailWhat {
    /// Whether it answers a mail by itself: of these no sender gets more than so many in an hour.
    const fn is_automatic(&self) -> bool {
        // The first event is the opening, and what tells of it is the acknowledgement.
        matches!(self, Self::Notice { seq: 1 } | Self::Refused { .. })
    }

    /// The event it tells of.
    pub const fn seq(&self) -> Option<i64> {
        match self {
            Self::Notice { seq } => Some(*seq),
            Self::Refused { .. } => None,
        }
    }
}

/// A mail to go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    /// Its id, from which its Message-ID is made.
    pub id: Uuid,
    /// Whose correspondence it belongs to.
    pub ticket: TicketId,
    /// What it tells.
    pub what: MailWhat,
    /// Since when it waits.
    pub created_at: Moment,
}

/// A mail that this process is to send until its lease runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMail {
    /// Its id.
    pub id: Uuid,
    /// Whose correspondence it belongs to.
    pub ticket: TicketId,
    /// What it tells.
    pub what: MailWhat,
    /// Since when it waits.
    pub created_at: Moment,
    /// How often it was tried before.
    pub attempts: i64,
    /// Whether it answers a mail by itself.
    pub automatic: bool,
}

/// How sending a mail ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailEnd {
    /// The mail server took it, for this address.
    Sent(String),
    /// It will never be taken; why.
    Failed(String),
    /// There was nothing to say or nobody to say it to.
    Dropped(String),
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    ticket_id: Uuid,
    what: Json<MailWhat>,
    created_at: Moment,
    attempts: i64,
    automatic: bool,
}

impl Tx {
    /// Remembers whom a ticket is answered by mail.
    pub async fn mail_thread_add(&mut self, ticket: TicketId, thread: &MailThread) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO mail_thread (ticket_id, address, name, subject) VALUES ($1, $2, $3, $4)",
            ticket.0,
            &thread.address,
            &thread.name,
            &thread.subject
        )?;
        Ok(())
    }

    /// Whom a ticket is answered by mail, if it came by mail.
    pub async fn mail_thread(&mut self, ticket: TicketId) -> Result<Option<MailThread>> {
        Ok(sql!(
            self,
            fetch_optional as MailThread,
            "SELECT address, name, subject FROM mail_thread WHERE ticket_id = $1",
            ticket.0
        )?)
    }

    /// Notes that a mail came in. `false`: it was taken in before. Until [`Tx::mail_in_done`] it counts as a machine's.
    pub async fn mail_in_add(&mut self, mail: &MailIn) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "INSERT INTO mail_in (message_id, digest, sender, outcome, received_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (message_id, digest) DO NOTHING",
            &mail.message_id,
            &mail.digest,
            &mail.sender,
            MailOutcome::Automatic.as_str(),
            mail.received_at
        )?;
        Ok(rows == 1)
    }

    /// Says what became of a mail that was noted in this transaction.
    pub async fn mail_in_done(
        &mut self,
        mail: &MailIn,
        outcome: MailOutcome,
        ticket: Option<TicketId>,
    ) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE mail_in SET outcome = $3, ticket_id = $4 WHERE message_id = $1 AND digest = $2",
            &mail.message_id,
            &mail.digest,
            outcome.as_str(),
            ticket.map(|t| t.0)
        )?;
        Ok(())
    }

    /// The tickets that a sender's mails have opened since `since`, newest first.
    pub async fn mail_opened_by(&mut self, sender: &str, since: Moment) -> Result<Vec<TicketId>> {
        let rows = sql!(self, fetch_all scalar Uuid,
            "SELECT ticket_id FROM mail_in WHERE sender = $1 AND received_at > $2 AND outcome = 'opened'
             AND ticket_id IS NOT NULL ORDER BY received_at DESC", sender, since)?;
        Ok(rows.into_iter().map(TicketId).collect())
    }

    /// The ticket of a mail that came in.
    pub async fn mail_in_ticket(&mut self, message_id: &str) -> Result<Option<TicketId>> {
        let found = sql!(self, fetch_optional scalar Uuid,
            "SELECT ticket_id FROM mail_in WHERE message_id = $1 AND ticket_id IS NOT NULL
             ORDER BY received_at DESC LIMIT 1", message_id)?;
        Ok(found.map(TicketId))
    }

    /// The ticket of a mail that went out, and the event it told of.
    pub async fn mail_out_ticket(&mut self, id: Uuid) -> Result<Option<(TicketId, Option<i64>)>> {
        self.flush().await?;
        let found = sql!(
            self,
            fetch_optional as (Uuid, Option<i64>),
            "SELECT ticket_id, event_seq FROM mail_out WHERE id = $1",
            id
        )?;
        Ok(found.map(|(ticket, seq)| (TicketId(ticket), seq)))
    }

    /// Message-IDs of the mails that a ticket's customer wrote, oldest first, at most `limit` of the latest.
    pub async fn mail_ids_of(&mut self, ticket: TicketId, limit: i64) -> Result<Vec<String>> {
        let mut ids = sql!(self, fetch_all scalar String,
            "SELECT message_id FROM mail_in WHERE ticket_id = $1 ORDER BY received_at DESC, message_id LIMIT $2",
            ticket.0, limit)?;
        ids.reverse();
        Ok(ids)
    }

    /// Queues a mail.
    pub fn mail_add(&mut self, mail: NewMail) {
        self.buffer.mails.push(mail);
    }

    pub(super) async fn flush_mails(&mut self) -> Result<()> {
        let mails = std::mem::take(&mut self.buffer.mails);
        bulk!(
            self,
            "INSERT INTO mail_out (id, ticket_id, event_seq, what, state, not_before, created_at, attempts, automatic)",
            "",
            mails.as_slice(),
            |m| m.id,
            m.ticket.0,
            m.what.seq(),
            Json(&m.what),
            "ready",
            m.created_at,
            m.created_at,
            0i64,
            m.what.is_automatic(),
        );
        Ok(())
    }

    /// Whether any mail is due.
    pub async fn mail_due(&mut self, now: Moment) -> Result<bool> {
        let one = sql!(self, fetch_optional scalar i64,
            "SELECT attempts FROM mail_out WHERE state = 'ready' AND not_before <= $1
             AND (lease_until IS NULL OR lease_until < $1) LIMIT 1", now)?;
        Ok(one.is_some())
    }

    /// Leases due mails for `worker` until `until`, oldest first. What another process holds, or whose lease has not run out, is left.
    pub async fn mail_claim(
        &mut self,
        worker: &str,
        now: Moment,
        until: Moment,
        limit: i64,
    ) -> Result<Vec<ClaimedMail>> {
        let text = claiming(
            self.is_postgres(),
            "SELECT id FROM mail_out WHERE state = 'ready' AND not_before <= $3
                AND (lease_until IS NULL OR lease_until < $3) ORDER BY not_before, id LIMIT $4",
            "UPDATE mail_out SET worker = $1, lease_until = $2 FROM chosen WHERE id = chosen_id
             RETURNING id, ticket_id, what, created_at, attempts, automatic",
        );
        let rows = sql!(self, fetch_all as Row, AssertSqlSafe(text.clone()), worker, until, now, limit)?;
        let mut mails: Vec<ClaimedMail> = rows
            .into_iter()
            .map(|r| ClaimedMail {
                id: r.id,
                ticket: TicketId(r.ticket_id),
                what: r.what.0,
                created_at: r.created_at,
                attempts: r.attempts,
                automatic: r.automatic,
            })
            .collect();
        mails.sort_by_key(|m| m.id);
        Ok(mails)
    }

    /// Writes down how sending ended. `false`: the lease was lost to another process, which writes it down.
    pub async fn mail_settle(&mut self, id: Uuid, worker: &str, end: &MailEnd, now: Moment) -> Result<bool> {
        let (state, address, error) = match end {
            MailEnd::Sent(address) => ("sent", Some(address.as_str()), None),
            MailEnd::Failed(why) => ("failed", None, Some(why.as_str())),
            MailEnd::Dropped(why) => ("dropped", None, Some(why.as_str())),
        };
        let rows = sql!(
            self,
            execute,
            "UPDATE mail_out SET state = $3, address = $4, error = $5, sent_at = $6, attempts = attempts + 1,
                lease_until = NULL
             WHERE id = $1 AND worker = $2 AND state = 'ready'",
            id,
            worker,
            state,
            address,
            error,
            now
        )?;
        Ok(rows == 1)
    }

    /// Tries again later.
    pub async fn mail_postpone(&mut self, id: Uuid, worker: &str, until: Moment, error: &str) -> Result<()> {
        sql!(
            self,
            execute,
            "UPDATE mail_out SET not_before = $3, attempts = attempts + 1, lease_until = NULL, error = $4
             WHERE id = $1 AND worker = $2 AND state = 'ready'",
            id,
            worker,
            until,
            error
        )?;
        Ok(())
    }

    /// A mail that was sent has come back. `false`: it was known to have failed.
    pub async fn mail_bounced(&mut self, id: Uuid, error: &str) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE mail_out SET state = 'failed', error = $2 WHERE id = $1 AND state = 'sent'",
            id,
            error
        )?;
        Ok(rows == 1)
    }

    /// How many answers an address got by itself since `since`.
    pub async fn mail_automatic_to(&mut self, address: &str, since: Moment) -> Result<i64> {
        Ok(sql!(self, fetch_one scalar i64,
            "SELECT COUNT(*) FROM mail_out WHERE automatic AND address = $1 AND sent_at > $2 AND state = 'sent'",
            address, since)?)
    }
}
