//! Sending words, places and cards; "is typing"; answering buttons.

use super::options::Role;
use super::{Answer, Call};
use crate::error::bad_request;
use crate::model::Object;
use crate::world::{Answer as ButtonAnswer, EventKind};
use serde_json::json;

pub(super) fn message(call: &mut Call<'_>) -> Answer {
    let options = call.options()?;
    let formatted = call.formatted("text", Role::Text)?;
    let mut body = Object::new();
    formatted.put(&mut body, "text");
    if let Some(preview) = call.params.json("link_preview_options")? {
        body.insert("link_preview_options".into(), preview);
    }
    call.send(options, body)
}

pub(super) fn contact(call: &mut Call<'_>) -> Answer {
    let options = call.options()?;
    let phone = call.params.text("phone_number").filter(|p| !p.is_empty());
    let phone = phone.ok_or_else(|| bad_request("phone number is empty"))?;
    let first_name = call.params.text("first_name").filter(|n| !n.is_empty());
    let first_name = first_name.ok_or_else(|| bad_request("first name is empty"))?;
    let mut contact = json!({ "phone_number": phone, "first_name": first_name });
    if let Some(last) = call.params.text("last_name") {
        contact["last_name"] = last.into();
    }
    let mut body = Object::new();
    body.insert("contact".into(), contact);
    call.send(options, body)
}

pub(super) fn location(call: &mut Call<'_>) -> Answer {
    let options = call.options()?;
    let (Some(latitude), Some(longitude)) = (call.params.float("latitude"), call.params.float("longitude"))
    else {
        return Err(bad_request("latitude and longitude are required"));
    };
    let mut body = Object::new();
    body.insert("location".into(), json!({ "latitude": latitude, "longitude": longitude }));
    call.send(options, body)
}

const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

pub(super) fn chat_action(call: &mut Call<'_>) -> Answer {
    let options = call.options()?;
    let action = call.params.text("action").unwrap_or_default();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(bad_request("wrong parameter action in request"));
    }
    call.world.emit(EventKind::Action { chat: options.key, thread: options.thread, action });
    Ok(true.into())
}

pub(super) fn answer_callback(call: &mut Call<'_>) -> Answer {
    let id = call.params.text("callback_query_id").unwrap_or_default();
    let text = call.params.text("text").filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > 200) {
        return Err(bad_request("MESSAGE_TOO_LONG"));
    }
    let answer = ButtonAnswer { text, alert: call.params.flag("show_alert"), url: call.params.text("url") };
    if call.world.answer_callback(call.bot, &id, answer) {
        return Ok(true.into());
    }
    Err(bad_request("query is too old and response timeout expired or query ID is invalid"))
}
