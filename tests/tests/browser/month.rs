//! A month at a desk, for pages that are worth looking at: tickets of every kind, kept and broken promises, ratings, a reopening, an
//! emergency, an outage that two people confirmed and one that still waits, and today's queue.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::domain::decide::Command;
use crm::domain::kind::{Channel, Kind};
use crm::text::ZONE;
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
    outages(console).await?;
    closed(console).await?;
    today(console).await
}

/// The month before is closed, with a credit.
async fn closed(console: &Console) -> Result<()> {
    let (nurlan, marat) = (console.browser("nurlan").await?, console.browser("marat").await?);
    let fields = [
        ("do", "propose"),
        ("service", "acme-db"),
        ("cause", "provider"),
        ("text", "monitoring 4711"),
        ("from", "2026-11-25T02:00"),
        ("until", "2026-11-25T12:30:15"),
    ];
    anyhow::ensure!(nurlan.incident(&fields).await?.status == 303);
    let page = marat.get("/credits/2026-11/acme-db/intervals").await?.body;
    let id = page.split("name=\"interval\" value=\"").nth(1).context("an interval with a button")?;
    let id: String = id.chars().take(36).collect();
    anyhow::ensure!(marat.incident(&[("do", "second"), ("interval", &id)]).await?.status == 303);
    let done = marat.close_month("2026-11").await?;
    anyhow::ensure!(done.to().ends_with("&done=yes"), "{}", done.body);
    Ok(())
}

/// An hour of downtime that two have confirmed, and a shorter one that waits for the second.
async fn outages(console: &Console) -> Result<()> {
    let (nurlan, marat) = (console.browser("nurlan").await?, console.browser("marat").await?);
    let now = console.desk.service.now().with_timezone(&ZONE);
    let ago = |hours: i64| (now - TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%S").to_string();
    for (service, from, until) in [("acme-web", 241, 240), ("birlik-web", 52, 51)] {
        let fields =
            [("do", "propose"), ("service", service), ("cause", "provider"), ("text", "monitoring 4711")];
        let (from, until) = (ago(from), ago(until));
        let fields = [&fields[..], &[("from", from.as_str()), ("until", until.as_str())]].concat();
        let said = nurlan.incident(&fields).await?;
        anyhow::ensure!(said.status == 303, "{}", said.body);
        if service == "acme-web" {
            let page = marat.get("/incidents").await?.body;
            let id = page.split("name=\"interval\" value=\"").nth(1).context("an interval with a button")?;
            let id: String = id.chars().take(36).collect();
            let done = marat.incident(&[("do", "second"), ("interval", &id)]).await?;
            anyhow::ensure!(done.status == 303, "{}", done.body);
        }
    }
    Ok(())
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
    let unlock = desk.open("aigerim", Kind::VmUnlock).await?;
    // What an executor writes down has few places at which a line could break.
    let noted = serde_json::json!({ "memory": { "boot_id_after": null, "boot_id_before": null, "domain_id": 4,
        "evidence": "domain_id", "lock_removed": null, "method": "graceful", "state": "running", "took_ms": 31 } });
    let mut tx = desk.test.db.begin().await?;
    tx.action_progress(unlock.action.context("an action")?.id, &noted).await?;
    tx.commit().await?;
    desk.clock.advance(TimeDelta::minutes(2));
    desk.look().await
}
