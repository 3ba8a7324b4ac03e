//! The conversation of a ticket in private: who wrote what, and whether it reached the customer.

use std::collections::HashMap;

use crm::domain::actor::Actor;
use crm::domain::ids::{MessageId, TicketNumber};
use crm::domain::lang::Lang;
use crm::store::{Arrival, Delivered, Message, Side};
use crm::t;
use crm::text::when;

use super::facts::staff_name;
use super::press::load;
use super::tap::DeskTap;
use super::{card, words};
use crate::context::{Context, Result};
use crate::say::{Button, Say, escape};

/// So many messages are shown, the newest.
const SHOWN: usize = 12;
/// So much of each.
const QUOTED: usize = 250;

/// Shows it in place of the card.
pub async fn show(ctx: &Context, number: TicketNumber) -> Result<()> {
    let Some(ticket) = load(ctx, number).await? else { return Ok(()) };
    ctx.toast("", false).await;
    let lang = ctx.lang;
    let (messages, events, delivered) = {
        let tx = &mut ctx.work().await.tx;
        let messages = tx.messages(ticket.id, true).await?;
        (messages, tx.events(ticket.id.0).await?, tx.outbox_deliveries(ticket.id).await?)
    };
    let told: HashMap<MessageId, i64> =
        events.iter().filter_map(|e| Some((e.event.message()?.id, e.seq))).collect();
    let mut lines = vec![t!(lang, "desk-history-title", number = number.to_string(), n = messages.len())];
    for message in messages.iter().skip(messages.len().saturating_sub(SHOWN)) {
        let seq = told.get(&message.id).copied();
        let arrived = delivered.iter().filter(|d| Some(d.seq) == seq);
        lines.push(line(ctx, message, &ticket.requester_name, arrival(arrived, ctx, lang)).await?);
    }
    let say = Say::html(lines.join("\n"))
        .about(ticket.id)
        .row([Button::tap(t!(lang, "desk-button-back"), DeskTap::Open(number))]);
    ctx.replace(&say).await;
    Ok(())
}

async fn line(ctx: &Context, message: &Message, requester: &str, arrival: String) -> Result<String> {
    let (mark, name) = match (&message.side, &message.author) {
        (Side::Customer, Actor::Contact { id, .. }) => {
            let contact = ctx.work().await.tx.contact_fetch(id).await?;
            ("👤", contact.map_or_else(|| requester.to_owned(), |c| c.name))
        }
        (Side::Customer, _) => ("👤", requester.to_owned()),
        (side, Actor::Staff { id, .. }) => {
            let mark = if *side == Side::Note { "✍️" } else { "🛠" };
            (mark, staff_name(&mut ctx.work().await.tx, id).await?)
        }
        (_, _) => ("⚙️", String::new()),
    };
    let at = when(message.written_at, ctx.now, ctx.lang);
    let files = if message.attachments.is_empty() {
        String::new()
    } else {
        format!(" 📎 {}", t!(ctx.lang, "desk-count-files", n = message.attachments.len()))
    };
    let body = words::quote(&message.body, QUOTED);
    let arrival = if message.side == Side::Desk { arrival } else { String::new() };
    Ok(format!("{mark} <b>{}</b> · {at}{files}{arrival}\n{body}", escape(&name)).trim_end().to_owned())
}

/// What became of it.
fn arrival<'a>(parts: impl Iterator<Item = &'a Delivered>, ctx: &Context, lang: Lang) -> String {
    match Arrival::of(parts) {
        Some(Arrival::Failed(error)) => {
            format!("\n{}", t!(lang, "desk-undelivered", why = card::why_not(error, lang)))
        }
        Some(Arrival::Waiting(_)) => format!(" · {}", t!(lang, "desk-delivery-waits")),
        Some(Arrival::Sent(at)) => {
            format!(" · {}", t!(lang, "desk-delivered", at = when(at, ctx.now, lang)))
        }
        None => String::new(),
    }
}
