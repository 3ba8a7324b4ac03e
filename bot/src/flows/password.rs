//! A new password for the Cabinet, or new credentials for a place in a cluster (T2): which account, and who says that it is he: a code to
//! his e-mail, or an engineer.

use crm::domain::form::Form;
use crm::domain::kind::Kind;
use crm::{step_up, t};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

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
    /// The code that is waited for; never its digits.
    #[serde(default)]
    code: Option<Uuid>,
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
        Self { account: Account::only(facts), ..Self::default() }
    }

    /// What is written but not sent.
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The same, to put right.
    pub const fn draft_mut(&mut self) -> &mut Draft {
        &mut self.draft
    }

    /// The same, to be sent.
    pub fn into_draft(self) -> Draft {
        self.draft
    }

    /// The code that is waited for.
    pub const fn code(&self) -> Option<Uuid> {
        self.code
    }

    /// The same, waiting for this code.
    #[must_use]
    pub fn waiting_for(self, code: Option<Uuid>) -> Self {
        Self { code, ..self }
    }

    /// What is asked for.
    pub fn form(&self) -> Form {
        Form::PasswordRecovery { service: self.account.as_ref().and_then(Account::service).cloned() }
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
            (Some(_), Input::Chosen(Choice::Yes)) => self.run(),
            (Some(_), Input::Chosen(Choice::Code)) if facts.mail.is_some() => Step::Run(Run::SendCode(self)),
            (Some(_), Input::Chosen(Choice::Back)) if self.code.is_some() => {
                Step::ask(self.waiting_for(None))
            }
            (Some(_), Input::Chosen(Choice::Back)) if Account::only(facts).is_some() => Step::Leave,
            (Some(_), Input::Chosen(Choice::Back)) => {
                self.account = None;
                Step::ask(self)
            }
            (Some(_), Input::Wrote(more)) => self.wrote(more, facts),
            (_, Input::Chosen(_)) => Step::Stale(self.into()),
        }
    }

    fn wrote(mut self, more: Draft, facts: &Facts) -> Step {
        let lang = facts.lang;
        let words = more.text.as_str();
        if more.files.is_empty() {
            match step_up::typed(words) {
                Some(code) if self.code.is_some() => return Step::Run(Run::CheckCode(self, code)),
                // Of a code that is over, or was never sent.
                Some(_) if facts.mail.is_some() => return Step::note(self, t!(lang, "choose-below")),
                // With two ways to go on, «yes» says neither.
                _ if facts.mail.is_none() && typed_one_of(words, "typed-yes") => return self.run(),
                _ if facts.mail.is_some() && typed_one_of(words, "typed-yes") => {
                    return Step::note(self, t!(lang, "choose-below"));
                }
                // Not kept among the words: it is meant as the code, or is another one.
                _ if self.code.is_some() && words.chars().all(|c| c.is_numeric() || c.is_whitespace()) => {
                    return Step::note(self, t!(lang, "code-six-digits"));
                }
                _ => {}
            }
        }
        self.draft.add(more);
        Step::note(self, t!(lang, "kept-in-request"))
    }

    fn run(self) -> Step {
        Step::Run(Run::Open { kind: Kind::PasswordRecovery, form: self.form(), draft: self.draft })
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
        html.push_str(&match (&facts.mail, self.code) {
            (Some(mail), Some(_)) => {
                t!(lang, "code-sent", mail = escape(mail), minutes = step_up::VALID.num_minutes())
            }
            (Some(mail), None) => t!(lang, "password-sure-code", mail = escape(mail)),
            (None, _) => t!(lang, "password-sure"),
        });
        html.push_str(&view::draft(lang, &self.draft));
        let page = Page::new(html);
        if facts.mail.is_none() {
            return page.with(t!(lang, "button-send"), Choice::Yes);
        }
        let code = if self.code.is_some() { "button-code-again" } else { "button-code" };
        page.with(t!(lang, code), Choice::Code).with(t!(lang, "button-by-engineer"), Choice::Yes)
    }
}
