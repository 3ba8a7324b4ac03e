//! A private PostgreSQL cluster: one for each test process, on loopback, with durability on; a fresh database for each test. A test
//! that stops the server has a cluster of its own.
//!
//! The server's supervisor is a shell that waits on a pipe which only the test process holds. However that process ends (passed,
//! panicked, killed), the pipe closes, and the supervisor ends the server by its pid and removes its folder.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use sqlx::{Connection, Executor, PgConnection};

/// Starts the server, stops and starts it again when it is told to, and ends it when the pipe closes.
const SUPERVISOR: &str = r#"
dir=$1; shift
run() { "$@" >>"$dir/log" 2>&1 </dev/null & pid=$!; }
run "$@"
while read -r word; do
    case $word in
        stop) kill -INT "$pid"; wait "$pid" ;;
        start) run "$@" ;;
    esac
done
kill -INT "$pid" 2>/dev/null
wait "$pid"
rm -rf "$dir"
"#;

static CLUSTER: OnceLock<Result<Option<Cluster>, String>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A running server. Its supervisor outlives it by a moment.
pub struct Cluster {
    dir: PathBuf,
    port: u16,
    password: String,
    /// Holds the pipe open as long as this process lives.
    supervisor: Child,
}

/// The address of a new, empty database; `None` if PostgreSQL is not installed (see [`super`]).
pub async fn fresh_database() -> Result<Option<String>> {
    let cluster = CLUSTER.get_or_init(|| Cluster::start().map_err(|error| format!("{error:#}")));
    let Some(cluster) = cluster.as_ref().map_err(|error| anyhow::anyhow!("PostgreSQL lab: {error}"))? else {
        return Ok(None);
    };
    cluster.database().await.map(Some)
}

