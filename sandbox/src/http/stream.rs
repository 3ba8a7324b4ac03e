//! `/sandbox/api/events`: what happened after a number, as a stream (SSE) or, without that, as one waiting answer.

use crate::hub::Hub;
use crate::world::{Event, EventKind, World};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event as SseEvent, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: Option<u64>,
    /// Seconds to wait for something, without SSE.
    #[serde(default)]
    timeout: Option<u64>,
}

pub(super) async fn events(
    State(hub): State<Arc<Hub>>,
    Query(query): Query<After>,
    headers: HeaderMap,
) -> Response {
    let after = headers.get("last-event-id").and_then(|v| v.to_str().ok()?.parse().ok()).or(query.after);
    let after = after.unwrap_or_else(|| hub.with(|world| world.seq()));
    let wants_stream = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/event-stream"));
    if wants_stream {
        return follow(hub, after).into_response();
    }
    let wait = Duration::from_secs(query.timeout.unwrap_or(0).min(60));
    let mut changes = hub.subscribe();
    let deadline = tokio::time::Instant::now() + wait;
    loop {
        let (seq, events) = hub.with(|world| (world.seq(), shown_after(world, after)));
        if !events.is_empty() || tokio::time::timeout_at(deadline, changes.changed()).await.is_err() {
            return Json(json!({ "seq": seq, "events": events })).into_response();
        }
    }
}

fn follow(hub: Arc<Hub>, after: u64) -> Sse<impl stream::Stream<Item = Result<SseEvent, Infallible>>> {
    let changes = hub.subscribe();
    let start = (hub, changes, after, std::collections::VecDeque::new());
    let events = stream::unfold(start, |(hub, mut changes, mut after, mut ready)| async move {
        loop {
            if let Some(event) = ready.pop_front() {
                return Some((Ok(event), (hub, changes, after, ready)));
            }
            changes.borrow_and_update();
            let (seq, events) = hub.with(|world| (world.seq(), world.events_after(after)));
            // A reader from before a restart knows higher numbers than there are: it has to load again.
            let reset = (seq < after).then_some(Event { seq, at_ms: 0, kind: EventKind::Reset });
            for event in reset.iter().chain(&events) {
                after = event.seq;
                if !matches!(event.kind, EventKind::Call { .. }) {
                    let shown = hub.with(|world| shown(world, event));
                    ready.push_back(SseEvent::default().id(event.seq.to_string()).data(shown.to_string()));
                }
            }
            if ready.is_empty() && changes.changed().await.is_err() {
                return None;
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

fn shown_after(world: &World, after: u64) -> Vec<Value> {
    world.events_after(after).iter().map(|event| shown(world, event)).collect()
}

/// The event, with the message, call or person it speaks of as it is now.
fn shown(world: &World, event: &Event) -> Value {
    let mut json = json!(event);
    match &event.kind {
        EventKind::Message { chat, message_id } => {
            json["message"] = world.message_view(*chat, *message_id).unwrap_or(Value::Null);
        }
        EventKind::Chat { chat } => {
            let members = world.chats.get(chat).map(|chat| &chat.members);
            let present = members.into_iter().flatten().filter(|(_, status)| status.is_present());
            json["members"] = present.map(|(id, _)| *id).collect();
        }
        EventKind::Call { call } => {
            let found = world.calls.iter().rev().find(|record| record.n == *call);
            json["record"] = found.map(|record| json!(record)).unwrap_or_default();
        }
        _ => {}
    }
    json
}
