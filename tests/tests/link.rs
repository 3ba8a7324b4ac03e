//! A link between two real zones: libvirtd twice, a QEMU guest on each side, the shipped hook, VXLAN between the hosts. Seen by virsh
//! and ip besides our own adapter; failed and repeated at every step; with one half that dies or hangs.

use std::ops::Deref;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use chrono::TimeDelta;
use crm::clock::SystemClock;
use crm::domain::action::Proof;
use crm::domain::plan::Value;
use komek_tests::lab::linked::{NOTHING, Town, WHOLE, network};
use provisioner::failure::{Failure, Kind};
use provisioner::links;
use provisioner::report::Timing;
use provisioner::steps::{Drill, Drilled, Notes, Progress};
use provisioner::zone_link::{Wish, tunnel};

/// An emulated guest on a busy machine may take this long to boot.
const BOOT: Duration = Duration::from_mins(2);

fn timing() -> Timing {
    Timing {
        poll: TimeDelta::milliseconds(300),
        start_wait: TimeDelta::seconds(10),
        hard_wait: TimeDelta::seconds(20),
        ..Timing::default()
    }
}

/// What these tests do in the town.
struct Linker(Town);

impl Deref for Linker {
    type Target = Town;
    fn deref(&self) -> &Town {
        &self.0
    }
}

async fn town(name: &str, machines: bool) -> Result<Option<Linker>> {
    Ok(Town::start(name, machines).await?.map(Linker))
}

