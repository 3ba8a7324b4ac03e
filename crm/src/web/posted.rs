//! A form that a signed-in person has sent: from this console, in this session, and readable.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use super::error::Problem;
use super::guard::Visitor;
use super::page::unmask;

/// A form's fields, after the guard's questions were answered.
pub struct Posted<T>(pub T);

/// A form with nothing in it but its button.
#[derive(Deserialize)]
pub struct Nothing {}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    csrf: String,
}

#[derive(Deserialize)]
struct Text {
    #[serde(default)]
    text: Vec<String>,
}

/// Whether a browser says that the request comes from a page of this very server.
pub fn same_origin(headers: &axum::http::HeaderMap) -> bool {
    match headers.get("sec-fetch-site").and_then(|v| v.to_str().ok()) {
        Some(site) => site == "same-origin",
        // Older browsers and programs do not say.
        None => true,
    }
}

/// The body as text; too long a one is refused before it is read.
async fn body(request: Request) -> Result<Bytes, Problem> {
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::TooLong
        } else {
            Problem::Wrong("web-wrong-form")
        }
    })
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Posted<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let visitor = request.extensions().get::<Visitor>().cloned().ok_or(Problem::SignIn)?;
        let plain = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        if !plain.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            return Err(Problem::Wrong("web-wrong-form"));
        }
        let ours = same_origin(request.headers());
        let body = body(request).await?;
        let token: Token = serde_html_form::from_bytes(&body).unwrap_or(Token { csrf: String::new() });
        let shown = unmask(&token.csrf).unwrap_or_default();
        if !ours || !bool::from(shown.as_bytes().ct_eq(visitor.csrf.as_bytes())) {
            return Err(kept(Problem::Stranger, &body));
        }
        serde_html_form::from_bytes(&body)
            .map(Self)
            .map_err(|_| kept(Problem::Wrong("web-wrong-form"), &body))
    }
}

/// The problem, with what was written into the form's `text` fields.
pub fn kept(problem: Problem, body: &Bytes) -> Problem {
    let text = serde_html_form::from_bytes::<Text>(body).map(|t| t.text.join("\n\n")).unwrap_or_default();
    if text.trim().is_empty() { problem } else { Problem::Kept(Box::new(problem), text) }
}

impl Problem {
    /// This problem, with words that would be lost.
    pub fn keeping(self, words: &str) -> Self {
        if words.trim().is_empty() { self } else { Self::Kept(Box::new(self), words.to_owned()) }
    }
}
