//! The SLA timeline of a ticket's page: the stretches of its time with who held it, and why each deadline is where it is.

use super::page::Page;
use super::words;
use crate::domain::audit::EventRecord;
use crate::domain::deadline::resolution_shifts;
use crate::domain::policy::Policy;
use crate::domain::report::{Holder, Segment, segments};
use crate::domain::sla::Target;
use crate::domain::ticket::Ticket;

/// One stretch.
pub struct Stretch {
    /// The class that colours it.
    pub class: &'static str,
    /// Who held it.
    pub who: String,
    /// From and until.
    pub span: String,
    /// How long.
    pub long: String,
    /// Share of all its time, in tenths of a per cent; where it begins.
    pub share: i64,
    /// Where it begins, in tenths of a per cent.
    pub begins: i64,
    /// Per cent, rounded, for readers.
    pub percent: i64,
}

/// One promise explained.
pub struct Deadline {
    /// The promise's name.
    pub target: String,
    /// The deadline, to the second.
    pub due: String,
    /// Start + budget + shifts, in words, one line each.
    pub why: Vec<String>,
}

/// The stretches until now.
pub fn stretches(
    page: &Page,
    ticket: &Ticket,
    events: &[EventRecord],
    name: super::words::Names<'_>,
) -> Vec<Stretch> {
    // After a solution nobody owes anything: that time is not shown.
    let held: Vec<_> = segments(events).into_iter().filter(|s| s.holder != Holder::Nobody).collect();
    let length = |s: &Segment| (s.to.unwrap_or(page.now).max(s.from) - s.from).num_milliseconds();
    let total = held.iter().map(length).sum::<i64>().max(1);
    let mut begun = 0;
    held.iter()
        .map(|segment| {
            let (class, who) = match &segment.holder {
                Holder::Queue { queue } => {
                    ("queue", page.a("web-holds-queue", "queue", words::queue(page, *queue)))
                }
                Holder::Engineer { staff } => ("engineer", name(staff.as_str())),
                Holder::Approval => ("approval", page.t("web-holds-approval")),
                Holder::Provisioner => ("provisioner", page.t("web-holds-provisioner")),
                Holder::Customer | Holder::Nobody => {
                    ("customer", page.a("web-holds-customer", "name", &ticket.requester_name))
                }
            };
            let until = segment.to.map_or_else(|| page.t("web-now"), |to| page.when(&to));
            let (ms, begins) = (length(segment), begun * 1000 / total);
            begun += ms;
            Stretch {
                class,
                who,
                span: format!("{} – {until}", page.when(&segment.from)),
                long: page.long(ms),
                share: (begun * 1000 / total - begins).max(2),
                begins,
                percent: (ms * 100 + total / 2) / total,
            }
        })
        .collect()
}

/// Both promises, explained.
pub fn deadlines(page: &Page, ticket: &Ticket, events: &[EventRecord], policy: &Policy) -> Vec<Deadline> {
    [Target::FirstReply, Target::Resolution]
        .map(|target| deadline(page, ticket, events, policy, target))
        .into()
}

fn deadline(
    page: &Page,
    ticket: &Ticket,
    events: &[EventRecord],
    policy: &Policy,
    target: Target,
) -> Deadline {
    let clock = ticket.clock(target);
    let mut why = vec![
        page.a("web-why-opened", "at", page.exactly(&clock.started_at)),
        page.aa("web-why-budget", ("length", page.long(clock.budget_ms)), ("policy", policy.name())),
    ];
    if target == Target::FirstReply {
        why.push(page.a(
            "web-why-channel",
            "channel",
            page.t(&format!("web-channel-{}", ticket.origin.channel)),
        ));
        if ticket.emergency {
            why.push(page.t("web-why-emergency"));
        }
    } else {
        why.push(page.a("web-why-kind", "kind", words::kind(page, ticket.kind)));
        let shifts = resolution_shifts(events);
        if shifts.reclassified {
            why.push(page.t("web-why-reclassified"));
        }
        if shifts.paused_ms > 0 {
            why.push(page.a("web-why-paused", "length", page.long(shifts.paused_ms)));
        }
        if shifts.solved_ms > 0 {
            why.push(page.a("web-why-solved", "length", page.long(shifts.solved_ms)));
        }
        if clock.paused_at.is_some() {
            why.push(page.t("web-why-standing"));
        } else if policy.pauses_while.is_empty() {
            why.push(page.t("web-why-no-pause"));
        }
    }
    Deadline { target: page.t(&format!("desk-target-{target}")), due: page.exactly(&clock.due_at), why }
}
