//! A desk on either database, with a clock that the test moves: the small provider of `directory.toml` under the terms of the test.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::clock::{Clock, ManualClock, Moment};
use crm::directory::{Directory, file};
use crm::domain::action::ActionSpec;
use crm::domain::actor::Actor;
use crm::domain::audit::EventRecord;
use crm::domain::decide::Command;
use crm::domain::event::{Event, MessageRef, Origin};
use crm::domain::form::{Form, RebootMode};
use crm::domain::ids::{ContactId, CustomerId, ServiceId, StaffId, TicketId};
use crm::domain::kind::{Channel, Kind, Terms};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::domain::plan::{Change, Facts, Phrase, Plan, Value};
use crm::domain::ticket::Ticket;
use crm::policy::PolicyBook;
use crm::service::{NewTicket, Service, ServiceError, Words};
use crm::store::{Side, Tx};
use crm::worker::Worker;

use crate::engine::{Engine, TestDb};

/// Telegram accounts of the contacts, and whose they are.
pub const ACCOUNTS: [(i64, &str, &str); 3] =
    [(200_001, "aigerim", "acme"), (200_002, "boris", "birlik"), (200_003, "nora", "nomad")];

/// The directory, with its zones at this libvirt address.
pub fn directory(libvirt: &str) -> Directory {
    let text = include_str!("directory.toml").replace("{LIBVIRT}", libvirt);
    file::read("directory.toml", &text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// 10:00 in Almaty on the day of the tests.
pub fn morning() -> Moment {
    "2026-11-23T10:00:00+05:00".parse().expect("a moment")
}

/// The shipped files of both terms, changed by `change` (file name, text); a changed text must be another version, which is written in.
pub fn terms(change: impl Fn(&str, &str) -> String) -> PolicyBook {
    let shipped = PolicyBook::shipped().expect("the shipped terms are sound");
    let texts: Vec<(String, String)> =
        shipped.iter().map(|f| (f.origin.clone(), change(&f.origin, &f.text))).collect();
    PolicyBook::of_texts("the test", &texts).unwrap_or_else(|error| panic!("{error}"))
}

/// A customer's person.
pub fn contact(id: &str) -> Actor {
    let customer = ACCOUNTS.iter().find(|a| a.1 == id).map_or("acme", |a| a.2);
    Actor::Contact { id: ContactId::from(id), customer: CustomerId::from(customer) }
}

/// An engineer.
pub fn engineer(id: &str) -> Actor {
    Actor::Staff { id: StaffId::from(id), role: Role::Engineer }
}

/// The duty manager.
pub fn manager() -> Actor {
    Actor::Staff { id: StaffId::from("marat"), role: Role::DutyManager }
}

/// The whole desk.
pub struct Desk {
    /// Its database.
    pub test: TestDb,
    /// Stands still until it is moved.
    pub clock: Arc<ManualClock>,
    /// Changes tickets.
    pub service: Service,
    /// A real provisioner is at work: what is wanted waits for its plan. Otherwise it is planned at once.
    pub provisioned: bool,
}

impl Desk {
    /// A desk in the morning, under the shipped terms; `None` without the engine.
    pub async fn new(engine: Engine) -> Result<Option<Self>> {
        Self::under(engine, PolicyBook::shipped()?).await
    }

    /// A desk under other terms.
    pub async fn under(engine: Engine, terms: PolicyBook) -> Result<Option<Self>> {
        let Some(test) = TestDb::new(engine).await? else { return Ok(None) };
        let clock = ManualClock::new(morning());
        let mut tx = test.db.begin().await?;
        fill(&mut tx, "test:///default", clock.now()).await?;
        tx.commit().await?;
        let service = Service::new(clock.clone(), Arc::new(terms));
        Ok(Some(Self { test, clock, service, provisioned: false }))
    }

    /// A worker of the crm, as the process `name`.
    pub fn worker(&self, name: &str) -> Worker {
        Worker::new(self.service.clone(), self.test.db.clone(), name.to_owned())
    }

    /// Time passes at a stroke, then the worker looks: clocks first, then pages.
    pub async fn pass(&self, time: TimeDelta) -> Result<()> {
        self.clock.advance(time);
        self.look().await
    }

    /// The worker looks.
    pub async fn look(&self) -> Result<()> {
        let worker = self.worker("worker");
        worker.plan_shifts().await?;
        worker.fire_due().await?;
        worker.run_jobs().await?;
        Ok(())
    }

    /// Opens a ticket of any kind for a contact, by messenger.
    pub async fn open(&self, who: &str, kind: Kind) -> Result<Ticket, ServiceError> {
        self.open_by(who, kind, Channel::Telegram).await
    }

    /// Opens a ticket that came by `channel`.
    pub async fn open_by(&self, who: &str, kind: Kind, channel: Channel) -> Result<Ticket, ServiceError> {
        let Actor::Contact { id, customer } = contact(who) else { unreachable!("contacts are contacts") };
        let vm = ServiceId(format!("{customer}-web"));
        let form = match kind {
            Kind::VmReboot => Form::VmReboot { vm, mode: RebootMode::Graceful },
            Kind::VmUnlock => Form::VmUnlock { vm, lock_reason: None },
            Kind::FaultCritical | Kind::FaultMinor => Form::Fault { service: Some(vm), since: None },
            Kind::Trial => Form::Order { terms: Terms::Kubernetes },
            Kind::PasswordRecovery => Form::PasswordRecovery { service: None },
            _ => Form::Plain,
        };
        let new = NewTicket {
            kind,
            form,
            requester: Some((id, customer)),
            requester_name: who.to_owned(),
            language: Lang::Kk,
            origin: Origin { channel, chat: ACCOUNTS.iter().find(|a| a.1 == who).map(|a| a.0) },
            words: Words::text("Сервер жауап бермейді"),
        };
        let mut tx = self.test.db.begin().await?;
        let ticket = self.service.open(&mut tx, new, &contact(who)).await?;
        tx.commit().await?;
        if self.provisioned { Ok(ticket) } else { self.plan(ticket).await }
    }

    /// What a provisioner does with a ticket whose action is wanted.
    pub async fn plan(&self, ticket: Ticket) -> Result<Ticket, ServiceError> {
        let Some(action) = &ticket.action else { return Ok(ticket) };
        let planned = Command::Planned { id: action.id, plan: Box::new(plan(&action.spec)) };
        self.run(ticket.id, planned, &Actor::Provisioner).await
    }

    /// One command by one actor.
    pub async fn run(&self, id: TicketId, command: Command, actor: &Actor) -> Result<Ticket, ServiceError> {
        self.service.run(&self.test.db, id, command, actor).await
    }

    /// A command with words.
    pub async fn write(
        &self,
        id: TicketId,
        command: impl FnOnce(MessageRef) -> Command + Send,
        actor: &Actor,
    ) -> Result<Ticket, ServiceError> {
        let side = if actor.is_customer() { Side::Customer } else { Side::Desk };
        let mut tx = self.test.db.begin().await?;
        let words = (side, Words::text("Қараймыз 🔧"));
        let ticket = self.service.write(&mut tx, id, words, command, actor).await?;
        tx.commit().await?;
        Ok(ticket)
    }

    /// A ticket as it is now.
    pub async fn ticket(&self, id: TicketId) -> Result<Ticket> {
        self.test.db.read().await?.ticket_fetch(id).await?.context("the ticket is there")
    }

    /// A ticket's events.
    pub async fn events(&self, id: TicketId) -> Result<Vec<EventRecord>> {
        Ok(self.test.db.read().await?.events(id.0).await?)
    }

    /// What happened to a ticket so far: minutes since `since`, and the event's word with what matters of it.
    pub async fn history(&self, id: TicketId, since: Moment) -> Result<Vec<String>> {
        let told = |record: &EventRecord| {
            let minutes = (record.at - since).num_milliseconds();
            let (whole, rest) = (minutes / 60_000, minutes % 60_000 / 1_000);
            let at = if rest == 0 { format!("{whole}m") } else { format!("{whole}m{rest}s") };
            format!("{at} {}", brief(&record.event))
        };
        Ok(self.events(id).await?.iter().map(told).collect())
    }

    /// How often each kind of outgoing message waits for a ticket.
    pub async fn waiting(&self, id: TicketId) -> Result<BTreeMap<String, usize>> {
        let mut tx = self.test.db.begin().await?;
        let mut count = BTreeMap::new();
        for item in tx.outbox_claim(self.clock.now(), 10_000).await? {
            if item.ticket_id == Some(id.0) {
                let payload = serde_json::to_value(&item.payload)?;
                let word = payload["tell"]["send"].as_str().unwrap_or("call").to_owned();
                *count.entry(word).or_default() += 1;
            }
        }
        // Dropped: the next look finds them again.
        Ok(count)
    }
}

/// What the provisioner would read if everything is as the action says.
pub fn plan(spec: &ActionSpec) -> Plan {
    let (what, before, after, lock_reason) = match spec {
        ActionSpec::VmUnlock { domain, lock_reason, .. } => {
            ("plan-what-machine", domain, "plan-state-running", lock_reason.clone())
        }
        ActionSpec::VmReboot { domain, .. } => ("plan-what-machine", domain, "plan-state-rebooted", None),
        _ => return Plan::default(),
    };
    let what = Phrase::new(what).with("domain", before).with("zone", "z");
    let before = Value::word("plan-state-running");
    Plan {
        changes: vec![Change { what, before, after: Value::word(after) }],
        facts: Facts { lock_reason, ..Facts::default() },
        ..Plan::default()
    }
}

/// An event in a word or three.
fn brief(event: &Event) -> String {
    let word = event.word();
    match event {
        Event::MarkReached { target, percent, .. } => format!("{word} {target} {percent}"),
        Event::TargetBreached { target, .. } => format!("{word} {target}"),
        Event::TargetMet { target, .. } | Event::TargetDoneLate { target, .. } => format!("{word} {target}"),
        Event::PageSkipped { staff } => format!("{word} {staff}"),
        Event::Paged { staff, .. } => format!("{word} {staff}"),
        Event::PageRequested { step } => format!("{word} {step}"),
        Event::Taken { by } | Event::Acknowledged { by } => format!("{word} {by}"),
        Event::HandedOver { to } => format!("{word} {to}"),
        Event::Reopened { cycle } => format!("{word} {cycle}"),
        _ => word.to_owned(),
    }
}

/// Puts the directory in, binds the contacts' accounts, and writes down that all machines run.
pub async fn fill(tx: &mut Tx, libvirt: &str, now: Moment) -> Result<()> {
    let wanted = directory(libvirt);
    let stored = tx.directory_load().await?;
    tx.directory_save(&stored, &wanted, now).await?;
    for (telegram, who, _) in ACCOUNTS {
        tx.account_bind(telegram, &ContactId::from(who), who, now).await?;
    }
    for service in wanted.services.iter().filter(|s| s.id.as_str().ends_with("-web")) {
        tx.vm_fact_save(&service.id, "running", None, now).await?;
    }
    Ok(())
}
