//! What comes next: one random update, from whom and of what shape.

use rand::Rng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

use crate::check::mark;
use crate::words;
use crate::world::{BOT, CUSTOMERS, DESK, ELSEWHERE, STAFF, STRANGERS, World, side};

/// Shapes of the buttons' data, to be filled with numbers and names.
const SHAPES: [&str; 34] = [
    "c:m",
    "c:M",
    "c:g",
    "c:l:ru",
    "c:l:xx",
    "c:b:reboot",
    "c:B:unlock",
    "c:b:fault",
    "c:b:question",
    "c:p:N",
    "c:P:N",
    "c:t:N",
    "c:T:N",
    "c:d:w:N",
    "c:d:y:N",
    "c:d:r:N",
    "c:d:x:N",
    "c:d:X:N",
    "c:a:N:vV",
    "c:a:N:y",
    "c:a:N:tN",
    "c:a:N:mhard",
    "d:t:N",
    "d:a:N",
    "d:s:N",
    "d:w:N",
    "d:y:N:0123456789abcdef",
    "d:n:N",
    "d:h:N:network",
    "d:k:N",
    "d:o:N",
    "d:c:N",
    "d:q",
    "d:m",
];

const VMS: [&str; 7] =
    ["acme-web", "acme-db", "acme-k8s", "birlik-web", "birlik-db", "nomad-web", "nomad-db"];

impl World {
    fn odds(&mut self, one_in: u32) -> bool {
        self.random.random_ratio(1, one_in)
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.choose(&mut self.random).copied()
    }

    /// Somebody, and the chat he is at.
    fn actor(&mut self) -> (i64, i64) {
        let who = match self.random.random_range(0..10) {
            0..6 => self.pick(&CUSTOMERS).map(|c| c.0),
            6 => self.pick(&STRANGERS),
            _ => self.pick(&STAFF),
        };
        let who = who.unwrap_or(STRANGERS[0]);
        let at = match (side(who), self.random.random_range(0..20)) {
            (None, 0..12) | (Some(_), 0) => DESK,
            (_, 19) => ELSEWHERE,
            _ => who,
        };
        (who, at)
    }

    /// What this person's words carry: a customer's mark, or for staff a number of their own.
    fn mark_of(&mut self, who: i64) -> String {
        match side(who) {
            Some(side) => mark(&side),
            None => format!("DESK-{}", self.next_update),
        }
    }

    fn from(&mut self, who: i64) -> Value {
        let name = match side(who) {
            Some(side) => words::name(&mut self.random, &mark(&side)),
            None => "<i>Кезекші</i> & Ко".to_owned(),
        };
        let mut from = json!({ "id": who, "is_bot": false, "first_name": name });
        if let Some(language) = self.pick(&["kk", "ru", "en", "de-AT", "", "kk-Arab-KZ"]) {
            from["language_code"] = language.into();
        }
        from
    }

    fn chat(&mut self, at: i64) -> Value {
        let kind = if at > 0 {
            "private"
        } else if self.odds(4) {
            "group"
        } else {
            "supergroup"
        };
        json!({ "id": at, "type": kind, "title": "<b>" })
    }

    /// The next update.
    pub fn update(&mut self) -> Value {
        if !self.old.is_empty() && self.odds(40) {
            let at = self.random.random_range(0..self.old.len());
            let again = self.old[at].clone();
            // A press that comes again is not answered again.
            if again["callback_query"].is_null() {
                return again;
            }
        }
        let mut update = match self.random.random_range(0..100) {
            0..45 => self.press(),
            45..90 => json!({ "message": self.message() }),
            90..94 => json!({ "edited_message": self.edit() }),
            94..97 => self.membership(),
            _ => self.strange(),
        };
        update["update_id"] = self.next_update.into();
        self.next_update += 1;
        self.old.push(update.clone());
        if self.old.len() > 100 {
            self.old.drain(..50);
        }
        update
    }

    /// Who goes on for a while, and where.
    pub fn somebody(&mut self) -> (i64, i64) {
        let who = if self.odds(4) { self.pick(&STAFF) } else { self.pick(&CUSTOMERS).map(|c| c.0) };
        let who = who.unwrap_or(STAFF[0]);
        let at = if side(who).is_none() && !self.odds(4) { DESK } else { who };
        (who, at)
    }

    /// Somebody goes on with what he sees: without this, hardly a request would come to its end.
    pub fn onward(&mut self, who: i64, at: i64) -> Value {
        let mut update = match self.forward(at).filter(|_| !self.odds(8)) {
            Some(button) => self.pressed(who, at, Some(button)),
            None => {
                let mut message = self.bare(who, at);
                let mark = self.mark_of(who);
                message["text"] = if at == who && self.odds(2) {
                    "/menu".into()
                } else {
                    format!("Жауап керек {mark}").into()
                };
                json!({ "message": message })
            }
        };
        update["update_id"] = self.next_update.into();
        self.next_update += 1;
        update
    }

