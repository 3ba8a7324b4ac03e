//! The queue of updates of each bot: filled by what happens, emptied by a higher offset or a webhook's 200.

use super::{EventKind, Touched, World};
use crate::faults::UpdateFault;
use crate::model::{ChatKey, QueuedUpdate};
use serde_json::{Value, json};

/// Telegram forgets updates after a day.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Kinds that a bot gets only when it asks for them by name.
const ON_REQUEST: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

impl World {
    /// Gives an update to a bot, if it wants this kind.
    pub(super) fn enqueue(&mut self, bot_id: i64, kind: &str, chat: Option<ChatKey>, body: &Value) {
        let now = self.now_ms();
        let Some(bot) = self.bots.get_mut(&bot_id) else { return };
        let wanted = match bot.allowed_updates.as_deref() {
            None | Some([]) => !ON_REQUEST.contains(&kind),
            Some(kinds) => kinds.iter().any(|k| k == kind),
        };
        if !wanted {
            return;
        }
        let update_id = bot.next_update_id;
        bot.next_update_id += 1;
        let faults = self.faults.draw_update(kind, chat.map(ChatKey::bot_side_id));
        self.next_queued += 1;
        let update = QueuedUpdate {
            n: self.next_queued,
            at_ms: now,
            update_id,
            chat,
            json: json!({ "update_id": update_id, kind: body }),
            again: u32::from(faults.contains(&UpdateFault::Redeliver)),
        };
        let numbers = if faults.contains(&UpdateFault::Duplicate) {
            self.next_queued += 1;
            vec![update.n, self.next_queued]
        } else {
            vec![update.n]
        };
        let Some(bot) = self.bots.get_mut(&bot_id) else { return };
        for n in numbers {
            let copy = QueuedUpdate { n, ..update.clone() };
            if faults.contains(&UpdateFault::Reorder) && !bot.queue.is_empty() {
                bot.queue.insert(bot.queue.len() - 1, copy);
            } else {
                bot.queue.push_back(copy);
            }
            self.touched.insert(Touched::Update(bot_id, n));
        }
        self.touch(Touched::Bot(bot_id));
    }

    /// Forgets what a higher offset confirms; a negative offset keeps that many of the newest.
    pub fn confirm(&mut self, bot_id: i64, offset: i64) {
        let oldest = self.now_ms() - KEPT_MS;
        let Some(bot) = self.bots.get_mut(&bot_id) else { return };
        let keep_from = if offset < 0 {
            let keep = usize::try_from(-offset).unwrap_or(usize::MAX);
            let index = bot.queue.len().saturating_sub(keep);
            bot.queue.get(index).map_or(i64::MAX, |u| u.update_id)
        } else {
            offset
        };
        let mut gone = Vec::new();
        bot.queue.retain_mut(|update| {
            if update.update_id >= keep_from && update.at_ms >= oldest {
                return true;
            }
            gone.push((update.n, message_of(update)));
            // The fault "redeliver": a confirmed update comes once more, as after a lost confirmation.
            if update.again > 0 && update.at_ms >= oldest {
                update.again -= 1;
                return true;
            }
            false
        });
        self.left_queue(bot_id, gone);
    }

    /// Says that updates have reached their bot: the ticks under people's messages turn double.
    fn left_queue(&mut self, bot_id: i64, gone: Vec<(u64, Option<(ChatKey, i64)>)>) {
        for (n, message) in gone {
            self.touch(Touched::Update(bot_id, n));
            if let Some((chat, message_id)) = message {
                self.emit(EventKind::Taken { chat, message_id });
            }
        }
    }

    /// Does a bot have yet to take this message?
    pub(super) fn is_waiting(&self, key: ChatKey, id: i64) -> bool {
        let mut queues = self.bots.values().flat_map(|bot| bot.queue.iter());
        queues.any(|update| message_of(update) == Some((key, id)))
    }

    /// The next updates, unconfirmed, at most `limit`.
    pub fn pending(&self, bot_id: i64, limit: usize) -> Vec<Value> {
        let queue = self.bots.get(&bot_id).map(|bot| bot.queue.iter().take(limit));
        queue.into_iter().flatten().map(|update| update.json.clone()).collect()
    }

    /// Forgets one update that a webhook took.
    pub fn delivered(&mut self, bot_id: i64, n: u64) {
        let Some(bot) = self.bots.get_mut(&bot_id) else { return };
        let mut gone = Vec::new();
        bot.queue.retain_mut(|update| {
            if update.n != n {
                return true;
            }
            gone.push((n, message_of(update)));
            let again = update.again > 0;
            update.again = update.again.saturating_sub(1);
            again
        });
        self.left_queue(bot_id, gone);
    }

    /// Forgets all that waits.
    pub fn drop_pending(&mut self, bot_id: i64) {
        let Some(bot) = self.bots.get_mut(&bot_id) else { return };
        let gone: Vec<_> = bot.queue.drain(..).map(|update| Touched::Update(bot_id, update.n)).collect();
        self.touched.extend(gone);
    }
}

/// The message that an update brings.
fn message_of(update: &QueuedUpdate) -> Option<(ChatKey, i64)> {
    Some((update.chat?, update.json["message"]["message_id"].as_i64()?))
}
