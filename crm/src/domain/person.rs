//! Who works at the desk and what each role may do. The one table of rights: bot, web and API ask it.

word_enum! {
    /// A staff member's role.
    pub enum Role {
        /// Handles tickets.
        Engineer = "engineer",
        /// Leads the shift: also switches emergency mode and is paged last.
        DutyManager = "duty-manager",
        /// Answers for the SLA; reads everything of the desk.
        Manager = "manager",
        /// Installs and runs the desk.
        Administrator = "administrator",
        /// Reads everything, changes nothing.
        Auditor = "auditor",
    }
}

word_enum! {
    /// Something a staff member may be allowed to do.
    pub enum Right {
        /// Read tickets and queues.
        Read = "read",
        /// Take, ask, answer, solve, hand over, note.
        Handle = "handle",
        /// Approve or decline an action.
        Approve = "approve",
        /// Switch emergency mode.
        Emergency = "emergency",
        /// Read what concerns the desk itself: audit, staff, tokens, sessions.
        Oversee = "oversee",
        /// Change who is on call, and the canned replies.
        Roster = "roster",
        /// Close reporting periods, approve credits, decide claims.
        Credit = "credit",
        /// Change directory, tokens and invitations.
        Administer = "administer",
    }
}

impl Role {
    /// Whether this role includes `right`.
    pub const fn may(self, right: Right) -> bool {
        match right {
            Right::Read => true,
            Right::Handle | Right::Approve => matches!(self, Self::Engineer | Self::DutyManager),
            Right::Emergency => matches!(self, Self::DutyManager),
            Right::Oversee => !matches!(self, Self::Engineer),
            Right::Roster => matches!(self, Self::DutyManager | Self::Administrator),
            Right::Credit => matches!(self, Self::Manager | Self::DutyManager),
            Right::Administer => matches!(self, Self::Administrator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_auditor_changes_nothing_and_only_the_shift_handles() {
        for right in Right::ALL {
            let reads = matches!(right, Right::Read | Right::Oversee);
            assert_eq!(Role::Auditor.may(*right), reads, "{right}");
            assert_eq!(Role::Manager.may(*right), reads || *right == Right::Credit, "{right}");
        }
        assert!(Role::Engineer.may(Right::Approve) && !Role::Engineer.may(Right::Emergency));
        assert!(Role::DutyManager.may(Right::Emergency));
    }
}
