//! A process that reboots machines is killed with SIGKILL at random moments, again and again: each machine is
//! rebooted exactly once per action. The reboots are counted by libvirt's own announcements.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Result, ensure};
use async_trait::async_trait;
use chrono::TimeDelta;
use crm::clock::SystemClock;
use komek_tests::lab::testvirt::TestVirt;
use provisioner::libvirt::{Libvirt, Limits};
use provisioner::report::Timing;
use provisioner::steps::{Progress, ProgressError, Saved};
use provisioner::vm_reboot;
use rand::Rng;

const URI: &str = "REBOOT_ONCE_URI";
const FILE: &str = "REBOOT_ONCE_FILE";
const ACTIONS: u64 = 40;

/// Progress in a file, replaced as a whole.
struct File(PathBuf);

#[async_trait]
impl Progress for File {
    async fn load(&mut self) -> Result<Option<Saved>, ProgressError> {
        let Ok(found) = std::fs::read(&self.0) else { return Ok(None) };
        serde_json::from_slice(&found).map(Some).map_err(|e| ProgressError(e.to_string()))
    }

    async fn save(&mut self, saved: &Saved) -> Result<(), ProgressError> {
        let new = self.0.with_extension("new");
        let text = serde_json::to_vec(saved).map_err(|e| ProgressError(e.to_string()))?;
        std::fs::write(&new, text)
            .and_then(|()| std::fs::rename(&new, &self.0))
            .map_err(|e| ProgressError(e.to_string()))
    }
}

/// What the killed process does; a test of its own only because a test binary has no other door.
#[tokio::test]
async fn one_process() -> Result<()> {
    let (Ok(uri), Ok(file)) = (std::env::var(URI), std::env::var(FILE)) else { return Ok(()) };
    let hv = Libvirt::new("z", &uri, Limits::default())?;
    let timing = Timing {
        poll: TimeDelta::milliseconds(5),
        settle: TimeDelta::milliseconds(50),
        graceful_wait: TimeDelta::milliseconds(200),
        ..Timing::default()
    };
    vm_reboot::run(&hv, &SystemClock, "vm", &timing, &mut File(file.into())).await?;
    Ok(())
}

fn start(uri: &str, file: &PathBuf) -> Result<Child> {
    Ok(Command::new(std::env::current_exe()?)
        .args(["--exact", "one_process"])
        .env(URI, uri)
        .env(FILE, file)
        .stdout(Stdio::null())
        .spawn()?)
}

#[tokio::test]
async fn no_machine_is_rebooted_twice_by_a_process_that_dies() -> Result<()> {
    let Some(lab) = TestVirt::start(&["vm"]).await? else { return Ok(()) };
    let dir = tempfile::tempdir()?;
    let mut kills = 0;
    for action in 0..ACTIONS {
        let file = dir.path().join(format!("action-{action}"));
        // Killed up to five times, then it may come to its end.
        for attempt in 0.. {
            let mut process = start(&lab.uri(), &file)?;
            if attempt < 5 {
                let life = Duration::from_micros(rand::rng().random_range(0..40_000));
                tokio::time::sleep(life).await;
                if process.try_wait()?.is_none() {
                    process.kill()?;
                    process.wait()?;
                    kills += 1;
                    continue;
                }
            }
            ensure!(process.wait()?.success(), "the reboot failed: {:?}", std::fs::read_to_string(&file));
            break;
        }
    }
    // Announcements come a moment later than answers; a second reboot would show as well.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let tally = lab.tally("vm");
    println!("{kills} kills, {tally:?}");
    assert!(kills >= 10, "it was hardly ever killed");
    assert_eq!((tally.stopped, tally.started), (ACTIONS, ACTIONS + 1));
    Ok(())
}
