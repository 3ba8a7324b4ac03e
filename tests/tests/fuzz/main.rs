//! Random updates and presses through the bot's real handler and a real SQLite store: several customers, strangers and staff, in private, in
//! the desk group and in others. Nothing panics, no update fails, each press is answered once, no customer reads what is another's, and
//! every ticket belongs to who asked.
//!
//! `make test` sends the same few thousand updates each time, so that a red run says something about the change; `make explore` sends others.
//! `KOMEK_FUZZ_UPDATES` sets how many there are, `KOMEK_FUZZ_SEED` which.

mod check;
mod markup;
mod moves;
mod words;
mod world;

use std::panic::AssertUnwindSafe;

use anyhow::{Result, anyhow};
use futures::FutureExt as _;

use world::World;

/// Updates that one world sees: few enough that a failure can be repeated, many enough that its tickets have a life.
const ONE_WORLD: u64 = 2_500;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

/// What went wrong is a text: an error's backtrace would push the seed out of a log of which only the end is kept.
#[tokio::test]
async fn whatever_comes_nobody_reads_anothers_and_nothing_breaks() -> Result<(), String> {
    let seed = setting("KOMEK_FUZZ_SEED", 1);
    let mut left = setting("KOMEK_FUZZ_UPDATES", 5_000);
    let (mut world, mut all) = (0, world::Tally::default());
    while left > 0 {
        let updates = left.min(ONE_WORLD);
        let seed = seed + world;
        let run = AssertUnwindSafe(one(seed, updates)).catch_unwind().await;
        let tally = run.map_err(|_| anyhow!("a panic, see above")).flatten();
        let tally = tally
            .map_err(|error| format!("KOMEK_FUZZ_SEED={seed} KOMEK_FUZZ_UPDATES={updates}: {error:#}"))?;
        all.add(&tally);
        left -= updates;
        world += 1;
    }
    println!("{world} worlds from seed {seed}: {all:?}");
    // The generator must reach what it is there to break.
    let reached = all.tickets > 20 && all.actions > 0 && all.sent > all.updates / 10 && all.presses > 0;
    if reached { Ok(()) } else { Err(format!("too little happened: {all:?}")) }
}

async fn one(seed: u64, updates: u64) -> Result<world::Tally> {
    let mut world = World::new(seed).await?;
    while world.tally.updates < updates {
        world.batch().await?;
    }
    world.end().await
}
