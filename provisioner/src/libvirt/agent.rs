//! The guest's boot id, read through its agent.

use serde::Deserialize;
use serde_json::{Value, json};
use virt::domain::Domain;
use virt::error::Error;

/// Where Linux tells the id of this boot.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Why there is no boot id.
#[derive(Debug, thiserror::Error)]
pub enum Mute {
    /// The agent did not answer, or refused, or libvirt could not ask it.
    #[error("{0}")]
    Refused(#[from] Error),
    /// It answered, but not with a boot id: not a Linux, or a stripped agent.
    #[error("the guest agent has no boot id to tell: {0}")]
    Nonsense(String),
}

/// Reads the boot id, waiting `seconds` for each answer.
///
/// Distributions forbid their agents different commands: reading a file is tried first, it starts nothing in the
/// guest; then running `cat`. A guest that does not answer at all is asked only once.
pub fn boot_id(domain: &Domain, seconds: i32) -> Result<String, Mute> {
    let agent = Agent { domain, seconds };
    let told = match agent.file() {
        Err(Mute::Refused(error)) if error.code().to_raw() == virt::sys::VIR_ERR_AGENT_UNRESPONSIVE => {
            return Err(Mute::Refused(error));
        }
        Err(_) => agent.cat()?,
        Ok(told) => told,
    };
    let id = decode(&told).ok_or_else(|| Mute::Nonsense(format!("{told:?} is not base64")))?;
    let id = id.trim();
    if id.len() == 36 { Ok(id.to_owned()) } else { Err(Mute::Nonsense(format!("{id:?}"))) }
}

/// Has the guest ping `address` once.
pub fn pings(domain: &Domain, address: std::net::Ipv4Addr, seconds: i32) -> Result<bool, Mute> {
    let arguments = ["-c", "1", "-W", "2", &address.to_string()].map(str::to_owned);
    let agent = Agent { domain, seconds };
    let started: Value = agent.ask("guest-exec", &json!({ "path": "ping", "arg": arguments }))?;
    for _ in 0..60 {
        let status: Value = agent.ask("guest-exec-status", &json!({ "pid": started["pid"] }))?;
        if status["exited"] == true {
            return Ok(status["exitcode"] == 0);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Err(Mute::Nonsense("ping does not end".to_owned()))
}

struct Agent<'a> {
    domain: &'a Domain,
    seconds: i32,
}

impl Agent<'_> {
    fn ask<T: for<'de> Deserialize<'de>>(&self, command: &str, arguments: &Value) -> Result<T, Mute> {
        let request = json!({ "execute": command, "arguments": arguments }).to_string();
        let answer = self.domain.qemu_agent_command(&request, self.seconds, 0)?;
        let nonsense = |e: serde_json::Error| Mute::Nonsense(format!("{command}: {e}"));
        let mut answer: Value = serde_json::from_str(&answer).map_err(nonsense)?;
        T::deserialize(answer["return"].take()).map_err(nonsense)
    }

    /// The file's content in base64.
    fn file(&self) -> Result<String, Mute> {
        let handle: i64 = self.ask("guest-file-open", &json!({ "path": BOOT_ID, "mode": "r" }))?;
        let read = self.ask::<Value>("guest-file-read", &json!({ "handle": handle, "count": 64 }));
        let _closed: Value = self.ask("guest-file-close", &json!({ "handle": handle }))?;
        Ok(read?["buf-b64"].as_str().unwrap_or_default().to_owned())
    }

    /// The same through a program.
    fn cat(&self) -> Result<String, Mute> {
        let run = json!({ "path": "cat", "arg": [BOOT_ID], "capture-output": true });
        let started: Value = self.ask("guest-exec", &run)?;
        for _ in 0..20 {
            let status: Value = self.ask("guest-exec-status", &json!({ "pid": started["pid"] }))?;
            if status["exited"] == true {
                return Ok(status["out-data"].as_str().unwrap_or_default().to_owned());
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        Err(Mute::Nonsense("cat does not end".to_owned()))
    }
}

/// Base64 as the agent writes it; `None` if it is none, or no text.
fn decode(base64: &str) -> Option<String> {
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for symbol in base64.trim_end_matches('=').bytes() {
        let six = match symbol {
            b'A'..=b'Z' => symbol - b'A',
            b'a'..=b'z' => symbol - b'a' + 26,
            b'0'..=b'9' => symbol - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn base64_of_every_length() {
        for (told, text) in [("", ""), ("YQ==", "a"), ("YWI=", "ab"), ("YWJj", "abc"), ("YWJjZA==", "abcd")] {
            assert_eq!(decode(told).as_deref(), Some(text));
        }
        assert_eq!(decode("Y?=="), None);
        assert_eq!(decode("/w=="), None, "not a text");
    }
}
