//! The engineers' side: cards and threads in the desk group, and what staff do in private.
//!
//! - [`card`], [`buttons`], [`facts`], [`words`]: how a ticket looks to the desk.
//! - [`thread`], [`page`]: what the desk and its people are told.
//! - [`tap`], [`press`]: buttons; [`dialogue`], [`reply`]: words; [`refusal`]: why not.
//! - [`more`], [`history`], [`canned`]: what is done less often with a ticket.
//! - [`queue`], [`figures`], [`report`], [`oncall`]: what is owed, what was late, who is on call; [`place`]: which group and topic is the desk.
//! - [`emergency`], [`broadcast`]: what the duty manager does for everybody; [`menus`]: the commands of staff.

pub mod broadcast;
pub mod buttons;
pub mod canned;
pub mod card;
pub mod dialogue;
pub mod emergency;
pub mod facts;
pub mod figures;
pub mod form;
pub mod history;
pub mod menus;
pub mod more;
pub mod oncall;
pub mod page;
pub mod place;
pub mod press;
pub mod queue;
pub mod refusal;
pub mod reply;
pub mod report;
pub mod tap;
pub mod thread;
pub mod web;
pub mod words;

use crm::domain::ids::TicketId;
use crm::domain::lang::Lang;
use crm::domain::person::Right;
use crm::t;

use crate::context::{Context, Result, Settings};
use crate::flows;
use crate::say::{Say, escape};
use crate::update::{ChatKind, What, Written};

/// The language of the desk group: a group has one.
pub const fn lang(settings: &Settings) -> Lang {
    settings.desk_language
}

/// Whether something in a private chat may be a staff member's business with the desk: a button of the desk, whoever presses it, and
/// whatever staff write. Rights are checked when it is carried out; what turns out to be a customer's matter goes on to [`flows`].
pub fn claims(ctx: &Context) -> bool {
    match &ctx.incoming.what {
        What::Press { data, .. } => data.starts_with(tap::PREFIX),
        What::Message(_) => ctx.person.staff.is_some(),
        What::Edited(_) => ctx.person.staff.is_some(),
        What::Membership { .. } | What::Migrated { .. } => false,
    }
}

/// What a staff member does in private: `/queue`, acknowledging a page, answering what he holds.
pub async fn private(ctx: Context) -> Result<()> {
    match &ctx.incoming.what {
        What::Press { data, .. } => press::press(&ctx, data).await,
        What::Message(written) => {
            let taken = command(&ctx, written).await? || words(&ctx, written).await?;
            if taken || (!written.text.starts_with('/') && broadcast::words(&ctx, written).await?) {
                return Ok(());
            }
            Box::pin(flows::private(ctx)).await
        }
        What::Edited(written) if reply::corrected(&ctx, written).await? => Ok(()),
        _ => Box::pin(flows::private(ctx)).await,
    }
}

/// Anything that happens in a group. Only the desk's own group is ours.
pub async fn group(ctx: Context) -> Result<()> {
    let ours = place::chat(&mut ctx.work().await.tx, &ctx.settings).await? == Some(ctx.incoming.chat);
    match &ctx.incoming.what {
        What::Message(written) if command_word(&ctx, &written.text) == Some("desk") => {
            introduce(&ctx, written, ours).await;
            Ok(())
        }
        // A card in a group that is the desk no more, or data that somebody sends from elsewhere: nothing of the desk is said there.
        What::Press { .. } if !ours => {
            ctx.toast(&t!(ctx.lang, "desk-refused-old-button"), true).await;
            Ok(())
        }
        What::Press { data, .. } => press::press(&ctx, data).await,
        _ if !ours => Ok(()),
        What::Message(written) => {
            if !command(&ctx, written).await? {
                words(&ctx, written).await?;
            }
            Ok(())
        }
        What::Edited(written) if reply::corrected(&ctx, written).await? => Ok(()),
        What::Edited(written) => match replied(&ctx, written).await? {
            Some(ticket) => reply::edited(&ctx, ticket, written).await,
            None => Ok(()),
        },
        What::Migrated { to } => {
            Ok(place::moved(&mut ctx.work().await.tx, ctx.incoming.chat, *to, ctx.now).await?)
        }
        What::Membership { active: false } => {
            tracing::error!(
                chat = ctx.incoming.chat,
                "the bot was removed from the desk group: nobody sees tickets"
            );
            Ok(())
        }
        What::Membership { active: true } => Ok(()),
    }
}