impl Linker {
    /// Waits until both machines' agents answer.
    async fn booted(&self) -> Result<()> {
        for end in &self.ends {
            let begun = Instant::now();
            while end.hv.guests("acme-net").await?.is_empty() {
                ensure!(begun.elapsed() < BOOT, "the guest in {} does not boot", end.hv.zone());
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
        Ok(())
    }

    async fn go(&self, wish: Wish, progress: &mut dyn Progress) -> Result<Proof, Failure> {
        let plan = tunnel::plan(&self.ends, wish).await?;
        let vni = plan.facts.vni.expect("a number");
        self.go_on(wish, vni, progress).await
    }

    async fn go_on(&self, wish: Wish, vni: u32, progress: &mut dyn Progress) -> Result<Proof, Failure> {
        tunnel::run(&self.ends, wish, vni, (&SystemClock, &timing()), progress).await
    }

    /// The first machine pings the second through its agent, asked by virsh.
    async fn ping(&self) -> Result<bool> {
        let ask = |command: &str| self.zones[0].virsh(&["qemu-agent-command", "vm1", command], "");
        let run = r#"{"execute":"guest-exec","arguments":{"path":"ping","arg":["-c","1","-W","2","192.168.102.11"]}}"#;
        let started: serde_json::Value = serde_json::from_str(&ask(run)?)?;
        let status = format!(
            r#"{{"execute":"guest-exec-status","arguments":{{"pid":{}}}}}"#,
            started["return"]["pid"].as_i64().context("a pid")?
        );
        loop {
            let told: serde_json::Value = serde_json::from_str(&ask(&status)?)?;
            if told["return"]["exited"] == true {
                return Ok(told["return"]["exitcode"] == 0);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test]
async fn machines_of_two_zones_reach_each_other_while_they_are_linked() -> Result<()> {
    let Some(town) = town("t-link", true).await? else { return Ok(()) };
    town.booted().await?;
    assert!(!town.ping().await?, "not linked yet");
    let proof = town.go(Wish::Link, &mut Notes::default()).await?;
    println!("linked: {proof:?}");
    assert_eq!(town.traces()?, WHOLE);
    assert!(town.ping().await?, "virsh sees the ping answered");
    let answered = proof.read_back.iter().filter(|c| c.after == Value::word("plan-ping-answers")).count();
    assert_eq!(answered, 2, "asked from both sides");

    let described = town.zones[0].virsh(&["net-dumpxml", &links::name(vni(&proof)?)], "")?;
    assert!(described.contains("here=\"acme-net-1\" there=\"acme-net-2\""), "{described}");
    assert!(described.contains("<route address='192.168.102.0' prefix='24'"), "{described}");
    let again = town.go(Wish::Link, &mut Notes::default()).await?;
    assert_eq!((again.method.as_str(), town.traces()?), ("already", WHOLE));

    let proof = town.go(Wish::Removal, &mut Notes::default()).await?;
    let silent = proof.read_back.iter().filter(|c| c.after == Value::word("plan-ping-silent")).count();
    assert_eq!((silent, town.traces()?), (2, NOTHING));
    assert!(!town.ping().await?, "virsh sees nothing answer");
    Ok(())
}

/// The tunnel's number, as the first line that was read back tells it.
fn vni(proof: &Proof) -> Result<u32> {
    let Some(Value::Name(way)) = proof.read_back.first().map(|change| &change.after) else {
        bail!("{proof:?}")
    };
    way.split([' ', ',']).nth(1).context("VXLAN 7, …")?.parse().context("a number")
}

#[tokio::test]
async fn whatever_step_fails_or_is_repeated_there_is_a_link_or_none() -> Result<()> {
    let Some(town) = town("t-steps", false).await? else { return Ok(()) };
    for (wish, before, after) in [(Wish::Link, NOTHING, WHOLE), (Wish::Removal, WHOLE, NOTHING)] {
        for at in ["look", "first", "second", "read-back"] {
            let mut progress = Drilled::at(at, Drill::FailAfter(Kind::Failed));
            let failure = town.go(wish, &mut progress).await.expect_err("it is drilled");
            assert!(failure.text.contains("a drill"), "{failure}");
            assert_eq!(town.traces()?, before, "{wish:?}, {at} failed");
        }
        let mut progress = Drilled::at("first", Drill::Twice);
        town.go(wish, &mut progress).await?;
        assert_eq!(town.traces()?, after, "{wish:?}");
    }

    // A half that somebody stopped is made whole; if that fails, it is a stopped half again.
    let proof = town.go(Wish::Link, &mut Notes::default()).await?;
    let called = links::name(vni(&proof)?);
    town.zones[0].virsh(&["net-destroy", &called], "")?;
    let mut progress = Drilled::at("second", Drill::FailBefore(Kind::Failed));
    town.go(Wish::Link, &mut progress).await.expect_err("it is drilled");
    assert_eq!(town.traces()?, [1, WHOLE[1]], "defined, not started");
    town.go(Wish::Link, &mut Notes::default()).await?;
    assert_eq!(town.traces()?, WHOLE);
    Ok(())
}

#[tokio::test]
async fn nobody_else_on_the_host_can_use_a_link() -> Result<()> {
    let Some(town) = town("t-alone", false).await? else { return Ok(()) };
    let other = network(9, 109).replace("acme-net", "other");
    town.zones[0].virsh(&["net-create", "/dev/stdin"], &other)?;
    let ours = town.zones[0].plug("acme1", "192.168.101.50", "192.168.101.1")?;
    let neighbour = town.zones[0].plug("acme9", "192.168.109.50", "192.168.109.1")?;
    let there = "192.168.102.1";
    assert!(!ours.pings(there)?, "not linked yet");
    town.go(Wish::Link, &mut Notes::default()).await?;
    assert!(ours.pings(there)?, "linked");
    // The other host would even answer it.
    let routes = town.zones[1].inside(&["ip", "route"])?;
    let mut ways = routes.lines().filter_map(|l| l.strip_prefix("192.168.101.0/24 via ")?.split(' ').next());
    let way = ways.next_back().context("a route")?.to_owned();
    town.zones[1].inside(&["ip", "route", "add", "192.168.109.0/24", "via", &way])?;
    assert!(!neighbour.pings(there)?, "another customer's machine on the same host");
    town.zones[0].inside(&["iptables", "-t", "mangle", "-F", "FORWARD"])?;
    assert!(neighbour.pings(there)?, "it is the rules that keep it out");
    town.go(Wish::Removal, &mut Notes::default()).await?;
    assert!(!ours.pings(there)?, "not linked any more");
    Ok(())
}

#[tokio::test]
async fn a_half_that_fails_takes_the_first_half_with_it() -> Result<()> {
    let Some(town) = town("t-half", false).await? else { return Ok(()) };
    // The other host hangs: told at once, and the half that was made is gone again.
    let plan = tunnel::plan(&town.ends, Wish::Link).await?;
    let vni = plan.facts.vni.context("a number")?;
    assert!(tunnel::plan(&town.ends, Wish::Link).await?.still(&plan), "planned twice, it is the same plan");
    town.zones[1].signal("STOP")?;
    let mut notes = Notes::default();
    // It looked before the host stopped.
    let failure = town.go_on(Wish::Link, vni, &mut notes).await.expect_err("it hangs");
    assert_eq!(failure.kind, Kind::Hung, "{failure}");
    town.zones[1].signal("CONT")?;
    assert_eq!(town.traces()?, NOTHING, "nothing was begun");

    // A device with the tunnel's name is in the way: the hook fails there, and with it the second half.
    town.zones[1].inside(&["ip", "link", "set", "kmbb", "name", "gone"])?;
    let failure = town.go(Wish::Link, &mut Notes::default()).await.expect_err("the hook fails");
    println!("{failure}");
    assert_eq!(town.traces()?, NOTHING, "the first half is undone");
    town.zones[1].inside(&["ip", "link", "set", "gone", "name", "kmbb"])?;
    town.zones[1].inside(&["ip", "link", "set", "kmbb", "up"])?;

    // A killed libvirtd in between: tried again, it goes on.
    town.zones[1].signal("KILL")?;
    let mut notes = Notes::default();
    let failure = town.go_on(Wish::Link, vni, &mut notes).await.expect_err("nobody answers");
    assert!(failure.retryable(), "{failure}");
    town.zones[1].start_again()?;
    town.go_on(Wish::Link, vni, &mut notes).await?;
    assert_eq!(town.traces()?, WHOLE);
    Ok(())
}

#[tokio::test]
async fn networks_that_clash_are_refused_before_anything_is_touched() -> Result<()> {
    let Some(mut town) = town("t-clash", false).await? else { return Ok(()) };
    let refused = async |town: &Linker| match tunnel::plan(&town.ends, Wish::Link).await {
        Err(failure) if failure.kind == Kind::Refused => failure.text,
        other => format!("not refused: {other:?}"),
    };
    let cidr = town.0.ends[1].end.cidr.clone();
    for (wrong, says) in [
        ("192.168.101.0/24", "overlap"),
        ("192.168.0.0/16", "overlap"),
        ("10.254.7.0/24", "which the links themselves use"),
        ("192.168.103.0/24", "does not have the addresses"),
        ("", "no range"),
    ] {
        town.0.ends[1].end.cidr = wrong.to_owned();
        let said = refused(&town).await;
        assert!(said.contains(says), "{wrong}: {said}");
    }
    town.0.ends[1].end.cidr = cidr;
    town.0.ends[1].end.name = "gone".to_owned();
    assert!(refused(&town).await.contains("no started network gone"));
    town.0.ends[1].end.name = "acme-net".to_owned();
    let missing = tunnel::plan(&town.ends, Wish::Removal).await.expect_err("no link");
    assert!(missing.text.contains("are not linked"), "{missing}");
    // The other side's addresses are in use here.
    let clash = network(9, 102).replace("acme-net", "other");
    town.zones[0].virsh(&["net-create", "/dev/stdin"], &clash)?;
    assert!(refused(&town).await.contains("already uses addresses of 192.168.102.0/24 (other)"));
    town.zones[0].virsh(&["net-destroy", "other"], "")?;
    tunnel::plan(&town.ends, Wish::Link).await?;
    assert_eq!(town.traces()?, NOTHING);
    Ok(())
}
