//! What all conversations that ask questions have in common: what comes in, what follows, what is shown.
//!
//! A conversation is a state that steps: pure, so that each is tested as a table and none can forget to save something. The talk
//! around it (`talk.rs`) loads the facts, shows the page and carries out what the last step wants.

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::directory::Network;
use crm::domain::action::LinkPlace;
use crm::domain::form::Form;
use crm::domain::ids::{NetworkId, ServiceId, TicketNumber};
use crm::domain::kind::{Kind, Terms};
use crm::domain::lang::Lang;
use crm::domain::ticket::Ticket;
use crm::service::Words;
use crm::store::{Attachment, QuotaFact, Rented};
use serde::{Deserialize, Serialize};

use super::State;
use super::password::Password;
use super::stray::Stray;
use super::tap::{Choice, Topic};
use crate::say::is_visible;
use crate::update::Written;

/// What a person has written for something that is not sent yet. Kept in the dialogue, so that not a word is lost on the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The words; several messages are several lines.
    pub text: String,
    /// The files.
    pub files: Vec<Attachment>,
    /// The numbers of the messages, to be linked with the ticket.
    pub messages: Vec<i64>,
}

impl Draft {
    /// Of one message.
    pub fn of(written: &Written) -> Self {
        Self {
            text: if is_visible(&written.text) { written.text.trim().to_owned() } else { String::new() },
            files: written.attachments.clone(),
            messages: vec![written.message_id],
        }
    }

    /// Whether there is neither a word nor a file.
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty() && self.files.is_empty()
    }

    /// Adds what was written after it.
    pub fn add(&mut self, more: Self) {
        if !self.text.is_empty() && !more.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(&more.text);
        self.files.extend(more.files);
        self.messages.extend(more.messages);
    }

    /// Message `id` was edited before anything was sent. Its words alone are replaced by the new ones; among others, where they stood
    /// is not known any more, and the new ones follow. `false` if nothing in here is of that message.
    pub fn edit(&mut self, id: i64, text: &str) -> bool {
        if !self.messages.contains(&id) || text.is_empty() {
            return false;
        }
        if self.messages == [id] {
            text.clone_into(&mut self.text);
        } else {
            self.add(Self { text: format!("✎ {text}"), ..Self::default() });
        }
        true
    }

    /// As the service takes it.
    pub fn words(&self) -> Words {
        Words { text: self.text.clone(), attachments: self.files.clone() }
    }
}

/// What a person does in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Presses a button of the page.
    Chosen(Choice),
    /// Writes or sends something.
    Wrote(Draft),
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The next question.
    Ask(State),
    /// A question, after a line of HTML that explains.
    Note(State, String),
    /// All is known: do it.
    Run(Run),
    /// Out of the conversation, back to the menu.
    Leave,
    /// This answer belongs to another question.
    Stale(State),
}

impl Step {
    /// The next question.
    pub fn ask(state: impl Into<State>) -> Self {
        Self::Ask(state.into())
    }

    /// The next question, after a line that explains.
    pub fn note(state: impl Into<State>, html: String) -> Self {
        Self::Note(state.into(), html)
    }
}

/// What a conversation comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// A new ticket.
    Open {
        /// What is asked.
        kind: Kind,
        /// The answers.
        form: Form,
        /// The words.
        draft: Draft,
    },
    /// A message to a ticket.
    Write {
        /// Which.
        to: TicketNumber,
        /// The words.
        draft: Draft,
    },
    /// A solved ticket that is not solved.
    Reopen {
        /// Which.
        ticket: TicketNumber,
        /// What is wrong still; may be empty.
        draft: Draft,
    },
    /// Words to a rating.
    Rate {
        /// Of which ticket.
        ticket: TicketNumber,
        /// The rating.
        score: u8,
        /// The words.
        draft: Draft,
    },
    /// A code to the person's e-mail, so that he proves who asks.
    SendCode(Password),
    /// He has typed these digits.
    CheckCode(Password, String),
}