    /// A button of the newest message with buttons in a chat that neither goes back nor cancels.
    fn forward(&mut self, at: i64) -> Option<(i64, String)> {
        let shown = self.buttons.get(&at)?;
        // In a group there are many cards at a time.
        let newest = if at < 0 { shown.choose(&mut self.random)?.0 } else { shown.last()?.0 };
        let back = |data: &str| {
            data.ends_with(":b") || data.ends_with(":x") || data == "c:m" || data.starts_with("d:b")
        };
        let there: Vec<_> = shown.iter().filter(|b| b.0 == newest && !back(&b.1)).collect();
        there.choose(&mut self.random).map(|b| (*b).clone())
    }

    fn press(&mut self) -> Value {
        let (who, at) = self.actor();
        let data = self.data(who, at);
        self.pressed(who, at, data)
    }

    fn pressed(&mut self, who: i64, at: i64, data: Option<(i64, String)>) -> Value {
        let mut press = json!({ "id": format!("press-{}", self.next_update), "chat_instance": "1", "from": self.from(who) });
        if let Some(data) = &data {
            press["data"] = data.1.clone().into();
        } else {
            press["game_short_name"] = "chess".into();
        }
        let message = data.map_or(1, |d| d.0);
        if !self.odds(30) {
            press["message"] = json!({ "message_id": message, "date": 1, "chat": self.chat(at),
                "from": { "id": BOT, "is_bot": true, "first_name": "Komek", "username": "komek_bot" } });
        }
        json!({ "callback_query": press })
    }

    /// Message and data of a press: mostly a button that this chat shows, now or once.
    fn data(&mut self, who: i64, at: i64) -> Option<(i64, String)> {
        let number = match self.random.random_range(0..10) {
            0 => -1,
            1 => i64::MAX,
            2 => 1_795_413_600 + self.random.random_range(0..100_000),
            _ => self.random.random_range(0..60),
        };
        let shown = self.buttons.get(&at).cloned().unwrap_or_default();
        match self.random.random_range(0..100) {
            0..30 => self.forward(at),
            30..60 => {
                shown.iter().rev().take(8).collect::<Vec<_>>().choose(&mut self.random).map(|b| (*b).clone())
            }
            60..75 => shown.choose(&mut self.random).cloned(),
            // Another's button: its data is only a claim.
            75..83 => {
                let other = self.pick(&[DESK, 200_001, 200_002, 200_003, 300_001, 100_001])?;
                self.buttons.get(&other)?.choose(&mut self.random).cloned()
            }
            83..93 => {
                let shape = self.pick(&SHAPES)?;
                let vm = self.pick(&VMS)?;
                Some((number, shape.replace('N', &number.to_string()).replace('V', vm)))
            }
            // A real one, with another machine or a letter changed.
            93..97 => {
                let (id, data) = shown.choose(&mut self.random).cloned()?;
                let mut data = data;
                for vm in VMS {
                    let other = self.pick(&VMS)?;
                    data = data.replace(vm, other);
                }
                let at = self.random.random_range(0..=data.chars().count());
                let letter = if self.odds(2) { ':' } else { self.random.random::<char>() };
                let changed: String =
                    data.chars().take(at).chain([letter]).chain(data.chars().skip(at + 1)).collect();
                Some((id, changed))
            }
            97 => Some((number, words::text(&mut self.random, &who.to_string()))),
            98 => Some((number, String::new())),
            _ => None,
        }
    }

    fn message(&mut self) -> Value {
        let (who, at) = self.actor();
        let mut message = self.bare(who, at);
        let mark = self.mark_of(who);
        if self.odds(4) {
            let last = self.messages.get(&at).copied().unwrap_or(1);
            let to = self.random.random_range((last - 60).max(0)..=last);
            message["reply_to_message"] = json!({ "message_id": to, "date": 1, "text": "…",
                "from": { "id": BOT, "is_bot": true, "first_name": "Komek", "username": "komek_bot" } });
        }
        if at < 0 && self.odds(3) {
            message["message_thread_id"] = self.random.random_range(0..20).into();
            message["is_topic_message"] = true.into();
        }
        if self.odds(10) {
            message["forward_origin"] = json!({ "type": "hidden_user", "sender_user_name": "<b>X</b>" });
        }
        if self.random.random_ratio(7, 10) {
            message["text"] = words::text(&mut self.random, &mark).into();
            if self.odds(5) {
                message["entities"] = json!([{ "type": "time_travel", "offset": -1, "length": 9_999 }]);
            }
            return message;
        }
        for (field, value) in self.content(who, &mark) {
            message[field] = value;
        }
        message
    }

