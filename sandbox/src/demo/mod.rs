//! `komek-sandbox demo`: the sandbox and the three real services, in one folder, with one command.
//!
//! Nothing here is known to the services: they get an address, a token and a database like anywhere else. A second start goes on where
//! the first stopped.

mod service;

use crate::client::{Config, Sandbox};
use crate::worldfile::WorldFile;
use anyhow::Context;
use clap::Args;
use service::{Running, Settings};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Which contact belongs to which person of the world.
const CUSTOMERS: [(&str, i64); 3] = [("aigerim", 200_001), ("sergey", 200_002), ("emma", 200_003)];
const DIRECTORY: &str = include_str!("../../demo/directory.toml");
const WORLD: &str = include_str!("../../demo/world.toml");
const TOKEN: &str = "100000:DEMO";
const BOT_USERNAME: &str = "komek_demo_bot";
const DESK: i64 = -1_001_000_000_001;
/// What is said of what is not real.
const SIMULATED: &str = "The virtual machines are simulated by libvirt's test driver, the Cabinet by the built-in one; the rest is the real \
    thing.\n  Ctrl-C stops it; the next start goes on from here, but for the simulated machines and networks: those begin as at first, so that \
    steppe-shop is locked again.\n  Delete the folder to begin everything anew.";
const REAL: &str =
    "Machines, cluster and Cabinet are real; only Telegram is stood in for.\n  Ctrl-C stops everything.";

/// The options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// The folder that keeps everything; delete it to begin anew.
    #[arg(long, value_name = "FOLDER", default_value = ".demo", env = "KOMEK_DEMO_DIR")]
    dir: PathBuf,
    /// The folder with the simulated zones ala-1.xml and ala-2.xml.
    #[arg(long, value_name = "FOLDER", default_value = "provisioner/demo", env = "KOMEK_DEMO_ZONES")]
    zones: PathBuf,
    /// Another directory than that of the simulated demo, as `scripts/demo-real.sh` makes one.
    #[arg(long, value_name = "FILE.toml")]
    directory: Option<PathBuf>,
    /// Settings that all three services get besides.
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
    /// Where the page with the phones is.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081", env = "KOMEK_DEMO_PAGE")]
    page: SocketAddr,
    /// Where the crm listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080", env = "KOMEK_DEMO_WEB")]
    web: SocketAddr,
}

impl Demo {
    /// Runs until Ctrl-C, or until a service breaks down.
    pub async fn run(self) -> anyhow::Result<()> {
        for address in [self.page, self.web] {
            anyhow::ensure!(
                address.ip().is_loopback(),
                "{address} is not a loopback address; the demo has no passwords"
            );
            free(address)?;
        }
        // Before anything is made: started in a wrong place, it leaves nothing there.
        let directory = self.directory_text()?;
        std::fs::create_dir_all(&self.dir).with_context(|| format!("making {}", self.dir.display()))?;
        let dir = self.dir.canonicalize()?;
        let mut variables = vec![
            ("KOMEK_DATABASE_URL", format!("sqlite://{}", dir.join("komek.db").display())),
            ("KOMEK_TELEGRAM_TOKEN", TOKEN.to_owned()),
            ("KOMEK_TELEGRAM_API_URL", format!("http://{}", self.page)),
            ("KOMEK_TELEGRAM_BOT_USERNAME", BOT_USERNAME.to_owned()),
            ("KOMEK_TELEGRAM_DESK_CHAT", DESK.to_string()),
            ("KOMEK_WEB_LISTEN", self.web.to_string()),
            ("KOMEK_PROVISIONER_OBSERVE_SECONDS", "5".to_owned()),
        ];
        if let Some(config) = &self.config {
            let config = config.canonicalize().with_context(|| format!("{} is missing", config.display()))?;
            variables.push(("KOMEK_CONFIG", config.display().to_string()));
        }
        let settings = Settings::new(&dir, &variables)?;
        prepare(&settings, &dir, &directory).await?;

        let mut world: WorldFile = toml::from_str(WORLD).context("in the demo's world")?;
        invite(&settings, &dir, &mut world).await?;
        let config = Config {
            listen: self.page,
            state: Some(dir.join("telegram")),
            limits: true,
            ..Config::default()
        };
        let sandbox = Sandbox::start(config).await.with_context(|| format!("listening on {}", self.page))?;
        sandbox.with(|w| world.apply(w))?;

        let mut running = Running::default();
        running.start(&settings, "komek-crm", &["serve"])?;
        running.start(&settings, "komek-bot", &[])?;
        running.start(&settings, "komek-provisioner", &[])?;
        // A bot may write to people only after they have started it; customers do so with their invitations.
        for person in world.person.iter().filter(|p| p.link.is_none()) {
            let phone = sandbox.phone(person.id);
            if phone.messages().is_empty() {
                phone.start("")?;
            }
        }
        println!(
            "\n  Komek is running.\n\n    The phones:      http://{}\n    The console:     http://{}  (write /web to the bot from an engineer's phone)\n    Logs and data:   {}\n\n  {}\n",
            self.page,
            self.web,
            dir.display(),
            if self.directory.is_some() { REAL } else { SIMULATED },
        );
        let broken = tokio::select! {
            broken = running.first_to_end() => Some(broken),
            () = stop_signal() => None,
        };
        println!("\n  Stopping …");
        running.stop().await;
        sandbox.stop().await;
        match broken {
            Some(what) => anyhow::bail!("{what}"),
            None => Ok(()),
        }
    }
}

