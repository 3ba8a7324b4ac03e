//! The sender: takes what was committed to be sent, words it, keeps Telegram's limits, and writes down how it ended.
//!
//! One sender works for a bot at a time (the leader). A message is sent at least once: a crash between Telegram's answer and our commit
//! repeats it. It is never lost, and what belongs to a chat goes out in order of urgency, then age.

mod settle;
mod stray;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::domain::reactions::Outgoing;
use crm::service::Service;
use crm::store::{Call, Db, Delivery, OutboxItem, Payload, Result};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::context::Settings;
use crate::handler::Handled;
use crate::limits::BULK_PRIORITY;
use crate::outcome::{GROUP_LOST, Sending};
use crate::queue::Queue;
use crate::telegram::Api;
use crate::trouble::Trouble;
use crate::{desk, wording};
use stray::Strays;

/// The priority of pages.
const PAGE: i64 = 0;
/// Calls under way at a time.
const AT_ONCE: usize = 64;
/// Items in memory; the rest waits in the database.
pub const MEMORY: usize = 5_000;

/// How many of them one chat keeps when the memory is full.
const KEPT: usize = 500;

/// What the sender is asked to do.
enum Errand {
    Send(Handled),
    /// Write down what has been sent by now, and say so.
    WriteDown(oneshot::Sender<()>),
}

/// Where handled batches go to be sent.
#[derive(Clone)]
pub struct Outlet {
    to: mpsc::UnboundedSender<Errand>,
    waiting: Arc<AtomicUsize>,
}

impl Outlet {
    /// Hands over what a batch left.
    pub fn hand_over(&self, handled: Handled) {
        // The sender lives as long as the poller; at a stop what is left stays claimed and the next leader sends it.
        let _ = self.to.send(Errand::Send(handled));
    }

    /// Returns when it is known which ticket every message belongs to that has been sent: somebody may have replied to one already.
    pub async fn known(&self) {
        let (done, known) = oneshot::channel();
        let _ = self.to.send(Errand::WriteDown(done));
        // A sender that has ended knows no more than the database.
        let _ = known.await;
    }

    /// Whether there is room in memory for what a batch claims.
    pub fn has_room(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) < MEMORY
    }
}

/// Sends.
pub struct Sender {
    api: Api,
    db: Db,
    service: Service,
    settings: Arc<Settings>,
    queue: Queue,
    inlet: mpsc::UnboundedReceiver<Errand>,
    waiting: Arc<AtomicUsize>,
    under_way: JoinSet<Sending>,
    /// The rows of `under_way`.
    in_flight: HashSet<Uuid>,
    /// What could not be worded: tried again with the next look.
    unworded: Vec<OutboxItem>,
    /// What was sent and is not written down yet: it is not sent again.
    unwritten: Vec<Sending>,
    /// By when it shall be.
    write_by: Option<Moment>,
    /// Claimed rows that nobody here holds.
    strays: Strays,
    trouble: Trouble,
}

/// What one look at the world brought.
enum Woken {
    Asked(Errand),
    Done(Box<Sending>),
    Look,
    Stop,
}

impl Sender {
    /// A sender and the outlet that feeds it.
    pub fn new(api: Api, db: Db, service: Service, settings: Arc<Settings>, limits: bool) -> (Self, Outlet) {
        let (to, inlet) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let outlet = Outlet { to, waiting: waiting.clone() };
        let queue = Queue::new(!limits);
        (
            Self {
                api,
                db,
                service,
                settings,
                queue,
                inlet,
                waiting,
                under_way: JoinSet::new(),
                in_flight: HashSet::new(),
                unworded: Vec::new(),
                unwritten: Vec::new(),
                write_by: None,
                strays: Strays::default(),
                trouble: Trouble::default(),
            },
            outlet,
        )
    }

