//! Which tickets a figure of the report counts: so that a list of them can be opened, and is as long as the figure says.

use super::fact::{Fact, Kept, Promise};
use super::times::class_of;
use super::weekday_and_hour;
use crate::clock::Moment;
use crate::domain::sla::Target;
use crate::domain::ticket::State;

word_enum! {
    /// A figure that counts tickets.
    pub enum Figure {
        /// All that were opened.
        Opened = "opened",
        /// Solved.
        Solved = "solved",
        /// Cancelled, declined or merged.
        Ended = "ended",
        /// Solved by a proof, without a human.
        Automated = "automated",
        /// Reopened at least once.
        Reopened = "reopened",
        /// Rated by the customer.
        Rated = "rated",
        /// At least one promise broken.
        Breached = "breached",
        /// First replies in time.
        FirstReplyMet = "first_reply_met",
        /// First replies not in time.
        FirstReplyBreached = "first_reply_breached",
        /// First replies that are not decided yet.
        FirstReplyRunning = "first_reply_running",
        /// First replies that ceased to matter.
        FirstReplyVoid = "first_reply_void",
        /// First replies that were given, in time or not.
        FirstReplyDone = "first_reply_done",
        /// Resolutions in time.
        ResolutionMet = "resolution_met",
        /// Resolutions not in time.
        ResolutionBreached = "resolution_breached",
        /// Resolutions that are not decided yet.
        ResolutionRunning = "resolution_running",
        /// Resolutions that ceased to matter.
        ResolutionVoid = "resolution_void",
        /// Resolutions that were reached, in time or not.
        ResolutionDone = "resolution_done",
        /// Held by a member of the desk.
        Held = "held",
        /// Solved by a member of the desk.
        SolvedBy = "solved_by",
        /// Broken while a member of the desk had had the time.
        BreachedBy = "breached_by",
        /// Taken over by a member of the desk when most of the time was gone, and broken.
        InheritedBy = "inherited_by",
        /// Waited until somebody took it.
        AtQueue = "at_queue",
        /// Was with engineers.
        AtEngineer = "at_engineer",
        /// Waited for an approval.
        AtApproval = "at_approval",
        /// Was with the provisioner.
        AtProvisioner = "at_provisioner",
        /// Waited for the customer.
        AtCustomer = "at_customer",
        /// Open at a moment, whenever they were opened.
        OwedAt = "owed_at",
    }
}

impl Figure {
    /// The figure that counts how `target` ended.
    pub const fn of(target: Target, kept: Kept) -> Self {
        match (target, kept) {
            (Target::FirstReply, Kept::Met) => Self::FirstReplyMet,
            (Target::FirstReply, Kept::Breached) => Self::FirstReplyBreached,
            (Target::FirstReply, Kept::Running) => Self::FirstReplyRunning,
            (Target::FirstReply, Kept::Void) => Self::FirstReplyVoid,
            (Target::Resolution, Kept::Met) => Self::ResolutionMet,
            (Target::Resolution, Kept::Breached) => Self::ResolutionBreached,
            (Target::Resolution, Kept::Running) => Self::ResolutionRunning,
            (Target::Resolution, Kept::Void) => Self::ResolutionVoid,
        }
    }
}

/// Some tickets of a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// The figure.
    pub figure: Figure,
    /// Whose, of a figure about a member of the desk.
    pub staff: Option<String>,
    /// Opened on this day of the week (0 is Monday) and in this hour, in Almaty.
    pub hour: Option<(i64, u32)>,
    /// Of what was done: in this class of [`super::EDGES`].
    pub class: Option<usize>,
    /// Of what was open: when.
    pub at: Option<Moment>,
}

impl Which {
    /// What was open when `at` began, on the hour.
    pub fn owed_at(at: Moment) -> Self {
        Self { at: Some(at), ..Self::all(Figure::OwedAt) }
    }

    /// All tickets of `figure`.
    pub const fn all(figure: Figure) -> Self {
        Self { figure, staff: None, hour: None, class: None, at: None }
    }

    /// Whether only tickets with a broken promise can be among them.
    pub const fn is_late(&self) -> bool {
        matches!(
            self.figure,
            Figure::Breached
                | Figure::FirstReplyBreached
                | Figure::ResolutionBreached
                | Figure::BreachedBy
                | Figure::InheritedBy
        )
    }

    /// Whether a ticket is one of them.
    pub fn counts(&self, fact: &Fact) -> bool {
        self.is_counted(fact) && self.hour.is_none_or(|hour| weekday_and_hour(fact.opened_at) == hour)
    }

    fn is_counted(&self, fact: &Fact) -> bool {
        let kept = |promise: &Promise, kept: Kept| promise.kept == kept;
        let done = |promise: &Promise| {
            promise.took_ms.is_some_and(|ms| self.class.is_none_or(|class| class_of(ms) == class))
        };
        let held = || fact.staff.get(self.staff.as_deref()?);
        // The minutes of what goes on are in no sum yet.
        let over = |spent: i64| spent > 0 && !fact.state.is_active();
        match self.figure {
            Figure::Opened => true,
            Figure::Solved => matches!(fact.state, State::Solved | State::Closed),
            Figure::Ended => matches!(fact.state, State::Cancelled | State::Declined | State::Merged),
            Figure::Automated => fact.automated,
            Figure::Reopened => fact.reopened > 0,
            Figure::Rated => fact.rating.is_some(),
            Figure::Breached => fact.is_breached(),
            Figure::FirstReplyMet => kept(&fact.first_reply, Kept::Met),
            Figure::FirstReplyBreached => kept(&fact.first_reply, Kept::Breached),
            Figure::FirstReplyRunning => kept(&fact.first_reply, Kept::Running),
            Figure::FirstReplyVoid => kept(&fact.first_reply, Kept::Void),
            Figure::FirstReplyDone => done(&fact.first_reply),
            Figure::ResolutionMet => kept(&fact.resolution, Kept::Met),
            Figure::ResolutionBreached => kept(&fact.resolution, Kept::Breached),
            Figure::ResolutionRunning => kept(&fact.resolution, Kept::Running),
            Figure::ResolutionVoid => kept(&fact.resolution, Kept::Void),
            Figure::ResolutionDone => done(&fact.resolution),
            Figure::Held => held().is_some(),
            Figure::SolvedBy => held().is_some_and(|held| held.solved),
            Figure::BreachedBy => held().is_some_and(|held| held.breached),
            Figure::InheritedBy => held().is_some_and(|held| held.inherited),
            Figure::AtQueue => over(fact.spent.queue),
            Figure::AtEngineer => over(fact.spent.engineer),
            Figure::AtApproval => over(fact.spent.approval),
            Figure::AtProvisioner => over(fact.spent.provisioner),
            Figure::AtCustomer => over(fact.spent.customer),
            Figure::OwedAt => self.at.is_some_and(|at| fact.was_owed(at)),
        }
    }
}
