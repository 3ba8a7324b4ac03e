//! Has a machine on each side of a link ping some on the other.

use std::net::Ipv4Addr;

use crm::clock::Clock;
use crm::domain::plan::{Change, Phrase, Value};

use super::Wish;
use super::tunnel::{End, Ends};
use crate::failure::{Failure, Kind};
use crate::hypervisor::HvError;
use crate::report::Timing;

/// So many machines of the other side are pinged: one of them may refuse pings of its own will.
const TARGETS: usize = 3;

fn trouble(error: &HvError) -> Failure {
    Failure::from_hypervisor("read-back", error)
}

/// Until it comes out as wished. Where nobody can be asked, nothing is said.
pub async fn across(
    ends: &Ends,
    wish: Wish,
    clock: &dyn Clock,
    timing: &Timing,
) -> Result<Vec<Change>, Failure> {
    let mut guests = [Vec::new(), Vec::new()];
    for (end, guests) in ends.iter().zip(&mut guests) {
        *guests = end.hv.guests(&end.end.name).await.map_err(|e| trouble(&e))?;
    }
    let until = clock.now() + timing.hard_wait;
    let wanted = wish == Wish::Link;
    let answers = |yes: bool| Value::word(if yes { "plan-ping-answers" } else { "plan-ping-silent" });
    let mut read = Vec::new();
    for (from, to) in [(0, 1), (1, 0)] {
        let targets = &guests[to][..guests[to].len().min(TARGETS)];
        'machines: for (machine, _) in &guests[from] {
            loop {
                let Some((target, told)) = reached(&ends[from], machine, targets).await? else { break };
                if told == wanted {
                    let what = Phrase::new("plan-what-ping").with("from", machine).with("to", target);
                    read.push(Change { what, before: answers(!wanted), after: answers(wanted) });
                    break 'machines;
                }
                if clock.now() >= until {
                    let but = if wanted { "does not reach" } else { "still reaches" };
                    let text = format!("both hosts are as wished, but {machine} {but} {target}");
                    return Err(Failure::new("read-back", Kind::Failed, text));
                }
                clock.sleep_until(clock.now() + timing.poll).await;
            }
        }
    }
    Ok(read)
}

/// The first of `targets` that answers to a machine of this side; if none does, one that does not. `None`: there is nobody to ask.
async fn reached<'t>(
    end: &End,
    machine: &str,
    targets: &'t [(String, Ipv4Addr)],
) -> Result<Option<(&'t str, bool)>, Failure> {
    let mut silent = None;
    for (target, address) in targets {
        match end.hv.pings(machine, *address).await.map_err(|e| trouble(&e))? {
            None => return Ok(None),
            Some(true) => return Ok(Some((target, true))),
            Some(false) => silent = silent.or(Some((target.as_str(), false))),
        }
    }
    Ok(silent)
}
