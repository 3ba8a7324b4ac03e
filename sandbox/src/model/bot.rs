//! A bot: its token, its public face and the updates that wait for it.

use super::ChatKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// One bot account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bot {
    /// Its user id, the part of the token before the colon.
    pub id: i64,
    /// The whole token.
    pub token: String,
    /// Its @name, without the at sign.
    pub username: String,
    /// Its display name in the default language.
    pub name: String,
    /// Names, descriptions and short descriptions by language ("" is the default).
    #[serde(default)]
    pub names: BTreeMap<String, String>,
    #[serde(default)]
    /// What an empty chat shows.
    pub descriptions: BTreeMap<String, String>,
    #[serde(default)]
    /// What the profile shows.
    pub short_descriptions: BTreeMap<String, String>,
    /// Command lists by "scope|language".
    #[serde(default)]
    pub commands: BTreeMap<String, Value>,
    /// Menu buttons by chat; 0 is the default.
    #[serde(default)]
    pub menu_buttons: BTreeMap<i64, Value>,
    /// Kinds of updates it asked for; none means Telegram's default.
    #[serde(default)]
    pub allowed_updates: Option<Vec<String>>,
    /// Where updates are pushed, if not polled.
    #[serde(default)]
    pub webhook: Option<Webhook>,
    /// The id the next update gets.
    pub next_update_id: i64,
    /// In groups, a bot with privacy that is no administrator sees commands and replies alone.
    #[serde(default)]
    pub privacy: bool,
    /// Rises with each getUpdates call, so that an older waiting call knows it was replaced.
    #[serde(skip)]
    pub poll_generation: u64,
    /// Updates not confirmed yet, in the order of delivery.
    #[serde(skip)]
    pub queue: VecDeque<QueuedUpdate>,
}

impl Bot {
    /// A bot with the given token; its id is the token's first part.
    pub fn new(token: &str, username: &str, name: &str) -> Option<Self> {
        let (id, secret) = token.split_once(':')?;
        if secret.is_empty() {
            return None;
        }
        Some(Self {
            id: id.parse().ok().filter(|id| *id > 0)?,
            token: token.to_owned(),
            username: username.to_owned(),
            name: name.to_owned(),
            names: BTreeMap::new(),
            descriptions: BTreeMap::new(),
            short_descriptions: BTreeMap::new(),
            commands: BTreeMap::new(),
            menu_buttons: BTreeMap::new(),
            allowed_updates: None,
            webhook: None,
            next_update_id: 500_000_001,
            privacy: false,
            poll_generation: 0,
            queue: VecDeque::new(),
        })
    }
}

/// The webhook of a bot, and how its deliveries went.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Webhook {
    /// Where to POST.
    pub url: String,
    /// Sent as `X-Telegram-Bot-Api-Secret-Token`.
    pub secret: Option<String>,
    /// Deliveries at the same time.
    pub max_connections: usize,
    /// When the last failure was, seconds.
    pub last_error_date: Option<i64>,
    /// What the last failure was.
    pub last_error_message: Option<String>,
    /// Rises with each setWebhook, so that an older delivery loop ends.
    #[serde(default)]
    pub generation: u64,
}

/// An update waiting to be confirmed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QueuedUpdate {
    /// Unique in the queue, also for a duplicate with the same update id.
    pub n: u64,
    /// When it happened, milliseconds.
    pub at_ms: i64,
    /// Telegram's number.
    pub update_id: i64,
    /// Deliveries of one chat keep their order.
    pub chat: Option<ChatKey>,
    /// The whole update as the bot reads it.
    pub json: Value,
    /// How many more times it comes back after being confirmed (a fault).
    #[serde(default)]
    pub again: u32,
}
