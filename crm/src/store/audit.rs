//! What verifying the audit and `doctor` read: a still picture of the whole database, the heads of streams, the latest moment written.

use uuid::Uuid;

use super::{Result, StoreError, Tx, sql};
use crate::clock::Moment;
use crate::domain::audit::GENESIS;
use crate::domain::ids::{DESK_STREAM, TicketId};

/// The columns of a ticket that lists are made from; they repeat what its document says.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct TicketColumns {
    /// Its state.
    pub state: String,
    /// Its department.
    pub queue: String,
    /// Who holds it.
    pub assignee_id: Option<String>,
}

impl StoreError {
    /// What is wrong with a row that does not read, which is a finding; a database that does not answer stays an error.
    pub fn unreadable_row(self) -> Result<String> {
        match self {
            Self::Database(e @ (sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))) => {
                Ok(e.to_string())
            }
            Self::Inconsistent { .. } => Ok(self.to_string()),
            other => Err(other),
        }
    }
}

impl Tx {
    /// From here on this transaction sees one moment of the database, whatever others write. Must be its first statement.
    pub async fn still(&mut self) -> Result<()> {
        // A reading transaction on SQLite sees one moment anyway.
        if self.is_postgres() {
            sql!(self, execute, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
        }
        Ok(())
    }

    /// Waits for whoever else is changing the desk and makes the others wait until this transaction ends.
    pub async fn desk_lock(&mut self) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO stream_head (stream, seq, head) VALUES ($1, 0, $2)
             ON CONFLICT (stream) DO UPDATE SET seq = stream_head.seq",
            DESK_STREAM,
            GENESIS
        )?;
        Ok(())
    }

    /// The heads of all streams that are not tickets': stream, number of events, last hash.
    pub async fn stream_heads(&mut self) -> Result<Vec<(Uuid, i64, String)>> {
        let rows = sql!(
            self,
            fetch_all as (Uuid, i64, String),
            "SELECT stream, seq, head FROM stream_head ORDER BY stream"
        )?;
        Ok(rows)
    }

    /// The columns that repeat a ticket's document.
    pub async fn ticket_columns(&mut self, id: TicketId) -> Result<Option<TicketColumns>> {
        Ok(sql!(
            self,
            fetch_optional as TicketColumns,
            "SELECT state, queue, assignee_id FROM ticket WHERE id = $1",
            id.0
        )?)
    }

    /// When the latest event was written down; `None` while there is none.
    pub async fn event_recorded_last(&mut self) -> Result<Option<Moment>> {
        Ok(sql!(self, fetch_one scalar Option<Moment>, "SELECT MAX(recorded_at) FROM event")?)
    }
}