/// What is shown: a text and the answers that are offered. The talk adds the way back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Telegram's HTML.
    pub html: String,
    /// Labels and what they mean, in rows.
    pub rows: Vec<Vec<(String, Choice)>>,
}

impl Page {
    /// Words alone.
    pub fn new(html: String) -> Self {
        Self { html, rows: Vec::new() }
    }

    /// Adds a row with one answer.
    #[must_use]
    pub fn with(mut self, label: impl Into<String>, choice: Choice) -> Self {
        self.rows.push(vec![(label.into(), choice)]);
        self
    }

    /// Adds a row with two answers.
    #[must_use]
    pub fn pair(mut self, one: (String, Choice), two: (String, Choice)) -> Self {
        self.rows.push(vec![one, two]);
        self
    }
}

/// What a step may know.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The language of this moment.
    pub lang: Lang,
    /// Now.
    pub now: Moment,
    /// What the person's customer rents.
    pub services: Vec<Rented>,
    /// The person's tickets that are not over, newest first.
    pub tickets: Vec<Ticket>,
    /// The user of the customer's Cabinet, where that matters and there is one.
    pub cabinet: Option<String>,
    /// Where a code would go that proves who asks, masked; where that matters and there is such a channel.
    pub mail: Option<String>,
    /// Quotas as last read, where that matters.
    pub quotas: Vec<QuotaFact>,
    /// The customer's networks, where that matters.
    pub networks: Vec<KnownNetwork>,
    /// Services that cannot be tried any more, where that matters.
    pub trials_had: Vec<Terms>,
    /// Whether the person speaks for a customer.
    pub bound: bool,
    /// The telephone of the support, for HTML.
    pub phone: String,
    /// How long things are promised to take.
    pub promises: Promises,
}

/// A network of the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownNetwork {
    /// Its id.
    pub id: NetworkId,
    /// Where it is.
    pub place: LinkPlace,
    /// Its addresses, `10.1.0.0/24`.
    pub cidr: String,
}

impl From<Network> for KnownNetwork {
    fn from(network: Network) -> Self {
        Self { id: network.id, place: network.place, cidr: network.cidr }
    }
}

impl KnownNetwork {
    /// As people tell it from others: `ala-1 · web · 10.1.0.0/24`, a namespace `☸ ala-k8s · acme · acme-pods`.
    pub fn label(&self) -> String {
        match &self.place {
            LinkPlace::Zone { zone, .. } => format!("{zone} · {} · {}", self.id, self.cidr),
            LinkPlace::Cluster { cluster, namespace } => format!("☸ {cluster} · {namespace} · {}", self.id),
        }
    }
}

/// What a conversation needs to know beyond the services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// The tickets under way.
    Tickets,
    /// Cabinet and quotas.
    Accounts,
    /// Which services can still be tried.
    Trials,
    /// The customer's networks.
    Networks,
}

impl Needs {
    /// Of a conversation in the middle.
    pub const fn of(state: &State) -> Self {
        match state {
            State::Stray(_) => Self::Tickets,
            State::Quota(_) | State::Password(_) => Self::Accounts,
            State::Link(_) => Self::Networks,
            State::Order(order) if order.trial => Self::Trials,
            _ => Self::Nothing,
        }
    }

    /// Of one that begins.
    pub const fn to_begin(topic: Topic) -> Self {
        match topic {
            Topic::Quota | Topic::Password => Self::Accounts,
            Topic::Trial => Self::Trials,
            Topic::Link => Self::Networks,
            _ => Self::Nothing,
        }
    }
}

/// Promised lengths of time, of the terms in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Promises {
    /// T8: the first reply.
    pub first_reply: TimeDelta,
    /// T5.
    pub critical: TimeDelta,
    /// T6.
    pub minor: TimeDelta,
    /// How long a guest may take to go down by itself.
    pub graceful_wait: TimeDelta,
}

impl Facts {
    /// The person's virtual machines.
    pub fn vms(&self) -> impl Iterator<Item = &Rented> {
        self.services.iter().filter(|s| s.terms == Terms::Vm)
    }

