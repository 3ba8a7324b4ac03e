//! Which account a request is about: the customer's Cabinet, or a place in a cluster.

use crm::domain::ids::ServiceId;
use crm::domain::kind::Terms;
use crm::domain::lang::Lang;
use crm::t;
use serde::{Deserialize, Serialize};

use super::tap::Choice;
use super::wizard::{Facts, Page, typed_one_of, typed_service};
use crate::say::escape;

/// An account that has quotas and credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// The customer's Cabinet.
    Cabinet,
    /// A place in a cluster.
    Cluster(ServiceId),
}

impl Account {
    /// All that this person's customer has.
    pub fn all(facts: &Facts) -> Vec<Self> {
        let cabinet = facts.cabinet.is_some().then_some(Self::Cabinet);
        cabinet.into_iter().chain(facts.clusters().map(|s| Self::Cluster(s.id.clone()))).collect()
    }

    /// The only one, if there is only one: nobody is asked to choose among one.
    pub fn only(facts: &Facts) -> Option<Self> {
        let mut all = Self::all(facts);
        if all.len() == 1 { all.pop() } else { None }
    }

    /// What was pressed, if it is one of the person's.
    pub fn pressed(choice: &Choice, facts: &Facts) -> Option<Self> {
        let meant = match choice {
            Choice::Cabinet => Self::Cabinet,
            Choice::Service(id) => Self::Cluster(id.clone()),
            _ => return None,
        };
        Self::all(facts).contains(&meant).then_some(meant)
    }

    /// What was typed instead of pressed.
    pub fn typed(typed: &str, facts: &Facts) -> Option<Self> {
        if facts.cabinet.is_some() && typed_one_of(typed, "typed-cabinet") {
            return Some(Self::Cabinet);
        }
        typed_service(typed, facts.clusters()).map(Self::Cluster)
    }

    /// The place in a cluster.
    pub fn service(&self) -> Option<&ServiceId> {
        match self {
            Self::Cabinet => None,
            Self::Cluster(id) => Some(id),
        }
    }

    /// Whose terms apply.
    pub const fn terms(&self) -> Terms {
        match self {
            Self::Cabinet => Terms::Vm,
            Self::Cluster(_) => Terms::Kubernetes,
        }
    }

    /// As people call it, for HTML.
    pub fn name(&self, lang: Lang) -> String {
        match self {
            Self::Cabinet => t!(lang, "the-cabinet"),
            Self::Cluster(id) => t!(lang, "the-cluster", name = escape(id.as_str())),
        }
    }

    /// The question which one, with a button each.
    pub fn page(facts: &Facts, question: String) -> Page {
        Self::all(facts).into_iter().fold(Page::new(question), |page, account| match account {
            Self::Cabinet => page.with(t!(facts.lang, "button-cabinet"), Choice::Cabinet),
            Self::Cluster(id) => page.with(format!("☸ {id}"), Choice::Service(id)),
        })
    }
}
