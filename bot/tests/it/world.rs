//! A whole desk for one test: a real database in a file of its own, a clock that the test moves, the shipped terms, a small directory,
//! and a Telegram that writes down what every chat sees. Customers' and engineers' tests share it.

use std::path::Path;
use std::sync::Arc;

use bot::context::Settings;
use bot::handler::Handler;
use chrono::TimeDelta;
use crm::clock::{Clock, ManualClock};
use crm::config::Support;
use crm::directory::Directory;
use crm::domain::action::{ActionSpec, Failure, Proof};
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::MessageRef;
use crm::domain::ids::{ActionId, ContactId, ServiceId, StaffId, TicketNumber};
use crm::domain::job::{Job, Lane};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::domain::plan::{Change, Facts, Phrase, Plan, Value};
use crm::domain::ticket::Ticket;
use crm::policy::PolicyBook;
use crm::service::{Service, ServiceError, Words};
use crm::store::{Attachment, Db, DbOptions, Side, Tx};
use crm::worker::Worker;

use secrecy::SecretString;

use crate::person::Person;
use crate::telegram::Telegram;

/// Contact of Acme, bound, speaks Kazakh.
pub const AIGERIM: i64 = 1001;
/// Contact of Birlik, bound, speaks Russian.
pub const BORIS: i64 = 1002;
/// Contact of Nomad Labs, bound, speaks English.
pub const NORA: i64 = 1003;
/// Nobody's contact.
pub const STRANGER: i64 = 1999;
/// Engineer, first on call, speaks Kazakh.
pub const NURLAN: i64 = 100_001;
/// Engineer, second on call, speaks Russian.
pub const DANA: i64 = 100_002;
/// Duty manager, speaks Kazakh.
pub const MARAT: i64 = 100_003;
/// The desk group.
pub const DESK: i64 = -1_009_000;
/// The bot itself.
pub const BOT: i64 = 42;

/// The whole desk.
pub struct World {
    /// The database.
    pub db: Db,
    /// Stands still until it is moved.
    pub clock: Arc<ManualClock>,
    /// Changes tickets.
    pub service: Service,
    /// As the bot has them.
    pub settings: Arc<Settings>,
    /// What every chat shows.
    pub telegram: Telegram,
    /// Why the provisioner can make no plan; it can, where there is nothing.
    pub plan_fails: Option<&'static str>,
    handler: Handler,
    worker: Worker,
    next_update: i64,
    _folder: tempfile::TempDir,
}

impl World {
    /// 2026-11-23 10:00 in Almaty; Aigerim, Boris and Nora are bound; each has a locked `…-db` and a running `…-web`.
    pub async fn new() -> Self {
        Self::speaking(None).await
    }

    /// The same desk, where the group and everybody of the staff hear `lang`.
    pub async fn desk_in(lang: Lang) -> Self {
        let world = Self::speaking(Some(lang)).await;
        let mut tx = world.db.begin().await.expect("a transaction");
        for staff in [NURLAN, DANA, MARAT] {
            tx.account_language(staff, staff_name(staff), lang, world.clock.now()).await.expect("chosen");
        }
        tx.commit().await.expect("committed");
        world
    }

    async fn speaking(desk: Option<Lang>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let db = database(folder.path()).await;
        let clock = ManualClock::new("2026-11-23T10:00:00+05:00".parse().expect("a moment"));
        fill(&db, &clock).await;
        let policies = Arc::new(PolicyBook::shipped().expect("the shipped terms read"));
        let service = Service::new(clock.clone(), policies);
        let settings = Arc::new(Settings {
            desk_language: desk.unwrap_or(Lang::Kk),
            desk_chat: Some(DESK),
            bot_username: "komek_bot".to_owned(),
            support: Support { phone: "+7 (747) 507 3022".to_owned(), provider: "PRO DATA".to_owned() },
            key: Arc::new(crm::seal::bot_key(&SecretString::from("42:TEST".to_owned()))),
            address: "https://help.example".parse().expect("an address"),
        });
        let handler = Handler::new(service.clone(), settings.clone(), db.clone(), BOT, true);
        let worker = Worker::new(service.clone(), db.clone(), "test".to_owned());
        let telegram = Telegram::new(DESK);
        Self {
            db,
            clock,
            service,
            settings,
            telegram,
            plan_fails: None,
            handler,
            worker,
            next_update: 1,
            _folder: folder,
        }
    }

