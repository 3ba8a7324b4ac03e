//! What the web console keeps: one-time sign-in links, sessions, forms that were sent, who writes to whom, calendar addresses. Codes
//! and tokens are stored as SHA-256 only.

use chrono::TimeDelta;
use uuid::Uuid;

use super::access::{hash, secret};
use super::{Result, Staff, Tx, ensure_rows, sql, unreadable};
use crate::clock::Moment;
use crate::domain::ids::{StaffId, TicketId};
use crate::domain::lang::Lang;
use crate::domain::person::Role;

/// How long a sign-in link is good for.
pub const LOGIN_VALID: TimeDelta = TimeDelta::minutes(10);
/// How long a session lasts at most.
pub const SESSION_VALID: TimeDelta = TimeDelta::days(7);
/// How long a session lasts without a request: a shift.
pub const SESSION_IDLE: TimeDelta = TimeDelta::hours(12);
/// How old the note of the last request may be, so that reading a page writes nothing.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(5);

/// What a sign-in link leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkUse {
    /// It is good.
    Welcome(StaffId),
    /// It was used before.
    Used,
    /// Too late, or a newer one was made.
    Expired,
    /// There is no such link, or its owner has left.
    Unknown,
}

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSession {
    /// Its row; not the secret.
    pub id: Uuid,
    /// Whose, with the role of this moment.
    pub staff: Staff,
    /// The browser, in its own words.
    pub agent: String,
    /// Since when.
    pub created_at: Moment,
    /// The last request, to within five minutes.
    pub seen_at: Moment,
}

impl WebSession {
    /// Whether the time of the last request should be written down again.
    pub fn is_stale(&self, now: Moment) -> bool {
        now - self.seen_at > SEEN_EVERY
    }
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    staff_id: String,
    expires_at: Moment,
    used_at: Option<Moment>,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: Uuid,
    staff_id: String,
    name: String,
    role: String,
    telegram_id: Option<i64>,
    language: String,
    agent: String,
    created_at: Moment,
    seen_at: Moment,
}

impl SessionRow {
    fn read(self) -> Result<WebSession> {
        let role: Role = self.role.parse().map_err(|e: String| unreadable("staff", &self.staff_id, e))?;
        let language: Lang =
            self.language.parse().map_err(|e: String| unreadable("staff", &self.staff_id, e))?;
        let telegram = self.telegram_id;
        let staff = Staff { id: StaffId(self.staff_id), name: self.name, role, telegram, language };
        let Self { id, agent, created_at, seen_at, .. } = self;
        Ok(WebSession { id, staff, agent, created_at, seen_at })
    }
}

impl Tx {
    /// Makes a sign-in link's code (256 random bits) for a staff member; older ones of the same person end now.
    pub async fn login_link_create(
        &mut self,
        staff: &StaffId,
        now: Moment,
        valid: TimeDelta,
    ) -> Result<String> {
        sql!(
            self,
            execute,
            "UPDATE login_link SET expires_at = $2 WHERE staff_id = $1 AND used_at IS NULL AND expires_at > $2",
            staff.as_str(),
            now
        )?;
        let code = secret::<32>();
        sql!(
            self,
            execute,
            "INSERT INTO login_link (code_hash, staff_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            hash(&code),
            staff.as_str(),
            now,
            now + valid
        )?;
        Ok(code)
    }

    /// What a sign-in link would lead to; looking at it does not use it up, for programs look at links too.
    pub async fn login_link_look(&mut self, code: &str, now: Moment) -> Result<LinkUse> {
        let row = sql!(
            self,
            fetch_optional as LinkRow,
            "SELECT l.staff_id, l.expires_at, l.used_at FROM login_link l JOIN staff s ON s.id = l.staff_id
             WHERE l.code_hash = $1 AND s.retired_at IS NULL",
            hash(code)
        )?;
        Ok(match row {
            None => LinkUse::Unknown,
            Some(row) if row.used_at.is_some() => LinkUse::Used,
            Some(row) if row.expires_at <= now => LinkUse::Expired,
            Some(row) => LinkUse::Welcome(StaffId(row.staff_id)),
        })
    }

    /// Uses a sign-in link up. Of two who try at once, one gets in.
    pub async fn login_link_use(&mut self, code: &str, now: Moment) -> Result<LinkUse> {
        let used = sql!(
            self,
            fetch_optional scalar String,
            "UPDATE login_link SET used_at = $2 WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2
               AND staff_id IN (SELECT id FROM staff WHERE retired_at IS NULL) RETURNING staff_id",
            hash(code),
            now
        )?;
        match used {
            Some(staff) => Ok(LinkUse::Welcome(StaffId(staff))),
            None => self.login_link_look(code, now).await,
        }
    }

    /// Opens a session and returns its token (256 random bits), which is stored nowhere.
    pub async fn session_create(
        &mut self,
        id: Uuid,
        staff: &Staff,
        agent: &str,
        now: Moment,
    ) -> Result<String> {
        let token = secret::<32>();
        sql!(
            self,
            execute,
            "INSERT INTO web_session (token_hash, id, staff_id, role, agent, created_at, seen_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
            hash(&token),
            id,
            staff.id.as_str(),
            staff.role.as_str(),
            agent,
            now,
            now + SESSION_VALID
        )?;
        Ok(token)
    }

