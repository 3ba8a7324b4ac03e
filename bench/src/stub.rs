//! A Telegram for measuring: hands out updates, takes every call and says yes. It checks nothing and keeps no messages; the sandbox
//! does that. What it notes is who was sent what, when.
//!
//! It runs on a thread of its own with one event loop, so that it costs the program under measurement little.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};

/// The token of the bot.
pub const TOKEN: &str = "42:BENCH";
/// Updates in one answer, as Telegram has it.
const BATCH: usize = 100;

/// A call of the bot.
#[derive(Debug)]
pub struct Seen {
    /// Such as `sendMessage`.
    pub method: String,
    /// The chat it goes to, or whose press it answers.
    pub chat: i64,
    /// The message it made or changed.
    pub message: i64,
    /// The data of its first button.
    pub button: Option<String>,
    /// When its first bytes were here.
    pub at: Instant,
}

/// Counts of the HTTP side.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    /// Calls by method.
    pub calls: BTreeMap<String, u64>,
    /// Updates handed out more than once: polls that asked again for what they had been given.
    pub repeated: u64,
    /// When updates were asked for first.
    pub first_poll: Option<Instant>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(i64, String)>,
    last_update: i64,
    handed_out: i64,
    last_message: i64,
    counts: Counts,
    /// Chats that are refused with 429, and for how many seconds.
    refused: BTreeMap<i64, u64>,
}

/// A running stub; it ends with the process.
#[derive(Clone)]
pub struct Stub {
    state: Arc<Mutex<State>>,
    fresh: Arc<Notify>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Stub {
    /// Starts one on a free port; what it sees comes out of the receiver.
    pub fn start() -> Result<(Self, mpsc::UnboundedReceiver<Seen>)> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let stub = Self { state: Arc::default(), fresh: Arc::default(), address: listener.local_addr()? };
        let (out, seen) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let serving = stub.clone();
        std::thread::spawn(move || runtime.block_on(serving.serve(listener, out)));
        Ok((stub, seen))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.state().counts.clone()
    }

    /// From now on whatever is sent to `chat` is answered 429: wait so many seconds.
    pub fn refuse(&self, chat: i64, seconds: u64) {
        self.state().refused.insert(chat, seconds);
    }

