//! More of what a quota limits (T1, S1): where, of what, how much, why, a last look with now and wanted side by side.

use crm::domain::form::{Form, QuotaResource};
use crm::domain::kind::Kind;
use crm::domain::lang::Lang;
use crm::t;
use serde::{Deserialize, Serialize};

use super::State;
use super::account::Account;
use super::amount::{self, Amount};
use super::tap::Choice;
use super::wizard::{Draft, Facts, Input, Page, Run, Step, no_answer, typed_one_of};
use crate::{view, view_ticket};

/// What has been answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Whose quota.
    #[serde(default)]
    account: Option<Account>,
    /// Of what.
    #[serde(default)]
    resource: Option<QuotaResource>,
    /// How much, MiB for memory.
    #[serde(default)]
    wanted: Option<i64>,
    /// Why.
    #[serde(default)]
    draft: Draft,
    /// Whether the reason was left out on purpose.
    #[serde(default)]
    silent: bool,
}

/// The question that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Where,
    What,
    HowMuch,
    Why,
    Review,
}

impl From<Quota> for State {
    fn from(quota: Quota) -> Self {
        Self::Quota(quota)
    }
}

impl Quota {
    /// Where it begins.
    pub fn begin(facts: &Facts) -> Self {
        Self { account: Account::only(facts), ..Self::default() }
    }

    /// The reason so far.
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The same, to put right.
    pub const fn draft_mut(&mut self) -> &mut Draft {
        &mut self.draft
    }

    fn at(&self) -> At {
        match self {
            Self { account: None, .. } => At::Where,
            Self { resource: None, .. } => At::What,
            Self { wanted: None, .. } => At::HowMuch,
            Self { silent: false, draft, .. } if draft.is_empty() => At::Why,
            _ => At::Review,
        }
    }

    /// What the quota is now, as last read; `None` while nobody could read it.
    fn current(&self, facts: &Facts) -> Option<i64> {
        let (account, resource) = (self.account.as_ref()?, self.resource?);
        facts
            .quotas
            .iter()
            .find(|q| q.service.as_ref() == account.service() && q.resource == resource)
            .map(|q| q.value)
    }

    /// The next step.
    pub fn step(mut self, input: Input, facts: &Facts) -> Step {
        let at = self.at();
        match (at, input) {
            (At::Where, Input::Chosen(choice @ (Choice::Cabinet | Choice::Service(_)))) => {
                self.account = Account::pressed(&choice, facts);
                Step::ask(self)
            }
            (At::What, Input::Chosen(Choice::Resource(resource))) => self.of(resource),
            (At::HowMuch, Input::Chosen(Choice::Amount(wanted))) => self.wants(wanted, facts),
            (At::Why, Input::Chosen(Choice::Other)) => {
                self.silent = true;
                Step::ask(self)
            }
            (At::Review, Input::Chosen(Choice::Yes)) => self.run(facts),
            (_, Input::Chosen(Choice::Back)) => self.back(at, facts),
            (_, Input::Chosen(_)) => Step::Stale(self.into()),
            (_, Input::Wrote(draft)) => self.wrote(at, draft, facts),
        }
    }

    fn of(mut self, resource: QuotaResource) -> Step {
        let fits = self.account.as_ref().is_some_and(|a| QuotaResource::of(a.terms()).contains(&resource));
        if !fits {
            return Step::Stale(self.into());
        }
        self.resource = Some(resource);
        Step::ask(self)
    }

    /// Refuses what is no increase, and what nobody can mean.
    fn wants(mut self, wanted: i64, facts: &Facts) -> Step {
        let (lang, Some(resource)) = (facts.lang, self.resource) else { return Step::ask(self) };
        if wanted <= 0 {
            return Step::note(self, t!(lang, "quota-not-positive"));
        }
        if wanted > resource.most() {
            let most = view_ticket::amount(lang, resource, resource.most());
            return Step::note(self, t!(lang, "quota-too-much", most = most));
        }
        match self.current(facts) {
            Some(current) if wanted <= current => {
                let now = view_ticket::amount(lang, resource, current);
                Step::note(self, t!(lang, "quota-no-more", now = now))
            }
            _ => {
                self.wanted = Some(wanted);
                Step::ask(self)
            }
        }
    }

    fn back(mut self, at: At, facts: &Facts) -> Step {
        match at {
            At::Where => return Step::Leave,
            At::What if Account::only(facts).is_some() => return Step::Leave,
            At::What => self.account = None,
            At::HowMuch => self.resource = None,
            At::Why => self.wanted = None,
            At::Review => {
                // Whatever was written stays; only the number is asked anew.
                self.silent = false;
                self.wanted = None;
            }
        }
        Step::ask(self)
    }

