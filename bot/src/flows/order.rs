//! An order (T7, S3), and a trial (S2): which service, what for, a last look.

use crm::domain::form::Form;
use crm::domain::kind::{Kind, Terms};
use crm::t;
use serde::{Deserialize, Serialize};

use super::State;
use super::tap::Choice;
use super::wizard::{Draft, Facts, Input, Page, Run, Step, typed_one_of};
use crate::view;

/// What has been answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Whether it is to be tried first.
    pub trial: bool,
    /// Which service.
    #[serde(default)]
    terms: Option<Terms>,
    /// What is wanted.
    #[serde(default)]
    draft: Draft,
}

/// The question that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Which,
    Describe,
    Review,
}

impl From<Order> for State {
    fn from(order: Order) -> Self {
        Self::Order(order)
    }
}

impl Order {
    /// Where it begins.
    pub fn begin(trial: bool) -> Self {
        Self { trial, terms: None, draft: Draft::default() }
    }

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
            Self { terms: None, .. } => At::Which,
            Self { draft, .. } if draft.is_empty() => At::Describe,
            _ => At::Review,
        }
    }

    /// The next step.
    pub fn step(mut self, input: Input, facts: &Facts) -> Step {
        match (self.at(), input) {
            (At::Which, Input::Chosen(Choice::Terms(terms))) => self.of(terms, facts),
            (At::Which, Input::Chosen(Choice::Back)) => Step::Leave,
            (At::Describe | At::Review, Input::Chosen(Choice::Back)) => {
                self.terms = None;
                Step::ask(self)
            }
            (At::Review, Input::Chosen(Choice::Yes)) => self.run(),
            (_, Input::Chosen(_)) => Step::Stale(self.into()),
            (At::Which, Input::Wrote(draft)) => match typed_terms(&draft.text) {
                Some(terms) => self.of(terms, facts),
                // People say what they want before they are asked which.
                None => {
                    self.draft.add(draft);
                    Step::note(self, t!(facts.lang, "kept-in-request"))
                }
            },
            (At::Describe, Input::Wrote(draft)) => {
                self.draft.add(draft);
                Step::ask(self)
            }
            (At::Review, Input::Wrote(draft)) => {
                if draft.files.is_empty() && typed_one_of(&draft.text, "typed-yes") {
                    return self.run();
                }
                self.draft.add(draft);
                Step::note(self, t!(facts.lang, "kept-in-request"))
            }
        }
    }

    /// S2: once, and only to who is new to the service; whoever is not, hears it before he writes.
    fn of(mut self, terms: Terms, facts: &Facts) -> Step {
        if self.trial && facts.trials_had.contains(&terms) {
            return Step::note(self, t!(facts.lang, "trial-had", phone = facts.phone.as_str()));
        }
        self.terms = Some(terms);
        Step::ask(self)
    }

    fn run(self) -> Step {
        let Some(terms) = self.terms else { return Step::ask(self) };
        let kind = if self.trial { Kind::Trial } else { Kind::Order };
        Step::Run(Run::Open { kind, form: Form::Order { terms }, draft: self.draft })
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        let lang = facts.lang;
        let word = if self.trial { "trial" } else { "order" };
        let service = || self.terms.map(|terms| t!(lang, &format!("terms-{terms}"))).unwrap_or_default();
        match self.at() {
            At::Which => Terms::ALL.iter().fold(
                Page::new(format!(
                    "{}{}",
                    t!(lang, &format!("{word}-which")),
                    view::draft(lang, &self.draft)
                )),
                |page, terms| page.with(t!(lang, &format!("terms-{terms}")), Choice::Terms(*terms)),
            ),
            At::Describe => Page::new(t!(lang, &format!("{word}-describe"), service = service())),
            At::Review => {
                let head = t!(lang, &format!("{word}-review"), service = service());
                let draft = view::draft(lang, &self.draft);
                Page::new(format!("{head}{draft}\n\n{}", t!(lang, "review-send")))
                    .with(t!(lang, "button-send"), Choice::Yes)
            }
        }
    }
}

fn typed_terms(typed: &str) -> Option<Terms> {
    [("typed-terms-vm", Terms::Vm), ("typed-terms-kubernetes", Terms::Kubernetes)]
        .into_iter()
        .find_map(|(key, terms)| typed_one_of(typed, key).then_some(terms))
}
