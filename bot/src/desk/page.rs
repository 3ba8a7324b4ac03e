//! Private messages to staff: pages with a button to acknowledge, and news about what they hold. Each in the reader's language.

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::domain::audit::EventRecord;
use crm::domain::event::Event;
use crm::domain::ids::{MessageId, StaffId, TicketId};
use crm::domain::kind::{Kind, Queue};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::domain::ticket::{State, Ticket};
use crm::store::{Call, Remember, Staff, StoreError, Tx};
use crm::t;
use crm::text::when;

use super::facts::{self, Facts};
use super::tap::DeskTap;
use super::{buttons, card, thread, words};
use crate::say::{Button, Say, escape};
use crate::wording::Scene;

/// So many tickets a storm or a hand-over lists; the rest is counted.
const LISTED: usize = 15;
/// How much of a request a page quotes.
const QUOTED: usize = 300;

/// What pages for a ticket are remembered as, so that they are found again: no words of a conversation have a ticket's id.
pub const fn remembered(ticket: TicketId) -> MessageId {
    MessageId(ticket.0)
}

/// Whether somebody must still answer: the ticket is not over, not acknowledged, not handed to another department.
pub fn is_wanted(ticket: &Ticket) -> bool {
    ticket.state.is_active() && ticket.paging.as_ref().is_some_and(|p| p.acknowledged_by.is_none())
}

/// Wakes a person; nobody is woken for what is over, acknowledged or handed to another department meanwhile.
pub async fn word(
    tx: &mut Tx,
    scene: &Scene<'_>,
    staff: &StaffId,
    step: u32,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let found = reachable(tx, staff).await?.filter(|_| is_wanted(scene.ticket));
    let Some((chat, staff)) = found else { return Ok(Vec::new()) };
    let lang = staff.language;
    let facts = Facts::gather(tx, scene.ticket).await?;
    let mut lines = vec![t!(
        lang,
        "desk-page-headline",
        number = scene.ticket.number.to_string(),
        kind = words::kind(scene.ticket.kind, lang)
    )];
    lines.push(whose(scene, &facts, &staff));
    lines.extend(words::next_promise(scene.ticket, scene.now, lang));
    let quoted = words::quote(&facts.request, QUOTED);
    if !quoted.is_empty() {
        lines.push(quoted);
    }
    if scene.ticket.state == State::WaitingApproval {
        lines.push(t!(lang, "desk-page-approval"));
    }
    if let Some(by) = &scene.ticket.escalated_by {
        let name = facts::staff_name(tx, by).await?;
        lines.push(t!(lang, "desk-page-escalated", name = escape(&name)));
    } else if step > 0 {
        lines.push(t!(lang, "desk-page-step", step = step + 1));
    }
    if let Some(until) = scene.ticket.paging.as_ref().and_then(|p| p.until).filter(|u| *u > scene.now) {
        lines.push(t!(lang, "desk-page-until", until = when(until, scene.now, lang)));
    }
    let say = Say {
        buttons: buttons::of_page(scene.ticket.number, lang),
        ..Say::html(lines.join("\n")).about(scene.ticket.id)
    };
    let remember = Some(Remember::Words(remembered(scene.ticket.id)));
    Ok(vec![(chat, Call { remember, ..say.send(chat, 0) })])
}

