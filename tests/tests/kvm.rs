//! Reboot and unlock of real machines: libvirtd, QEMU (emulated), a Linux guest with and without its agent; and a
//! hypervisor that hangs or dies in the middle.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use crm::clock::{Clock, SystemClock};
use komek_tests::lab::kvm::{Zone, until};
use provisioner::failure::{Failure, Kind};
use provisioner::hypervisor::{Fault, Hypervisor, LockMarker, State};
use provisioner::libvirt::{Libvirt, Limits};
use provisioner::report::{Evidence, Method, Proof, Timing};
use provisioner::steps::Notes;
use provisioner::{vm_reboot, vm_unlock};

/// An emulated guest on a busy machine may take this long to boot.
const BOOT: Duration = Duration::from_secs(90);

/// Patient enough for an emulated guest that does boot, and short where the test makes sure that it does not obey.
fn timing(graceful_wait: i64) -> Timing {
    Timing {
        graceful_wait: TimeDelta::seconds(graceful_wait),
        poll: TimeDelta::milliseconds(300),
        settle: TimeDelta::seconds(3),
        ..Timing::default()
    }
}

async fn reboot(hv: &Libvirt, machine: &str, timing: &Timing, notes: &mut Notes) -> Result<Proof, Failure> {
    let begun = Instant::now();
    let ended = vm_reboot::run(hv, &SystemClock, machine, timing, notes).await;
    println!("reboot of {machine} took {:?}: {ended:?}", begun.elapsed());
    ended
}

/// A zone with one machine whose agent tells a boot id.
async fn one_machine(zone: &str, words: &[&str]) -> Result<Option<(Zone, Libvirt, String)>> {
    let Some(zone) = Zone::start(zone)? else { return Ok(None) };
    let hv = zone.connect(Limits::default())?;
    zone.machine(&hv, "web", words).await?;
    let begun = Instant::now();
    let up = until(&hv, "web", BOOT, |seen| seen.boot_id.is_some()).await?;
    println!("the guest was up after {:?}", begun.elapsed());
    Ok(Some((zone, hv, up.boot_id.context("it has told one")?)))
}

#[tokio::test]
async fn a_guest_that_obeys_is_rebooted_and_a_locked_one_is_unlocked() -> Result<()> {
    let Some((_zone, hv, boot_id)) = one_machine("t-obeys", &[]).await? else {
        return Ok(());
    };
    let proof = reboot(&hv, "web", &timing(90), &mut Notes::default()).await?;
    assert_eq!((proof.method, proof.evidence), (Method::Graceful, Evidence::BootId));
    assert_eq!(proof.boot_id_before.as_ref(), Some(&boot_id));
    assert_ne!(proof.boot_id_after, proof.boot_id_before);
    assert_eq!(proof.domain_id_after, proof.domain_id_before, "the same run of QEMU");
    assert!(hv.tally("web").reboots >= 1);

    // Locked: marked and paused.
    let marker = LockMarker { reason: "abuse".to_owned(), ticket: "KM-000009".to_owned() };
    hv.set_lock("web", &marker).await?;
    hv.suspend("web").await?;
    let refused = reboot(&hv, "web", &timing(90), &mut Notes::default()).await.expect_err("locked");
    assert_eq!(refused.kind, Kind::Refused);
    let seen = &hv.list().await?[0];
    assert_eq!(
        (seen.state, seen.lock.as_ref(), seen.reason.as_str()),
        (State::Paused, Some(&marker), "user")
    );

    let (now, mut notes) = (timing(90), Notes::default());
    let unlocked = vm_unlock::run(&hv, &SystemClock, "web", Some(&marker), &now, &mut notes).await?;
    println!("unlock took {} ms", unlocked.took_ms);
    assert_eq!((unlocked.method, unlocked.lock_removed), (Method::Resumed, Some(marker)));
    let seen = until(&hv, "web", BOOT, |seen| seen.boot_id.is_some()).await?;
    assert_eq!((seen.state, seen.lock), (State::Running, None));
    assert_eq!(seen.boot_id, proof.boot_id_after, "it ran on where it was");
    Ok(())
}

