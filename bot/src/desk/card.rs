//! The card of a ticket in the desk group: one message, edited in place.

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::domain::action::{Action, ActionState, Proof};
use crm::domain::event::Link;
use crm::domain::kind::Kind;
use crm::domain::lang::Lang;
use crm::domain::policy::Quorum;
use crm::domain::ticket::{Paging, Ticket};
use crm::plan_text;
use crm::store::{Call, Remember, StoreError, Tx};
use crm::t;
use crm::text::{clock_time, length, when};

use super::facts::Facts;
use super::{buttons, form, place, words};
use crate::say::{Say, escape};
use crate::wording::Scene;

/// How much of the request a card quotes, in characters.
pub const QUOTED: usize = 700;

/// The card as it must look now: made if there is none, edited if there is.
pub async fn word(tx: &mut Tx, scene: &Scene<'_>) -> Result<Vec<(i64, Call)>, StoreError> {
    let spot = place::spot(tx, scene.settings, scene.ticket.queue).await?;
    let Some((chat, thread)) = spot else { return Ok(Vec::new()) };
    let lang = super::lang(scene.settings);
    let facts = Facts::gather(tx, scene.ticket).await?;
    let card = say(scene.ticket, &facts, scene.now, lang);
    let anew = Call { remember: Some(Remember::Card), ..card.send(chat, thread) };
    let calls = match tx.card_fetch(scene.ticket.id).await? {
        Some((at, message)) if at == chat => {
            let stays = tx.card_thread(scene.ticket.id).await? == thread || !scene.ticket.state.is_active();
            if stays {
                vec![Call { remember: None, ..card.edit(chat, message) }]
            } else {
                // A message cannot move to another department's topic: it says where it went.
                let queue = words::queue(scene.ticket.queue, lang);
                let gone =
                    t!(lang, "desk-card-moved", number = scene.ticket.number.to_string(), queue = queue);
                let gone = Say::html(gone).about(scene.ticket.id).edit(chat, message);
                vec![anew, Call { remember: None, ..gone }]
            }
        }
        // None yet, or the desk has moved to another group since.
        _ => vec![anew],
    };
    Ok(calls.into_iter().map(|call| (chat, call)).collect())
}

/// The card of `ticket` in `lang`, with its buttons.
pub fn say(ticket: &Ticket, facts: &Facts, now: Moment, lang: Lang) -> Say {
    let buttons = buttons::of_card(ticket, now, lang);
    Say { buttons, ..Say::html(html(ticket, facts, now, lang)).about(ticket.id) }
}

/// The card's words: what it is, whose, where it stands, what was promised, what is to be decided, what was asked.
pub fn html(ticket: &Ticket, facts: &Facts, now: Moment, lang: Lang) -> String {
    let mut lines = vec![headline(ticket, lang)];
    if ticket.kind == Kind::FaultCritical && ticket.state.is_active() {
        lines.push(t!(lang, "desk-critical"));
    }
    lines.push(standing(ticket, facts, lang));
    lines.push(whose(ticket, facts, lang));
    lines.extend(service(facts, lang));
    lines.extend(form::line(&ticket.form, facts.binding.as_deref(), now, lang));
    for clock in [&ticket.first_reply, &ticket.resolution] {
        let target = words::target(clock.target, lang);
        let standing = words::promise(clock, now, lang);
        let key = if ticket.state.is_active() && clock.is_breached(now) {
            "desk-card-promise-broken"
        } else {
            "desk-card-promise"
        };
        lines.push(t!(lang, key, target = target, standing = standing));
    }
    lines.extend(relatives(ticket, lang));
    if ticket.cycle > 1 {
        lines.push(t!(lang, "desk-card-cycle", n = ticket.cycle));
    }
    if let Some(action) = &ticket.action {
        lines.extend(proposal(action, facts, now, lang));
    }
    if ticket.state.is_active() {
        lines.extend(ticket.paging.as_ref().map(|p| page(p, facts, now, lang)));
    }
    let quoted = words::quote(&facts.request, QUOTED);
    if !quoted.is_empty() {
        lines.push(quoted);
    }
    lines.extend(ticket.rating.map(|score| t!(lang, "desk-card-rating", score = score)));
    lines.push(counts(facts, lang));
    if !ticket.state.is_terminal() {
        lines.extend(undelivered(facts, lang));
    }
    lines.push(t!(lang, "desk-card-as-of", time = clock_time(now)));
    lines.join("\n")
}

