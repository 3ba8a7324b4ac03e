//! A desk on a database of its own, the people around it, and what their chats show.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use bot::context::Settings;
use bot::handler::Handler;
use chrono::TimeDelta;
use crm::clock::{Clock, ManualClock};
use crm::config::Support;
use crm::domain::action::{Failure, Proof};
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::ids::{ContactId, TicketId};
use crm::domain::lang::Lang;
use crm::domain::ticket::State;
use crm::policy::PolicyBook;
use crm::service::{Service, ServiceError};
use crm::store::{Call, Db, DbOptions, Delivery, OutboxItem, Payload, RawUpdate, Remember, Tx};
use crm::worker::Worker;
use komek_tests::desk::{fill, morning};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use tempfile::TempDir;

use crate::check::Seen;

/// The desk group.
pub const DESK: i64 = -1_001_000;
/// A group that is nobody's desk.
pub const ELSEWHERE: i64 = -1_002_000;
/// The bot.
pub const BOT: i64 = 42;
/// Customers' people: account, customer.
pub const CUSTOMERS: [(i64, &str); 4] =
    [(200_001, "acme"), (200_002, "birlik"), (200_003, "nomad"), (200_004, "acme")];
/// Whom nobody knows.
pub const STRANGERS: [i64; 2] = [300_001, 300_002];
/// The desk's people.
pub const STAFF: [i64; 3] = [100_001, 100_002, 100_003];

/// Whose a private chat is: a customer, or a stranger by his number; `None` for staff.
pub fn side(chat: i64) -> Option<String> {
    let customer = CUSTOMERS.iter().find(|c| c.0 == chat).map(|c| c.1.to_owned());
    customer.or_else(|| STRANGERS.contains(&chat).then(|| chat.to_string()))
}

/// What happened.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub updates: u64,
    pub presses: u64,
    pub sent: u64,
    pub tickets: u64,
    pub actions: u64,
    /// Tickets by kind and the state they are left in.
    pub kinds: BTreeMap<String, u64>,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.updates += other.updates;
        self.presses += other.presses;
        self.sent += other.sent;
        self.tickets += other.tickets;
        self.actions += other.actions;
        for (kind, count) in &other.kinds {
            *self.kinds.entry(kind.clone()).or_default() += count;
        }
    }
}

/// Everything.
pub struct World {
    pub db: Db,
    pub random: StdRng,
    pub tally: Tally,
    /// What chats have seen, for the end.
    pub seen: Seen,
    /// Buttons by chat: message and data.
    pub buttons: BTreeMap<i64, Vec<(i64, String)>>,
    /// The last message of each chat.
    pub messages: BTreeMap<i64, i64>,
    /// Old updates, to come again.
    pub old: Vec<Value>,
    pub next_update: i64,
    clock: Arc<ManualClock>,
    service: Service,
    settings: Arc<Settings>,
    handler: Handler,
    worker: Worker,
    _folder: TempDir,
}

