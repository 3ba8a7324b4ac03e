//! A person's phone in a test.

use super::{Seen, wait};
use crate::faults::FaultSpec;
use crate::files::MediaKind;
use crate::hub::Hub;
use crate::model::{ChatKey, Object};
use crate::world::{ActError, Answer, Draft, Payload, Pressed, World};
use axum::body::Bytes;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A phone, opened at one chat. Waits look at messages of others that came or changed after the last act
/// of this phone, in any order.
#[derive(Clone)]
pub struct Phone {
    hub: Arc<Hub>,
    /// Whose phone.
    pub id: i64,
    chat: i64,
    thread: Option<i64>,
    /// The number of the last event before the last act.
    mark: Arc<AtomicU64>,
    patience: Duration,
}

impl Phone {
    pub(super) fn new(hub: Arc<Hub>, id: i64, chat: i64, patience: Duration) -> Self {
        Self { hub, id, chat, thread: None, mark: Arc::new(AtomicU64::new(0)), patience }
    }

    /// The same phone, opened at another chat (a bot's or a group's id).
    #[must_use]
    pub fn at(&self, chat: i64) -> Self {
        Self { chat, thread: None, mark: Arc::new(AtomicU64::new(0)), ..self.clone() }
    }

    /// The same phone, opened at a topic of this chat.
    #[must_use]
    pub fn topic(&self, thread: i64) -> Self {
        Self { thread: Some(thread), mark: Arc::new(AtomicU64::new(0)), ..self.clone() }
    }

    /// The same phone with other patience.
    #[must_use]
    pub fn patience(&self, patience: Duration) -> Self {
        Self { patience, ..self.clone() }
    }

    /// Forgets what was seen so far: later waits look at what comes from now on.
    pub fn mark(&self) {
        self.mark.store(self.hub.with(|world| world.seq()), Ordering::SeqCst);
    }

