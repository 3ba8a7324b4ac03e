//! What follows from an event: who must be told what, and which job must run. Pure, and the only source of both.
//!
//! The service writes the results into the same transaction as the event, so nothing is told about a change that did not happen, and
//! no change happens that nobody is told of.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::actor::Actor;
use super::downtime::Month;
use super::event::Event;
use super::ids::{ActionId, MessageId, ServiceId, StaffId, TicketId};
use super::job::Job;
use super::kind::{Channel, Kind, Queue};
use super::policy::{Audience, Quorum};
use super::ticket::Ticket;
use crate::clock::Moment;

/// Something to be sent, as meaning: the bot turns it into words when it is its turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "send", rename_all = "snake_case")]
pub enum Outgoing {
    /// Tell the customer about event `seq`.
    Notice {
        /// The ticket.
        ticket: TicketId,
        /// Which of its events.
        seq: i64,
    },
    /// Make or refresh the card in the desk group.
    Card {
        /// The ticket.
        ticket: TicketId,
    },
    /// Tell the desk group, in the card's thread, about event `seq`.
    Desk {
        /// The ticket.
        ticket: TicketId,
        /// Which of its events.
        seq: i64,
    },
    /// Show the desk a message and its files, in the card's thread.
    Mirror {
        /// The ticket.
        ticket: TicketId,
        /// The message.
        message: MessageId,
    },
    /// Wake a person in private, with a button to acknowledge.
    Page {
        /// The ticket.
        ticket: TicketId,
        /// Whom.
        staff: StaffId,
        /// Which step of the chain.
        step: u32,
    },
    /// Say on the pages for a ticket that nobody needs to come any more.
    PageOver {
        /// The ticket.
        ticket: TicketId,
    },
    /// Tell a staff member in private about event `seq`.
    Private {
        /// The ticket.
        ticket: TicketId,
        /// Which of its events.
        seq: i64,
        /// Whom.
        staff: StaffId,
    },
    /// Send whoever asked the one-time link to the secret that an action made.
    SecretLink {
        /// The ticket.
        ticket: TicketId,
        /// The action.
        action: ActionId,
    },
    /// Tell the customer's other contacts that a secret of theirs was replaced: event `seq` says which.
    OtherContacts {
        /// The ticket.
        ticket: TicketId,
        /// Which of its events.
        seq: i64,
    },
    /// Tell the duty managers in private about event `seq`.
    DutyManagers {
        /// The ticket.
        ticket: TicketId,
        /// Which of its events.
        seq: i64,
    },
    /// Wake a person for a storm of similar tickets, in one message.
    Pages {
        /// Whom.
        staff: StaffId,
        /// The department.
        queue: Queue,
        /// What they ask.
        kind: Kind,
    },
    /// Tell the desk that what was said in event `seq` did not reach the customer.
    Undelivered {
        /// The ticket.
        ticket: TicketId,
        /// Which of its events.
        seq: i64,
    },
    /// Tell who comes on shift how things stand.
    Shift {
        /// Whom.
        staff: StaffId,
        /// Whose shift.
        queue: Queue,
        /// When it begins.
        starts: Moment,
    },
    /// Tell one chat about works or an outage.
    Broadcast {
        /// Which broadcast.
        id: Uuid,
        /// Whom.
        chat: i64,
    },
    /// Tell one chat that a credit was approved, with its sheet.
    Credit {
        /// Of which service.
        service: ServiceId,
        /// For which month.
        month: Month,
        /// Which record.
        revision: i64,
        /// Whom.
        chat: i64,
    },
    /// Tell one chat of planned works, when they are announced or shortly before they begin.
    Works {
        /// Which window.
        id: Uuid,
        /// Whom.
        chat: i64,
        /// Whether they were announced before.
        reminder: bool,
    },
    /// Send a manager the SLA report of some days as a picture.
    Report {
        /// Whom.
        staff: StaffId,
        /// The first day, counted from 1970 in the zone of the terms.
        from: i64,
        /// The last.
        to: i64,
    },
    /// Remind a customer that his trial period ends (S2).
    TrialEnds {
        /// The trial's ticket.
        ticket: TicketId,
        /// When, if the first launch is known.
        #[serde(default)]
        ends: Option<Moment>,
    },
}

