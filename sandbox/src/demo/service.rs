//! The three services as child processes: started beside this program, logging to files, stopped by signal.

use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};

/// What every service is started with.
pub struct Settings {
    dir: PathBuf,
    beside: PathBuf,
    variables: Vec<(String, String)>,
}

impl Settings {
    /// Services work in `dir` with these variables; their programs stand beside this one.
    pub fn new(dir: &Path, variables: &[(&str, String)]) -> anyhow::Result<Self> {
        let me = std::env::current_exe()?;
        let beside = me.parent().context("this program has no folder")?.to_owned();
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        Ok(Self { dir: dir.to_owned(), beside, variables })
    }

    fn command(&self, program: &str, args: &[&str]) -> anyhow::Result<Command> {
        let path = self.beside.join(program);
        anyhow::ensure!(
            path.is_file(),
            "{} is missing: build the whole workspace first (make demo does)",
            path.display()
        );
        let mut command = Command::new(path);
        // A demo is not steered by what happens to be set for a real installation.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("KOMEK_") {
                command.env_remove(name);
            }
        }
        command
            .args(args)
            .envs(self.variables.iter().cloned())
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }

    /// Runs a program to its end and returns what it printed.
    pub async fn once(&self, program: &str, args: &[&str]) -> anyhow::Result<String> {
        let output =
            self.command(program, args)?.output().await.with_context(|| format!("starting {program}"))?;
        anyhow::ensure!(
            output.status.success(),
            "{program} {} failed:\n{}{}",
            args.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

struct Service {
    name: String,
    log: PathBuf,
    child: Child,
}

/// The services that run.
#[derive(Default)]
pub struct Running(Vec<Service>);

impl Running {
    /// Starts a service; it logs to `NAME.log`.
    pub fn start(&mut self, settings: &Settings, name: &str, args: &[&str]) -> anyhow::Result<()> {
        let log = settings.dir.join(format!("{name}.log"));
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&log)?;
        let mut command = settings.command(name, args)?;
        // A group of its own: Ctrl-C reaches this program alone, which then stops the services in order.
        let child = command.stdout(file.try_clone()?).stderr(file).process_group(0).spawn()?;
        self.0.push(Service { name: name.to_owned(), log, child });
        Ok(())
    }

    /// Waits until a service ends, and tells why.
    pub async fn first_to_end(&mut self) -> String {
        loop {
            for service in &mut self.0 {
                if let Ok(Some(status)) = service.child.try_wait() {
                    let log = std::fs::read_to_string(&service.log).unwrap_or_default();
                    let last: Vec<&str> = log.lines().rev().take(5).collect();
                    let last: Vec<&str> = last.into_iter().rev().collect();
                    return format!(
                        "{} ended ({status}); its last words:\n{}",
                        service.name,
                        last.join("\n")
                    );
                }
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Asks all to stop, waits, and ends what does not.
    pub async fn stop(&mut self) {
        for service in &self.0 {
            if let Some(pid) = service.child.id() {
                // `kill` of the shell's tools: no unsafe code for one signal.
                let _ = Command::new("kill").arg(pid.to_string()).stderr(Stdio::null()).status().await;
            }
        }
        for service in &mut self.0 {
            if tokio::time::timeout(Duration::from_secs(8), service.child.wait()).await.is_err() {
                let _ = service.child.kill().await;
            }
        }
    }
}
