//! Making bots, people and groups.

use super::{ActError, EventKind, Touched, World};
use crate::model::{Bot, Chat, ChatKey, ChatKind, MemberStatus, Person};
use serde::{Deserialize, Serialize};

/// A group to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GroupSpec {
    /// Negative; supergroups begin with -100.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// A supergroup with topics.
    #[serde(default)]
    pub forum: bool,
    /// A basic group instead of a supergroup.
    #[serde(default)]
    pub basic: bool,
    /// The owner; without one, the first member.
    #[serde(default)]
    pub owner: Option<i64>,
    /// People by id.
    #[serde(default)]
    pub members: Vec<i64>,
    /// Bots by id or @name that are administrators; without the list, all bots are.
    #[serde(default)]
    pub bots: Option<Vec<String>>,
    /// Bots that are plain members.
    #[serde(default)]
    pub plain_bots: Vec<String>,
}

impl GroupSpec {
    /// A forum with all bots as administrators.
    pub fn forum(id: i64, title: &str, members: &[i64]) -> Self {
        Self {
            id,
            title: title.to_owned(),
            forum: true,
            basic: false,
            owner: None,
            members: members.to_vec(),
            bots: None,
            plain_bots: Vec::new(),
        }
    }

    /// A basic group with all bots as administrators.
    pub fn basic(id: i64, title: &str, members: &[i64]) -> Self {
        Self { forum: false, basic: true, ..Self::forum(id, title, members) }
    }
}

impl World {
    /// Adds a bot, or renames the one with this id.
    pub fn add_bot(&mut self, token: &str, username: &str, name: &str) -> Result<i64, ActError> {
        let bot = Bot::new(token, username, name)
            .ok_or_else(|| ActError::Invalid("a token looks like 100000:secret".into()))?;
        let id = bot.id;
        if let Some(known) = self.bots.get_mut(&id) {
            known.token = bot.token;
            known.username = bot.username;
            known.name = bot.name;
        } else {
            self.bots.insert(id, bot);
        }
        self.touch(Touched::Bot(id));
        self.emit(EventKind::Bot { bot: id });
        Ok(id)
    }

    /// Adds a person, or replaces the one with this id.
    pub fn add_person(&mut self, mut person: Person) -> Result<i64, ActError> {
        let id = person.id;
        person.place = self.people.get(&id).map_or(self.people.len(), |known| known.place);
        if id <= 0 || self.bots.contains_key(&id) {
            return Err(ActError::Invalid(format!("a person can't have the id {id}")));
        }
        self.people.insert(id, person);
        self.touch(Touched::Person(id));
        self.emit(EventKind::Person { person: id });
        Ok(id)
    }

    /// Adds a group; one that is there keeps its messages and gets the members.
    pub fn add_group(&mut self, spec: &GroupSpec) -> Result<(), ActError> {
        if spec.id >= 0 {
            return Err(ActError::Invalid("a group has a negative id".into()));
        }
        let key = ChatKey::Group { id: spec.id };
        let find = |world: &Self, name: &str| {
            let name = name.trim_start_matches('@');
            let by_id = name.parse().ok().filter(|id| world.bots.contains_key(id));
            by_id.or_else(|| world.bots.values().find(|b| b.username == name).map(|b| b.id))
        };
        let mut bots = Vec::new();
        match &spec.bots {
            None => bots.extend(self.bots.keys().map(|id| (*id, MemberStatus::Administrator))),
            Some(names) => {
                for name in names {
                    let id = find(self, name)
                        .ok_or_else(|| ActError::Invalid(format!("there is no bot {name}")))?;
                    bots.push((id, MemberStatus::Administrator));
                }
            }
        }
        for name in &spec.plain_bots {
            let id = find(self, name).ok_or_else(|| ActError::Invalid(format!("there is no bot {name}")))?;
            bots.retain(|(other, _)| *other != id);
            bots.push((id, MemberStatus::Member));
        }
        let kind = if spec.basic { ChatKind::Group } else { ChatKind::Supergroup };
        let is_new = !self.chats.contains_key(&key);
        let chat = self.chats.entry(key).or_insert_with(|| Chat::new(key, kind, &spec.title));
        if is_new {
            chat.forum = spec.forum && !spec.basic;
            // Message 1 is the group's own creation: the General topic has the id 1.
            chat.next_message_id = 2;
        }
        chat.title.clone_from(&spec.title);
        let owner = spec.owner.or_else(|| spec.members.first().copied());
        for id in &spec.members {
            chat.members.entry(*id).or_insert(MemberStatus::Member);
        }
        if let Some(owner) = owner {
            chat.members.insert(owner, MemberStatus::Creator);
        }
        let joined: Vec<_> = bots.into_iter().filter(|(id, _)| !chat.members.contains_key(id)).collect();
        for (id, status) in &joined {
            chat.members.insert(*id, *status);
        }
        self.chat_changed(key);
        for (id, status) in joined {
            self.my_chat_member(id, key, owner.unwrap_or(0), MemberStatus::Left, status);
        }
        Ok(())
    }

    /// Back to an empty world; faults and limits too.
    pub fn reset(&mut self) {
        let bots: Vec<i64> = self.bots.keys().copied().collect();
        for bot in bots {
            self.drop_pending(bot);
        }
        let mut gone = Vec::new();
        gone.extend(self.bots.keys().map(|id| Touched::Bot(*id)));
        gone.extend(self.people.keys().map(|id| Touched::Person(*id)));
        gone.extend(self.files.keys().map(|id| Touched::File(id.clone())));
        gone.extend(self.callbacks.keys().map(|id| Touched::Callback(id.clone())));
        gone.extend(self.chats.keys().map(|key| Touched::Chat(*key)));
        self.touched.extend(gone);
        self.bots.clear();
        self.people.clear();
        self.files.clear();
        self.callbacks.clear();
        self.chats.clear();
        self.calls.clear();
        self.faults.clear();
        self.limits.clear();
        self.emit(EventKind::Reset);
    }
}