impl Outgoing {
    /// Smaller goes first: pages, then customers, then the desk's threads, then cards, then digests and broadcasts.
    pub const fn priority(&self) -> i64 {
        match self {
            Self::Page { .. } | Self::Pages { .. } => 0,
            Self::Private { .. } | Self::DutyManagers { .. } => 1,
            Self::Notice { .. } | Self::SecretLink { .. } | Self::OtherContacts { .. } => 2,
            Self::Mirror { .. } | Self::Desk { .. } | Self::Undelivered { .. } => 4,
            Self::Card { .. } | Self::PageOver { .. } => 5,
            Self::Shift { .. }
            | Self::Credit { .. }
            | Self::Works { .. }
            | Self::Report { .. }
            | Self::TrialEnds { .. } => 6,
            Self::Broadcast { .. } => 7,
        }
    }

    /// Things with the same key that wait are sent once, in the newest state.
    pub fn coalesce_key(&self) -> Option<String> {
        match self {
            Self::Card { ticket } => Some(format!("card/{ticket}")),
            Self::PageOver { ticket } => Some(format!("page-over/{ticket}")),
            Self::Pages { staff, queue, kind } => Some(format!("pages/{staff}/{queue}/{kind}")),
            Self::Broadcast { id, chat } => Some(format!("broadcast/{id}/{chat}")),
            _ => None,
        }
    }

    /// The ticket it is about, if it is about one.
    pub const fn ticket(&self) -> Option<TicketId> {
        match self {
            Self::Notice { ticket, .. }
            | Self::Card { ticket }
            | Self::Desk { ticket, .. }
            | Self::Mirror { ticket, .. }
            | Self::Page { ticket, .. }
            | Self::PageOver { ticket }
            | Self::Private { ticket, .. }
            | Self::SecretLink { ticket, .. }
            | Self::OtherContacts { ticket, .. }
            | Self::Undelivered { ticket, .. }
            | Self::TrialEnds { ticket, .. }
            | Self::DutyManagers { ticket, .. } => Some(*ticket),
            Self::Pages { .. }
            | Self::Shift { .. }
            | Self::Broadcast { .. }
            | Self::Credit { .. }
            | Self::Report { .. }
            | Self::Works { .. } => None,
        }
    }

    /// The event it tells the customer of: what becomes of it is shown to the desk.
    pub const fn told(&self) -> Option<i64> {
        match self {
            Self::Notice { seq, .. } => Some(*seq),
            _ => None,
        }
    }

    /// Whether it goes to the desk group.
    pub const fn is_for_desk(&self) -> bool {
        matches!(self, Self::Card { .. } | Self::Mirror { .. } | Self::Desk { .. } | Self::Undelivered { .. })
    }
}

/// What follows from one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send something.
    Send(Outgoing),
    /// Tell the customer by mail about event `seq`: he is answered as he asked.
    Mail {
        /// Which of the ticket's events.
        seq: i64,
    },
    /// Run something.
    Run(Job),
}

/// What follows from `event`, number `seq` of `ticket`, done by `actor`; `ticket` is the state after the whole command.
pub fn reactions(event: &Event, seq: i64, actor: &Actor, ticket: &Ticket) -> Vec<Effect> {
    let mut effects = direct(event, seq, actor, ticket);
    if ends_page(event, ticket) {
        effects.push(Effect::Send(Outgoing::PageOver { ticket: ticket.id }));
    }
    effects
}