#[tokio::test]
async fn a_guest_that_ignores_its_power_button_is_reset() -> Result<()> {
    let words = ["komek.deaf=1"];
    let Some((_zone, hv, boot_id)) = one_machine("t-deaf", &words).await? else {
        return Ok(());
    };
    let proof = reboot(&hv, "web", &timing(4), &mut Notes::default()).await?;
    assert_eq!((proof.method, proof.evidence), (Method::Hard, Evidence::BootId));
    assert_eq!(proof.boot_id_before, Some(boot_id));
    assert_ne!(proof.boot_id_after, proof.boot_id_before);
    assert!(proof.took_ms >= 4000, "it had its time to obey");
    Ok(())
}

#[tokio::test]
async fn a_guest_without_agent_is_power_cycled() -> Result<()> {
    let Some(zone) = Zone::start("t-mute")? else { return Ok(()) };
    let hv = zone.connect(Limits::default())?;
    zone.machine(&hv, "web", &["komek.mute=1", "komek.deaf=1"]).await?;
    let proof = reboot(&hv, "web", &timing(2), &mut Notes::default()).await?;
    assert_eq!((proof.method, proof.evidence), (Method::Hard, Evidence::DomainId));
    assert_ne!(proof.domain_id_after, proof.domain_id_before);
    // Announcements come a moment later than answers.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((hv.tally("web").stopped, hv.tally("web").started), (1, 2));
    Ok(())
}

