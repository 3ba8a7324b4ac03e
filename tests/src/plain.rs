//! Another Bot API server than the sandbox: a page of code that keeps updates until they are confirmed, writes calls down, and answers what
//! a test tells it to answer. What the bot does here it does with any server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use crm::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::desk::fill;
use crate::engine::{Engine, TestDb};
use crate::services::{Programs, Running};

/// The bot's token.
pub const TOKEN: &str = "4300:PLAIN";
/// The desk group.
pub const DESK: i64 = -1_002_000_000_002;
/// How long a test waits for the bot.
const PATIENCE: Duration = Duration::from_mins(1);

/// One call of the bot.
#[derive(Debug, Clone)]
pub struct Called {
    /// The method.
    pub method: String,
    /// Its parameters.
    pub params: Value,
    /// When it came.
    pub at: Instant,
}

impl Called {
    /// The chat it is for.
    pub fn chat(&self) -> Option<i64> {
        self.params["chat_id"].as_i64()
    }

    /// The data of its button whose data ends like this.
    pub fn button(&self, end: &str) -> Option<String> {
        let rows = self.params["reply_markup"]["inline_keyboard"].as_array()?;
        let mut data = rows
            .iter()
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(|button| button["callback_data"].as_str());
        data.find(|data| data.ends_with(end)).map(str::to_owned)
    }
}

/// What a test has the server answer to a call; `None`: the usual.
type Rule = Box<dyn FnMut(&Called) -> Option<(u16, Value)> + Send>;

struct Inner {
    updates: BTreeMap<i64, Value>,
    next_update: i64,
    next_message: i64,
    calls: Vec<Called>,
    rule: Rule,
    changed: watch::Sender<u64>,
}

/// A running server; it ends with the value.
pub struct Plain {
    inner: Arc<Mutex<Inner>>,
    address: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// `{"ok": false, …}` as Telegram says it.
pub fn refusal(code: u16, description: &str) -> (u16, Value) {
    (code, json!({ "ok": false, "error_code": code, "description": description }))
}

impl Plain {
    /// A server whose answers `rule` may change.
    pub async fn start(rule: impl FnMut(&Called) -> Option<(u16, Value)> + Send + 'static) -> Result<Self> {
        let inner = Arc::new(Mutex::new(Inner {
            updates: BTreeMap::new(),
            next_update: 1,
            next_message: 1_000,
            calls: Vec::new(),
            rule: Box::new(rule),
            changed: watch::Sender::new(0),
        }));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = format!("http://{}", listener.local_addr()?);
        let router = Router::new().fallback(answer).with_state(inner.clone());
        let task = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { inner, address, task })
    }

    /// What `KOMEK_TELEGRAM_API_URL` says.
    pub fn url(&self) -> String {
        self.address.clone()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An update happens; it gets the next number.
    pub fn update(&self, mut update: Value) -> i64 {
        let mut inner = self.inner();
        let number = inner.next_update;
        inner.next_update += 1;
        update["update_id"] = number.into();
        inner.updates.insert(number, update);
        inner.changed.send_modify(|n| *n += 1);
        number
    }

    /// The next update has this number.
    pub fn next_update(&self, number: i64) {
        self.inner().next_update = number;
    }

    /// How many updates are not confirmed.
    pub fn unconfirmed(&self) -> usize {
        self.inner().updates.len()
    }

    /// A person writes to the bot.
    pub fn says(&self, who: i64, text: &str) -> i64 {
        self.update(json!({ "message": private(who, &json!({ "text": text })) }))
    }

    /// A person presses a button of the bot's message.
    pub fn presses(&self, who: i64, data: &str) -> i64 {
        self.update(json!({ "callback_query": {
            "id": data, "from": person(who), "chat_instance": "1", "data": data,
            "message": { "message_id": 1_000, "date": 1, "chat": { "id": who, "type": "private" } },
        }}))
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<Called> {
        self.inner().calls.clone()
    }

    /// Waits for a call (those of the past count).
    pub async fn wait_for(&self, what: &str, like: impl Fn(&Called) -> bool) -> Result<Called> {
        let mut changed = self.inner().changed.subscribe();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = self.inner().calls.iter().find(|call| like(call)) {
                return Ok(found.clone());
            }
            tokio::time::timeout_at(deadline, changed.changed())
                .await
                .with_context(|| format!("{what}: no such call among {:#?}", self.calls()))??;
        }
    }

    /// Asks a question through the menu; returns the ticket's number.
    pub async fn asks(&self, who: i64, question: &str) -> Result<String> {
        let before = self.calls().len();
        self.says(who, "/menu");
        let later = |call: &Called, end: &str| call.chat() == Some(who) && call.button(end).is_some();
        let menu = self.next(before, "the menu", |call| later(call, ":question")).await?;
        self.presses(who, &menu.button(":question").context("a button")?);
        self.next(before, "the question", |call| later(call, ":b") && call.button(":question").is_none())
            .await?;
        self.says(who, question);
        let numbered = |call: &Called| {
            call.params["text"].as_str().and_then(crate::town::number_in).filter(|_| call.chat() == Some(who))
        };
        let told = self.next(before, "the number", |call| numbered(call).is_some()).await?;
        numbered(&told).context("a number")
    }

    async fn next(&self, before: usize, what: &str, like: impl Fn(&Called) -> bool) -> Result<Called> {
        let mut changed = self.inner().changed.subscribe();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if let Some(found) = self.inner().calls.iter().skip(before).find(|call| like(call)) {
                return Ok(found.clone());
            }
            tokio::time::timeout_at(deadline, changed.changed())
                .await
                .with_context(|| format!("{what}: no such call among {:#?}", &self.calls()[before..]))??;
        }
    }
}

