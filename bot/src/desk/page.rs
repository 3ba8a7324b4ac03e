//! Private messages to staff: pages with a button to acknowledge, and news about what they hold. Each in the reader's language.

use crm::domain::audit::EventRecord;
use crm::domain::event::Event;
use crm::domain::ids::StaffId;
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::store::{Call, Staff, StoreError, Tx};
use crm::t;
use crm::text::when;

use super::facts::Facts;
use super::{buttons, thread, words};
use crate::say::{Say, escape};
use crate::wording::Scene;

/// How much of a request a page quotes.
const QUOTED: usize = 300;

/// Wakes a person; nobody is woken for what is over, acknowledged or handed to another department meanwhile.
pub async fn word(
    tx: &mut Tx,
    scene: &Scene<'_>,
    staff: &StaffId,
    step: u32,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let wanted = scene.ticket.state.is_active()
        && scene.ticket.paging.as_ref().is_some_and(|p| p.acknowledged_by.is_none());
    let Some((chat, staff)) = reachable(tx, staff).await?.filter(|_| wanted) else { return Ok(Vec::new()) };
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
    if step > 0 {
        lines.push(t!(lang, "desk-page-step", step = step + 1));
    }
    if let Some(until) = scene.ticket.paging.as_ref().and_then(|p| p.until).filter(|u| *u > scene.now) {
        lines.push(t!(lang, "desk-page-until", until = when(until, scene.now, lang)));
    }
    let say = Say {
        buttons: buttons::of_page(scene.ticket.number, lang),
        ..Say::html(lines.join("\n")).about(scene.ticket.id)
    };
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
        let calls = thread::quoted(scene, &message, &name, (chat, None), staff.language);
        return Ok(calls.into_iter().map(|call| (chat, call)).collect());
    }
    Ok(warning(tx, scene, &record.event, &staff)
        .await?
        .map(|say| (chat, say.send(chat, 0)))
        .into_iter()
        .collect())
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
        let say = warning(tx, scene, &record.event, &staff).await?;
        calls.extend(say.map(|say| (chat, say.send(chat, 0))));
    }
    Ok(calls)
}

/// A mark or a breach in a reader's language, with who holds the ticket; `None` once a mark no longer matters.
async fn warning(
    tx: &mut Tx,
    scene: &Scene<'_>,
    event: &Event,
    staff: &Staff,
) -> Result<Option<Say>, StoreError> {
    let lang = staff.language;
    let number = scene.ticket.number.to_string();
    let headline = match event {
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
async fn reachable(tx: &mut Tx, staff: &StaffId) -> Result<Option<(i64, Staff)>, StoreError> {
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
