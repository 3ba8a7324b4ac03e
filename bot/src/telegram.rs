//! The Bot API over HTTP: any method, by name. Works with any server at `KOMEK_TELEGRAM_API_URL`.
//!
//! teloxide's own client is not used for this, because it stalls ten seconds on a 5xx and gives a 429 to the whole bot; what an error
//! means for one chat is decided in [`crate::outbox`]. The token is part of every address and never printed.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::picture;

/// How a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// 429: this chat (or the bot) must be left alone for so long.
    #[error("too many requests: retry after {0:?}")]
    RetryAfter(Duration),
    /// 403: the person blocked the bot, left, or never started it.
    #[error("{0}")]
    Forbidden(String),
    /// 400 and other refusals that will not change by themselves.
    #[error("{0}")]
    Refused(String),
    /// 400: the group is a supergroup now, under this id.
    #[error("the group became supergroup {0}")]
    Migrated(i64),
    /// 401: the token is wrong or was revoked.
    #[error("Telegram does not accept the bot's token: check KOMEK_TELEGRAM_TOKEN (@BotFather shows it)")]
    Unauthorized,
    /// 404: this server does not know the method.
    #[error("this Bot API server has no such method")]
    NoMethod,
    /// 409: another program polls with the same token, or a webhook is set.
    #[error("{0}")]
    Conflict(String),
    /// The network, a timeout, a 5xx: the call may or may not have taken effect.
    #[error("{0}")]
    Passing(String),
}

/// What the server answers.
#[derive(Deserialize)]
struct Answer<'a> {
    ok: bool,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error_code: Option<u16>,
    description: Option<String>,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

/// A client for one bot.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    /// `https://server/bot42:TOKEN/`, read once and not for each of thousands of calls a second.
    base: url::Url,
    /// `https://server/file/bot42:TOKEN/`
    files: SecretString,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Api")
    }
}

