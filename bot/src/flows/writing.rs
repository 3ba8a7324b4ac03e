//! Writing to a ticket that was chosen: one more message, or what is wrong still when it is opened again.

use crm::domain::ids::TicketNumber;
use crm::domain::lang::Lang;
use crm::t;
use serde::{Deserialize, Serialize};

use super::State;
use super::tap::Choice;
use super::wizard::{Draft, Input, Page, Run, Step};

/// The message is awaited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Writing {
    /// To which ticket.
    pub to: TicketNumber,
    /// Whether it opens the ticket again.
    pub reopens: bool,
}

impl From<Writing> for State {
    fn from(writing: Writing) -> Self {
        Self::Writing(writing)
    }
}

impl Writing {
    /// The next step.
    pub fn step(self, input: Input) -> Step {
        match (self.reopens, input) {
            (true, Input::Wrote(draft)) => Step::Run(Run::Reopen { ticket: self.to, draft }),
            (false, Input::Wrote(draft)) => Step::Run(Run::Write { to: self.to, draft }),
            (true, Input::Chosen(Choice::Yes)) => {
                Step::Run(Run::Reopen { ticket: self.to, draft: Draft::default() })
            }
            (_, Input::Chosen(Choice::Back)) => Step::Leave,
            (_, Input::Chosen(_)) => Step::Stale(self.into()),
        }
    }

    /// What is shown.
    pub fn page(&self, lang: Lang) -> Page {
        let number = self.to.to_string();
        if self.reopens {
            Page::new(t!(lang, "reopen-ask", number = number))
                .with(t!(lang, "button-reopen-silently"), Choice::Yes)
        } else {
            Page::new(t!(lang, "write-ask", number = number))
        }
    }
}