impl Demo {
    /// The directory that the demo begins with.
    fn directory_text(&self) -> anyhow::Result<String> {
        if let Some(file) = &self.directory {
            return std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()));
        }
        for zone in ["ala-1.xml", "ala-2.xml"] {
            let file = self.zones.join(zone);
            anyhow::ensure!(
                file.is_file(),
                "the simulated zone {} is missing: start the demo from the project's folder, or name the folder with KOMEK_DEMO_ZONES",
                file.display()
            );
        }
        Ok(DIRECTORY.replace("{ZONES}", &self.zones.canonicalize()?.display().to_string()))
    }
}

/// Says clearly who else uses the address.
fn free(address: SocketAddr) -> anyhow::Result<()> {
    std::net::TcpListener::bind(address).map(drop).with_context(|| {
        format!("{address} is in use: stop what listens there, or choose another with KOMEK_DEMO_PAGE / KOMEK_DEMO_WEB")
    })
}

/// Schema and directory; both do nothing the second time.
async fn prepare(settings: &Settings, dir: &Path, text: &str) -> anyhow::Result<()> {
    let directory = dir.join("directory.toml");
    std::fs::write(&directory, text)?;
    settings.once("komek-crm", &["migrate"]).await?;
    settings.once("komek-crm", &["directory", "apply", &directory.display().to_string()]).await?;
    Ok(())
}

/// Gives each customer an invitation, at the first start; later ones show the same link.
async fn invite(settings: &Settings, dir: &Path, world: &mut WorldFile) -> anyhow::Result<()> {
    let file = dir.join("invitations.json");
    let known = std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let mut links: BTreeMap<String, String> = known.unwrap_or_default();
    for (contact, person) in CUSTOMERS {
        if !links.contains_key(contact) {
            let printed = settings.once("komek-crm", &["invite", contact]).await?;
            let code =
                printed.split_whitespace().last().context("komek-crm invite printed nothing")?.to_owned();
            let code = code.rsplit_once("start=").map_or(code.as_str(), |(_, code)| code).to_owned();
            links.insert(contact.to_owned(), format!("https://t.me/{BOT_USERNAME}?start={code}"));
            std::fs::write(&file, serde_json::to_vec_pretty(&links)?)?;
        }
        for p in world.person.iter_mut().filter(|p| p.id == person) {
            p.link = links.get(contact).cloned();
        }
    }
    Ok(())
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_world_has_every_customer_and_the_desk() {
        let world: WorldFile = toml::from_str(WORLD).unwrap();
        for (_, person) in CUSTOMERS {
            assert!(world.person.iter().any(|p| p.id == person));
        }
        assert!(world.group.iter().any(|g| g.id == DESK));
        assert!(DIRECTORY.contains("{ZONES}"));
    }
}
