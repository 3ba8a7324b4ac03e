//! A connection between networks in two availability zones or between two namespaces (T4), or its removal: from which network, to which
//! other, why, a last look. Where the directory does not know the customer's networks, he says all of it in words.

use crm::domain::action::LinkPlace;
use crm::domain::form::Form;
use crm::domain::ids::NetworkId;
use crm::domain::kind::Kind;
use crm::t;
use serde::{Deserialize, Serialize};

use super::State;
use super::tap::Choice;
use super::wizard::{Draft, Facts, Input, KnownNetwork, Page, Run, Step, no_answer, typed_one_of};
use crate::say::escape;
use crate::view;

/// What has been answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// One end.
    #[serde(default)]
    from: Option<NetworkId>,
    /// The other end.
    #[serde(default)]
    to: Option<NetworkId>,
    /// A link is to go, not to come.
    #[serde(default)]
    remove: bool,
    /// Why.
    #[serde(default)]
    draft: Draft,
}

/// The question that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    From,
    To,
    Why,
    Review,
}

impl From<Link> for State {
    fn from(link: Link) -> Self {
        Self::Link(link)
    }
}

/// Whether there is anything to choose: two networks that can be linked.
fn listed(facts: &Facts) -> bool {
    facts.networks.iter().any(|n| has_other_end(n, facts))
}

fn has_other_end(network: &KnownNetwork, facts: &Facts) -> bool {
    facts.networks.iter().any(|other| other.place.links_with(&network.place))
}

fn network<'a>(id: &NetworkId, facts: &'a Facts) -> Option<&'a KnownNetwork> {
    facts.networks.iter().find(|n| n.id == *id)
}

fn name(id: &NetworkId, facts: &Facts) -> String {
    network(id, facts).map_or_else(|| id.to_string(), KnownNetwork::label)
}

impl Link {
    /// What is written but not sent.
    pub const fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The same, to put right.
    pub const fn draft_mut(&mut self) -> &mut Draft {
        &mut self.draft
    }

    fn at(&self, facts: &Facts) -> At {
        match self {
            Self { from: None, .. } if listed(facts) => At::From,
            Self { to: None, .. } if listed(facts) => At::To,
            Self { draft, .. } if draft.is_empty() => At::Why,
            _ => At::Review,
        }
    }

    /// The networks that may be chosen now: for the other end, those that can be linked with the first.
    fn offered<'a>(&self, facts: &'a Facts) -> Vec<&'a KnownNetwork> {
        let fits = |n: &&KnownNetwork| match self.from.as_ref().map(|id| network(id, facts)) {
            Some(Some(from)) => n.place.links_with(&from.place),
            Some(None) => false,
            None => has_other_end(n, facts),
        };
        facts.networks.iter().filter(fits).collect()
    }

    /// The next step.
    pub fn step(mut self, input: Input, facts: &Facts) -> Step {
        let at = self.at(facts);
        match (at, input) {
            (At::From | At::To, Input::Chosen(Choice::Network(id))) => self.picked(at, &id, facts),
            (At::From, Input::Chosen(Choice::Other)) => {
                self.remove = !self.remove;
                Step::ask(self)
            }
            (At::Review, Input::Chosen(Choice::Yes)) => self.run(),
            (_, Input::Chosen(Choice::Back)) => self.back(at, facts),
            (_, Input::Chosen(_)) => Step::Stale(self.into()),
            (At::From | At::To, Input::Wrote(draft)) => {
                let typed = draft.text.trim().to_lowercase();
                let nth = typed.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                let offered = self.offered(facts);
                let named = offered.iter().find(|n| n.id.as_str().to_lowercase() == typed);
                match named.or_else(|| offered.get(nth?)).map(|n| n.id.clone()) {
                    Some(id) => self.picked(at, &id, facts),
                    None if self.draft.is_empty() => {
                        no_answer(self, draft, |_| t!(facts.lang, "choose-below"))
                    }
                    None => Step::note(self, t!(facts.lang, "choose-below")),
                }
            }
            (At::Why, Input::Wrote(draft)) => {
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

    /// A network from a button or typed: only one that is offered counts.
    fn picked(mut self, at: At, id: &NetworkId, facts: &Facts) -> Step {
        if !self.offered(facts).iter().any(|n| n.id == *id) {
            return Step::note(self, t!(facts.lang, "choose-below"));
        }
        if at == At::From {
            self.from = Some(id.clone());
        } else {
            self.to = Some(id.clone());
        }
        Step::ask(self)
    }

    fn back(mut self, at: At, facts: &Facts) -> Step {
        match at {
            At::From => return Step::Leave,
            At::Why if !listed(facts) => return Step::Leave,
            At::To => self.from = None,
            At::Why => self.to = None,
            At::Review if listed(facts) => self.to = None,
            At::Review => {
                let unsent = view::unsent(facts.lang, &self.draft);
                return Step::note(Self::default(), unsent);
            }
        }
        Step::ask(self)
    }

    fn run(self) -> Step {
        let form = match (self.from, self.to) {
            (Some(from), Some(to)) => Form::ZoneLink { from, to, remove: self.remove },
            _ => Form::Plain,
        };
        Step::Run(Run::Open { kind: Kind::ZoneLink, form, draft: self.draft })
    }

    /// What is shown.
    pub fn page(&self, facts: &Facts) -> Page {
        let lang = facts.lang;
        let ends = || match (&self.from, &self.to) {
            (Some(from), Some(to)) => {
                let (from, to) = (escape(&name(from, facts)), escape(&name(to, facts)));
                let key = if self.remove { "unlink-ends" } else { "link-ends" };
                t!(lang, key, from = from, to = to)
            }
            _ => t!(lang, "kind-zone_link"),
        };
        let networks = |page: Page| {
            self.offered(facts)
                .into_iter()
                .fold(page, |page, n| page.with(n.label(), Choice::Network(n.id.clone())))
        };
        match self.at(facts) {
            At::From if self.remove => networks(Page::new(t!(lang, "unlink-from")))
                .with(t!(lang, "button-link-instead"), Choice::Other),
            At::From => {
                networks(Page::new(t!(lang, "link-from"))).with(t!(lang, "button-unlink"), Choice::Other)
            }
            At::To => {
                let from = self.from.as_ref().map(|id| escape(&name(id, facts))).unwrap_or_default();
                let zone = self.from.as_ref().and_then(|id| network(id, facts));
                let key = match zone.map(|n| &n.place) {
                    _ if self.remove => "unlink-to",
                    Some(LinkPlace::Cluster { .. }) => "link-to-namespace",
                    _ => "link-to",
                };
                networks(Page::new(t!(lang, key, from = from)))
            }
            At::Why if listed(facts) => Page::new(format!("{}\n\n{}", ends(), t!(lang, "link-why"))),
            At::Why => Page::new(t!(lang, "link-describe")),
            At::Review => {
                let draft = view::draft(lang, &self.draft);
                Page::new(format!("{}{draft}\n\n{}", ends(), t!(lang, "review-send")))
                    .with(t!(lang, "button-send"), Choice::Yes)
            }
        }
    }
}
