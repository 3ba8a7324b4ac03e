//! The procedures of machines, with every kind of guest, under every single trouble: each call to the hypervisor and to the disk fails once, and the
//! process dies once before and once after it. Whatever happens, no machine is rebooted twice and none stays off.

use std::fmt::Debug;

use chrono::TimeDelta;

use komek_tests::fake::{Fake, Trouble, World};
use provisioner::failure::{Failure, Kind};
use provisioner::hypervisor::{Fault, LockMarker, State};
use provisioner::report::{Evidence, Method, Proof, Timing};
use provisioner::{vm_reboot, vm_unlock};

#[derive(Debug, Clone, Copy)]
enum Plan {
    Reboot,
    Unlock,
}

impl Plan {
    /// One run of a process; `None` if it died.
    async fn attempt(self, fake: &Fake) -> Option<Result<Proof, Failure>> {
        // Looks are rare, so that there are fewer of them to fail.
        let timing = Timing { poll: TimeDelta::seconds(4), ..Timing::default() };
        let mut disk = fake.clone();
        let crashed = async {
            while !fake.world().crashed {
                tokio::task::yield_now().await;
            }
        };
        let run = async {
            match self {
                Self::Reboot => vm_reboot::run(fake, fake, "vm", &timing, &mut disk).await,
                Self::Unlock => vm_unlock::run(fake, fake, "vm", None, &timing, &mut disk).await,
            }
        };
        tokio::select! {
            biased;
            ended = run => Some(ended),
            () = crashed => None,
        }
    }

    /// Runs until there is an answer that stays, as the worker does: again after `pause` each time.
    async fn to_the_end(self, fake: &Fake, pause: TimeDelta) -> Result<Proof, Failure> {
        for _ in 0..20 {
            match self.attempt(fake).await {
                Some(Err(failure)) if failure.retryable() => {}
                Some(ended) => return ended,
                None => fake.world().crashed = false,
            }
            let mut world = fake.world();
            world.trouble = None;
            let later = world.now + pause;
            world.move_to(later);
        }
        panic!("no answer after 20 runs");
    }
}

/// The guests that a reboot meets.
fn guests() -> Vec<(&'static str, Fake)> {
    let deaf = |world: &mut World| world.obeys_after = None;
    let mute = |world: &mut World| world.agent_after = None;
    let slow = |world: &mut World| world.agent_after = Some(TimeDelta::seconds(70));
    let late = |world: &mut World| world.obeys_after = Some(TimeDelta::seconds(100));
    vec![
        ("agent, obeys", Fake::new()),
        ("agent, ignores ACPI", Fake::new().with(deaf)),
        ("no agent, obeys", Fake::new().with(mute)),
        ("no agent, ignores ACPI", Fake::new().with(mute).with(deaf)),
        // After libvirtd began anew, a machine may get the number that it had before.
        ("no agent, numbers repeat", Fake::new().with(mute).with(|world| world.next_id = 7)),
        (
            "no agent, ignores ACPI, numbers repeat",
            Fake::new().with(mute).with(deaf).with(|world| world.next_id = 7),
        ),
        ("slow agent, obeys late", Fake::new().with(slow).with(late)),
        ("slow agent, ignores ACPI", Fake::new().with(slow).with(deaf)),
        (
            "off",
            Fake::new().with(|world| {
                world.domain.state = State::Off;
                world.domain.domain_id = None;
            }),
        ),
        ("transient, obeys", Fake::new().with(mute).with(|world| world.domain.persistent = false)),
        (
            "transient, ignores",
            Fake::new().with(mute).with(deaf).with(|world| world.domain.persistent = false),
        ),
    ]
}

fn abuse() -> LockMarker {
    LockMarker { reason: "abuse".into(), ticket: "KM-000009".into() }
}

