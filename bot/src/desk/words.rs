//! Small words of the desk that several messages share: kinds, states, departments, promises, actions.

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::domain::action::{ActionSpec, Failure};
use crm::domain::form::RebootMode;
use crm::domain::kind::{Kind, Queue};
use crm::domain::lang::Lang;
use crm::domain::sla::{Outcome, Target, TargetClock};
use crm::domain::ticket::{State, Ticket};
use crm::plan_text;
use crm::t;
use crm::text::{length, when};

use crate::say::{beginning, escape};

/// What is asked, in the trade's words.
pub fn kind(kind: Kind, lang: Lang) -> String {
    t!(lang, &format!("desk-kind-{kind}"))
}

/// Where it is in its life.
pub fn state(state: State, lang: Lang) -> String {
    t!(lang, &format!("desk-state-{state}"))
}

/// Where a ticket is in its life.
pub fn state_of(ticket: &Ticket, lang: Lang) -> String {
    t!(lang, &format!("desk-state-{}", ticket.state_word()))
}

/// A department.
pub fn queue(queue: Queue, lang: Lang) -> String {
    t!(lang, &format!("desk-queue-{queue}"))
}

/// A promise's name.
pub fn target(target: Target, lang: Lang) -> String {
    t!(lang, &format!("desk-target-{target}"))
}

/// The mark that a ticket's state has everywhere on the desk.
pub const fn mark(ticket: &Ticket) -> &'static str {
    match ticket.state {
        State::New if ticket.cycle > 1 => "🔁",
        State::New => "🆕",
        State::Open => "🔵",
        State::WaitingCustomer => "💬",
        State::WaitingApproval => "✋",
        State::Executing => "⚙️",
        State::Solved => "✅",
        State::Closed => "☑️",
        State::Cancelled => "🚫",
        State::Declined => "⛔",
        State::Merged => "🔗",
    }
}

/// The mark of a ticket in lists: what is critical shows first of all that.
pub fn mark_of(ticket: &Ticket) -> &'static str {
    if ticket.kind == Kind::FaultCritical { "🔥" } else { mark(ticket) }
}

/// How a promise stands: clock time and time left, overdue, kept, late.
pub fn promise(clock: &TargetClock, now: Moment, lang: Lang) -> String {
    let due = when(clock.due_at, now, lang);
    match clock.outcome {
        Outcome::Met { at } => t!(lang, "desk-kept", at = when(at, now, lang)),
        Outcome::Breached { answered_at: Some(at) } => {
            t!(lang, "desk-late", at = when(at, now, lang), due = due)
        }
        Outcome::Void => t!(lang, "desk-void"),
        Outcome::Running if clock.paused_at.is_some() => {
            t!(lang, "desk-paused", left = left(clock, now, lang))
        }
        // Told in the second of the deadline, «0 seconds late» would read like a mistake.
        Outcome::Running | Outcome::Breached { answered_at: None }
            if clock.is_breached(now) && clock.left_ms(now) > -1000 =>
        {
            t!(lang, "desk-overdue-now", due = due)
        }
        Outcome::Running | Outcome::Breached { answered_at: None } if clock.is_breached(now) => {
            t!(lang, "desk-overdue", due = due, late = left(clock, now, lang))
        }
        Outcome::Running | Outcome::Breached { answered_at: None } => {
            t!(lang, "desk-due", due = due, left = left(clock, now, lang))
        }
    }
}

/// The promise that matters now, with its name; nothing when nothing is owed.
pub fn next_promise(ticket: &Ticket, now: Moment, lang: Lang) -> Option<String> {
    let (which, _) = ticket.next_due()?;
    Some(t!(
        lang,
        "desk-promise",
        target = target(which, lang),
        standing = promise(ticket.clock(which), now, lang)
    ))
}

fn left(clock: &TargetClock, now: Moment, lang: Lang) -> String {
    length(TimeDelta::milliseconds(clock.left_ms(now)), lang)
}

/// What will be done to which machine, before → after. Escaped.
pub fn action(spec: &ActionSpec, lang: Lang) -> String {
    match spec {
        ActionSpec::VmReboot { vm, zone, domain, mode, graceful_wait_ms } => {
            let (vm, zone, domain) = places(vm.as_str(), zone.as_str(), domain);
            let wait = length(TimeDelta::milliseconds(*graceful_wait_ms), lang);
            match mode {
                RebootMode::Graceful => {
                    t!(
                        lang,
                        "desk-action-reboot-graceful",
                        vm = vm,
                        zone = zone,
                        domain = domain,
                        wait = wait
                    )
                }
                RebootMode::Hard => {
                    t!(lang, "desk-action-reboot-hard", vm = vm, zone = zone, domain = domain)
                }
            }
        }
        ActionSpec::VmUnlock { vm, zone, domain, lock_reason, lock_ticket } => {
            let (vm, zone, domain) = places(vm.as_str(), zone.as_str(), domain);
            let reason = lock_reason.as_deref().map(|reason| lock(reason, lock_ticket.as_deref()));
            let reason = reason.unwrap_or_else(|| t!(lang, "desk-lock-unknown"));
            t!(lang, "desk-action-unlock", vm = vm, zone = zone, domain = domain, reason = reason)
        }
        other => escape(&plan_text::action(other, lang)),
    }
}

/// Why a machine is locked, with the ticket that the marker names. Escaped.
pub fn lock(reason: &str, ticket: Option<&str>) -> String {
    let reason = escape(reason);
    ticket.map_or_else(|| reason.clone(), |ticket| format!("{reason} · {}", escape(ticket)))
}

fn places(vm: &str, zone: &str, domain: &str) -> (String, String, String) {
    (escape(vm), escape(zone), escape(domain))
}

/// Why an action failed. Escaped.
pub fn failure(failure: &Failure, lang: Lang) -> String {
    t!(lang, "desk-failed", code = escape(&failure.code), text = escape(&failure.text))
}

/// What somebody wrote, as a quotation of at most `limit` characters; empty if he wrote nothing.
pub fn quote(text: &str, limit: usize) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let mut shown = beginning(text, limit).to_owned();
    if shown.len() < text.len() {
        shown.push('…');
    }
    // Long ones fold; a reader opens them with a touch.
    let opening = if shown.chars().count() > 200 || shown.lines().count() > 4 {
        "<blockquote expandable>"
    } else {
        "<blockquote>"
    };
    format!("{opening}{}</blockquote>", escape(&shown))
}
