//! Rebooting a virtual machine (T3): which, how, sure.

use crm::domain::form::{Form, RebootMode};
use crm::domain::ids::ServiceId;
use crm::domain::kind::Kind;
use crm::store::Rented;
use crm::t;
use crm::text::length;
use serde::{Deserialize, Serialize};

use super::State;
use super::tap::Choice;
use super::wizard::{Draft, Facts, Input, Page, Run, Step, no_answer, typed_one_of, typed_service};
use crate::say::escape;
use crate::view;

/// Where the conversation is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Reboot {
    /// Which machine?
    #[default]
    Which,
    /// How?
    How {
        /// The machine.
        vm: ServiceId,
    },
    /// Sure?
    Sure {
        /// The machine.
        vm: ServiceId,
        /// How.
        mode: RebootMode,
    },
}

impl From<Reboot> for State {
    fn from(reboot: Reboot) -> Self {
        Self::Reboot(reboot)
    }
}

impl Reboot {
    /// Where it begins: who has one machine is not asked which.
    pub fn begin(facts: &Facts) -> Self {
        let mut vms = facts.vms();
        match (vms.next(), vms.next()) {
            (Some(only), None) if only.lock_reason.is_none() => Self::How { vm: only.id.clone() },
            _ => Self::Which,
        }
    }

    /// The next step.
    pub fn step(self, input: Input, facts: &Facts) -> Step {
        match (self, input) {
            (Self::Which, Input::Chosen(Choice::Service(id))) => Self::picked(&id, id.as_str(), facts),
            (Self::Which, Input::Chosen(Choice::Back)) => Step::Leave,
            (Self::Which, Input::Wrote(draft)) => match typed_service(&draft.text, facts.vms()) {
                Some(id) => Self::picked(&id, &draft.text, facts),
                None => no_answer(Self::Which, draft, |d| view::no_such_service(facts.lang, &d.text)),
            },
            (Self::How { vm }, Input::Chosen(Choice::Mode(mode))) => Step::ask(Self::Sure { vm, mode }),
            (Self::How { .. }, Input::Chosen(Choice::Back)) => match Self::begin(facts) {
                Self::Which => Step::ask(Self::Which),
                _ => Step::Leave,
            },
            (Self::How { vm }, Input::Wrote(draft)) => match typed_mode(&draft.text) {
                Some(mode) => Step::ask(Self::Sure { vm, mode }),
                None => no_answer(Self::How { vm }, draft, |_| t!(facts.lang, "choose-below")),
            },
            (Self::Sure { vm, mode }, Input::Chosen(Choice::Yes)) => Self::run(vm, mode),
            (Self::Sure { vm, .. }, Input::Chosen(Choice::Back)) => Step::ask(Self::How { vm }),
            (Self::Sure { vm, mode }, Input::Wrote(draft)) => {
                if typed_one_of(&draft.text, "typed-yes") {
                    Self::run(vm, mode)
                } else if typed_one_of(&draft.text, "typed-no") {
                    Step::ask(Self::How { vm })
                } else {
                    no_answer(Self::Sure { vm, mode }, draft, |_| t!(facts.lang, "choose-below"))
                }
            }
            (state, Input::Chosen(_)) => Step::Stale(state.into()),
        }
    }

    fn picked(id: &ServiceId, typed: &str, facts: &Facts) -> Step {
        match facts.vms().find(|vm| vm.id == *id) {
            Some(Rented { lock_reason: Some(_), .. }) => {
                Step::note(Self::Which, t!(facts.lang, "reboot-locked", vm = escape(id.as_str())))
            }
            Some(_) => Step::ask(Self::How { vm: id.clone() }),
            None => Step::note(Self::Which, view::no_such_service(facts.lang, typed)),
        }
    }

    fn run(vm: ServiceId, mode: RebootMode) -> Step {
        Step::Run(Run::Open {
            kind: Kind::VmReboot,
            form: Form::VmReboot { vm, mode },
            draft: Draft::default(),
        })
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        let lang = facts.lang;
        match self {
            Self::Which if facts.vms().next().is_none() => Page::new(t!(lang, "no-machines")),
            Self::Which => view::services(lang, t!(lang, "reboot-which"), facts.vms()),
            Self::How { vm } => {
                let wait = length(facts.promises.graceful_wait, lang);
                let graceful = (t!(lang, "button-graceful"), Choice::Mode(RebootMode::Graceful));
                let hard = (t!(lang, "button-hard"), Choice::Mode(RebootMode::Hard));
                Page::new(t!(lang, "reboot-how", vm = escape(vm.as_str()), wait = wait)).pair(graceful, hard)
            }
            Self::Sure { vm, mode } => {
                let mut html = t!(
                    lang,
                    "reboot-sure",
                    vm = escape(vm.as_str()),
                    mode = t!(lang, &format!("mode-{mode}"))
                );
                if *mode == RebootMode::Hard {
                    html.push_str("\n\n");
                    html.push_str(&t!(lang, "reboot-hard-warning"));
                }
                Page::new(html).with(t!(lang, "button-confirm"), Choice::Yes)
            }
        }
    }
}

fn typed_mode(typed: &str) -> Option<RebootMode> {
    [("typed-graceful", RebootMode::Graceful), ("typed-hard", RebootMode::Hard)]
        .into_iter()
        .find_map(|(key, mode)| typed_one_of(typed, key).then_some(mode))
}
