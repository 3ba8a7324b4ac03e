//! Telegram's rate limits, as documented: 1 message a second per chat with a small burst, 20 a minute per
//! group, 30 a second overall. Edits and new topics count like messages.

use crate::model::ChatKey;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};

/// The numbers, changeable by the control API.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitRules {
    /// Are limits on?
    pub enabled: bool,
    /// Messages that a quiet chat takes at once.
    pub chat_burst: u32,
    /// Milliseconds that each message of a chat costs.
    pub chat_interval_ms: i64,
    /// Messages a group takes in 60 s.
    pub group_per_minute: usize,
    /// Messages a bot sends in one second.
    pub overall_per_second: usize,
}

impl Default for LimitRules {
    fn default() -> Self {
        Self {
            enabled: false,
            chat_burst: 3,
            chat_interval_ms: 1000,
            group_per_minute: 20,
            overall_per_second: 30,
        }
    }
}

/// What was spent, per bot and chat.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// The rules in force.
    pub rules: LimitRules,
    /// When each chat will have paid for everything it got (a leaky bucket as one moment).
    chats: HashMap<(i64, ChatKey), i64>,
    groups: HashMap<(i64, ChatKey), VecDeque<i64>>,
    overall: HashMap<i64, VecDeque<i64>>,
}

const MINUTE_MS: i64 = 60_000;

impl Limits {
    /// Takes `n` messages for a chat, or says how many seconds to wait. A refusal costs nothing.
    pub fn take(&mut self, bot: i64, chat: ChatKey, n: usize, now: i64) -> Result<(), i64> {
        let rules = self.rules;
        if !rules.enabled {
            return Ok(());
        }
        let interval = rules.chat_interval_ms.max(1);
        let paid = self.chats.entry((bot, chat)).or_insert(now);
        *paid = (*paid).max(now);
        let burst_ms = interval * i64::from(rules.chat_burst.max(1) - 1);
        let mut wait = *paid - now - burst_ms;

        let overall = window(self.overall.entry(bot).or_default(), now, 1000);
        wait = wait.max(full_for(overall, rules.overall_per_second, now, 1000));
        if let ChatKey::Group { .. } = chat {
            let group = window(self.groups.entry((bot, chat)).or_default(), now, MINUTE_MS);
            wait = wait.max(full_for(group, rules.group_per_minute, now, MINUTE_MS));
        }
        if wait > 0 {
            // Telegram counts whole seconds.
            return Err((wait + 999) / 1000);
        }
        let count = i64::try_from(n).unwrap_or(1);
        self.chats.entry((bot, chat)).and_modify(|paid| *paid += interval * count);
        let times = std::iter::repeat_n(now, n);
        self.overall.entry(bot).or_default().extend(times.clone());
        if let ChatKey::Group { .. } = chat {
            self.groups.entry((bot, chat)).or_default().extend(times);
        }
        Ok(())
    }

    /// Forgets what was spent.
    pub fn clear(&mut self) {
        self.chats.clear();
        self.groups.clear();
        self.overall.clear();
    }
}

/// Drops what lies outside the window.
fn window(times: &mut VecDeque<i64>, now: i64, length: i64) -> &VecDeque<i64> {
    while times.front().is_some_and(|t| *t <= now - length) {
        times.pop_front();
    }
    times
}

/// How long until the window has room again.
fn full_for(times: &VecDeque<i64>, capacity: usize, now: i64, length: i64) -> i64 {
    let over = times.len().checked_sub(capacity.max(1));
    over.and_then(|i| times.get(i)).map_or(0, |t| t + length - now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { rules: LimitRules { enabled: true, ..LimitRules::default() }, ..Limits::default() }
    }

    const PRIVATE: ChatKey = ChatKey::Private { bot: 1, person: 7 };
    const GROUP: ChatKey = ChatKey::Group { id: -100 };

    #[test]
    fn a_chat_takes_a_burst_and_then_one_a_second() {
        let mut limits = limits();
        for _ in 0..3 {
            assert_eq!(limits.take(1, PRIVATE, 1, 0), Ok(()));
        }
        assert_eq!(limits.take(1, PRIVATE, 1, 0), Err(1));
        assert_eq!(limits.take(1, PRIVATE, 1, 999), Err(1));
        assert_eq!(limits.take(1, PRIVATE, 1, 1000), Ok(()));
        assert_eq!(limits.take(1, PRIVATE, 1, 1000), Err(1));
        assert_eq!(limits.take(1, ChatKey::Private { bot: 1, person: 8 }, 1, 1000), Ok(()));
    }

    #[test]
    fn a_group_takes_twenty_a_minute() {
        let mut limits = limits();
        for i in 0..20 {
            assert_eq!(limits.take(1, GROUP, 1, i * 1000), Ok(()), "{i}");
        }
        assert_eq!(limits.take(1, GROUP, 1, 20_000), Err(40));
        assert_eq!(limits.take(1, GROUP, 1, 60_000), Ok(()));
        assert_eq!(limits.take(1, GROUP, 1, 60_500), Err(1));
    }

    #[test]
    fn a_bot_sends_thirty_a_second_overall() {
        let mut limits = limits();
        for person in 0..30 {
            assert_eq!(limits.take(1, ChatKey::Private { bot: 1, person }, 1, 5), Ok(()));
        }
        assert_eq!(limits.take(1, ChatKey::Private { bot: 1, person: 99 }, 1, 5), Err(1));
        assert_eq!(limits.take(2, ChatKey::Private { bot: 2, person: 99 }, 1, 5), Ok(()));
        assert_eq!(limits.take(1, ChatKey::Private { bot: 1, person: 99 }, 1, 1005), Ok(()));
    }

    #[test]
    fn an_album_costs_each_of_its_items() {
        let mut limits = limits();
        assert_eq!(limits.take(1, PRIVATE, 5, 0), Ok(()));
        assert_eq!(limits.take(1, PRIVATE, 1, 0), Err(3));
    }

    #[test]
    fn off_means_off() {
        let mut limits = Limits::default();
        for _ in 0..1000 {
            assert_eq!(limits.take(1, GROUP, 1, 0), Ok(()));
        }
    }
}
