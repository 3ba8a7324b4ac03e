//! A month at a desk, for pages that are worth looking at: tickets of every kind, kept and broken promises, ratings, a reopening, an
//! emergency, and today's queue.

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::decide::Command;
use crm::domain::kind::{Channel, Kind};
use komek_tests::console::Console;
use komek_tests::desk::{contact, engineer, manager};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

/// Lets a month pass.
pub async fn pass(console: &Console) -> Result<()> {
    let desk = &console.desk;
    let mut random = StdRng::seed_from_u64(11);
    let kinds = [Kind::Question, Kind::Question, Kind::FaultMinor, Kind::FaultCritical, Kind::CreditClaim];
    for day in 0..30 {
        for _ in 0..random.random_range(2..6) {
            desk.clock.advance(TimeDelta::minutes(random.random_range(20..200)));
            desk.look().await?;
            let asker = *["aigerim", "boris"].choose(&mut random).expect("somebody");
            let channel =
                *[Channel::Telegram, Channel::Phone, Channel::Api].choose(&mut random).expect("one");
            let ticket = desk.open_by(asker, *kinds.choose(&mut random).expect("a kind"), channel).await?.id;
            let who = engineer(["dana", "nurlan"].choose(&mut random).expect("somebody"));
            desk.clock.advance(TimeDelta::minutes(random.random_range(1..13)));
            desk.run(ticket, Command::Take, &who).await?;
            desk.write(ticket, Command::Answer, &who).await?;
            desk.clock.advance(TimeDelta::minutes(random.random_range(2..80)));
            desk.look().await?;
            desk.run(ticket, Command::Solve(None), &who).await?;
            desk.clock.advance(TimeDelta::minutes(3));
            if random.random_bool(0.1) {
                desk.run(ticket, Command::Reopen(None), &contact(asker)).await?;
                desk.clock.advance(TimeDelta::minutes(9));
                desk.run(ticket, Command::Solve(None), &who).await?;
            }
            if random.random_bool(0.5) {
                let command = Command::Rate { score: random.random_range(3..=5), message: None };
                desk.run(ticket, command, &contact(asker)).await?;
            }
        }
        if day == 20 {
            let mut tx = desk.test.db.begin().await?;
            desk.service.emergency(&mut tx, true, "ala-1 аймағында жарық жоқ".into(), &manager()).await?;
            tx.commit().await?;
            desk.clock.advance(TimeDelta::hours(2));
            let mut tx = desk.test.db.begin().await?;
            desk.service.emergency(&mut tx, false, "жарық берілді".into(), &manager()).await?;
            tx.commit().await?;
        }
        let midnight = desk.service.now().date_naive().and_hms_opt(3, 0, 0).unwrap_or_default().and_utc();
        desk.clock.set(midnight + TimeDelta::days(1));
        desk.look().await?;
    }
    today(console).await
}

/// What stands in the queue now.
async fn today(console: &Console) -> Result<()> {
    let desk = &console.desk;
    desk.open("boris", Kind::FaultMinor).await?;
    desk.clock.advance(TimeDelta::minutes(7));
    let mine = desk.open("aigerim", Kind::Question).await?.id;
    desk.run(mine, Command::Take, &engineer("nurlan")).await?;
    desk.write(mine, Command::Ask, &engineer("nurlan")).await?;
    desk.clock.advance(TimeDelta::minutes(8));
    desk.open("boris", Kind::FaultCritical).await?;
    let vm = crm::domain::ids::ServiceId::from("acme-web");
    let mut tx = desk.test.db.begin().await?;
    tx.vm_fact_save(&vm, "paused", Some(("abuse", None)), desk.service.now()).await?;
    tx.commit().await?;
    desk.open("aigerim", Kind::VmUnlock).await?;
    desk.clock.advance(TimeDelta::minutes(2));
    desk.look().await
}
