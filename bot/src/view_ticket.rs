//! A ticket as its customer sees it: title, state, promise, history; the acknowledgement, and what is said when it is opened again.

use crm::clock::Moment;
use crm::domain::form::{Form, QuotaResource};
use crm::domain::kind::Kind;
use crm::domain::lang::Lang;
use crm::domain::sla::{Outcome, TargetClock};
use crm::domain::ticket::{State, Ticket};
use crm::service::Emergency;
use crm::store::{Message, Side};
use crm::t;
use crm::text::{left, when};

use crate::say::{Say, escape};
use crate::view;

/// Messages that the detail shows.
const MESSAGES: usize = 5;

/// What is asked, for HTML: `Reboot (graceful) · acme-web`.
pub fn title(lang: Lang, ticket: &Ticket) -> String {
    escape(&line_of(lang, ticket))
}

/// Number and what is asked, for a button.
pub fn line(lang: Lang, ticket: &Ticket) -> String {
    format!("{} · {}", ticket.number, line_of(lang, ticket))
}

fn line_of(lang: Lang, ticket: &Ticket) -> String {
    let kind = kind(lang, ticket.kind);
    let kind = match &ticket.form {
        Form::VmReboot { mode, .. } => format!("{kind} ({})", t!(lang, &format!("mode-{mode}"))),
        Form::QuotaIncrease { resource, wanted, .. } => {
            let name = t!(lang, &format!("resource-{resource}"));
            format!("{kind} · {name}: {}", amount(lang, *resource, *wanted))
        }
        Form::Order { terms } => format!("{kind} · {}", t!(lang, &format!("terms-{terms}"))),
        Form::NewCabinet { company, .. } => format!("{kind} · {company}"),
        Form::ZoneLink { from, to, remove: true } => format!("{kind} · ✂️ {from} ↔ {to}"),
        Form::ZoneLink { from, to, .. } => format!("{kind} · {from} ↔ {to}"),
        Form::Binding { .. } => t!(lang, "kind-binding"),
        Form::VmUnlock { .. }
        | Form::PasswordRecovery { .. }
        | Form::Claim { .. }
        | Form::Fault { .. }
        | Form::Plain => kind,
    };
    match ticket.form.service() {
        Some(service) => format!("{kind} · {service}"),
        None => kind,
    }
}

/// How much of what a quota limits: `16 cores`, `64 GB`.
pub fn amount(lang: Lang, resource: QuotaResource, value: i64) -> String {
    if !resource.is_memory() {
        return t!(lang, &format!("amount-{resource}"), n = value);
    }
    if value % 1024 == 0 {
        t!(lang, "amount-gib", n = value / 1024)
    } else {
        t!(lang, "amount-mib", n = value)
    }
}

/// What is asked for.
pub fn kind(lang: Lang, kind: Kind) -> String {
    t!(lang, &format!("kind-{kind}"))
}

/// Where it is, in the customer's words.
pub fn state(lang: Lang, ticket: &Ticket) -> String {
    t!(lang, &format!("state-{}", ticket.state_word()))
}

/// A promise as a line: `key` while there is time left, `key-broken` afterwards.
pub fn promise(lang: Lang, key: &str, clock: &TargetClock, now: Moment) -> String {
    let time = when(clock.due_at, now, lang);
    if clock.due_at > now {
        t!(lang, key, time = time, left = left(clock.due_at - now, lang))
    } else {
        t!(lang, &format!("{key}-broken"), time = time)
    }
}

/// The promises that are still owed, a line each.
pub fn promises(lang: Lang, ticket: &Ticket, now: Moment) -> String {
    let owed = |clock: &TargetClock| {
        matches!(clock.outcome, Outcome::Running | Outcome::Breached { answered_at: None })
    };
    let mut html = String::new();
    // The result is an answer too: a first reply that is due no earlier says nothing more.
    if owed(&ticket.first_reply) && ticket.first_reply.due_at < ticket.resolution.due_at {
        html.push('\n');
        html.push_str(&promise(lang, "promise-reply", &ticket.first_reply, now));
    }
    if owed(&ticket.resolution) {
        html.push('\n');
        html.push_str(&promise(lang, "promise-result", &ticket.resolution, now));
    }
    html
}

/// A few lines for the list.
pub fn summary(lang: Lang, ticket: &Ticket, now: Moment) -> String {
    let mut html = format!("<b>{}</b> · {}\n{}", ticket.number, title(lang, ticket), state(lang, ticket));
    if ticket.state.is_active() {
        html.push_str(&promises(lang, ticket, now));
    }
    html
}