fn headline(ticket: &Ticket, lang: Lang) -> String {
    t!(
        lang,
        "desk-card-headline",
        mark = words::mark(ticket),
        number = ticket.number.to_string(),
        kind = words::kind(ticket.kind, lang)
    )
}

/// Where it stands, in which department, and who holds it.
pub fn standing(ticket: &Ticket, facts: &Facts, lang: Lang) -> String {
    let (state, queue) = (words::state_of(ticket, lang), words::queue(ticket.queue, lang));
    match &facts.holder {
        Some(holder) => t!(lang, "desk-card-held", state = state, queue = queue, holder = escape(holder)),
        None if ticket.state.is_active() => t!(lang, "desk-card-free", state = state, queue = queue),
        None => t!(lang, "desk-card-over", state = state, queue = queue),
    }
}

fn whose(ticket: &Ticket, facts: &Facts, lang: Lang) -> String {
    let language = t!(lang, &format!("desk-speaks-{}", ticket.language));
    let name = escape(&ticket.requester_name);
    if let Some(customer) = &facts.customer {
        t!(lang, "desk-card-customer", customer = escape(customer), name = name, language = language)
    } else {
        t!(lang, "desk-card-stranger", name = name, language = language)
    }
}

fn service(facts: &Facts, lang: Lang) -> Vec<String> {
    let Some(rented) = &facts.rented else { return Vec::new() };
    let id = escape(rented.id.as_str());
    let mut lines = vec![if let Some((zone, domain)) = &rented.domain {
        t!(lang, "desk-card-vm", vm = id, zone = escape(zone.as_str()), domain = escape(domain))
    } else {
        t!(lang, "desk-card-service", service = id)
    }];
    let locked = rented.lock_reason.as_ref().map(|r| words::lock(r, rented.lock_ticket.as_deref()));
    lines.extend(locked.map(|reason| t!(lang, "desk-card-locked", reason = reason)));
    lines
}

/// The proposal: what exactly, who has agreed, until when; or how it ended.
fn proposal(action: &Action, facts: &Facts, now: Moment, lang: Lang) -> Vec<String> {
    let mut lines = vec![t!(lang, "desk-card-action", action = words::action(&action.spec, lang))];
    if !matches!(action.state, ActionState::Done) {
        lines.extend(plan_text::lines(&action.plan, lang).iter().map(|line| format!("▫️ {}", escape(line))));
    }
    match action.state {
        ActionState::Planning => lines.push(t!(lang, "desk-card-planning")),
        ActionState::Proposed if action.expires_at <= now => lines.push(t!(lang, "desk-card-expired")),
        ActionState::Proposed => {
            let until = when(action.expires_at, now, lang);
            let (given, needed) = (action.approved_by.len(), action.quorum.people());
            lines.push(t!(lang, "desk-card-approvals", given = given, needed = needed, until = until));
            lines.extend(approvers(facts, lang));
        }
        ActionState::Approved if action.quorum == Quorum::Auto => {
            lines.push(t!(lang, "desk-card-approved-policy"));
        }
        ActionState::Approved => lines.extend(approvers(facts, lang)),
        ActionState::Done => {
            let read = facts.proof.iter().flat_map(|p| &p.read_back);
            lines.extend(read.map(|c| format!("▪️ {}", escape(&plan_text::change(c, lang)))));
            lines.extend(facts.proof.as_ref().map(|p| proof(p, lang)));
        }
        ActionState::Failed => {
            let why = facts.failure.as_ref().map(|f| words::failure(f, lang));
            lines.extend(why.map(|why| t!(lang, "desk-card-failed", why = why)));
        }
        ActionState::Void => lines.push(t!(lang, "desk-card-expired")),
        ActionState::Declined => lines.push(t!(lang, "desk-card-declined")),
    }
    lines
}

