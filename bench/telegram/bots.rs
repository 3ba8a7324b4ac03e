//! The programs that are compared: how each is started, and how its database is made and counted.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use bench::database::{Engine, Fresh, remove_file};
use bench::stub::TOKEN;

/// One of them.
pub struct Bot {
    name: String,
    kind: Kind,
    command: Vec<String>,
    /// Whether each commit waits for the disk.
    sync_full: bool,
    work: PathBuf,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Komek(Engine),
    Peer,
}

impl Bot {
    /// By name: `komek`, `komek-postgres`, `teloxide`, `grammy`, `aiogram`. `-full` and `-normal` behind it choose SQLite's `synchronous`;
    /// without, each has its own default: Komek FULL, the peers NORMAL.
    pub fn new(name: &str, work: &Path, programs: &Path, sources: &Path) -> Result<Self> {
        let (base, sync) = match name.rsplit_once('-') {
            Some((base, "full")) => (base, Some(true)),
            Some((base, "normal")) => (base, Some(false)),
            _ => (name, None),
        };
        let text = |path: PathBuf| path.display().to_string();
        let node = || vec!["node".to_owned(), text(work.join("node/grammy_bot.mjs"))];
        let python = || vec![text(work.join("venv/bin/python")), text(sources.join("aiogram_bot.py"))];
        let (kind, command) = match base {
            "komek" => (Kind::Komek(Engine::Sqlite), vec![text(programs.join("komek-bot"))]),
            "komek-postgres" => (Kind::Komek(Engine::Postgres), vec![text(programs.join("komek-bot"))]),
            "teloxide" => (Kind::Peer, vec![text(programs.join("plain-teloxide"))]),
            "grammy" => (Kind::Peer, node()),
            "aiogram" => (Kind::Peer, python()),
            // Another build of Komek's bot, to compare with.
            other if Path::new(other).is_file() => (Kind::Komek(Engine::Sqlite), vec![other.to_owned()]),
            other => bail!(
                "no bot «{other}»: komek, komek-postgres, teloxide, grammy, aiogram, or the path of a komek-bot"
            ),
        };
        let sync_full = sync.unwrap_or(kind != Kind::Peer);
        let name = name.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        Ok(Self { name, kind, command, sync_full, work: work.to_owned() })
    }

    /// Program and arguments.
    pub fn command(&self) -> &[String] {
        &self.command
    }

    /// Where it writes what it has to say.
    pub fn log(&self) -> PathBuf {
        self.work.join(format!("bot-{}.log", self.name))
    }

    fn file(&self) -> PathBuf {
        self.work.join(format!("bot_{}.db", self.name))
    }

    /// Makes an empty database; returns the variables to start with.
    pub async fn prepare(&self, stub: SocketAddr) -> Result<BTreeMap<String, String>> {
        let api = format!("http://{stub}");
        let pairs: Vec<(&str, String)> = match self.kind {
            Kind::Komek(engine) => {
                let database = Fresh::new(engine, &self.work, &format!("bot_{}", self.name)).await?;
                vec![
                    ("KOMEK_DATABASE_URL", database.url),
                    ("KOMEK_DATABASE_SYNC_FULL", self.sync_full.to_string()),
                    ("KOMEK_TELEGRAM_API_URL", api),
                    ("KOMEK_TELEGRAM_TOKEN", TOKEN.to_owned()),
                    ("KOMEK_TELEGRAM_LIMITS", "false".to_owned()),
                ]
            }
            Kind::Peer => {
                remove_file(&self.file());
                let sync = if self.sync_full { "FULL" } else { "NORMAL" };
                vec![("API", api), ("DB", self.file().display().to_string()), ("SYNC", sync.to_owned())]
            }
        };
        Ok(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// Whether the database holds exactly one ticket of each of `people`, and nothing that waits.
    pub async fn check(&self, people: usize) -> Result<()> {
        let people = i64::try_from(people)?;
        let (database, counts) = match self.kind {
            Kind::Komek(engine) => (
                Fresh::named(engine, &self.work, &format!("bot_{}", self.name))?,
                vec![
                    ("SELECT COUNT(*) FROM ticket", people),
                    ("SELECT COUNT(DISTINCT origin_chat) FROM ticket", people),
                    ("SELECT COUNT(*) FROM message", people),
                    ("SELECT COUNT(*) FROM event WHERE word = 'opened'", people),
                    ("SELECT COUNT(*) FROM inbox WHERE done_at IS NOT NULL AND error IS NULL", 2 * people),
                    ("SELECT COUNT(*) FROM inbox WHERE done_at IS NULL OR error IS NOT NULL", 0),
                    ("SELECT COUNT(*) FROM outbox WHERE state IN ('ready', 'claimed', 'failed')", 0),
                    ("SELECT COUNT(*) FROM outbox WHERE state = 'sent'", people),
                ],
            ),
            Kind::Peer => (
                Fresh::named(Engine::Sqlite, &self.work, &format!("bot_{}", self.name))?,
                vec![
                    ("SELECT COUNT(*) FROM ticket", people),
                    ("SELECT COUNT(DISTINCT chat) FROM ticket", people),
                    ("SELECT COUNT(*) FROM dialogue", 0),
                ],
            ),
        };
        for (sql, expected) in counts {
            let found = database.number(sql).await?;
            ensure!(found == expected, "{}: {sql}: {found} instead of {expected}", self.name);
        }
        Ok(())
    }
}