    /// Somebody with Telegram's user id `id`, in his private chat.
    pub fn person(&mut self, id: i64) -> Person<'_> {
        Person::new(self, id)
    }

    /// What everybody has seen so far.
    pub fn transcript(&self) -> &str {
        &self.telegram.log
    }

    /// The bot's process ends and a new one begins: only what is in the database is still known.
    pub fn restart(&mut self) {
        self.telegram.narrate("the bot restarts");
        let (service, settings) = (self.service.clone(), self.settings.clone());
        self.handler = Handler::new(service, settings, self.db.clone(), BOT, true);
    }

    /// Hands an update to the bot, as Telegram would, and delivers what it answers.
    pub async fn update(&mut self, mut update: serde_json::Value) {
        update["update_id"] = self.next_update.into();
        self.next_update += 1;
        let raw = serde_json::value::to_raw_value(&update).expect("JSON");
        let raw = bot::update::raw(&raw).expect("an update");
        let handled = self.handler.receive(&[raw]).await.expect("the bot stores every update");
        for call in handled.fleeting {
            self.telegram.fleeting(&call);
        }
        self.plan().await;
        self.telegram.now = self.clock.now();
        let mut tx = self.db.begin().await.expect("a transaction");
        self.telegram.deliver(&mut tx, &self.service, &self.settings, handled.outbox).await;
        tx.commit().await.expect("committed");
        self.deliver().await;
    }

    /// The provisioner looks what each wanted action would change.
    async fn plan(&self) {
        let mut tx = self.db.begin().await.expect("a transaction");
        let now = self.clock.now();
        while let Some(job) = tx.job_claim(Lane::Provisioner, "plans", now, now).await.expect("claimed") {
            if let Job::Plan { ticket, action } = job.payload {
                let wanted = tx.ticket_fetch(ticket).await.expect("read").and_then(|t| t.action);
                let planned = match self.plan_fails {
                    Some(code) => Command::ActionFailed { id: action, failure: failure(code) },
                    None => {
                        let mut plan = Box::new(plan(&wanted.expect("an action").spec));
                        plan.facts.stepped_up = tx.step_up_of(ticket).await.expect("read").is_some();
                        Command::Planned { id: action, plan }
                    }
                };
                self.service.execute(&mut tx, ticket, planned, &Actor::Provisioner).await.expect("planned");
            }
            tx.job_done(job.id, "plans").await.expect("done");
        }
        tx.commit().await.expect("committed");
    }

    /// Delivers whatever waits in the outbox.
    pub async fn deliver(&mut self) {
        self.plan().await;
        self.telegram.now = self.clock.now();
        loop {
            let mut tx = self.db.begin().await.expect("a transaction");
            let items = tx.outbox_claim(self.clock.now(), 100).await.expect("claimed");
            let none = items.is_empty();
            self.telegram.deliver(&mut tx, &self.service, &self.settings, items).await;
            tx.commit().await.expect("committed");
            if none {
                return;
            }
        }
    }

    /// Time passes; whatever falls due meanwhile happens, minute by minute.
    pub async fn minutes(&mut self, minutes: i64) {
        for _ in 0..minutes {
            self.clock.advance(TimeDelta::minutes(1));
            self.worker.plan_shifts().await.expect("hand-overs planned");
            self.worker.fire_due().await.expect("clocks fire");
            self.worker.run_jobs().await.expect("jobs run");
            self.deliver().await;
        }
    }

    /// A ticket as it is now.
    pub async fn ticket(&self, number: i64) -> Ticket {
        let mut tx = self.db.read().await.expect("a transaction");
        let ticket = tx.ticket_by_number(TicketNumber(number)).await.expect("read");
        ticket.unwrap_or_else(|| panic!("there is no ticket {number}"))
    }

    /// How many tickets there are.
    pub async fn tickets(&self) -> i64 {
        self.db.begin().await.expect("a transaction").ticket_number_last().await.expect("read")
    }

    /// Carries out a command as `actor`, and delivers what follows.
    pub async fn command(
        &mut self,
        number: i64,
        command: Command,
        actor: &Actor,
    ) -> Result<Ticket, ServiceError> {
        let id = self.ticket(number).await.id;
        let done = self.service.run(&self.db, id, command, actor).await;
        self.deliver().await;
        done
    }

    /// A staff member does something without words.
    pub async fn staff(&mut self, who: i64, number: i64, command: Command) {
        self.telegram.narrate(&format!("{} · {number}: {}", staff_name(who), word(&command)));
        self.command(number, command, &staff_actor(who)).await.expect("allowed");
    }

    /// A staff member writes: `write` makes the command from the message.
    pub async fn staff_writes(
        &mut self,
        who: i64,
        number: i64,
        text: &str,
        write: fn(MessageRef) -> Command,
    ) {
        self.staff_sends(who, number, Words::text(text), write).await;
    }

    /// The same with files.
    pub async fn staff_sends(
        &mut self,
        who: i64,
        number: i64,
        words: Words,
        write: fn(MessageRef) -> Command,
    ) {
        self.telegram.narrate(&format!("{} · {number}: «{}»", staff_name(who), words.text));
        let id = self.ticket(number).await.id;
        let mut tx = self.db.begin().await.expect("a transaction");
        let actor = staff_actor(who);
        self.service.write(&mut tx, id, (Side::Desk, words), write, &actor).await.expect("allowed");
        tx.commit().await.expect("committed");
        self.deliver().await;
    }

    /// A staff member refuses the action that waits, and with it the ticket.
    pub async fn staff_declines(&mut self, who: i64, number: i64, id: ActionId, why: &str) {
        self.telegram.narrate(&format!("{} · {number}: declines", staff_name(who)));
        let ticket = self.ticket(number).await.id;
        let mut tx = self.db.begin().await.expect("a transaction");
        let decline = |message| Command::DeclineAction { id, message };
        let words = (Side::Desk, Words::text(why));
        self.service.write(&mut tx, ticket, words, decline, &staff_actor(who)).await.expect("allowed");
        tx.commit().await.expect("committed");
        self.deliver().await;
    }

    /// A staff member agrees to the action that waits.
    pub async fn staff_approves(&mut self, who: i64, number: i64) {
        let action = self.ticket(number).await.action.expect("an action");
        self.staff(who, number, Command::Approve { id: action.id, digest: action.digest }).await;
    }

    /// The provisioner proves the action of a ticket.
    pub async fn provisioner_proves(&mut self, number: i64, method: &str) {
        self.telegram.narrate(&format!("provisioner · {number}: proved, {method}"));
        let id = self.ticket(number).await.action.expect("an action").id;
        let proof = Proof {
            method: method.to_owned(),
            state: "running".to_owned(),
            boot_id: None,
            domain_id: Some((7, 8)),
            at: self.clock.now(),
            took_ms: 48_000,
            read_back: Vec::new(),
        };
        self.command(number, Command::ActionDone { id, proof }, &Actor::Provisioner).await.expect("allowed");
    }

    /// The provisioner gives an action up.
    pub async fn provisioner_fails(&mut self, number: i64, code: &str) {
        self.telegram.narrate(&format!("provisioner · {number}: failed, {code}"));
        let id = self.ticket(number).await.action.expect("an action").id;
        let failed = Command::ActionFailed { id, failure: failure(code) };
        self.command(number, failed, &Actor::Provisioner).await.expect("allowed");
    }

    /// Emergency mode, as the duty manager switches it.
    pub async fn emergency(&mut self, on: bool, reason: &str) {
        let mut tx = self.db.begin().await.expect("a transaction");
        let actor = staff_actor(MARAT);
        self.service.emergency(&mut tx, on, reason.to_owned(), &actor).await.expect("allowed");
        tx.commit().await.expect("committed");
    }

    /// An invitation's code.
    pub async fn invite(&mut self, contact: &str) -> String {
        let mut tx = self.db.begin().await.expect("a transaction");
        let contact = ContactId::from(contact);
        let code = tx
            .invite_create(&contact, self.clock.now(), crm::store::INVITE_VALID)
            .await
            .expect("an invitation");
        tx.commit().await.expect("committed");
        code
    }

    /// Changes the directory as `komek-crm directory apply` would.
    pub async fn directory(&mut self, change: impl FnOnce(&mut Directory)) {
        let mut tx = self.db.begin().await.expect("a transaction");
        let stored = tx.directory_load().await.expect("read");
        let mut wanted = stored.clone();
        change(&mut wanted);
        tx.directory_save(&stored, &wanted, self.clock.now()).await.expect("saved");
        tx.commit().await.expect("committed");
    }
}

