//! The events of a ticket that other programs may be told of.

word_enum! {
    /// The events of a ticket that a webhook may ask for: the words of the audit.
    pub enum Told {
        /// Registered.
        Opened = "opened",
        /// Somebody holds it.
        Taken = "taken",
        /// Given to somebody.
        Assigned = "assigned",
        /// Given to another department.
        HandedOver = "handed_over",
        /// Help was called for.
        Escalated = "escalated",
        /// A fault is worse, or less bad.
        Reclassified = "reclassified",
        /// The desk asked the customer.
        Asked = "asked",
        /// The desk answered.
        Answered = "answered",
        /// The customer wrote.
        CustomerWrote = "customer_wrote",
        /// An action was approved.
        ActionApproved = "action_approved",
        /// An action was done and proved.
        ActionDone = "action_done",
        /// An action failed.
        ActionFailed = "action_failed",
        /// Solved.
        Solved = "solved",
        /// The customer agreed.
        Confirmed = "confirmed",
        /// Nobody objected.
        ClosedByTime = "closed_by_time",
        /// Not solved after all.
        Reopened = "reopened",
        /// Taken back.
        Cancelled = "cancelled",
        /// Refused.
        Declined = "declined",
        /// Joined to another ticket as a duplicate.
        Merged = "merged",
        /// Joined to an incident.
        Linked = "linked",
        /// Rated.
        Rated = "rated",
        /// Part of a promise's time is used up.
        MarkReached = "mark_reached",
        /// A promise was kept.
        TargetMet = "target_met",
        /// A promise was broken.
        TargetBreached = "target_breached",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::Event;

    #[test]
    fn the_words_are_those_of_the_audit() {
        for event in [Event::Confirmed, Event::ClosedByTime, Event::Cancelled, Event::Reopened { cycle: 2 }] {
            assert!(event.word().parse::<Told>().is_ok(), "{}", event.word());
        }
    }
}