/// A user as updates show one.
pub fn person(id: i64) -> Value {
    json!({ "id": id, "is_bot": false, "first_name": format!("P{id}"), "language_code": "en" })
}

/// A message in somebody's private chat, with `content` beside what every message has.
pub fn private(who: i64, content: &Value) -> Value {
    let mut message = json!({ "message_id": 1, "date": 1, "from": person(who),
        "chat": { "id": who, "type": "private", "first_name": "P" } });
    for (key, value) in content.as_object().into_iter().flatten() {
        message[key] = value.clone();
    }
    message
}

async fn answer(State(inner): State<Arc<Mutex<Inner>>>, uri: Uri, body: Bytes) -> Response {
    let method = uri.path().rsplit('/').next().unwrap_or_default().to_owned();
    let params: Value = serde_json::from_slice(&body).unwrap_or_default();
    let call = Called { method, params, at: Instant::now() };
    let ruled = {
        let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
        let ruled = (inner.rule)(&call);
        inner.calls.push(call.clone());
        inner.changed.send_modify(|n| *n += 1);
        ruled
    };
    let (code, body) = match ruled {
        Some(ruled) => ruled,
        None if !uri.path().starts_with(&format!("/bot{TOKEN}/")) => refusal(401, "Unauthorized"),
        None => (200, json!({ "ok": true, "result": result(&inner, &call).await })),
    };
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (code, axum::Json(body)).into_response()
}

async fn result(inner: &Mutex<Inner>, call: &Called) -> Value {
    let lock = || inner.lock().unwrap_or_else(PoisonError::into_inner);
    match call.method.as_str() {
        "getMe" => json!({ "id": 4300, "is_bot": true, "first_name": "Plain", "username": "plain_bot" }),
        "getUpdates" => {
            let wait = Duration::from_secs(call.params["timeout"].as_u64().unwrap_or(0));
            let deadline = tokio::time::Instant::now() + wait;
            let mut changed = lock().changed.subscribe();
            let offset = call.params["offset"].as_i64().unwrap_or(0);
            loop {
                let updates: Vec<Value> = {
                    let mut inner = lock();
                    inner.updates.retain(|number, _| *number >= offset);
                    inner.updates.values().take(100).cloned().collect()
                };
                let more = tokio::time::timeout_at(deadline, changed.changed());
                if !updates.is_empty() || more.await.is_err() {
                    return Value::from(updates);
                }
            }
        }
        "sendMessage" | "copyMessage" => {
            let mut inner = lock();
            inner.next_message += 1;
            json!({ "message_id": inner.next_message, "date": 1, "chat": { "id": call.chat() } })
        }
        "editMessageText" => json!({ "message_id": call.params["message_id"] }),
        _ => Value::Bool(true),
    }
}

/// A database, the directory and the bot, before a server of this file.
pub struct Post {
    /// The server.
    pub api: Plain,
    /// The database.
    pub test: TestDb,
    /// The programs, ready to start.
    pub programs: Programs,
    folder: TempDir,
}

impl Post {
    /// Everything but the running bot; `None` if the programs are not built.
    pub async fn new(api: Plain) -> Result<Option<Self>> {
        let Some(test) = TestDb::new(Engine::Sqlite).await? else { return Ok(None) };
        Self::on(api, test).await
    }

    /// The same on this migrated database.
    pub async fn on(api: Plain, test: TestDb) -> Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        let now = SystemClock.now();
        crm::admin::policies_open(&test.db, None, now).await?;
        let mut tx = test.db.begin().await?;
        fill(&mut tx, "test:///default", now).await?;
        tx.commit().await?;
        let variables = [
            ("KOMEK_DATABASE_URL", test.url.clone()),
            ("KOMEK_TELEGRAM_TOKEN", TOKEN.to_owned()),
            ("KOMEK_TELEGRAM_API_URL", api.url()),
            ("KOMEK_TELEGRAM_DESK_CHAT", DESK.to_string()),
            ("KOMEK_TELEGRAM_LIMITS", "false".to_owned()),
        ];
        let Some(programs) = Programs::new(folder.path(), &variables)? else { return Ok(None) };
        Ok(Some(Self { api, test, programs, folder }))
    }

    /// Starts the bot and waits until it is at work.
    pub async fn start_bot(&self) -> Result<Running> {
        let bot = self.programs.start("komek-bot", &[])?;
        bot.says("is at work", PATIENCE).await?;
        Ok(bot)
    }

    /// What a program has logged here so far, in all its runs.
    pub fn logged(&self, program: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("{program}.log"))).unwrap_or_default()
    }

    /// Waits until a query gives `wanted`.
    pub async fn until(&self, sql: &str, wanted: i64) -> Result<()> {
        self.test.until(sql, wanted, PATIENCE).await
    }
}
