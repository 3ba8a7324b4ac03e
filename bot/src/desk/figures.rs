//! `/breaches`, `/sla`, `/find`: what was late, how the month stands, where a ticket is.

use chrono::{Datelike, TimeDelta};
use crm::clock::Moment;
use crm::domain::ids::TicketNumber;
use crm::domain::sla::Target;
use crm::domain::ticket::Ticket;
use crm::reports::{self, Filter, GroupBy, Period};
use crm::t;
use crm::text::{ZONE, decimal, when};

use super::facts::{Facts, staff_name};
use super::queue::{self, Which};
use super::tap::DeskTap;
use super::{card, words};
use crate::context::{Context, Result};
use crate::say::{Button, Say, escape};
use crate::update::ChatKind;

/// So many breaches are listed.
const LISTED: i64 = 15;

/// Promises broken within the last day, latest first, and how each stands now.
pub async fn breaches(ctx: &Context) -> Result<()> {
    let lang = ctx.lang;
    let since = ctx.now - TimeDelta::days(1);
    let mut lines = Vec::new();
    let mut buttons = Vec::new();
    {
        let tx = &mut ctx.work().await.tx;
        let broken = tx.breaches_since(since, LISTED).await?;
        lines.push(t!(lang, "desk-breaches-title", n = broken.len()));
        for (id, target, due) in broken {
            let Some(ticket) = tx.ticket_fetch(id).await? else { continue };
            let holder = match &ticket.assignee {
                Some(holder) => escape(&staff_name(tx, holder).await?),
                None => t!(lang, "desk-queue-free"),
            };
            lines.push(t!(
                lang,
                "desk-breaches-line",
                mark = words::mark_of(&ticket),
                number = ticket.number.to_string(),
                kind = words::kind(ticket.kind, lang),
                target = words::target(target, lang),
                due = when(due, ctx.now, lang),
                state = words::state_of(&ticket, lang),
                holder = holder
            ));
            buttons.push(Button::tap(ticket.number.to_string(), DeskTap::Open(ticket.number)));
        }
    }
    if buttons.is_empty() {
        lines.push(t!(lang, "desk-breaches-none"));
    }
    let mut say = Say::html(lines.join("\n"));
    if ctx.incoming.chat_kind == ChatKind::Private {
        buttons.dedup();
        say.buttons = buttons.chunks(3).map(<[Button]>::to_vec).collect();
        say = say.row([Button::tap(t!(lang, "desk-button-refresh"), DeskTap::Breaches)]);
    }
    ctx.replace(&say).await;
    Ok(())
}

/// This month until today, in the zone the terms count in (C2).
fn this_month(now: Moment) -> Period {
    let today = now.with_timezone(&ZONE).date_naive();
    let first = today.with_day(1).unwrap_or(today);
    Period::new(first, today).unwrap_or_else(|_| Period::last(1, now))
}

/// This month in a few lines: the figures of the report, as its page, its files and the API have them.
pub async fn sla(ctx: &Context) -> Result<()> {
    let (lang, period) = (ctx.lang, this_month(ctx.now));
    let (report, owed) = {
        let tx = &mut ctx.work().await.tx;
        // Within this transaction: another one could not write before it ends.
        reports::fold_within(tx).await?;
        let report = reports::report(tx, period, GroupBy::Kind, Filter::default(), ctx.now).await?;
        (report, tx.tickets_by_due(None, 5_000).await?)
    };
    let mut lines = vec![t!(lang, "desk-sla-title", from = when(period.moments().0, ctx.now, lang))];
    for (target, figures) in
        [(Target::FirstReply, &report.total.first_reply), (Target::Resolution, &report.total.resolution)]
    {
        let (name, met, broken) = (words::target(target, lang), figures.met, figures.breached);
        lines.push(match &figures.compliance {
            None => t!(lang, "desk-sla-nothing", target = name),
            Some(percent) => {
                let percent = decimal(percent, lang);
                t!(lang, "desk-sla-line", target = name, percent = percent, met = met, broken = broken)
            }
        });
    }
    let late = owed.iter().filter(|t| t.next_due().is_some_and(|(_, due)| due <= ctx.now)).count();
    let soon = owed.iter().filter(|t| at_risk(t, ctx.now)).count();
    lines.push(t!(lang, "desk-sla-now", n = report.backlog.now, late = late, risk = soon));
    ctx.send(&Say::html(lines.join("\n"))).await;
    Ok(())
}

/// Three quarters of the nearest promise's time are gone.
fn at_risk(ticket: &Ticket, now: Moment) -> bool {
    ticket.next_due().is_some_and(|(target, due)| due > now && ticket.clock(target).mark_moment(75) <= now)
}

/// `/find …`: a number opens the ticket; anything else is looked for in names, services and words.
pub async fn find(ctx: &Context, text: &str) -> Result<()> {
    let text = text.trim();
    if text.is_empty() {
        ctx.send(&Say::html(t!(ctx.lang, "desk-find-how"))).await;
        return Ok(());
    }
    if let Ok(number) = text.parse::<TicketNumber>() {
        let ticket = ctx.work().await.tx.ticket_by_number(number).await?;
        let Some(ticket) = ticket else {
            ctx.send(&Say::html(t!(ctx.lang, "desk-refused-not-found"))).await;
            return Ok(());
        };
        // In the group the link leads to the card: a second one would be out of date soon.
        if ctx.incoming.chat_kind == ChatKind::Private {
            let facts = Facts::gather(&mut ctx.work().await.tx, &ticket).await?;
            let say = card::say(&ticket, &facts, ctx.now, ctx.lang);
            ctx.send(&say.row([Button::tap(t!(ctx.lang, "desk-button-queue"), DeskTap::Queue)])).await;
            return Ok(());
        }
        let say = queue::list(ctx, Which::Found, &[ticket]).await?;
        ctx.send(&say).await;
        return Ok(());
    }
    let found = {
        let tx = &mut ctx.work().await.tx;
        let mut found = Vec::new();
        let text: String = text.chars().take(100).collect();
        for id in tx.tickets_find(&text, 15).await? {
            found.extend(tx.ticket_fetch(id).await?);
        }
        found
    };
    let say = queue::list(ctx, Which::Found, &found).await?;
    ctx.send(&say).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_in_almaty() {
        let now: Moment = "2026-11-30T20:00:00Z".parse().expect("a moment");
        let begins = this_month(now).moments().0;
        assert_eq!(begins, "2026-11-30T19:00:00Z".parse::<Moment>().expect("a moment"));
    }
}
