//! Who is on call: the directory's rotas with those who cover, and who was paged lately.

use sqlx::types::Json;
use uuid::Uuid;

use super::{Result, Tx, sql, unreadable};
use crate::clock::Moment;
use crate::domain::ids::{StaffId, TicketId};
use crate::domain::kind::{Kind, Queue};
use crate::domain::rota::{Cover, Rota};

/// Covers that a rota looks at: those that end last.
const COVERS: i64 = 100;

/// Somebody who is to be on call out of turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverRow {
    /// Its row.
    pub id: Uuid,
    /// What belongs together: the two halves of a swap.
    pub pair: Uuid,
    /// Whose rota.
    pub queue: Queue,
    /// Who is on call, from when, until when.
    pub cover: Cover,
    /// Who arranged it.
    pub made_by: StaffId,
    /// When it began to count; `None` while the other has not agreed.
    pub agreed_at: Option<Moment>,
    /// When it was taken back.
    pub ended_at: Option<Moment>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    pair: Uuid,
    queue: String,
    staff_id: String,
    starts: Moment,
    until: Moment,
    made_by: String,
    agreed_at: Option<Moment>,
    ended_at: Option<Moment>,
}

#[derive(sqlx::FromRow)]
struct RotaRow {
    starts: Moment,
    shift_hours: i64,
    turns: Json<Vec<StaffId>>,
    ack_timeout_minutes: i64,
}

impl Row {
    fn read(self) -> Result<CoverRow> {
        let queue = self.queue.parse().map_err(|e: String| unreadable("rota_cover", self.id, e))?;
        let cover = Cover { staff: StaffId(self.staff_id), starts: self.starts, until: self.until };
        let (id, pair, made_by) = (self.id, self.pair, StaffId(self.made_by));
        Ok(CoverRow { id, pair, queue, cover, made_by, agreed_at: self.agreed_at, ended_at: self.ended_at })
    }
}

impl Tx {
    /// A queue's rota, with everybody who covers.
    pub async fn rota_of(&mut self, queue: Queue) -> Result<Option<Rota>> {
        let row = sql!(
            self,
            fetch_optional as RotaRow,
            "SELECT starts, shift_hours, turns, ack_timeout_minutes FROM rota WHERE queue = $1 AND retired_at IS NULL",
            queue.as_str()
        )?;
        let Some(row) = row else { return Ok(None) };
        let mut covers = sql!(
            self,
            fetch_all as (String, Moment, Moment),
            "SELECT staff_id, starts, until FROM rota_cover
             WHERE queue = $1 AND agreed_at IS NOT NULL AND ended_at IS NULL ORDER BY until DESC, made_at DESC LIMIT $2",
            queue.as_str(),
            COVERS
        )?;
        covers.reverse();
        Ok(Some(Rota {
            queue,
            starts: row.starts,
            shift_hours: row.shift_hours,
            order: row.turns.0,
            ack_timeout_minutes: row.ack_timeout_minutes,
            covers: covers
                .into_iter()
                .map(|(staff, starts, until)| Cover { staff: StaffId(staff), starts, until })
                .collect(),
        }))
    }

    /// Arranges that somebody is on call out of turn.
    pub async fn cover_add(&mut self, row: &CoverRow, now: Moment) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO rota_cover (id, pair, queue, staff_id, starts, until, made_by, made_at, agreed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            row.id,
            row.pair,
            row.queue.as_str(),
            &row.cover.staff.0,
            row.cover.starts,
            row.cover.until,
            &row.made_by.0,
            now,
            row.agreed_at
        )?;
        Ok(())
    }

    /// What was arranged together, in order of time.
    pub async fn covers_of(&mut self, pair: Uuid) -> Result<Vec<CoverRow>> {
        sql!(
            self,
            fetch_all as Row,
            "SELECT id, pair, queue, staff_id, starts, until, made_by, agreed_at, ended_at FROM rota_cover
             WHERE pair = $1 ORDER BY starts, id",
            pair
        )?
        .into_iter()
        .map(Row::read)
        .collect()
    }

    /// What counts at `now` or later, in order of time.
    pub async fn covers_ahead(&mut self, now: Moment) -> Result<Vec<CoverRow>> {
        sql!(
            self,
            fetch_all as Row,
            "SELECT id, pair, queue, staff_id, starts, until, made_by, agreed_at, ended_at FROM rota_cover
             WHERE until > $1 AND agreed_at IS NOT NULL AND ended_at IS NULL ORDER BY starts, id LIMIT $2",
            now,
            COVERS
        )?
        .into_iter()
        .map(Row::read)
        .collect()
    }

    /// From now on it counts. `false`: it does already, or was taken back.
    pub async fn covers_agree(&mut self, pair: Uuid, now: Moment) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE rota_cover SET agreed_at = $2 WHERE pair = $1 AND agreed_at IS NULL AND ended_at IS NULL",
            pair,
            now
        )?;
        Ok(rows > 0)
    }

    /// It no longer counts. `false`: it did not any more.
    pub async fn covers_end(&mut self, pair: Uuid, now: Moment) -> Result<bool> {
        let rows = sql!(
            self,
            execute,
            "UPDATE rota_cover SET ended_at = $2 WHERE pair = $1 AND ended_at IS NULL",
            pair,
            now
        )?;
        Ok(rows > 0)
    }

    /// Writes down whom a ticket woke.
    pub async fn page_log_add(
        &mut self,
        staff: &StaffId,
        (ticket, queue, kind): (TicketId, Queue, Kind),
        now: Moment,
    ) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO page_log (staff_id, queue, kind, ticket_id, at) VALUES ($1, $2, $3, $4, $5)",
            &staff.0,
            queue.as_str(),
            kind.as_str(),
            ticket.0,
            now
        )?;
        Ok(())
    }

    /// The tickets that woke somebody since `since`, oldest first: all, or those of one kind in one department.
    pub async fn page_log_since(
        &mut self,
        staff: &StaffId,
        similar: Option<(Queue, Kind)>,
        since: Moment,
    ) -> Result<Vec<TicketId>> {
        let ids = sql!(
            self,
            fetch_all scalar Uuid,
            "SELECT ticket_id FROM page_log WHERE staff_id = $1 AND at >= $2
             AND ($3 IS NULL OR queue = $3) AND ($4 IS NULL OR kind = $4) ORDER BY at, ticket_id LIMIT 500",
            &staff.0,
            since,
            similar.map(|s| s.0.as_str()),
            similar.map(|s| s.1.as_str())
        )?;
        let mut seen = std::collections::HashSet::new();
        Ok(ids.into_iter().filter(|id| seen.insert(*id)).map(TicketId).collect())
    }

    /// Forgets pages from before `before`.
    pub async fn page_log_prune(&mut self, before: Moment) -> Result<u64> {
        Ok(sql!(self, execute, "DELETE FROM page_log WHERE at < $1", before)?)
    }
}
