//! The control API, `/sandbox/api/…`: acting as people, injecting faults, reading what happened. README.md
//! describes each path.

mod acts;
mod admin;
mod read;

pub(crate) use acts::sample_voice;

use crate::hub::Hub;
use crate::model::ChatKey;
use crate::world::{ActError, World};
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post};
use serde_json::{Value, json};
use std::sync::Arc;

/// An error of the control API: plain JSON, not Telegram's.
pub(super) struct Refused(StatusCode, String);

impl From<ActError> for Refused {
    fn from(error: ActError) -> Self {
        let status = match error {
            ActError::UnknownPerson(_)
            | ActError::UnknownChat(_)
            | ActError::UnknownMessage(_)
            | ActError::UnknownButton(_)
            | ActError::UnknownTopic(_) => StatusCode::NOT_FOUND,
            ActError::Blocked | ActError::TopicClosed => StatusCode::CONFLICT,
            ActError::NotYours(_) => StatusCode::FORBIDDEN,
            ActError::BadText | ActError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            ActError::Io(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self(status, error.to_string())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, axum::Json(json!({ "error": self.1 }))).into_response()
    }
}

fn invalid(why: impl std::fmt::Display) -> Refused {
    Refused(StatusCode::UNPROCESSABLE_ENTITY, why.to_string())
}

type Done = Result<axum::Json<Value>, Refused>;

#[expect(clippy::unnecessary_wraps, reason = "handlers end with it, and they can fail")]
fn ok(value: Value) -> Done {
    Ok(axum::Json(value))
}

/// All paths.
pub(super) fn router() -> Router<Arc<Hub>> {
    Router::new()
        .route("/world", get(read::world))
        .route("/people", get(read::people).post(admin::add_person))
        .route("/people/{person}", patch(admin::change_person))
        .route("/people/{person}/block", post(acts::block))
        .route("/people/{person}/chats", get(read::chats))
        .route("/people/{person}/chats/{chat}", get(read::chat))
        .route("/people/{person}/chats/{chat}/messages", get(read::messages))
        .route("/people/{person}/chats/{chat}/messages/{message}", delete(acts::delete).patch(acts::edit))
        .route("/people/{person}/chats/{chat}/send", post(acts::send))
        .route("/people/{person}/chats/{chat}/start", post(acts::start))
        .route("/people/{person}/chats/{chat}/press", post(acts::press))
        .route("/bots", get(read::bots).post(admin::add_bot))
        .route("/groups", post(admin::add_group))
        .route("/groups/{group}/members", post(admin::set_member))
        .route("/groups/{group}/topics", post(admin::add_topic))
        .route("/groups/{group}/migrate", post(admin::migrate))
        .route("/events", get(super::stream::events))
        .route("/calls", get(read::calls).delete(admin::clear_calls))
        .route("/callbacks/{callback}", get(read::callback))
        .route("/files/{file}", get(read::file))
        .route("/faults", get(read::faults).post(admin::add_fault).delete(admin::clear_faults))
        .route("/faults/{fault}", delete(admin::remove_fault))
        .route("/limits", get(read::limits).put(admin::set_limits))
        .route("/page", axum::routing::put(admin::set_page))
        .route("/reset", post(admin::reset))
        .layer(axum::middleware::from_fn(own_page_only))
}

/// A web page of another origin must not act here through the reader's browser. Programs send no Origin.
async fn own_page_only(request: Request, next: Next) -> Response {
    match foreign_origin(request.headers()) {
        Some(origin) => Refused(StatusCode::FORBIDDEN, format!("{origin} may not act here")).into_response(),
        None => next.run(request).await,
    }
}

fn foreign_origin(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let origin = text(header::ORIGIN)?;
    let own = text(header::HOST).map(|host| format!("http://{host}"));
    (own.as_deref() != Some(origin)).then(|| origin.to_owned())
}

/// A chat in a path: an id as the person sees it, or `bot` for the first bot.
fn chat_in(world: &World, person: i64, chat: &str) -> Result<(i64, ChatKey), Refused> {
    let id = match chat {
        "bot" => world.bots.keys().next().copied(),
        other => other.parse().ok(),
    };
    let found = id.and_then(|id| Some((id, world.person_chat(person, id)?)));
    if !world.people.contains_key(&person) {
        return Err(ActError::UnknownPerson(person).into());
    }
    found.ok_or_else(|| Refused(StatusCode::NOT_FOUND, format!("the person has no chat {chat}")))
}
