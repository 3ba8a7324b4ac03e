//! The sandbox's whole state and the only code that changes it. Everything here is synchronous:
//! `hub.rs` puts one lock around it and wakes whoever waits.

mod acts;
mod buttons;
mod events;
pub(crate) mod groups;
pub(crate) mod messages;
mod render;
mod setup;
mod updates;
mod view;

pub use acts::{ActError, Draft, Payload};
pub use buttons::Pressed;
pub use events::{Answer, CallRecord, Callback, Event, EventKind};
pub use setup::GroupSpec;

use crate::clock::Clock;
use crate::faults::Faults;
use crate::files::FileStore;
use crate::limits::Limits;
use crate::model::{Author, Bot, Chat, ChatKey, Message, Person, StoredFile};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Something that changed since the journal was last written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Touched {
    Bot(i64),
    Person(i64),
    Chat(ChatKey),
    Topic(ChatKey, i64),
    Message(ChatKey, i64),
    Update(i64, u64),
    File(String),
    Callback(String),
}

/// Events and calls kept for readers; older ones are dropped.
const KEPT: usize = 20_000;

/// Everything.
pub struct World {
    /// Bots by id.
    pub bots: BTreeMap<i64, Bot>,
    /// People by id.
    pub people: BTreeMap<i64, Person>,
    /// All chats.
    pub chats: BTreeMap<ChatKey, Chat>,
    /// Files by file id.
    pub files: BTreeMap<String, StoredFile>,
    /// Button presses, answered or not.
    pub callbacks: BTreeMap<String, Callback>,
    /// The rate limits.
    pub limits: Limits,
    /// Injected faults.
    pub faults: Faults,
    /// What bots called, the newest last.
    pub calls: VecDeque<CallRecord>,
    /// What happened, for pages and waiting tests.
    pub events: VecDeque<Event>,
    /// The words of the page's help box, from the world file.
    pub page: crate::worldfile::PageWords,
    /// The bytes of the files.
    pub(crate) bytes: FileStore,
    /// What the journal has yet to write.
    pub(crate) touched: BTreeSet<Touched>,
    pub(crate) clock: Arc<dyn Clock>,
    seq: u64,
    next_call: u64,
    next_queued: u64,
    next_file: u64,
    next_callback: u64,
}

impl World {
    /// An empty world.
    pub fn new(clock: Arc<dyn Clock>, bytes: FileStore) -> Self {
        Self {
            bots: BTreeMap::new(),
            people: BTreeMap::new(),
            chats: BTreeMap::new(),
            files: BTreeMap::new(),
            callbacks: BTreeMap::new(),
            limits: Limits::default(),
            faults: Faults::default(),
            calls: VecDeque::new(),
            events: VecDeque::new(),
            page: crate::worldfile::PageWords::default(),
            bytes,
            touched: BTreeSet::new(),
            clock,
            seq: 0,
            next_call: 0,
            next_queued: 0,
            next_file: 0,
            next_callback: 0,
        }
    }

    /// The present moment, milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The present moment, seconds.
    pub fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// The number of the last event.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The bot that has this token.
    pub fn bot_by_token(&self, token: &str) -> Option<i64> {
        let id = token.split(':').next()?.parse().ok()?;
        self.bots.get(&id).filter(|bot| bot.token == token).map(|bot| bot.id)
    }

    /// A message that is still there.
    pub fn message(&self, key: ChatKey, id: i64) -> Option<&Message> {
        self.chats.get(&key)?.messages.get(&id)
    }

    /// The chats a person has, the newest first.
    pub fn chats_of(&self, person: i64) -> Vec<&Chat> {
        let mut chats: Vec<&Chat> = self
            .chats
            .values()
            .filter(|chat| match chat.key {
                ChatKey::Private { person: whose, .. } => whose == person,
                ChatKey::Group { .. } => chat.status(person).is_present() && chat.migrated_to.is_none(),
            })
            .collect();
        chats.sort_by_key(|chat| std::cmp::Reverse(chat.messages.values().last().map_or(0, |m| m.seq)));
        chats
    }

    /// The chat that a person knows under this id: a bot's id or a group's.
    pub fn person_chat(&self, person: i64, chat: i64) -> Option<ChatKey> {
        if chat > 0 {
            return self.bots.contains_key(&chat).then_some(ChatKey::Private { bot: chat, person });
        }
        let key = ChatKey::Group { id: chat };
        self.chats.get(&key).filter(|c| c.status(person).is_present()).map(|c| c.key)
    }

    /// A display name.
    pub fn name_of(&self, author: Author) -> String {
        match author {
            Author::Bot(id) => self.bots.get(&id).map(|b| b.name.clone()).unwrap_or_default(),
            Author::Person(id) => self.people.get(&id).map(Person::full_name).unwrap_or_default(),
        }
    }

    pub(crate) fn next_file_number(&mut self) -> u64 {
        self.next_file += 1;
        self.next_file
    }

    pub(crate) fn touch(&mut self, what: Touched) {
        self.touched.insert(what);
    }

    /// Restores the counters after a journal was read.
    pub(crate) fn recount(&mut self) {
        let messages = self.chats.values().flat_map(|c| c.messages.values().map(|m| m.seq));
        self.seq = messages.max().unwrap_or(0);
        self.next_queued = self.bots.values().flat_map(|b| b.queue.iter().map(|u| u.n)).max().unwrap_or(0);
        self.next_file = u64::try_from(self.files.len()).unwrap_or(0);
        self.next_callback = u64::try_from(self.callbacks.len()).unwrap_or(0);
    }
}
