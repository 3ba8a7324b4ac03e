//! Everything that plans can act on, in memory and behind the board, and its state as a text.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use async_trait::async_trait;
use chrono::TimeDelta;
use crm::clock::{Clock, ManualClock, Moment};
use crm::directory::Underlay;
use crm::domain::ids::{ActionId, TicketId};
use crm::seal::{LinkToken, bot_key};
use futures::FutureExt;
use komek_tests::desk::{Desk, morning};
use komek_tests::engine::Engine;
use komek_tests::fake::{Books, Fake, FakeCabinet, FakeCluster, Held, World};
use provisioner::cluster::Cluster;
use provisioner::handover::Handover;
use provisioner::report::Timing;
use provisioner::systems::{Reach, Systems};
use provisioner::zones::Zones;
use secrecy::{ExposeSecret, SecretString};

use crate::board::Board;
use crate::troubled::Troubled;

/// A clock that jumps to whatever is waited for, and takes the hosts with it.
#[derive(Clone)]
pub struct Jumping {
    clock: Arc<ManualClock>,
    hosts: [Fake; 2],
}

impl Jumping {
    fn move_to(&self, moment: Moment) {
        self.clock.set(moment.max(self.clock.now()));
        for host in &self.hosts {
            host.world().move_to(moment);
        }
    }
}

#[async_trait]
impl Clock for Jumping {
    fn now(&self) -> Moment {
        self.clock.now()
    }

    async fn sleep_until(&self, moment: Moment) {
        self.move_to(moment);
        tokio::task::yield_now().await;
    }
}

/// The systems.
pub struct Town {
    /// The cluster `ala-k8s`.
    pub cluster: FakeCluster,
    /// The Cabinet.
    pub cabinet: FakeCabinet,
    action: Mutex<ActionId>,
    desk: Desk,
    /// As the provisioner has them.
    pub systems: Systems,
    /// Through which every call goes.
    pub board: Board,
    /// The time.
    pub clock: Jumping,
    /// How long is waited for what: looks are rare, so that there are fewer of them to go wrong.
    pub timing: Timing,
    /// The hosts of the zones `ala-1` and `ala-2`.
    pub hosts: [Fake; 2],
}

impl Town {
    /// The town on SQLite.
    pub async fn new() -> Result<Option<Self>> {
        let Some(desk) = Desk::new(Engine::Sqlite).await? else { return Ok(None) };
        let mut tx = desk.test.db.begin().await?;
        let stored = tx.directory_load().await?;
        let mut wanted = stored.clone();
        let address = Ipv4Addr::new(10, 255, 0, 2);
        wanted.zones[1].link = Some(Underlay { device: "bond0".to_owned(), address });
        tx.directory_save(&stored, &wanted, desk.clock.now()).await?;
        tx.commit().await?;

        let board = Board::new();
        let hosts = ["ala-1", "ala-2"].map(|zone| Fake::new().with(|world| world.zone = zone));
        for (host, peer) in [(0, 1), (1, 0)] {
            hosts[host].world().peer = Some(hosts[peer].clone());
        }
        let key = bot_key(&bot_token()).public();
        let mut tx = desk.test.db.begin().await?;
        tx.bot_key_save(&key, desk.clock.now()).await?;
        tx.commit().await?;
        let (cluster, cabinet) = (FakeCluster::default(), FakeCabinet::default());
        let pictured = (hosts.clone(), cluster.clone(), cabinet.clone());
        let picture: Arc<dyn Fn() -> String + Send + Sync> =
            Arc::new(move || picture(&pictured.0, &pictured.1, &pictured.2));
        let (connected, through, seen) = (hosts.clone(), board.clone(), picture.clone());
        let zones = Zones::new(Arc::new(move |zone, _| {
            let inner = Arc::new(connected[usize::from(zone != "ala-1")].clone());
            Ok(Arc::new(Troubled { board: through.clone(), inner, picture: seen.clone() }))
        }));
        let troubled: Arc<dyn Cluster> = Arc::new(Troubled {
            board: board.clone(),
            inner: Arc::new(cluster.clone()),
            picture: picture.clone(),
        });
        let reach: Reach = Arc::new(move |_| {
            let reached = Ok(troubled.clone());
            async { reached }.boxed()
        });
        let inner = Arc::new(cabinet.clone());
        let systems = Systems {
            clusters: Some(reach),
            cabinet: Some(Arc::new(Troubled { board: board.clone(), inner, picture })),
            ..Systems::of_zones(desk.test.db.clone(), zones)
        };
        let clock = Jumping { clock: desk.clock.clone(), hosts: hosts.clone() };
        let timing = Timing { poll: TimeDelta::seconds(4), ..Timing::default() };
        let action = Mutex::new(ActionId(desk.clock.id()));
        Ok(Some(Self { cluster, cabinet, action, desk, systems, board, clock, timing, hosts }))
    }

