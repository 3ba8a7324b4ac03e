//! The adapter and both procedures against libvirt's own test driver: the same library calls, no hypervisor.

use std::path::Path;

use chrono::TimeDelta;
use crm::clock::SystemClock;

use super::*;
use crate::failure::{Failure, Kind};
use crate::hypervisor::{Agent, State};
use crate::report::{Evidence, Method, Timing};
use crate::steps::Notes;
use crate::{vm_reboot, vm_unlock};

fn zone(name: &str) -> Libvirt {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo").join(format!("{name}.xml"));
    let uri = format!("test://{}", file.display());
    Libvirt::new(name, &uri, Limits::default()).expect("the event loop starts")
}

fn quick() -> Timing {
    Timing { poll: TimeDelta::milliseconds(20), graceful_wait: TimeDelta::seconds(5), ..Timing::default() }
}

async fn reboot(hv: &Libvirt, domain: &str) -> Result<crate::report::Proof, Failure> {
    vm_reboot::run(hv, &SystemClock, domain, &quick(), &mut Notes::default()).await
}

#[tokio::test]
async fn the_demo_zones_are_as_the_demo_tells() {
    let seen = zone("ala-1").list().await.expect("list");
    let names: Vec<_> = seen.iter().map(|d| (d.name.as_str(), d.state)).collect();
    assert_eq!(
        names,
        [("acme-db", State::Running), ("acme-web", State::Running), ("steppe-shop", State::Paused)]
    );
    let shop = &seen[2];
    assert_eq!(shop.lock, Some(LockMarker { reason: "abuse".into(), ticket: "SEC-7".into() }));
    assert!(shop.persistent && shop.held && shop.agent == Agent::Absent);
    let names: Vec<_> = zone("ala-2").list().await.expect("list").into_iter().map(|d| d.name).collect();
    assert_eq!(names, ["acme-backup", "nomad-crm", "steppe-api"]);
}

#[tokio::test]
async fn a_reboot_is_proved_by_a_new_domain_id() {
    let hv = zone("ala-1");
    let before = hv.observe("acme-web").await.expect("look");
    let proof = reboot(&hv, "acme-web").await.expect("reboot");
    assert_eq!(
        (proof.method, proof.evidence, proof.state),
        (Method::Graceful, Evidence::DomainId, State::Running)
    );
    assert_eq!(proof.domain_id_before, before.domain_id);
    assert_ne!(proof.domain_id_after, before.domain_id);
    // Announcements may come a moment later than answers.
    for _ in 0..200 {
        if hv.tally("acme-web").started == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let announced = hv.tally("acme-web");
    assert_eq!((announced.stopped, announced.started), (1, 1));
}

#[tokio::test]
async fn a_locked_machine_is_unlocked_and_only_then_rebooted() {
    let hv = zone("ala-1");
    let refused = reboot(&hv, "steppe-shop").await.expect_err("locked");
    assert_eq!(refused.kind, Kind::Refused);
    let run = || async {
        vm_unlock::run(&hv, &SystemClock, "steppe-shop", None, &quick(), &mut Notes::default()).await
    };
    let proof = run().await.expect("unlock");
    assert_eq!(proof.method, Method::Resumed);
    assert_eq!(proof.lock_removed.map(|l| l.ticket).as_deref(), Some("SEC-7"));
    let again = run().await.expect("unlock of an unlocked machine");
    assert_eq!((again.method, again.lock_removed), (Method::AlreadyDone, None));
    reboot(&hv, "steppe-shop").await.expect("reboot");
}

#[tokio::test]
async fn a_marker_outlives_a_power_cycle() {
    let hv = zone("ala-2");
    let marker = LockMarker { reason: "debt <90 days> & \"more\"".into(), ticket: "KM-000008".into() };
    hv.set_lock("nomad-crm", &marker).await.expect("mark");
    hv.destroy("nomad-crm").await.expect("power off");
    let off = hv.observe("nomad-crm").await.expect("look");
    assert_eq!((off.state, off.domain_id, off.lock.as_ref()), (State::Off, None, Some(&marker)));
    hv.start("nomad-crm").await.expect("start");
    assert_eq!(hv.observe("nomad-crm").await.expect("look").lock, Some(marker));
    hv.clear_lock("nomad-crm").await.expect("unmark");
    hv.clear_lock("nomad-crm").await.expect("unmark once more");
    assert_eq!(hv.observe("nomad-crm").await.expect("look").lock, None);
}

#[tokio::test]
async fn errors_say_what_to_look_at() {
    let hv = zone("ala-1");
    let gone = hv.observe("no-such-vm").await.expect_err("not there");
    assert_eq!(gone.fault, Fault::NoSuchDomain);
    assert!(
        gone.to_string().starts_with("zone ala-1: look of no-such-vm: there is no such domain"),
        "{gone}"
    );
    assert_eq!(reboot(&hv, "no-such-vm").await.expect_err("not there").kind, Kind::Refused);
    hv.start("acme-web").await.expect_err("it runs already");

    let nobody = Libvirt::new("ala-9", "qemu+unix:///system?socket=/nonexistent/sock", Limits::default())
        .expect("loop");
    let lost = nobody.list().await.expect_err("nobody listens");
    assert_eq!(lost.fault, Fault::Unreachable, "{lost}");
    assert!(lost.to_string().contains("is libvirtd up"), "{lost}");
}
