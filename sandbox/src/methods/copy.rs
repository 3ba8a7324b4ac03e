//! Forwarding (with the origin) and copying (without).

use super::options::Role;
use super::{Answer, Call};
use crate::error::{ApiError, bad_request};
use crate::model::{Author, ChatKey, Message, Object};
use crate::world::messages::is_service;
use serde_json::{Value, json};

impl Call<'_> {
    fn original(&self, id: i64, verb: &str) -> Result<(ChatKey, Message), ApiError> {
        let from = self.chat_named("from_chat_id")?;
        let message = self.world.message(from, id).cloned();
        let message = message.ok_or_else(|| bad_request(format!("message to {verb} not found")))?;
        if is_service(&message.body) {
            return Err(bad_request(format!(
                "message can't be {}",
                if verb == "copy" { "copied" } else { "forwarded" }
            )));
        }
        Ok((from, message))
    }

    fn one_id(&self) -> Result<i64, ApiError> {
        self.params.int("message_id").ok_or_else(|| bad_request("message identifier is not specified"))
    }

    fn many_ids(&self) -> Result<Vec<i64>, ApiError> {
        let ids = self.params.json("message_ids")?;
        let ids: Vec<i64> =
            ids.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect();
        if ids.is_empty() || ids.len() > 100 {
            return Err(bad_request("message identifiers are not specified"));
        }
        Ok(ids)
    }

    fn origin(&self, from: ChatKey, message: &Message) -> Object {
        let mut body = message.body.clone();
        body.remove("quote");
        body.remove("media_group_id");
        let origin = body.get("forward_origin").cloned().unwrap_or_else(|| {
            json!({ "type": "user", "sender_user": self.world.user_json(message.author), "date": message.date })
        });
        body.insert("forward_origin".into(), origin);
        // The fields of before Bot API 7.0, which some clients still read.
        if let Author::Person(_) = message.author {
            body.insert("forward_from".into(), self.world.user_json(message.author));
            body.insert("forward_date".into(), message.date.into());
        }
        let _ = from;
        body
    }
}

pub(super) fn forward(call: &mut Call<'_>) -> Answer {
    let options = call.options()?;
    let (from, message) = call.original(call.one_id()?, "forward")?;
    if message.body.contains_key("has_protected_content") {
        return Err(bad_request("message can't be forwarded"));
    }
    let body = call.origin(from, &message);
    call.send(options, body)
}

pub(super) fn forward_many(call: &mut Call<'_>) -> Answer {
    let options = call.options()?;
    let mut bodies = Vec::new();
    for id in call.many_ids()? {
        // Those that can't be found are left out, as Telegram does.
        if let Ok((from, message)) = call.original(id, "forward") {
            bodies.push(call.origin(from, &message));
        }
    }
    call.send_all(&options, bodies, "there are no messages to forward")
}

pub(super) fn copy(call: &mut Call<'_>) -> Answer {
    let options = call.options()?;
    let (_, message) = call.original(call.one_id()?, "copy")?;
    let mut body = copied(&message);
    if call.params.raw("caption").is_some() && !body.contains_key("text") {
        let caption = call.formatted("caption", Role::Caption)?;
        body.remove("caption");
        body.remove("caption_entities");
        if !caption.text.is_empty() {
            caption.put(&mut body, "caption");
        }
    }
    let sent = call.send(options, body)?;
    Ok(json!({ "message_id": sent["message_id"] }))
}

pub(super) fn copy_many(call: &mut Call<'_>) -> Answer {
    let options = call.options()?;
    let mut bodies = Vec::new();
    for id in call.many_ids()? {
        if let Ok((_, message)) = call.original(id, "copy") {
            bodies.push(copied(&message));
        }
    }
    call.send_all(&options, bodies, "there are no messages to copy")
}

fn copied(message: &Message) -> Object {
    let mut body = message.body.clone();
    for name in
        ["quote", "forward_origin", "forward_from", "forward_date", "media_group_id", "has_protected_content"]
    {
        body.remove(name);
    }
    body
}

impl Call<'_> {
    fn send_all(&mut self, options: &super::options::Options, bodies: Vec<Object>, none: &str) -> Answer {
        if bodies.is_empty() {
            return Err(bad_request(none));
        }
        self.spend(options.key, bodies.len())?;
        let ids: Vec<Value> = bodies
            .into_iter()
            .map(|body| json!({ "message_id": self.deliver(options.clone(), body) }))
            .collect();
        Ok(ids.into())
    }
}
