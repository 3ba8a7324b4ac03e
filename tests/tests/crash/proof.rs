//! What must be true afterwards.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use crm::clock::{Clock, SystemClock};
use crm::domain::event::Event;
use crm::domain::ids::TicketId;
use crm::domain::kind::Kind;
use crm::domain::sla::{Outcome, Target, TargetClock};
use crm::domain::ticket::{State, Ticket};
use komek_tests::lab::testvirt::TestVirt;
use komek_tests::town::{BOT, Town};

use crate::load::{Load, What};

/// The marks of the terms.
const MARKS: [u32; 4] = [50, 75, 100, 150];
const LIMIT: Duration = Duration::from_secs(90);

/// Everything that waits is worked off, and every deadline has passed.
pub async fn drained(town: &Town) -> Result<()> {
    town.sandbox.wait_until_drained(BOT).await?;
    town.until("SELECT COUNT(*) FROM inbox WHERE done_at IS NULL", 0, LIMIT).await?;
    town.until("SELECT COUNT(*) FROM ticket WHERE kind = 'vm_reboot' AND state <> 'solved'", 0, LIMIT)
        .await?;
    // The last mark comes twelve seconds after the opening; what wakes later is a page's next step, or closing by itself.
    let begun = std::time::Instant::now();
    loop {
        let next = town.test.db.read().await?.tickets_wake_at().await?;
        if next.is_none_or(|next| next > SystemClock.now() + TimeDelta::seconds(13)) {
            break;
        }
        ensure!(begun.elapsed() < LIMIT, "clocks are not kept: one is due at {next:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // What is planned for later, such as the next hand-over, may wait.
    let now = SystemClock.now().to_rfc3339();
    let undone = format!(
        "SELECT COUNT(*) FROM job WHERE state = 'running' OR (state = 'ready' AND run_at <= '{now}')"
    );
    town.until(&undone, 0, LIMIT).await?;
    town.until("SELECT COUNT(*) FROM outbox WHERE state IN ('ready', 'claimed')", 0, LIMIT).await
}

async fn tickets(town: &Town) -> Result<Vec<Ticket>> {
    let mut tx = town.test.db.read().await?;
    let mut all = Vec::new();
    for head in tx.ticket_heads(0, 100_000).await? {
        all.push(tx.ticket_fetch(TicketId(head.id)).await?.context("the ticket is there")?);
    }
    Ok(all)
}

/// Every update is stored and done once; one ticket for each request, one message for each text, an answer to everybody.
pub async fn nothing_lost_nothing_twice(town: &Town, load: &Load) -> Result<()> {
    let updates = town.updates();
    ensure!(
        town.count("SELECT COUNT(*) FROM inbox").await? == updates,
        "of {updates} updates not all are stored"
    );
    let failed = town.test.texts("SELECT error FROM inbox WHERE error IS NOT NULL").await?;
    ensure!(failed.is_empty(), "{failed:#?}");
    let undelivered = town.test.texts("SELECT error FROM outbox WHERE state = 'failed'").await?;
    ensure!(undelivered.is_empty(), "{undelivered:#?}");
    ensure!(town.count("SELECT COUNT(*) FROM job WHERE state = 'dead'").await? == 0, "a job was given up");

    let tickets = tickets(town).await?;
    let numbers: HashSet<String> = tickets.iter().map(|t| t.number.to_string()).collect();
    let told: HashSet<String> = load.asked.iter().map(|a| a.number.clone()).collect();
    ensure!(told.len() == load.asked.len(), "a number was told for two requests");
    ensure!(
        numbers == told,
        "tickets without a request, or requests without a ticket: {:?}",
        numbers.symmetric_difference(&told)
    );

    let mut bodies: BTreeMap<String, usize> = BTreeMap::new();
    for body in town.test.texts("SELECT body FROM message").await? {
        *bodies.entry(body).or_default() += 1;
    }
    let questions = load.asked.iter().filter_map(|a| match &a.what {
        What::Question(text) => Some(text),
        What::Reboot(_) => None,
    });
    for text in questions.chain(load.answers.iter().map(|a| &a.1)) {
        let times = bodies.remove(text).unwrap_or(0);
        ensure!(times == 1, "«{text}» is there {times} times");
    }
    ensure!(bodies.is_empty(), "words that nobody wrote: {bodies:#?}");
    for asked in &load.asked {
        let heard =
            town.phone(asked.who).messages().iter().any(|m| m.from == BOT && m.text.contains(&asked.number));
        ensure!(heard, "{} never heard of {}", asked.who, asked.number);
    }
    for (number, text) in &load.answers {
        let asked = load.asked.iter().find(|a| a.number == *number).context("somebody asked")?;
        let heard =
            town.phone(asked.who).messages().iter().any(|m| m.from == BOT && m.text.contains(text.as_str()));
        ensure!(heard, "{} never got the answer to {number}", asked.who);
    }
    Ok(())
}

/// Each reboot that was asked for happened, once.
pub async fn each_machine_once(town: &Town, lab: &TestVirt, load: &Load) -> Result<()> {
    let mut wanted: BTreeMap<&str, u64> = BTreeMap::new();
    for asked in &load.asked {
        if let What::Reboot(machine) = &asked.what {
            *wanted.entry(machine).or_default() += 1;
        }
    }
    for ticket in tickets(town).await?.iter().filter(|t| t.kind == Kind::VmReboot) {
        ensure!(ticket.state == State::Solved, "{} is {}", ticket.number, ticket.state);
    }
    for (machine, count) in wanted {
        // Announcements come a moment later than answers; one too many would show as well.
        for _ in 0..100 {
            if lab.tally(machine).started > count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let tally = lab.tally(machine);
        ensure!(
            (tally.stopped, tally.started) == (count, count + 1),
            "{machine}: {count} reboots asked for, but stopped {} and started {} times",
            tally.stopped,
            tally.started - 1
        );
    }
    Ok(())
}

/// No deadline was missed: each mark was recorded once, at its moment, though whoever keeps the clocks was dead again and again.
pub async fn promises(town: &Town) -> Result<()> {
    let (mut met, mut broken) = (0, 0);
    for ticket in tickets(town).await? {
        let events = town.test.db.read().await?.events(ticket.id.0).await?;
        for target in [Target::FirstReply, Target::Resolution] {
            let clock = ticket.clock(target);
            let until = match clock.outcome {
                Outcome::Met { at } | Outcome::Breached { answered_at: Some(at) } => Some(at),
                Outcome::Breached { answered_at: None } => None,
                other => anyhow::bail!("{} {target}: {other:?}", ticket.number),
            };
            match clock.outcome {
                Outcome::Met { at } => {
                    met += 1;
                    ensure!(
                        at < clock.due_at,
                        "{} {target}: met at {at}, due {}",
                        ticket.number,
                        clock.due_at
                    );
                }
                _ => broken += 1,
            }
            ensure!(
                clock.due_at == ticket.opened_at + TimeDelta::milliseconds(clock.budget_ms),
                "the clock was moved"
            );
            for percent in MARKS {
                let moment = moment(clock, percent);
                let expected = usize::from(until.is_none_or(|until| moment <= until));
                let found: Vec<_> = events
                    .iter()
                    .filter(|e| match e.event {
                        Event::MarkReached { target: t, percent: p, .. } => t == target && p == percent,
                        Event::TargetBreached { target: t, .. } => t == target && percent == 100,
                        _ => false,
                    })
                    .map(|e| e.at)
                    .collect();
                ensure!(
                    found.len() == expected,
                    "{} {target} {percent} %: {found:?}, until {until:?}",
                    ticket.number
                );
                ensure!(
                    found.iter().all(|at| *at == moment),
                    "{} {target} {percent} %: {found:?}, not {moment}",
                    ticket.number
                );
            }
        }
    }
    println!("{met} promises kept, {broken} broken on record");
    ensure!(broken > 0, "no deadline passed: the test is too kind");
    Ok(())
}

fn moment(clock: &TargetClock, percent: u32) -> crm::clock::Moment {
    clock.started_at + TimeDelta::milliseconds(clock.budget_ms * i64::from(percent) / 100)
}
