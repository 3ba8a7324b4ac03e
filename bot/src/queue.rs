//! What waits to be sent, chat by chat: the most urgent first, one message of a chat under way at a time, no chat waiting for another.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crm::clock::Moment;
use crm::store::OutboxItem;
use uuid::Uuid;

use crate::limits::{BULK_PRIORITY, BulkLimit, ChatLimit};

/// Where a chat that waits stands in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// May be sent to, with an item of this rank.
    Ready(i64, Uuid),
    /// May be sent to from then on.
    Later(Moment),
}

#[derive(Debug, Default)]
struct ChatQueue {
    /// By priority, then age.
    items: BTreeMap<(i64, Uuid), OutboxItem>,
    limit: ChatLimit,
    busy: bool,
    place: Option<Place>,
}

/// The sender's memory. The database remembers the same as claimed rows.
#[derive(Debug, Default)]
pub struct Queue {
    chats: HashMap<i64, ChatQueue>,
    ready: BTreeSet<(i64, Uuid, i64)>,
    later: BTreeSet<(Moment, i64)>,
    keys: HashSet<String>,
    bulk: BulkLimit,
    len: usize,
    /// From so many chats on those that can be forgotten are.
    sweep_from: usize,
    unlimited: bool,
}

/// So many chats more are remembered before any is forgotten.
const FEW_CHATS: usize = 64;

impl Queue {
    /// An empty queue; with `unlimited`, Telegram's limits are not kept.
    pub fn new(unlimited: bool) -> Self {
        Self { unlimited, ..Self::default() }
    }

