//! A Cabinet for somebody who has none (T7, S3); open to strangers too: which company, how to call back, what for, a last look.

use crm::domain::form::Form;
use crm::domain::kind::Kind;
use crm::t;
use serde::{Deserialize, Serialize};

use super::tap::Choice;
use super::wizard::{Draft, Facts, Input, Page, Run, Step, typed_one_of};
use super::{State, phone};
use crate::say::escape;
use crate::view;

/// A company's name is no longer than this, in characters.
const NAME: usize = 200;

/// What has been answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cabinet {
    /// The organisation.
    #[serde(default)]
    company: Option<String>,
    /// The number to call back, E.164.
    #[serde(default)]
    phone: Option<String>,
    /// What it is for, and the messages of the answers.
    #[serde(default)]
    draft: Draft,
    /// Whether nothing is to be added.
    #[serde(default)]
    silent: bool,
}

/// The question that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Company,
    Phone,
    Wish,
    Review,
}

impl From<Cabinet> for State {
    fn from(cabinet: Cabinet) -> Self {
        Self::Cabinet(cabinet)
    }
}

impl Cabinet {
    /// What is written but not sent.
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The same, to put right.
    pub const fn draft_mut(&mut self) -> &mut Draft {
        &mut self.draft
    }

    fn at(&self) -> At {
        match self {
            Self { company: None, .. } => At::Company,
            Self { phone: None, .. } => At::Phone,
            Self { silent: false, draft, .. } if draft.is_empty() => At::Wish,
            _ => At::Review,
        }
    }

    /// The next step.
    pub fn step(mut self, input: Input, facts: &Facts) -> Step {
        let lang = facts.lang;
        let at = self.at();
        match (at, input) {
            (At::Wish, Input::Chosen(Choice::Other)) => {
                self.silent = true;
                Step::ask(self)
            }
            (At::Review, Input::Chosen(Choice::Yes)) => self.run(),
            (At::Company, Input::Chosen(Choice::Back)) => Step::Leave,
            (At::Phone, Input::Chosen(Choice::Back)) => {
                self.company = None;
                Step::ask(self)
            }
            (At::Wish | At::Review, Input::Chosen(Choice::Back)) => {
                self.phone = None;
                Step::ask(self)
            }
            (_, Input::Chosen(_)) => Step::Stale(self.into()),
            (At::Company, Input::Wrote(draft)) => {
                let name = draft.text.split_whitespace().collect::<Vec<_>>().join(" ");
                let fits = name.chars().any(char::is_alphanumeric) && name.chars().count() <= NAME;
                if !draft.files.is_empty() || !fits {
                    return Step::note(self, t!(lang, "cabinet-no-name"));
                }
                self.company = Some(name);
                self.draft.messages.extend(draft.messages);
                Step::ask(self)
            }
            (At::Phone, Input::Wrote(draft)) => match phone::read(&draft.text) {
                Some(number) => {
                    self.phone = Some(number);
                    self.draft.messages.extend(draft.messages);
                    Step::ask(self)
                }
                None => Step::note(self, t!(lang, "cabinet-no-phone")),
            },
            (At::Review, Input::Wrote(draft))
                if draft.files.is_empty() && typed_one_of(&draft.text, "typed-yes") =>
            {
                self.run()
            }
            (At::Wish | At::Review, Input::Wrote(draft)) => {
                self.draft.add(draft);
                if at == At::Wish { Step::ask(self) } else { Step::note(self, t!(lang, "kept-in-request")) }
            }
        }
    }

    fn run(self) -> Step {
        let (Some(company), Some(phone)) = (self.company.clone(), self.phone.clone()) else {
            return Step::ask(self);
        };
        let form = Form::NewCabinet { company, phone };
        Step::Run(Run::Open { kind: Kind::NewCabinet, form, draft: self.draft })
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        let lang = facts.lang;
        match self.at() {
            At::Company => Page::new(t!(lang, "cabinet-company")),
            At::Phone => Page::new(t!(lang, "cabinet-phone")),
            At::Wish => Page::new(t!(lang, "cabinet-wish")).with(t!(lang, "button-nothing"), Choice::Other),
            At::Review => {
                let company = escape(self.company.as_deref().unwrap_or_default());
                let phone = escape(self.phone.as_deref().unwrap_or_default());
                let head = t!(lang, "cabinet-review", company = company, phone = phone);
                let draft = view::draft(lang, &self.draft);
                Page::new(format!("{head}{draft}\n\n{}", t!(lang, "review-send")))
                    .with(t!(lang, "button-send"), Choice::Yes)
            }
        }
    }
}
