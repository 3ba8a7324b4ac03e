//! A part of the lab that is a script: it says `ready`, and ends everything it started when its standard input closes.
//!
//! However the test ends (passed, panicked, killed), the pipe closes with it, so nothing is left behind.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// A running script, with a folder of its own.
pub struct Script {
    child: Child,
    dir: TempDir,
}

impl Script {
    /// Starts `lab/NAME FOLDER ARGUMENTS…` and waits until it is ready.
    pub fn start(name: &str, arguments: &[&str]) -> Result<Self> {
        let dir = tempfile::Builder::new().prefix("komek-lab").tempdir()?;
        let path = super::file(name);
        let mut child = Command::new(&path)
            .arg(dir.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", path.display()))?;
        let mut said = String::new();
        BufReader::new(child.stdout.take().context("a pipe")?).read_line(&mut said)?;
        ensure!(said.trim() == "ready", "{name} ended without being ready: {:?}", child.wait()?);
        Ok(Self { child, dir })
    }

    /// Its folder.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A file of its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What it wrote into a file, trimmed.
    pub fn read(&self, name: &str) -> Result<String> {
        let path = self.path(name);
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("{} is missing", path.display()))?;
        Ok(text.trim().to_owned())
    }

    /// Sends one of its processes a signal by its name: `STOP`, `CONT`, `KILL`.
    pub fn signal(&self, process: &str, signal: &str) -> Result<()> {
        let pid = self.read(&format!("{process}.pid"))?;
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(&pid).status()?;
        ensure!(sent.success(), "{process} did not get {signal}");
        Ok(())
    }

    /// Starts a process again that was killed.
    pub fn restart(&mut self, process: &str) -> Result<()> {
        let pipe = self.child.stdin.as_mut().context("a pipe")?;
        Ok(writeln!(pipe, "restart {process}")?)
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if let Err(error) = self.child.wait() {
            eprintln!("a script of the lab: {error}");
        }
    }
}

/// The first of `programs` that this machine lacks.
pub fn lacks(programs: &[&str]) -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(["/usr/sbin", "/usr/lib/go-1.19/bin"].map(PathBuf::from));
    let missing = |name: &&&str| !folders.iter().any(|folder| folder.join(name).is_file());
    programs.iter().find(missing).map(|name| format!("{name} is not installed (scripts/install.sh test)"))
}
