//! The contract as data: one service's terms in one version. Read from `crm/policies/*.toml` by [`crate::policy`].
//!
//! Lengths of time are milliseconds. Which rule of RULES.md a field follows stands in the files, line by line.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::action::ActionSpec;
use super::kind::{Channel, Kind, Queue, Terms};
use super::plan::{Facts, Plan};
use super::ticket::State;
use crate::clock::Moment;

/// The terms of one service, in one version.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Whose terms.
    pub terms: Terms,
    /// The version a ticket is pinned to.
    pub version: String,
    /// From when it applies to new tickets.
    pub in_force_from: Moment,
    /// The zone in which days and months are counted (C2, C12).
    pub time_zone: Tz,
    /// First-reply promises (T8).
    pub first_reply: FirstReply,
    /// Each kind this service has.
    pub kinds: BTreeMap<Kind, KindPolicy>,
    /// What happens on the way to a deadline and after it, by per cent of the budget, ascending.
    pub marks: Vec<Mark>,
    /// States in which the resolution clock stands still (T11; shipped empty).
    pub pauses_while: Vec<State>,
    /// Until when after the solution a customer may reopen; then the ticket closes itself.
    pub close_after_ms: i64,
    /// How long a proposal may wait for approvals.
    pub approval_valid_ms: i64,
    /// How long a graceful reboot may take before the hard one.
    pub graceful_wait_ms: i64,
    /// Availability and credits (C1–C13), as data for the reports.
    pub availability: Availability,
    /// The trial period's usual length (S2).
    pub trial_ms: i64,
    /// From when a fault that turns out worse has its shorter promise (T5, T6; `from_change` unless the file says otherwise).
    pub severity_change: SeverityChange,
}

word_enum! {
    /// From when a shorter promise counts after a change of severity. A longer one always counts from the opening.
    pub enum SeverityChange {
        /// From the opening, as if it had been known: it may be broken at once.
        FromOpening = "from_opening",
        /// From the change, but never later than the promise before.
        FromChange = "from_change",
    }
}

/// First-reply promises by channel, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstReply {
    /// Telegram, web, API, alerts.
    pub messenger_ms: i64,
    /// Telephone.
    pub phone_ms: i64,
    /// Mail.
    pub email_ms: i64,
    /// Messenger while emergency mode is on.
    pub emergency_ms: i64,
}

/// What the terms say of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindPolicy {
    /// Time to the solution.
    pub resolution_ms: i64,
    /// The department it starts in.
    pub queue: Queue,
    /// Whether the engineer on call is paged as soon as it is opened.
    pub page_at_once: bool,
    /// Who must agree before its action is executed; `None` for kinds without an action.
    pub approval: Option<ApprovalRule>,
}

/// Who must agree to an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRule {
    /// Unless one of the reasons below applies.
    pub default: Quorum,
    /// By the reason a VM is locked for (`abuse`, `unpaid`, …).
    pub by_lock_reason: BTreeMap<String, Quorum>,
    /// A quota step of at most so many per cent needs nobody, where the system has said that it fits.
    pub auto_within_percent: Option<i64>,
    /// A quota step above so many per cent needs two.
    pub two_above_percent: Option<i64>,
    /// Who must agree to a new password or key instead of one engineer, where whoever asks has proved by a code that it is he.
    pub after_code: Quorum,
}

impl ApprovalRule {
    /// The quorum for a VM locked for `reason` (or not locked).
    pub fn quorum(&self, reason: Option<&str>) -> Quorum {
        reason.and_then(|r| self.by_lock_reason.get(r).copied()).unwrap_or(self.default)
    }

    /// The quorum for what the provisioner read. A step that cannot be measured, from nothing or without a limit, is a large one.
    pub fn quorum_for(&self, facts: &Facts) -> Quorum {
        let by_reason = self.quorum(facts.lock_reason.as_deref());
        if facts.wanted.is_none() {
            return by_reason;
        }
        let percent = facts.step_percent().unwrap_or(i64::MAX);
        if self.two_above_percent.is_some_and(|limit| percent > limit) {
            Quorum::Two
        } else if self.auto_within_percent.is_some_and(|limit| (1..=limit).contains(&percent)) && facts.fits()
        {
            Quorum::Auto
        } else {
            by_reason
        }
    }
}

