//! A Telegram that lives in a test: allots message ids, keeps what each chat shows, and writes a transcript that reads like the chats.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bot::context::Settings;
use crm::clock::Moment;
use crm::domain::ids::TicketId;
use crm::service::Service;
use crm::store::{Call, Delivery, OutboxItem, Payload, Remember, Tx};
use serde_json::Value;

use crate::world;

/// A message of the bot.
#[derive(Debug, Clone)]
struct Shown {
    id: i64,
    text: String,
    /// Label and callback data (or link).
    buttons: Vec<(String, String)>,
}

/// All chats.
#[derive(Debug, Default)]
pub struct Telegram {
    /// What happened, for snapshots.
    pub log: String,
    /// What the clock shows.
    pub now: Moment,
    /// Where the last button was pressed.
    pub pressed_in: i64,
    /// The one chat that the transcript shows; all, if none is named.
    pub only: Option<i64>,
    /// Why notices to customers are refused, as long as they are.
    pub refuses: Option<String>,
    desk: i64,
    chats: BTreeMap<i64, Vec<Shown>>,
    /// Every button that was ever shown: chat, message, label, data.
    ever: Vec<(i64, i64, String, String)>,
    ids: BTreeMap<i64, i64>,
}

impl Telegram {
    /// With the desk group's id.
    pub fn new(desk: i64) -> Self {
        Self { desk, ..Self::default() }
    }

    /// How somebody or a chat is called in the transcript.
    pub fn name(&self, id: i64) -> String {
        match id {
            world::AIGERIM => "Айгерім".to_owned(),
            world::BORIS => "Борис".to_owned(),
            world::NORA => "Nora".to_owned(),
            world::STRANGER => "Stranger".to_owned(),
            id if id == self.desk => "DESK".to_owned(),
            id if world::staff_name(id) != "?" => world::staff_name(id).to_owned(),
            id => format!("User {id}"),
        }
    }

    fn next_id(&mut self, chat: i64) -> i64 {
        let id = self.ids.entry(chat).or_default();
        *id += 1;
        *id
    }

    /// A line of the story that is in no chat.
    pub fn narrate(&mut self, what: &str) {
        let _ = writeln!(self.log, "\n=== {what}");
    }

    fn hidden(&self, chat: i64) -> bool {
        self.only.is_some_and(|only| only != chat)
    }

    /// A person did something in a chat that makes no message.
    pub fn note(&mut self, chat: i64, who: i64, shown: &str) {
        if self.hidden(chat) {
            return;
        }
        let place = if chat == who { String::new() } else { format!(" in {}", self.name(chat)) };
        let line = format!("\n{}{place}> {shown}\n", self.name(who));
        self.log.push_str(&line);
    }

    /// A person wrote a message; returns its id.
    pub fn received(&mut self, chat: i64, who: i64, shown: &str) -> i64 {
        self.note(chat, who, shown);
        self.next_id(chat)
    }

    /// The newest message of the bot in `chat` that contains `text`.
    pub fn find(&self, chat: i64, text: &str) -> i64 {
        let found = self.chats.get(&chat).and_then(|all| all.iter().rev().find(|m| m.text.contains(text)));
        found.unwrap_or_else(|| panic!("no message with «{text}»\n{}", self.log)).id
    }

    /// The newest message of the bot in `chat`.
    pub fn newest(&self, chat: i64) -> i64 {
        self.chats.get(&chat).and_then(|all| all.last()).map_or(0, |m| m.id)
    }

    /// The newest button whose label contains `label`: message, data, whole label.
    pub fn button(&self, chat: i64, label: &str) -> (i64, String, String) {
        let all = self.chats.get(&chat).into_iter().flatten().rev();
        let found = all
            .flat_map(|m| m.buttons.iter().map(move |b| (m.id, b.1.clone(), b.0.clone())))
            .find(|b| b.2.contains(label));
        found.unwrap_or_else(|| panic!("no button «{label}»\n{}", self.log))
    }

