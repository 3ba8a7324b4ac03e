//! `/queue` and `/mine`: what the desk owes, nearest deadline first.

use std::collections::HashMap;

use chrono::TimeDelta;
use crm::domain::ids::{CustomerId, StaffId};
use crm::domain::kind::Queue;
use crm::domain::ticket::Ticket;
use crm::store::{StoreError, Tx};
use crm::t;
use crm::text::{clock_time, length, when};

use super::facts::staff_name;
use super::tap::DeskTap;
use super::words;
use crate::context::{Context, Result};
use crate::say::{Button, Say, escape};
use crate::update::ChatKind;

/// So many are listed; the rest is counted.
const LISTED: usize = 15;
/// So many are looked at.
const READ: i64 = 500;

/// Which tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All.
    All,
    /// One department's.
    Of(Queue),
    /// Those that the person holds.
    Mine,
    /// What was looked for.
    Found,
}

/// Shows them; in place of the message whose button was pressed, if one was.
pub async fn show(ctx: &Context, which: Which) -> Result<()> {
    let Some(staff) = &ctx.person.staff else { return Ok(()) };
    let tickets = {
        let tx = &mut ctx.work().await.tx;
        let queue = if let Which::Of(queue) = which { Some(queue) } else { None };
        let mut tickets = tx.tickets_by_due(queue, READ).await?;
        if which == Which::Mine {
            tickets.retain(|t| t.assignee.as_ref() == Some(&staff.id));
        }
        tickets
    };
    let say = list(ctx, which, &tickets).await?;
    ctx.replace(&say).await;
    Ok(())
}

/// A list of tickets, in this order.
pub async fn list(ctx: &Context, which: Which, tickets: &[Ticket]) -> Result<Say> {
    let lang = ctx.lang;
    let title = match which {
        Which::All => t!(lang, "desk-queue-title"),
        Which::Of(queue) => t!(lang, "desk-queue-title-of", queue = words::queue(queue, lang)),
        Which::Mine => t!(lang, "desk-queue-title-mine"),
        Which::Found => t!(lang, "desk-queue-title-found"),
    };
    let mut lines = vec![t!(lang, "desk-queue-head", title = title, n = tickets.len())];
    if tickets.is_empty() {
        let key = if which == Which::Found { "desk-find-none" } else { "desk-queue-empty" };
        lines.push(t!(lang, key));
    }
    let mut names = Names::default();
    for ticket in tickets.iter().take(LISTED) {
        let tx = &mut ctx.work().await.tx;
        lines.push(names.line(tx, ctx, ticket).await?);
    }
    if tickets.len() > LISTED {
        lines.push(t!(lang, "desk-queue-more", n = tickets.len() - LISTED));
    }
    lines.push(t!(lang, "desk-card-as-of", time = clock_time(ctx.now)));
    let mut say = Say::html(lines.join("\n"));
    // In the group the numbers lead to the cards; in private the buttons open a ticket.
    if ctx.incoming.chat_kind == ChatKind::Private {
        let open: Vec<Button> = tickets
            .iter()
            .take(LISTED)
            .map(|t| Button::tap(t.number.to_string(), DeskTap::Open(t.number)))
            .collect();
        say.buttons = open.chunks(3).map(<[Button]>::to_vec).collect();
        let again = match which {
            Which::Mine => Some(DeskTap::Mine),
            Which::All | Which::Of(_) => Some(DeskTap::Queue),
            Which::Found => None,
        };
        if let Some(again) = again {
            say = say.row([Button::tap(t!(lang, "desk-button-refresh"), again)]);
        }
    }
    Ok(say)
}

/// Names that a list needs again and again.
#[derive(Default)]
struct Names {
    customers: HashMap<CustomerId, String>,
    staff: HashMap<StaffId, String>,
}

impl Names {
    async fn line(&mut self, tx: &mut Tx, ctx: &Context, ticket: &Ticket) -> Result<String, StoreError> {
        let lang = ctx.lang;
        let whose = match &ticket.customer {
            Some(customer) => self.customer(tx, customer).await?,
            None => ticket.requester_name.clone(),
        };
        let holder = if let Some(staff) = &ticket.assignee {
            escape(&self.holder(tx, staff).await?)
        } else if let Some(by) = ticket.paging.as_ref().and_then(|p| p.acknowledged_by.as_ref()) {
            t!(lang, "desk-card-acknowledged", name = escape(&self.holder(tx, by).await?))
        } else {
            t!(lang, "desk-queue-free")
        };
        let number = match tx.card_fetch(ticket.id).await?.and_then(link) {
            Some(url) => format!("<a href=\"{url}\">{}</a>", ticket.number),
            None => ticket.number.to_string(),
        };
        let standing = ticket.next_due().map_or_else(
            || words::state_of(ticket, lang),
            |(_, due)| {
                let left: TimeDelta = due - ctx.now;
                if left <= TimeDelta::zero() {
                    t!(lang, "desk-queue-overdue", late = length(left, lang))
                } else {
                    t!(lang, "desk-queue-left", left = length(left, lang), due = when(due, ctx.now, lang))
                }
            },
        );
        Ok(t!(
            lang,
            "desk-queue-line",
            mark = words::mark_of(ticket),
            number = number,
            kind = words::kind(ticket.kind, lang),
            whose = escape(&whose),
            standing = standing,
            holder = holder
        ))
    }

    async fn customer(&mut self, tx: &mut Tx, id: &CustomerId) -> Result<String, StoreError> {
        if let Some(name) = self.customers.get(id) {
            return Ok(name.clone());
        }
        let name = tx.customer_fetch(id).await?.map_or_else(|| id.to_string(), |c| c.name);
        self.customers.insert(id.clone(), name.clone());
        Ok(name)
    }

    async fn holder(&mut self, tx: &mut Tx, id: &StaffId) -> Result<String, StoreError> {
        if let Some(name) = self.staff.get(id) {
            return Ok(name.clone());
        }
        let name = staff_name(tx, id).await?;
        self.staff.insert(id.clone(), name.clone());
        Ok(name)
    }
}

/// The link to a message of a supergroup; other groups have none.
fn link((chat, message): (i64, i64)) -> Option<String> {
    let id = chat.to_string();
    id.strip_prefix("-100").map(|id| format!("https://t.me/c/{id}/{message}"))
}