    /// The person's places in clusters.
    pub fn clusters(&self) -> impl Iterator<Item = &Rented> {
        self.services.iter().filter(|s| s.terms == Terms::Kubernetes)
    }

    /// One of the person's services; a claim of a button finds nothing of another customer's.
    pub fn service(&self, id: &ServiceId) -> Option<&Rented> {
        self.services.iter().find(|s| s.id == *id)
    }
}

/// The service of a list that somebody typed instead of pressing: its name, its beginning if no other begins so, or its number.
pub fn typed_service<'a>(typed: &str, listed: impl Iterator<Item = &'a Rented>) -> Option<ServiceId> {
    let listed: Vec<&Rented> = listed.collect();
    let typed = typed.trim().to_lowercase();
    if typed.is_empty() {
        return None;
    }
    if let Some(nth) = typed.trim_end_matches('.').parse::<usize>().ok().and_then(|n| n.checked_sub(1)) {
        return listed.get(nth).map(|s| s.id.clone());
    }
    let name = |s: &Rented| s.id.as_str().to_lowercase();
    if let Some(exact) = listed.iter().find(|s| name(s) == typed) {
        return Some(exact.id.clone());
    }
    let mut alike = listed.iter().filter(|s| name(s).starts_with(&typed) || name(s).ends_with(&typed));
    match (alike.next(), alike.next()) {
        (Some(one), None) => Some(one.id.clone()),
        _ => None,
    }
}

/// What is typed where a button should be pressed and is no answer: a few words are asked again with `note`; a file or a whole sentence
/// is something the person wants to say, and finds its place.
pub fn no_answer(state: impl Into<State>, draft: Draft, note: impl FnOnce(&Draft) -> String) -> Step {
    // As long as the longest id of a service.
    const A_NAME: usize = 40;
    if draft.files.is_empty() && draft.text.chars().count() <= A_NAME {
        let note = note(&draft);
        Step::note(state, note)
    } else {
        Step::ask(Stray::of(draft))
    }
}

/// Whether `typed` is one of the words that the text `key` lists, in any of the languages.
pub fn typed_one_of(typed: &str, key: &str) -> bool {
    let typed = typed.trim().trim_end_matches(['.', '!', ',']).to_lowercase();
    !typed.is_empty()
        && Lang::ALL.iter().any(|lang| crm::t!(*lang, key).split(',').any(|word| word.trim() == typed))
}

#[cfg(test)]
mod tests {
    use crm::domain::ids::{CustomerId, ZoneId};

    use super::*;

    fn vm(id: &str) -> Rented {
        Rented {
            id: ServiceId::from(id),
            customer: CustomerId::from("acme"),
            terms: Terms::Vm,
            domain: Some((ZoneId::from("ala-1"), id.to_owned())),
            state: None,
            lock_reason: None,
            lock_ticket: None,
        }
    }

    #[test]
    fn a_typed_machine_is_found_by_name_beginning_or_number() {
        let all = [vm("acme-db"), vm("acme-web"), vm("shop")];
        let find = |typed: &str| typed_service(typed, all.iter()).map(|id| id.0);
        for (typed, found) in [
            ("acme-web", Some("acme-web")),
            (" Acme-WEB ", Some("acme-web")),
            ("web", Some("acme-web")),
            ("sh", Some("shop")),
            ("2", Some("acme-web")),
            ("3.", Some("shop")),
            ("acme", None),
            ("0", None),
            ("4", None),
            ("", None),
            ("birlik-web", None),
        ] {
            assert_eq!(find(typed).as_deref(), found, "{typed}");
        }
    }

    #[test]
    fn a_draft_keeps_every_word_and_file() {
        let mut draft = Draft { text: "one".to_owned(), files: Vec::new(), messages: vec![1] };
        draft.add(Draft { text: String::new(), files: Vec::new(), messages: vec![2] });
        draft.add(Draft { text: "two".to_owned(), files: Vec::new(), messages: vec![3] });
        assert_eq!((draft.text.as_str(), draft.messages.as_slice()), ("one\ntwo", &[1, 2, 3][..]));
    }
}