    /// All buttons that stand in `chat` now.
    pub fn labels(&self, chat: i64) -> Vec<&str> {
        let all = self.chats.get(&chat).into_iter().flatten();
        all.flat_map(|m| m.buttons.iter().map(|b| b.0.as_str())).collect()
    }

    /// A button as it was once shown, the `nth` from the oldest.
    pub fn old_button(&self, chat: i64, label: &str, nth: usize) -> (i64, String, String) {
        let found = self.ever.iter().filter(|b| b.0 == chat && b.2.contains(label)).nth(nth);
        let (_, message, label, data) = found.unwrap_or_else(|| panic!("no button «{label}»\n{}", self.log));
        (*message, data.clone(), label.clone())
    }

    /// Whether `chat` was ever shown a button with this data.
    pub fn offered(&self, chat: i64, data: &str) -> bool {
        self.ever.iter().any(|b| b.0 == chat && b.3 == data)
    }

    /// Calls that are not kept: answers to presses, and what must lie in no outbox.
    pub fn fleeting(&mut self, call: &Call) {
        if self.hidden(self.pressed_in) {
            return;
        }
        let text = call.params["text"].as_str().unwrap_or_default();
        if call.method == "answerCallbackQuery" {
            if !text.is_empty() {
                let kind = if call.params["show_alert"] == true { "window" } else { "toast" };
                let line = format!("  ({kind}: {text})\n");
                self.log.push_str(&line);
            }
        } else {
            let text = if text.is_empty() { String::new() } else { format!(": {text}") };
            let line = format!("  ({}{text})\n", call.method);
            self.log.push_str(&line);
        }
    }

    /// Delivers as the bot's sender does: words meanings, sends, and stores what later replies and edits need.
    pub async fn deliver(
        &mut self,
        tx: &mut Tx,
        service: &Service,
        settings: &Settings,
        mut items: Vec<OutboxItem>,
    ) {
        // Of one moment's notices the earlier event goes first; ids of one moment are random.
        items.sort_by_key(|i| match &i.payload {
            Payload::Tell(crm::domain::reactions::Outgoing::Notice { seq, .. }) => (i.created_at, *seq),
            _ => (i.created_at, 0),
        });
        for item in items {
            if matches!(&item.payload, Payload::Tell(crm::domain::reactions::Outgoing::Notice { .. }))
                && let Some(why) = self.refuses.clone()
            {
                tx.outbox_settle(item.id, &Delivery::Failed(why), self.now).await.expect("settled");
                continue;
            }
            let calls = match item.payload {
                Payload::Call { method, params, remember } => {
                    let chat = item.chat_id.unwrap_or_default();
                    let ticket = item.ticket_id.map(TicketId);
                    let remember = remember.filter(|r| *r != Remember::Topic);
                    vec![(chat, Call { method, params, ticket, remember })]
                }
                Payload::Tell(what) => {
                    bot::wording::word(tx, service, settings, &what, self.now).await.expect("worded")
                }
            };
            let mut last = None;
            for (chat, call) in calls {
                last = self.call(tx, chat, &call).await.or(last);
            }
            tx.outbox_settle(item.id, &Delivery::Sent(last), self.now).await.expect("settled");
        }
    }

    async fn call(&mut self, tx: &mut Tx, chat: i64, call: &Call) -> Option<i64> {
        let id = self.show(chat, call)?;
        match (call.remember, call.ticket) {
            (Some(Remember::Link), Some(ticket)) => tx.message_link(chat, id, ticket),
            (Some(Remember::Words(words)), Some(ticket)) => tx.message_link_words(chat, id, ticket, words),
            (Some(Remember::Card), Some(ticket)) => {
                tx.card_save(ticket, chat, id).await.expect("saved");
                let thread = call.params["message_thread_id"].as_i64().unwrap_or(0);
                tx.card_thread_save(ticket, thread).await.expect("saved");
            }
            _ => {}
        }
        Some(id)
    }

    fn show(&mut self, chat: i64, call: &Call) -> Option<i64> {
        let (hidden, before) = (self.hidden(chat), self.log.len());
        let id = self.take(chat, call);
        if hidden {
            self.log.truncate(before);
        }
        id
    }

