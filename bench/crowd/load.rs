//! People who come at a steady rate, whether the bot keeps up or not; and one who writes a hundred times a second.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use bench::database::{Engine, Fresh};
use bench::people::{FIRST, write};
use bench::phones::{Phones, Waited};
use bench::shipped;
use bench::stub::Stub;
use tokio::task::JoinSet;

/// The chat that floods.
const FLOODER: i64 = FIRST - 1;

/// How many come, how fast, for how long.
pub struct Load {
    /// Updates a second; each dialogue is two.
    pub per_second: u32,
    /// Between the offer and the press.
    pub thinking: Duration,
    /// How long new people come.
    pub lasts: Duration,
    /// Whether one chat sends a hundred messages a second besides.
    pub flood: bool,
}

/// What came of it.
pub struct Came {
    /// Dialogues begun.
    pub dialogues: usize,
    /// Without an offer or an answer in time.
    pub lost: usize,
    /// Tickets that are missing or too many.
    pub wrong: i64,
    /// Milliseconds from words to the offer.
    pub offer: Vec<f64>,
    /// Milliseconds from the press to the answer.
    pub answer: Vec<f64>,
    /// CPU seconds for a thousand of these people's updates.
    pub cpu_per_thousand: f64,
    /// Peak memory of the bot.
    pub peak_mib: f64,
}

impl Load {
    /// Runs it on a fresh database.
    pub async fn run(&self, engine: Engine, programs: &Path, work: &Path) -> Result<Came> {
        let (stub, seen) = Stub::start()?;
        let database = Fresh::new(engine, work, "crowd").await?;
        let running = shipped::start(&stub, (&database, true), programs, work, "crowd").await?;
        let phones = Phones::new(stub.clone(), seen);
        let before = running.used().cpu;
        let flood = self.flood.then(|| tokio::spawn(flood(stub)));
        let mut people: JoinSet<Result<Waited>> = JoinSet::new();
        let begun = Instant::now();
        // Twenty times a second a few begin: a sleep of a millisecond would be rounded.
        let mut beat = tokio::time::interval(Duration::from_millis(50));
        let mut chat = FIRST;
        while begun.elapsed() < self.lasts {
            beat.tick().await;
            let by_now = begun.elapsed().as_secs_f64() * f64::from(self.per_second) / 2.0;
            while f64::from(i32::try_from(chat - FIRST)?) < by_now {
                let (phones, chat_now, thinking) = (phones.clone(), chat, self.thinking);
                people.spawn(async move { phones.talk(chat_now, thinking).await });
                chat += 1;
            }
        }
        let dialogues = usize::try_from(chat - FIRST)?;
        let (mut offer, mut answer) = (Vec::with_capacity(dialogues), Vec::with_capacity(dialogues));
        while let Some(waited) = people.join_next().await {
            if let Ok(waited) = waited? {
                offer.push(waited.offer);
                answer.push(waited.answer);
            }
        }
        if let Some(flood) = flood {
            flood.abort();
        }
        let used = running.used();
        phones.end();
        running.end().await?;
        let sql = format!("SELECT COUNT(*) FROM ticket WHERE origin_chat >= {FIRST}");
        let tickets = database.number(&sql).await?;
        Ok(Came {
            lost: dialogues - answer.len(),
            wrong: (tickets - i64::try_from(dialogues)?).abs(),
            cpu_per_thousand: (used.cpu - before) * 500.0 / f64::from(i32::try_from(dialogues)?),
            peak_mib: used.peak_mib,
            dialogues,
            offer,
            answer,
        })
    }
}

async fn flood(stub: Stub) {
    let mut beat = tokio::time::interval(Duration::from_millis(10));
    loop {
        beat.tick().await;
        write(&stub, FLOODER, "Is anybody there? Hello! Hello!");
    }
}
