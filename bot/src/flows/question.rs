//! A question (T7): the first message is the question and opens the ticket at once, so that nobody waits for an answer to something
//! he forgot to send. What he writes next goes after it.

use crm::domain::form::Form;
use crm::domain::kind::Kind;
use crm::t;
use crm::text::length;
use serde::{Deserialize, Serialize};

use super::State;
use super::tap::Choice;
use super::wizard::{Facts, Input, Page, Run, Step};

/// The question is awaited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {}

impl From<Question> for State {
    fn from(question: Question) -> Self {
        Self::Question(question)
    }
}

impl Question {
    /// The next step.
    pub fn step(self, input: Input, _facts: &Facts) -> Step {
        match input {
            Input::Wrote(draft) => Step::Run(Run::Open { kind: Kind::Question, form: Form::Plain, draft }),
            Input::Chosen(Choice::Back) => Step::Leave,
            Input::Chosen(_) => Step::Stale(self.into()),
        }
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        Page::new(t!(facts.lang, "question-ask", reply = length(facts.promises.first_reply, facts.lang)))
    }
}
