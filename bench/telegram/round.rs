//! One run of one bot: people who write, wait for the offer, press, and wait for the answer.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bench::people::{FIRST, press, write};
use bench::process::Running;
use bench::stub::Stub;
use std::path::Path;

use crate::bots::Bot;

/// The longest a run may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// How the second step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Dialogue {
    /// By a button.
    Press,
    /// By words.
    Text,
}

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Updates a second, from the first handed out to the last answered.
    pub per_second: f64,
    /// CPU seconds for a thousand updates, without the start.
    pub cpu_per_thousand: f64,
    /// CPU seconds until it asked for updates.
    pub cpu_start: f64,
    /// Peak memory.
    pub peak_mib: f64,
    /// Calls of the bot while it was measured.
    pub calls: u64,
    /// People without an offer or an answer.
    pub lost: usize,
    /// Offers and answers too many.
    pub twice: usize,
}

/// What one person has seen.
#[derive(Default, Clone, Copy)]
struct Got {
    offers: usize,
    answers: usize,
}

/// Runs `bot` once.
pub async fn round(
    bot: &Bot,
    dialogue: Dialogue,
    updates: usize,
    people: usize,
    work: &Path,
) -> Result<Figures> {
    let (stub, mut seen) = Stub::start()?;
    let env = bot.prepare(stub.address).await?;
    let mut running = Running::start(bot.command(), &env, &bot.log(), work)?;
    let begun = Instant::now();
    while stub.counts().first_poll.is_none() {
        ensure!(
            running.runs() && begun.elapsed() < Duration::from_mins(1),
            "it does not poll: see {}",
            bot.log().display()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (at_start, calls_at_start) = (running.used(), stub.counts().calls.values().sum::<u64>());

    let everybody = i64::try_from(updates / 2)?;
    let mut next = FIRST;
    let mut got: HashMap<i64, Got> = HashMap::new();
    let mut done = 0;
    let begun = Instant::now();
    let welcome = |next: &mut i64| {
        if *next < FIRST + everybody {
            write(&stub, *next, "The site answers with error 502 since this morning");
            *next += 1;
        }
    };
    for _ in 0..people {
        welcome(&mut next);
    }
    let mut took = Duration::ZERO;
    while done < everybody {
        let Ok(Some(call)) = tokio::time::timeout(Duration::from_secs(20), seen.recv()).await else { break };
        ensure!(begun.elapsed() < PATIENCE, "it takes too long");
        let got = got.entry(call.chat).or_default();
        let offer = match call.method.to_ascii_lowercase().as_str() {
            "sendmessage" => got.offers == 0,
            "editmessagetext" => false,
            _ => continue,
        };
        if offer {
            got.offers += 1;
            match (dialogue, call.button) {
                (Dialogue::Press, Some(data)) => press(&stub, call.chat, call.message, &data),
                (Dialogue::Press, None) => anyhow::bail!("an offer without a button"),
                (Dialogue::Text, _) => write(&stub, call.chat, "And the database does not answer at all"),
            }
        } else {
            got.answers += 1;
            if got.answers == 1 {
                done += 1;
                took = begun.elapsed();
                welcome(&mut next);
            }
        }
    }
    // What follows the last answer (writing down that it was sent) belongs to it.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    while let Ok(call) = seen.try_recv() {
        if matches!(call.method.to_ascii_lowercase().as_str(), "sendmessage" | "editmessagetext") {
            got.entry(call.chat).or_default().answers += 1;
        }
    }
    let used = running.used();
    let counts = stub.counts();
    running.end().await?;
    let lost = usize::try_from(everybody)? - got.values().filter(|g| g.offers > 0 && g.answers > 0).count();
    let twice = got.values().map(|g| g.offers.saturating_sub(1) + g.answers.saturating_sub(1)).sum();
    if lost == 0 {
        bot.check(updates / 2).await?;
    }
    let updates = 2.0 * f64::from(i32::try_from(everybody)?);
    Ok(Figures {
        per_second: updates / took.as_secs_f64(),
        cpu_per_thousand: (used.cpu - at_start.cpu) * 1000.0 / updates,
        cpu_start: at_start.cpu,
        peak_mib: used.peak_mib,
        calls: counts.calls.values().sum::<u64>() - calls_at_start,
        lost,
        twice,
    })
}