/// Whether pages that were sent for the ticket call nobody any more.
fn ends_page(event: &Event, ticket: &Ticket) -> bool {
    match event {
        Event::Taken { .. }
        | Event::Assigned { .. }
        | Event::Acknowledged { .. }
        | Event::Solved { .. }
        | Event::Declined { .. }
        | Event::Cancelled
        | Event::Merged { .. } => ticket.paging.as_ref().is_some_and(|p| p.staff.is_some()),
        // The ticket does not know any more whom it woke.
        Event::HandedOver { .. } => true,
        _ => false,
    }
}

/// What follows from the event itself.
fn direct(event: &Event, seq: i64, actor: &Actor, ticket: &Ticket) -> Vec<Effect> {
    let id = ticket.id;
    let notice = || notice(ticket, seq);
    let card = || Effect::Send(Outgoing::Card { ticket: id });
    let desk = || Effect::Send(Outgoing::Desk { ticket: id, seq });
    match event {
        Event::Opened(opening) => {
            let mut effects = vec![card()];
            // In Telegram the dialogue itself answers with number and promise.
            if opening.origin.channel != Channel::Telegram {
                effects.push(notice());
            }
            effects.extend(
                opening.message.iter().map(|m| Effect::Send(Outgoing::Mirror { ticket: id, message: m.id })),
            );
            effects
        }
        Event::Taken { .. } | Event::Asked(_) | Event::Answered(_) => vec![notice(), card()],
        Event::CustomerWrote(m) => {
            let mut effects = vec![Effect::Send(Outgoing::Mirror { ticket: id, message: m.id }), card()];
            effects.extend(
                ticket
                    .assignee
                    .iter()
                    .map(|s| Effect::Send(Outgoing::Private { ticket: id, seq, staff: s.clone() })),
            );
            effects
        }
        Event::ActionApproved { id: action, complete: true, .. } => {
            let mut effects = vec![Effect::Run(Job::Execute { ticket: id, action: *action }), card()];
            if *actor != Actor::Policy {
                effects.push(notice());
            }
            effects
        }
        Event::ActionWanted { id: action, .. } => {
            vec![Effect::Run(Job::Plan { ticket: id, action: *action }), card()]
        }
        Event::ActionProposed { .. } | Event::ActionApproved { .. } => vec![card()],
        Event::ActionExpired { .. } | Event::ActionStale { .. } => vec![card(), desk()],
        // The customer has asked for no look.
        Event::ActionFailed { .. } | Event::ActionDone { .. } if looked(ticket) => vec![card(), desk()],
        // The customer was told that an engineer will look, and one will.
        Event::ActionFailed { .. } if never_proposed(ticket) => vec![card(), desk()],
        Event::ActionFailed { .. } => vec![notice(), card(), desk()],
        // The solution that follows at once tells the customer, with this proof.
        Event::ActionDone { id: action, .. } if replaced_secret(ticket) => vec![
            card(),
            Effect::Send(Outgoing::SecretLink { ticket: id, action: *action }),
            Effect::Send(Outgoing::OtherContacts { ticket: id, seq }),
        ],
        Event::ActionDone { .. } => vec![card()],
        Event::Solved { .. } | Event::Declined { .. } => vec![notice(), card()],
        Event::Recovered { .. } | Event::Confirmed | Event::Cancelled | Event::Reopened { .. } => {
            vec![card(), desk()]
        }
        Event::Rated { score, message } => {
            let mut effects = vec![card()];
            // Praise is read on the card; who is unhappy is heard at once.
            if *score <= 3 {
                effects.push(desk());
            }
            let words = message.iter().map(|m| Effect::Send(Outgoing::Mirror { ticket: id, message: m.id }));
            effects.extend(words);
            effects
        }
        Event::Corrected { .. } => vec![notice(), card()],
        Event::ClosedByTime | Event::HandedOver { .. } | Event::Acknowledged { .. } => vec![card()],
        Event::MarkReached { tell, .. } | Event::TargetBreached { tell, .. } => told(tell, ticket, seq),
        Event::PageRequested { step } => vec![Effect::Run(Job::Page { ticket: id, step: *step })],
        Event::Assigned { to, from } => {
            let mut effects = vec![card()];
            // Whoever pressed the button knows.
            let by = actor.staff_id();
            let others = [Some(to), from.as_ref()].into_iter().flatten().filter(|s| Some(*s) != by);
            effects.extend(
                others.map(|s| Effect::Send(Outgoing::Private { ticket: id, seq, staff: s.clone() })),
            );
            effects
        }
        Event::Escalated { .. } => {
            vec![Effect::Send(Outgoing::DutyManagers { ticket: id, seq }), desk(), card()]
        }
        Event::Reclassified { .. } => {
            let mut effects = vec![notice(), card(), desk()];
            let holder = ticket.assignee.as_ref().filter(|s| Some(*s) != actor.staff_id());
            effects.extend(
                holder.map(|s| Effect::Send(Outgoing::Private { ticket: id, seq, staff: s.clone() })),
            );
            effects
        }
        Event::Merged { .. } => vec![notice(), card()],
        Event::Linked { .. } | Event::Joined { .. } | Event::Noted(_) => vec![card()],
        Event::PageSkipped { .. } => vec![desk()],
        Event::Paged { staff, grouped: true, .. } => {
            let (queue, kind) = (ticket.queue, ticket.kind);
            vec![Effect::Send(Outgoing::Pages { staff: staff.clone(), queue, kind }), card()]
        }
        Event::Paged { step, staff, .. } => {
            vec![Effect::Send(Outgoing::Page { ticket: id, staff: staff.clone(), step: *step }), card()]
        }
        Event::PageExhausted { .. } | Event::PageUndelivered { .. } => vec![desk(), card()],
        _ => Vec::new(),
    }
}

