//! Checking an installation: each check says what is well, or what is wrong and what to do. Nothing is changed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use secrecy::ExposeSecret;

use super::policies_read;
use crate::clock::Moment;
use crate::config::Config;
use crate::directory::{Directory, Place};
use crate::domain::kind::Terms;
use crate::domain::person::Role;
use crate::policy::PolicyBook;
use crate::store::{Db, DbOptions};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// All is well.
    Ok,
    /// The desk works, but something is missing.
    Warning,
    /// The desk does not work, or not as promised.
    Error,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// How bad.
    pub level: Level,
    /// What was looked at: `database`, `directory`, …
    pub subject: &'static str,
    /// What was found, and what to do.
    pub text: String,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Ok => "ok     ",
            Level::Warning => "warning",
            Level::Error => "ERROR  ",
        };
        write!(f, "{level}  {}: {}", self.subject, self.text)
    }
}

/// All checks of one visit.
#[derive(Debug, Default)]
pub struct Doctor {
    /// What was found, in order.
    pub checks: Vec<Check>,
}

impl Doctor {
    /// Whether anything is an error.
    pub fn has_errors(&self) -> bool {
        self.checks.iter().any(|check| check.level == Level::Error)
    }

    fn note(&mut self, level: Level, subject: &'static str, text: impl Into<String>) {
        self.checks.push(Check { level, subject, text: text.into() });
    }

    /// A check that failed, or did not.
    fn judge(&mut self, subject: &'static str, well: impl Into<String>, problems: Vec<(Level, String)>) {
        if problems.is_empty() {
            self.note(Level::Ok, subject, well);
        }
        for (level, text) in problems {
            self.note(level, subject, text);
        }
    }

    /// Looks at everything that `config` names, at `now` by this machine's clock.
    pub async fn visit(config: &Config, now: Moment) -> Self {
        let mut doctor = Self::default();
        doctor.telegram(config);
        if let Some(file) = sqlite_file(config.database.url.expose_secret()) {
            doctor.disk(&file);
        }
        let db = doctor.database(config).await;
        let book = doctor.policies(config, db.as_ref(), now).await;
        if let Some(db) = db {
            doctor.clock(&db, now).await;
            match directory(&db).await {
                Ok(directory) => doctor.directory(&directory, book.as_ref(), now),
                Err(e) => doctor.note(Level::Error, "directory", e.to_string()),
            }
            db.close().await;
        }
        doctor
    }

    fn telegram(&mut self, config: &Config) {
        let mut problems = Vec::new();
        if config.telegram.desk_chat.is_none() {
            let text = "no desk chat: engineers see no tickets in Telegram; add the bot to the engineers' group, set \
                        KOMEK_TELEGRAM_DESK_CHAT to the group's chat id";
            problems.push((Level::Warning, text.to_owned()));
        }
        if config.telegram.bot_username.is_none() {
            let text = "no bot name: `komek-crm invite` cannot print links; set KOMEK_TELEGRAM_BOT_USERNAME";
            problems.push((Level::Warning, text.to_owned()));
        }
        self.judge("telegram", "desk chat and bot name are configured", problems);
    }

