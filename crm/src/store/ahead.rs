//! What a batch of updates reads ahead: a few statements for all of them instead of a few for each.
//!
//! A transaction that handles a hundred updates meets up to a hundred people. [`Tx::read_ahead`] asks for all of them at once; the
//! methods that are asked for one of them later find him here. It is a copy, so whatever this transaction itself changes is changed
//! here too, or thrown away.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use sqlx::types::Json;

use super::{DialogueKey, Person, Result, Tx, fetch_keys};
use crate::clock::Moment;

/// The copies.
#[derive(Default)]
pub(super) struct Ahead {
    /// Who these Telegram users are.
    pub persons: HashMap<i64, Person>,
    /// Their dialogues; `None` where there is none.
    pub dialogues: HashMap<DialogueKey, Option<(Value, Moment)>>,
    /// Those who have opened no ticket as strangers.
    pub without_tickets: HashSet<i64>,
    /// Settings that were looked up, as JSON; `None` if not set.
    pub settings: HashMap<String, Option<String>>,
}

#[derive(sqlx::FromRow)]
struct DialogueRow {
    chat_id: i64,
    thread_id: i64,
    user_id: i64,
    state: Json<Value>,
    touched_at: Moment,
}

impl Tx {
    /// Reads what updates in these dialogues will ask for.
    pub async fn read_ahead(&mut self, keys: &[DialogueKey]) -> Result<()> {
        let mut users: Vec<i64> = keys.iter().map(|key| key.user).collect();
        users.sort_unstable();
        users.dedup();
        for person in self.persons(&users).await? {
            self.ahead.persons.insert(person.telegram, person);
        }

        let dialogues = fetch_keys!(
            self,
            DialogueRow,
            "SELECT d.chat_id, d.thread_id, d.user_id, d.state, d.touched_at FROM (",
            ") AS t CROSS JOIN dialogue d
             WHERE d.chat_id = t.column1 AND d.thread_id = t.column2 AND d.user_id = t.column3",
            keys,
            |k| k.chat,
            k.thread,
            k.user,
        );
        self.ahead.dialogues.extend(keys.iter().map(|key| (*key, None)));
        for DialogueRow { chat_id: chat, thread_id: thread, user_id: user, state, touched_at } in dialogues {
            self.ahead.dialogues.insert(DialogueKey { chat, thread, user }, Some((state.0, touched_at)));
        }

        let with_tickets = fetch_keys!(
            self,
            (i64,),
            "SELECT t.column1 FROM (",
            ") AS t WHERE EXISTS (SELECT 1 FROM ticket k WHERE k.origin_chat = t.column1 AND k.requester_id IS NULL)",
            users.as_slice(),
            |user| *user,
        );
        self.ahead.without_tickets.extend(users);
        for (user,) in with_tickets {
            self.ahead.without_tickets.remove(&user);
        }
        Ok(())
    }
}