impl Cluster {
    /// The address of a new, empty database.
    pub async fn database(&self) -> Result<String> {
        let name = format!("komek_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let mut admin = self.connect().await?;
        admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0"))).await?;
        admin.close().await?;
        Ok(self.url(&name))
    }

    /// Stops the server as its administrator does: connections are ended, what was committed is on the disk.
    pub fn stop(&mut self) -> Result<()> {
        self.tell("stop")?;
        self.wait_until(false)
    }

    /// Starts it again, on the same port.
    pub fn start_again(&mut self) -> Result<()> {
        self.tell("start")?;
        self.wait_until(true)
    }

    fn tell(&mut self, word: &str) -> Result<()> {
        Ok(writeln!(self.supervisor.stdin.as_mut().context("a pipe")?, "{word}")?)
    }

    fn wait_until(&self, up: bool) -> Result<()> {
        let begun = Instant::now();
        while self.status().is_some_and(|status| status == "ready") != up {
            ensure!(begun.elapsed() < Duration::from_mins(1), "the server does not obey");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// What the server says of itself; none while it is down.
    fn status(&self) -> Option<String> {
        let text = std::fs::read_to_string(self.dir.join("data").join("postmaster.pid")).ok()?;
        Some(text.lines().last()?.trim().to_owned())
    }

    /// A server of the caller's own; `None` if PostgreSQL is not installed (see [`super`]).
    pub fn start() -> Result<Option<Self>> {
        let Some(programs) = programs() else {
            return super::absent(
                "PostgreSQL",
                "neither PATH nor the Debian folder has initdb (package postgresql)",
            );
        };
        // A socket's path must be short: nothing but the folder of temporary files and a few letters.
        let dir = tempfile::Builder::new().prefix("kpg").tempdir()?.keep();
        let started = Self::start_in(&programs, &dir);
        if started.is_err() {
            let _ = std::fs::remove_dir_all(&dir);
        }
        started.map(Some)
    }

    fn start_in(programs: &Path, dir: &Path) -> Result<Self> {
        let user = user()?;
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))?;
        let password = format!("{:032x}", rand::random::<u128>());
        std::fs::write(dir.join("password"), &password)?;
        if let Some((uid, gid)) = user {
            for path in [dir.to_owned(), dir.join("password")] {
                chown(path, Some(uid), Some(gid))?;
            }
        }
        let data = dir.join("data");
        let made = as_user(user, &programs.join("initdb"))
            .args([
                "--username=komek",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ])
            .arg("--pgdata")
            .arg(&data)
            .arg("--pwfile")
            .arg(dir.join("password"))
            .current_dir(dir)
            .output()?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        // Another program may take the free port first.
        for _ in 0..5 {
            let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
            let mut server = Self {
                dir: dir.to_owned(),
                port,
                password: password.clone(),
                supervisor: supervise(user, programs, dir, port)?,
            };
            if server.is_up()? {
                return Ok(server);
            }
        }
        bail!("the server does not start: {}", std::fs::read_to_string(dir.join("log")).unwrap_or_default())
    }

    /// Waits until the server takes connections; `false` if it ended.
    fn is_up(&mut self) -> Result<bool> {
        let begun = Instant::now();
        loop {
            if self.status().is_some_and(|status| status == "ready") {
                return Ok(true);
            }
            let log = std::fs::read_to_string(self.dir.join("log")).unwrap_or_default();
            if log.contains("FATAL") {
                // Only this supervisor's loop ends; the folder is needed again.
                self.supervisor.kill()?;
                self.supervisor.wait()?;
                std::fs::remove_file(self.dir.join("log"))?;
                return Ok(false);
            }
            ensure!(begun.elapsed() < Duration::from_mins(1), "not up after a minute: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://komek:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    async fn connect(&self) -> Result<PgConnection> {
        PgConnection::connect(&self.url("postgres")).await.context("the lab's server does not answer")
    }
}

fn supervise(user: Option<(u32, u32)>, programs: &Path, dir: &Path, port: u16) -> Result<Child> {
    let mut child = as_user(user, Path::new("sh"))
        .args(["-c", SUPERVISOR, "supervisor"])
        .arg(dir)
        .arg(programs.join("postgres"))
        .arg("-D")
        .arg(dir.join("data"))
        .arg("-k")
        .arg(dir)
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"])
        .current_dir(dir)
        // Ctrl-C is for the test; the supervisor then sees the pipe close.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // Written to prove that the pipe is there; the supervisor reads and forgets it.
    child.stdin.as_mut().context("a pipe")?.write_all(b"go\n")?;
    Ok(child)
}

/// PostgreSQL refuses to run as root: then somebody else does.
fn as_user(user: Option<(u32, u32)>, program: &Path) -> Command {
    let mut command = match user {
        None => Command::new(program),
        Some((uid, gid)) => {
            let mut command = Command::new("setpriv");
            command.args([format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".to_owned()]);
            command.arg(program);
            command
        }
    };
    command.env_remove("PGDATA").env_remove("PGPORT").env("LC_ALL", "C.UTF-8");
    command
}

/// Whom to be instead of root; `None` for whoever is not.
fn user() -> Result<Option<(u32, u32)>> {
    if id(&["-u"])? != 0 {
        return Ok(None);
    }
    Ok(Some((id(&["-u", "nobody"])?, id(&["-g", "nobody"])?)))
}

fn id(arguments: &[&str]) -> Result<u32> {
    let said = Command::new("id").args(arguments).output()?.stdout;
    Ok(String::from_utf8(said)?.trim().parse()?)
}

/// Where the server's programs are: not all of them are in Debian's search path.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(debian.map(|version| version.path().join("bin")));
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_test_has_a_database_of_its_own_and_commits_reach_the_disk() -> Result<()> {
        let (Some(one), Some(two)) = (fresh_database().await?, fresh_database().await?) else {
            return Ok(());
        };
        let mut one = PgConnection::connect(&one).await?;
        one.execute("CREATE TABLE only_here (n INT)").await?;
        let mut two = PgConnection::connect(&two).await?;
        assert!(two.execute("SELECT n FROM only_here").await.is_err());
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let value: String = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("SHOW {setting}")))
                .fetch_one(&mut one)
                .await?;
            assert_eq!(value, "on", "{setting}");
        }
        Ok(())
    }
}