    /// Sends until `stop`; then finishes what is under way.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut wakeups = self.db.wakeups();
        let mut first = true;
        let mut next_look = self.service.now();
        loop {
            let now = self.service.now();
            if now >= next_look {
                let release = std::mem::take(&mut first);
                match self.claim(release, now).await {
                    Ok(()) => next_look = now + TimeDelta::seconds(1),
                    Err(error) => {
                        tracing::error!(%error, "the outbox cannot be read; trying again in a second");
                        first = release;
                        next_look = now + TimeDelta::seconds(1);
                    }
                }
            }
            if self.write_by.is_some_and(|by| by <= now) {
                // What could not be written is tried again soon.
                let _ = self.write_unwritten(now).await;
            }
            self.start_sending(now).await;
            self.waiting.store(self.queue.len() + self.under_way.len(), Ordering::Relaxed);
            let until =
                [self.queue.next_at(), self.write_by].into_iter().flatten().fold(next_look, Moment::min);
            let pause = (until - now).to_std().unwrap_or_default().max(Duration::from_millis(1));
            let woken = tokio::select! {
                () = stop.cancelled() => Woken::Stop,
                Some(errand) = self.inlet.recv() => Woken::Asked(errand),
                Some(done) = self.under_way.join_next(), if !self.under_way.is_empty() => done.map_or(Woken::Look, |done| Woken::Done(Box::new(done))),
                () = wakeups.changed(pause) => Woken::Look,
            };
            match woken {
                Woken::Stop => break,
                Woken::Asked(Errand::Send(handled)) => self.accept(handled).await,
                Woken::Asked(Errand::WriteDown(done)) => {
                    // Who asked goes on all the same: a reply that cannot be told apart is asked about.
                    let _ = self.write_unwritten(now).await;
                    let _ = done.send(());
                }
                Woken::Done(done) => self.settle(*done).await,
                // Our own commits wake us too: look at most every 20 ms.
                Woken::Look => next_look = next_look.min(now + TimeDelta::milliseconds(20)),
            }
        }
        while let Some(Ok(done)) = self.under_way.join_next().await {
            self.unwritten.push(done);
        }
        if self.write_unwritten(self.service.now()).await.is_err() {
            tracing::warn!("what was sent last may be sent again");
        }
    }

    /// Claims what is ready in the database; at first also what a former leader had claimed.
    async fn claim(&mut self, release: bool, now: Moment) -> Result<()> {
        self.queue.sweep(now);
        self.write_unwritten(now).await?;
        let unworded = std::mem::take(&mut self.unworded);
        self.enqueue(unworded, now).await?;
        self.find_strays(now).await?;
        if self.queue.len() >= MEMORY {
            self.make_room(now).await?;
        }
        let room = MEMORY.saturating_sub(self.queue.len());
        if room == 0 || (!release && !self.db.read().await?.outbox_ready(now).await?) {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        if release {
            tx.outbox_release_all().await?;
        }
        let items = tx.outbox_claim(now, i64::try_from(room.min(500)).unwrap_or(500)).await?;
        tx.commit().await?;
        self.enqueue(items, now).await
    }

    /// What most items wait for is likely a chat that cannot be written to: they wait in the database, and others get on.
    async fn make_room(&mut self, now: Moment) -> Result<()> {
        let shed = self.queue.shed(KEPT);
        if shed.is_empty() {
            return Ok(());
        }
        tracing::warn!(
            rows = shed.len(),
            "one chat fills the sender's memory; its messages wait in the database"
        );
        let mut tx = self.db.begin().await?;
        tx.outbox_defer(&shed, now + GROUP_LOST).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn accept(&mut self, handled: Handled) {
        for call in handled.fleeting {
            let api = self.api.clone();
            // Answers to button presses are not limited, and worthless a minute later.
            tokio::spawn(async move {
                if let Err(error) = api.send(&call.method, &call.params).await {
                    tracing::debug!(%error, "a button press could not be answered");
                }
            });
        }
        let now = self.service.now();
        if let Err(error) = self.enqueue(handled.outbox, now).await {
            tracing::warn!(%error, "what is not needed any more could not be dropped");
        }
    }

    /// Puts items in line. A meaning whose chat is not known is worded now; what goes to the desk is worded when its turn comes.
    async fn enqueue(&mut self, items: Vec<OutboxItem>, now: Moment) -> Result<()> {
        let mut unneeded = Vec::new();
        for item in items {
            match (&item.payload, item.chat_id, self.settings.desk_chat) {
                (Payload::Call { .. }, Some(chat), _) => {
                    self.queue.push(chat, item, now);
                }
                (Payload::Call { .. }, None, _) => unneeded.push(item.id),
                (Payload::Tell(what), _, desk) if what.is_for_desk() => match desk {
                    Some(desk) => {
                        let id = item.id;
                        if !self.queue.push(desk, item, now) {
                            unneeded.push(id);
                        }
                    }
                    None => unneeded.push(item.id),
                },
                (Payload::Tell(_), _, _) => match self.word(item.clone(), now).await {
                    Ok(worded) => worded.into_iter().for_each(|(chat, worded)| {
                        self.queue.push(chat, worded, now);
                    }),
                    Err(error) => {
                        tracing::error!(%error, "a message could not be worded; trying again");
                        self.unworded.push(item);
                    }
                },
            }
        }
        if !unneeded.is_empty() {
            let ended: Vec<_> = unneeded.into_iter().map(|id| (id, Delivery::Dropped)).collect();
            let mut tx = self.db.begin().await?;
            tx.outbox_settle_all(&ended, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Words `item`. One call keeps its row; several become rows of their own; none is dropped.
    async fn word(&self, item: OutboxItem, now: Moment) -> Result<Vec<(i64, OutboxItem)>> {
        let Payload::Tell(what) = &item.payload else { return Ok(Vec::new()) };
        let mut tx = self.db.read().await?;
        let mut calls = wording::word(&mut tx, &self.service, &self.settings, what, now).await?;
        drop(tx);
        if calls.len() == 1
            && let Some((chat, call)) = calls.pop()
        {
            let payload = Payload::Call { method: call.method, params: call.params, remember: call.remember };
            return Ok(vec![(chat, OutboxItem { chat_id: Some(chat), payload, coalesce_key: None, ..item })]);
        }
        let mut tx = self.db.begin().await?;
        tx.outbox_settle(item.id, &Delivery::Dropped, now).await?;
        tx.outbox_claims();
        for (chat, call) in calls {
            let call = Call { ticket: what.ticket(), ..call };
            let child = OutboxItem::call(self.service.clock().id(), chat, call, now);
            tx.outbox_add(OutboxItem { priority: item.priority, event_seq: item.event_seq, ..child });
        }
        let children = tx.commit().await?;
        Ok(children.into_iter().filter_map(|c| c.chat_id.map(|chat| (chat, c))).collect())
    }

    async fn start_sending(&mut self, now: Moment) {
        let room = AT_ONCE.saturating_sub(self.under_way.len());
        let taken = self.queue.take(now, room);
        if let Err(error) = self.say_broadcasting(&taken).await {
            tracing::error!(%error, "the database does not answer; sending waits");
            for (chat, item) in taken {
                self.put_back(chat, item, now);
            }
            return;
        }
        for (chat, item) in taken {
            let Payload::Tell(what) = &item.payload else {
                self.spawn(Sending { chat, item, told: None, topic: None, result: Ok(None) });
                continue;
            };
            let what = what.clone();
            match self.at_its_turn(chat, item.clone(), &what, now).await {
                Ok(Some(sending)) => self.spawn(sending),
                Ok(None) => self.queue.settle(chat, now),
                Err(error) => {
                    tracing::error!(%error, "a message could not be worded; trying again");
                    self.put_back(chat, item, now);
                }
            }
        }
    }

    /// Words what goes to the desk; where its topic is missing, that is made first and the item waits for the next turn.
    async fn at_its_turn(
        &mut self,
        chat: i64,
        item: OutboxItem,
        what: &Outgoing,
        now: Moment,
    ) -> Result<Option<Sending>> {
        let missing =
            desk::place::missing_topic(&mut self.db.read().await?, &self.settings, what, now).await?;
        if let Some((place, queue)) = missing {
            let call = desk::place::create_topic(place, queue, self.settings.desk_language);
            let made = OutboxItem::call(self.service.clock().id(), place, call, now);
            self.queue.push(chat, item, now);
            return Ok(Some(Sending { chat, item: made, told: None, topic: Some(queue), result: Ok(None) }));
        }
        let mut worded = self.word(item, now).await?.into_iter();
        let first = worded.next();
        for (chat, more) in worded {
            self.queue.push(chat, more, now);
        }
        let told = Some(what.clone());
        Ok(first.map(|(_, item)| Sending { chat, item, told, topic: None, result: Ok(None) }))
    }

    fn put_back(&mut self, chat: i64, item: OutboxItem, now: Moment) {
        let later = OutboxItem { not_before: now + TimeDelta::seconds(2), ..item };
        self.queue.push(chat, later, now);
        self.queue.settle(chat, now);
    }

    fn spawn(&mut self, sending: Sending) {
        let api = self.api.clone();
        self.in_flight.insert(sending.item.id);
        self.under_way.spawn(async move {
            let result = match &sending.item.payload {
                Payload::Call { method, params, .. } => api.send(method, params).await,
                Payload::Tell(_) => Ok(None),
            };
            Sending { result, ..sending }
        });
    }

    /// A broadcast reaches nobody twice: what is about to be sent is written down first.
    async fn say_broadcasting(&self, taken: &[(i64, OutboxItem)]) -> Result<()> {
        let ids: Vec<Uuid> = taken.iter().filter(|t| t.1.priority >= BULK_PRIORITY).map(|t| t.1.id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        tx.outbox_trying(&ids).await?;
        tx.commit().await?;
        Ok(())
    }
}