/// Everything a customer is told about his ticket.
pub fn detail(
    lang: Lang,
    ticket: &Ticket,
    holder: Option<&str>,
    messages: &[Message],
    now: Moment,
) -> String {
    let mut html = format!("<b>{}</b> · {}\n\n", ticket.number, title(lang, ticket));
    html.push_str(&t!(lang, "detail-state", state = state(lang, ticket)));
    html.push('\n');
    html.push_str(&t!(lang, "detail-opened", when = when(ticket.opened_at, now, lang)));
    if let Form::Fault { since: Some(since), .. } | Form::Claim { since: Some(since), .. } = &ticket.form {
        html.push('\n');
        html.push_str(&t!(lang, "detail-since", when = when(*since, now, lang)));
    }
    if let Some(name) = holder {
        html.push('\n');
        html.push_str(&t!(lang, "detail-holder", name = escape(name)));
    }
    if ticket.state.is_active() {
        html.push_str(&promises(lang, ticket, now));
    }
    if let (State::Solved, Some(at)) = (ticket.state, ticket.solved_at) {
        html.push('\n');
        html.push_str(&t!(lang, "detail-solved", when = when(at, now, lang)));
    }
    if let Some(score) = ticket.rating {
        html.push('\n');
        html.push_str(&t!(lang, "detail-rating", score = score));
    }
    if messages.len() > MESSAGES {
        html.push_str("\n\n");
        html.push_str(&t!(lang, "detail-earlier", n = messages.len() - MESSAGES));
    }
    for message in messages.iter().skip(messages.len().saturating_sub(MESSAGES)) {
        let who = if message.side == Side::Customer { "detail-you" } else { "detail-desk" };
        html.push_str("\n\n");
        html.push_str(&t!(lang, who, when = when(message.written_at, now, lang)));
        if !message.body.is_empty() {
            html.push_str(&format!("\n<blockquote>{}</blockquote>", view::excerpt(&message.body)));
        }
        if !message.attachments.is_empty() {
            html.push('\n');
            html.push_str(&t!(lang, "draft-files", n = message.attachments.len()));
        }
    }
    html
}

/// What happens next with a ticket that was just opened.
fn next(lang: Lang, ticket: &Ticket) -> String {
    match ticket.state {
        State::Executing => t!(lang, "next-executing"),
        State::WaitingApproval => t!(lang, "next-approval"),
        _ if ticket.paging.is_some() => t!(lang, "next-paged"),
        _ => t!(lang, "next-queued"),
    }
}

/// Number, what was asked, what happens next (`what_next`, where that is known better than by the ticket) and by when.
pub fn acknowledgement(
    lang: Lang,
    ticket: &Ticket,
    emergency: Option<&Emergency>,
    what_next: Option<String>,
    now: Moment,
) -> Say {
    let number = ticket.number.to_string();
    let mut html = t!(lang, "opened", number = number, what = title(lang, ticket));
    html.push_str("\n\n");
    html.push_str(&what_next.unwrap_or_else(|| next(lang, ticket)));
    html.push_str(&promises(lang, ticket, now));
    if ticket.emergency {
        html.push_str("\n\n");
        html.push_str(&t!(lang, "opened-emergency"));
        if let Some(reason) = emergency.map(|e| e.reason.trim()).filter(|r| !r.is_empty()) {
            html.push_str(&format!("\n<blockquote>{}</blockquote>", view::excerpt(reason)));
        }
    }
    html.push_str("\n\n");
    html.push_str(&t!(lang, "opened-more"));
    Say::html(html).about(ticket.id)
}

/// It is open again, on its old clock (T11).
pub fn reopened(lang: Lang, ticket: &Ticket, now: Moment) -> String {
    let mut html = t!(lang, "reopened", number = ticket.number.to_string());
    html.push_str(&promises(lang, ticket, now));
    html
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn what_is_left_agrees_with_its_number_in_every_language() {
        let said = |lang, minutes| left(TimeDelta::minutes(minutes), lang);
        assert_eq!(said(Lang::Kk, 7), "7 минут қалды");
        assert_eq!(said(Lang::Ru, 1), "осталась 1 минута");
        assert_eq!(said(Lang::Ru, 3), "осталось 3 минуты");
        assert_eq!(said(Lang::Ru, 60), "остался 1 час");
        assert_eq!(said(Lang::Ru, 80), "остался 1 час 20 минут");
        assert_eq!(said(Lang::Ru, 1500), "остался 1 день 1 час");
        assert_eq!(said(Lang::En, 61), "1 hour 1 minute left");
        assert_eq!(said(Lang::Kk, 200), "3 сағат 20 минут қалды");
    }
}
