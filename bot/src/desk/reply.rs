//! What staff write under a card: to the customer, or with `//` among themselves.
//!
//! What was taken gets a reaction instead of an answer: it costs the group no message. If it does not arrive, the card says so.

use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::MessageRef;
use crm::domain::ids::{ActionId, TicketId};
use crm::domain::kind::Kind;
use crm::domain::person::Right;
use crm::domain::reactions::Outgoing;
use crm::domain::refusal::Refusal;
use crm::domain::ticket::Ticket;
use crm::service::{ServiceError, Words};
use crm::store::{Call, OutboxItem, Side};
use crm::t;
use serde_json::json;

use super::refusal;
use crate::context::{Context, Result};
use crate::notices;
use crate::say::{Say, escape};
use crate::update::Written;

/// What words are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// An answer to the customer.
    Answer,
    /// A question to him.
    Question,
    /// The closing words.
    Solution,
    /// Why not; with the proposal that is refused.
    Refusal(Option<ActionId>),
    /// For the desk alone.
    Note,
    /// Why help is needed; for the desk alone.
    Escalation,
    /// Why a fault is worse, or less bad; for the desk alone.
    Severity(Kind),
}

impl Means {
    fn command(self, message: MessageRef) -> Command {
        match self {
            Self::Answer => Command::Answer(message),
            Self::Question => Command::Ask(message),
            Self::Solution => Command::Solve(Some(message)),
            Self::Refusal(None) => Command::Decline(message),
            Self::Refusal(Some(id)) => Command::DeclineAction { id, message },
            Self::Note => Command::Note(message),
            Self::Escalation => Command::Escalate(message),
            Self::Severity(to) => Command::Reclassify { to, reason: message },
        }
    }

    const fn side(self) -> Side {
        match self {
            Self::Note | Self::Escalation | Self::Severity(_) => Side::Note,
            _ => Side::Desk,
        }
    }
}

/// Whether this is for the desk alone.
pub fn is_note(text: &str) -> bool {
    text.trim_start().starts_with("//")
}

/// A reply under a card: an answer to the customer, or a note.
pub async fn under(ctx: &Context, ticket: TicketId, written: &Written) -> Result<()> {
    if is_note(&written.text) {
        return note(ctx, ticket, written).await;
    }
    if !(written.text.trim().is_empty() && written.attachments.is_empty()) {
        say(ctx, ticket, written, Means::Answer).await?;
    }
    Ok(())
}

/// A note. It goes to nobody.
pub async fn note(ctx: &Context, ticket: TicketId, written: &Written) -> Result<()> {
    let text = written.text.trim_start().trim_start_matches('/').trim().to_owned();
    let written = Written { text, ..written.clone() };
    if !(written.text.is_empty() && written.attachments.is_empty()) {
        say(ctx, ticket, &written, Means::Note).await?;
    }
    Ok(())
}