    /// How many items wait.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing waits.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The rows of all items.
    pub fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.chats.values().flat_map(|chat| chat.items.keys().map(|(_, id)| *id))
    }

    /// Gives up the least urgent items of the chat that has most of them, all but `keep`: one chat that cannot be written to must not
    /// fill the memory. The rows wait in the database instead.
    pub fn shed(&mut self, keep: usize) -> Vec<Uuid> {
        let Some(longest) = self.chats.values_mut().max_by_key(|chat| chat.items.len()) else {
            return Vec::new();
        };
        let mut shed = Vec::new();
        while longest.items.len() > keep
            && let Some(((_, id), item)) = longest.items.pop_last()
        {
            self.len -= 1;
            if let Some(key) = &item.coalesce_key {
                self.keys.remove(key);
            }
            shed.push(id);
        }
        shed
    }

    /// Adds an item for `chat`. `false`: one with the same key waits already, this one is not needed.
    pub fn push(&mut self, chat: i64, item: OutboxItem, now: Moment) -> bool {
        if let Some(key) = &item.coalesce_key
            && !self.keys.insert(key.clone())
        {
            return false;
        }
        self.len += 1;
        self.chats.entry(chat).or_default().items.insert((item.priority, item.id), item);
        self.line_up(chat, now);
        true
    }

    /// Puts a chat where it belongs in line, by its most urgent item.
    fn line_up(&mut self, chat: i64, now: Moment) {
        let Some(queue) = self.chats.get_mut(&chat) else { return };
        match queue.place.take() {
            Some(Place::Ready(priority, id)) => self.ready.remove(&(priority, id, chat)),
            Some(Place::Later(at)) => self.later.remove(&(at, chat)),
            None => false,
        };
        let Some(((priority, id), item)) = queue.items.first_key_value() else { return };
        if queue.busy {
            return;
        }
        let limit = if self.unlimited { now } else { queue.limit.free_at(chat, *priority, now) };
        let free = limit.max(item.not_before);
        if free <= now {
            self.ready.insert((*priority, *id, chat));
            queue.place = Some(Place::Ready(*priority, *id));
        } else {
            self.later.insert((free, chat));
            queue.place = Some(Place::Later(free));
        }
    }

    /// Takes the most urgent items that may be sent at `now`, at most one of each chat and `most` in all; their chats are busy until
    /// [`Self::settle`].
    pub fn take(&mut self, now: Moment, most: usize) -> Vec<(i64, OutboxItem)> {
        while let Some(&(at, chat)) = self.later.first()
            && at <= now
        {
            self.line_up(chat, now);
        }
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some((_, _, chat)) = self.ready.pop_first()
        {
            let Some(queue) = self.chats.get_mut(&chat) else { continue };
            queue.place = None;
            let bulk =
                queue.items.first_key_value().is_some_and(|((priority, _), _)| *priority >= BULK_PRIORITY);
            let free = self.bulk.free_at(now);
            if bulk && !self.unlimited && free > now {
                self.later.insert((free, chat));
                queue.place = Some(Place::Later(free));
                continue;
            }
            let Some((_, item)) = queue.items.pop_first() else { continue };
            if bulk {
                self.bulk.spend(now);
            }
            queue.busy = true;
            if !self.unlimited {
                queue.limit.spend(now);
            }
            self.len -= 1;
            if let Some(key) = &item.coalesce_key {
                self.keys.remove(key);
            }
            taken.push((chat, item));
        }
        taken
    }

    /// When a chat that must wait now may be sent to.
    pub fn next_at(&self) -> Option<Moment> {
        self.later.first().map(|l| l.0)
    }

    /// The item of `chat` that was under way has ended, one way or the other.
    pub fn settle(&mut self, chat: i64, now: Moment) {
        if let Some(queue) = self.chats.get_mut(&chat) {
            queue.busy = false;
            if queue.items.is_empty() && self.unlimited {
                self.chats.remove(&chat);
            } else {
                self.line_up(chat, now);
            }
        }
    }

    /// Leaves `chat` alone until then.
    pub fn close(&mut self, chat: i64, until: Moment, now: Moment) {
        self.chats.entry(chat).or_default().limit.close(until);
        self.line_up(chat, now);
    }

    /// Forgets chats that need not be remembered, when there are twice as many as the last time left: a look at each of thousands would
    /// cost more than the sending.
    pub fn sweep(&mut self, now: Moment) {
        if self.chats.len() < self.sweep_from {
            return;
        }
        self.chats.retain(|_, q| q.busy || !q.items.is_empty() || !q.limit.is_idle(now));
        self.sweep_from = 2 * self.chats.len() + FEW_CHATS;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm::store::{Call, OutboxItem};
    use serde_json::json;

    fn at(millis: i64) -> Moment {
        chrono::DateTime::from_timestamp_millis(1_790_000_000_000 + millis).expect("in range")
    }

    fn item(n: u128, priority: i64, key: Option<&str>) -> OutboxItem {
        let call = Call { method: "sendMessage".to_owned(), params: json!({}), ticket: None, remember: None };
        let item = OutboxItem::call(Uuid::from_u128(n), 1, call, at(0));
        OutboxItem { priority, coalesce_key: key.map(str::to_owned), ..item }
    }

    fn ids(taken: &[(i64, OutboxItem)]) -> Vec<u128> {
        taken.iter().map(|t| t.1.id.as_u128()).collect()
    }

    #[test]
    fn urgent_first_one_per_chat_and_nobody_waits_for_another() {
        let mut queue = Queue::new(false);
        for (n, chat, priority) in [(1, -7, 5), (2, -7, 0), (3, 8, 2), (4, 8, 2)] {
            queue.push(chat, item(n, priority, None), at(0));
        }
        assert_eq!(ids(&queue.take(at(0), 10)), [2, 3], "one of each chat, the page before the card");
        assert!(queue.take(at(0), 10).is_empty(), "both chats are busy");
        queue.settle(-7, at(1));
        assert_eq!(ids(&queue.take(at(1), 10)), [1]);
        queue.close(8, at(5_000), at(1));
        queue.settle(8, at(1));
        assert!(queue.take(at(4_999), 10).is_empty());
        assert_eq!(queue.next_at(), Some(at(5_000)));
        assert_eq!(ids(&queue.take(at(5_000), 10)), [4]);
        assert!(queue.is_empty());
    }

    #[test]
    fn the_longest_line_gives_up_its_least_urgent() {
        let mut queue = Queue::new(false);
        for (n, chat, priority) in [(1, -7, 5), (2, -7, 0), (3, -7, 5), (4, 8, 2)] {
            queue.push(chat, item(n, priority, (n == 3).then_some("card:3")), at(0));
        }
        assert_eq!(queue.shed(3), [] as [Uuid; 0]);
        assert_eq!(queue.shed(2), [Uuid::from_u128(3)]);
        assert_eq!(queue.len(), 3);
        assert!(queue.push(-7, item(3, 5, Some("card:3")), at(0)), "it may come back");
        assert_eq!(ids(&queue.take(at(0), 10)), [2, 4]);
    }

    #[test]
    fn a_broadcast_leaves_room_for_everybody_else() {
        let mut queue = Queue::new(false);
        for chat in 1..=50 {
            queue.push(chat, item(chat.unsigned_abs().into(), 7, None), at(0));
        }
        queue.push(99, item(99, 2, None), at(0));
        let first = queue.take(at(0), 100);
        assert_eq!((first.len(), first[0].0), (21, 99), "twenty a second, and an answer before them");
        assert_eq!(queue.next_at(), Some(at(1000)));
        queue.push(98, item(98, 0, None), at(10));
        assert_eq!(ids(&queue.take(at(10), 100)), [98], "a page does not wait for the next second");
        assert_eq!(queue.take(at(1000), 100).len(), 20);
        assert_eq!(queue.take(at(2000), 100).len(), 10);
        assert!(queue.is_empty());
    }

    #[test]
    fn the_same_key_waits_once_and_may_come_again_after_it_was_taken() {
        let mut queue = Queue::new(false);
        assert!(queue.push(1, item(1, 5, Some("card/x")), at(0)));
        assert!(!queue.push(1, item(2, 5, Some("card/x")), at(0)));
        assert_eq!(ids(&queue.take(at(0), 10)), [1]);
        assert!(
            queue.push(1, item(3, 5, Some("card/x")), at(0)),
            "the first is under way, this one shows a newer state"
        );
    }
}
