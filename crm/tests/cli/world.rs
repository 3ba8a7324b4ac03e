//! A folder with a database, the binary to run there, and what it said.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use crm::clock::{Clock, SystemClock};
use crm::policy::PolicyBook;
use crm::service::Service;
use crm::store::{Db, DbOptions};
use tempfile::TempDir;

/// The example of DESIGN 6.
pub const DIRECTORY: &str = include_str!("../../src/directory/example.toml");

/// One run of the binary.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// The run, which must have gone well.
    pub fn well(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// The run, which must have failed with code 1.
    pub fn badly(self) -> String {
        assert_eq!(self.code, 1, "{self:?}");
        format!("{}{}", self.out, self.err)
    }
}

/// A folder of its own.
pub struct World {
    pub folder: TempDir,
}

impl World {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A world where the example directory is applied.
    pub fn with_directory() -> Self {
        let world = Self::new();
        world.file("directory.toml", DIRECTORY);
        world.run(&["directory", "apply", "directory.toml"]).well();
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn file(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    pub fn url(&self) -> String {
        format!("sqlite://{}", self.path("komek.db").display())
    }

    /// The binary with nothing of this machine's environment.
    pub fn command(&self, args: &[&str], env: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_komek-crm"));
        command.current_dir(self.folder.path()).env_clear().args(args).envs(env.iter().copied());
        command
    }

    pub fn run(&self, args: &[&str]) -> Said {
        self.run_with(args, &[])
    }

    pub fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Said {
        let output = self.command(args, env).output().expect("the binary runs");
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The database as the services open it.
    pub async fn db(&self) -> Db {
        Db::connect(&self.url(), &DbOptions::default()).await.expect("opened")
    }

    /// The service that changes tickets.
    pub fn service() -> Service {
        Service::new(Arc::new(SystemClock), Arc::new(PolicyBook::shipped().expect("sound")))
    }

    /// The present moment.
    pub fn now() -> crm::clock::Moment {
        SystemClock.now()
    }
}