    fn wrote(mut self, at: At, draft: Draft, facts: &Facts) -> Step {
        let lang = facts.lang;
        match at {
            At::Where => match Account::typed(&draft.text, facts) {
                Some(account) => {
                    self.account = Some(account);
                    Step::ask(self)
                }
                None => self.unclear(draft, t!(lang, "choose-below")),
            },
            At::What => match self.typed_resource(&draft.text) {
                Some(resource) => self.of(resource),
                None => self.unclear(draft, t!(lang, "choose-below")),
            },
            At::HowMuch => {
                let memory = self.resource.is_some_and(QuotaResource::is_memory);
                match (amount::read(&draft.text, memory), self.current(facts)) {
                    (Amount::Value(wanted), _) => self.wants(wanted, facts),
                    (Amount::More(more), Some(current)) => self.wants(current.saturating_add(more), facts),
                    (Amount::More(_), None) => Step::note(self, t!(lang, "quota-say-whole")),
                    (Amount::Negative, _) => Step::note(self, t!(lang, "quota-not-positive")),
                    (Amount::Huge, _) => self.wants(i64::MAX, facts),
                    (Amount::Unclear, _) => self.unclear(draft, t!(lang, "quota-unclear")),
                }
            }
            At::Why => {
                if draft.files.is_empty() && typed_one_of(&draft.text, "typed-no") {
                    self.silent = true;
                } else {
                    self.draft.add(draft);
                }
                Step::ask(self)
            }
            At::Review if draft.files.is_empty() && typed_one_of(&draft.text, "typed-yes") => self.run(facts),
            At::Review => {
                self.draft.add(draft);
                Step::note(self, t!(lang, "kept-in-request"))
            }
        }
    }

    /// No answer. What was written before stays: only from an empty request words find another place.
    fn unclear(self, draft: Draft, note: String) -> Step {
        if self.draft.is_empty() { no_answer(self, draft, |_| note) } else { Step::note(self, note) }
    }

    fn typed_resource(&self, typed: &str) -> Option<QuotaResource> {
        let all = QuotaResource::of(self.account.as_ref()?.terms());
        let nth = typed.trim().trim_end_matches('.').parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        if let Some(nth) = nth {
            return all.get(nth).copied();
        }
        all.into_iter().find(|resource| typed_one_of(typed, &format!("typed-resource-{resource}")))
    }

    fn run(self, facts: &Facts) -> Step {
        let current = self.current(facts);
        let Self { account: Some(account), resource: Some(resource), wanted: Some(wanted), draft, .. } = self
        else {
            return Step::ask(self);
        };
        let (terms, service) = (account.terms(), account.service().cloned());
        let form = Form::QuotaIncrease { terms, service, resource, current, wanted };
        Step::Run(Run::Open { kind: Kind::QuotaIncrease, form, draft })
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        let lang = facts.lang;
        let (account, resource) = match (self.at(), &self.account, self.resource) {
            (At::Where, ..) | (_, None, _) => {
                let question = if Account::all(facts).is_empty() { "no-accounts" } else { "quota-where" };
                return Account::page(facts, t!(lang, question));
            }
            (_, Some(account), None) => {
                let page = Page::new(t!(lang, "quota-what", account = account.name(lang)));
                let resources = QuotaResource::of(account.terms());
                return resources.into_iter().fold(page, |page, resource| {
                    page.with(t!(lang, &format!("resource-{resource}")), Choice::Resource(resource))
                });
            }
            (_, Some(account), Some(resource)) => (account, resource),
        };
        let head = t!(
            lang,
            "quota-head",
            account = account.name(lang),
            resource = t!(lang, &format!("resource-{resource}"))
        );
        let now = match self.current(facts) {
            Some(current) => t!(lang, "quota-now", now = view_ticket::amount(lang, resource, current)),
            None => t!(lang, "quota-now-unknown"),
        };
        let Some(wanted) = self.wanted else {
            let example =
                t!(lang, if resource.is_memory() { "quota-example-memory" } else { "quota-example" });
            let html = format!("{head}\n{now}\n\n{}", t!(lang, "quota-how-much", example = example));
            return offered(resource, self.current(facts), lang, Page::new(html));
        };
        let wanted = t!(lang, "quota-wanted", wanted = view_ticket::amount(lang, resource, wanted));
        let head = format!("{head}\n{now}\n{wanted}");
        if self.at() == At::Why {
            return Page::new(format!("{head}\n\n{}", t!(lang, "quota-why")))
                .with(t!(lang, "button-no-reason"), Choice::Other);
        }
        let draft = view::draft(lang, &self.draft);
        Page::new(format!("{head}{draft}\n\n{}", t!(lang, "review-send")))
            .with(t!(lang, "button-send"), Choice::Yes)
    }
}

/// Four amounts to press: the next sizes after the present one, or usual ones.
fn offered(resource: QuotaResource, current: Option<i64>, lang: Lang, page: Page) -> Page {
    let (steps, scale): (&[i64], i64) = match resource {
        QuotaResource::Cores | QuotaResource::Cpu => (&[4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256], 1),
        QuotaResource::Ram | QuotaResource::Memory => {
            (&[8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512], 1024)
        }
        QuotaResource::Instances => (&[2, 3, 5, 8, 10, 15, 20, 30, 50, 100], 1),
        QuotaResource::Pods => (&[10, 20, 30, 50, 80, 100, 150, 200, 300, 500], 1),
    };
    let usual = usize::from(current.is_none());
    let sizes = steps.iter().map(|n| n * scale).filter(|n| current.is_none_or(|now| *n > now));
    let buttons: Vec<(String, Choice)> = sizes
        .skip(usual)
        .take(4)
        .map(|n| (view_ticket::amount(lang, resource, n), Choice::Amount(n)))
        .collect();
    let rows = buttons.chunks(2).map(<[_]>::to_vec);
    Page { rows: page.rows.into_iter().chain(rows).collect(), ..page }
}
