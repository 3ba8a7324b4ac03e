//! A zone with real machines: libvirtd and QEMU in a namespace of their own (`lab/kvm/*.sh`).

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
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

/// Whether zones can be started here; if not, says so (see [`super`]).
pub fn possible() -> Result<bool> {
    let check = script("install.sh", &["--check"])?;
    if check.status.success() || super::ci() {
        return Ok(true);
    }
    let why = String::from_utf8_lossy(&check.stdout).trim().to_owned();
    super::absent::<()>("KVM lab", &format!("{why} (tests/lab/kvm/install.sh, as root, installs it)"))?;
    Ok(false)
}

impl Zone {
    /// Starts an empty zone, after the remains of an earlier one of this name are gone. With `CI=true` what is
    /// missing is installed; `None` if something is missing otherwise (see [`super`]).
    pub fn start(name: &str) -> Result<Option<Self>> {
        if !possible()? {
            return Ok(None);
        }
        // Nothing to do where all is there.
        succeed("install.sh", &[])?;
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

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Asks virsh: a witness that is not our own adapter. `input` is what it reads from `/dev/stdin`.
    pub fn virsh(&self, arguments: &[&str], input: &str) -> Result<String> {
        let mut child = Command::new("virsh")
            .args(["-q", "-c", &self.uri])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot run virsh")?;
        child.stdin.take().context("its input")?.write_all(input.as_bytes())?;
        let ran = child.wait_with_output()?;
        ensure!(ran.status.success(), "virsh {arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
        Ok(String::from_utf8(ran.stdout)?.trim().to_owned())
    }

    /// Runs a command in the zone's network.
    pub fn inside(&self, command: &[&str]) -> Result<String> {
        succeed("zone.sh", &[&["inside", &self.name], command].concat())
    }

    /// Defines and starts a machine with a card on `network`.
    pub async fn machine_on(&self, hv: &Libvirt, name: &str, network: &str, words: &[&str]) -> Result<()> {
        let path = super::file("kvm").join("domain.sh");
        let ran = Command::new(path).env("NETWORK", network).arg(name).args(words).output()?;
        ensure!(ran.status.success(), "domain.sh: {}", String::from_utf8_lossy(&ran.stderr));
        hv.define(&String::from_utf8(ran.stdout)?).await?;
        Ok(hv.start(name).await?)
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

    /// What a machine has written to its console.
    pub fn console(&self, machine: &str) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(self.dir.join(format!("log/{machine}.console")))?)
            .into_owned())
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

/// A network namespace on a bridge of a zone's host: a machine as far as the network can tell, and up at once.
pub struct Plugged {
    sleeper: Child,
    busybox: PathBuf,
}

impl Plugged {
    fn inside(&self, command: &[&str]) -> Result<Output> {
        let pid = self.sleeper.id().to_string();
        Ok(Command::new("nsenter").args(["-t", &pid, "-n"]).args(command).output()?)
    }

    /// Whether `address` answers a ping from here.
    pub fn pings(&self, address: &str) -> Result<bool> {
        let busybox = self.busybox.to_string_lossy();
        Ok(self.inside(&[&busybox, "ping", "-c", "1", "-W", "1", address])?.status.success())
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        // It sleeps; if it cannot be killed it ends by itself.
        let _ = self.sleeper.kill();
        let _ = self.sleeper.wait();
    }
}

impl Zone {
    /// Plugs a namespace with `address` (of a /24) into `bridge`; `gateway` is its way to everywhere else.
    pub fn plug(&self, bridge: &str, address: &str, gateway: &str) -> Result<Plugged> {
        let sleeper = Command::new("unshare").args(["--net", "sleep", "600"]).spawn().context("unshare")?;
        let pid = sleeper.id().to_string();
        // The guest's own, unpacked: it pings.
        let busybox = self.dir.join("../../unpacked/bin/busybox");
        let plugged = Plugged { sleeper, busybox };
        let namespace = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/net"));
        let begun = Instant::now();
        while namespace(&pid)? == namespace("self")? {
            ensure!(begun.elapsed() < Duration::from_secs(5), "no namespace");
            std::thread::sleep(Duration::from_millis(5));
        }
        let card = format!("plug{pid}");
        self.inside(&["ip", "link", "add", &card, "type", "veth", "peer", "name", "eth0", "netns", &pid])?;
        self.inside(&["ip", "link", "set", &card, "master", bridge, "up"])?;
        let network = format!("{address}/24");
        for command in [
            &["ip", "addr", "add", &network, "dev", "eth0"][..],
            &["ip", "link", "set", "eth0", "up"],
            &["ip", "route", "add", "default", "via", gateway],
        ] {
            let ran = plugged.inside(command)?;
            ensure!(ran.status.success(), "{command:?}: {}", String::from_utf8_lossy(&ran.stderr));
        }
        Ok(plugged)
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        if let Err(error) = succeed("zone.sh", &["down", &self.name]) {
            eprintln!("zone {}: {error:#}", self.name);
        }
    }
}

/// A cable between the hosts of two zones: the device `kmbb` in each, 10.255.0.1 and 10.255.0.2.
pub fn wire(a: &Zone, b: &Zone) -> Result<()> {
    succeed("zone.sh", &["wire", &a.name, &b.name]).map(drop)
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
