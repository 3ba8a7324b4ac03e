//! Unlocks of machines, from the request to the end: the action that benchmarks of the provisioner have it carry out.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use crm::clock::{Clock, SystemClock};
use crm::domain::action::{Action, ActionState};
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

use crate::hypervisor::marker;

/// A desk with a handle of its own on the database.
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub db: Db,
    /// Changes tickets.
    pub service: Service,
}

impl Desk {
    /// Fills the directory: each zone with its machines, all locked.
    pub async fn fill(&self, zones: &[(String, Vec<String>)]) -> Result<()> {
        let (mut head, mut machines) = (String::new(), String::new());
        for (zone, names) in zones {
            writeln!(head, "[[zone]]\nid = \"{zone}\"\nlibvirt = \"test:///default\"")?;
            for name in names {
                write!(
                    machines,
                    "\n  [[customer.service]]\n  id = \"{name}\"\n  kind = \"vm\"\n  zone = \"{zone}\"\n  domain = \"{name}\"\n  \
                     since = 2026-01-15T09:00:00+05:00\n  price = [{{ from = 2026-01-15T09:00:00+05:00, monthly = \"45000.00\" }}]\n"
                )?;
            }
        }
        let text = format!("{head}\n{}{machines}", include_str!("directory.toml"));
        let wanted = crm::directory::file::read("directory.toml", &text)
            .map_err(|problems| anyhow::anyhow!("{problems}"))?;
        let now = self.service.now();
        let mut tx = self.db.begin().await?;
        let stored = tx.directory_load().await?;
        tx.directory_save(&stored, &wanted, now).await?;
        for name in zones.iter().flat_map(|zone| &zone.1) {
            let vm = ServiceId(name.clone());
            tx.vm_fact_save(&vm, "paused", Some((&marker().reason, None)), SystemClock.now()).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Asks for an unlock and waits until it can be approved.
    pub async fn propose(&self, vm: &str, patience: Duration) -> Result<(TicketId, Action)> {
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
        let mut tx = self.db.begin().await?;
        let ticket = self.service.open(&mut tx, new, &asker).await?;
        tx.commit().await?;
        let proposed = self.until(ticket.id, patience, |t| {
            let proposed = t.action.as_ref().is_some_and(|a| a.state == ActionState::Proposed);
            t.state == State::WaitingApproval && proposed
        });
        let action = proposed.await?.action.context("an unlock proposes an action")?;
        Ok((ticket.id, action))
    }

    /// An engineer approves. The moment before the approval was decided.
    pub async fn approve(&self, ticket: TicketId, action: Action) -> Result<Instant> {
        let staff = Actor::Staff { id: StaffId::from("dana"), role: Role::Engineer };
        let approved = Instant::now();
        let command = Command::Approve { id: action.id, digest: action.digest };
        self.service.run(&self.db, ticket, command, &staff).await?;
        Ok(approved)
    }

    /// Waits until a ticket is as it shall be, looked at each millisecond.
    pub async fn until(
        &self,
        id: TicketId,
        patience: Duration,
        like: impl Fn(&Ticket) -> bool,
    ) -> Result<Ticket> {
        self.looked_at(id, Duration::from_millis(1), patience, like).await
    }

    async fn looked_at(
        &self,
        id: TicketId,
        pause: Duration,
        patience: Duration,
        like: impl Fn(&Ticket) -> bool,
    ) -> Result<Ticket> {
        let begun = Instant::now();
        loop {
            let now = self.db.read().await?.ticket_fetch(id).await?.context("it is there")?;
            if like(&now) {
                return Ok(now);
            }
            anyhow::ensure!(begun.elapsed() < patience, "the ticket is {} after {patience:?}", now.state);
            tokio::time::sleep(pause).await;
        }
    }

    /// Waits until it is solved. The moment when it was seen to be: what tells the customer is committed with it.
    pub async fn solved(&self, id: TicketId, patience: Duration) -> Result<Instant> {
        self.until(id, patience, |t| t.state == State::Solved).await?;
        Ok(Instant::now())
    }

    /// Waits until it is solved, looking twice a second: for those that are not measured.
    pub async fn until_rarely(&self, id: TicketId, patience: Duration) -> Result<()> {
        let solved = |t: &Ticket| t.state == State::Solved;
        self.looked_at(id, Duration::from_millis(500), patience, solved).await.map(drop)
    }
}
