//! libvirt's test driver as a daemon: domains in memory behind a real libvirtd, ready in a tenth of a second.
//!
//! Unlike `test:///default` inside a process, its domains outlive a killed client as long as somebody else is
//! connected. Here that is an observer, which also counts what happens to each domain: a reboot through it is one
//! stop and one start under a new domain id. QEMU is neither needed nor loaded.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use provisioner::hypervisor::{Hypervisor, LockMarker};
use provisioner::libvirt::{Libvirt, Limits, Tally};
use tempfile::TempDir;

/// A running daemon; ends with the value.
pub struct TestVirt {
    dir: TempDir,
    daemon: Child,
    observer: Option<Libvirt>,
}

impl TestVirt {
    /// Starts a daemon with these domains, all running. `None` if libvirtd is not installed (see [`super`]).
    pub async fn start(domains: &[&str]) -> Result<Option<Self>> {
        let dir = TempDir::new()?;
        let path = dir.path();
        let config = path.join("libvirtd.conf");
        std::fs::create_dir(path.join("no-drivers"))?;
        std::fs::write(&config, configuration(path)?)?;
        // Not in the search path of ordinary users.
        let program = ["/usr/sbin/libvirtd", "/usr/bin/libvirtd"].into_iter().find(|p| Path::new(p).exists());
        let Some(program) = program else {
            return super::absent("libvirt daemon", "the package libvirt-daemon is not installed");
        };
        let daemon = Command::new(program)
            .arg("-f")
            .arg(&config)
            .arg("-p")
            .arg(path.join("pid"))
            // The test driver is part of the library; the others would want a system around them.
            .env("LIBVIRT_DRIVER_DIR", path.join("no-drivers"))
            .env("XDG_RUNTIME_DIR", path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut lab = Self { dir, daemon, observer: None };
        lab.wait_for_socket().await?;
        let observer = Libvirt::new("observer", &lab.uri(), Limits::default())?;
        for domain in domains {
            observer.define(&description(domain)).await?;
            observer.start(domain).await?;
        }
        lab.observer = Some(observer);
        Ok(Some(lab))
    }

    async fn wait_for_socket(&mut self) -> Result<()> {
        let socket = self.dir.path().join("libvirt-sock");
        for _ in 0..500 {
            if socket.exists() {
                return Ok(());
            }
            if let Some(ended) = self.daemon.try_wait()? {
                let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
                anyhow::bail!("libvirtd ended at once ({ended}): {log}");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::bail!("libvirtd has made no socket within 10 s");
    }

    /// What a zone of the directory or `komek.toml` names to reach these domains.
    pub fn uri(&self) -> String {
        format!("test+unix:///default?socket={}", self.dir.path().join("libvirt-sock").display())
    }

    /// The observer's own connection: to look, to lock, to switch off behind the provisioner's back.
    pub fn observer(&self) -> Result<&Libvirt> {
        self.observer.as_ref().context("the observer is connected in start")
    }

    /// What has happened to a domain since the lab started: `stopped` counts its reboots, and `started` is one
    /// more than that, for its first start.
    pub fn tally(&self, domain: &str) -> Tally {
        self.observer.as_ref().map(|observer| observer.tally(domain)).unwrap_or_default()
    }

    /// Locks a domain as the desk does: marker and pause.
    pub async fn lock(&self, domain: &str, reason: &str, ticket: &str) -> Result<()> {
        let marker = LockMarker { reason: reason.to_owned(), ticket: ticket.to_owned() };
        self.observer()?.set_lock(domain, &marker).await?;
        Ok(self.observer()?.suspend(domain).await?)
    }
}

impl Drop for TestVirt {
    fn drop(&mut self) {
        // Errors mean that it is gone already.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn configuration(dir: &Path) -> Result<String> {
    let dir = dir.display();
    // Without one, libvirtd would ask the machine's firmware.
    let host = std::fs::read_to_string("/proc/sys/kernel/random/uuid")?;
    Ok(format!(
        "unix_sock_dir = \"{dir}\"\nauth_unix_rw = \"none\"\nauth_unix_ro = \"none\"\n\
         unix_sock_rw_perms = \"0700\"\nlog_outputs = \"3:file:{dir}/log\"\n\
         host_uuid = \"{}\"\n",
        host.trim()
    ))
}

fn description(domain: &str) -> String {
    format!(
        "<domain type='test'><name>{domain}</name><memory unit='MiB'>1024</memory><vcpu>1</vcpu>\
         <os><type arch='x86_64'>hvm</type></os></domain>"
    )
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use crm::clock::SystemClock;
    use provisioner::report::{Evidence, Timing};
    use provisioner::steps::Notes;
    use provisioner::vm_reboot;

    use super::*;

    #[tokio::test]
    async fn domains_outlive_their_client_and_are_counted() -> Result<()> {
        let Some(lab) = TestVirt::start(&["a", "b"]).await? else { return Ok(()) };
        let timing = Timing { poll: TimeDelta::milliseconds(20), ..Timing::default() };
        for reboot in 1..=3 {
            // A new connection each time, as after a killed provisioner.
            let hv = Libvirt::new("z", &lab.uri(), Limits::default())?;
            let proof = vm_reboot::run(&hv, &SystemClock, "a", &timing, &mut Notes::default()).await?;
            assert_eq!(proof.evidence, Evidence::DomainId);
            drop(hv);
            // Announcements come a moment later than answers.
            for _ in 0..100 {
                if lab.tally("a").started == reboot + 1 {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            assert_eq!((lab.tally("a").stopped, lab.tally("a").started), (reboot, reboot + 1));
        }
        assert_eq!((lab.tally("b").stopped, lab.tally("b").started), (0, 1));
        Ok(())
    }
}
