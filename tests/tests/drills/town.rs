//! Everything that plans can act on, in memory and behind the board, and its state as a text.

use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use chrono::TimeDelta;
use crm::clock::{Clock, ManualClock, Moment};
use crm::directory::Underlay;
use crm::domain::ids::{ActionId, TicketId};
use komek_tests::desk::Desk;
use komek_tests::engine::Engine;
use komek_tests::fake::{Fake, World};
use provisioner::handover::Handover;
use provisioner::report::Timing;
use provisioner::systems::Systems;
use provisioner::zones::Zones;

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
    /// Where secrets go.
    pub handover: Handover,
    _desk: Desk,
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
        let pictured = hosts.clone();
        let picture: Arc<dyn Fn() -> String + Send + Sync> = Arc::new(move || picture(&pictured));
        let (connected, through) = (hosts.clone(), board.clone());
        let zones = Zones::new(Arc::new(move |zone, _| {
            let inner = Arc::new(connected[usize::from(zone != "ala-1")].clone());
            Ok(Arc::new(Troubled { board: through.clone(), inner, picture: picture.clone() }))
        }));
        let systems = Systems::of_zones(desk.test.db.clone(), zones);
        let clock = Jumping { clock: desk.clock.clone(), hosts: hosts.clone() };
        let timing = Timing { poll: TimeDelta::seconds(4), ..Timing::default() };
        let handover = Handover {
            db: desk.test.db.clone(),
            service: desk.service.clone(),
            ticket: TicketId(desk.clock.id()),
            action: ActionId(desk.clock.id()),
        };
        Ok(Some(Self { handover, _desk: desk, systems, board, clock, timing, hosts }))
    }

    /// Everything as at the beginning, and then as `set` makes it.
    pub fn renew(&self, set: fn(&Self)) {
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
        picture(&self.hosts)
    }

    /// What may never be more than in an undisturbed run, by name.
    pub fn effects(&self) -> Vec<(String, u32)> {
        self.hosts
            .iter()
            .map(|host| (format!("boots in {}", host.world().zone), host.world().boots))
            .collect()
    }
}

fn picture(hosts: &[Fake; 2]) -> String {
    let mut picture = String::new();
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