    fn disk(&mut self, file: &Path) {
        const MEBIBYTE: u64 = 1 << 20;
        let folder = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let place = folder.display();
        let mut problems = Vec::new();
        if !folder.is_dir() {
            problems.push((
                Level::Error,
                format!("the folder {place} does not exist; make it, or correct KOMEK_DATABASE_URL"),
            ));
        } else if rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_err() {
            let text = format!(
                "the folder {place} cannot be written to; SQLite needs that for its journal: give it to this user"
            );
            problems.push((Level::Error, text));
        } else if file.exists() && rustix::fs::access(file, rustix::fs::Access::WRITE_OK).is_err() {
            problems.push((
                Level::Error,
                format!("{} cannot be written to; give it to this user", file.display()),
            ));
        }
        let free = rustix::fs::statvfs(folder)
            .ok()
            .map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) / MEBIBYTE);
        match free {
            Some(free) if free < 100 => {
                problems.push((
                    Level::Error,
                    format!("only {free} MiB are free in {place}; make room before tickets are refused"),
                ));
            }
            Some(free) if free < 1024 => {
                problems.push((Level::Warning, format!("{free} MiB are free in {place}; make room soon")));
            }
            _ => {}
        }
        let free = free.map_or_else(String::new, |free| format!(", {free} MiB free"));
        self.judge("disk", format!("{place} can be written to{free}"), problems);
    }

    async fn database(&mut self, config: &Config) -> Option<Db> {
        let url = config.database.url.expose_secret();
        if let Some(file) = sqlite_file(url).filter(|file| !file.exists()) {
            let text = format!(
                "{} does not exist yet; `komek-crm migrate` makes it, and `komek-crm serve` too",
                file.display()
            );
            self.note(Level::Warning, "database", text);
            return None;
        }
        let options = DbOptions {
            connections: 2,
            patience: Duration::from_secs(5),
            sync_full: config.database.sync_full,
        };
        let db = match Db::connect(url, &options).await {
            Ok(db) => db,
            Err(e) => {
                self.note(Level::Error, "database", e.to_string());
                return None;
            }
        };
        match db.migrations_missing().await {
            Ok(0) => {
                self.note(Level::Ok, "database", "reachable, and its schema is up to date");
                Some(db)
            }
            Ok(missing) => {
                let text = format!("its schema is {missing} migrations behind; run `komek-crm migrate`");
                self.note(Level::Error, "database", text);
                None
            }
            Err(e) => {
                self.note(Level::Error, "database", e.to_string());
                None
            }
        }
    }

    async fn policies(&mut self, config: &Config, db: Option<&Db>, now: Moment) -> Option<PolicyBook> {
        let dir = config.policy.dir.as_deref();
        let book = match db {
            Some(db) => policies_read(db, dir).await.map(|(book, _)| book).map_err(|e| e.to_string()),
            None => PolicyBook::load(dir).map_err(|e| e.to_string()),
        };
        let book = match book {
            Ok(book) => book,
            Err(e) => {
                for line in e.lines() {
                    self.note(Level::Error, "policy", line);
                }
                return None;
            }
        };
        let mut problems = Vec::new();
        let mut names = Vec::new();
        for terms in Terms::ALL {
            match book.current(*terms, now) {
                Some(policy) => names.push(policy.name()),
                None => problems.push((
                    Level::Error,
                    format!("no version of the {terms} terms is in force now; check `in_force_from` and this machine's clock"),
                )),
            }
        }
        self.judge("policy", format!("in force: {}", names.join(", ")), problems);
        Some(book)
    }

    async fn clock(&mut self, db: &Db, now: Moment) {
        let last = match db.read().await {
            Ok(mut tx) => tx.event_recorded_last().await,
            Err(e) => Err(e),
        };
        let mut problems = Vec::new();
        match last {
            // Two machines may differ by a moment; a minute would already move deadlines.
            Ok(Some(last)) if last > now + TimeDelta::minutes(1) => {
                let text = format!(
                    "this machine says {now}, but an event was written at {last}; set the clock (NTP) on every machine"
                );
                problems.push((Level::Error, text));
            }
            Ok(_) => {}
            Err(e) => problems.push((Level::Error, e.to_string())),
        }
        self.judge("clock", format!("{now}"), problems);
    }

    fn directory(&mut self, d: &Directory, book: Option<&PolicyBook>, now: Moment) {
        let mut problems = Vec::new();
        let mut warn = |text: String| problems.push((Level::Warning, text));
        if d.customers.is_empty() && d.staff.is_empty() {
            warn("it is empty; write a file and run `komek-crm directory apply FILE`".to_owned());
        }
        services(d, &mut warn);
        staff(d, &mut warn);
        rotas(d, book, now, &mut warn);
        for cluster in d.clusters.iter().filter(|c| c.masters.len() != c.control_plane.masters()) {
            let (plane, needs, has) =
                (cluster.control_plane, cluster.control_plane.masters(), cluster.masters.len());
            warn(format!(
                "cluster {}: a {plane} control plane has {needs} masters (S6), the file names {has}",
                cluster.id
            ));
        }
        let counts = (d.customers.len(), d.contacts.len(), d.services.len(), d.staff.len());
        let well = format!(
            "{} customers, {} contacts, {} services, {} staff",
            counts.0, counts.1, counts.2, counts.3
        );
        self.judge("directory", well, problems);
    }
}

async fn directory(db: &Db) -> crate::store::Result<Directory> {
    db.read().await?.directory_load().await
}

fn services(d: &Directory, warn: &mut impl FnMut(String)) {
    for service in &d.services {
        match &service.place {
            Place::Vm { zone, .. } if d.zones.iter().all(|z| z.id != *zone) => {
                warn(format!(
                    "service {}: its zone {zone} is retired, nothing can be done to it; correct the file",
                    service.id
                ));
            }
            Place::Kubernetes { cluster, .. } if d.clusters.iter().all(|c| c.id != *cluster) => {
                warn(format!("service {}: its cluster {cluster} is retired; correct the file", service.id));
            }
            _ => {}
        }
        if service.prices.is_empty() {
            warn(format!(
                "service {}: it has no price, so no credit can be computed; add `[[customer.service.price]]`",
                service.id
            ));
        }
    }
}

fn staff(d: &Directory, warn: &mut impl FnMut(String)) {
    for person in d.staff.iter().filter(|s| s.telegram.is_none()) {
        warn(format!(
            "staff {}: no Telegram account, so no page reaches this person; add `telegram = …` to the file",
            person.id
        ));
    }
    if !d.staff.is_empty() && d.staff.iter().all(|s| s.role != Role::DutyManager) {
        warn("nobody is duty manager: pages end with nobody, and emergency mode cannot be switched; give somebody the role".to_owned());
    }
}

fn rotas(d: &Directory, book: Option<&PolicyBook>, now: Moment, warn: &mut impl FnMut(String)) {
    for rota in &d.rotas {
        if rota.order.is_empty() {
            warn(format!("rota {}: `order` is empty, nobody is on call; add people", rota.queue));
        }
        for id in rota.order.iter().filter(|id| d.staff.iter().all(|s| s.id != **id)) {
            warn(format!(
                "rota {}: {id} no longer works here, this step pages nobody; take the name out",
                rota.queue
            ));
        }
    }
    let used =
        Terms::ALL.iter().filter_map(|terms| book?.current(*terms, now)).flat_map(|p| p.kinds.values());
    let mut queues: Vec<_> = used.map(|kind| kind.queue).collect();
    queues.sort_unstable();
    queues.dedup();
    for queue in queues.into_iter().filter(|queue| d.rotas.iter().all(|r| r.queue != *queue)) {
        if !d.staff.is_empty() {
            warn(format!(
                "queue {queue}: tickets come here, but it has no rota: only duty managers are paged; add `[[rota]]`"
            ));
        }
    }
}

/// The file of a `sqlite://FILE` address.
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    let file = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
    let file = file.split('?').next().unwrap_or(file);
    (!file.is_empty() && file != ":memory:").then(|| PathBuf::from(file))
}
