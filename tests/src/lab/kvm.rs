//! A zone with real machines: libvirtd and QEMU in a namespace of their own (`lab/kvm/*.sh`).

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use provisioner::hypervisor::{Hypervisor, Observed};
use provisioner::libvirt::{Libvirt, Limits};

/// A running zone; its machines end with the value.
pub struct Zone {
    name: String,
    uri: String,
    dir: PathBuf,
}

impl Zone {
    /// Starts an empty zone, after the remains of an earlier one of this name are gone. With `CI=true` what is
    /// missing is installed; `None` if something is missing otherwise (see [`super`]).
    pub fn start(name: &str) -> Result<Option<Self>> {
        let check = script("install.sh", &["--check"])?;
        if !check.status.success() {
            let why = String::from_utf8_lossy(&check.stdout).trim().to_owned();
            if super::ci() {
                succeed("install.sh", &[])?;
            } else {
                return super::absent(
                    "KVM lab",
                    &format!("{why} (tests/lab/kvm/install.sh, as root, installs it)"),
                );
            }
        }
        let guest = match succeed("build-guest.sh", &[]) {
            Ok(guest) => guest,
            Err(error) => return super::absent("guest for the KVM lab", &format!("{error:#}")),
        };
        let lab = PathBuf::from(guest).parent().context("the guest lies in the lab")?.to_owned();
        succeed("zone.sh", &["down", name])?;
        let uri = succeed("zone.sh", &["up", name])?;
        Ok(Some(Self { name: name.to_owned(), uri, dir: lab.join("zones").join(name) }))
    }

    /// What a zone of the directory names to reach it.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The zone through the provisioner's own adapter.
    pub fn connect(&self, limits: Limits) -> Result<Libvirt> {
        Ok(Libvirt::new(&self.name, &self.uri, limits)?)
    }

    /// Defines and starts a machine; `words` are those of `lab/kvm/guest/init`.
    pub async fn machine(&self, hv: &Libvirt, name: &str, words: &[&str]) -> Result<()> {
        let mut arguments = vec![name];
        arguments.extend(words);
        hv.define(&succeed("domain.sh", &arguments)?).await?;
        Ok(hv.start(name).await?)
    }

    /// Sends libvirtd a signal by its name: `STOP`, `CONT`, `KILL`.
    pub fn signal(&self, signal: &str) -> Result<()> {
        let pid = std::fs::read_to_string(self.dir.join("libvirtd.pid"))?;
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(pid.trim()).status()?;
        ensure!(sent.success(), "libvirtd of {} did not get {signal}", self.name);
        Ok(())
    }

    /// Starts libvirtd again after it was killed.
    pub fn start_again(&self) -> Result<()> {
        succeed("zone.sh", &["up", &self.name]).map(drop)
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        if let Err(error) = succeed("zone.sh", &["down", &self.name]) {
            eprintln!("zone {}: {error:#}", self.name);
        }
    }
}

/// Looks until a machine is as wanted, at most `limit`.
pub async fn until(
    hv: &Libvirt,
    machine: &str,
    limit: Duration,
    wanted: impl Fn(&Observed) -> bool,
) -> Result<Observed> {
    let begun = Instant::now();
    loop {
        let seen = hv.observe(machine).await?;
        if wanted(&seen) {
            return Ok(seen);
        }
        ensure!(begun.elapsed() < limit, "after {limit:?} it is still {seen:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn script(name: &str, arguments: &[&str]) -> Result<Output> {
    let path = super::file("kvm").join(name);
    Command::new(&path).args(arguments).output().with_context(|| format!("cannot run {}", path.display()))
}

fn succeed(name: &str, arguments: &[&str]) -> Result<String> {
    let ran = script(name, arguments)?;
    ensure!(ran.status.success(), "{name} {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    Ok(String::from_utf8(ran.stdout)?.trim().to_owned())
}
