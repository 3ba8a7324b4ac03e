//! What can go wrong with a request, and the page that says so in the visitor's language: what happened, what to do, and what he had
//! written, so that it is not lost.

use askama::Template;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use super::page::Page;
use crate::domain::refusal::Refusal;
use crate::service::ServiceError;
use crate::store::StoreError;

/// Why there is no page.
#[derive(Debug, Clone)]
pub enum Problem {
    /// Nobody is signed in, or not any more.
    SignIn,
    /// The role does not include it.
    Forbidden,
    /// There is nothing at this address.
    NotFound,
    /// The form does not read; a key of what is wrong with it.
    Wrong(&'static str),
    /// Too long, by this many bytes at most.
    TooLong,
    /// The form came from elsewhere, or from a session before this one.
    Stranger,
    /// The link does not work any more; a key that says why.
    Link(&'static str),
    /// The issuer did not let him in; a key that says why.
    Door(&'static str),
    /// The rules do not allow it.
    Refused(Refusal),
    /// The file is on its way here.
    Fetching,
    /// The file cannot be had.
    NoFile,
    /// Too many requests from one place.
    TooMany,
    /// The database does not answer, or something is broken.
    Broken,
    /// One of these, and the words that would be lost.
    Kept(Box<Problem>, String),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a page could not be made");
        Self::Broken
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Refused(Refusal::NotFound) => Self::NotFound,
            ServiceError::Refused(refusal) => Self::Refused(refusal),
            ServiceError::Store(error) => error.into(),
        }
    }
}

/// Left to the guard, which knows the visitor's language.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    p: &'a Page,
    title: String,
    advice: String,
    kept: Option<&'a str>,
    sign_in: bool,
}

impl Problem {
    /// What to do, where the form that was sent can be mended and sent again; `None` where that would not help.
    pub(super) fn advice(&self, page: &Page) -> Option<String> {
        match self {
            // The same form twice was carried out the first time.
            Self::Refused(Refusal::StaleAction) => None,
            Self::Wrong(_) | Self::Refused(_) => Some(self.words(page).1),
            _ => None,
        }
    }

    /// The status that says it to programs.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::Stranger | Self::Door(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Link(_) => StatusCode::GONE,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::Fetching => StatusCode::ACCEPTED,
            Self::NoFile => StatusCode::BAD_GATEWAY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Broken => StatusCode::SERVICE_UNAVAILABLE,
            Self::Kept(problem, _) => problem.status(),
        }
    }

    /// The key of its title, and what to do.
    fn words(&self, page: &Page) -> (String, String) {
        let key = match self {
            Self::SignIn => "web-problem-sign-in",
            Self::Forbidden => "web-problem-forbidden",
            Self::NotFound => "web-problem-not-found",
            Self::TooLong => "web-problem-too-long",
            Self::Stranger => "web-problem-stranger",
            Self::Fetching => "web-problem-fetching",
            Self::NoFile => "web-problem-no-file",
            Self::TooMany => "web-problem-too-many",
            Self::Broken => "web-problem-broken",
            Self::Wrong(key) => return (page.t("web-problem-wrong"), page.t(key)),
            Self::Door(key) => return (page.t("web-problem-door"), page.t(key)),
            Self::Link(key) => return (page.t("web-problem-link"), page.t(key)),
            Self::Refused(refusal) => {
                return (page.t("web-problem-refused"), super::words::refusal(page, refusal));
            }
            Self::Kept(problem, _) => return problem.words(page),
        };
        (page.t(key), page.t(&format!("{key}-advice")))
    }

    /// The page that says it.
    pub fn page(&self, page: &Page) -> Response {
        let (title, advice) = self.words(page);
        let kept = if let Self::Kept(_, words) = self { Some(words.as_str()) } else { None };
        let cause = if let Self::Kept(cause, _) = self { cause } else { self };
        let sign_in = matches!(cause, Self::SignIn | Self::Link(_) | Self::Door(_));
        let html = ProblemPage { p: page, title, advice, kept, sign_in }.render().unwrap_or_default();
        let mut response = (self.status(), Html(html)).into_response();
        if page.part {
            // A part of a page is no place for a whole one: htmx loads this address anew.
            response.headers_mut().insert("hx-refresh", HeaderValue::from_static("true"));
        }
        response
    }
}
