//! From raw updates to committed changes: one transaction for a whole batch, and one by one when a batch fails.
//!
//! An update is handled exactly once: what it changes, what it sends and that it is done commit together. If handling one update fails, the
//! batch is rolled back and each update gets a transaction of its own, so that one bad update costs nobody else anything.

use std::sync::Arc;

use crm::clock::Moment;
use crm::service::{Service, ServiceError};
use crm::store::{Call, Db, DialogueKey, OutboxItem, RawUpdate, StoreError};
use tokio::sync::Mutex;

use crate::context::{Context, Settings, Work};
use crate::schema::{self, Schema};
use crate::update::Incoming;

/// How often an update that fails is tried before it is laid aside.
const ATTEMPTS: i64 = 3;

/// Handles updates.
#[derive(Clone)]
pub struct Handler {
    service: Service,
    settings: Arc<Settings>,
    db: Db,
    bot: i64,
    schema: Schema,
    /// Whether what is queued is claimed for this process's sender.
    claims: bool,
}

/// What a handled batch leaves to be sent.
#[derive(Debug, Default)]
pub struct Handled {
    /// Claimed for this process, in order.
    pub outbox: Vec<OutboxItem>,
    /// Useful only now.
    pub fleeting: Vec<Call>,
}

impl Handled {
    fn extend(&mut self, other: Self) {
        self.outbox.extend(other.outbox);
        self.fleeting.extend(other.fleeting);
    }
}

impl Handler {
    /// A handler for the bot with id `bot`; with `claims`, what it queues is claimed for this process's sender.
    pub fn new(service: Service, settings: Arc<Settings>, db: Db, bot: i64, claims: bool) -> Self {
        Self { service, settings, db, bot, schema: schema::schema(), claims }
    }

    /// Stores fresh updates and handles them. When this returns `Ok`, all are stored, and may be confirmed to Telegram.
    ///
    /// The usual case is one transaction for storing, handling and being done. If anything is unusual (some were stored before, handling
    /// fails), they are stored first and then handled from the store, in order. The caller has let [`Self::work_off`] succeed once
    /// before, so that nothing older waits.
    pub async fn receive(&self, updates: &[RawUpdate]) -> Result<Handled, StoreError> {
        if updates.is_empty() {
            return Ok(Handled::default());
        }
        match self.at_once(updates).await {
            Ok(Some(handled)) => return Ok(handled),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a batch could not be handled at once; storing it first"),
        }
        let mut tx = self.db.begin().await?;
        tx.inbox_store(self.bot, updates, self.service.now(), None).await?;
        tx.commit().await?;
        self.work_off().await
    }

    async fn at_once(&self, updates: &[RawUpdate]) -> Result<Option<Handled>, ServiceError> {
        let now = self.service.now();
        let mut tx = self.db.begin().await?;
        let fresh = tx.inbox_store(self.bot, updates, now, Some(now)).await?;
        if fresh != updates.len() as u64 {
            return Ok(None);
        }
        let raws: Vec<&str> = updates.iter().map(|u| u.raw.as_str()).collect();
        let work = self.run(tx, &raws).await?;
        Ok(Some(Self::commit(work).await?))
    }

    /// Handles what waits in the store, oldest first, until nothing waits.
    pub async fn work_off(&self) -> Result<Handled, StoreError> {
        let mut all = Handled::default();
        loop {
            let waiting = self.db.read().await?.inbox_waiting(self.bot, 100).await?;
            if waiting.is_empty() {
                return Ok(all);
            }
            let ids: Vec<i64> = waiting.iter().map(|w| w.update_id).collect();
            let raws: Vec<&str> = waiting.iter().map(|w| w.raw.as_str()).collect();
            match self.batch(&ids, &raws).await {
                Ok(handled) => all.extend(handled),
                Err(ServiceError::Store(e)) if e.is_passing() && !matches!(e, StoreError::Conflict) => {
                    return Err(e);
                }
                Err(_) => {
                    for (id, (raw, attempts)) in
                        ids.iter().zip(raws.iter().zip(waiting.iter().map(|w| w.attempts)))
                    {
                        all.extend(self.single(*id, raw, attempts).await?);
                    }
                }
            }
        }
    }