    fn action(&self) -> MutexGuard<'_, ActionId> {
        self.action.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the action's secret goes.
    pub fn handover(&self) -> Handover {
        let action = *self.action();
        let (db, service) = (self.desk.test.db.clone(), self.desk.service.clone());
        Handover { db, service, ticket: TicketId(action.0), action }
    }

    /// Whether what lies behind the action's link opens anything; `None` if there is no link.
    pub async fn behind_the_link(&self) -> Result<Option<bool>> {
        // The links of these drills never run out of time.
        let (action, then) = (*self.action(), morning());
        let mut tx = self.desk.test.db.begin().await?;
        let Some(sealed) = tx.secret_link(action, then).await? else { return Ok(None) };
        let token = bot_key(&bot_token()).open(&sealed)?;
        let token = LinkToken::read(token.expose_secret()).context("a token")?;
        let (_, sealed) = tx.secret_take(&token.hash(), then).await?.context("a secret")?;
        let secret = token.key().open(&sealed)?;
        // It was not taken: nothing is committed.
        drop(tx);
        let opens = self.cabinet.books().password == secret.expose_secret()
            || self.cluster.held().accounts.values().any(|uid| uid == secret.expose_secret());
        Ok(Some(opens))
    }

    /// Everything as at the beginning, and then as `set` makes it.
    pub fn renew(&self, set: fn(&Self)) {
        *self.action() = ActionId(self.desk.clock.id());
        *self.cluster.held() = Held::default();
        *self.cabinet.books() = Books::default();
        for (host, n) in self.hosts.iter().zip(1u8..) {
            host.renew();
            let mut world = host.world();
            let network = |name: &str, octet: u8| provisioner::links::NetworkSeen {
                name: name.to_owned(),
                active: true,
                cidrs: vec![crm::domain::cidr::Cidr { network: Ipv4Addr::new(10, octet, 0, 0), prefix: 24 }],
                routes: Vec::new(),
                link: None,
            };
            world.networks = vec![network("default", 99), network("acme-net", 10 + n)];
            world.card = Some(("acme-net".to_owned(), Ipv4Addr::new(10, 10 + n, 0, 7)));
        }
        self.clock.move_to(self.clock.now());
        set(self);
    }

    /// The first zone's host, to be set up.
    pub fn machine(&self, set: impl FnOnce(&mut World)) {
        set(&mut self.hosts[0].world());
    }

    /// Time passes.
    pub fn pass(&self, time: TimeDelta) {
        self.clock.move_to(self.clock.now() + time);
    }

    /// What everything looks like when whatever was asked of it has been done.
    pub fn settled(&self) -> String {
        self.pass(TimeDelta::minutes(10));
        picture(&self.hosts, &self.cluster, &self.cabinet)
    }

    /// What may never be more than in an undisturbed run, by name.
    pub fn effects(&self) -> Vec<(String, u32)> {
        let boots =
            self.hosts.iter().map(|host| (format!("boots in {}", host.world().zone), host.world().boots));
        let shut_out = ("times without any account".to_owned(), self.cluster.held().shut_out);
        boots.chain([shut_out]).collect()
    }
}

/// The bot's secret in these drills.
fn bot_token() -> SecretString {
    SecretString::from("42:a-token-of-telegram".to_owned())
}

/// Everything as a text. New names and secrets are different in every run: what counts is whether they are there.
fn picture(hosts: &[Fake; 2], cluster: &FakeCluster, cabinet: &FakeCabinet) -> String {
    let (held, books) = (cluster.held(), cabinet.books());
    let (old, new): (Vec<&String>, Vec<&String>) =
        held.accounts.keys().partition(|name| *name == "access-old");
    let mut picture = format!(
        "namespace: quota {}, old accounts {}, new accounts {}, links {:?}\nCabinet: quota {}, old password {}\n",
        held.quota,
        old.len(),
        new.len(),
        held.links,
        books.quota,
        books.resets == 0
    );
    for host in hosts {
        let world = host.world();
        let lock = world.domain.lock.as_ref().map(ToString::to_string);
        let mut networks = world.networks.clone();
        networks.sort_by(|a, b| a.name.cmp(&b.name));
        let networks: Vec<String> =
            networks.iter().map(|n| format!("{} {} {:?}", n.name, n.active, n.link)).collect();
        picture += &format!(
            "{}: {}, locked: {lock:?}, gone: {}, boots: {}, networks: {networks:?}\n",
            world.zone, world.domain.state, world.gone, world.boots
        );
    }
    picture
}