/// The desk's people as actors.
pub fn staff_actor(telegram: i64) -> Actor {
    let (id, role) = match telegram {
        NURLAN => ("nurlan", Role::Engineer),
        DANA => ("dana", Role::Engineer),
        _ => ("marat", Role::DutyManager),
    };
    Actor::Staff { id: StaffId::from(id), role }
}

/// Why the provisioner gave up.
fn failure(code: &str) -> Failure {
    Failure { code: code.to_owned(), text: "the guest does not answer".to_owned() }
}

/// What the provisioner reads when everything is as it was known.
fn plan(spec: &ActionSpec) -> Plan {
    let ActionSpec::VmUnlock { domain, zone, lock_reason, .. } = spec else { return Plan::default() };
    let what = Phrase::new("plan-what-machine").with("domain", domain).with("zone", zone.as_str());
    let (before, after) = (Value::word("plan-state-paused"), Value::word("plan-state-running"));
    let facts = Facts { lock_reason: lock_reason.clone(), ..Facts::default() };
    Plan { changes: vec![Change { what, before, after }], facts, ..Plan::default() }
}

/// A file as a message brings it.
pub fn photo() -> Attachment {
    Attachment {
        kind: "photo".to_owned(),
        file_id: Some("photo-1".to_owned()),
        name: None,
        size: Some(70_000),
        source: Some((DESK, 77)),
    }
}

