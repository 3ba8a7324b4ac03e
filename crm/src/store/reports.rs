//! What the reports are counted from: tickets that changed, each ticket's contribution, and the sums.

use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use uuid::Uuid;

use super::events::EventRow;
use super::{Result, Tx, bulk, bulk_keys, fetch_keys, sql, unreadable};
use crate::clock::Moment;
use crate::domain::audit::EventRecord;
use crate::domain::ids::{DESK_STREAM, TicketId, TicketNumber};
use crate::domain::kind::{Channel, Kind, Queue};
use crate::domain::report::{Fact, Filter, Span, Sums};
use crate::domain::ticket::Ticket;

#[derive(sqlx::FromRow)]
struct TicketRow {
    version: i64,
    #[sqlx(json)]
    doc: Ticket,
}

impl Tx {
    /// Keeps other counters waiting until this transaction ends.
    pub async fn report_lock(&mut self) -> Result<()> {
        sql!(self, execute, "UPDATE counter SET value = value + 1 WHERE name = 'report'")?;
        Ok(())
    }

    /// Whether any ticket changed since it was counted.
    pub async fn report_is_stale(&mut self) -> Result<bool> {
        let found =
            sql!(self, fetch_optional scalar i64, "SELECT CAST(1 AS BIGINT) FROM report_dirty LIMIT 1")?;
        Ok(found.is_some())
    }

    /// Takes at most `limit` tickets that changed off the list.
    pub async fn report_dirty_take(&mut self, limit: i64) -> Result<Vec<TicketId>> {
        self.flush().await?;
        // Row by row, each with its version: a change that commits a moment later has a row of its own.
        let rows = sql!(
            self,
            fetch_all as (Uuid, i64),
            "SELECT ticket_id, version FROM report_dirty ORDER BY ticket_id, version LIMIT $1",
            limit
        )?;
        bulk_keys!(
            self,
            "DELETE FROM report_dirty WHERE (ticket_id, version) IN (",
            ")",
            rows.as_slice(),
            |row| row.0,
            row.1,
        );
        let mut ids: Vec<_> = rows.into_iter().map(|row| TicketId(row.0)).collect();
        ids.dedup();
        Ok(ids)
    }

    /// Puts every ticket after `after` on the list again, at most `limit`; the last of them, or `None` at the end.
    pub async fn report_dirty_all(
        &mut self,
        after: TicketNumber,
        limit: i64,
    ) -> Result<Option<TicketNumber>> {
        let last = sql!(
            self,
            fetch_one scalar Option<i64>,
            "SELECT MAX(number) FROM (SELECT number FROM ticket WHERE number > $1 ORDER BY number LIMIT $2) AS t",
            after.0,
            limit
        )?;
        let Some(last) = last else { return Ok(None) };
        sql!(
            self,
            execute,
            "INSERT INTO report_dirty (ticket_id, version) SELECT id, version FROM ticket WHERE number > $1 AND number <= $2
             ON CONFLICT (ticket_id, version) DO NOTHING",
            after.0,
            last
        )?;
        Ok(Some(TicketNumber(last)))
    }

    /// Empties the sums, for a full recount.
    pub async fn report_clear(&mut self) -> Result<()> {
        sql!(self, execute, "DELETE FROM report_sum")?;
        sql!(self, execute, "DELETE FROM report_owed")?;
        sql!(self, execute, "DELETE FROM report_flow")?;
        sql!(self, execute, "DELETE FROM report_fact")?;
        sql!(self, execute, "DELETE FROM report_dirty")?;
        Ok(())
    }

