//! Words that came by themselves, outside any conversation: they find their ticket, or the person says where they belong. They are
//! kept until then.

use crm::domain::form::Form;
use crm::domain::ids::TicketNumber;
use crm::domain::kind::Kind;
use crm::domain::ticket::{State as TicketState, Ticket};
use crm::t;
use serde::{Deserialize, Serialize};

use super::State;
use super::courtesy::is_courtesy;
use super::fault::Fault;
use super::talk::Talk;
use super::tap::{Choice, Place, Topic};
use super::wizard::{Draft, Facts, Input, Page, Run, Step};
use super::{mine, tickets, write};
use crate::context::Result;
use crate::{view, view_ticket};

/// Words whose place is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stray {
    /// The words.
    pub draft: Draft,
    /// The ticket they were for, which is over.
    #[serde(default)]
    pub over: Option<TicketNumber>,
}

impl From<Stray> for State {
    fn from(stray: Stray) -> Self {
        Self::Stray(stray)
    }
}

/// A message outside any conversation.
pub async fn arrived(talk: &mut Talk, draft: Draft) -> Result<()> {
    if let Some(number) = bare_number(&draft) {
        return tickets::detail(talk, number, Place::Below).await;
    }
    let open = mine::unfinished(&talk.ctx).await?;
    let waiting = open.iter().any(|t| t.state == TicketState::WaitingCustomer);
    if is_courtesy(&draft) && !waiting {
        let solved = open.iter().find(|t| t.state == TicketState::Solved);
        return tickets::courtesy(talk, solved).await;
    }
    let near = talk.near();
    let active: Vec<&Ticket> = open.iter().filter(|t| t.state.is_active()).collect();
    let target = match &active[..] {
        [only] => Some(only.id),
        several => several.iter().map(|t| t.id).find(|id| Some(*id) == near),
    };
    match target {
        Some(ticket) => write::into(talk, ticket, &draft).await,
        None => ask(talk, draft, None).await,
    }
}

/// Asks where `draft` belongs; `over` is the ticket it was for and that takes nothing any more.
pub async fn ask(talk: &mut Talk, draft: Draft, over: Option<TicketNumber>) -> Result<()> {
    let state = Stray { draft, over }.into();
    let facts = talk.facts(&state).await?;
    talk.ask(state, None, Place::Below, &facts).await;
    Ok(())
}

/// `KM-000042` and nothing else. A bare `42` may be the answer to an engineer's question.
fn bare_number(draft: &Draft) -> Option<TicketNumber> {
    let marked = draft.text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '#' | '№'));
    let short = draft.text.chars().count() <= 12 && draft.files.is_empty();
    (marked && short).then(|| draft.text.parse().ok()).flatten()
}

impl Stray {
    /// The tickets it may belong to: those under way first, then those that were solved.
    fn offered(facts: &Facts) -> Vec<&Ticket> {
        let mut offered: Vec<&Ticket> = facts.tickets.iter().collect();
        offered.sort_by_key(|t| !t.state.is_active());
        offered.truncate(6);
        offered
    }

    /// Of words that a conversation took for an answer, and that are none.
    pub const fn of(draft: Draft) -> Self {
        Self { draft, over: None }
    }

    /// The next step.
    pub fn step(mut self, input: Input, facts: &Facts) -> Step {
        match input {
            Input::Chosen(Choice::Ticket(number)) => {
                match facts.tickets.iter().find(|t| t.number == number) {
                    Some(ticket) if ticket.state == TicketState::Solved => {
                        Step::Run(Run::Reopen { ticket: number, draft: self.draft })
                    }
                    Some(_) => Step::Run(Run::Write { to: number, draft: self.draft }),
                    None => Step::note(self, view::no_such_ticket(facts.lang)),
                }
            }
            Input::Chosen(Choice::Topic(Topic::Question)) => {
                Step::Run(Run::Open { kind: Kind::Question, form: Form::Plain, draft: self.draft })
            }
            Input::Chosen(Choice::Topic(Topic::Fault)) if facts.bound => {
                Step::ask(Fault::begin(facts, self.draft))
            }
            Input::Chosen(Choice::Back) => Step::Leave,
            Input::Chosen(_) => Step::Stale(self.into()),
            Input::Wrote(more) => {
                self.draft.add(more);
                Step::note(self, t!(facts.lang, "kept-for-now"))
            }
        }
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        let lang = facts.lang;
        let offered = Self::offered(facts);
        let mut page = Page::new(match self.over {
            Some(number) => t!(lang, "stray-over", number = number.to_string()),
            None if offered.iter().any(|t| t.state.is_active()) => t!(lang, "stray-which"),
            None => t!(lang, "stray-none"),
        });
        for ticket in offered {
            let label = if ticket.state == TicketState::Solved {
                t!(lang, "stray-not-solved", number = ticket.number.to_string())
            } else {
                view_ticket::line(lang, ticket)
            };
            page = page.with(label, Choice::Ticket(ticket.number));
        }
        page = page.with(t!(lang, "stray-question"), Choice::Topic(Topic::Question));
        if facts.bound {
            page = page.with(t!(lang, "stray-fault"), Choice::Topic(Topic::Fault));
        }
        page
    }
}