/// Writes words into a ticket. Returns whether they were taken; if not, the writer is told why.
pub async fn say(ctx: &Context, ticket: TicketId, written: &Written, means: Means) -> Result<bool> {
    let Some(actor) = ctx.staff_actor() else {
        answer(ctx, written, &t!(ctx.lang, "desk-refused-not-staff")).await;
        return Ok(false);
    };
    let words = Words { text: written.text.trim().to_owned(), attachments: written.attachments.clone() };
    let mut id = None;
    let done = {
        let mut work = ctx.work().await;
        let command = |message: MessageRef| {
            id = Some(message.id);
            means.command(message)
        };
        ctx.service.write(&mut work.tx, ticket, (means.side(), words), command, &actor).await
    };
    match done {
        Ok(ticket) => {
            if let Some(id) = id.filter(|_| means.side() != Side::Note) {
                // What is edited here later is put right there too.
                let chat = ctx.incoming.chat;
                ctx.work().await.tx.message_link_words(chat, written.message_id, ticket.id, id);
            }
            react(ctx, written, if means.side() == Side::Note { "✍" } else { "👌" }).await;
            if means.side() != Side::Note {
                warn_if_unreachable(ctx, &ticket, written).await?;
            }
            Ok(true)
        }
        Err(ServiceError::Refused(why)) => {
            let text = refusal::sentence(&mut ctx.work().await.tx, &why, ctx.lang).await?;
            let key = if means.side() == Side::Note { "desk-not-done" } else { "desk-not-sent" };
            answer(ctx, written, &t!(ctx.lang, key, why = escape(&text))).await;
            refresh(ctx, ticket).await;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Says that a customer who came by telephone or mail will not read this in Telegram.
async fn warn_if_unreachable(ctx: &Context, ticket: &Ticket, written: &Written) -> Result<()> {
    if ticket.origin.chat.is_some() {
        return Ok(());
    }
    let (chat, phone) = {
        let tx = &mut ctx.work().await.tx;
        match &ticket.requester {
            None => (None, None),
            Some(contact) => {
                (tx.contact_chat(contact).await?, tx.contact_fetch(contact).await?.and_then(|c| c.phone))
            }
        }
    };
    if chat.is_none() {
        let text = if let Some(phone) = phone {
            t!(ctx.lang, "desk-not-in-telegram-call", phone = escape(&phone))
        } else {
            t!(ctx.lang, "desk-not-in-telegram")
        };
        answer(ctx, written, &text).await;
    }
    Ok(())
}

/// Words that went to a customer were edited: they are put right in his chat too. `false` if the message was none of those.
pub async fn corrected(ctx: &Context, written: &Written) -> Result<bool> {
    let (chat, message) = (ctx.incoming.chat, written.message_id);
    let Some(actor) = ctx.staff_actor() else { return Ok(false) };
    let Some((ticket, of)) = ctx.work().await.tx.words_of_message(chat, message).await? else {
        return Ok(false);
    };
    let text = written.text.trim();
    let now = notices::words_now(&mut ctx.work().await.tx, ticket, of).await?;
    // Telegram also calls it an edit when a link's preview arrives.
    let unchanged = now.as_ref().is_none_or(|(now, _)| now.author != actor || now.body == text);
    if text.is_empty() || unchanged {
        return Ok(true);
    }
    if is_note(text) {
        answer(ctx, written, &t!(ctx.lang, "desk-edit-not-sent")).await;
        return Ok(true);
    }
    let done = {
        let mut work = ctx.work().await;
        let correct = |message| Command::Correct { of, message };
        ctx.service.write(&mut work.tx, ticket, (Side::Desk, Words::text(text)), correct, &actor).await
    };
    match done {
        Ok(_) => react(ctx, written, "✍").await,
        Err(ServiceError::Refused(_)) => {
            answer(ctx, written, &t!(ctx.lang, "desk-edit-not-sent")).await;
        }
        Err(error) => return Err(error),
    }
    Ok(true)
}

/// An edited message. What a customer has read cannot be taken back, so the writer is told that the correction was not sent; a note
/// is simply noted again.
pub async fn edited(ctx: &Context, ticket: TicketId, written: &Written) -> Result<()> {
    if ctx.staff_actor().is_none_or(|actor| actor.staff_with(Right::Handle).is_none()) {
        return Ok(());
    }
    let text = written.text.trim();
    let stored = ctx.work().await.tx.messages(ticket, true).await?;
    // Telegram also calls it an edit when a link's preview arrives.
    if text.is_empty() || stored.iter().any(|m| m.body == text) {
        return Ok(());
    }
    if is_note(text) {
        return note(ctx, ticket, written).await;
    }
    answer(ctx, written, &t!(ctx.lang, "desk-edit-not-sent")).await;
    Ok(())
}

/// Makes the card show the present state.
pub async fn refresh(ctx: &Context, ticket: TicketId) {
    let item = OutboxItem::tell(ctx.service.clock().id(), Outgoing::Card { ticket }, ctx.now);
    ctx.work().await.tx.outbox_add(item);
}

/// A short answer to what somebody wrote.
pub async fn answer(ctx: &Context, written: &Written, html: &str) {
    ctx.send(&Say { reply_to: Some(written.message_id), silent: true, ..Say::html(html) }).await;
}

/// A reaction to what somebody wrote: worth sending only now.
async fn react(ctx: &Context, written: &Written, emoji: &str) {
    let params = json!({
        "chat_id": ctx.incoming.chat,
        "message_id": written.message_id,
        "reaction": [{ "type": "emoji", "emoji": emoji }],
    });
    let call = Call { method: "setMessageReaction".to_owned(), params, ticket: None, remember: None };
    ctx.work().await.fleeting.push(call);
}

/// Carries out a command without words; `Ok(Err(_))` says why the rules forbid it.
pub async fn attempt(
    ctx: &Context,
    ticket: Ticket,
    command: Command,
    actor: &Actor,
) -> Result<std::result::Result<Ticket, Refusal>> {
    let mut work = ctx.work().await;
    match ctx.service.execute_on(&mut work.tx, ticket, command, actor).await {
        Ok(ticket) => Ok(Ok(ticket)),
        Err(ServiceError::Refused(why)) => Ok(Err(why)),
        Err(error) => Err(error),
    }
}
