//! THE crash test: customers reboot machines and ask questions, an engineer answers, and one of the three services after another is
//! killed with SIGKILL at random moments and started again. Afterwards nothing is lost, nothing happened twice, no promise was missed.
//!
//! `KOMEK_CRASH_KILLS` sets how many kills there are, `KOMEK_CRASH_SEED` repeats a run's moments.

mod load;
mod proof;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use komek_tests::engine::Engine;
use komek_tests::lab::testvirt::TestVirt;
use komek_tests::services::Running;
use komek_tests::town::{ACCOUNTS_OF_VMS, Town};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rstest::rstest;

const SERVICES: [(&str, &[&str]); 3] =
    [("komek-crm", &["serve"]), ("komek-bot", &[]), ("komek-provisioner", &[])];

/// Promises of seconds, so that they fall due while services die.
fn short(text: &str) -> String {
    text.replace("version = \"2025-09-10\"", "version = \"crash\"")
        .replace("messenger = \"10m\"", "messenger = \"3s\"")
        .replace("[kind.question]\nresolution = \"24h\"", "[kind.question]\nresolution = \"6s\"")
        .replace("[kind.vm_reboot]\nresolution = \"10m\"", "[kind.vm_reboot]\nresolution = \"8s\"")
        .replace("graceful_wait = \"3m\"", "graceful_wait = \"2s\"")
}

fn setting(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
}

/// Kills and restarts, until there were enough kills.
async fn killer(town: &Town, services: &mut [Running], seed: u64, kills: u64) -> Result<()> {
    let mut random = StdRng::seed_from_u64(seed);
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(random.random_range(20..900))).await;
        let victim = random.random_range(0..SERVICES.len());
        let ran = services[victim].kill()?;
        ensure!(ran, "{} ended by itself:\n{}", services[victim].name, services[victim].last_words());
        if random.random_ratio(1, 5) {
            // Sometimes it stays away long enough for deadlines to pass unwatched.
            tokio::time::sleep(Duration::from_millis(random.random_range(1_000..2_500))).await;
        }
        services[victim] = town.programs.start(SERVICES[victim].0, SERVICES[victim].1)?;
    }
    Ok(())
}

async fn run(engine: Engine, seed: u64, kills: u64) -> Result<()> {
    let machines: Vec<&str> = ACCOUNTS_OF_VMS.iter().flat_map(|(_, vms)| vms.iter().copied()).collect();
    let Some(lab) = TestVirt::start(&machines).await? else { return Ok(()) };
    let Some(town) = Town::under(engine, &lab.uri(), short).await? else { return Ok(()) };
    let mut services = Vec::new();
    for (program, arguments) in SERVICES {
        services.push(town.programs.start(program, arguments)?);
    }
    let stop = AtomicBool::new(false);
    let killing = async {
        let killed = killer(&town, &mut services, seed, kills).await;
        stop.store(true, Ordering::Relaxed);
        killed
    };
    // A provisioner that was killed in the middle of a reboot looks for a while before it forces anything; killed again, it begins anew.
    let patience = Duration::from_secs(60 + kills);
    let customers = futures::future::try_join_all(
        ACCOUNTS_OF_VMS.iter().map(|one| load::customer(&town, *one, patience, &stop)),
    );
    let (killed, asked, answers) = tokio::join!(killing, customers, load::engineer(&town, &stop));
    let told = || services.iter().map(Running::last_words).collect::<Vec<_>>().join("\n");
    killed?;
    let load = load::Load { asked: asked.with_context(told)?.concat(), answers: answers.with_context(told)? };
    println!("{engine:?}: {kills} kills, {} requests, {} answers", load.asked.len(), load.answers.len());
    proof::drained(&town).await.with_context(told)?;
    proof::nothing_lost_nothing_twice(&town, &load).await?;
    proof::each_machine_once(&town, &lab, &load).await?;
    proof::promises(&town).await?;
    for service in &mut services {
        ensure!(
            service.stop().await?.success(),
            "{} does not end well:\n{}",
            service.name,
            service.last_words()
        );
    }
    let verified = town.programs.run("komek-crm", &["audit", "verify"]).await?.well()?;
    println!("{}", verified.trim());
    Ok(())
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_that_are_killed_lose_nothing_and_repeat_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let seed = setting("KOMEK_CRASH_SEED", rand::random::<u32>().into());
    let kills = setting("KOMEK_CRASH_KILLS", 60);
    run(engine, seed, kills)
        .await
        .with_context(|| format!("KOMEK_CRASH_SEED={seed} KOMEK_CRASH_KILLS={kills}"))
}
