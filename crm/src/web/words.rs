//! Small words that several pages share: kinds, states, marks, refusals, people.

use super::page::Page;
use crate::domain::actor::Actor;
use crate::domain::credit::Cause;
use crate::domain::kind::{Kind, Queue};
use crate::domain::refusal::Refusal;
use crate::domain::ticket::{State, Ticket};

/// Looks up the names of staff by id.
pub type Names<'a> = &'a (dyn Fn(&str) -> String + Sync);

/// What is asked.
pub fn kind(page: &Page, kind: Kind) -> String {
    page.t(&format!("desk-kind-{kind}"))
}

/// Where it is.
pub fn state(page: &Page, state: State) -> String {
    page.t(&format!("desk-state-{state}"))
}

/// Where a ticket is.
pub fn state_of(page: &Page, ticket: &Ticket) -> String {
    page.t(&format!("desk-state-{}", ticket.state_word()))
}

/// A department.
pub fn queue(page: &Page, queue: Queue) -> String {
    page.t(&format!("desk-queue-{queue}"))
}

/// A role.
pub fn role(page: &Page, role: crate::domain::person::Role) -> String {
    page.t(&format!("web-role-{role}"))
}

/// Why a service did not work, as the desk says it: the «your» of the customer's sheet would be the reader's here.
pub fn cause(page: &Page, cause: Cause) -> String {
    page.t(&format!("web-cause-{cause}"))
}

/// The mark that a state has everywhere on the desk.
pub const fn mark(ticket: &Ticket) -> &'static str {
    if matches!(ticket.kind, Kind::FaultCritical) && ticket.state.is_active() {
        return "🔥";
    }
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

/// Why something was not done, and what to do instead.
pub fn refusal(page: &Page, refusal: &Refusal) -> String {
    match refusal {
        Refusal::TakenBy(staff) => page.a("web-refused-taken", "name", staff),
        Refusal::WrongState(at) => page.a("web-refused-state", "state", state(page, *at)),
        Refusal::StaleAction => page.t("web-refused-stale"),
        Refusal::ExpiredAction => page.t("web-refused-expired"),
        Refusal::AnotherPersonNeeded => page.t("web-refused-another"),
        Refusal::Forbidden => page.t("web-problem-forbidden-advice"),
        Refusal::NotFound | Refusal::NoSuchService | Refusal::NoSuchKind => page.t("web-refused-nothing"),
        Refusal::NoTrialLeft => page.t("web-refused-trial"),
        Refusal::EscalatedBy(staff) => page.a("desk-refused-escalated", "name", staff),
        Refusal::CannotHold(staff) => page.a("desk-refused-cannot-hold", "name", staff),
        Refusal::OtherCustomer => page.t("desk-refused-other-customer"),
        Refusal::NotAttachable => page.t("desk-refused-not-attachable"),
        Refusal::AlreadyOpen(number) => page.a("web-refused-already", "number", number),
    }
}

/// Who did something; `names` looks staff up, `requester` is the ticket's.
pub fn actor(page: &Page, actor: &Actor, names: Names<'_>, requester: &str) -> String {
    match actor {
        Actor::Contact { .. } | Actor::Stranger { .. } | Actor::Correspondent { .. } => requester.to_owned(),
        Actor::Staff { id, .. } => names(id.as_str()),
        Actor::Clock => page.t("web-actor-clock"),
        Actor::Policy => page.t("web-actor-policy"),
        Actor::Provisioner => page.t("web-actor-provisioner"),
        Actor::Operator => page.t("web-actor-operator"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lang::Lang;
    use crate::text::Texts;

    #[test]
    fn the_desk_has_its_own_word_for_every_cause() {
        for (lang, cause) in
            Lang::ALL.iter().flat_map(|lang| Cause::ALL.iter().map(move |cause| (lang, cause)))
        {
            assert!(Texts::get().has(*lang, &format!("web-cause-{cause}")), "{cause} in {lang}");
        }
    }
}
