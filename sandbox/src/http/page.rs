//! The page: plain files, compiled in.

use crate::hub::Hub;
use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use std::sync::Arc;

/// Everything the page may do: its own files and its own API, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";

const FILES: [(&str, &str, &str); 1] = [("/", HTML, include_str!("../../assets/index.html"))];

pub(super) fn router() -> Router<Arc<Hub>> {
    let mut router = Router::new();
    for (path, mime, content) in FILES {
        router = router.route(path, get(move || async move { file(mime, content) }));
    }
    router
}

fn file(mime: &'static str, content: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // The page belongs to the running program: an older copy must not meet a newer API.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, content)
}
