//! The webhook: store the update, then answer 200. 503 if it cannot be stored, so that Telegram sends it again.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use crm::service::Service;
use crm::store::Db;
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use subtle::ConstantTimeEq;

use crate::update;

/// What the webhook needs.
#[derive(Clone)]
pub struct Webhook {
    db: Db,
    service: Service,
    bot: i64,
    secret: SecretString,
}

impl Webhook {
    /// A webhook for the bot with id `bot` that believes whoever knows `secret`.
    pub fn new(db: Db, service: Service, bot: i64, secret: SecretString) -> Self {
        Self { db, service, bot, secret }
    }

    /// `POST /telegram`.
    pub fn router(self) -> Router {
        Router::new().route("/telegram", post(receive)).with_state(self)
    }
}

async fn receive(State(hook): State<Webhook>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let given = headers.get("X-Telegram-Bot-Api-Secret-Token").map_or(&[][..], |v| v.as_bytes());
    if !bool::from(given.ct_eq(hook.secret.expose_secret().as_bytes())) {
        return StatusCode::UNAUTHORIZED;
    }
    let raw = std::str::from_utf8(&body).ok().and_then(|text| serde_json::from_str::<&RawValue>(text).ok());
    let Some(update) = raw.and_then(update::raw) else { return StatusCode::BAD_REQUEST };
    let stored = async {
        let mut tx = hook.db.begin().await?;
        tx.inbox_store(hook.bot, &[update], hook.service.now(), None).await?;
        tx.commit().await
    };
    match stored.await {
        Ok(_) => StatusCode::OK,
        Err(error) => {
            tracing::error!(%error, "an update cannot be stored; Telegram will send it again");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
