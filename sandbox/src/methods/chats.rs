//! Looking at chats and their members.

use super::{Answer, Call};
use crate::error::{bad_request, forbidden};
use crate::model::{Author, ChatKey, MemberStatus, Object};
use crate::world::messages::NewMessage;
use serde_json::{Value, json};

pub(super) fn get_chat(call: &mut Call<'_>) -> Answer {
    let key = call.chat_named("chat_id")?;
    let mut chat = call.world.chat_json(key);
    chat["accent_color_id"] = 0.into();
    chat["max_reaction_count"] = 11.into();
    chat["accepted_gift_types"] = json!({
        "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false,
        "premium_subscription": false, "gifts_from_channels": false,
    });
    let stored = call.chat(key)?;
    if !key.is_private() {
        let mut rights = Object::new();
        for right in [
            "can_send_messages",
            "can_send_audios",
            "can_send_documents",
            "can_send_photos",
            "can_send_videos",
            "can_send_video_notes",
            "can_send_voice_notes",
            "can_send_polls",
            "can_send_other_messages",
            "can_add_web_page_previews",
            "can_invite_users",
        ] {
            rights.insert(right.to_owned(), true.into());
        }
        for right in ["can_change_info", "can_pin_messages", "can_manage_topics"] {
            rights.insert(right.to_owned(), false.into());
        }
        chat["permissions"] = rights.into();
    }
    if let Some(pinned) = stored.pinned.last().and_then(|id| call.world.message_json(key, *id)) {
        chat["pinned_message"] = pinned;
    }
    Ok(chat)
}

pub(super) fn get_member(call: &mut Call<'_>) -> Answer {
    let key = call.chat_named("chat_id")?;
    let id = call.params.int("user_id").ok_or_else(|| bad_request("invalid user_id specified"))?;
    let who = if call.world.bots.contains_key(&id) {
        Author::Bot(id)
    } else if call.world.people.contains_key(&id) {
        Author::Person(id)
    } else {
        return Err(bad_request("PARTICIPANT_ID_INVALID"));
    };
    let status = call.chat(key)?.status(id);
    if key.is_private() && !status.is_present() {
        return Err(bad_request("PARTICIPANT_ID_INVALID"));
    }
    Ok(call.world.member_json(who, status))
}

pub(super) fn get_administrators(call: &mut Call<'_>) -> Answer {
    let key = call.chat_named("chat_id")?;
    if key.is_private() {
        return Err(bad_request("there are no administrators in the private chat"));
    }
    let admins = call.chat(key)?.members.iter().filter(|(id, status)| {
        // Other bots are left out, as Telegram does.
        status.is_admin() && (**id == call.bot || !call.world.bots.contains_key(id))
    });
    let admins = admins.map(|(id, status)| {
        let who = if *id == call.bot { Author::Bot(*id) } else { Author::Person(*id) };
        call.world.member_json(who, *status)
    });
    Ok(admins.collect::<Vec<Value>>().into())
}

pub(super) fn count_members(call: &mut Call<'_>) -> Answer {
    let key = call.chat_named("chat_id")?;
    if key.is_private() {
        return Ok(2.into());
    }
    Ok(call.chat(key)?.members.values().filter(|status| status.is_present()).count().into())
}

pub(super) fn leave(call: &mut Call<'_>) -> Answer {
    let key = call.chat_named("chat_id")?;
    let ChatKey::Group { id } = key else {
        return Err(bad_request("chat member status can't be changed in private chats"));
    };
    let bot = call.bot;
    call.world
        .set_member(bot, id, bot, MemberStatus::Left)
        .map_err(|_| forbidden("bot is not a member of the supergroup chat"))?;
    Ok(true.into())
}

pub(super) fn set_title(call: &mut Call<'_>) -> Answer {
    let key = call.chat_named("chat_id")?;
    let title = call.params.text("title").unwrap_or_default().trim().to_owned();
    if key.is_private() {
        return Err(bad_request("can't change private chat title"));
    }
    if title.is_empty() {
        return Err(bad_request("title is empty"));
    }
    if !call.is_admin(key) {
        return Err(bad_request("not enough rights to change chat title"));
    }
    if let Some(chat) = call.world.chats.get_mut(&key) {
        chat.title.clone_from(&title);
    }
    call.world.chat_changed(key);
    let mut body = Object::new();
    body.insert("new_chat_title".into(), title.into());
    let author = call.author();
    call.world.post(key, NewMessage::plain(author, body));
    Ok(true.into())
}
