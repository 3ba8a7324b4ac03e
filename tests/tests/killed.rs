//! A process that works on real machines and hosts is killed with SIGKILL before and after every save of its progress, that is between any
//! two steps: what it does is done once all the same. libvirtd and QEMU are real; the witnesses are the guest's console, virsh and the
//! hosts' own tools.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use async_trait::async_trait;
use chrono::TimeDelta;
use crm::clock::SystemClock;
use komek_tests::lab::kvm::{Zone, until};
use komek_tests::lab::linked::{NOTHING, Town, WHOLE, ends};
use provisioner::hypervisor::{Hypervisor, LockMarker, State};
use provisioner::libvirt::{Libvirt, Limits};
use provisioner::report::Timing;
use provisioner::steps::{Progress, ProgressError, Saved};
use provisioner::zone_link::{Wish, tunnel};
use provisioner::{vm_reboot, vm_unlock};

/// What the process is to do, where, and where its progress is.
const TASK: &str = "KILLED_TASK";
const PLACES: &str = "KILLED_PLACES";
const FILE: &str = "KILLED_FILE";

/// An emulated guest on a busy machine may take this long to boot.
const BOOT: Duration = Duration::from_secs(90);

/// Progress in a file, replaced as a whole. Whoever saves something new is killed: the first time before it is written, and then, when the
/// next process has come to the same point, after it.
struct Deadly(PathBuf);

#[async_trait]
impl Progress for Deadly {
    async fn load(&mut self) -> Result<Option<Saved>, ProgressError> {
        let Ok(found) = std::fs::read(&self.0) else { return Ok(None) };
        serde_json::from_slice(&found).map(Some).map_err(|e| ProgressError(e.to_string()))
    }

    async fn save(&mut self, saved: &Saved) -> Result<(), ProgressError> {
        if self.load().await?.as_ref() == Some(saved) {
            return Ok(());
        }
        let wrong = |e: std::io::Error| ProgressError(e.to_string());
        let (died, new) = (self.0.with_extension("died"), self.0.with_extension("new"));
        if !died.exists() {
            std::fs::write(&died, "").map_err(wrong)?;
            die();
        }
        let text = serde_json::to_vec(saved).map_err(|e| ProgressError(e.to_string()))?;
        std::fs::write(&new, text).and_then(|()| std::fs::rename(&new, &self.0)).map_err(wrong)?;
        std::fs::remove_file(&died).map_err(wrong)?;
        die();
    }
}

/// SIGKILL, at once.
fn die() -> ! {
    let _sent = Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status();
    unreachable!("killed")
}

fn timing() -> Timing {
    Timing {
        graceful_wait: TimeDelta::seconds(60),
        poll: TimeDelta::milliseconds(300),
        settle: TimeDelta::seconds(2),
        ..Timing::default()
    }
}

fn marker() -> LockMarker {
    LockMarker { reason: "abuse".to_owned(), ticket: "KM-000009".to_owned() }
}

/// What the killed process does; a test of its own only because a test binary has no other door.
#[tokio::test]
async fn one_process() -> Result<()> {
    let (Ok(task), Ok(places), Ok(file)) = (std::env::var(TASK), std::env::var(PLACES), std::env::var(FILE))
    else {
        return Ok(());
    };
    let (timing, mut progress) = (timing(), Deadly(file.into()));
    let places: Vec<&str> = places.split(' ').collect();
    let hv = Libvirt::new("z", places[0], Limits::default())?;
    let wish = match task.as_str() {
        "reboot" => {
            vm_reboot::run(&hv, &SystemClock, "web", &timing, &mut progress).await?;
            return Ok(());
        }
        "unlock" => {
            vm_unlock::run(&hv, &SystemClock, "web", Some(&marker()), &timing, &mut progress).await?;
            return Ok(());
        }
        "link" => Wish::Link,
        "removal" => Wish::Removal,
        other => bail!("no task {other}"),
    };
    let ends = ends([("a", places[0]), ("b", places[1])])?;
    tunnel::run(&ends, wish, 7, (&SystemClock, &timing), &mut progress).await?;
    Ok(())
}

/// Runs the task, again and again, until a process comes to its end. How many were killed.
fn until_done(task: &str, places: &str, dir: &Path) -> Result<usize> {
    let file = dir.join(format!("{task}.json"));
    for kills in 0..100 {
        let ended = Command::new(std::env::current_exe()?)
            .args(["--exact", "one_process"])
            .env(TASK, task)
            .env(PLACES, places)
            .env(FILE, &file)
            .stdout(Stdio::null())
            .status()?;
        if ended.success() {
            println!("{task}: {kills} kills");
            ensure!(kills >= 8, "it was hardly ever killed");
            return Ok(kills);
        }
        ensure!(ended.code().is_none(), "{task} failed: {:?}", std::fs::read_to_string(&file));
    }
    bail!("{task} does not come to its end")
}

#[tokio::test]
async fn a_machine_is_rebooted_once_and_unlocked_by_processes_that_die() -> Result<()> {
    let Some(zone) = Zone::start("t-dying")? else { return Ok(()) };
    let hv = zone.connect(Limits::default())?;
    zone.machine(&hv, "web", &[]).await?;
    let up = until(&hv, "web", BOOT, |seen| seen.boot_id.is_some()).await?;
    let dir = tempfile::tempdir()?;

    until_done("reboot", zone.uri(), dir.path())?;
    let now = until(&hv, "web", BOOT, |seen| seen.boot_id.is_some()).await?;
    assert_ne!(now.boot_id, up.boot_id);
    // The guest says at each boot that it is up.
    let booted = zone.console("web")?.lines().filter(|line| line.starts_with("up: ")).count();
    assert_eq!(booted, 2, "once at first, once again");

    hv.set_lock("web", &marker()).await?;
    hv.suspend("web").await?;
    until_done("unlock", zone.uri(), dir.path())?;
    let seen = until(&hv, "web", BOOT, |seen| seen.boot_id.is_some()).await?;
    assert_eq!((seen.state, seen.lock, seen.boot_id), (State::Running, None, now.boot_id));
    ensure!(zone.virsh(&["domstate", "web"], "")? == "running", "virsh says so, too");
    Ok(())
}

#[tokio::test]
async fn a_link_is_made_and_removed_by_processes_that_die() -> Result<()> {
    let Some(town) = Town::start("t-torn", false).await? else { return Ok(()) };
    let dir = tempfile::tempdir()?;
    let places = format!("{} {}", town.zones[0].uri(), town.zones[1].uri());
    until_done("link", &places, dir.path())?;
    assert_eq!(town.traces()?, WHOLE);
    let ours = town.zones[0].plug("acme1", "192.168.101.50", "192.168.101.1").context("a machine")?;
    assert!(ours.pings("192.168.102.1")?, "the link carries");
    until_done("removal", &places, dir.path())?;
    assert_eq!(town.traces()?, NOTHING);
    Ok(())
}
