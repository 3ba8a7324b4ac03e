//! What a conversation works with: the transaction of the batch, the person, the words he hears, and what is sent after the commit.

use std::sync::Arc;

use crm::clock::Moment;
use crm::config::Support;
use crm::domain::actor::Actor;
use crm::domain::lang::Lang;
use crm::seal::Key;
use crm::service::{Service, ServiceError};
use crm::store::{Call, DialogueKey, OutboxItem, Person, StoreError, Tx};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::{Mutex, MutexGuard};

use crate::say::Say;
use crate::update::Incoming;

/// What stays the same from update to update.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The desk group.
    pub desk_chat: Option<i64>,
    /// The language of the desk group.
    pub desk_language: Lang,
    /// This bot's user name, for links.
    pub bot_username: String,
    /// Provider and telephone.
    pub support: Support,
    /// Opens what the provisioner closed for this bot.
    pub key: Arc<Key>,
    /// Where browsers reach the crm, for one-time links.
    pub address: url::Url,
}

/// One batch of updates: one transaction, and what is sent once it is committed and need not survive a crash.
pub struct Work {
    /// The transaction.
    pub tx: Tx,
    /// Calls that are only useful now: answers to button presses.
    pub fleeting: Vec<Call>,
}

/// Handed to every conversation; cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// Changes tickets.
    pub service: Service,
    /// Configuration.
    pub settings: Arc<Settings>,
    work: Arc<Mutex<Work>>,
    /// The update.
    pub incoming: Arc<Incoming>,
    /// Who sent it, as of this moment.
    pub person: Arc<Person>,
    /// The language he hears.
    pub lang: Lang,
    /// The moment everything in this update happens.
    pub now: Moment,
}

/// Why an update could not be handled.
pub type Result<T, E = ServiceError> = std::result::Result<T, E>;

impl Context {
    /// The context of one update: finds out who it is.
    pub async fn new(
        service: Service,
        settings: Arc<Settings>,
        work: Arc<Mutex<Work>>,
        incoming: Incoming,
    ) -> Result<Self, StoreError> {
        let person = work.lock().await.tx.person_fetch(incoming.from.id).await?;
        let lang = language(&person, &incoming);
        let now = service.now();
        Ok(Self {
            service,
            settings,
            work,
            incoming: Arc::new(incoming),
            person: Arc::new(person),
            lang,
            now,
        })
    }

    /// The same in another language, after it was chosen.
    #[must_use]
    pub fn speaking(&self, lang: Lang) -> Self {
        Self { lang, ..self.clone() }
    }

    /// The transaction. Hold it for a statement or two, never across another call of this context.
    pub async fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().await
    }

    /// Who acts, for commands: a contact, or a stranger. Staff act by [`Self::staff_actor`].
    pub fn customer_actor(&self) -> Actor {
        match &self.person.contact {
            Some(c) => Actor::Contact { id: c.id.clone(), customer: c.customer.clone() },
            None => Actor::Stranger { telegram: self.incoming.from.id },
        }
    }

    /// The staff member who acts, with the role of this moment; `None` for everybody else.
    pub fn staff_actor(&self) -> Option<Actor> {
        self.person.staff.as_ref().map(|s| Actor::Staff { id: s.id.clone(), role: s.role })
    }

    fn key(&self) -> DialogueKey {
        self.incoming.dialogue()
    }

    /// The state of this person's dialogue here and when it was last touched. A state that does not read any more (an upgrade) counts as
    /// none: the second value says that there was one.
    pub async fn dialogue<S: DeserializeOwned>(&self) -> Result<Option<(S, Moment)>> {
        let stored = self.work().await.tx.dialogue_fetch(self.key()).await?;
        Ok(stored.and_then(|(value, touched)| {
            serde_json::from_value(value)
                .inspect_err(|error| tracing::warn!(%error, "a stored dialogue does not read any more; it begins anew"))
                .ok()
                .map(|state| (state, touched))
        }))
    }

    /// Saves the state of this dialogue.
    pub async fn dialogue_save<S: Serialize + Sync>(&self, state: &S) -> Result<()> {
        let value = serde_json::to_value(state).unwrap_or_default();
        self.work().await.tx.dialogue_save(self.key(), value, self.now);
        Ok(())
    }

    /// Ends this dialogue.
    pub async fn dialogue_end(&self) -> Result<()> {
        self.work().await.tx.dialogue_end(self.key());
        Ok(())
    }

    /// Sends `say` into this chat (and topic).
    pub async fn send(&self, say: &Say) {
        self.queue(self.incoming.chat, say.send(self.incoming.chat, self.incoming.thread)).await;
    }

    /// Puts `say` in place of the message whose button was pressed; sends it anew when nothing was pressed.
    pub async fn replace(&self, say: &Say) {
        match self.incoming.what {
            crate::update::What::Press { message_id: Some(id), .. } => {
                self.queue(self.incoming.chat, say.edit(self.incoming.chat, id)).await;
            }
            _ => self.send(say).await,
        }
    }

    /// Queues any call, committed with this update.
    pub async fn queue(&self, chat: i64, call: Call) {
        let item = OutboxItem::call(self.service.clock().id(), chat, call, self.now);
        self.work().await.tx.outbox_add(item);
    }

    /// Answers a button press: a short toast, or with `alert` a window to be closed. Every press is answered once, or it spins.
    pub async fn toast(&self, text: &str, alert: bool) {
        if let crate::update::What::Press { callback_id, .. } = &self.incoming.what {
            // Telegram allows 200 characters.
            let text: String = text.chars().take(200).collect();
            let params = json!({ "callback_query_id": callback_id, "text": text, "show_alert": alert });
            let call =
                Call { method: "answerCallbackQuery".to_owned(), params, ticket: None, remember: None };
            self.work().await.fleeting.push(call);
        }
    }
}

/// What a person hears: what he chose, else the directory's, else his app's, else Kazakh.
fn language(person: &Person, incoming: &Incoming) -> Lang {
    person
        .chosen
        .or_else(|| person.contact.as_ref().map(|c| c.language))
        .or_else(|| person.staff.as_ref().map(|s| s.language))
        .unwrap_or_else(|| Lang::of_tag(incoming.from.language_code.as_deref()))
}
