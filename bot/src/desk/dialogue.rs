//! Words that a button asked for: the question to a customer, the closing words, the reason of a refusal.
//!
//! In a group everybody has his own dialogue. A customer's dialogue of the same person in private is another kind of state and is left
//! alone.

use chrono::TimeDelta;
use crm::domain::ids::{ActionId, MessageId, TicketId, TicketNumber};
use crm::domain::kind::Kind;
use crm::domain::ticket::Ticket;
use crm::store::{Call, Remember};
use crm::t;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::more;
use super::reply::{self, Means};
use super::tap::DeskTap;
use crate::context::{Context, Result};
use crate::say::{Button, Say, escape};
use crate::update::{ChatKind, What, Written};

/// How long words are waited for; later ones are just talk.
const PATIENCE: TimeDelta = TimeDelta::minutes(30);

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// About which ticket.
    pub ticket: TicketId,
    /// Its number, as the buttons of the prompt name it.
    pub number: TicketNumber,
    /// What.
    pub wanted: Wanted,
    /// What the prompt is remembered as, so that its buttons can go when it is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt: Option<MessageId>,
}

/// The words that are waited for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// A question to the customer.
    Question,
    /// What the customer is told with the solution.
    Closing,
    /// Why not; of the proposal that was shown, if there was one.
    Reason(Option<ActionId>),
    /// An internal note.
    Note,
    /// Why help is needed.
    Escalation,
    /// Why a fault is of this kind.
    Severity(Kind),
    /// The number of the ticket that this one belongs to.
    Other,
    /// The rest of the photos that were sent together with words that came already.
    RestOf(String),
}

/// How it is stored: the key tells it from the customers' dialogues.
#[derive(Serialize, Deserialize)]
struct Stored {
    desk: Pending,
}

/// What this person was asked for here, if it still counts.
pub async fn pending(ctx: &Context) -> Result<Option<Pending>> {
    let Some((value, touched)) = ctx.dialogue::<Value>().await? else { return Ok(None) };
    if touched + PATIENCE < ctx.now {
        return Ok(None);
    }
    Ok(serde_json::from_value::<Stored>(value).ok().map(|stored| stored.desk))
}

/// Asks the presser for words, under the card whose button he pressed.
pub async fn begin(ctx: &Context, ticket: &Ticket, wanted: Wanted) -> Result<()> {
    let (key, silently) = match &wanted {
        Wanted::Question => ("desk-prompt-question", None),
        Wanted::Closing => ("desk-prompt-closing", Some(DeskTap::SolveSilently(ticket.number))),
        Wanted::Reason(_) => ("desk-prompt-reason", None),
        Wanted::Note => ("desk-prompt-note", None),
        Wanted::Escalation => ("desk-prompt-escalation", None),
        Wanted::Severity(Kind::FaultCritical) => ("desk-prompt-more-severe", None),
        Wanted::Severity(_) => ("desk-prompt-less-severe", None),
        Wanted::Other => ("desk-prompt-other", None),
        Wanted::RestOf(_) => return Ok(()),
    };
    let lang = ctx.lang;
    let number = ticket.number;
    let name = escape(&ctx.incoming.from.name);
    // A mention, so that in a busy group he sees whose turn it is.
    let name = match ctx.incoming.chat_kind {
        ChatKind::Group => format!("<a href=\"tg://user?id={}\">{name}</a>", ctx.incoming.from.id),
        _ => name,
    };
    let text = t!(lang, key, name = name, number = number.to_string());
    let cancel = Button::tap(t!(lang, "desk-button-cancel"), DeskTap::Cancel(number));
    let row =
        silently.map(|tap| Button::tap(t!(lang, "desk-button-silently"), tap)).into_iter().chain([cancel]);
    // One is asked for one thing at a time.
    if let Some(before) = pending(ctx).await? {
        strip(ctx, &before).await?;
    }
    let prompt = prompt_of(ctx.service.clock().id(), ctx.incoming.from.id);
    save(ctx, Pending { ticket: ticket.id, number, wanted, prompt: Some(prompt) }).await?;
    let say = Say { reply_to: pressed(ctx), silent: true, ..Say::html(text) };
    let (chat, thread) = (ctx.incoming.chat, ctx.incoming.thread);
    let remember = Some(Remember::Words(prompt));
    ctx.queue(chat, Call { remember, ..say.about(ticket.id).row(row).send(chat, thread) }).await;
    Ok(())
}

/// What a prompt for `person` is remembered as: its second half says whose it is, long after the words came.
fn prompt_of(id: Uuid, person: i64) -> MessageId {
    MessageId(Uuid::from_u64_pair(id.as_u64_pair().0, person.cast_unsigned()))
}