/// Edits the pages for a ticket that call nobody any more: where it stands now, without buttons.
pub async fn over(tx: &mut Tx, scene: &Scene<'_>) -> Result<Vec<(i64, Call)>, StoreError> {
    let ticket = scene.ticket;
    let pages = tx.messages_of_words(remembered(ticket.id)).await?;
    if pages.is_empty() {
        return Ok(Vec::new());
    }
    // Handed over, it may be calling somebody else by now: his page stays.
    let live = ticket.paging.as_ref().filter(|p| ticket.state.is_active() && p.is_live());
    let called = match live.and_then(|p| p.staff.as_ref()) {
        Some(staff) => reachable(tx, staff).await?.map(|(chat, _)| chat),
        None => None,
    };
    let facts = Facts::gather(tx, ticket).await?;
    let mut calls = Vec::new();
    for (chat, message) in pages.into_iter().filter(|(chat, _)| Some(*chat) != called) {
        // Whoever has left the desk is told nothing more.
        let Some(staff) = tx.person_fetch(chat).await?.staff else { continue };
        let Some((_, Staff { language: lang, .. })) = reachable(tx, &staff.id).await? else { continue };
        let (number, kind) = (ticket.number.to_string(), words::kind(ticket.kind, lang));
        let mut lines = vec![
            t!(lang, "desk-page-over", number = number, kind = kind),
            card::standing(ticket, &facts, lang),
        ];
        let answered =
            facts.acknowledged.as_ref().filter(|_| ticket.state.is_active() && facts.holder.is_none());
        lines.extend(answered.map(|name| t!(lang, "desk-card-acknowledged", name = escape(name))));
        let say = Say::html(lines.join("\n")).about(ticket.id);
        // It is remembered already.
        calls.push((chat, Call { remember: None, ..say.edit(chat, message) }));
    }
    Ok(calls)
}

/// A storm in one message: every similar ticket that still waits for this person, newest state. Nobody is woken for what is over.
pub async fn storm(
    tx: &mut Tx,
    now: Moment,
    staff: &StaffId,
    (queue, kind): (Queue, Kind),
) -> Result<Vec<(i64, Call)>, StoreError> {
    let Some((chat, staff)) = reachable(tx, staff).await? else { return Ok(Vec::new()) };
    let lang = staff.language;
    let waiting = unanswered(tx, &staff.id, Some((queue, kind)), now).await?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = vec![t!(
        lang,
        "desk-storm-headline",
        n = waiting.len(),
        kind = words::kind(kind, lang),
        queue = words::queue(queue, lang)
    )];
    for ticket in waiting.iter().take(LISTED) {
        let whose = match &ticket.customer {
            Some(customer) => tx.customer_fetch(customer).await?.map(|c| c.name),
            None => None,
        };
        let whose = escape(&whose.unwrap_or_else(|| ticket.requester_name.clone()));
        lines.push(t!(lang, "desk-storm-line", number = ticket.number.to_string(), whose = whose));
    }
    if waiting.len() > LISTED {
        lines.push(t!(lang, "desk-queue-more", n = waiting.len() - LISTED));
    }
    if let Some(until) = waiting.iter().filter_map(|t| t.paging.as_ref()?.until).filter(|u| *u > now).min() {
        lines.push(t!(lang, "desk-page-until", until = when(until, now, lang)));
    }
    let say = Say::html(lines.join("\n"))
        .row([Button::tap(
            t!(lang, "desk-button-acknowledge-all", n = waiting.len()),
            DeskTap::AcknowledgeAll,
        )])
        .row([Button::tap(t!(lang, "desk-button-queue"), DeskTap::Queue)]);
    Ok(vec![(chat, say.send(chat, 0))])
}

/// The tickets for which this person was paged within the last half hour, and nobody has answered.
pub async fn unanswered(
    tx: &mut Tx,
    staff: &StaffId,
    similar: Option<(Queue, Kind)>,
    now: Moment,
) -> Result<Vec<Ticket>, StoreError> {
    let mut waiting = Vec::new();
    for id in tx.page_log_since(staff, similar, now - TimeDelta::minutes(30)).await? {
        let Some(ticket) = tx.ticket_fetch(id).await? else { continue };
        let his = ticket.paging.as_ref().is_some_and(|p| p.is_live() && p.staff.as_ref() == Some(staff));
        if ticket.state.is_active() && his {
            waiting.push(ticket);
        }
    }
    Ok(waiting)
}

