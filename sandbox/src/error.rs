//! Errors as Telegram words them: the texts are an interface, bots match on them.

use serde_json::{Value, json};

/// A refusal of the Bot API: the HTTP status, the description and, sometimes, machine-readable parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} {description}")]
pub struct ApiError {
    /// `error_code`, which is also the HTTP status.
    pub code: u16,
    /// `description`, word for word what Telegram says.
    pub description: String,
    /// `parameters.retry_after`, seconds.
    pub retry_after: Option<i64>,
    /// `parameters.migrate_to_chat_id`.
    pub migrate_to: Option<i64>,
}

impl ApiError {
    /// An error with any code and full description.
    pub fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), retry_after: None, migrate_to: None }
    }

    /// The JSON body of the answer.
    pub fn body(&self) -> Value {
        let mut body = json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({ "retry_after": seconds });
        }
        if let Some(chat) = self.migrate_to {
            body["parameters"] = json!({ "migrate_to_chat_id": chat });
        }
        body
    }
}

/// 400 with Telegram's prefix.
pub fn bad_request(text: impl std::fmt::Display) -> ApiError {
    ApiError::new(400, format!("Bad Request: {text}"))
}

/// 403 with Telegram's prefix.
pub fn forbidden(text: impl std::fmt::Display) -> ApiError {
    ApiError::new(403, format!("Forbidden: {text}"))
}

/// 409 with Telegram's prefix.
pub fn conflict(text: impl std::fmt::Display) -> ApiError {
    ApiError::new(409, format!("Conflict: {text}"))
}

/// 401: the token is nobody's.
pub fn unauthorized() -> ApiError {
    ApiError::new(401, "Unauthorized")
}

/// 404: the method is unknown to this server.
pub fn not_found() -> ApiError {
    ApiError::new(404, "Not Found")
}

/// 429 with the seconds to wait.
pub fn too_many_requests(retry_after: i64) -> ApiError {
    ApiError {
        retry_after: Some(retry_after),
        ..ApiError::new(429, format!("Too Many Requests: retry after {retry_after}"))
    }
}

/// 400: the group has another id now.
pub fn migrated(to: i64) -> ApiError {
    ApiError { migrate_to: Some(to), ..bad_request("group chat was upgraded to a supergroup chat") }
}

/// 400: no such chat, or the bot may not know of it.
pub fn chat_not_found() -> ApiError {
    bad_request("chat not found")
}