/// The states that an unlock meets.
fn locked() -> Vec<(&'static str, Fake)> {
    let mark = |world: &mut World| world.domain.lock = Some(abuse());
    let state = |state: State| move |world: &mut World| world.domain.state = state;
    vec![
        ("paused", Fake::new().with(mark).with(state(State::Paused))),
        ("off", Fake::new().with(mark).with(state(State::Off))),
        ("running", Fake::new().with(mark)),
        ("paused, unmarked", Fake::new().with(state(State::Paused))),
        ("nothing to do", Fake::new()),
    ]
}

/// Meets every trouble once at every call, until a run gets by without meeting it.
async fn drill<T: Debug>(
    plan: Plan,
    cases: fn() -> Vec<(&'static str, Fake)>,
    troubles: impl Fn(usize) -> Vec<Trouble>,
    check: impl Fn(&str, &World, &Result<Proof, Failure>) -> Result<(), T>,
) {
    let mut drills = 0;
    for case in 0..cases().len() {
        for kind in 0..troubles(0).len() {
            for pause in [0, 4, 300].map(TimeDelta::seconds) {
                for call in 0.. {
                    let (name, fake) = cases().swap_remove(case);
                    let trouble = troubles(call)[kind];
                    fake.world().trouble = Some(trouble);
                    let ended = plan.to_the_end(&fake, pause).await;
                    let world = fake.world();
                    if let Err(why) = check(name, &world, &ended) {
                        panic!("{name}, {trouble:?}, {pause}: {why:?}\n{ended:?}\n{world:#?}");
                    }
                    drills += 1;
                    if world.calls <= call {
                        break;
                    }
                }
            }
        }
    }
    println!("{drills} drills");
}

fn passing(at: usize) -> Vec<Trouble> {
    let mut all = vec![Trouble::CrashBefore(at), Trouble::CrashAfter(at), Trouble::Late(at)];
    all.push(Trouble::Fail(at, Fault::Unreachable));
    for fault in [Fault::Hung, Fault::Lost, Fault::Timeout] {
        all.extend([Trouble::Fail(at, fault), Trouble::FailAfter(at, fault)]);
    }
    all
}

fn lasting(at: usize) -> Vec<Trouble> {
    [Fault::Refused, Fault::Failed, Fault::Unsupported].map(|fault| Trouble::Fail(at, fault)).to_vec()
}

#[tokio::test]
async fn a_reboot_survives_every_crash_and_passing_fault_and_happens_once() {
    drill(Plan::Reboot, guests, passing, |name, world, ended| {
        let transient = name.starts_with("transient");
        match ended {
            Ok(_) if world.boots != 2 => Err("not exactly one reboot"),
            Err(failure) if !transient || failure.kind != Kind::Uncertain => Err("it failed"),
            Err(_) if world.boots > 2 => Err("rebooted twice"),
            _ if world.domain.state != State::Running => Err("not running"),
            _ => Ok(()),
        }
    })
    .await;
}

#[tokio::test]
async fn a_reboot_that_fails_for_good_leaves_the_machine_running() {
    drill(Plan::Reboot, guests, lasting, |name, world, ended| {
        let untouched = name == "off" && world.boots == 1;
        if world.boots > 2 {
            Err("rebooted twice")
        } else if world.domain.state != State::Running && !untouched {
            Err("not running")
        } else if ended.is_ok() && world.boots != 2 {
            Err("proof without a reboot")
        } else {
            Ok(())
        }
    })
    .await;
}

#[tokio::test]
async fn an_unlock_survives_every_crash_and_passing_fault() {
    drill(Plan::Unlock, locked, passing, |name, world, ended| {
        let boots = if name == "off" { 2 } else { 1 };
        match ended {
            Err(_) => Err("it failed"),
            Ok(_) if world.domain.state != State::Running => Err("not running"),
            Ok(_) if world.domain.lock.is_some() => Err("still marked"),
            Ok(_) if world.boots != boots => Err("wrong number of boots"),
            Ok(_) => Ok(()),
        }
    })
    .await;
}

#[tokio::test]
async fn an_unlock_that_fails_for_good_leaves_no_machine_standing_unmarked() {
    drill(Plan::Unlock, locked, lasting, |name, world, _| {
        let marked = world.domain.lock.is_some() || name == "paused, unmarked";
        if world.domain.state == State::Running || marked {
            Ok(())
        } else {
            Err("stands still without a marker")
        }
    })
    .await;
}

#[tokio::test]
async fn each_guest_is_rebooted_its_own_way() {
    use Evidence::{BootId, DomainId, RebootEvent, SeenOff};
    let expected = [
        (Method::Graceful, BootId),
        (Method::Hard, BootId),
        (Method::Graceful, DomainId),
        (Method::Hard, DomainId),
        (Method::Graceful, SeenOff),
        (Method::Hard, SeenOff),
        (Method::Graceful, BootId),
        (Method::Hard, BootId),
        (Method::Started, DomainId),
        (Method::Graceful, RebootEvent),
        (Method::Hard, RebootEvent),
    ];
    for ((name, fake), (method, evidence)) in guests().into_iter().zip(expected) {
        let proof = Plan::Reboot.to_the_end(&fake, TimeDelta::zero()).await.expect(name);
        assert_eq!((proof.method, proof.evidence), (method, evidence), "{name}");
        // Once more: the same proof, and nothing is touched.
        let again = Plan::Reboot.to_the_end(&fake, TimeDelta::zero()).await.expect(name);
        assert_eq!(again, proof, "{name}");
        assert_eq!(fake.world().boots, 2, "{name}");
    }
}

#[tokio::test]
async fn a_locked_or_strangely_paused_machine_is_not_rebooted() {
    for (name, fake) in locked().into_iter().take(4) {
        let failure = Plan::Reboot.to_the_end(&fake, TimeDelta::zero()).await.expect_err(name);
        assert_eq!(failure.kind, Kind::Refused, "{name}");
        assert_eq!(fake.world().boots, 1, "{name}");
        if name == "paused" {
            assert_eq!(failure.text, "vm is locked (abuse, ticket KM-000009): unlock it first");
        }
    }
}

#[tokio::test]
async fn an_agent_that_never_comes_back_weakens_the_proof() {
    // The guest obeys, the reboot is announced, and then the agent stays away.
    let fake = Fake::new();
    let run = Plan::Reboot.to_the_end(&fake, TimeDelta::zero());
    let lose_the_agent = async {
        while fake.world().boots < 2 {
            tokio::task::yield_now().await;
        }
        fake.world().agent_after = Some(TimeDelta::days(1));
    };
    let (proof, ()) = tokio::join!(run, lose_the_agent);
    let proof = proof.expect("rebooted");
    assert_eq!((proof.evidence, proof.boot_id_after), (Evidence::RebootEvent, None));
    assert_eq!(fake.world().boots, 2);
}

#[tokio::test]
async fn a_hung_hypervisor_is_told_at_once() {
    let fake = Fake::new().with(|world| world.trouble = Some(Trouble::Fail(3, Fault::Hung)));
    let failure = Plan::Reboot.attempt(&fake).await.expect("no crash").expect_err("hung");
    assert_eq!(failure.kind, Kind::Hung);
    assert!(failure.text.contains("hangs"), "{}", failure.text);
}

#[tokio::test]
async fn only_the_approved_lock_is_lifted() {
    let (_, fake) = locked().swap_remove(0);
    let (timing, mut disk) = (Timing::default(), fake.clone());
    let other = LockMarker { reason: "debt".into(), ticket: String::new() };
    let ended = vm_unlock::run(&fake, &fake, "vm", Some(&other), &timing, &mut disk).await;
    assert_eq!(ended.expect_err("refused").kind, Kind::Refused);
    assert_eq!(fake.world().domain.lock, Some(abuse()));
}