/// Tells whoever comes on shift how things stand: what is owed in his department, what is late, what nobody has.
pub async fn shift(
    tx: &mut Tx,
    now: Moment,
    staff: &StaffId,
    queue: Queue,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let Some((chat, staff)) = reachable(tx, staff).await? else { return Ok(Vec::new()) };
    let lang = staff.language;
    let Some(rota) = tx.rota_of(queue).await? else { return Ok(Vec::new()) };
    // Told late, after an outage, it may be somebody else's turn.
    if rota.chain(now, &[]).first() != Some(&staff.id) {
        return Ok(Vec::new());
    }
    let tickets = tx.tickets_by_due(Some(queue), 500).await?;
    let late = tickets.iter().filter(|t| t.next_due().is_some_and(|(_, due)| due <= now)).count();
    let free = tickets.iter().filter(|t| t.assignee.is_none()).count();
    let mut lines = vec![t!(lang, "desk-shift-begins", queue = words::queue(queue, lang))];
    if let Some(until) = rota.next_change(now) {
        lines.push(t!(lang, "desk-shift-until", until = when(until, now, lang)));
    }
    lines.push(t!(lang, "desk-shift-counts", n = tickets.len(), late = late, free = free));
    for ticket in tickets.iter().take(LISTED) {
        let holder = match &ticket.assignee {
            Some(holder) => escape(&facts::staff_name(tx, holder).await?),
            None => t!(lang, "desk-queue-free"),
        };
        let standing = words::next_promise(ticket, now, lang).unwrap_or_default();
        lines.push(t!(
            lang,
            "desk-shift-line",
            mark = words::mark_of(ticket),
            number = ticket.number.to_string(),
            kind = words::kind(ticket.kind, lang),
            standing = standing,
            holder = holder
        ));
    }
    if tickets.len() > LISTED {
        lines.push(t!(lang, "desk-queue-more", n = tickets.len() - LISTED));
    }
    let say = Say::html(lines.join("\n")).row([Button::tap(t!(lang, "desk-button-queue"), DeskTap::Queue)]);
    Ok(vec![(chat, say.send(chat, 0))])
}

/// Tells whoever holds a ticket what happened to it.
pub async fn private(
    tx: &mut Tx,
    scene: &Scene<'_>,
    record: &EventRecord,
    staff: &StaffId,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let Some((chat, staff)) = reachable(tx, staff).await? else { return Ok(Vec::new()) };
    if let Event::CustomerWrote(reference) = &record.event {
        let Some(message) = tx.message_fetch(reference.id).await? else { return Ok(Vec::new()) };
        let name = thread::author(tx, scene, &message.author).await?;
        let name =
            t!(staff.language, "desk-private-wrote", number = scene.ticket.number.to_string(), name = name);
        let spot = thread::Spot { chat, ..thread::Spot::default() };
        let calls = thread::quoted(scene, &message, &name, &spot, staff.language);
        return Ok(calls.into_iter().map(|call| (chat, call)).collect());
    }
    Ok(warning(tx, scene, record, &staff).await?.map(|say| (chat, say.send(chat, 0))).into_iter().collect())
}

/// Tells the duty managers.
pub async fn duty_managers(
    tx: &mut Tx,
    scene: &Scene<'_>,
    record: &EventRecord,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let mut calls = Vec::new();
    for staff in tx.staff_with_role(Role::DutyManager).await? {
        let Some((chat, staff)) = reachable(tx, &staff.id).await? else { continue };
        let say = warning(tx, scene, record, &staff).await?;
        calls.extend(say.map(|say| (chat, say.send(chat, 0))));
    }
    Ok(calls)
}

