//! Counting what changed: a ticket's old contribution is taken out of the sums and its new one added, in one transaction.

use std::collections::{BTreeMap, HashMap};

use super::Reports;
use crate::domain::audit::EventRecord;
use crate::domain::ids::{TicketId, TicketNumber};
use crate::domain::report::{Cell, CellKey, Fact};
use crate::service::ServiceError;
use crate::store::{StoreError, Tx};

/// Changes per transaction: few enough that nobody who writes meanwhile waits long.
const BATCH: i64 = 200;

impl Reports {
    /// Counts every ticket that changed since it was counted last.
    pub async fn fold(&self) -> Result<(), ServiceError> {
        // A look costs nothing; a writing transaction would wake everybody for nothing.
        while self.db.read().await?.report_is_stale().await? {
            let mut tx = self.db.begin().await?;
            fold_some(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Counts everything anew. The sums are the same afterwards, unless something was wrong with them.
    pub async fn recount(&self) -> Result<(), ServiceError> {
        let mut tx = self.db.begin().await?;
        tx.report_lock().await?;
        tx.report_clear().await?;
        let mut last = Some(TicketNumber(0));
        while let Some(number) = last {
            last = tx.report_dirty_all(number, 10_000).await?;
        }
        tx.commit().await?;
        self.fold().await
    }
}

/// Counts what changed within the caller's transaction, as much as one batch: what a second of work leaves behind. The caller commits.
pub async fn fold_within(tx: &mut Tx) -> Result<(), StoreError> {
    tx.flush().await?;
    if tx.report_is_stale().await? { fold_some(tx).await } else { Ok(()) }
}

async fn fold_some(tx: &mut Tx) -> Result<(), StoreError> {
    tx.report_lock().await?;
    let ids = tx.report_dirty_take(BATCH).await?;
    let before: HashMap<TicketId, Fact> = tx.report_facts(&ids).await?.into_iter().collect();
    let tickets = tx.tickets_fetch(&ids).await?;
    let records = tx.events_of(&ids).await?;
    let mut streams: HashMap<TicketId, &[EventRecord]> = HashMap::new();
    for chunk in records.chunk_by(|a, b| a.stream == b.stream) {
        streams.insert(TicketId(chunk[0].stream), chunk);
    }
    let mut changed: BTreeMap<CellKey, Cell> = BTreeMap::new();
    let mut flow: BTreeMap<i64, i64> = BTreeMap::new();
    let mut facts = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let events = streams.get(&ticket.id).copied().unwrap_or_default();
        // Events that were committed after the ticket was read belong to its next change.
        let known = events.partition_point(|record| record.seq <= ticket.seq);
        let fact = Fact::of(&ticket, &events[..known]);
        if let Some(old) = before.get(&ticket.id) {
            count(&mut changed, &mut flow, old, -1);
        }
        count(&mut changed, &mut flow, &fact, 1);
        facts.push((ticket.id, fact));
    }
    let keys: Vec<CellKey> = changed.keys().copied().collect();
    for (key, stored) in tx.report_cells_of(&keys).await? {
        changed.entry(key).or_default().merge(&stored);
    }
    let cells: Vec<_> = changed.into_iter().collect();
    tx.report_cells_save(&cells).await?;
    let hours: Vec<_> = flow.into_iter().filter(|(_, change)| *change != 0).collect();
    tx.report_flow_add(&hours).await?;
    tx.report_facts_save(&facts).await
}

fn count(cells: &mut BTreeMap<CellKey, Cell>, flow: &mut BTreeMap<i64, i64>, fact: &Fact, times: i64) {
    cells.entry(fact.key()).or_default().count(fact, times);
    for (at, change) in &fact.flow {
        *flow.entry(at.timestamp().div_euclid(3_600)).or_default() += change * times;
    }
}