/// How people are called in transcripts.
pub fn staff_name(telegram: i64) -> &'static str {
    match telegram {
        NURLAN => "Нұрлан",
        DANA => "Дана",
        MARAT => "Марат",
        _ => "?",
    }
}

/// The language each of the tests' people has in the directory or in the app.
pub fn language(telegram: i64) -> Lang {
    match telegram {
        BORIS | DANA => Lang::Ru,
        NORA => Lang::En,
        _ => Lang::Kk,
    }
}

fn word(command: &Command) -> String {
    let text = format!("{command:?}");
    text.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

async fn database(folder: &Path) -> Db {
    let url = format!("sqlite://{}", folder.join("komek.db").display());
    let options = DbOptions { sync_full: false, ..DbOptions::default() };
    let db = Db::connect(&url, &options).await.expect("a database");
    db.migrate().await.expect("migrated");
    db
}

async fn fill(db: &Db, clock: &ManualClock) {
    let wanted = crm::directory::file::read("directory.toml", include_str!("directory.toml"))
        .unwrap_or_else(|problems| panic!("{problems}"));
    let now = clock.now();
    let mut tx = db.begin().await.expect("a transaction");
    let stored = tx.directory_load().await.expect("read");
    tx.directory_save(&stored, &wanted, now).await.expect("saved");
    for (telegram, contact, name) in
        [(AIGERIM, "aigerim", "Айгерім"), (BORIS, "boris", "Борис"), (NORA, "nora", "Nora")]
    {
        tx.account_bind(telegram, &ContactId::from(contact), name, now).await.expect("bound");
    }
    for (customer, reason) in [("acme", "abuse"), ("birlik", "unpaid"), ("nomad", "abuse")] {
        facts(&mut tx, customer, reason, clock).await;
    }
    tx.commit().await.expect("committed");
}

async fn facts(tx: &mut Tx, customer: &str, reason: &str, clock: &ManualClock) {
    let now = clock.now();
    let (db, web) = (ServiceId(format!("{customer}-db")), ServiceId(format!("{customer}-web")));
    tx.vm_fact_save(&db, "paused", Some((reason, None)), now).await.expect("saved");
    tx.vm_fact_save(&web, "running", None, now).await.expect("saved");
}