/// A mark or a breach in a reader's language, with who holds the ticket; `None` once a mark no longer matters.
async fn warning(
    tx: &mut Tx,
    scene: &Scene<'_>,
    record: &EventRecord,
    staff: &Staff,
) -> Result<Option<Say>, StoreError> {
    let lang = staff.language;
    let number = scene.ticket.number.to_string();
    let headline = match &record.event {
        Event::MarkReached { target, percent, .. } => {
            let Some(clock) = thread::owed(scene, scene.ticket.clock(*target)) else { return Ok(None) };
            let standing = words::promise(clock, scene.now, lang);
            let target = words::target(*target, lang);
            t!(
                lang,
                "desk-event-mark",
                number = number,
                percent = *percent,
                target = target,
                standing = standing
            )
        }
        Event::TargetBreached { target, .. } => {
            let due = when(scene.ticket.clock(*target).due_at, scene.now, lang);
            t!(lang, "desk-event-breached", number = number, target = words::target(*target, lang), due = due)
        }
        Event::Escalated { by, message } => {
            let name = escape(&facts::staff_name(tx, by).await?);
            let quote = thread::quote_of(tx, message.id).await?;
            let text = t!(lang, "desk-event-escalated", number = number, name = name, quote = quote);
            text.trim_end().to_owned()
        }
        Event::Reclassified { from, to, message, .. } => {
            let name = match &author_of(record) {
                Some(by) => escape(&facts::staff_name(tx, by).await?),
                None => String::new(),
            };
            let standing = words::promise(&scene.ticket.resolution, scene.now, lang);
            let quote = thread::quote_of(tx, message.id).await?;
            let (from, to) = (words::kind(*from, lang), words::kind(*to, lang));
            let text = t!(
                lang,
                "desk-event-reclassified",
                number = number,
                name = name,
                from = from,
                to = to,
                standing = standing,
                quote = quote
            );
            text.trim_end().to_owned()
        }
        Event::Assigned { to, .. } => {
            let by = author_of(record);
            let name = match &by {
                Some(by) => escape(&facts::staff_name(tx, by).await?),
                None => String::new(),
            };
            let key = if *to == staff.id { "desk-private-assigned" } else { "desk-private-unassigned" };
            t!(lang, key, number = number, name = name)
        }
        _ => return Ok(None),
    };
    let facts = Facts::gather(tx, scene.ticket).await?;
    let holder = if let Some(holder) = &facts.holder {
        t!(lang, "desk-warning-held", holder = escape(holder))
    } else if let Some(name) = &facts.acknowledged {
        t!(lang, "desk-card-acknowledged", name = escape(name))
    } else {
        t!(lang, "desk-warning-free")
    };
    let lines = [headline, words::kind(scene.ticket.kind, lang), whose(scene, &facts, staff), holder];
    Ok(Some(Say::html(lines.join("\n")).about(scene.ticket.id).row(buttons::open(scene.ticket.number, lang))))
}

fn author_of(record: &EventRecord) -> Option<StaffId> {
    record.actor.staff_id().cloned()
}

fn whose(scene: &Scene<'_>, facts: &Facts, staff: &Staff) -> String {
    let lang = staff.language;
    let name = escape(&scene.ticket.requester_name);
    if let Some(customer) = &facts.customer {
        t!(lang, "desk-whose", customer = escape(customer), name = name)
    } else {
        t!(lang, "desk-whose-stranger", name = name)
    }
}

/// A staff member's private chat, if he still works here and has an account.
pub async fn reachable(tx: &mut Tx, staff: &StaffId) -> Result<Option<(i64, Staff)>, StoreError> {
    let Some(staff) = tx.staff_member(staff).await? else { return Ok(None) };
    let Some(chat) = staff.telegram else { return Ok(None) };
    let language = language(tx, &staff).await?;
    Ok(Some((chat, Staff { language, ..staff })))
}

/// What he chose in the bot, else the directory's.
async fn language(tx: &mut Tx, staff: &Staff) -> Result<Lang, StoreError> {
    let chosen = match staff.telegram {
        Some(telegram) => tx.person_fetch(telegram).await?.chosen,
        None => None,
    };
    Ok(chosen.unwrap_or(staff.language))
}