/// What was read back, with the guest's boot ids where there are any: the evidence itself, for those who can judge it.
fn proof(proof: &Proof, lang: Lang) -> String {
    let took = length(TimeDelta::milliseconds(proof.took_ms), lang);
    let (method, state) = (escape(&proof.method), escape(&proof.state));
    let line = t!(lang, "desk-card-proof", method = method, state = state, took = took);
    let short = |id: &str| escape(&id.chars().take(8).collect::<String>());
    match (&proof.boot_id, proof.domain_id) {
        (Some((before, after)), _) => format!("{line} · boot_id {} → {}", short(before), short(after)),
        (None, Some((before, after))) => format!("{line} · id {before} → {after}"),
        (None, None) => line,
    }
}

fn approvers(facts: &Facts, lang: Lang) -> Option<String> {
    let names = facts.approvers.iter().map(|name| escape(name)).collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| t!(lang, "desk-card-approvers", names = names))
}

fn page(paging: &Paging, facts: &Facts, now: Moment, lang: Lang) -> String {
    if let Some(name) = &facts.acknowledged {
        return t!(lang, "desk-card-acknowledged", name = escape(name));
    }
    if paging.exhausted {
        return t!(lang, "desk-card-page-exhausted");
    }
    if let (Some(name), Some(until)) = (&facts.paged, paging.until) {
        t!(lang, "desk-card-paged", name = escape(name), until = when(until, now, lang))
    } else {
        t!(lang, "desk-card-paging")
    }
}

/// The tickets it belongs together with.
fn relatives(ticket: &Ticket, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(lead) = &ticket.attached_to {
        lines.push(t!(lang, &format!("desk-card-attached-{}", lead.link), number = lead.number.to_string()));
    }
    for link in Link::ALL {
        let numbers: Vec<String> =
            ticket.joined.iter().filter(|j| j.link == *link).map(|j| j.number.to_string()).collect();
        if !numbers.is_empty() {
            let (n, numbers) = (numbers.len(), numbers.join(", "));
            lines.push(t!(lang, &format!("desk-card-joined-{link}"), n = n, numbers = numbers));
        }
    }
    lines
}

fn counts(facts: &Facts, lang: Lang) -> String {
    let mut parts = vec![t!(lang, "desk-count-messages", n = facts.messages)];
    for (key, n) in [("desk-count-files", facts.files), ("desk-count-notes", facts.notes)] {
        if n > 0 {
            parts.push(t!(lang, key, n = n));
        }
    }
    t!(lang, "desk-card-counts", counts = parts.join(", "))
}

/// What did not reach the customer.
fn undelivered(facts: &Facts, lang: Lang) -> Option<String> {
    let error = facts.undelivered.as_deref()?;
    Some(not_delivered(error, facts.phone.as_deref(), lang))
}

/// What to do about something that did not reach the customer.
pub fn not_delivered(error: &str, phone: Option<&str>, lang: Lang) -> String {
    let why = why_not(error, lang);
    if let Some(phone) = phone {
        t!(lang, "desk-undelivered-call", why = why, phone = escape(phone))
    } else {
        t!(lang, "desk-undelivered", why = why)
    }
}

/// Telegram's words for why, as people say it. Escaped.
pub fn why_not(error: &str, lang: Lang) -> String {
    if error.contains("blocked") {
        t!(lang, "desk-undelivered-blocked")
    } else if error.contains("deactivated") || error.contains("chat not found") {
        t!(lang, "desk-undelivered-gone")
    } else {
        escape(&error.chars().take(200).collect::<String>())
    }
}

/// Whether the card shows everything of a request that is words alone, so that repeating it under the card would be noise.
pub fn shows_whole(request: &str) -> bool {
    request.trim().chars().count() <= QUOTED
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
