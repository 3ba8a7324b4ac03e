//! Reading: the world, chats and messages as a person sees them, the bots' calls.

use super::{Done, Refused, chat_in, ok};
use crate::hub::Hub;
use crate::model::Person;
use crate::world::{ActError, CallRecord, World};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn world(State(hub): State<Arc<Hub>>) -> Done {
    ok(hub.with(|world| {
        json!({
            "seq": world.seq(),
            "now_ms": world.now_ms(),
            "bots": world.bots.keys().filter_map(|id| world.bot_view(*id)).collect::<Vec<_>>(),
            "people": people_of(world),
            "page": world.page,
            "limits": world.limits.rules,
            "faults": world.faults.list(),
        })
    }))
}

pub(super) async fn people(State(hub): State<Arc<Hub>>) -> Done {
    ok(hub.with(|world| people_of(world).into()))
}

/// Everybody, in the order of the world file.
fn people_of(world: &World) -> Vec<Value> {
    let mut people: Vec<&Person> = world.people.values().collect();
    people.sort_by_key(|person| person.place);
    people.into_iter().map(|person| world.person_view(person)).collect()
}

pub(super) async fn bots(State(hub): State<Arc<Hub>>) -> Done {
    ok(hub.with(|world| world.bots.keys().filter_map(|id| world.bot_view(*id)).collect::<Vec<_>>().into()))
}

pub(super) async fn chats(State(hub): State<Arc<Hub>>, Path(person): Path<i64>) -> Done {
    let view = hub.with(|world| world.people.get(&person).map(|p| world.person_view(p)["chats"].clone()));
    ok(view.ok_or(ActError::UnknownPerson(person))?)
}

pub(super) async fn chat(State(hub): State<Arc<Hub>>, Path((person, chat)): Path<(i64, String)>) -> Done {
    let view = hub.with(|world| Ok::<_, Refused>(world.chat_view(person, chat_in(world, person, &chat)?.1)));
    ok(view?)
}

#[derive(Deserialize)]
pub(super) struct Window {
    before: Option<i64>,
    limit: Option<usize>,
}

pub(super) async fn messages(
    State(hub): State<Arc<Hub>>,
    Path((person, chat)): Path<(i64, String)>,
    Query(window): Query<Window>,
) -> Done {
    let views = hub.with(|world| {
        let (_, key) = chat_in(world, person, &chat)?;
        Ok::<_, Refused>(world.messages_view(key, window.before, window.limit.unwrap_or(100).min(1000)))
    });
    ok(views?.into())
}

#[derive(Deserialize)]
pub(super) struct CallFilter {
    after: Option<u64>,
    method: Option<String>,
    limit: Option<usize>,
}

pub(super) async fn calls(State(hub): State<Arc<Hub>>, Query(filter): Query<CallFilter>) -> Done {
    let wanted = |call: &&CallRecord| {
        call.n > filter.after.unwrap_or(0)
            && filter.method.as_ref().is_none_or(|method| call.method.eq_ignore_ascii_case(method))
    };
    let limit = filter.limit.unwrap_or(1000);
    ok(hub.with(|world| json!(world.calls.iter().filter(wanted).take(limit).collect::<Vec<_>>())))
}

pub(super) async fn callback(State(hub): State<Arc<Hub>>, Path(id): Path<String>) -> Done {
    let found = hub.with(|world| world.callbacks.get(&id).map(|callback| json!(callback)));
    ok(found.ok_or_else(|| Refused(StatusCode::NOT_FOUND, format!("there is no callback query {id}")))?)
}

pub(super) async fn faults(State(hub): State<Arc<Hub>>) -> Done {
    ok(hub.with(|world| json!(world.faults.list())))
}

pub(super) async fn limits(State(hub): State<Arc<Hub>>) -> Done {
    ok(hub.with(|world| json!(world.limits.rules)))
}

/// A file's bytes for the page. Only plain media may show itself; all else is a download, so that nothing a bot
/// sends can run as a part of the page.
pub(super) async fn file(State(hub): State<Arc<Hub>>, Path(id): Path<String>) -> Response {
    let found = hub.with(|world| {
        let file = world.files.get(&id)?;
        Some((file.clone(), world.file_bytes(file)?))
    });
    let Some((file, bytes)) = found else { return StatusCode::NOT_FOUND.into_response() };
    let shows = ["image/png", "image/jpeg", "image/gif", "image/webp", "audio/", "video/"];
    let mime =
        if file.dimensions.is_some() && !file.mime.starts_with("image/") { "image/png" } else { &file.mime };
    let shows = shows.iter().any(|kind| mime.starts_with(kind));
    let mime = if shows { mime } else { "application/octet-stream" };
    let name: String =
        file.name.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).collect();
    let how = if shows { "inline" } else { "attachment" };
    let headers = [
        (header::CONTENT_TYPE, mime.to_owned()),
        (header::CONTENT_DISPOSITION, format!("{how}; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable".to_owned()),
    ];
    (headers, bytes).into_response()
}
