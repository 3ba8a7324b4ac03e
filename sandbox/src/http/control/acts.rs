//! Acting as a person.

use super::{Done, Refused, chat_in, invalid, ok};
use crate::files::MediaKind;
use crate::http::body::{self, guess_mime};
use crate::hub::Hub;
use crate::params::{Params, Upload};
use crate::world::{ActError, Draft, Payload, Pressed, World};
use axum::extract::{Path, Request, State};
use serde_json::{Value, json};
use std::sync::Arc;

async fn read(request: Request) -> Result<Params, Refused> {
    body::read(request).await.map_err(|error| invalid(error.description))
}

/// text, or kind + file (several files are an album), or contact, or latitude + longitude.
pub(super) async fn send(
    State(hub): State<Arc<Hub>>,
    Path((person, chat)): Path<(i64, String)>,
    request: Request,
) -> Done {
    let params = read(request).await?;
    ok(hub.with(|world| {
        let (chat, key) = chat_in(world, person, &chat)?;
        let payloads = payloads(world, person, &params)?;
        let mut ids = Vec::new();
        for payload in payloads {
            let draft = Draft { thread: params.int("thread"), reply_to: params.int("reply_to"), payload };
            ids.push(world.person_sends(person, chat, draft)?);
        }
        let messages: Vec<Value> = ids.iter().filter_map(|id| world.message_view(key, *id)).collect();
        Ok::<_, Refused>(json!({ "message_id": ids.first(), "messages": messages }))
    })?)
}

fn payloads(world: &World, person: i64, params: &Params) -> Result<Vec<Payload>, Refused> {
    if let Some(text) = params.text("text") {
        return Ok(vec![Payload::Text(text)]);
    }
    if let (Some(latitude), Some(longitude)) = (params.float("latitude"), params.float("longitude")) {
        return Ok(vec![Payload::Location { latitude, longitude }]);
    }
    if let Some(contact) = params.json("contact").map_err(|error| invalid(error.description))? {
        return Ok(vec![contact_of(world, person, &contact)?]);
    }
    let kind = params.text("kind").and_then(|kind| MediaKind::of_field(&kind)).unwrap_or(MediaKind::Document);
    let names = std::iter::once("file".to_owned()).chain((0..10).map(|n| format!("file{n}")));
    let files: Vec<&Upload> = names.filter_map(|name| params.file(&name)).collect();
    if files.is_empty() && kind == MediaKind::Voice {
        return Ok(vec![sample_voice()]);
    }
    let group = (files.len() > 1).then(|| format!("14{:012}{person}", world.seq()));
    let mut payloads: Vec<Payload> = Vec::new();
    for file in files {
        payloads.push(Payload::Media {
            kind,
            name: file.name.clone(),
            mime: if file.mime.is_empty() { guess_mime(&file.name).to_owned() } else { file.mime.clone() },
            bytes: file.bytes.clone(),
            caption: params.text("caption").filter(|_| payloads.is_empty()),
            group: group.clone(),
        });
    }
    if payloads.is_empty() {
        return Err(invalid("nothing to send: give text, file, contact or latitude and longitude"));
    }
    Ok(payloads)
}

/// `true` is the person's own card; an object may be anybody's.
fn contact_of(world: &World, person: i64, contact: &Value) -> Result<Payload, Refused> {
    let own = world.people.get(&person).ok_or(ActError::UnknownPerson(person))?;
    if *contact == true {
        let phone = own.phone.clone().ok_or_else(|| invalid("this person has no phone number"))?;
        return Ok(Payload::Contact { phone, first_name: own.first_name.clone(), user_id: Some(person) });
    }
    let phone = contact["phone_number"].as_str().ok_or_else(|| invalid("contact.phone_number is missing"))?;
    let name = contact["first_name"].as_str().unwrap_or(&own.first_name);
    Ok(Payload::Contact {
        phone: phone.to_owned(),
        first_name: name.to_owned(),
        user_id: contact["user_id"].as_i64(),
    })
}

/// A voice note that is always at hand.
pub(crate) fn sample_voice() -> Payload {
    Payload::Media {
        kind: MediaKind::Voice,
        name: "voice.ogg".into(),
        mime: "audio/ogg".into(),
        bytes: axum::body::Bytes::from_static(include_bytes!("../../../assets/voice.ogg")),
        caption: None,
        group: None,
    }
}

pub(super) async fn start(
    State(hub): State<Arc<Hub>>,
    Path((person, chat)): Path<(i64, String)>,
    request: Request,
) -> Done {
    let code = read(request).await?.text("code").unwrap_or_default();
    ok(hub.with(|world| {
        let (chat, _) = chat_in(world, person, &chat)?;
        let text = format!("/start {code}");
        let id = world.person_sends(person, chat, text.trim().into())?;
        Ok::<_, Refused>(json!({ "message_id": id }))
    })?)
}

/// A button by label or data, under one message or the newest that has it; `data` alone may be forged.
pub(super) async fn press(
    State(hub): State<Arc<Hub>>,
    Path((person, chat)): Path<(i64, String)>,
    request: Request,
) -> Done {
    let params = read(request).await?;
    let message = params.int("message_id");
    let pressed = hub.with(|world| {
        let (chat, key) = chat_in(world, person, &chat)?;
        match (params.text("button"), params.text("data"), message) {
            (Some(button), _, _) => Ok::<_, Refused>(world.person_presses(person, chat, message, &button)?),
            (None, Some(data), Some(id)) => Ok(Pressed::Callback(world.press_data(person, key, id, &data)?)),
            (None, Some(data), None) => Ok(world.person_presses(person, chat, None, &data)?),
            _ => Err(invalid("give button, or data")),
        }
    });
    ok(json!(pressed?))
}

pub(super) async fn edit(
    State(hub): State<Arc<Hub>>,
    Path((person, chat, message)): Path<(i64, String, i64)>,
    request: Request,
) -> Done {
    let text = read(request).await?.text("text").unwrap_or_default();
    hub.with(|world| {
        let (chat, _) = chat_in(world, person, &chat)?;
        Ok::<_, Refused>(world.person_edits(person, chat, message, &text)?)
    })?;
    ok(json!({}))
}

pub(super) async fn delete(
    State(hub): State<Arc<Hub>>,
    Path((person, chat, message)): Path<(i64, String, i64)>,
) -> Done {
    hub.with(|world| {
        let (chat, _) = chat_in(world, person, &chat)?;
        Ok::<_, Refused>(world.person_deletes(person, chat, message)?)
    })?;
    ok(json!({}))
}

/// `bot` (or the first one) and `blocked`.
pub(super) async fn block(State(hub): State<Arc<Hub>>, Path(person): Path<i64>, request: Request) -> Done {
    let params = read(request).await?;
    hub.with(|world| {
        let (bot, _) = chat_in(world, person, &params.text("bot").unwrap_or_else(|| "bot".into()))?;
        Ok::<_, Refused>(world.person_blocks(person, bot, params.flag("blocked"))?)
    })?;
    ok(json!({}))
}
