//! Telegram's limits, kept before Telegram has to say so: one message a second in a private chat, twenty a minute in a group, edits
//! counted like messages.

use std::collections::VecDeque;

use chrono::TimeDelta;
use crm::clock::Moment;

/// Messages a minute in a group.
const GROUP_PER_MINUTE: usize = 20;
/// How many of these cards may take, so that pages, answers and warnings find room.
const GROUP_FOR_CARDS: usize = 14;
/// From this priority on an item is a card or less.
const CARD_PRIORITY: i64 = 5;
/// A private chat takes a short burst before it is held to one a second.
const PRIVATE_BURST: usize = 3;

/// From this priority on it is a broadcast: Telegram allows a bot some thirty messages a second to different people.
pub const BULK_PRIORITY: i64 = 7;
/// How many of these broadcasts may take, so that everybody else is answered meanwhile.
const BULK_PER_SECOND: usize = 20;

/// What broadcasts have sent lately, to whomever.
#[derive(Debug, Default)]
pub struct BulkLimit {
    sent: VecDeque<Moment>,
}

impl BulkLimit {
    /// When a broadcast may send again.
    pub fn free_at(&self, now: Moment) -> Moment {
        if self.sent.len() < BULK_PER_SECOND {
            return now;
        }
        (self.sent[self.sent.len() - BULK_PER_SECOND] + TimeDelta::seconds(1)).max(now)
    }

    /// A broadcast sent something.
    pub fn spend(&mut self, now: Moment) {
        self.sent.push_back(now);
        if self.sent.len() > BULK_PER_SECOND {
            self.sent.pop_front();
        }
    }
}

/// What one chat has been sent lately, and until when it must be left alone.
#[derive(Debug, Default)]
pub struct ChatLimit {
    sent: VecDeque<Moment>,
    closed_until: Option<Moment>,
}

impl ChatLimit {
    /// When something of `priority` may be sent to `chat`: now, or the moment there is room again.
    pub fn free_at(&self, chat: i64, priority: i64, now: Moment) -> Moment {
        let (window, most) = if chat < 0 {
            (
                TimeDelta::seconds(60),
                if priority >= CARD_PRIORITY { GROUP_FOR_CARDS } else { GROUP_PER_MINUTE },
            )
        } else {
            (TimeDelta::seconds(i64::try_from(PRIVATE_BURST).unwrap_or(1)), PRIVATE_BURST)
        };
        let room = if self.sent.len() < most { now } else { self.sent[self.sent.len() - most] + window };
        room.max(self.closed_until.unwrap_or(now)).max(now)
    }

    /// Something was sent.
    pub fn spend(&mut self, now: Moment) {
        self.sent.push_back(now);
        while self.sent.len() > GROUP_PER_MINUTE {
            self.sent.pop_front();
        }
    }

    /// Telegram asked to be left alone until then.
    pub fn close(&mut self, until: Moment) {
        self.closed_until = Some(until);
    }

    /// Whether nothing needs to be remembered any more.
    pub fn is_idle(&self, now: Moment) -> bool {
        let old = |at: &Moment| now - *at > TimeDelta::seconds(60);
        self.sent.back().is_none_or(old) && self.closed_until.is_none_or(|until| until <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Moment {
        chrono::DateTime::from_timestamp_millis(1_790_000_000_000 + millis).expect("in range")
    }

    /// Sends as fast as allowed and returns when each went out, in milliseconds.
    fn run(chat: i64, priority: i64, count: usize) -> Vec<i64> {
        let mut limit = ChatLimit::default();
        let mut now = at(0);
        (0..count)
            .map(|_| {
                now = limit.free_at(chat, priority, now);
                limit.spend(now);
                (now - at(0)).num_milliseconds()
            })
            .collect()
    }

    #[test]
    fn a_private_chat_gets_a_burst_of_three_and_then_one_a_second_on_average() {
        assert_eq!(run(42, 2, 7), [0, 0, 0, 3000, 3000, 3000, 6000]);
    }

    #[test]
    fn a_group_gets_twenty_in_any_minute_and_cards_leave_room() {
        let times = run(-42, 2, 41);
        for window in times.windows(21) {
            assert!(window[20] - window[0] >= 60_000, "{window:?}");
        }
        let mut limit = ChatLimit::default();
        for _ in 0..14 {
            limit.spend(at(0));
        }
        assert_eq!(limit.free_at(-42, 5, at(1)), at(60_000));
        assert_eq!(limit.free_at(-42, 4, at(1)), at(1), "a warning still goes out");
    }

    #[test]
    fn retry_after_closes_one_chat_only() {
        let mut limit = ChatLimit::default();
        limit.close(at(5_000));
        assert_eq!(limit.free_at(42, 0, at(0)), at(5_000));
        assert_eq!(ChatLimit::default().free_at(43, 0, at(0)), at(0));
    }
}