/// Whether the pressed prompt was for the presser.
pub async fn is_his(ctx: &Context) -> Result<bool> {
    let (chat, Some(message)) = (ctx.incoming.chat, pressed(ctx)) else { return Ok(false) };
    let known = ctx.work().await.tx.words_of_message(chat, message).await?;
    Ok(known.is_some_and(|(_, prompt)| prompt.0.as_u64_pair().1 == ctx.incoming.from.id.cast_unsigned()))
}

/// Takes the buttons from a prompt that waits no more: there is nothing left to cancel.
async fn strip(ctx: &Context, pending: &Pending) -> Result<()> {
    let Some(prompt) = pending.prompt else { return Ok(()) };
    let shown = ctx.work().await.tx.messages_of_words(prompt).await?;
    for (chat, message) in shown {
        ctx.queue(chat, keyboard(chat, message, Vec::new())).await;
    }
    Ok(())
}

/// The call that puts these buttons under a message, in place of its own.
pub fn keyboard(chat: i64, message: i64, rows: Vec<Vec<Button>>) -> Call {
    let say = Say { buttons: rows, ..Say::default() };
    let markup = say.reply_markup().unwrap_or_else(|| json!({ "inline_keyboard": [] }));
    let params = json!({ "chat_id": chat, "message_id": message, "reply_markup": markup });
    Call { method: "editMessageReplyMarkup".to_owned(), params, ticket: None, remember: None }
}

async fn save(ctx: &Context, desk: Pending) -> Result<()> {
    ctx.dialogue_save(&Stored { desk }).await
}

/// Ends whatever is waited for here. Returns whether there was anything.
pub async fn end_any(ctx: &Context) -> Result<bool> {
    let Some(pending) = pending(ctx).await? else { return Ok(false) };
    strip(ctx, &pending).await?;
    ctx.dialogue_end().await?;
    Ok(true)
}

/// Ends what is waited for about `number`. Returns whether there was anything.
pub async fn end(ctx: &Context, number: TicketNumber) -> Result<bool> {
    let ours = pending(ctx).await?.is_some_and(|p| p.number == number);
    if ours {
        ctx.dialogue_end().await?;
    }
    Ok(ours)
}

/// The words came.
pub async fn input(ctx: &Context, pending: Pending, written: &Written) -> Result<()> {
    if reply::is_note(&written.text) {
        return reply::note(ctx, pending.ticket, written).await;
    }
    if written.text.is_empty() && written.attachments.is_empty() {
        return Ok(());
    }
    if !matches!(pending.wanted, Wanted::RestOf(_)) {
        // Taken or refused: the prompt has done its work.
        strip(ctx, &pending).await?;
    }
    let done = match &pending.wanted {
        Wanted::Question => reply::say(ctx, pending.ticket, written, Means::Question).await?,
        Wanted::Closing => reply::say(ctx, pending.ticket, written, Means::Solution).await?,
        Wanted::Reason(action) => reply::say(ctx, pending.ticket, written, Means::Refusal(*action)).await?,
        Wanted::Note => reply::say(ctx, pending.ticket, written, Means::Note).await?,
        Wanted::Escalation => reply::say(ctx, pending.ticket, written, Means::Escalation).await?,
        Wanted::Severity(to) => reply::say(ctx, pending.ticket, written, Means::Severity(*to)).await?,
        Wanted::Other => {
            ctx.dialogue_end().await?;
            return more::other_named(ctx, pending.number, written).await;
        }
        Wanted::RestOf(album) if written.album.as_ref() == Some(album) => {
            reply::say(ctx, pending.ticket, written, Means::Answer).await?;
            return Ok(());
        }
        // Something else: the album is complete.
        Wanted::RestOf(_) => return ctx.dialogue_end().await,
    };
    match (&written.album, done) {
        (Some(album), true) => save(ctx, Pending { wanted: Wanted::RestOf(album.clone()), ..pending }).await,
        // Refused: the button must be pressed anew, in the state of then.
        _ => ctx.dialogue_end().await,
    }
}

/// The call that takes a prompt away, so that the thread stays short.
pub async fn forget_prompt(ctx: &Context) {
    if let Some(message) = pressed(ctx) {
        let chat = ctx.incoming.chat;
        let params = json!({ "chat_id": chat, "message_id": message });
        let call = Call { method: "deleteMessage".to_owned(), params, ticket: None, remember: None };
        ctx.queue(chat, call).await;
    }
}

/// The message whose button was pressed.
pub fn pressed(ctx: &Context) -> Option<i64> {
    match &ctx.incoming.what {
        What::Press { message_id, .. } => *message_id,
        _ => None,
    }
}