    /// The session that a browser shows: not ended, not too old, and its owner still has the role he signed in with.
    pub async fn session_fetch(&mut self, token: &str, now: Moment) -> Result<Option<WebSession>> {
        sql!(
            self,
            fetch_optional as SessionRow,
            "SELECT w.id, w.staff_id, s.name, s.role, s.telegram_id, s.language, w.agent, w.created_at, w.seen_at
             FROM web_session w JOIN staff s ON s.id = w.staff_id
             WHERE w.token_hash = $1 AND w.ended_at IS NULL AND w.expires_at > $2 AND w.seen_at > $3
               AND s.retired_at IS NULL AND s.role = w.role",
            hash(token),
            now,
            now - SESSION_IDLE
        )?
        .map(SessionRow::read)
        .transpose()
    }

    /// Notes a request of a session.
    pub async fn session_seen(&mut self, id: Uuid, now: Moment) -> Result<()> {
        sql!(self, execute, "UPDATE web_session SET seen_at = $2 WHERE id = $1", id, now)?;
        Ok(())
    }

    /// The sessions that are open now, newest first; of one person or of everybody.
    pub async fn session_list(&mut self, staff: Option<&StaffId>, now: Moment) -> Result<Vec<WebSession>> {
        sql!(
            self,
            fetch_all as SessionRow,
            "SELECT w.id, w.staff_id, s.name, s.role, s.telegram_id, s.language, w.agent, w.created_at, w.seen_at
             FROM web_session w JOIN staff s ON s.id = w.staff_id
             WHERE (CAST($1 AS TEXT) IS NULL OR w.staff_id = $1) AND w.ended_at IS NULL AND w.expires_at > $2
               AND w.seen_at > $3 AND s.retired_at IS NULL AND s.role = w.role ORDER BY w.created_at DESC LIMIT 500",
            staff.map(StaffId::as_str),
            now,
            now - SESSION_IDLE
        )?
        .into_iter()
        .map(SessionRow::read)
        .collect()
    }

    /// Ends a session; `of` limits that to the sessions of one person. Returns whether one ended.
    pub async fn session_end(&mut self, id: Uuid, of: Option<&StaffId>, now: Moment) -> Result<bool> {
        let ended = sql!(
            self,
            execute,
            "UPDATE web_session SET ended_at = $3
             WHERE id = $1 AND (CAST($2 AS TEXT) IS NULL OR staff_id = $2) AND ended_at IS NULL",
            id,
            of.map(StaffId::as_str),
            now
        )?;
        Ok(ended == 1)
    }

    /// Whether this form is sent for the first time. In the same transaction as what the form does.
    pub async fn form_once(&mut self, id: Uuid, now: Moment) -> Result<bool> {
        let new = sql!(
            self,
            execute,
            "INSERT INTO form_once (id, used_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
            id,
            now
        )?;
        Ok(new == 1)
    }

    /// Forgets forms, links and sessions that nobody can use any more.
    pub async fn web_prune(&mut self, before: Moment) -> Result<()> {
        sql!(self, execute, "DELETE FROM form_once WHERE used_at < $1", before)?;
        sql!(self, execute, "DELETE FROM login_link WHERE expires_at < $1", before)?;
        sql!(self, execute, "DELETE FROM web_session WHERE expires_at < $1", before)?;
        sql!(self, execute, "DELETE FROM presence WHERE until < $1", before)?;
        Ok(())
    }

    /// Notes that somebody writes to a ticket, until `until`.
    pub async fn presence_save(&mut self, ticket: TicketId, staff: &StaffId, until: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO presence (ticket_id, staff_id, until) VALUES ($1, $2, $3)
             ON CONFLICT (ticket_id, staff_id) DO UPDATE SET until = excluded.until",
            ticket.0,
            staff.as_str(),
            until
        )?;
        Ok(())
    }

    /// The names of the others who write to a ticket now.
    pub async fn presence_of(
        &mut self,
        ticket: TicketId,
        except: &StaffId,
        now: Moment,
    ) -> Result<Vec<String>> {
        Ok(sql!(
            self,
            fetch_all scalar String,
            "SELECT s.name FROM presence p JOIN staff s ON s.id = p.staff_id
             WHERE p.ticket_id = $1 AND p.staff_id <> $2 AND p.until > $3 ORDER BY s.name",
            ticket.0,
            except.as_str(),
            now
        )?)
    }

    /// Makes the secret of a person's calendar address; the one before is void.
    pub async fn calendar_feed_create(&mut self, staff: &StaffId, now: Moment) -> Result<String> {
        let token = secret::<16>();
        let rows = sql!(
            self,
            execute,
            "INSERT INTO calendar_feed (staff_id, token_hash, created_at) VALUES ($1, $2, $3)
             ON CONFLICT (staff_id) DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at",
            staff.as_str(),
            hash(&token),
            now
        )?;
        ensure_rows(rows, 1, "calendar_feed", staff)?;
        Ok(token)
    }

    /// Whose calendar an address is, while he works here.
    pub async fn calendar_feed_owner(&mut self, token: &str) -> Result<Option<StaffId>> {
        let staff = sql!(
            self,
            fetch_optional scalar String,
            "SELECT f.staff_id FROM calendar_feed f JOIN staff s ON s.id = f.staff_id
             WHERE f.token_hash = $1 AND s.retired_at IS NULL",
            hash(token)
        )?;
        Ok(staff.map(StaffId))
    }
}
