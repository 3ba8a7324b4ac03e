//! Unlocking a virtual machine (T3): which, why it is locked, sure. Words on the way go with it: what was put right, for instance.

use crm::domain::form::Form;
use crm::domain::ids::ServiceId;
use crm::domain::kind::Kind;
use crm::store::Rented;
use crm::t;
use serde::{Deserialize, Serialize};

use super::State;
use super::tap::Choice;
use super::wizard::{Draft, Facts, Input, Page, Run, Step, no_answer, typed_one_of, typed_service};
use crate::say::escape;
use crate::view;

/// Where the conversation is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Unlock {
    /// Which machine?
    #[default]
    Which,
    /// Sure?
    Sure {
        /// The machine.
        vm: ServiceId,
        /// What the person says to it.
        draft: Draft,
    },
}

impl From<Unlock> for State {
    fn from(unlock: Unlock) -> Self {
        Self::Unlock(unlock)
    }
}

/// The locked machines; all, where none is known to be locked: what was last read may be out of date.
fn listed(facts: &Facts) -> Vec<&Rented> {
    let locked: Vec<_> = facts.vms().filter(|vm| vm.lock_reason.is_some()).collect();
    if locked.is_empty() { facts.vms().collect() } else { locked }
}

impl Unlock {
    /// What is written but not sent.
    pub const fn draft(&self) -> Option<&Draft> {
        match self {
            Self::Which => None,
            Self::Sure { draft, .. } => Some(draft),
        }
    }

    /// The same, to put right.
    pub const fn draft_mut(&mut self) -> Option<&mut Draft> {
        match self {
            Self::Which => None,
            Self::Sure { draft, .. } => Some(draft),
        }
    }

    /// The next step.
    pub fn step(self, input: Input, facts: &Facts) -> Step {
        match (self, input) {
            (Self::Which, Input::Chosen(Choice::Service(id))) => Self::picked(&id, id.as_str(), facts),
            (Self::Which, Input::Chosen(Choice::Back)) => Step::Leave,
            (Self::Which, Input::Wrote(draft)) => {
                match typed_service(&draft.text, listed(facts).into_iter()) {
                    Some(id) => Self::picked(&id, &draft.text, facts),
                    None => no_answer(Self::Which, draft, |d| view::no_such_service(facts.lang, &d.text)),
                }
            }
            (Self::Sure { vm, draft }, Input::Chosen(Choice::Yes)) => Self::run(vm, draft, facts),
            (Self::Sure { vm, draft }, Input::Chosen(Choice::Back)) => Self::back(vm, &draft, facts),
            (Self::Sure { vm, mut draft }, Input::Wrote(more)) => {
                if typed_one_of(&more.text, "typed-yes") {
                    return Self::run(vm, draft, facts);
                }
                if typed_one_of(&more.text, "typed-no") {
                    return Self::back(vm, &draft, facts);
                }
                draft.add(more);
                Step::note(Self::Sure { vm, draft }, t!(facts.lang, "kept-in-request"))
            }
            (state, Input::Chosen(_)) => Step::Stale(state.into()),
        }
    }

    /// The first step back takes the words out again and says so, the next leads to the list.
    fn back(vm: ServiceId, draft: &Draft, facts: &Facts) -> Step {
        if draft.is_empty() {
            return Step::ask(Self::Which);
        }
        let unsent = view::unsent(facts.lang, draft);
        Step::note(Self::Sure { vm, draft: Draft::default() }, unsent)
    }

    fn picked(id: &ServiceId, typed: &str, facts: &Facts) -> Step {
        match facts.vms().find(|vm| vm.id == *id) {
            Some(vm) => Step::ask(Self::Sure { vm: vm.id.clone(), draft: Draft::default() }),
            None => Step::note(Self::Which, view::no_such_service(facts.lang, typed)),
        }
    }

    fn run(vm: ServiceId, draft: Draft, facts: &Facts) -> Step {
        let lock_reason = facts.service(&vm).and_then(|s| s.lock_reason.clone());
        Step::Run(Run::Open { kind: Kind::VmUnlock, form: Form::VmUnlock { vm, lock_reason }, draft })
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        let lang = facts.lang;
        match self {
            Self::Which => {
                let listed = listed(facts);
                let text = match listed.first() {
                    None => return Page::new(t!(lang, "no-machines")),
                    Some(first) if first.lock_reason.is_none() => t!(lang, "unlock-none-locked"),
                    Some(_) => t!(lang, "unlock-which"),
                };
                view::services(lang, text, listed.into_iter())
            }
            Self::Sure { vm, draft } => {
                let name = escape(vm.as_str());
                let reason = facts.service(vm).and_then(|s| s.lock_reason.as_deref());
                let mut html = match reason {
                    Some(reason) => {
                        t!(lang, "unlock-why", vm = name, reason = view::lock_reason(lang, reason))
                    }
                    None => t!(lang, "unlock-not-locked", vm = name),
                };
                html.push_str("\n\n");
                html.push_str(&t!(lang, "unlock-sure"));
                html.push_str(&view::draft(lang, draft));
                Page::new(html).with(t!(lang, "button-send"), Choice::Yes)
            }
        }
    }
}