word_enum! {
    /// How many different people must approve.
    pub enum Quorum {
        /// Nobody: the policy itself approves what is inside its limits.
        Auto = "auto",
        /// One engineer.
        One = "one",
        /// Two different engineers (four eyes).
        Two = "two",
    }
}

impl Quorum {
    /// The number of human approvals.
    pub const fn people(self) -> usize {
        match self {
            Self::Auto => 0,
            Self::One => 1,
            Self::Two => 2,
        }
    }
}

word_enum! {
    /// Who is told at a mark.
    pub enum Audience {
        /// The customer who asked.
        Customer = "customer",
        /// The desk's card and group.
        Desk = "desk",
        /// The engineer on call, in private; whoever holds the ticket if somebody does.
        OnCall = "on_call",
        /// The duty manager, in private.
        DutyManager = "duty_manager",
    }
}

/// One step on the way to a deadline, or after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Per cent of the promise; 100 is the breach.
    pub at: u32,
    /// Who hears of it.
    pub tell: Vec<Audience>,
}

/// Availability promise and credit tiers; percentages are exact decimals.
#[derive(Debug, Clone, PartialEq)]
pub struct Availability {
    /// The promise, per cent (C1).
    pub promised: Decimal,
    /// From the best to the worst: availability at or above `at_least` earns `credit` per cent (C2).
    pub tiers: Vec<Tier>,
    /// Share of the month's cost for lost data, per cent (C10).
    pub data_loss_credit: Decimal,
    /// Causes that count, add nothing, or are taken away (C3–C6, C13).
    pub causes: Causes,
    /// Whether excluded time leaves the period too (C12; shipped `false`).
    pub excluded_leaves_period: bool,
    /// How long before their beginning works must be announced to be planned ones, milliseconds (C4; 72 hours unless the file says `works_notice`).
    pub works_notice_ms: i64,
    /// A credit above this needs a second person's approval, tiyn (C2; 100,000 KZT unless the file says
    /// `second_approval_above`).
    pub second_approval_above_tiyn: i64,
}

/// One credit tier.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Availability in per cent from which the tier applies, the border included.
    pub at_least: Decimal,
    /// Credit in per cent.
    pub credit: Decimal,
}

/// Causes of an interval (C13).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Causes {
    /// Downtime that counts.
    pub counts: Vec<String>,
    /// Downtime that adds nothing.
    pub adds_nothing: Vec<String>,
    /// Windows that are taken out of what counts.
    pub takes_away: Vec<String>,
}

impl Policy {
    /// The name a ticket is pinned to, `vm@2025-09-10`.
    pub fn name(&self) -> String {
        format!("{}@{}", self.terms, self.version)
    }

    /// The first-reply promise for a ticket that came by `channel`.
    pub const fn first_reply_ms(&self, channel: Channel, emergency: bool) -> i64 {
        let normal = match channel {
            Channel::Email => return self.first_reply.email_ms,
            Channel::Phone => self.first_reply.phone_ms,
            Channel::Telegram | Channel::Web | Channel::Api | Channel::Alert => self.first_reply.messenger_ms,
        };
        if emergency && self.first_reply.emergency_ms > normal {
            self.first_reply.emergency_ms
        } else {
            normal
        }
    }

    /// How many must agree to `spec` with `plan` on a ticket of `kind`. What the terms say nothing of needs one.
    pub fn quorum(&self, kind: Kind, spec: &ActionSpec, plan: &Plan) -> Quorum {
        if spec.only_looks() {
            return Quorum::Auto;
        }
        let rule = self.kinds.get(&kind).and_then(|k| k.approval.as_ref());
        match rule.map_or(Quorum::One, |rule| rule.quorum_for(&plan.facts)) {
            Quorum::One if spec.makes_secret() && plan.facts.stepped_up => {
                rule.map_or(Quorum::One, |rule| rule.after_code)
            }
            // Whatever the file says: an engineer, or a code, checks who asks before a password or a key is handed over (T2).
            Quorum::Auto if spec.makes_secret() && !plan.facts.stepped_up => Quorum::One,
            quorum => quorum,
        }
    }

    /// The marks' per cents, ascending.
    pub fn percents(&self) -> Vec<u32> {
        self.marks.iter().map(|mark| mark.at).collect()
    }

    /// Who is told at `percent`.
    pub fn tell(&self, percent: u32) -> &[Audience] {
        self.marks.iter().find(|mark| mark.at == percent).map_or(&[], |mark| &mark.tell)
    }
}