    fn act<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        let before = self.hub.with(|world| world.seq());
        // The mark comes first, so that an instant answer is after it.
        self.mark.store(before, Ordering::SeqCst);
        self.hub.with(act)
    }

    /// Sends a text, or any [`Payload`] or [`Draft`]; gives the message's id.
    pub fn send(&self, what: impl Into<Draft>) -> Result<i64, ActError> {
        let mut draft = what.into();
        draft.thread = draft.thread.or(self.thread);
        self.act(|world| world.person_sends(self.id, self.chat, draft))
    }

    /// Answers a message.
    pub fn reply(&self, to: i64, text: &str) -> Result<i64, ActError> {
        self.send(Draft { reply_to: Some(to), ..Draft::from(text) })
    }

    /// Taps `https://t.me/<bot>?start=CODE`; an empty code is the Start button.
    pub fn start(&self, code: &str) -> Result<i64, ActError> {
        self.send(format!("/start {code}").trim())
    }

    /// Sends a photo (PNG, JPEG…).
    pub fn photo(&self, bytes: impl Into<Bytes>, caption: Option<&str>) -> Result<i64, ActError> {
        self.file(MediaKind::Photo, "photo.png", "image/png", bytes, caption)
    }

    /// Sends a document.
    pub fn document(&self, name: &str, bytes: impl Into<Bytes>) -> Result<i64, ActError> {
        self.file(MediaKind::Document, name, "application/octet-stream", bytes, None)
    }

    /// Sends the sample voice note.
    pub fn voice(&self) -> Result<i64, ActError> {
        self.send(crate::http::sample_voice())
    }

    /// Sends a file of any kind.
    pub fn file(
        &self,
        kind: MediaKind,
        name: &str,
        mime: &str,
        bytes: impl Into<Bytes>,
        caption: Option<&str>,
    ) -> Result<i64, ActError> {
        self.send(Payload::Media {
            kind,
            name: name.to_owned(),
            mime: mime.to_owned(),
            bytes: bytes.into(),
            caption: caption.map(str::to_owned),
            group: None,
        })
    }

    /// Sends several photos as one album.
    pub fn album(&self, photos: &[Vec<u8>], caption: Option<&str>) -> Result<Vec<i64>, ActError> {
        let group = format!("14{:012}{}", self.hub.with(|world| world.seq()), self.id);
        let mut ids = Vec::new();
        let before = self.hub.with(|world| world.seq());
        for (n, photo) in photos.iter().enumerate() {
            ids.push(self.send(Payload::Media {
                kind: MediaKind::Photo,
                name: format!("photo{n}.png"),
                mime: "image/png".into(),
                bytes: photo.clone().into(),
                caption: caption.filter(|_| n == 0).map(str::to_owned),
                group: Some(group.clone()),
            })?);
        }
        self.mark.store(before, Ordering::SeqCst);
        Ok(ids)
    }

    /// Shares the own phone number, as the request-contact button does.
    pub fn share_contact(&self) -> Result<i64, ActError> {
        let own = self.hub.with(|world| world.people.get(&self.id).cloned());
        let own = own.ok_or(ActError::UnknownPerson(self.id))?;
        let phone = own.phone.ok_or_else(|| ActError::Invalid("this person has no phone number".into()))?;
        self.send(Payload::Contact { phone, first_name: own.first_name, user_id: Some(self.id) })
    }

    /// Presses an inline button by label (a part is enough) or data; the newest message that has it.
    pub fn press(&self, button: &str) -> Result<Press, ActError> {
        self.press_on(None, button)
    }

    /// Presses a button under one message, or the newest that has it.
    pub fn press_on(&self, message: Option<i64>, button: &str) -> Result<Press, ActError> {
        let pressed = self.act(|world| world.person_presses(self.id, self.chat, message, button))?;
        Ok(Press { hub: self.hub.clone(), patience: self.patience, pressed })
    }

    /// Sends any callback data under a message: what an outdated or forged client sends.
    pub fn press_data(&self, message: i64, data: &str) -> Result<Press, ActError> {
        let pressed = self.act(|world| {
            let key = world.person_chat(self.id, self.chat).ok_or(ActError::UnknownChat(self.chat))?;
            world.press_data(self.id, key, message, data)
        })?;
        Ok(Press { hub: self.hub.clone(), patience: self.patience, pressed: Pressed::Callback(pressed) })
    }

    /// Edits an own message.
    pub fn edit(&self, message: i64, text: &str) -> Result<(), ActError> {
        self.act(|world| world.person_edits(self.id, self.chat, message, text))
    }

    /// Deletes a message; bots are not told.
    pub fn delete(&self, message: i64) -> Result<(), ActError> {
        self.act(|world| world.person_deletes(self.id, self.chat, message))
    }

    /// Blocks (or unblocks) the bot of this chat.
    pub fn block(&self, blocked: bool) -> Result<(), ActError> {
        self.act(|world| world.person_blocks(self.id, self.chat, blocked))
    }

    /// Sets the language of the person's Telegram.
    pub fn language(&self, code: &str) -> Result<(), ActError> {
        let mut fields = Object::new();
        fields.insert("language_code".into(), code.into());
        self.act(|world| world.person_changes(self.id, &fields))
    }

    /// A fault for calls that go to this person's chat.
    #[must_use]
    pub fn fault_here(&self, spec: FaultSpec) -> FaultSpec {
        let id = if self.chat > 0 { self.id } else { self.chat };
        spec.in_chat(id)
    }

    fn key(&self, world: &World) -> Option<ChatKey> {
        world.person_chat(self.id, self.chat)
    }

    fn look(&self, world: &World, after: u64) -> Vec<Seen> {
        let chat = self.key(world).and_then(|key| world.chats.get(&key));
        let messages = chat.into_iter().flat_map(|chat| chat.messages.values());
        let wanted = messages
            .filter(|m| m.seq > after && self.thread.is_none_or(|thread| m.thread == Some(thread)))
            .filter_map(|m| self.key(world).and_then(|key| world.message_view(key, m.id)));
        wanted.map(Seen::of).collect()
    }

    /// All messages of this chat (or topic), the oldest first.
    pub fn messages(&self) -> Vec<Seen> {
        self.hub.with(|world| self.look(world, 0))
    }

    /// The message with this id as it is now.
    pub fn message(&self, id: i64) -> Option<Seen> {
        self.messages().into_iter().find(|message| message.id == id)
    }

    /// The reply keyboard's labels.
    pub fn keyboard(&self) -> Vec<String> {
        let keyboard = self.hub.with(|world| {
            let chat = self.key(world).and_then(|key| world.chats.get(&key));
            chat.and_then(|chat| chat.keyboard.clone())
        });
        let rows = keyboard.as_ref().and_then(|k| k["keyboard"].as_array());
        let buttons = rows.into_iter().flatten().filter_map(Value::as_array).flatten();
        buttons.filter_map(|button| button["text"].as_str()).map(str::to_owned).collect()
    }

    /// Waits for a message of somebody else (new or changed after this phone's last act).
    pub async fn wait_for(&self, like: impl Fn(&Seen) -> bool) -> anyhow::Result<Seen> {
        let after = self.mark.load(Ordering::SeqCst);
        let look = |world: &World| self.look(world, after).into_iter().find(|m| m.from != self.id && like(m));
        if let Some(found) = wait(&self.hub, self.patience, look).await {
            return Ok(found);
        }
        let seen: Vec<String> = self.hub.with(|w| self.look(w, after)).into_iter().map(|m| m.text).collect();
        anyhow::bail!("{} saw no such message in {:?}, but {seen:#?}", self.id, self.patience)
    }

    /// Waits for a message with this part in its text.
    pub async fn wait_for_text(&self, part: &str) -> anyhow::Result<Seen> {
        use anyhow::Context;
        self.wait_for(|message| message.text.contains(part)).await.with_context(|| format!("text {part:?}"))
    }

    /// Waits for a topic whose name contains this part, and opens the phone there.
    pub async fn wait_for_topic(&self, part: &str) -> anyhow::Result<Self> {
        let look = |world: &World| {
            let chat = world.chats.get(&self.key(world)?)?;
            chat.topics.values().rev().find(|topic| topic.name.contains(part)).map(|topic| topic.id)
        };
        let found = wait(&self.hub, self.patience, look).await;
        found
            .map(|id| self.topic(id))
            .ok_or_else(|| anyhow::anyhow!("no topic {part:?} in {:?}", self.patience))
    }
}

/// A pressed button.
pub struct Press {
    hub: Arc<Hub>,
    patience: Duration,
    /// What it led to.
    pub pressed: Pressed,
}

impl Press {
    /// Waits for the bot's answer to the press (the toast or dialog; often empty).
    pub async fn answered(&self) -> anyhow::Result<Answer> {
        let Pressed::Callback(id) = &self.pressed else { anyhow::bail!("{:?} asks no bot", self.pressed) };
        let look = |world: &World| world.callbacks.get(id)?.answer.clone();
        let found = wait(&self.hub, self.patience, look).await;
        found.ok_or_else(|| anyhow::anyhow!("the button was not answered in {:?}", self.patience))
    }
}