    async fn batch(&self, ids: &[i64], raws: &[&str]) -> Result<Handled, ServiceError> {
        let mut tx = self.db.begin().await?;
        tx.inbox_done(self.bot, ids, self.service.now()).await?;
        let work = self.run(tx, raws).await?;
        Ok(Self::commit(work).await?)
    }

    /// One update alone. If it keeps failing it is laid aside, its text kept, and the person told.
    async fn single(&self, id: i64, raw: &str, attempts: i64) -> Result<Handled, StoreError> {
        let error = match self.batch(&[id], &[raw]).await {
            Ok(handled) => return Ok(handled),
            Err(ServiceError::Store(e)) if e.is_passing() => return Err(e),
            Err(e) => e.to_string(),
        };
        tracing::error!(update = id, attempts, error, "an update could not be handled");
        let give_up = (attempts + 1 >= ATTEMPTS).then(|| self.service.now());
        let mut tx = self.db.begin().await?;
        tx.inbox_failed(self.bot, id, &error, give_up).await?;
        tx.commit().await?;
        match (give_up, Incoming::read(raw)) {
            (Some(now), Some(incoming)) => self.apologise(incoming, now).await,
            _ => Ok(Handled::default()),
        }
    }

    async fn apologise(&self, incoming: Incoming, now: Moment) -> Result<Handled, StoreError> {
        let mut tx = self.db.begin().await?;
        if self.claims {
            tx.outbox_claims();
        }
        let work = Arc::new(Mutex::new(Work { tx, fleeting: Vec::new() }));
        let context =
            Context::new(self.service.clone(), self.settings.clone(), work.clone(), incoming).await?;
        let text = crm::t!(context.lang, "sorry-broken", phone = self.settings.support.phone.as_str());
        context.toast("", false).await;
        context.send(&crate::say::Say::html(text)).await;
        drop(context);
        let _ = now;
        Self::commit(work).await
    }

    async fn run(&self, mut tx: crm::store::Tx, raws: &[&str]) -> Result<Arc<Mutex<Work>>, ServiceError> {
        if self.claims {
            tx.outbox_claims();
        }
        if self.settings.desk_chat.is_none() {
            tx.outbox_deskless();
        }
        let understood: Vec<Incoming> = raws.iter().filter_map(|raw| Incoming::read(raw)).collect();
        let ignored = (raws.len() - understood.len()) as u64;
        metrics::counter!("komek_updates_total", "kind" => "ignored").increment(ignored);
        let dialogues: Vec<DialogueKey> = understood.iter().map(Incoming::dialogue).collect();
        tx.read_ahead(&dialogues).await?;
        let work = Arc::new(Mutex::new(Work { tx, fleeting: Vec::new() }));
        for incoming in understood.into_iter().filter(|incoming| !incoming.from.is_bot) {
            metrics::counter!("komek_updates_total", "kind" => incoming.kind()).increment(1);
            let context =
                Context::new(self.service.clone(), self.settings.clone(), work.clone(), incoming).await?;
            schema::dispatch(&self.schema, context).await?;
        }
        Ok(work)
    }

    async fn commit(work: Arc<Mutex<Work>>) -> Result<Handled, StoreError> {
        let work = Arc::into_inner(work).map(Mutex::into_inner);
        let Some(Work { tx, fleeting }) = work else {
            return Err(StoreError::Inconsistent {
                table: "inbox",
                row: "batch".to_owned(),
                problem: "a conversation kept its context beyond its update".to_owned(),
            });
        };
        Ok(Handled { outbox: tx.commit().await?, fleeting })
    }
}