/// The desk's commands. Returns whether it was one, from somebody who may.
async fn command(ctx: &Context, written: &Written) -> Result<bool> {
    let Some(staff) = &ctx.person.staff else { return Ok(false) };
    let Some(word) = command_word(ctx, &written.text).filter(|_| staff.role.may(Right::Read)) else {
        return Ok(false);
    };
    match word {
        "queue" => {
            let argument = written.text.split_whitespace().nth(1).and_then(|q| q.parse().ok());
            queue::show(ctx, argument.map_or(queue::Which::All, queue::Which::Of)).await?;
        }
        "mine" => queue::show(ctx, queue::Which::Mine).await?,
        "oncall" => oncall::show(ctx).await?,
        "breaches" => figures::breaches(ctx).await?,
        "sla" => figures::sla(ctx).await?,
        "report" if ctx.incoming.chat_kind == ChatKind::Private => {
            report::command(ctx, written, staff).await?;
        }
        "find" => {
            let rest = written.text.split_once(char::is_whitespace).map_or("", |(_, rest)| rest);
            figures::find(ctx, rest).await?;
        }
        "r" => canned::command(ctx, written, replied(ctx, written).await?).await?,
        "web" => web::command(ctx, written, staff).await?,
        "emergency" => emergency::command(ctx, written).await?,
        "broadcast" if ctx.incoming.chat_kind == ChatKind::Private => broadcast::command(ctx).await?,
        // Somebody who is also a customer's contact is greeted as one; his commands work all the same.
        "start" | "help"
            if ctx.incoming.chat_kind == ChatKind::Private
                && ctx.person.contact.is_none()
                && written.text.split_whitespace().count() == 1 =>
        {
            let greeting = t!(
                ctx.lang,
                "desk-welcome",
                name = escape(&staff.name),
                provider = escape(&ctx.settings.support.provider)
            );
            ctx.send(&Say::html(format!("{greeting}\n\n{}", menus::help(staff, ctx.lang)))).await;
            menus::refresh(ctx).await;
        }
        "cancel" if dialogue::end_any(ctx).await? => {
            reply::answer(ctx, written, &t!(ctx.lang, "desk-done-cancelled")).await;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The word of a command that is meant for this bot: `/queue`, `/queue@this_bot`.
fn command_word<'a>(ctx: &Context, text: &'a str) -> Option<&'a str> {
    let first = text.split_whitespace().next()?.strip_prefix('/')?;
    match first.split_once('@') {
        None => Some(first),
        Some((word, bot)) => bot.eq_ignore_ascii_case(&ctx.settings.bot_username).then_some(word),
    }
}

/// Words of staff about a ticket: those that a button asked for, or a reply to one of its messages. Returns whether they were.
async fn words(ctx: &Context, written: &Written) -> Result<bool> {
    // A command goes to no customer, whatever is waited for; in a reply a path like /var/log is meant as it stands.
    if reply_to(ctx, written).is_none() && written.text.starts_with('/') && !reply::is_note(&written.text) {
        return Ok(false);
    }
    let ticket = replied(ctx, written).await?;
    let pending = if ctx.person.staff.is_some() { dialogue::pending(ctx).await? } else { None };
    if let Some(pending) = pending
        // A reply to a colleague is talk; a reply about another ticket is about that one.
        && (ticket == Some(pending.ticket) || reply_to(ctx, written).is_none())
    {
        dialogue::input(ctx, pending, written).await?;
        return Ok(true);
    }
    match ticket {
        Some(ticket) if !own_request(ctx, ticket).await? => {
            reply::under(ctx, ticket, written).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// The ticket whose message this replies to.
async fn replied(ctx: &Context, written: &Written) -> Result<Option<TicketId>> {
    let Some(message) = reply_to(ctx, written) else { return Ok(None) };
    let tx = &mut ctx.work().await.tx;
    if let Some(ticket) = tx.ticket_of_message(ctx.incoming.chat, message).await? {
        return Ok(Some(ticket));
    }
    // A bot that dies between sending a message and writing that down does not know it afterwards; but the message says what it is
    // about, and what is said under it must not be lost.
    let ours = written.reply_names.as_ref().filter(|(bot, _)| *bot == ctx.settings.bot_username);
    let Some((_, number)) = ours else { return Ok(None) };
    Ok(tx.ticket_by_number(*number).await?.map(|ticket| ticket.id))
}

/// The message this replies to. In a forum topic everything replies to the topic's first message; that is no reply.
fn reply_to(ctx: &Context, written: &Written) -> Option<i64> {
    written.reply_to.filter(|message| *message != ctx.incoming.thread)
}

/// Whether in private a staff member who is also somebody's contact writes about his own request: as a customer, then.
async fn own_request(ctx: &Context, ticket: TicketId) -> Result<bool> {
    if ctx.incoming.chat_kind != crate::update::ChatKind::Private {
        return Ok(false);
    }
    let Some(ticket) = ctx.work().await.tx.ticket_fetch(ticket).await? else { return Ok(true) };
    let as_contact =
        ctx.person.contact.as_ref().is_some_and(|c| ticket.customer.as_ref() == Some(&c.customer));
    Ok(as_contact || (ticket.requester.is_none() && ticket.origin.chat == Some(ctx.incoming.from.id)))
}

/// Tells an administrator what to configure; nobody else gets an answer.
async fn introduce(ctx: &Context, written: &Written, ours: bool) {
    if !ctx.person.staff.as_ref().is_some_and(|s| s.role.may(Right::Administer)) {
        return;
    }
    let text = if ours {
        t!(ctx.lang, "desk-is-here")
    } else {
        t!(ctx.lang, "desk-could-be-here", chat = ctx.incoming.chat.to_string())
    };
    ctx.send(&Say { reply_to: Some(written.message_id), ..Say::html(text) }).await;
}
