//! The state on disk: a line of JSON for each changed thing, appended before anybody is answered. The last line
//! about a thing counts. A start reads the file and writes it anew, without what was replaced.

use crate::model::{Bot, Chat, ChatKey, Message, Person, QueuedUpdate, StoredFile, Topic};
use crate::world::{Callback, Touched, World};
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    Bot(Box<Bot>),
    Person(Box<Person>),
    Chat(Box<Chat>),
    Topic(ChatKey, Topic),
    Message(ChatKey, Box<Message>),
    Update(i64, Box<QueuedUpdate>),
    File(StoredFile),
    Callback(Box<Callback>),
    BotGone(i64),
    PersonGone(i64),
    ChatGone(ChatKey),
    TopicGone(ChatKey, i64),
    MessageGone(ChatKey, i64),
    UpdateGone(i64, u64),
    FileGone(String),
    CallbackGone(String),
}

/// The open journal of a state folder.
#[derive(Debug)]
pub struct Journal {
    file: File,
}

impl Journal {
    /// Reads the folder's journal into the world and opens it for more.
    pub fn open(folder: &Path, world: &mut World) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let path = folder.join("journal.jsonl");
        if path.exists() {
            replay(&path, world)?;
        }
        let fresh = folder.join("journal.jsonl.new");
        write_all(&fresh, world)?;
        std::fs::rename(&fresh, &path).with_context(|| format!("replacing {}", path.display()))?;
        let file = OpenOptions::new().append(true).open(&path)?;
        world.touched.clear();
        Ok(Self { file })
    }

    /// Where the bytes of files are kept.
    pub fn files(folder: &Path) -> PathBuf {
        folder.join("files")
    }

    /// Writes what changed, in one piece: a process that dies afterwards has lost nothing.
    pub fn append(&mut self, world: &World, touched: &BTreeSet<Touched>) -> std::io::Result<()> {
        let mut lines = Vec::new();
        for what in touched {
            serde_json::to_writer(&mut lines, &record(world, what))?;
            lines.push(b'\n');
        }
        self.file.write_all(&lines)
    }
}

fn record(world: &World, what: &Touched) -> Record {
    let chat = |key: &ChatKey| world.chats.get(key);
    match what {
        Touched::Bot(id) => match world.bots.get(id) {
            Some(bot) => {
                // The queue has lines of its own; the copy of the rest is small.
                let mut bot = bot.clone();
                bot.queue.clear();
                Record::Bot(Box::new(bot))
            }
            None => Record::BotGone(*id),
        },
        Touched::Person(id) => match world.people.get(id) {
            Some(person) => Record::Person(Box::new(person.clone())),
            None => Record::PersonGone(*id),
        },
        Touched::Chat(key) => match chat(key) {
            Some(chat) => {
                let mut bare = Chat::new(*key, chat.kind, &chat.title);
                bare.forum = chat.forum;
                bare.members.clone_from(&chat.members);
                bare.blocked = chat.blocked;
                bare.migrated_to = chat.migrated_to;
                bare.next_message_id = chat.next_message_id;
                bare.keyboard.clone_from(&chat.keyboard);
                bare.pinned.clone_from(&chat.pinned);
                Record::Chat(Box::new(bare))
            }
            None => Record::ChatGone(*key),
        },
        Touched::Topic(key, id) => match chat(key).and_then(|c| c.topics.get(id)) {
            Some(topic) => Record::Topic(*key, topic.clone()),
            None => Record::TopicGone(*key, *id),
        },
        Touched::Message(key, id) => match world.message(*key, *id) {
            Some(message) => Record::Message(*key, Box::new(message.clone())),
            None => Record::MessageGone(*key, *id),
        },
        Touched::Update(bot, n) => {
            let found = world.bots.get(bot).and_then(|b| b.queue.iter().rfind(|u| u.n == *n));
            found.map_or(Record::UpdateGone(*bot, *n), |u| Record::Update(*bot, Box::new(u.clone())))
        }
        Touched::File(id) => match world.files.get(id) {
            Some(file) => Record::File(file.clone()),
            None => Record::FileGone(id.clone()),
        },
        Touched::Callback(id) => match world.callbacks.get(id) {
            Some(callback) => Record::Callback(Box::new(callback.clone())),
            None => Record::CallbackGone(id.clone()),
        },
    }
}