    /// Tickets by id, in no order.
    pub async fn tickets_fetch(&mut self, ids: &[TicketId]) -> Result<Vec<Ticket>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = fetch_keys!(
            self,
            TicketRow,
            "SELECT k.version, k.doc FROM (",
            ") AS t JOIN ticket k ON k.id = t.column1",
            ids,
            |id| id.0,
        );
        let mut tickets: Vec<_> = rows.into_iter().map(|r| Ticket { version: r.version, ..r.doc }).collect();
        tickets.sort_by_key(|ticket| ticket.id);
        tickets.dedup_by_key(|ticket| ticket.id);
        Ok(tickets)
    }

    /// Events of these tickets, each stream in order.
    pub async fn events_of(&mut self, ids: &[TicketId]) -> Result<Vec<EventRecord>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = fetch_keys!(
            self,
            EventRow,
            "SELECT e.stream, e.seq, e.at, e.recorded_at, e.actor, e.event, e.prev_hash, e.hash FROM (",
            ") AS t JOIN event e ON e.stream = t.column1",
            ids,
            |id| id.0,
        );
        rows.sort_by_key(|row| (row.stream, row.seq));
        rows.dedup_by_key(|row| (row.stream, row.seq));
        Ok(rows.into_iter().map(EventRecord::from).collect())
    }

    /// What these tickets contribute at present.
    pub async fn report_facts(&mut self, ids: &[TicketId]) -> Result<Vec<(TicketId, Fact)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = fetch_keys!(
            self,
            (Uuid, Json<Fact>),
            "SELECT f.ticket_id, f.doc FROM (",
            ") AS t JOIN report_fact f ON f.ticket_id = t.column1",
            ids,
            |id| id.0,
        );
        rows.sort_by_key(|row| row.0);
        rows.dedup_by_key(|row| row.0);
        Ok(rows.into_iter().map(|(id, fact)| (TicketId(id), fact.0)).collect())
    }

    /// Notes what tickets contribute from now on.
    pub async fn report_facts_save(&mut self, facts: &[(TicketId, Fact)]) -> Result<()> {
        bulk!(
            self,
            "INSERT INTO report_fact (ticket_id, number, opened_at, kind, queue, channel, breached, owed, doc)",
            "ON CONFLICT (ticket_id) DO UPDATE SET kind = excluded.kind, queue = excluded.queue, breached = excluded.breached,
                owed = excluded.owed, doc = excluded.doc",
            facts,
            |f| f.0.0,
            f.1.number,
            f.1.opened_at,
            f.1.kind.as_str(),
            f.1.queue.as_str(),
            f.1.channel.as_str(),
            f.1.is_breached(),
            f.1.is_owed(),
            Json(&f.1),
        );
        Ok(())
    }

    /// The sums of these spans that there are, in no order.
    pub async fn report_sums(&mut self, spans: &[Span]) -> Result<Vec<(Span, Sums)>> {
        if spans.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = fetch_keys!(
            self,
            (i64, i64, Vec<u8>),
            "SELECT s.days, s.first, s.sums FROM (",
            ") AS t JOIN report_sum s ON s.days = t.column1 AND s.first = t.column2",
            spans,
            |span| span.days,
            span.first,
        );
        rows.sort_unstable_by_key(|row| (row.0, row.1));
        rows.dedup_by_key(|row| (row.0, row.1));
        let read = |(days, first, sums): (i64, i64, Vec<u8>)| {
            let sums = Sums::from_bytes(&sums).map_err(|problem| unreadable("report_sum", first, problem))?;
            Ok((Span { days, first }, sums))
        };
        rows.into_iter().map(read).collect()
    }

    /// Stores sums; those with nothing in them go.
    pub async fn report_sums_save(&mut self, sums: &[(Span, Sums)]) -> Result<()> {
        let (empty, full): (Vec<_>, Vec<_>) = sums.iter().partition(|(_, sums)| sums.is_empty());
        bulk!(
            self,
            "INSERT INTO report_sum (days, first, sums)",
            "ON CONFLICT (days, first) DO UPDATE SET sums = excluded.sums",
            full.as_slice(),
            |s| s.0.days,
            s.0.first,
            s.1.to_bytes(),
        );
        bulk_keys!(
            self,
            "DELETE FROM report_sum WHERE (days, first) IN (",
            ")",
            empty.as_slice(),
            |s| s.0.days,
            s.0.first,
        );
        Ok(())
    }

    /// Adds to how many of the tickets opened in an hour (counted from 1970) are owed.
    pub async fn report_owed_add(&mut self, hours: &[(i64, i64)]) -> Result<()> {
        bulk!(
            self,
            "INSERT INTO report_owed (hour, count)",
            "ON CONFLICT (hour) DO UPDATE SET count = report_owed.count + excluded.count",
            hours,
            |h| h.0,
            h.1,
        );
        if !hours.is_empty() {
            sql!(self, execute, "DELETE FROM report_owed WHERE count = 0")?;
        }
        Ok(())
    }

    /// How many tickets are owed that were opened after each of these moments.
    pub async fn report_owed_after(&mut self, moments: &[Moment]) -> Result<Vec<i64>> {
        let mut counts = Vec::with_capacity(moments.len());
        for moment in moments {
            let hour = moment.timestamp().div_euclid(3_600);
            let ends = chrono::DateTime::from_timestamp((hour + 1) * 3_600, 0).unwrap_or(*moment);
            // Whole hours from their counts, and what was opened in the rest of the first hour one by one.
            counts.push(sql!(
                self,
                fetch_one scalar i64,
                "SELECT CAST(COALESCE((SELECT SUM(count) FROM report_owed WHERE hour > $1), 0)
                    + (SELECT COUNT(*) FROM report_fact WHERE owed AND opened_at > $2 AND opened_at < $3) AS BIGINT)",
                hour,
                moment,
                ends
            )?);
        }
        Ok(counts)
    }

    /// How many tickets are owed.
    pub async fn report_owed(&mut self) -> Result<i64> {
        Ok(
            sql!(self, fetch_one scalar i64, "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM report_owed")?,
        )
    }

    /// Adds to what began (positive) and ceased to be owed, by hours counted from 1970.
    pub async fn report_flow_add(&mut self, hours: &[(i64, i64)]) -> Result<()> {
        bulk!(
            self,
            "INSERT INTO report_flow (hour, change)",
            "ON CONFLICT (hour) DO UPDATE SET change = report_flow.change + excluded.change",
            hours,
            |h| h.0,
            h.1,
        );
        Ok(())
    }

    /// How many tickets were owed when `hour` began, and the changes in each hour from then to before `end`.
    pub async fn report_flow(&mut self, hour: i64, end: i64) -> Result<(i64, Vec<(i64, i64)>)> {
        let before = sql!(
            self,
            fetch_one scalar i64,
            "SELECT CAST(COALESCE(SUM(change), 0) AS BIGINT) FROM report_flow WHERE hour < $1",
            hour
        )?;
        let changes = sql!(
            self,
            fetch_all as (i64, i64),
            "SELECT hour, change FROM report_flow WHERE hour >= $1 AND hour < $2 AND change <> 0 ORDER BY hour",
            hour,
            end
        )?;
        Ok((before, changes))
    }

    /// What tickets contribute that were opened from `from` to before `to`, newest first, below the mark `below`, at most `limit`: all, or
    /// those with a broken promise; those that fit `filter`.
    pub async fn report_facts_listed(
        &mut self,
        (from, to): (Moment, Moment),
        late: bool,
        filter: Filter,
        below: Option<(Moment, i64)>,
        limit: i64,
    ) -> Result<Vec<Fact>> {
        // No ticket has the number 0: everything before `to` is below this.
        let (moment, number) = below.unwrap_or((to, 0));
        let (moment, number) = if moment > to { (to, 0) } else { (moment, number) };
        // Each condition is written only where it limits something, so that both engines use their indexes.
        let mut text = String::from(
            "SELECT doc FROM report_fact WHERE opened_at >= $1 AND (opened_at, number) < ($2, $3)",
        );
        for (chosen, condition, without) in [
            (late, " AND breached", ""),
            (filter.kind.is_some(), " AND kind = $5", " AND CAST($5 AS TEXT) IS NULL"),
            (filter.queue.is_some(), " AND queue = $6", " AND CAST($6 AS TEXT) IS NULL"),
            (filter.channel.is_some(), " AND channel = $7", " AND CAST($7 AS TEXT) IS NULL"),
        ] {
            text.push_str(if chosen { condition } else { without });
        }
        text.push_str(" ORDER BY opened_at DESC, number DESC LIMIT $4");
        let rows = sql!(
            self,
            fetch_all scalar Json<Fact>,
            AssertSqlSafe(text),
            from,
            moment,
            number,
            limit,
            filter.kind.map(Kind::as_str),
            filter.queue.map(Queue::as_str),
            filter.channel.map(Channel::as_str)
        )?;
        Ok(rows.into_iter().map(|fact| fact.0).collect())
    }

    /// The desk's own events of one sort, oldest first.
    pub async fn desk_events_of(&mut self, word: &str) -> Result<Vec<EventRecord>> {
        let rows = sql!(
            self,
            fetch_all as EventRow,
            "SELECT stream, seq, at, recorded_at, actor, event, prev_hash, hash FROM event
             WHERE stream = $1 AND word = $2 ORDER BY seq",
            DESK_STREAM,
            word
        )?;
        Ok(rows.into_iter().map(EventRecord::from).collect())
    }
}
