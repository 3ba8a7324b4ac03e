//! Which buttons a card has, by the ticket's state. What a press may do is decided when it comes.

use crm::clock::Moment;
use crm::domain::action::{Action, ActionState};
use crm::domain::form::Form;
use crm::domain::ids::TicketNumber;
use crm::domain::kind::{Kind, Queue};
use crm::domain::lang::Lang;
use crm::domain::ticket::{State, Ticket};
use crm::t;

use super::tap::{Claim, DeskTap};
use super::words;
use crate::say::Button;

/// The rows under a card.
pub fn of_card(ticket: &Ticket, now: Moment, lang: Lang) -> Vec<Vec<Button>> {
    let n = ticket.number;
    let button = |key: &str, tap: DeskTap| Button::tap(t!(lang, key), tap);
    let take = || ticket.assignee.is_none().then(|| button("desk-button-take", DeskTap::Take(n)));
    let hand = || button("desk-button-hand-over", DeskTap::HandOver(n));
    let more = || button("desk-button-more", DeskTap::More(n));
    let rows: Vec<Vec<Button>> = match ticket.state {
        State::New | State::Open | State::WaitingCustomer => vec![
            take().into_iter().chain([button("desk-button-ask", DeskTap::Ask(n))]).collect(),
            vec![
                button("desk-button-solve", DeskTap::Solve(n)),
                button("desk-button-decline", DeskTap::Decline(n, None)),
            ],
            vec![hand(), more()],
        ],
        State::WaitingApproval => {
            let decide = proposal(ticket, now).map(|claim| {
                vec![
                    button("desk-button-approve", DeskTap::Approve(n, claim)),
                    button("desk-button-decline", DeskTap::Decline(n, Some(claim))),
                ]
            });
            vec![decide.unwrap_or_default(), take().into_iter().chain([hand(), more()]).collect()]
        }
        State::Executing => vec![take().into_iter().chain([more()]).collect()],
        State::Solved | State::Closed | State::Cancelled | State::Declined | State::Merged => Vec::new(),
    };
    let bind = (matches!(ticket.form, Form::Binding { .. }) && ticket.state.is_active())
        .then(|| vec![button("desk-button-bind", DeskTap::Bind(n))]);
    bind.into_iter().chain(rows).filter(|row| !row.is_empty()).collect()
}

/// The claim of the proposal that can still be decided.
fn proposal(ticket: &Ticket, now: Moment) -> Option<Claim> {
    let action: &Action = ticket.action.as_ref()?;
    (action.state == ActionState::Proposed && action.expires_at > now)
        .then(|| Claim::of(&action.digest))
        .flatten()
}

/// The departments a ticket could go to.
pub fn departments(ticket: &Ticket, lang: Lang) -> Vec<Vec<Button>> {
    let others: Vec<Button> = Queue::ALL
        .iter()
        .filter(|queue| **queue != ticket.queue)
        .map(|queue| Button::tap(words::queue(*queue, lang), DeskTap::HandTo(ticket.number, *queue)))
        .collect();
    let mut rows: Vec<Vec<Button>> = others.chunks(2).map(<[Button]>::to_vec).collect();
    rows.push(vec![Button::tap(t!(lang, "desk-button-back"), DeskTap::Back(ticket.number))]);
    rows
}

/// What is done less often. `private`: the conversation is shown there; a group has it under the card.
pub fn more(ticket: &Ticket, private: bool, lang: Lang) -> Vec<Vec<Button>> {
    let n = ticket.number;
    let button = |key: &str, tap: DeskTap| Button::tap(t!(lang, key), tap);
    let severity = match ticket.kind {
        Kind::FaultCritical => Some("desk-button-less-severe"),
        Kind::FaultMinor => Some("desk-button-more-severe"),
        _ => None,
    };
    let mut rows = vec![
        vec![
            button("desk-button-assign", DeskTap::Assign(n)),
            button("desk-button-escalate", DeskTap::Escalate(n)),
        ],
        vec![button("desk-button-canned", DeskTap::Canned(n)), button("desk-button-note", DeskTap::Note(n))],
        severity
            .map(|key| button(key, DeskTap::Severity(n)))
            .into_iter()
            .chain(
                (ticket.state != State::Executing).then(|| button("desk-button-attach", DeskTap::Attach(n))),
            )
            .collect(),
    ];
    let history = private.then(|| button("desk-button-history", DeskTap::History(n)));
    rows.push(history.into_iter().chain([button("desk-button-back", DeskTap::Back(n))]).collect());
    rows.into_iter().filter(|row: &Vec<Button>| !row.is_empty()).collect()
}

/// Under a page: answer it, take the ticket, look at it.
pub fn of_page(number: TicketNumber, lang: Lang) -> Vec<Vec<Button>> {
    vec![
        vec![Button::tap(t!(lang, "desk-button-acknowledge"), DeskTap::Acknowledge(number))],
        vec![
            Button::tap(t!(lang, "desk-button-take"), DeskTap::Take(number)),
            Button::tap(t!(lang, "desk-button-open"), DeskTap::Open(number)),
        ],
    ]
}

/// Under private news: look at the ticket.
pub fn open(number: TicketNumber, lang: Lang) -> Vec<Button> {
    vec![Button::tap(t!(lang, "desk-button-open"), DeskTap::Open(number))]
}
