//! Claims: an SLA credit for downtime (C8), or for lost data (C10): which service, since when, what happened, a last look.

use crm::clock::Moment;
use crm::domain::form::Form;
use crm::domain::ids::ServiceId;
use crm::domain::kind::Kind;
use crm::t;
use crm::text::when;
use serde::{Deserialize, Serialize};

use super::State;
use super::since::{self, Since};
use super::tap::Choice;
use super::wizard::{Draft, Facts, Input, Page, Run, Step, typed_one_of, typed_service};
use crate::say::escape;
use crate::view;

/// What has been answered; `Some(None)` is "don't know".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Whether data was lost.
    pub loss: bool,
    /// Which service.
    #[serde(default, with = "super::twice")]
    pub service: Option<Option<ServiceId>>,
    /// Since when.
    #[serde(default, with = "super::twice")]
    pub since: Option<Option<Moment>>,
    /// What happened.
    #[serde(default)]
    draft: Draft,
}

/// The question that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Which,
    Since,
    Describe,
    Review,
}

impl From<Claim> for State {
    fn from(claim: Claim) -> Self {
        Self::Claim(claim)
    }
}

impl Claim {
    /// Where it begins: who rents nothing now cannot choose.
    pub fn begin(loss: bool, facts: &Facts) -> Self {
        Self { loss, service: facts.services.is_empty().then_some(None), ..Self::default() }
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
            Self { service: None, .. } => At::Which,
            Self { since: None, .. } => At::Since,
            Self { draft, .. } if draft.is_empty() => At::Describe,
            _ => At::Review,
        }
    }

    /// The next step.
    pub fn step(mut self, input: Input, facts: &Facts) -> Step {
        let at = self.at();
        match (at, input) {
            (At::Which, Input::Chosen(Choice::Service(id))) => match facts.service(&id) {
                Some(_) => {
                    self.service = Some(Some(id));
                    Step::ask(self)
                }
                None => Step::note(self, view::no_such_service(facts.lang, id.as_str())),
            },
            (At::Which, Input::Chosen(Choice::Other)) => {
                self.service = Some(None);
                Step::ask(self)
            }
            (At::Since, Input::Chosen(Choice::Other)) => {
                self.since = Some(None);
                Step::ask(self)
            }
            (At::Review, Input::Chosen(Choice::Yes)) => self.run(),
            (_, Input::Chosen(Choice::Back)) => self.back(at, facts),
            (_, Input::Chosen(_)) => Step::Stale(self.into()),
            (_, Input::Wrote(draft)) => self.wrote(at, draft, facts),
        }
    }

    fn back(mut self, at: At, facts: &Facts) -> Step {
        match at {
            At::Which => return Step::Leave,
            At::Since if facts.services.is_empty() => return Step::Leave,
            At::Since => self.service = None,
            At::Describe | At::Review => self.since = None,
        }
        Step::ask(self)
    }

    fn wrote(mut self, at: At, draft: Draft, facts: &Facts) -> Step {
        if draft.files.is_empty() {
            match at {
                At::Which => {
                    if let Some(id) = typed_service(&draft.text, facts.services.iter()) {
                        self.service = Some(Some(id));
                        return Step::ask(self);
                    }
                }
                At::Since => match since::read(&draft.text, facts.now) {
                    Since::At(moment) => {
                        self.since = Some(Some(moment));
                        return Step::ask(self);
                    }
                    Since::Future => return Step::note(self, t!(facts.lang, "since-future")),
                    Since::Wrong => return Step::note(self, t!(facts.lang, "since-wrong")),
                    Since::Unclear => {}
                },
                At::Review if typed_one_of(&draft.text, "typed-yes") => return self.run(),
                At::Describe | At::Review => {}
            }
        }
        self.draft.add(draft);
        if at == At::Describe {
            Step::ask(self)
        } else {
            Step::note(self, t!(facts.lang, "kept-in-description"))
        }
    }

    fn run(self) -> Step {
        let kind = if self.loss { Kind::DataLossClaim } else { Kind::CreditClaim };
        let form = Form::Claim { service: self.service.flatten(), since: self.since.flatten() };
        Step::Run(Run::Open { kind, form, draft: self.draft })
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        let lang = facts.lang;
        let word = if self.loss { "loss" } else { "credit" };
        match self.at() {
            At::Which => view::services(lang, t!(lang, &format!("{word}-which")), facts.services.iter())
                .with(t!(lang, "button-other"), Choice::Other),
            At::Since => Page::new(t!(lang, "claim-since")).with(t!(lang, "since-unknown"), Choice::Other),
            At::Describe => Page::new(t!(lang, &format!("{word}-describe"))),
            At::Review => {
                let service = match self.service.as_ref().and_then(Option::as_ref) {
                    Some(id) => escape(id.as_str()),
                    None => t!(lang, "service-unknown"),
                };
                let since = match self.since.flatten() {
                    Some(moment) => when(moment, facts.now, lang),
                    None => t!(lang, "since-unknown-value"),
                };
                let head = t!(lang, &format!("{word}-review"), service = service, since = since);
                let draft = view::draft(lang, &self.draft);
                Page::new(format!("{head}{draft}\n\n{}", t!(lang, "review-send")))
                    .with(t!(lang, "button-send"), Choice::Yes)
            }
        }
    }
}