/// Whether the ticket's action made a secret for whoever asked.
fn replaced_secret(ticket: &Ticket) -> bool {
    ticket.action.as_ref().is_some_and(|action| action.spec.makes_secret())
}

/// The customer hears of event `seq`: by mail if he wrote a mail, else from the bot.
fn notice(ticket: &Ticket, seq: i64) -> Effect {
    match ticket.origin.channel {
        Channel::Email => Effect::Mail { seq },
        _ => Effect::Send(Outgoing::Notice { ticket: ticket.id, seq }),
    }
}

/// Whether the ticket's action only looked.
fn looked(ticket: &Ticket) -> bool {
    ticket.action.as_ref().is_some_and(|action| action.spec.only_looks())
}

/// Whether its action waited for people and could not even be planned.
fn never_proposed(ticket: &Ticket) -> bool {
    ticket.action.as_ref().is_some_and(|action| action.digest.is_empty() && action.quorum != Quorum::Auto)
}

/// Who hears of a mark or a breach.
fn told(tell: &[Audience], ticket: &Ticket, seq: i64) -> Vec<Effect> {
    let id = ticket.id;
    let mut effects = vec![Effect::Send(Outgoing::Card { ticket: id })];
    for audience in tell {
        match audience {
            Audience::Customer => effects.push(notice(ticket, seq)),
            Audience::Desk => effects.push(Effect::Send(Outgoing::Desk { ticket: id, seq })),
            // Whoever holds it hears in private; where nobody does, `decide` has asked for a page.
            Audience::OnCall => {
                let holder = ticket
                    .assignee
                    .as_ref()
                    .or_else(|| ticket.paging.as_ref().and_then(|p| p.acknowledged_by.as_ref()));
                effects.extend(
                    holder.map(|s| Effect::Send(Outgoing::Private { ticket: id, seq, staff: s.clone() })),
                );
            }
            Audience::DutyManager => effects.push(Effect::Send(Outgoing::DutyManagers { ticket: id, seq })),
        }
    }
    effects
}
