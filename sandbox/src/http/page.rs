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

const PICTURE: &str = "image/svg+xml";
const HTML: &str = "text/html; charset=utf-8";

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! assets {
    ($($path:literal $mime:ident $file:literal,)*) => {
        [$(($path, $mime, include_str!(concat!("../../assets/", $file)))),*]
    };
}

/// Path, media type, content.
const FILES: [(&str, &str, &str); 17] = assets![
    "/" HTML "index.html",
    "/icon.svg" PICTURE "icon.svg",
    "/base.css" CSS "base.css",
    "/phone.css" CSS "phone.css",
    "/chat.css" CSS "chat.css",
    "/app.js" SCRIPT "app.js",
    "/api.js" SCRIPT "api.js",
    "/composer.js" SCRIPT "composer.js",
    "/dom.js" SCRIPT "dom.js",
    "/entities.js" SCRIPT "entities.js",
    "/list.js" SCRIPT "list.js",
    "/message.js" SCRIPT "message.js",
    "/phone.js" SCRIPT "phone.js",
    "/sheets.js" SCRIPT "sheets.js",
    "/store.js" SCRIPT "store.js",
    "/views.js" SCRIPT "views.js",
    "/words.js" SCRIPT "words.js",
];

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
