//! Making and changing the world; faults and limits.

use super::{Done, Refused, invalid, ok};
use crate::faults::FaultSpec;
use crate::hub::Hub;
use crate::limits::LimitRules;
use crate::model::{Author, ChatKey, MemberStatus, Object, Person};
use crate::world::GroupSpec;
use crate::world::groups::TOPIC_COLOURS;
use crate::worldfile::{BotSpec, PageWords};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn add_bot(State(hub): State<Arc<Hub>>, Json(bot): Json<BotSpec>) -> Done {
    ok(json!({ "id": hub.with(|world| world.add_bot(&bot.token, &bot.username, &bot.name))? }))
}

pub(super) async fn add_person(State(hub): State<Arc<Hub>>, Json(person): Json<Person>) -> Done {
    ok(json!({ "id": hub.with(|world| world.add_person(person))? }))
}

pub(super) async fn change_person(
    State(hub): State<Arc<Hub>>,
    Path(person): Path<i64>,
    Json(fields): Json<Object>,
) -> Done {
    hub.with(|world| world.person_changes(person, &fields))?;
    ok(json!({}))
}

pub(super) async fn add_group(State(hub): State<Arc<Hub>>, Json(spec): Json<GroupSpec>) -> Done {
    hub.with(|world| world.add_group(&spec))?;
    ok(json!({ "id": spec.id }))
}

#[derive(Deserialize)]
pub(super) struct Membership {
    id: i64,
    status: MemberStatus,
    #[serde(default)]
    by: Option<i64>,
}

pub(super) async fn set_member(
    State(hub): State<Arc<Hub>>,
    Path(group): Path<i64>,
    Json(change): Json<Membership>,
) -> Done {
    hub.with(|world| world.set_member(change.by.unwrap_or(change.id), group, change.id, change.status))?;
    ok(json!({}))
}

#[derive(Deserialize)]
pub(super) struct NewTopic {
    person: i64,
    name: String,
}

pub(super) async fn add_topic(
    State(hub): State<Arc<Hub>>,
    Path(group): Path<i64>,
    Json(topic): Json<NewTopic>,
) -> Done {
    let key = ChatKey::Group { id: group };
    let made = hub.with(|world| {
        world.chats.get(&key).filter(|chat| chat.forum)?;
        let author = Author::Person(topic.person);
        Some(world.create_topic(key, author, topic.name.trim(), TOPIC_COLOURS[0], None))
    });
    ok(json!(made.ok_or_else(|| invalid("this group is not a forum"))?))
}

#[derive(Deserialize)]
pub(super) struct Migration {
    to: i64,
    #[serde(default)]
    forum: bool,
}

pub(super) async fn migrate(
    State(hub): State<Arc<Hub>>,
    Path(group): Path<i64>,
    Json(migration): Json<Migration>,
) -> Done {
    hub.with(|world| world.migrate(group, migration.to, migration.forum))?;
    ok(json!({}))
}

pub(super) async fn add_fault(State(hub): State<Arc<Hub>>, Json(spec): Json<FaultSpec>) -> Done {
    ok(json!({ "id": hub.with(|world| world.faults.add(spec)) }))
}

pub(super) async fn remove_fault(State(hub): State<Arc<Hub>>, Path(id): Path<u64>) -> Done {
    if hub.with(|world| world.faults.remove(id)) {
        return ok(json!({}));
    }
    Err(Refused(StatusCode::NOT_FOUND, format!("there is no fault {id}")))
}

pub(super) async fn clear_faults(State(hub): State<Arc<Hub>>) -> Done {
    hub.with(|world| world.faults.clear());
    ok(json!({}))
}

/// Any of the rules; what is not named stays.
pub(super) async fn set_limits(State(hub): State<Arc<Hub>>, Json(change): Json<Object>) -> Done {
    let rules = hub.with(|world| {
        let mut json = serde_json::to_value(world.limits.rules).unwrap_or(Value::Null);
        for (name, value) in change {
            json[name] = value;
        }
        let rules: LimitRules = serde_json::from_value(json).map_err(invalid)?;
        world.limits.rules = rules;
        world.limits.clear();
        Ok::<_, Refused>(rules)
    });
    ok(json!(rules?))
}

pub(super) async fn set_page(State(hub): State<Arc<Hub>>, Json(words): Json<PageWords>) -> Done {
    hub.with(|world| {
        world.page = words;
        world.emit(crate::world::EventKind::Reset);
    });
    ok(json!({}))
}

pub(super) async fn clear_calls(State(hub): State<Arc<Hub>>) -> Done {
    hub.with(|world| world.calls.clear());
    ok(json!({}))
}

pub(super) async fn reset(State(hub): State<Arc<Hub>>) -> Done {
    hub.with(crate::world::World::reset);
    ok(json!({}))
}
