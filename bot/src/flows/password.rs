//! A new password for the Cabinet, or new credentials for a place in a cluster (T2): which account, sure.

use crm::domain::form::Form;
use crm::domain::kind::Kind;
use crm::t;
use serde::{Deserialize, Serialize};

use super::State;
use super::account::Account;
use super::tap::Choice;
use super::wizard::{Draft, Facts, Input, Page, Run, Step, no_answer, typed_one_of};
use crate::say::escape;
use crate::view;

/// What has been answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    /// Whose.
    #[serde(default)]
    account: Option<Account>,
    /// What the person says to it.
    #[serde(default)]
    draft: Draft,
}

impl From<Password> for State {
    fn from(password: Password) -> Self {
        Self::Password(password)
    }
}

impl Password {
    /// Where it begins.
    pub fn begin(facts: &Facts) -> Self {
        Self { account: Account::only(facts), draft: Draft::default() }
    }

    /// What is written but not sent.
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The same, to put right.
    pub const fn draft_mut(&mut self) -> &mut Draft {
        &mut self.draft
    }

    /// The next step.
    pub fn step(mut self, input: Input, facts: &Facts) -> Step {
        let lang = facts.lang;
        match (self.account.clone(), input) {
            (None, Input::Chosen(Choice::Back)) => Step::Leave,
            (None, Input::Chosen(choice @ (Choice::Cabinet | Choice::Service(_)))) => {
                self.account = Account::pressed(&choice, facts);
                Step::ask(self)
            }
            (None, Input::Wrote(draft)) => match Account::typed(&draft.text, facts) {
                Some(account) => {
                    self.account = Some(account);
                    Step::ask(self)
                }
                None if self.draft.is_empty() => no_answer(self, draft, |_| t!(lang, "choose-below")),
                None => Step::note(self, t!(lang, "choose-below")),
            },
            (Some(account), Input::Chosen(Choice::Yes)) => self.run(&account),
            (Some(_), Input::Chosen(Choice::Back)) if Account::only(facts).is_some() => Step::Leave,
            (Some(_), Input::Chosen(Choice::Back)) => {
                self.account = None;
                Step::ask(self)
            }
            (Some(account), Input::Wrote(more)) => {
                if more.files.is_empty() && typed_one_of(&more.text, "typed-yes") {
                    return self.run(&account);
                }
                self.draft.add(more);
                Step::note(self, t!(lang, "kept-in-request"))
            }
            (_, Input::Chosen(_)) => Step::Stale(self.into()),
        }
    }

    fn run(self, account: &Account) -> Step {
        let form = Form::PasswordRecovery { service: account.service().cloned() };
        Step::Run(Run::Open { kind: Kind::PasswordRecovery, form, draft: self.draft })
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        let lang = facts.lang;
        let Some(account) = &self.account else {
            let question = if Account::all(facts).is_empty() { "no-accounts" } else { "password-which" };
            return Account::page(facts, t!(lang, question));
        };
        let mut html = match (account, &facts.cabinet) {
            (Account::Cabinet, Some(user)) => t!(lang, "password-cabinet", user = escape(user)),
            _ => t!(lang, "password-cluster", account = account.name(lang)),
        };
        html.push_str("\n\n");
        html.push_str(&t!(lang, "password-sure"));
        html.push_str(&view::draft(lang, &self.draft));
        Page::new(html).with(t!(lang, "button-send"), Choice::Yes)
    }
}
