//! The bot itself: who it is, its commands by scope and language, its names and descriptions.

use super::{Answer, Call};
use crate::error::{ApiError, bad_request};
use crate::model::Bot;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn get_me(call: &mut Call<'_>) -> Answer {
    let bot = call.me()?;
    Ok(json!({
        "id": bot.id,
        "is_bot": true,
        "first_name": bot.name,
        "username": bot.username,
        "can_join_groups": true,
        "can_read_all_group_messages": !bot.privacy,
        "supports_inline_queries": false,
        "can_connect_to_business": false,
        "has_main_web_app": false,
        "has_topics_enabled": false,
        "allows_users_to_create_topics": false,
        "can_manage_bots": false,
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "it has the shape of all methods")]
pub(super) fn yes(_: &mut Call<'_>) -> Answer {
    Ok(true.into())
}

fn language(call: &Call<'_>) -> Result<String, ApiError> {
    let code = call.params.text("language_code").unwrap_or_default();
    let good = code.is_empty() || (code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase()));
    if good { Ok(code) } else { Err(bad_request("invalid language code specified")) }
}

/// "scope|language", the key under which commands are kept.
fn scope_key(call: &Call<'_>) -> Result<String, ApiError> {
    let scope = call.params.json("scope")?.unwrap_or_else(|| json!({ "type": "default" }));
    let kind = scope["type"].as_str().unwrap_or("default");
    let known = [
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    ];
    if !known.contains(&kind) {
        return Err(bad_request("can't parse BotCommandScope: Unsupported type specified"));
    }
    let part = |name: &str| match &scope[name] {
        Value::Null => String::new(),
        Value::String(text) => format!(":{text}"),
        other => format!(":{other}"),
    };
    Ok(format!("{kind}{}{}|{}", part("chat_id"), part("user_id"), language(call)?))
}

pub(super) fn set_commands(call: &mut Call<'_>) -> Answer {
    let key = scope_key(call)?;
    let commands = call.params.json("commands")?.unwrap_or_else(|| json!([]));
    let list = commands.as_array().ok_or_else(|| bad_request("can't parse commands: expected an Array"))?;
    if list.len() > 100 {
        return Err(bad_request("BOT_COMMANDS_TOO_MUCH"));
    }
    let mut kept = Vec::new();
    for item in list {
        let name = item["command"].as_str().unwrap_or_default().trim_start_matches('/').to_lowercase();
        let description = item["description"].as_str().unwrap_or_default().trim();
        let good = (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !good {
            return Err(bad_request("BOT_COMMAND_INVALID"));
        }
        if description.is_empty() || description.chars().count() > 256 {
            return Err(bad_request("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
        kept.push(json!({ "command": name, "description": description }));
    }
    let bot = call.me_mut()?;
    if kept.is_empty() {
        bot.commands.remove(&key);
    } else {
        bot.commands.insert(key, kept.into());
    }
    Ok(true.into())
}

pub(super) fn get_commands(call: &mut Call<'_>) -> Answer {
    let key = scope_key(call)?;
    Ok(call.me()?.commands.get(&key).cloned().unwrap_or_else(|| json!([])))
}

pub(super) fn delete_commands(call: &mut Call<'_>) -> Answer {
    let key = scope_key(call)?;
    call.me_mut()?.commands.remove(&key);
    Ok(true.into())
}

type Texts = fn(&mut Bot) -> &mut BTreeMap<String, String>;

fn set_text(call: &mut Call<'_>, field: &str, limit: usize, texts: Texts) -> Answer {
    let text = call.params.text(field).unwrap_or_default();
    if text.chars().count() > limit {
        return Err(bad_request(format!("{field} is too long")));
    }
    let language = language(call)?;
    let bot = call.me_mut()?;
    if field == "name" && language.is_empty() && !text.is_empty() {
        bot.name.clone_from(&text);
    }
    if text.is_empty() {
        texts(bot).remove(&language);
    } else {
        texts(bot).insert(language, text);
    }
    Ok(true.into())
}

fn get_text(call: &Call<'_>, field: &str, texts: &BTreeMap<String, String>, or: &str) -> Answer {
    let language = language(call)?;
    let text = texts.get(&language).or_else(|| texts.get("")).map_or(or, String::as_str);
    Ok(json!({ field: text }))
}

pub(super) fn set_name(call: &mut Call<'_>) -> Answer {
    set_text(call, "name", 64, |bot| &mut bot.names)
}

pub(super) fn get_name(call: &mut Call<'_>) -> Answer {
    let bot = call.me()?;
    get_text(call, "name", &bot.names, &bot.name)
}

pub(super) fn set_description(call: &mut Call<'_>) -> Answer {
    set_text(call, "description", 512, |bot| &mut bot.descriptions)
}

pub(super) fn get_description(call: &mut Call<'_>) -> Answer {
    get_text(call, "description", &call.me()?.descriptions, "")
}

pub(super) fn set_short_description(call: &mut Call<'_>) -> Answer {
    set_text(call, "short_description", 120, |bot| &mut bot.short_descriptions)
}

pub(super) fn get_short_description(call: &mut Call<'_>) -> Answer {
    get_text(call, "short_description", &call.me()?.short_descriptions, "")
}

pub(super) fn set_menu_button(call: &mut Call<'_>) -> Answer {
    let chat = call.params.int("chat_id").unwrap_or(0);
    let button = call.params.json("menu_button")?.unwrap_or_else(|| json!({ "type": "default" }));
    call.me_mut()?.menu_buttons.insert(chat, button);
    Ok(true.into())
}

pub(super) fn get_menu_button(call: &mut Call<'_>) -> Answer {
    let chat = call.params.int("chat_id").unwrap_or(0);
    let buttons = &call.me()?.menu_buttons;
    let button = buttons.get(&chat).or_else(|| buttons.get(&0));
    Ok(button.cloned().unwrap_or_else(|| json!({ "type": "commands" })))
}
