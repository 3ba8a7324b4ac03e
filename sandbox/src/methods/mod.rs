//! The methods of the Bot API. Each is one function from a call to an answer, under the world's lock;
//! getUpdates, which waits, is in `http/poll.rs`.

mod chats;
mod copy;
mod edit;
mod markup;
mod media;
mod options;
mod profile;
mod send;
mod topics;
mod webhook;

pub(crate) use webhook::allowed_updates;

use crate::error::{ApiError, bad_request, chat_not_found, forbidden, migrated};
use crate::model::{Author, Bot, Chat, ChatKey, ChatKind, MemberStatus};
use crate::params::Params;
use crate::world::World;
use serde_json::Value;

/// A call on its way.
pub struct Call<'a> {
    /// The world, locked.
    pub world: &'a mut World,
    /// Who calls.
    pub bot: i64,
    /// With what.
    pub params: &'a Params,
}

/// The result, or Telegram's refusal.
pub type Answer = Result<Value, ApiError>;

/// What carries out a method.
pub type Handler = fn(&mut Call<'_>) -> Answer;

/// The handler of a method; names are compared without regard to case, as Telegram does.
pub fn find(method: &str) -> Option<Handler> {
    Some(match method.to_ascii_lowercase().as_str() {
        "getme" => profile::get_me,
        "logout" | "close" => profile::yes,
        "setmycommands" => profile::set_commands,
        "getmycommands" => profile::get_commands,
        "deletemycommands" => profile::delete_commands,
        "setmyname" => profile::set_name,
        "getmyname" => profile::get_name,
        "setmydescription" => profile::set_description,
        "getmydescription" => profile::get_description,
        "setmyshortdescription" => profile::set_short_description,
        "getmyshortdescription" => profile::get_short_description,
        "setchatmenubutton" => profile::set_menu_button,
        "getchatmenubutton" => profile::get_menu_button,
        "setwebhook" => webhook::set,
        "deletewebhook" => webhook::delete,
        "getwebhookinfo" => webhook::info,
        "sendmessage" => send::message,
        "sendcontact" => send::contact,
        "sendlocation" => send::location,
        "sendchataction" => send::chat_action,
        "sendphoto" => media::photo,
        "senddocument" => media::document,
        "sendvoice" => media::voice,
        "sendvideo" => media::video,
        "sendaudio" => media::audio,
        "sendanimation" => media::animation,
        "sendsticker" => media::sticker,
        "sendmediagroup" => media::group,
        "getfile" => media::get_file,
        "forwardmessage" => copy::forward,
        "forwardmessages" => copy::forward_many,
        "copymessage" => copy::copy,
        "copymessages" => copy::copy_many,
        "editmessagetext" => edit::text,
        "editmessagecaption" => edit::caption,
        "editmessagereplymarkup" => edit::reply_markup,
        "editmessagemedia" => edit::media,
        "deletemessage" => edit::delete,
        "deletemessages" => edit::delete_many,
        "pinchatmessage" => edit::pin,
        "unpinchatmessage" => edit::unpin,
        "unpinallchatmessages" => edit::unpin_all,
        "setmessagereaction" => edit::reaction,
        "answercallbackquery" => send::answer_callback,
        "getchat" => chats::get_chat,
        "getchatmember" => chats::get_member,
        "getchatadministrators" => chats::get_administrators,
        "getchatmembercount" => chats::count_members,
        "leavechat" => chats::leave,
        "setchattitle" => chats::set_title,
        "createforumtopic" => topics::create,
        "editforumtopic" => topics::edit,
        "closeforumtopic" => topics::close,
        "reopenforumtopic" => topics::reopen,
        "deleteforumtopic" => topics::delete,
        "getforumtopiciconstickers" => topics::icons,
        _ => return None,
    })
}

impl Call<'_> {
    /// The calling bot.
    fn me(&self) -> Result<&Bot, ApiError> {
        self.world.bots.get(&self.bot).ok_or_else(crate::error::unauthorized)
    }

    /// The calling bot, to change it; the journal hears of it.
    fn me_mut(&mut self) -> Result<&mut Bot, ApiError> {
        self.world.touch(crate::world::Touched::Bot(self.bot));
        self.world.emit(crate::world::EventKind::Bot { bot: self.bot });
        self.world.bots.get_mut(&self.bot).ok_or_else(crate::error::unauthorized)
    }

    fn author(&self) -> Author {
        Author::Bot(self.bot)
    }

    /// The chat that `name` means, if the bot knows it.
    fn chat_named(&self, name: &str) -> Result<ChatKey, ApiError> {
        let Some(raw) = self.params.text(name).filter(|text| !text.trim().is_empty()) else {
            return Err(bad_request(format!("{name} is empty")));
        };
        // @names belong to channels and public groups, which the sandbox has none of.
        let id: i64 = raw.trim().parse().map_err(|_| chat_not_found())?;
        if id < 0 {
            return self.known_group(id);
        }
        let key = ChatKey::Private { bot: self.bot, person: id };
        if self.world.chats.contains_key(&key) {
            return Ok(key);
        }
        if self.world.bots.contains_key(&id) {
            return Err(forbidden("bots can't send messages to bots"));
        }
        // A person the bot only knows from a group has not opened a chat with it.
        let met =
            self.world.people.contains_key(&id)
                && self.world.chats.values().any(|c| {
                    !c.key.is_private() && c.status(self.bot).is_present() && c.status(id).is_present()
                });
        Err(if met { forbidden("bot can't initiate conversation with a user") } else { chat_not_found() })
    }

    fn known_group(&self, id: i64) -> Result<ChatKey, ApiError> {
        let key = ChatKey::Group { id };
        let chat = self.world.chats.get(&key).ok_or_else(chat_not_found)?;
        if let Some(to) = chat.migrated_to {
            return Err(migrated(to));
        }
        let kind = if chat.kind == ChatKind::Supergroup { "supergroup" } else { "group" };
        match chat.members.get(&self.bot) {
            None => Err(chat_not_found()),
            Some(MemberStatus::Kicked) => Err(forbidden(format!("bot was kicked from the {kind} chat"))),
            Some(MemberStatus::Left) => Err(forbidden(format!("bot is not a member of the {kind} chat"))),
            Some(_) => Ok(key),
        }
    }

    /// The chat of `chat_id`, if the bot may write there.
    fn writable(&self) -> Result<ChatKey, ApiError> {
        let key = self.chat_named("chat_id")?;
        if let ChatKey::Private { person, .. } = key {
            if self.world.people.get(&person).is_none_or(|p| p.deactivated) {
                return Err(forbidden("user is deactivated"));
            }
            if self.chat(key)?.blocked {
                return Err(forbidden("bot was blocked by the user"));
            }
        }
        Ok(key)
    }

    fn chat(&self, key: ChatKey) -> Result<&Chat, ApiError> {
        self.world.chats.get(&key).ok_or_else(chat_not_found)
    }

    fn is_admin(&self, key: ChatKey) -> bool {
        self.world.chats.get(&key).is_some_and(|chat| chat.status(self.bot).is_admin())
    }

    /// Pays for `n` messages from the rate limits.
    fn spend(&mut self, key: ChatKey, n: usize) -> Result<(), ApiError> {
        let now = self.world.now_ms();
        self.world.limits.take(self.bot, key, n, now).map_err(crate::error::too_many_requests)
    }

    /// The message as the answer of a method.
    fn shown(&self, key: ChatKey, id: i64) -> Answer {
        self.world.message_json(key, id).ok_or_else(|| bad_request("message not found"))
    }
}
