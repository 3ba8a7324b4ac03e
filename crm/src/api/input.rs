//! What comes in, read strictly: JSON bodies, query strings, paths and keys, with a problem document for each thing that is wrong.

use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::domain::audit::sha256_hex;
use crate::domain::ids::TicketNumber;

/// Longest text of a message, characters: what a person can read, and far more than Telegram shows at once.
pub const TEXT_LIMIT: usize = 20_000;

/// A JSON body, with the digest of path and body that an `Idempotency-Key` stands for.
pub struct Body<T> {
    /// What was sent.
    pub value: T,
    /// SHA-256 of method, path and body.
    pub digest: String,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let json = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).is_some_and(|v| {
            let essence = v.split(';').next().unwrap_or_default().trim();
            essence.eq_ignore_ascii_case("application/json")
        });
        if !json {
            return Err(Problem::media_type());
        }
        let head = format!("{} {}\n", request.method(), request.uri().path());
        let bytes = Bytes::from_request(request, state).await.map_err(|e| unread(&e))?;
        let value = serde_json::from_slice(&bytes).map_err(|e| {
            use serde_json::error::Category;
            match e.classify() {
                Category::Data => Problem::invalid(format!("the body does not fit: {e}")),
                _ => Problem::unreadable(format!("the body is not JSON: {e}")),
            }
        })?;
        let digest = sha256_hex(&[head.as_bytes(), &bytes].concat());
        Ok(Self { value, digest })
    }
}

fn unread(error: &BytesRejection) -> Problem {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::too_large("send at most 4 MiB; split what is larger");
    }
    Problem::unreadable("the body ended early; send it again")
}

/// A query string.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(value) =
            Query::<T>::from_request_parts(parts, state).await.map_err(|e: QueryRejection| {
                Problem::invalid(format!("a query parameter cannot be used: {}", e.body_text()))
            })?;
        Ok(Self(value))
    }
}

/// The ticket number of a path.
pub struct Number(pub TicketNumber);

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|e: PathRejection| Problem::not_found(e.body_text()))?;
        numbered(&text, "KM-").map(Self)
    }
}

/// A number of the form that the API's description promises, `PREFIX000042` or `42`; what people may write besides is for the bot and
/// the pages. What is no number names nothing: 404.
pub(super) fn numbered<T: FromStr<Err = String>>(text: &str, prefix: &str) -> Result<T, Problem> {
    let digits = text.strip_prefix(prefix).unwrap_or(text);
    if !(1..=18).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Problem::not_found(format!("«{text}» is no number here; it looks like {prefix}000042")));
    }
    text.parse().map_err(Problem::not_found)
}

/// The value of `Idempotency-Key`, if one was sent.
pub struct IdempotencyKey(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(Self(None)) };
        match value.to_str() {
            Ok(key) if (1..=255).contains(&key.len()) => Ok(Self(Some(key.to_owned()))),
            _ => Err(Problem::unreadable(
                "Idempotency-Key must have 1 to 255 visible ASCII characters, such as a UUID",
            )),
        }
    }
}

/// A text that somebody is to read: not empty, not endless, without NUL (which PostgreSQL does not store).
pub fn text(field: &str, value: &str) -> Result<String, Problem> {
    let value = value.trim();
    if value.is_empty() {
        return Err(Problem::invalid(format!("{field}: write at least a word")));
    }
    at_most(field, value, TEXT_LIMIT)
}

/// A text of at most `limit` characters, without NUL.
pub fn at_most(field: &str, value: &str, limit: usize) -> Result<String, Problem> {
    if value.contains('\0') {
        return Err(Problem::invalid(format!("{field}: a NUL character cannot be stored; leave it out")));
    }
    let length = value.chars().count();
    if length > limit {
        return Err(Problem::invalid(format!("{field}: {length} characters; at most {limit} can be stored")));
    }
    Ok(value.to_owned())
}

/// An id of the directory in a query string or a body: not empty, at most a hundred characters.
pub fn id(field: &str, value: Option<&str>) -> Result<(), Problem> {
    match value {
        Some("") => Err(Problem::invalid(format!("{field}: leave it out, or write an id"))),
        Some(value) => at_most(field, value, 100).map(drop),
        None => Ok(()),
    }
}

/// A field that may be left out but not be null.
pub fn present<'de, D, T>(input: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    T::deserialize(input).map(Some)
}