    /// Puts an update into the queue: `kind` and its JSON, the number comes with it.
    pub fn push(&self, kind: &str, body: &str) {
        let mut state = self.state();
        state.last_update += 1;
        let id = state.last_update;
        state.waiting.push_back((id, format!(r#"{{"update_id":{id},"{kind}":{body}}}"#)));
        drop(state);
        self.fresh.notify_waiters();
    }

    async fn serve(self, listener: std::net::TcpListener, out: mpsc::UnboundedSender<Seen>) -> Result<()> {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            stream.set_nodelay(true)?;
            let (stub, out) = (self.clone(), out.clone());
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let (stub, out) = (stub.clone(), out.clone());
                    async move { Ok::<_, Infallible>(stub.answer(request, &out).await) }
                });
                // An error is a bot that went away.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        out: &mpsc::UnboundedSender<Seen>,
    ) -> Response<Full<Bytes>> {
        let at = Instant::now();
        let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|t| t.as_bytes().ends_with(b"urlencoded"));
        let query = request.uri().query().unwrap_or_default().to_owned();
        let body =
            request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let params = if form {
            Params::of_pairs(&body)
        } else if body.is_empty() {
            Params::of_pairs(query.as_bytes())
        } else {
            serde_json::from_slice(&body).unwrap_or_default()
        };
        let result = match method.to_ascii_lowercase().as_str() {
            "getupdates" => self.updates(&params).await,
            "getme" => ME.to_owned(),
            "sendmessage" | "editmessagetext" | "editmessagereplymarkup" => self.message(&params),
            _ => "true".to_owned(),
        };
        *self.state().counts.calls.entry(method.clone()).or_default() += 1;
        if let Some(chat) = params.chat() {
            let message = params.message_id.unwrap_or_else(|| self.state().last_message);
            // Nobody may want to know.
            let _ = out.send(Seen { method, chat, message, button: params.button(), at });
        }
        let refused = params.chat_id.and_then(|chat| self.state().refused.get(&chat).copied());
        let (status, body) = match refused {
            Some(wait) => (
                429,
                format!(
                    r#"{{"ok":false,"error_code":429,"description":"Too Many Requests: retry after {wait}","parameters":{{"retry_after":{wait}}}}}"#
                ),
            ),
            None => (200, format!(r#"{{"ok":true,"result":{result}}}"#)),
        };
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
        response
    }

    fn message(&self, params: &Params) -> String {
        let mut state = self.state();
        if params.message_id.is_none() {
            state.last_message += 1;
        }
        let id = params.message_id.unwrap_or(state.last_message);
        let chat = params.chat_id.unwrap_or_default();
        format!(
            r#"{{"message_id":{id},"date":1790000000,"from":{BOT},"chat":{{"id":{chat},"type":"private","first_name":"U"}},"text":"ok"}}"#
        )
    }

    async fn updates(&self, params: &Params) -> String {
        let until = Instant::now() + Duration::from_secs(params.timeout.unwrap_or(0));
        loop {
            let fresh = self.fresh.notified();
            if let Some(list) = self.take(params.offset.unwrap_or(0)) {
                return list;
            }
            if tokio::time::timeout_at(until.into(), fresh).await.is_err() {
                return "[]".to_owned();
            }
        }
    }

    /// Up to a hundred updates from `offset` on; what is before it is confirmed and forgotten.
    fn take(&self, offset: i64) -> Option<String> {
        let mut state = self.state();
        state.counts.first_poll.get_or_insert_with(Instant::now);
        while state.waiting.front().is_some_and(|(id, _)| *id < offset) {
            state.waiting.pop_front();
        }
        let batch: Vec<&(i64, String)> = state.waiting.iter().take(BATCH).collect();
        let (first, last) = (batch.first()?.0, batch.last()?.0);
        let joined = batch.iter().map(|(_, json)| json.as_str()).collect::<Vec<_>>().join(",");
        let again = (state.handed_out - first + 1).max(0);
        state.counts.repeated += u64::try_from(again).unwrap_or(0);
        state.handed_out = state.handed_out.max(last);
        Some(format!("[{joined}]"))
    }
}

const BOT: &str = r#"{"id":42,"is_bot":true,"first_name":"Komek","username":"komek_bot"}"#;
const ME: &str = r#"{"id":42,"is_bot":true,"first_name":"Komek","username":"komek_bot","can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false,"can_connect_to_business":false,"has_main_web_app":false}"#;

/// What matters of a call's parameters.
#[derive(Default, Deserialize)]
struct Params {
    chat_id: Option<i64>,
    message_id: Option<i64>,
    offset: Option<i64>,
    timeout: Option<u64>,
    callback_query_id: Option<String>,
    reply_markup: Option<Box<RawValue>>,
}

impl Params {
    fn of_pairs(text: &[u8]) -> Self {
        let mut params = Self::default();
        for (key, value) in url::form_urlencoded::parse(text) {
            match &*key {
                "chat_id" => params.chat_id = value.parse().ok(),
                "message_id" => params.message_id = value.parse().ok(),
                "offset" => params.offset = value.parse().ok(),
                "timeout" => params.timeout = value.parse().ok(),
                "callback_query_id" => params.callback_query_id = Some(value.into_owned()),
                "reply_markup" => params.reply_markup = RawValue::from_string(value.into_owned()).ok(),
                _ => {}
            }
        }
        params
    }

    /// The chat, also of a press: its id begins with it.
    fn chat(&self) -> Option<i64> {
        let pressed = || self.callback_query_id.as_deref()?.split('-').next()?.parse().ok();
        self.chat_id.or_else(pressed)
    }

    fn button(&self) -> Option<String> {
        let markup = self.reply_markup.as_ref()?.get();
        let (_, rest) = markup.split_once("\"callback_data\"")?;
        rest.split('"').nth(1).map(str::to_owned)
    }
}
