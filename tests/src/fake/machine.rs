//! A hypervisor in memory with one domain and a clock that jumps: it can fail or fall silent for ever ("crash") at any chosen call, and
//! counts what the guest went through.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use crm::clock::Clock;

use provisioner::hypervisor::{Agent, Fault, HvError, Hypervisor, LockMarker, Observed, State};
use provisioner::links::NetworkSeen;
use provisioner::steps::{Progress, ProgressError, Saved};

/// What is to go wrong, at the how-manieth call of hypervisor or progress (from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The process dies before the call took effect.
    CrashBefore(usize),
    /// The process dies after it took effect.
    CrashAfter(usize),
    /// The call fails and took no effect.
    Fail(usize, Fault),
    /// The call took effect, but its answer is this fault.
    FailAfter(usize, Fault),
    /// The hypervisor hangs and does it ten seconds later.
    Late(usize),
}

/// What a hanging hypervisor will do when it wakes up.
pub struct Late(DateTime<Utc>, Box<dyn FnOnce(&mut World) + Send>);

impl std::fmt::Debug for Late {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "late at {}", self.0)
    }
}

/// The domain, the disk and the time.
#[derive(Debug)]
pub struct World {
    /// The zone's name.
    pub zone: &'static str,
    /// The time.
    pub now: DateTime<Utc>,
    /// The domain.
    pub domain: Observed,
    /// Set once the domain was destroyed or shut down while transient.
    pub gone: bool,
    /// The guest obeys its power button after this long; `None`: never.
    pub obeys_after: Option<TimeDelta>,
    /// The agent tells a boot id this long after a boot; `None`: there is no agent.
    pub agent_after: Option<TimeDelta>,
    /// Announcements reach us.
    pub announces: bool,
    /// When the guest booted last.
    pub booted_at: DateTime<Utc>,
    /// How often it did.
    pub boots: u32,
    /// The number of the domain's next run.
    pub next_id: u32,
    due: Option<(DateTime<Utc>, Button)>,
    late: Option<Late>,
    /// The host's networks.
    pub networks: Vec<NetworkSeen>,
    /// On which of them the domain has which address.
    pub card: Option<(String, Ipv4Addr)>,
    /// The host at the other end of links.
    pub peer: Option<Fake>,
    /// What is on the disk of who runs procedures.
    pub saved: Option<Saved>,
    /// How many calls there were.
    pub calls: usize,
    /// What is to go wrong.
    pub trouble: Option<Trouble>,
    /// The process is dead.
    pub crashed: bool,
}

#[derive(Debug, Clone, Copy)]
enum Button {
    Reboot,
    PowerOff,
}

impl World {
    /// A persistent running domain with an agent and an obedient guest.
    fn new(zone: &'static str, now: DateTime<Utc>) -> Self {
        Self {
            zone,
            now,
            domain: Observed {
                name: "vm".to_owned(),
                state: State::Running,
                reason: String::new(),
                held: true,
                persistent: true,
                domain_id: Some(7),
                lock: None,
                agent: Agent::Absent,
                boot_id: None,
                reboot_events: 0,
            },
            gone: false,
            obeys_after: Some(TimeDelta::seconds(5)),
            agent_after: Some(TimeDelta::seconds(8)),
            announces: true,
            booted_at: now - TimeDelta::days(1),
            boots: 1,
            next_id: 8,
            due: None,
            late: None,
            networks: Vec::new(),
            card: None,
            peer: None,
            saved: None,
            calls: 0,
            trouble: None,
            crashed: false,
        }
    }

    fn boot(&mut self) {
        self.boots += 1;
        self.booted_at = self.now;
        self.due = None;
    }

    fn power_off(&mut self) {
        self.domain.state = State::Off;
        self.domain.domain_id = None;
        self.gone = !self.domain.persistent;
        self.due = None;
    }

    /// Lets the time pass until `moment`.
    pub fn move_to(&mut self, moment: DateTime<Utc>) {
        if let Some(late) = self.late.take_if(|late| late.0 <= moment) {
            self.now = self.now.max(late.0);
            (late.1)(self);
        }
        self.now = self.now.max(moment);
        let Some((at, button)) = self.due else { return };
        if self.now < at || self.domain.state != State::Running {
            return;
        }
        match button {
            Button::PowerOff => self.power_off(),
            Button::Reboot => {
                self.boot();
                self.domain.reboot_events += if self.announces { 3 } else { 0 };
            }
        }
    }
}

/// The shared world; clone it for another process on the same disk.
#[derive(Clone)]
pub struct Fake(pub Arc<Mutex<World>>);

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("another host")
    }
}

impl Default for Fake {
    fn default() -> Self {
        Self::new()
    }
}