impl Api {
    /// A client for the bot with `token` at `server`.
    pub fn new(server: &url::Url, token: &SecretString) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_mins(1))
            .tcp_nodelay(true)
            .build()?;
        let (root, token) = (server.as_str().trim_end_matches('/'), token.expose_secret());
        let files = format!("{root}/file/bot{token}/");
        let mut base = server.clone();
        base.set_path(&format!("{}/bot{token}/", server.path().trim_end_matches('/')));
        Ok(Self { http, base, files: SecretString::from(files) })
    }

    /// The bot's id: the part of the token before the colon.
    pub fn bot_id(token: &SecretString) -> Option<i64> {
        token.expose_secret().split(':').next()?.parse().ok()
    }

    /// Calls `method` and hands the answer's `result` to `read`.
    async fn call<T>(
        &self,
        method: &str,
        params: &Value,
        patience: Duration,
        read: impl FnOnce(&RawValue) -> serde_json::Result<T>,
    ) -> Result<T, ApiError> {
        let mut address = self.base.clone();
        address.set_path(&format!("{}{method}", self.base.path()));
        let passing = |e: reqwest::Error| ApiError::Passing(e.without_url().to_string());
        let request = self.http.post(address).timeout(patience);
        let request = match picture::drawing(params) {
            None => request.json(params),
            Some(svg) => request.multipart(with_picture(params, svg.to_owned()).await?),
        };
        let response = request.send().await.map_err(passing)?;
        let status = response.status();
        let body = response.bytes().await.map_err(passing)?;
        let Ok(answer) = serde_json::from_slice::<Answer<'_>>(&body) else {
            return Err(ApiError::Passing(format!("HTTP {status} without a readable answer")));
        };
        match answer.result {
            Some(result) if answer.ok => read(result)
                .map_err(|e| ApiError::Refused(format!("the answer to {method} does not read: {e}"))),
            _ => Err(refusal(answer, status.as_u16())),
        }
    }

    /// Calls `method`; returns the id of the message (or topic) that it made, where it made one.
    pub async fn send(&self, method: &str, params: &Value) -> Result<Option<i64>, ApiError> {
        /// Only the ids; serde skips the rest without building it.
        #[derive(Deserialize)]
        struct Message {
            message_id: Option<i64>,
            message_thread_id: Option<i64>,
        }
        let id = |result: &RawValue| {
            let made = serde_json::from_str::<Message>(result.get()).ok();
            Ok(made.and_then(|m| m.message_id.or(m.message_thread_id)))
        };
        self.call(method, params, Duration::from_secs(20), id).await
    }

    /// Calls `method`; returns its result.
    pub async fn ask(&self, method: &str, params: &Value) -> Result<Value, ApiError> {
        self.call(method, params, Duration::from_secs(20), |r| serde_json::from_str(r.get())).await
    }

    /// What is in a file at the path that getFile named, at most `limit` bytes.
    pub async fn download(&self, path: &str, limit: usize) -> Result<Vec<u8>, ApiError> {
        if path.is_empty() || path.split('/').any(|part| part == "..") {
            return Err(ApiError::Refused("Telegram named no path for this file".to_owned()));
        }
        let address = format!("{}{path}", self.files.expose_secret());
        let passing = |e: reqwest::Error| ApiError::Passing(e.without_url().to_string());
        let mut response =
            self.http.get(address).timeout(Duration::from_mins(2)).send().await.map_err(passing)?;
        match response.status() {
            status if status.is_success() => {}
            status if status.is_server_error() => return Err(ApiError::Passing(format!("HTTP {status}"))),
            status => return Err(ApiError::Refused(format!("HTTP {status}"))),
        }
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(passing)? {
            if body.len() + part.len() > limit {
                return Err(ApiError::Refused(format!("the file is larger than {limit} bytes")));
            }
            body.extend_from_slice(&part);
        }
        Ok(body)
    }

    /// Waits up to `wait` for updates from `offset` on; each as it came.
    pub async fn updates(&self, offset: i64, wait: Duration) -> Result<Vec<Box<RawValue>>, ApiError> {
        let params = serde_json::json!({
            "offset": offset,
            "limit": 100,
            "timeout": wait.as_secs(),
            "allowed_updates": ALLOWED_UPDATES,
        });
        self.call("getUpdates", &params, wait + Duration::from_secs(15), |r| serde_json::from_str(r.get()))
            .await
    }
}

/// The parameters of a call with the photo that its drawing makes.
async fn with_picture(params: &Value, svg: String) -> Result<Form, ApiError> {
    let drawn = tokio::task::spawn_blocking(move || picture::png(&svg)).await;
    let png = drawn.map_err(|e| ApiError::Refused(e.to_string()))?.map_err(ApiError::Refused)?;
    let photo = Part::bytes(png).file_name("report.png");
    let fields = params.as_object().into_iter().flatten().filter(|(name, _)| *name != "photo");
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Ok(fields
        .fold(Form::new(), |form, (name, value)| form.text(name.clone(), text(value)))
        .part("photo", photo))
}

/// The kinds of updates the desk wants.
pub const ALLOWED_UPDATES: [&str; 4] = ["message", "edited_message", "callback_query", "my_chat_member"];

fn refusal(answer: Answer<'_>, status: u16) -> ApiError {
    let text = answer.description.unwrap_or_else(|| format!("HTTP {status}"));
    match answer.error_code.unwrap_or(status) {
        429 => {
            let seconds = answer.parameters.and_then(|p| p.retry_after).unwrap_or(1);
            ApiError::RetryAfter(Duration::from_secs(seconds))
        }
        400 => match answer.parameters.and_then(|p| p.migrate_to_chat_id) {
            Some(chat) => ApiError::Migrated(chat),
            None => ApiError::Refused(text),
        },
        401 => ApiError::Unauthorized,
        403 => ApiError::Forbidden(text),
        404 => ApiError::NoMethod,
        409 => ApiError::Conflict(text),
        code if code >= 500 => ApiError::Passing(text),
        _ => ApiError::Refused(text),
    }
}
