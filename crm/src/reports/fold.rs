//! Counting what changed: a ticket's old contribution is taken out of the sums and its new one added, in one transaction.

use std::collections::{BTreeMap, HashMap};

use super::{Reports, hour};
use crate::domain::audit::EventRecord;
use crate::domain::ids::{TicketId, TicketNumber};
use crate::domain::report::{Fact, Span, Sums};
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
    let mut changes = Changes::default();
    let mut facts = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let events = streams.get(&ticket.id).copied().unwrap_or_default();
        // Events that were committed after the ticket was read belong to its next change.
        let known = events.partition_point(|record| record.seq <= ticket.seq);
        let fact = Fact::of(&ticket, &events[..known]);
        if let Some(old) = before.get(&ticket.id) {
            changes.count(old, -1);
        }
        changes.count(&fact, 1);
        facts.push((ticket.id, fact));
    }
    changes.save(tx).await?;
    tx.report_facts_save(&facts).await
}

/// What some tickets change in the sums.
#[derive(Default)]
pub struct Changes {
    sums: BTreeMap<Span, Sums>,
    /// What began and ceased to be owed, by hour.
    flow: BTreeMap<i64, i64>,
    /// What is owed, by the hour in which it was opened.
    owed: BTreeMap<i64, i64>,
}

impl Changes {
    /// A ticket comes (`times` 1) or goes (-1).
    pub fn count(&mut self, fact: &Fact, times: i64) {
        for span in Span::of(fact.day()) {
            self.sums.entry(span).or_default().count(fact, times);
        }
        for (at, change) in &fact.flow {
            *self.flow.entry(hour(at)).or_default() += change * times;
        }
        *self.owed.entry(hour(&fact.opened_at)).or_default() += i64::from(fact.is_owed()) * times;
    }

    /// Adds them to what is stored, in the caller's transaction.
    pub async fn save(mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let spans: Vec<Span> = self.sums.keys().copied().collect();
        for (span, stored) in tx.report_sums(&spans).await? {
            self.sums.entry(span).or_default().merge(&stored);
        }
        let sums: Vec<_> = self.sums.into_iter().collect();
        tx.report_sums_save(&sums).await?;
        let changed = |hours: BTreeMap<i64, i64>| -> Vec<(i64, i64)> {
            hours.into_iter().filter(|(_, change)| *change != 0).collect()
        };
        tx.report_flow_add(&changed(self.flow)).await?;
        tx.report_owed_add(&changed(self.owed)).await
    }
}
