//! Reporting a fault (T5, T6): what, how bad in plain words, since when (C8), a description with photos or files, a last look.
//!
//! People describe before they are asked: whatever is written on the way is kept as the description, and only what is missing is asked.

use crm::clock::Moment;
use crm::domain::form::Form;
use crm::domain::ids::ServiceId;
use crm::domain::kind::Kind;
use crm::t;
use crm::text::{length, when};
use serde::{Deserialize, Serialize};

use super::State;
use super::since::{self, Since};
use super::tap::Choice;
use super::wizard::{Draft, Facts, Input, Page, Run, Step, typed_one_of, typed_service};
use crate::say::escape;
use crate::view;

/// What has been answered; `Some(None)` is "don't know".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What is broken.
    #[serde(default, with = "super::twice")]
    pub service: Option<Option<ServiceId>>,
    /// Whether everything is down.
    #[serde(default)]
    pub critical: Option<bool>,
    /// Since when.
    #[serde(default, with = "super::twice")]
    pub since: Option<Option<Moment>>,
    /// The description.
    #[serde(default)]
    pub draft: Draft,
}

/// The question that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Which,
    HowBad,
    Since,
    Describe,
    Review,
}

impl From<Fault> for State {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Fault {
    /// Where it begins; `draft` is what was written before.
    pub fn begin(facts: &Facts, draft: Draft) -> Self {
        // Who rents nothing cannot say what is broken.
        let service = facts.services.is_empty().then_some(None);
        Self { service, draft, ..Self::default() }
    }

    fn at(&self) -> At {
        match self {
            Self { service: None, .. } => At::Which,
            Self { critical: None, .. } => At::HowBad,
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
            (At::HowBad, Input::Chosen(Choice::Critical(critical))) => {
                self.critical = Some(critical);
                Step::ask(self)
            }
            (At::Since, Input::Chosen(Choice::Ago(minutes))) => {
                self.since = Some(Some(facts.now - chrono::TimeDelta::minutes(i64::from(minutes))));
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
            At::HowBad if facts.services.is_empty() => return Step::Leave,
            At::HowBad => self.service = None,
            At::Since => self.critical = None,
            At::Describe | At::Review => self.since = None,
        }
        Step::ask(self)
    }

    fn wrote(mut self, at: At, draft: Draft, facts: &Facts) -> Step {
        let plain = draft.files.is_empty();
        match at {
            At::Which if plain => {
                if let Some(id) = typed_service(&draft.text, facts.services.iter()) {
                    self.service = Some(Some(id));
                    return Step::ask(self);
                }
            }
            At::Since if plain => match since::read(&draft.text, facts.now) {
                Since::At(moment) => {
                    self.since = Some(Some(moment));
                    return Step::ask(self);
                }
                Since::Future => return Step::note(self, t!(facts.lang, "since-future")),
                Since::Wrong => return Step::note(self, t!(facts.lang, "since-wrong")),
                Since::Unclear => {}
            },
            At::Review if plain && typed_one_of(&draft.text, "typed-yes") => return self.run(),
            _ => {}
        }
        self.draft.add(draft);
        if at == At::Describe {
            Step::ask(self)
        } else {
            Step::note(self, t!(facts.lang, "kept-in-description"))
        }
    }

    fn run(self) -> Step {
        let critical = self.critical.unwrap_or_default();
        let kind = if critical { Kind::FaultCritical } else { Kind::FaultMinor };
        let form = Form::Fault { service: self.service.flatten(), since: self.since.flatten() };
        Step::Run(Run::Open { kind, form, draft: self.draft })
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        let lang = facts.lang;
        match self.at() {
            At::Which => view::services(lang, t!(lang, "fault-which"), facts.services.iter())
                .with(t!(lang, "button-other"), Choice::Other),
            At::HowBad => {
                let critical = length(facts.promises.critical, lang);
                let minor = length(facts.promises.minor, lang);
                Page::new(t!(lang, "fault-how-bad", critical = critical, minor = minor))
                    .with(t!(lang, "button-critical"), Choice::Critical(true))
                    .with(t!(lang, "button-minor"), Choice::Critical(false))
            }
            At::Since => {
                let ago = |minutes: u32| {
                    let length = length(chrono::TimeDelta::minutes(i64::from(minutes)), lang);
                    (t!(lang, "since-ago", length = length), Choice::Ago(minutes))
                };
                Page::new(t!(lang, "fault-since"))
                    .pair((t!(lang, "since-now"), Choice::Ago(0)), ago(15))
                    .pair(ago(30), ago(60))
                    .with(t!(lang, "since-unknown"), Choice::Other)
            }
            At::Describe => Page::new(t!(lang, "fault-describe")),
            At::Review => Page::new(self.review(facts)).with(t!(lang, "button-send"), Choice::Yes),
        }
    }

    fn review(&self, facts: &Facts) -> String {
        let lang = facts.lang;
        let service = match self.service.as_ref().and_then(Option::as_ref) {
            Some(id) => escape(id.as_str()),
            None => t!(lang, "service-unknown"),
        };
        let since = match self.since.flatten() {
            Some(moment) => when(moment, facts.now, lang),
            None => t!(lang, "since-unknown-value"),
        };
        let bad = if self.critical == Some(true) { "severity-critical" } else { "severity-minor" };
        let head = t!(lang, "fault-review", service = service, severity = t!(lang, bad), since = since);
        format!("{head}{}\n\n{}", view::draft(lang, &self.draft), t!(lang, "fault-review-more"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_stays_answered_when_it_is_stored() {
        let fault = Fault { service: Some(None), since: Some(None), ..Fault::default() };
        let stored = serde_json::to_value(&fault).expect("writes");
        assert_eq!(serde_json::from_value::<Fault>(stored).expect("reads"), fault);
        let fresh = serde_json::to_value(Fault::default()).expect("writes");
        assert_eq!(serde_json::from_value::<Fault>(fresh).expect("reads"), Fault::default());
    }
}
