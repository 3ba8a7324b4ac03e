//! Where the desk's cards stand: the group's forum topics, one for each department.

use super::{Result, Tx, sql, unreadable};
use crate::domain::ids::TicketId;
use crate::domain::kind::Queue;

impl Tx {
    /// The topic of a department in this group.
    pub async fn topic_of(&mut self, chat: i64, queue: Queue) -> Result<Option<i64>> {
        Ok(sql!(
            self,
            fetch_optional scalar i64,
            "SELECT thread_id FROM desk_topic WHERE chat_id = $1 AND queue = $2",
            chat,
            queue.as_str()
        )?)
    }

    /// The department of a topic in this group.
    pub async fn topic_queue(&mut self, chat: i64, thread: i64) -> Result<Option<Queue>> {
        sql!(
            self,
            fetch_optional scalar String,
            "SELECT queue FROM desk_topic WHERE chat_id = $1 AND thread_id = $2",
            chat,
            thread
        )?
        .map(|queue| queue.parse().map_err(|e: String| unreadable("desk_topic", thread, e)))
        .transpose()
    }

    /// Remembers a topic that was made.
    pub async fn topic_save(&mut self, chat: i64, queue: Queue, thread: i64) -> Result<()> {
        sql!(
            self,
            execute,
            "INSERT INTO desk_topic (chat_id, queue, thread_id) VALUES ($1, $2, $3)
             ON CONFLICT (chat_id, queue) DO UPDATE SET thread_id = excluded.thread_id",
            chat,
            queue.as_str(),
            thread
        )?;
        Ok(())
    }

    /// A topic is gone, and what stood in it: returns the tickets whose cards those were and on which something is still owed.
    pub async fn topic_forget(&mut self, chat: i64, thread: i64) -> Result<Vec<TicketId>> {
        let tickets = sql!(
            self,
            fetch_all scalar uuid::Uuid,
            "SELECT c.ticket_id FROM card c JOIN ticket t ON t.id = c.ticket_id
             WHERE c.chat_id = $1 AND c.thread_id = $2 AND t.due_at IS NOT NULL ORDER BY t.due_at",
            chat,
            thread
        )?;
        sql!(self, execute, "DELETE FROM card WHERE chat_id = $1 AND thread_id = $2", chat, thread)?;
        sql!(self, execute, "DELETE FROM desk_topic WHERE chat_id = $1 AND thread_id = $2", chat, thread)?;
        Ok(tickets.into_iter().map(TicketId).collect())
    }

    /// The topic that a ticket's card stands in; 0 outside of topics.
    pub async fn card_thread(&mut self, ticket: TicketId) -> Result<i64> {
        let thread = sql!(self, fetch_optional scalar i64, "SELECT thread_id FROM card WHERE ticket_id = $1", ticket.0)?;
        Ok(thread.unwrap_or(0))
    }

    /// Remembers the topic that a ticket's card stands in.
    pub async fn card_thread_save(&mut self, ticket: TicketId, thread: i64) -> Result<()> {
        sql!(self, execute, "UPDATE card SET thread_id = $2 WHERE ticket_id = $1", ticket.0, thread)?;
        Ok(())
    }
}
