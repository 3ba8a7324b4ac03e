//! Another program under measurement: started, looked at through `/proc`, and ended by its pid.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// What a program has used so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// CPU seconds, of all its threads, in its own code and in the kernel for it.
    pub cpu: f64,
    /// The most memory it has had, MiB.
    pub peak_mib: f64,
}

/// A running program; killed when dropped.
pub struct Running {
    child: Child,
    pid: u32,
}

impl Running {
    /// Starts `command` (a program and its arguments) with these variables in `folder`; it writes into `log`.
    pub fn start(
        command: &[String],
        env: &BTreeMap<String, String>,
        log: &Path,
        folder: &Path,
    ) -> Result<Self> {
        let (program, arguments) = command.split_first().context("a command")?;
        let out = File::create(log).with_context(|| format!("{}", log.display()))?;
        let child = Command::new(program)
            .args(arguments)
            .envs(env)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{program} does not start"))?;
        let pid = child.id().context("it has ended already")?;
        Ok(Self { child, pid })
    }

    /// What it has used so far; zeros when it is gone.
    pub fn used(&self) -> Used {
        let read = |file| std::fs::read_to_string(format!("/proc/{}/{file}", self.pid)).unwrap_or_default();
        let stat = read("stat");
        // Behind the name, which may contain anything, come state, ppid … with utime and stime as 12th and 13th.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |n: usize| fields.get(n).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default();
        let status = read("status");
        let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|p| p.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or_default();
        // Linux counts in hundredths of a second.
        Used { cpu: (ticks(11) + ticks(12)) / 100.0, peak_mib: kib / 1024.0 }
    }

    /// Whether it is still there.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to end; after ten seconds it is killed.
    pub async fn end(mut self) -> Result<()> {
        if let Some(pid) = i32::try_from(self.pid).ok().and_then(Pid::from_raw) {
            // An error means that it has ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        if tokio::time::timeout(Duration::from_secs(10), self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}