#[tokio::test]
async fn a_hung_libvirtd_is_told_in_time_and_recovered_from() -> Result<()> {
    let Some((zone, _, boot_id)) = one_machine("t-hung", &[]).await? else { return Ok(()) };
    let limits = Limits { look: Duration::from_secs(3), act: Duration::from_secs(3), ..Limits::default() };
    let hv = zone.connect(limits)?;
    hv.list().await?;

    zone.signal("STOP")?;
    let ticks = tokio::spawn(async {
        // If a call blocked tokio, this would fall behind.
        let begun = Instant::now();
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        begun.elapsed()
    });
    let mut notes = Notes::default();
    let begun = Instant::now();
    let failure = reboot(&hv, "web", &timing(60), &mut notes).await.expect_err("it hangs");
    let waited = begun.elapsed();
    assert_eq!(failure.kind, Kind::Hung, "{failure}");
    assert!(failure.text.contains("the hypervisor hangs (no answer for 3 s)"), "{failure}");
    assert!(waited < Duration::from_secs(6), "{waited:?}");
    assert!(ticks.await? < Duration::from_secs(4), "tokio was blocked");

    // The slots are limited: asking on and on does not pile up threads.
    for _ in 0..3 {
        assert_eq!(hv.list().await.expect_err("it hangs").fault, Fault::Hung);
    }
    zone.signal("CONT")?;
    let begun = Instant::now();
    while hv.list().await.is_err() {
        ensure!(begun.elapsed() < Duration::from_secs(30), "it does not come back");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!("back {:?} after it was let go on", begun.elapsed());
    let seen = until(&hv, "web", BOOT, |seen| seen.boot_id.is_some()).await?;
    assert_eq!(seen.boot_id, Some(boot_id), "nothing was done while it hung");
    let proof = reboot(&hv, "web", &timing(60), &mut notes).await?;
    assert_eq!((proof.method, proof.evidence), (Method::Graceful, Evidence::BootId));
    Ok(())
}

#[tokio::test]
async fn a_libvirtd_killed_in_the_middle_leads_to_one_reboot() -> Result<()> {
    let Some((zone, hv, boot_id)) = one_machine("t-killed", &[]).await? else {
        return Ok(());
    };
    let (timing, mut notes) = (timing(60), Notes::default());
    let strike = async {
        // As soon as the guest has been asked to reboot.
        tokio::time::sleep(Duration::from_millis(150)).await;
        zone.signal("KILL")?;
        tokio::time::sleep(Duration::from_secs(2)).await;
        zone.start_again()
    };
    let (ended, struck) = tokio::join!(reboot(&hv, "web", &timing, &mut notes), strike);
    struck?;
    let proof = match ended {
        Ok(proof) => proof,
        // As the worker does: a passing failure is tried again, from where it stopped.
        Err(failure) => {
            assert!(failure.retryable(), "{failure}");
            reboot(&hv, "web", &timing, &mut notes).await?
        }
    };
    assert_eq!(proof.boot_id_before, Some(boot_id));
    assert_eq!(proof.evidence, Evidence::BootId);
    // Once: it stays with that boot id.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let seen = until(&hv, "web", BOOT, |seen| seen.boot_id.is_some()).await?;
    assert_eq!((seen.state, seen.boot_id), (State::Running, proof.boot_id_after));
    Ok(())
}

#[tokio::test]
async fn a_machine_that_cannot_be_rebooted_is_left_alone_and_told_of() -> Result<()> {
    let Some(zone) = Zone::start("t-odd")? else { return Ok(()) };
    let hv = zone.connect(Limits::default())?;
    zone.machine(&hv, "web", &["komek.mute=1", "komek.deaf=1"]).await?;
    let refused = async |machine: &str| {
        let ended = reboot(&hv, machine, &timing(1), &mut Notes::default()).await;
        let failure = ended.expect_err("it cannot be");
        let planned = vm_reboot::plan(&hv, machine).await.expect_err("nor planned");
        assert_eq!((failure.kind, planned.kind), (Kind::Refused, Kind::Refused), "{failure}");
        failure.text
    };
    // Paused by somebody, without a mark that says why.
    zone.virsh(&["suspend", "web"], "")?;
    assert!(refused("web").await.contains("find out who paused it and why"));
    zone.virsh(&["resume", "web"], "")?;

    // libvirtd was restarted since: found again, rebooted.
    zone.signal("KILL")?;
    zone.start_again()?;
    let proof = reboot(&hv, "web", &timing(1), &mut Notes::default()).await?;
    assert_eq!(proof.evidence, Evidence::DomainId);

    // It never comes back: what it boots from is gone.
    let described = zone.virsh(&["dumpxml", "--inactive", "web"], "")?;
    let (before, after) = described.split_once("/vmlinuz</kernel>").context("a kernel")?;
    zone.virsh(&["define", "/dev/stdin"], &format!("{before}/is-gone</kernel>{after}"))?;
    let mut notes = Notes::default();
    let failure = reboot(&hv, "web", &timing(1), &mut notes).await.expect_err("it cannot start");
    assert_eq!(failure.kind, Kind::Failed, "{failure}");
    assert!(failure.text.contains("is-gone") && failure.text.contains("the way back"), "{failure}");
    assert_eq!(zone.virsh(&["domstate", "web"], "")?, "shut off");
    let again = reboot(&hv, "web", &timing(1), &mut notes).await.expect_err("the answer stays");
    assert_eq!(again, failure);

    zone.virsh(&["domrename", "web", "shop"], "")?;
    assert!(refused("web").await.contains("deleted, renamed or moved to another zone"));
    zone.virsh(&["undefine", "shop"], "")?;
    assert!(refused("shop").await.contains("there is no such domain"));
    Ok(())
}

#[tokio::test]
async fn a_guest_that_boots_and_never_answers_again_is_proved_by_its_announcement_alone() -> Result<()> {
    // Its second boot comes after this moment, and hangs.
    let until = SystemClock.now() + BOOT;
    let word = format!("komek.until={}", until.timestamp());
    let Some((zone, hv, boot_id)) = one_machine("t-stuck", &[&word]).await? else { return Ok(()) };
    // The guest's own clock decides, and nobody can set that from outside.
    SystemClock.sleep_until(until + TimeDelta::seconds(1)).await;
    let patience = Timing { agent_wait: TimeDelta::seconds(45), ..timing(60) };
    let proof = reboot(&hv, "web", &patience, &mut Notes::default()).await?;
    assert_eq!((proof.method, proof.evidence), (Method::Graceful, Evidence::RebootEvent));
    assert_eq!(
        (proof.boot_id_before, proof.boot_id_after),
        (Some(boot_id), None),
        "nobody in there says more"
    );
    assert_eq!(zone.virsh(&["domstate", "web"], "")?, "running");
    assert!(zone.console("web")?.contains("stuck"), "it did boot");
    // Asked for once more, it can only be power-cycled, and that is seen from outside.
    let again = reboot(&hv, "web", &timing(2), &mut Notes::default()).await?;
    assert_eq!((again.method, again.evidence), (Method::Hard, Evidence::DomainId));
    Ok(())
}
