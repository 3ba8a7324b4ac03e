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

impl Used {
    /// What process `pid` has used; zeros when it is gone.
    pub fn of(pid: u32) -> Self {
        let fields = stat(pid);
        let ticks = |n: usize| fields.get(n).and_then(|f| f.parse::<f64>().ok()).unwrap_or_default();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|p| p.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or_default();
        // Linux counts in hundredths of a second.
        Self { cpu: (ticks(11) + ticks(12)) / 100.0, peak_mib: kib / 1024.0 }
    }
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

    /// Its process.
    pub const fn pid(&self) -> u32 {
        self.pid
    }

    /// What it has used so far.
    pub fn used(&self) -> Used {
        Used::of(self.pid)
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

/// What a process and all that it has started use.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tree {
    /// CPU seconds so far, of those that have ended too.
    pub cpu: f64,
    /// Memory, MiB: what several share is counted for each of them.
    pub rss_mib: f64,
    /// The same, what several share divided among them.
    pub pss_mib: f64,
}

impl Tree {
    /// Of process `root`.
    pub fn of(root: u32) -> Self {
        let mut parents: BTreeMap<u32, u32> = BTreeMap::new();
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            if let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
                let parent = stat(pid).get(1).and_then(|parent| parent.parse().ok());
                parents.extend(parent.map(|parent| (pid, parent)));
            }
        }
        let (mut tree, mut whole) = (vec![root], Self::default());
        while let Some(pid) = tree.pop() {
            tree.extend(parents.iter().filter(|(_, parent)| **parent == pid).map(|(pid, _)| *pid));
            // Own time, and that of children who have ended; in hundredths of a second.
            let ticks: f64 = stat(pid).get(11..15).into_iter().flatten().filter_map(|t| t.parse::<f64>().ok()).sum();
            whole.cpu += ticks / 100.0;
            let memory = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
            let of = |name: &str| {
                let line = memory.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
                line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() / 1024.0
            };
            whole.rss_mib += of("Rss:");
            whole.pss_mib += of("Pss:");
        }
        whole
    }
}

/// The fields of a process's `stat` behind its name, which may contain anything: state, parent …, utime, stime, and of its ended children
/// as 12th to 15th.
fn stat(pid: u32) -> Vec<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    text.rsplit(')').next().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}
