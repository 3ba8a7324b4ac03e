//! From an approval to the hypervisor: the real provisioner's worker, with a handle of its own on the database as another process has
//! it, and a hypervisor that notes when it was called.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bench::database::{Engine, Fresh};
use bench::figures::millis;
use crm::clock::{Clock, SystemClock};
use crm::domain::action::ActionState;
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::Origin;
use crm::domain::form::Form;
use crm::domain::ids::{ContactId, CustomerId, ServiceId, StaffId, TicketId};
use crm::domain::kind::{Channel, Kind};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::domain::ticket::{State, Ticket};
use crm::service::{NewTicket, Service, Words};
use crm::store::Db;
use provisioner::report::Timing;
use provisioner::systems::Systems;
use provisioner::worker::Worker;
use provisioner::zones::Zones;
use tokio_util::sync::CancellationToken;

use crate::hypervisor::{Noting, marker};

/// Milliseconds from the approval, counted from before it is decided and committed.
#[derive(Default)]
pub struct Times {
    /// To the first call: a look at the machine.
    pub first: Vec<f64>,
    /// To the first call that changes something; the look was written down before it.
    pub change: Vec<f64>,
}

/// `count` approvals, `at_once` at a time.
pub async fn measure(engine: Engine, count: usize, at_once: usize, work: &Path) -> Result<Times> {
    let database = Fresh::new(engine, work, "approval").await?;
    let service = database.service(Arc::new(SystemClock)).await?;
    let (desk, other) = (database.open().await?, database.open().await?);
    fill(&desk, &service, at_once).await?;
    let hypervisor = Noting::default();
    let connected = hypervisor.clone();
    let zones = Zones::new(Arc::new(move |_, _| Ok(Arc::new(connected.clone()))));
    let stop = CancellationToken::new();
    let systems = Systems::of_zones(other.clone(), zones);
    let worker = Worker::new(service.clone(), systems, "bench".to_owned(), Timing::default());
    let worker = tokio::spawn(worker.run(stop.clone()));
    let mut approvers = tokio::task::JoinSet::new();
    for person in 0..at_once {
        let (desk, service, hypervisor) = (desk.clone(), service.clone(), hypervisor.clone());
        let rounds = count / at_once;
        approvers.spawn(async move {
            let mut times = Times::default();
            for round in 0..rounds {
                let pause = 30 + u64::try_from((round * 7 + person * 13) % 50)?;
                let (first, change) =
                    one(&desk, &service, &hypervisor, &format!("vm-{person}"), pause).await?;
                times.first.push(first);
                times.change.push(change);
            }
            anyhow::Ok(times)
        });
    }
    let mut all = Times::default();
    while let Some(times) = approvers.join_next().await {
        let Times { first, change } = times??;
        all.first.extend(first);
        all.change.extend(change);
    }
    stop.cancel();
    worker.await?;
    desk.close().await;
    other.close().await;
    Ok(all)
}

/// One unlock: asked for, planned, a moment later approved, carried out, solved.
async fn one(desk: &Db, service: &Service, hypervisor: &Noting, vm: &str, pause: u64) -> Result<(f64, f64)> {
    hypervisor.lock(vm);
    let (contact, customer) = (ContactId::from("asker"), CustomerId::from("bench"));
    let asker = Actor::Contact { id: contact.clone(), customer: customer.clone() };
    let new = NewTicket {
        kind: Kind::VmUnlock,
        form: Form::VmUnlock { vm: ServiceId::from(vm), lock_reason: Some(marker().reason) },
        requester: Some((contact, customer)),
        requester_name: "Asker".to_owned(),
        language: Lang::Ru,
        origin: Origin { channel: Channel::Telegram, chat: Some(1) },
        words: Words::text("We have paid"),
    };
    let mut tx = desk.begin().await?;
    let ticket = service.open(&mut tx, new, &asker).await?;
    tx.commit().await?;
    let proposed = until(desk, ticket.id, State::WaitingApproval, |t| {
        t.action.as_ref().is_some_and(|action| action.state == ActionState::Proposed)
    });
    let action = proposed.await?.action.context("an unlock proposes an action")?;
    // The staff comes at any moment of the provisioner's rounds; what was called for the plan does not count.
    tokio::time::sleep(Duration::from_millis(pause)).await;
    hypervisor.lock(vm);
    let staff = Actor::Staff { id: StaffId::from("dana"), role: Role::Engineer };
    let approved = Instant::now();
    service.run(desk, ticket.id, Command::Approve { id: action.id, digest: action.digest }, &staff).await?;
    until(desk, ticket.id, State::Solved, |_| true).await?;
    let calls = hypervisor.calls(vm);
    let since = |at: Option<Instant>| at.map(|at| millis(at - approved)).context("it was called");
    Ok((since(calls.first)?, since(calls.change)?))
}

/// Waits until a ticket is in `state` and as it shall be.
async fn until(desk: &Db, id: TicketId, state: State, like: impl Fn(&Ticket) -> bool) -> Result<Ticket> {
    let begun = Instant::now();
    loop {
        let now = desk.read().await?.ticket_fetch(id).await?.context("it is there")?;
        if now.state == state && like(&now) {
            return Ok(now);
        }
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(20), "the ticket is {} after 20 s", now.state);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A customer with locked machines, and an engineer.
async fn fill(db: &Db, service: &Service, machines: usize) -> Result<()> {
    let mut text = include_str!("directory.toml").to_owned();
    for n in 0..machines {
        write!(
            text,
            "\n  [[customer.service]]\n  id = \"vm-{n}\"\n  kind = \"vm\"\n  zone = \"bench\"\n  domain = \"vm-{n}\"\n  \
             since = 2026-01-15T09:00:00+05:00\n  price = [{{ from = 2026-01-15T09:00:00+05:00, monthly = \"45000.00\" }}]\n"
        )?;
    }
    let wanted = crm::directory::file::read("directory.toml", &text)
        .map_err(|problems| anyhow::anyhow!("{problems}"))?;
    let now = service.now();
    let mut tx = db.begin().await?;
    let stored = tx.directory_load().await?;
    tx.directory_save(&stored, &wanted, now).await?;
    for n in 0..machines {
        let vm = ServiceId(format!("vm-{n}"));
        tx.vm_fact_save(&vm, "paused", Some((&marker().reason, None)), SystemClock.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}
