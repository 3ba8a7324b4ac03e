//! Tickets for the clock, opened through the service as people's are: many whose clocks are far from due, and some that break their
//! first-reply promise at a known moment.

use std::sync::Arc;

use anyhow::Result;
use bench::database::Fresh;
use chrono::TimeDelta;
use crm::clock::{ManualClock, Moment};
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::Origin;
use crm::domain::form::Form;
use crm::domain::ids::StaffId;
use crm::domain::kind::{Channel, Kind, Terms};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::service::{NewTicket, Service, Words};
use crm::store::Tx;

/// Tickets in one transaction.
const BATCH: usize = 1_000;

fn question(chat: i64) -> (NewTicket, Actor) {
    let new = NewTicket {
        kind: Kind::Question,
        form: Form::Plain,
        requester: None,
        requester_name: "Somebody".to_owned(),
        language: Lang::Ru,
        origin: Origin { channel: Channel::Telegram, chat: Some(chat) },
        words: Words::text("How much is a second address for a machine in Almaty?"),
    };
    (new, Actor::Stranger { telegram: chat })
}

/// `count` open tickets whose clocks are due between one and two days from `now`.
pub async fn far(database: &Fresh, count: usize, now: Moment) -> Result<()> {
    let clock = ManualClock::new(now + TimeDelta::days(1));
    let service = database.service(clock.clone()).await?;
    let db = database.open().await?;
    let step = TimeDelta::days(1) / i32::try_from(count.max(1))?;
    for from in (0..count).step_by(BATCH) {
        let mut tx = db.begin().await?;
        for chat in from..(from + BATCH).min(count) {
            clock.advance(step);
            let (new, actor) = question(i64::try_from(chat)?);
            service.open(&mut tx, new, &actor).await?;
        }
        tx.commit().await?;
        if from % 100_000 == 0 {
            eprintln!("{from} of {count} tickets");
        }
    }
    db.close().await;
    Ok(())
}

/// One ticket for each of `deadlines`, which breaks its promise then: opened its first-reply time before, taken by an engineer, warned
/// of at 50 and 75 per cent.
pub async fn due(database: &Fresh, deadlines: &[Moment]) -> Result<()> {
    let clock = ManualClock::new(deadlines[0]);
    let service = database.service(clock.clone()).await?;
    let db = database.open().await?;
    for batch in deadlines.chunks(BATCH) {
        let mut tx = db.begin().await?;
        for deadline in batch {
            one(&service, &clock, &mut tx, *deadline).await?;
        }
        tx.commit().await?;
    }
    db.close().await;
    Ok(())
}

async fn one(service: &Service, clock: &Arc<ManualClock>, tx: &mut Tx, deadline: Moment) -> Result<()> {
    let engineer = Actor::Staff { id: StaffId::from("dana"), role: Role::Engineer };
    let policy =
        service.policies().current(Terms::Vm, deadline).map(|p| p.first_reply_ms(Channel::Telegram, false));
    clock.set(deadline - TimeDelta::milliseconds(policy.unwrap_or_default()));
    let (new, actor) = question(deadline.timestamp_micros());
    let ticket = service.open(tx, new, &actor).await?;
    clock.advance(TimeDelta::seconds(1));
    let ticket = service.execute_on(tx, ticket, Command::Take, &engineer).await?;
    clock.set(deadline - TimeDelta::seconds(30));
    service.execute_on(tx, ticket, Command::Tick, &Actor::Clock).await?;
    Ok(())
}