impl Fake {
    /// A persistent running domain with an agent and an obedient guest.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(World::new("z", DateTime::UNIX_EPOCH))))
    }

    /// The world, to set or to read.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Everything is as it was at the beginning, but the time and who its peer is.
    pub fn renew(&self) {
        let mut world = self.world();
        let peer = world.peer.take();
        *world = World { peer, ..World::new(world.zone, world.now) };
    }

    /// Sets the world up.
    #[must_use]
    pub fn with(self, set: impl FnOnce(&mut World)) -> Self {
        set(&mut self.world());
        self
    }

    /// One call from outside: has its effect, or its trouble.
    pub(super) async fn call<T>(
        &self,
        what: &str,
        effect: impl FnOnce(&mut World) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, HvError> {
        let zone = self.world().zone;
        let error =
            |fault| HvError { fault, zone: zone.into(), during: what.into(), cause: "as planned".into() };
        let answer = {
            let mut world = self.world();
            let number = world.calls;
            world.calls += 1;
            match world.trouble {
                Some(Trouble::CrashBefore(at)) if at == number => {
                    world.crashed = true;
                    None
                }
                Some(Trouble::CrashAfter(at)) if at == number => {
                    let _ = effect(&mut world);
                    world.crashed = true;
                    None
                }
                Some(Trouble::Fail(at, fault)) if at == number => Some(Err(error(fault))),
                Some(Trouble::FailAfter(at, fault)) if at == number => {
                    let _ = effect(&mut world);
                    Some(Err(error(fault)))
                }
                Some(Trouble::Late(at)) if at == number && what != "save" => {
                    let then = world.now + TimeDelta::seconds(10);
                    world.late = Some(Late(then, Box::new(|world| drop(effect(world)))));
                    Some(Err(error(Fault::Hung)))
                }
                _ => Some(effect(&mut world).map_err(error)),
            }
        };
        match answer {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    async fn press(&self, what: &str, button: Button) -> Result<(), HvError> {
        self.call(what, move |world| {
            if world.domain.state != State::Running {
                return Err(Fault::Refused);
            }
            world.due = world.obeys_after.map(|after| (world.now + after, button));
            Ok(())
        })
        .await
    }

    async fn turn(&self, what: &str, from: State, to: State) -> Result<(), HvError> {
        self.call(what, move |world| {
            if world.domain.state != from {
                return Err(Fault::Refused);
            }
            world.domain.state = to;
            Ok(())
        })
        .await
    }
}

#[async_trait]
impl Clock for Fake {
    fn now(&self) -> DateTime<Utc> {
        self.world().now
    }

    async fn sleep_until(&self, moment: DateTime<Utc>) {
        self.world().move_to(moment);
        tokio::task::yield_now().await;
    }
}

#[async_trait]
impl Progress for Fake {
    async fn load(&mut self) -> Result<Option<Saved>, ProgressError> {
        Ok(self.world().saved.clone())
    }

    async fn save(&mut self, saved: &Saved) -> Result<(), ProgressError> {
        let saved = saved.clone();
        self.call("save", |world| {
            world.saved = Some(saved);
            Ok(())
        })
        .await
        .map_err(|e| ProgressError(e.to_string()))
    }
}

#[async_trait]
impl Hypervisor for Fake {
    fn zone(&self) -> &'static str {
        self.world().zone
    }

    async fn list(&self) -> Result<Vec<Observed>, HvError> {
        self.observe("vm").await.map(|seen| vec![seen])
    }

    async fn observe(&self, _: &str) -> Result<Observed, HvError> {
        self.call("observe", |world| {
            if world.gone {
                return Err(Fault::NoSuchDomain);
            }
            let mut seen = world.domain.clone();
            if let Some(after) = world.agent_after.filter(|_| seen.state == State::Running) {
                let answers = world.now >= world.booted_at + after;
                seen.boot_id = answers.then(|| format!("boot-{}", world.boots));
                seen.agent = if answers { Agent::Connected } else { Agent::Disconnected };
            }
            Ok(seen)
        })
        .await
    }

    async fn reboot(&self, _: &str) -> Result<(), HvError> {
        self.press("reboot", Button::Reboot).await
    }

    async fn shutdown(&self, _: &str) -> Result<(), HvError> {
        self.press("shutdown", Button::PowerOff).await
    }

    async fn start(&self, _: &str) -> Result<(), HvError> {
        self.call("start", |world| {
            if world.domain.state != State::Off {
                return Err(Fault::Refused);
            }
            world.domain.state = State::Running;
            world.domain.domain_id = Some(world.next_id);
            world.next_id += 1;
            world.boot();
            Ok(())
        })
        .await
    }

    async fn reset(&self, _: &str) -> Result<(), HvError> {
        self.call("reset", |world| {
            if world.domain.state != State::Running {
                return Err(Fault::Refused);
            }
            world.boot();
            world.domain.reboot_events += if world.announces { 2 } else { 0 };
            Ok(())
        })
        .await
    }

    async fn destroy(&self, _: &str) -> Result<(), HvError> {
        self.call("destroy", |world| {
            if world.domain.state == State::Off {
                return Err(Fault::Refused);
            }
            world.power_off();
            Ok(())
        })
        .await
    }

    async fn suspend(&self, _: &str) -> Result<(), HvError> {
        self.turn("suspend", State::Running, State::Paused).await
    }

    async fn resume(&self, _: &str) -> Result<(), HvError> {
        self.turn("resume", State::Paused, State::Running).await
    }

    async fn set_lock(&self, _: &str, marker: &LockMarker) -> Result<(), HvError> {
        let marker = marker.clone();
        self.call("set_lock", |world| {
            world.domain.lock = Some(marker);
            Ok(())
        })
        .await
    }

    async fn clear_lock(&self, _: &str) -> Result<(), HvError> {
        self.call("clear_lock", |world| {
            world.domain.lock = None;
            Ok(())
        })
        .await
    }
}