fn replay(path: &Path, world: &mut World) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let mut lines = BufReader::new(file).lines().enumerate().peekable();
    while let Some((number, line)) = lines.next() {
        match serde_json::from_str(&line?) {
            Ok(record) => apply(world, record),
            // The process died in the middle of its last write: nobody was told of that change.
            Err(_) if lines.peek().is_none() => {}
            Err(error) => return Err(error).with_context(|| format!("{}:{}", path.display(), number + 1)),
        }
    }
    world.recount();
    Ok(())
}

fn apply(world: &mut World, record: Record) {
    match record {
        Record::Bot(mut bot) => {
            if let Some(old) = world.bots.remove(&bot.id) {
                bot.queue = old.queue;
            }
            world.bots.insert(bot.id, *bot);
        }
        Record::Person(person) => {
            world.people.insert(person.id, *person);
        }
        Record::Chat(mut chat) => {
            if let Some(old) = world.chats.remove(&chat.key) {
                chat.messages = old.messages;
                chat.topics = old.topics;
            }
            world.chats.insert(chat.key, *chat);
        }
        Record::Topic(key, topic) => {
            if let Some(chat) = world.chats.get_mut(&key) {
                chat.topics.insert(topic.id, topic);
            }
        }
        Record::Message(key, message) => {
            if let Some(chat) = world.chats.get_mut(&key) {
                chat.messages.insert(message.id, *message);
            }
        }
        Record::Update(bot, update) => {
            if let Some(bot) = world.bots.get_mut(&bot) {
                bot.queue.retain(|known| known.n != update.n);
                bot.queue.push_back(*update);
            }
        }
        Record::File(file) => {
            world.files.insert(file.file_id.clone(), file);
        }
        Record::Callback(callback) => {
            world.callbacks.insert(callback.id.clone(), *callback);
        }
        Record::BotGone(id) => {
            world.bots.remove(&id);
        }
        Record::PersonGone(id) => {
            world.people.remove(&id);
        }
        Record::ChatGone(key) => {
            world.chats.remove(&key);
        }
        Record::TopicGone(key, id) => {
            world.chats.get_mut(&key).and_then(|chat| chat.topics.remove(&id));
        }
        Record::MessageGone(key, id) => {
            world.chats.get_mut(&key).and_then(|chat| chat.messages.remove(&id));
        }
        Record::UpdateGone(bot, n) => {
            if let Some(bot) = world.bots.get_mut(&bot) {
                bot.queue.retain(|update| update.n != n);
            }
        }
        Record::FileGone(id) => {
            world.files.remove(&id);
        }
        Record::CallbackGone(id) => {
            world.callbacks.remove(&id);
        }
    }
}

fn write_all(path: &Path, world: &World) -> anyhow::Result<()> {
    let mut all = BTreeSet::new();
    for bot in world.bots.values() {
        all.insert(Touched::Bot(bot.id));
        all.extend(bot.queue.iter().map(|update| Touched::Update(bot.id, update.n)));
    }
    all.extend(world.people.keys().map(|id| Touched::Person(*id)));
    for (key, chat) in &world.chats {
        all.insert(Touched::Chat(*key));
        all.extend(chat.topics.keys().map(|id| Touched::Topic(*key, *id)));
        all.extend(chat.messages.keys().map(|id| Touched::Message(*key, *id)));
    }
    all.extend(world.files.keys().map(|id| Touched::File(id.clone())));
    all.extend(world.callbacks.keys().map(|id| Touched::Callback(id.clone())));
    let file = File::create(path).with_context(|| format!("writing {}", path.display()))?;
    let mut journal = Journal { file };
    journal.append(world, &all)?;
    journal.file.sync_all()?;
    Ok(())
}
