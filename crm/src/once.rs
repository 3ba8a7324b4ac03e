//! The page behind a one-time link: shows a temporary password, or a kubeconfig, once.
//!
//! Looking at the address takes nothing out: chat programs and mail scanners fetch every link they see. The button does, and only the
//! first press. What is shown is never cached, never framed, and the address is told to no other site.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use secrecy::ExposeSecret;

use crate::clock::SharedClock;
use crate::domain::lang::Lang;
use crate::seal::LinkToken;
use crate::store::{Db, SecretKind, SecretState, StoreError};
use crate::t;

/// What the page works with.
#[derive(Clone)]
pub struct Once {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: SharedClock,
}

/// `/once/{token}`.
pub fn router(once: Once) -> Router {
    Router::new().route("/once/{token}", get(look).post(open)).with_state(once)
}

/// What the page says.
enum Shown {
    Waiting(SecretKind),
    Secret(SecretKind, String),
    Opened,
    Expired,
    Unknown,
}

async fn look(State(once): State<Once>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    answer(&headers, once.look(&token).await)
}

async fn open(State(once): State<Once>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    answer(&headers, once.open(&token).await)
}

impl Once {
    async fn look(&self, token: &str) -> Result<Shown, StoreError> {
        let Some(token) = LinkToken::read(token) else { return Ok(Shown::Unknown) };
        let state = self.db.read().await?.secret_look(&token.hash(), self.clock.now()).await?;
        Ok(match state {
            Some(SecretState::Waiting(what)) => Shown::Waiting(what),
            Some(SecretState::Opened) => Shown::Opened,
            Some(SecretState::Expired) => Shown::Expired,
            None => Shown::Unknown,
        })
    }

    /// Takes the secret out, commits that, and only then shows it: a crash in between loses it, and never shows it twice.
    async fn open(&self, text: &str) -> Result<Shown, StoreError> {
        let Some(token) = LinkToken::read(text) else { return Ok(Shown::Unknown) };
        let mut tx = self.db.begin().await?;
        let found = tx.secret_take(&token.hash(), self.clock.now()).await?;
        tx.commit().await?;
        let Some((what, sealed)) = found else { return self.look(text).await };
        Ok(token
            .key()
            .open(&sealed)
            .map_or(Shown::Unknown, |secret| Shown::Secret(what, secret.expose_secret().to_owned())))
    }
}

/// The language a browser prefers; Kazakh if it says nothing we speak.
fn language(headers: &HeaderMap) -> Lang {
    let said = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mut wanted = said.split(',').filter_map(|w| w.trim().get(..2)?.to_ascii_lowercase().parse().ok());
    wanted.next().unwrap_or(Lang::Kk)
}

fn answer(headers: &HeaderMap, shown: Result<Shown, StoreError>) -> Response {
    let lang = language(headers);
    let (status, heading, body) = match shown {
        Ok(Shown::Waiting(what)) => {
            let button = format!(
                "<form method=\"post\"><button autofocus>{}</button></form><p class=\"small\">{}</p>",
                t!(lang, "once-show"),
                t!(lang, "once-only-once"),
            );
            (StatusCode::OK, title(lang, what), button)
        }
        Ok(Shown::Secret(what, secret)) => {
            (StatusCode::OK, title(lang, what), secret_html(lang, what, &secret))
        }
        Ok(Shown::Opened) => gone(lang, "once-opened"),
        Ok(Shown::Expired) => gone(lang, "once-expired"),
        Ok(Shown::Unknown) => gone(lang, "once-unknown"),
        Err(error) => {
            tracing::error!(%error, "a one-time link could not be looked up");
            let again = format!("<p>{}</p>", t!(lang, "once-again"));
            (StatusCode::SERVICE_UNAVAILABLE, t!(lang, "once-title"), again)
        }
    };
    let page = format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>{heading}</title><style>{STYLE}</style></head>\
         <body><main><h1>{heading}</h1>{body}</main></body></html>"
    );
    let mut response = (status, Html(page)).into_response();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn title(lang: Lang, what: SecretKind) -> String {
    match what {
        SecretKind::Password => t!(lang, "once-password"),
        SecretKind::Kubeconfig => t!(lang, "once-kubeconfig"),
    }
}

fn gone(lang: Lang, key: &str) -> (StatusCode, String, String) {
    (
        StatusCode::GONE,
        t!(lang, "once-title"),
        format!("<p>{}</p><p>{}</p>", t!(lang, key), t!(lang, "once-ask-again")),
    )
}

fn secret_html(lang: Lang, what: SecretKind, secret: &str) -> String {
    let (tag, hint) = match what {
        SecretKind::Password => ("code", t!(lang, "once-password-hint")),
        SecretKind::Kubeconfig => ("pre", t!(lang, "once-kubeconfig-hint")),
    };
    format!(
        "<{tag} class=\"secret\">{}</{tag}><p>{hint}</p><p class=\"small\">{}</p>",
        escape(secret),
        t!(lang, "once-gone-now"),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Readable on a phone; a tap selects the whole secret.
const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;margin:0;color:#1b1f23;background:#f5f6f8}\
main{max-width:40rem;margin:8vh auto;padding:1.5rem;background:#fff;border-radius:.8rem}h1{font-size:1.3rem}\
button{font:inherit;padding:.7rem 1.2rem;border:0;border-radius:.5rem;background:#0b6bcb;color:#fff}\
.secret{display:block;padding:1rem;background:#eef1f4;border-radius:.5rem;user-select:all;overflow:auto;font-size:1.15rem}\
pre.secret{font-size:.8rem}.small{font-size:.9rem;color:#57606a}\
@media(prefers-color-scheme:dark){body{background:#111;color:#eee}main{background:#1c1e21}.secret{background:#2a2d31}}";