    fn bare(&mut self, who: i64, at: i64) -> Value {
        json!({ "message_id": self.next_message(at), "date": 1, "from": self.from(who), "chat": self.chat(at) })
    }

    /// Anything but a text.
    fn content(&mut self, who: i64, mark: &str) -> Vec<(&'static str, Value)> {
        let name = words::name(&mut self.random, mark);
        let size = self.pick(&[0i64, 900, 21_000_000, 4_000_000_000, -1]);
        let file = json!({ "file_id": "f", "file_unique_id": "u", "file_name": name, "file_size": size, "duration": 1 });
        let caption = ("caption", Value::from(words::text(&mut self.random, mark)));
        let album = ("media_group_id", Value::from(format!("album-{who}-{}", self.next_update / 40)));
        match self.random.random_range(0..22) {
            0 | 1 => vec![
                ("photo", json!([{ "file_id": "s", "file_size": 1 }, { "file_id": "l", "file_size": size }])),
                caption,
            ],
            2..5 => vec![("photo", json!([{ "file_id": "l", "file_size": size }])), album],
            5 => vec![("document", file), caption],
            6 => vec![("document", file), album],
            7 => vec![("voice", file)],
            8 => vec![("video", file), caption],
            9 => vec![("sticker", json!({ "file_id": "s", "emoji": "👍" }))],
            10 => vec![("animation", file.clone()), ("document", file)],
            11 => vec![("location", json!({ "latitude": 43.2, "longitude": "76.9" }))],
            // Somebody else's card, a card of nobody, and the own one, with a number that is in no directory.
            12 => vec![(
                "contact",
                json!({ "phone_number": "+77010000001", "first_name": name, "user_id": who + 1 }),
            )],
            13 => vec![("contact", json!({ "phone_number": "+77010000001", "first_name": name }))],
            14 => vec![(
                "contact",
                json!({ "phone_number": "+79990000000", "first_name": name, "user_id": who }),
            )],
            15 => vec![("poll", json!({ "id": "1", "question": mark }))],
            16 => vec![("new_chat_members", json!([{ "id": BOT, "is_bot": true, "first_name": "Komek" }]))],
            17 => vec![("left_chat_member", json!({ "id": who, "first_name": name }))],
            18 => vec![("pinned_message", json!({ "message_id": 1, "text": mark }))],
            19 => vec![("forum_topic_created", json!({ "name": name, "icon_color": 1 }))],
            20 => vec![("telepathy", json!({ "thought": mark })), ("text", json!(["no", "text"]))],
            _ => vec![("video_note", file), ("sender_chat", json!({ "id": -5, "type": "channel" }))],
        }
    }

    fn edit(&mut self) -> Value {
        let (who, at) = self.actor();
        let last = self.messages.get(&at).copied().unwrap_or(1);
        let mark = self.mark_of(who);
        json!({ "message_id": self.random.random_range((last - 40).max(0)..=last), "date": 1, "edit_date": 2,
            "from": self.from(who), "chat": self.chat(at), "text": words::text(&mut self.random, &mark) })
    }

    fn membership(&mut self) -> Value {
        let (who, at) = self.actor();
        let status = self.pick(&["kicked", "member", "left", "administrator", "restricted", "reborn"]);
        json!({ "my_chat_member": { "chat": self.chat(at), "from": self.from(who), "date": 1,
            "new_chat_member": { "status": status } } })
    }

    /// What no bot expects.
    fn strange(&mut self) -> Value {
        let (who, at) = self.actor();
        let (from, chat) = (self.from(who), self.chat(at));
        match self.random.random_range(0..12) {
            0 => json!({ "hologram": { "from": from } }),
            1 => json!({ "message_reaction": { "chat": chat, "user": from, "new_reaction": [] } }),
            2 => {
                json!({ "channel_post": { "message_id": 1, "chat": { "id": -7, "type": "channel" }, "text": "?" } })
            }
            3 => json!({ "inline_query": { "id": "1", "from": from, "query": "", "offset": "" } }),
            4 => json!({ "message": Value::Null }),
            5 => json!({ "message": { "message_id": 1, "chat": chat, "text": "from nobody" } }),
            6 => json!({ "message": { "message_id": "one", "from": from, "chat": chat, "text": 5 } }),
            7 => json!({ "message": { "from": from, "chat": { "id": 1, "type": "realm" }, "text": "?" } }),
            8 => json!({ "callback_query": { "from": from } }),
            9 => json!({ "message": { "message_id": 1, "chat": chat, "text": "/queue",
                "from": { "id": who, "is_bot": true, "first_name": "Bot" } } }),
            // A group of somebody's becomes a supergroup.
            10 => {
                json!({ "message": { "message_id": 1, "from": from, "chat": { "id": ELSEWHERE, "type": "group" },
                "migrate_to_chat_id": -9_999 } })
            }
            _ => json!({}),
        }
    }
}
