//! Random updates and presses through the bot's real handler and a real SQLite store: several customers, strangers and staff, in private, in
//! the desk group and in others. Nothing panics, no update fails, each press is answered once, no customer reads what is another's, and
//! every ticket belongs to who asked.
//!
//! `KOMEK_FUZZ_UPDATES` sets how many updates there are (a million takes a while: use `--release`; `make test` runs a few thousand), `KOMEK_FUZZ_SEED` repeats a run.

mod check;
mod markup;
mod moves;
mod words;
mod world;

use std::panic::AssertUnwindSafe;

use anyhow::{Context, Result, anyhow};
use futures::FutureExt as _;

use world::World;

/// Updates that one world sees: few enough that a failure can be repeated, many enough that its tickets have a life.
const ONE_WORLD: u64 = 2_500;

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

#[tokio::test]
async fn whatever_comes_nobody_reads_anothers_and_nothing_breaks() -> Result<()> {
    let seed = setting("KOMEK_FUZZ_SEED", rand::random::<u32>().into());
    let mut left = setting("KOMEK_FUZZ_UPDATES", 5_000);
    let (mut world, mut all) = (0, world::Tally::default());
    while left > 0 {
        let updates = left.min(ONE_WORLD);
        let seed = seed + world;
        let repeat = || format!("KOMEK_FUZZ_SEED={seed} KOMEK_FUZZ_UPDATES={updates}");
        let run = AssertUnwindSafe(one(seed, updates)).catch_unwind().await;
        let tally = run.map_err(|_| anyhow!("a panic, see above")).flatten().with_context(repeat)?;
        all.add(&tally);
        left -= updates;
        world += 1;
    }
    println!("{world} worlds from seed {seed}: {all:?}");
    // The generator must reach what it is there to break.
    anyhow::ensure!(
        all.tickets > 20 && all.actions > 0 && all.sent > all.updates / 10 && all.presses > 0,
        "{all:?}"
    );
    Ok(())
}

async fn one(seed: u64, updates: u64) -> Result<world::Tally> {
    let mut world = World::new(seed).await?;
    while world.tally.updates < updates {
        world.batch().await?;
    }
    world.end().await
}
