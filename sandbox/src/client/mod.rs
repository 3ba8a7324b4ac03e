//! The sandbox inside a test: start it on a free port, act as people, wait for what they see.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use sandbox::{Config, Person, Sandbox};
//! let sandbox = Sandbox::start(Config::default()).await?;
//! let bot = sandbox.add_bot("100000:TEST", "komek_bot")?;
//! let aigerim = sandbox.add_person(Person::new(200_001, "Айгерім").language("kk").phone("+77010000001"))?;
//! // …start the real bot with sandbox.url() and bot.token…
//! aigerim.start("CODE")?;
//! let welcome = aigerim.wait_for_text("Сәлем").await?;
//! aigerim.press(&welcome.buttons()[0])?.answered().await?;
//! # Ok(()) }
//! ```

mod phone;
mod seen;

pub use phone::{Phone, Press};
pub use seen::Seen;

use crate::clock::{Clock, SystemClock};
use crate::faults::FaultSpec;
use crate::http::{Server, serve};
use crate::hub::Hub;
use crate::model::Person;
use crate::world::{CallRecord, GroupSpec, World};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How a sandbox is started.
pub struct Config {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The state folder; without it, everything is in memory.
    pub state: Option<PathBuf>,
    /// Are the rate limits on?
    pub limits: bool,
    /// The clock of dates, limits and lifetimes.
    pub clock: Arc<dyn Clock>,
    /// How long the waits of this sandbox wait.
    pub patience: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            state: None,
            limits: false,
            clock: Arc::new(SystemClock),
            patience: Duration::from_secs(20),
        }
    }
}

/// A bot account of the sandbox.
#[derive(Debug, Clone)]
pub struct BotAccount {
    /// Its user id.
    pub id: i64,
    /// Its token.
    pub token: String,
}

/// A running sandbox; it stops when this is dropped.
pub struct Sandbox {
    hub: Arc<Hub>,
    server: Server,
    patience: Duration,
}

impl Sandbox {
    /// Starts one.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        let hub = Hub::open(config.clock, config.state.as_deref())?;
        hub.with(|world| world.limits.rules.enabled = config.limits);
        let server = serve(hub.clone(), config.listen).await?;
        Ok(Self { hub, server, patience: config.patience })
    }

    /// The address of the Bot API, without a trailing slash: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.addr)
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.server.addr
    }

    /// Stops it and waits until the port is free.
    pub async fn stop(self) {
        self.server.stop().await;
    }

    /// Looks at or changes the world directly.
    pub fn with<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        self.hub.with(act)
    }

    /// Adds a bot account.
    pub fn add_bot(&self, token: &str, username: &str) -> anyhow::Result<BotAccount> {
        let id = self.with(|world| world.add_bot(token, username, username))?;
        Ok(BotAccount { id, token: token.to_owned() })
    }

    /// Adds a person and hands over the phone.
    pub fn add_person(&self, person: Person) -> anyhow::Result<Phone> {
        let id = self.with(|world| world.add_person(person))?;
        Ok(self.phone(id))
    }

    /// The phone of a person who is there, opened at the chat with the first bot.
    pub fn phone(&self, person: i64) -> Phone {
        let bot = self.with(|world| world.bots.keys().next().copied()).unwrap_or(0);
        Phone::new(self.hub.clone(), person, bot, self.patience)
    }

    /// Adds a group (see [`GroupSpec::forum`] and [`GroupSpec::basic`]).
    pub fn add_group(&self, spec: &GroupSpec) -> anyhow::Result<()> {
        Ok(self.with(|world| world.add_group(spec))?)
    }

    /// Switches a fault on.
    pub fn fault(&self, spec: FaultSpec) -> u64 {
        self.with(|world| world.faults.add(spec))
    }

    /// Switches all faults off.
    pub fn clear_faults(&self) {
        self.with(|world| world.faults.clear());
    }

    /// Switches the rate limits.
    pub fn limits(&self, enabled: bool) {
        self.with(|world| world.limits.rules.enabled = enabled);
    }

    /// The calls of one method so far (any case), the oldest first.
    pub fn calls(&self, method: &str) -> Vec<CallRecord> {
        let wanted = |call: &&CallRecord| call.method.eq_ignore_ascii_case(method);
        self.with(|world| world.calls.iter().filter(wanted).cloned().collect())
    }

    /// Waits until the bots made a call like this one (calls of the past count).
    pub async fn wait_for_call(&self, like: impl Fn(&CallRecord) -> bool) -> anyhow::Result<CallRecord> {
        let look = |world: &World| world.calls.iter().find(|call| like(call)).cloned();
        self.wait_until(look).await.ok_or_else(|| anyhow::anyhow!("no such call in {:?}", self.patience))
    }

    /// Waits until all updates of a bot were taken and confirmed.
    pub async fn wait_until_drained(&self, bot: i64) -> anyhow::Result<()> {
        let look = |world: &World| world.bots.get(&bot).is_none_or(|b| b.queue.is_empty()).then_some(());
        self.wait_until(look)
            .await
            .ok_or_else(|| anyhow::anyhow!("updates were left after {:?}", self.patience))
    }

    /// Waits until `look` finds something in the world.
    pub async fn wait_until<T>(&self, look: impl Fn(&World) -> Option<T>) -> Option<T> {
        wait(&self.hub, self.patience, look).await
    }
}

/// Looks again at every change until there is something or the time is up.
async fn wait<T>(hub: &Hub, patience: Duration, look: impl Fn(&World) -> Option<T>) -> Option<T> {
    let mut changes = hub.subscribe();
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        if let Some(found) = hub.with(|world| look(world)) {
            return Some(found);
        }
        if !matches!(tokio::time::timeout_at(deadline, changes.changed()).await, Ok(Ok(()))) {
            return None;
        }
    }
}
