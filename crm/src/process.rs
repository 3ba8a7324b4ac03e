//! This process's name among all that work on the same database: `host/pid/start/service`.

/// When the process with this pid was started, as the kernel counts (clock ticks since boot); `None` if there is none.
pub fn started_at(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets and may contain anything; the 22nd is the start.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    // A zombie does nothing any more.
    if state == "Z" {
        return None;
    }
    fields.nth(18).map(str::to_owned)
}

/// The name of this process as a `service`.
pub fn name(service: &str) -> String {
    let pid = std::process::id();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let started = started_at(pid).unwrap_or_default();
    // Host and boot: after a reboot of the machine the same pid is somebody else.
    format!("{}+{}/{pid}/{started}/{service}", host.trim(), boot.trim().get(..8).unwrap_or_default())
}

/// Whether `holder` was a process on this machine (names are `host/pid/…`) that does not run any more: then nobody needs to wait for its
/// lease to run out.
pub fn is_dead_here(holder: &str, me: &str) -> bool {
    let parts = |name: &str| {
        let mut parts = name.split('/').map(str::to_owned);
        Some((parts.next()?, parts.next()?.parse::<u32>().ok()?, parts.next()?))
    };
    match (parts(holder), parts(me)) {
        (Some((host, pid, started)), Some((my_host, _, _))) if host == my_host => {
            started_at(pid).is_none_or(|now_running| now_running != started)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_runs_and_nobody_has_the_largest_pid() {
        assert!(started_at(std::process::id()).is_some());
        assert!(started_at(u32::MAX).is_none());
        assert!(name("bot").ends_with("/bot"));
    }
}