    fn take(&mut self, chat: i64, call: &Call) -> Option<i64> {
        let p = &call.params;
        assert_eq!(p["chat_id"].as_i64(), Some(chat), "addressed to one chat, queued for another: {p}");
        let name = self.name(chat);
        match call.method.as_str() {
            "sendMessage" => {
                let id = self.next_id(chat);
                let reply = p["reply_parameters"]["message_id"].as_i64();
                let reply = reply.map_or_else(String::new, |r| format!(" ↪#{r}"));
                let topic = p["message_thread_id"].as_i64();
                let reply = topic.map_or_else(String::new, |t| format!(" (topic {t})")) + &reply;
                self.put(chat, id, &format!("→ {name} #{id}{reply}"), p);
                Some(id)
            }
            "editMessageText" => {
                let id = p["message_id"].as_i64().expect("a message to edit");
                self.put(chat, id, &format!("↻ {name} #{id}"), p);
                Some(id)
            }
            "editMessageReplyMarkup" => {
                let id = p["message_id"].as_i64().expect("a message to edit");
                let buttons = keyboard(p);
                self.remember_buttons(chat, id, &buttons);
                if let Some(m) = self.chats.entry(chat).or_default().iter_mut().find(|m| m.id == id) {
                    m.buttons = buttons.into_iter().flatten().collect();
                }
                let _ = writeln!(self.log, "  ↻ {name} #{id} buttons changed");
                None
            }
            "copyMessage" => {
                let id = self.next_id(chat);
                let _ = writeln!(
                    self.log,
                    "  → {name} #{id} [copy of {} in {}]",
                    p["message_id"], p["from_chat_id"]
                );
                Some(id)
            }
            other => {
                let _ = writeln!(self.log, "  → {name} {other} {p}");
                None
            }
        }
    }

    fn put(&mut self, chat: i64, id: i64, head: &str, params: &Value) {
        let text = params["text"].as_str().unwrap_or_default().to_owned();
        assert!(!text.trim().is_empty(), "an empty message\n{}", self.log);
        let _ = writeln!(self.log, "  {} {head}", crm::text::clock_time(self.now));
        for line in text.lines() {
            let _ = writeln!(self.log, "    {line}");
        }
        let rows = keyboard(params);
        for row in &rows {
            let labels: Vec<String> = row.iter().map(|b| format!("[{}]", b.0)).collect();
            let _ = writeln!(self.log, "    {}", labels.join(" "));
        }
        let markup = &params["reply_markup"];
        if let Some(asked) = markup["keyboard"][0][0]["text"].as_str() {
            let _ = writeln!(self.log, "    ⌨ [{asked}]");
        }
        if markup["remove_keyboard"] == true {
            let _ = writeln!(self.log, "    ⌨ gone");
        }
        self.remember_buttons(chat, id, &rows);
        let shown = Shown { id, text, buttons: rows.into_iter().flatten().collect() };
        let all = self.chats.entry(chat).or_default();
        match all.iter_mut().find(|m| m.id == id) {
            Some(old) => *old = shown,
            None => all.push(shown),
        }
    }

    fn remember_buttons(&mut self, chat: i64, id: i64, rows: &[Vec<(String, String)>]) {
        self.ever.extend(rows.iter().flatten().map(|b| (chat, id, b.0.clone(), b.1.clone())));
    }
}

fn keyboard(params: &Value) -> Vec<Vec<(String, String)>> {
    let button = |b: &Value| {
        let data = b["callback_data"].as_str().or(b["url"].as_str()).unwrap_or_default().to_owned();
        assert!(data.len() <= 64 || b["url"].is_string(), "callback data over 64 bytes: {data}");
        (b["text"].as_str().unwrap_or_default().to_owned(), data)
    };
    let row = |row: &Value| row.as_array().into_iter().flatten().map(button).collect();
    params["reply_markup"]["inline_keyboard"].as_array().into_iter().flatten().map(row).collect()
}
