//! Reads a domain: its state in words, and what its XML says about agent and lock.

use roxmltree::{Document, Node};
use virt::domain::Domain;
use virt::error::Error;
use virt::sys;

use super::{agent, ffi};
use crate::hypervisor::{Agent, LockMarker, Observed, State};

/// The XML namespace of the lock marker in a domain's metadata.
pub const LOCK_URI: &str = "urn:komek:lock";
/// The namespace's prefix.
pub const LOCK_KEY: &str = "komek";

const AGENT_CHANNEL: &str = "org.qemu.guest_agent.0";

/// libvirt's reasons for each state, in the order of its numbers.
const RUNNING: &[&str] = &[
    "unknown",
    "booted",
    "migrated",
    "restored",
    "from snapshot",
    "unpaused",
    "migration cancelled",
    "save cancelled",
    "woken up",
    "crashed",
    "post-copy migration",
];
const PAUSED: &[&str] = &[
    "unknown",
    "user",
    "migration",
    "save",
    "core dump",
    "I/O error",
    "watchdog",
    "snapshot restored",
    "shutting down",
    "snapshot",
    "crashed",
    "starting up",
    "post-copy migration",
    "post-copy failed",
    "API error",
];
const OFF: &[&str] = &[
    "unknown",
    "shutdown",
    "destroyed",
    "crashed",
    "migrated",
    "saved",
    "failed",
    "snapshot restored",
    "daemon",
];

/// Reads everything but the agent's answer.
pub fn read(domain: &Domain, reboot_events: u64) -> Result<Observed, Error> {
    let (number, reason) = ffi::state(domain)?;
    let (state, reasons) = match number {
        sys::VIR_DOMAIN_PAUSED => (State::Paused, PAUSED),
        sys::VIR_DOMAIN_SHUTDOWN => (State::ShuttingDown, &[][..]),
        sys::VIR_DOMAIN_SHUTOFF => (State::Off, OFF),
        sys::VIR_DOMAIN_CRASHED => (State::Crashed, &[][..]),
        sys::VIR_DOMAIN_PMSUSPENDED => (State::Asleep, &[][..]),
        // "No state" and "blocked" are what other hypervisors say of a domain that runs.
        _ => (State::Running, RUNNING),
    };
    let described = Described::of(&domain.xml_desc(0)?);
    Ok(Observed {
        name: domain.name()?,
        state,
        reason: usize::try_from(reason)
            .ok()
            .and_then(|at| reasons.get(at))
            .map_or("unknown", |r| r)
            .to_owned(),
        // 0: the test driver does not say who paused it.
        held: state == State::Paused && reason <= sys::VIR_DOMAIN_PAUSED_USER,
        persistent: domain.is_persistent()?,
        domain_id: described.domain_id,
        lock: described.lock,
        agent: described.agent,
        boot_id: None,
        reboot_events,
    })
}

/// Adds what the guest agent tells, if there is one to ask.
pub fn ask_agent(domain: &Domain, seen: &mut Observed, seconds: i32) {
    if seen.state != State::Running || seen.agent != Agent::Connected {
        return;
    }
    match agent::boot_id(domain, seconds) {
        Ok(boot_id) => seen.boot_id = Some(boot_id),
        Err(error) => {
            tracing::debug!(domain = seen.name, %error, "no boot id");
            seen.agent = Agent::Silent;
        }
    }
}

/// Sets or removes the lock marker wherever the domain has a description: of this run, and of later ones.
pub fn mark(domain: &Domain, element: Option<&str>) -> Result<(), Error> {
    let live = if domain.is_active()? { sys::VIR_DOMAIN_AFFECT_LIVE } else { 0 };
    let kept = if domain.is_persistent()? { sys::VIR_DOMAIN_AFFECT_CONFIG } else { 0 };
    let kind = i32::try_from(sys::VIR_DOMAIN_METADATA_ELEMENT).unwrap_or(2);
    domain.set_metadata(kind, element, Some(LOCK_KEY), Some(LOCK_URI), live | kept)
}

/// The lock marker as an XML element.
pub fn lock_element(marker: &LockMarker) -> String {
    format!("<lock reason=\"{}\" ticket=\"{}\"/>", escape(&marker.reason), escape(&marker.ticket))
}

/// `text` as an attribute's value.
pub fn escape(text: &str) -> String {
    let visible = text.chars().filter(|c| !c.is_control());
    visible.fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            c => out.push(c),
        }
        out
    })
}

#[derive(Debug, PartialEq, Eq)]
struct Described {
    domain_id: Option<u32>,
    lock: Option<LockMarker>,
    agent: Agent,
}

impl Described {
    /// From the domain's XML; what cannot be read counts as absent.
    fn of(xml: &str) -> Self {
        let nothing = Self { domain_id: None, lock: None, agent: Agent::Absent };
        let Ok(document) = Document::parse(xml) else { return nothing };
        let root = document.root_element();
        let lock = child(root, "metadata").and_then(|metadata| {
            let lock = metadata.children().find(|n| n.has_tag_name((LOCK_URI, "lock")))?;
            let text = |name| lock.attribute(name).unwrap_or_default().to_owned();
            Some(LockMarker { reason: text("reason"), ticket: text("ticket") })
        });
        let target = child(root, "devices").and_then(|devices| {
            let channels = devices.children().filter(|n| n.has_tag_name("channel"));
            channels.filter_map(|c| child(c, "target")).find(|t| t.attribute("name") == Some(AGENT_CHANNEL))
        });
        let agent = match target.map(|t| t.attribute("state")) {
            None => Agent::Absent,
            Some(Some("connected")) => Agent::Connected,
            Some(_) => Agent::Disconnected,
        };
        Self { domain_id: root.attribute("id").and_then(|id| id.parse().ok()), lock, agent }
    }
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|n| n.has_tag_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_survives_its_xml() {
        let lock = LockMarker { reason: "\"a\" <& b>\n".into(), ticket: "KM-000042".into() };
        let element = lock_element(&lock).replacen("<lock", "<k:lock xmlns:k='urn:komek:lock'", 1);
        let read = Described::of(&format!("<domain id='4'><metadata>{element}</metadata></domain>"));
        let expected = LockMarker { reason: "\"a\" <& b>".into(), ..lock };
        assert_eq!(read, Described { domain_id: Some(4), lock: Some(expected), agent: Agent::Absent });
    }

    #[test]
    fn the_agent_channel_tells_whether_somebody_listens() {
        let domain = |state| {
            format!(
                "<domain><devices><channel><target name='other' state='connected'/></channel>\
                 <channel><target name='org.qemu.guest_agent.0'{state}/></channel></devices></domain>"
            )
        };
        assert_eq!(Described::of(&domain(" state='connected'")).agent, Agent::Connected);
        assert_eq!(Described::of(&domain(" state='disconnected'")).agent, Agent::Disconnected);
        assert_eq!(Described::of(&domain("")).agent, Agent::Disconnected);
    }
}