impl World {
    pub async fn new(seed: u64) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite://{}", folder.path().join("komek.db").display());
        let db = Db::connect(&url, &DbOptions { sync_full: false, ..DbOptions::default() }).await?;
        db.migrate().await?;
        let clock = ManualClock::new(morning());
        let mut tx = db.begin().await?;
        fill(&mut tx, "test:///default", clock.now()).await?;
        tx.account_bind(200_004, &ContactId::from("saule"), "Сәуле", clock.now()).await?;
        for vm in ["acme-db", "birlik-db"] {
            tx.vm_fact_save(&vm.into(), "paused", Some(("abuse", None)), clock.now()).await?;
        }
        tx.commit().await?;
        let service = Service::new(clock.clone(), Arc::new(PolicyBook::shipped()?));
        let settings = Arc::new(Settings {
            desk_chat: Some(DESK),
            desk_language: Lang::Kk,
            bot_username: "komek_bot".to_owned(),
            support: Support { phone: "+7 (747) 507 3022".to_owned(), provider: "PRO DATA".to_owned() },
            key: Arc::new(crm::seal::bot_key(&secrecy::SecretString::from("42:FUZZ".to_owned()))),
            address: "https://help.example".parse()?,
        });
        let handler = Handler::new(service.clone(), settings.clone(), db.clone(), BOT, true);
        let worker = Worker::new(service.clone(), db.clone(), "fuzz".to_owned());
        Ok(Self {
            db,
            random: StdRng::seed_from_u64(seed),
            tally: Tally::default(),
            seen: Seen::default(),
            buttons: BTreeMap::new(),
            messages: BTreeMap::new(),
            old: Vec::new(),
            next_update: 1,
            clock,
            service,
            settings,
            handler,
            worker,
            _folder: folder,
        })
    }

    /// A few updates at once, as a poll brings them; then time passes, and what follows is delivered.
    pub async fn batch(&mut self) -> Result<()> {
        let count = if self.random.random_ratio(1, 6) {
            self.random.random_range(1..40)
        } else {
            self.random.random_range(1..5)
        };
        if self.random.random_ratio(1, 2) {
            // Somebody who knows what he wants, and is let alone.
            let (who, at) = self.somebody();
            for _ in 0..self.random.random_range(1..10) {
                let update = self.onward(who, at);
                self.handle(std::slice::from_ref(&update)).await.with_context(|| format!("{update:#?}"))?;
                self.deliver_all().await?;
            }
        } else {
            let updates: Vec<Value> = (0..count).map(|_| self.update()).collect();
            self.handle(&updates).await.with_context(|| format!("{updates:#?}"))?;
        }
        if self.random.random_ratio(1, 4) {
            let seconds = if self.random.random_ratio(1, 40) { 100_000 } else { 400 };
            self.clock.advance(TimeDelta::seconds(self.random.random_range(1..seconds)));
            self.worker.fire_due().await?;
            self.worker.run_jobs().await?;
        }
        if self.random.random_ratio(1, 4) {
            self.provision().await?;
        }
        self.deliver_all().await
    }

    async fn handle(&mut self, updates: &[Value]) -> Result<()> {
        self.tally.updates += updates.len() as u64;
        let raw = |update: &Value| RawUpdate {
            update_id: update["update_id"].as_i64().unwrap_or_default(),
            chat_id: None,
            raw: update.to_string(),
        };
        let raws: Vec<RawUpdate> = updates.iter().map(raw).collect();
        let handled = self.handler.receive(&raws).await.context("the bot could not store this")?;
        let answered: Vec<String> = handled
            .fleeting
            .iter()
            .filter(|call| call.method == "answerCallbackQuery")
            .filter_map(|call| call.params["callback_query_id"].as_str().map(str::to_owned))
            .collect();
        for call in &handled.fleeting {
            crate::check::fleeting(call)?;
        }
        let pressed = updates.iter().filter_map(|u| u["callback_query"]["id"].as_str());
        let pressed: Vec<&str> = pressed.filter(|id| id.starts_with("press-")).collect();
        self.tally.presses += pressed.len() as u64;
        for id in pressed.iter().collect::<BTreeSet<_>>() {
            let times = answered.iter().filter(|a| a == id).count();
            ensure!(times == 1, "{id} was answered {times} times");
        }
        let mut tx = self.db.begin().await?;
        self.deliver(&mut tx, handled.outbox).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn deliver_all(&mut self) -> Result<()> {
        loop {
            let mut tx = self.db.begin().await?;
            let items = tx.outbox_claim(self.clock.now() + TimeDelta::days(1), 200).await?;
            if items.is_empty() {
                return Ok(());
            }
            self.deliver(&mut tx, items).await?;
            tx.commit().await?;
        }
    }

    /// Delivers as the sender does; now and then the person has blocked the bot.
    async fn deliver(&mut self, tx: &mut Tx, items: Vec<OutboxItem>) -> Result<()> {
        for item in items {
            let calls = match item.payload {
                Payload::Call { method, params, remember } => {
                    let ticket = item.ticket_id.map(TicketId);
                    vec![(item.chat_id.context("a chat")?, Call { method, params, ticket, remember })]
                }
                Payload::Tell(what) => {
                    bot::wording::word(tx, &self.service, &self.settings, &what, self.clock.now()).await?
                }
            };
            let mut delivery = Delivery::Dropped;
            for (chat, call) in calls {
                self.seen.call(chat, &call).with_context(|| format!("{call:#?}"))?;
                self.tally.sent += 1;
                if self.random.random_ratio(1, 50) {
                    delivery = Delivery::Failed("Forbidden: bot was blocked by the user".to_owned());
                    continue;
                }
                let id = self.show(chat, &call);
                match (call.remember, call.ticket) {
                    (Some(Remember::Link), Some(ticket)) => tx.message_link(chat, id, ticket),
                    (Some(Remember::Card), Some(ticket)) => tx.card_save(ticket, chat, id).await?,
                    _ => {}
                }
                delivery = Delivery::Sent(Some(id));
            }
            tx.outbox_settle(item.id, &delivery, self.clock.now()).await?;
        }
        Ok(())
    }

    /// The message as the chat has it now; its number.
    fn show(&mut self, chat: i64, call: &Call) -> i64 {
        let id = match call.params["message_id"].as_i64() {
            Some(id) if call.method != "copyMessage" => id,
            _ => self.next_message(chat),
        };
        let rows = call.params["reply_markup"]["inline_keyboard"].as_array();
        let data = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
        let data: Vec<_> =
            data.filter_map(|b| b["callback_data"].as_str()).map(|d| (id, d.to_owned())).collect();
        let known = self.buttons.entry(chat).or_default();
        known.extend(data);
        // Some of the old ones stay: people scroll up.
        if known.len() > 300 {
            known.drain(50..150);
        }
        id
    }

    /// The next message's number in a chat.
    pub fn next_message(&mut self, chat: i64) -> i64 {
        let last = self.messages.entry(chat).or_default();
        *last += 1;
        *last
    }

    /// What is approved is carried out, or fails.
    async fn provision(&mut self) -> Result<()> {
        let mut tx = self.db.read().await?;
        let mut executing = Vec::new();
        for head in tx.ticket_heads(0, 100_000).await? {
            let ticket = tx.ticket_fetch(TicketId(head.id)).await?.context("a ticket")?;
            if ticket.state == State::Executing {
                executing.push(ticket);
            }
        }
        drop(tx);
        for ticket in executing {
            let Some(action) = &ticket.action else { continue };
            self.tally.actions += 1;
            let now = self.clock.now();
            let command = if self.random.random_ratio(2, 3) {
                let (method, state) = ("graceful".to_owned(), "running".to_owned());
                let proof = Proof {
                    method,
                    state,
                    boot_id: None,
                    domain_id: Some((7, 8)),
                    at: now,
                    took_ms: 48_000,
                    read_back: Vec::new(),
                };
                Command::ActionDone { id: action.id, proof }
            } else {
                let failure =
                    Failure { code: "timeout".to_owned(), text: "no <answer> & no &lt;".to_owned() };
                Command::ActionFailed { id: action.id, failure }
            };
            match self.service.run(&self.db, ticket.id, command, &Actor::Provisioner).await {
                Ok(_) | Err(ServiceError::Refused(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// What must be true in the end.
    pub async fn end(mut self) -> Result<Tally> {
        let mut tx = self.db.read().await?;
        ensure!(tx.inbox_oldest_waiting(BOT).await?.is_none(), "updates are left");
        drop(tx);
        self.tally.kinds = crate::check::ownership(&self.db, &self.seen).await?;
        self.tally.tickets = self.tally.kinds.values().sum();
        let audit = crm::admin::audit::verify_audit(&self.db, None).await?;
        ensure!(audit.findings.is_empty(), "{:#?}", audit.findings);
        self.db.close().await;
        Ok(self.tally)
    }
}
