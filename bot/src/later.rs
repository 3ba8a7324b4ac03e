//! What customers are told without having asked: an approved credit, planned works and their reminder, the end of a trial. Worded when it
//! is its turn, and not said at all when it is no longer true.

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::credits::words;
use crm::domain::downtime::Month;
use crm::domain::ids::ServiceId;
use crm::domain::incident::DowntimeState;
use crm::domain::lang::Lang;
use crm::domain::ticket::State;
use crm::service::Service;
use crm::store::{Call, StoreError, Tx};
use crm::t;
use crm::text::{length, when};
use uuid::Uuid;

use crate::flows::availability;
use crate::say::{Say, escape};
use crate::view;
use crate::wording::Scene;

/// The language of whoever reads in this chat.
async fn language(tx: &mut Tx, chat: i64) -> Result<Lang, StoreError> {
    let person = tx.person_fetch(chat).await?;
    Ok(person.chosen.or_else(|| person.contact.map(|c| c.language)).unwrap_or_default())
}

/// An approved credit, with its sheet.
pub async fn credit(
    tx: &mut Tx,
    service: &Service,
    record: (&ServiceId, Month, i64),
    chat: i64,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let lang = language(tx, chat).await?;
    let say = availability::approved(tx, service.policies(), record, lang).await?;
    Ok(say.map(|say| (chat, say.send(chat, 0))).into_iter().collect())
}

/// Planned works: taken back or begun meanwhile, they are not announced any more.
pub async fn works(
    tx: &mut Tx,
    now: Moment,
    (id, chat): (Uuid, i64),
    reminder: bool,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let found = tx.downtime_fetch(id).await?;
    let Some(window) = found.filter(|d| d.state == DowntimeState::Confirmed && d.starts > now) else {
        return Ok(Vec::new());
    };
    let lang = language(tx, chat).await?;
    let key = if reminder { "works-reminder" } else { "works-announced" };
    let service = escape(window.service.as_str());
    let html = t!(lang, key, service = service, when = words::stretch(window.span(), lang));
    Ok(vec![(chat, Say::html(html).row([view::menu_button(lang)]).send(chat, 0))])
}

/// The end of a trial; one that was not granted after all ends nothing.
pub fn trial(scene: &Scene<'_>, ends: Option<Moment>) -> Vec<(i64, Call)> {
    let ticket = scene.ticket;
    let Some(chat) = ticket.origin.chat.filter(|_| matches!(ticket.state, State::Solved | State::Closed))
    else {
        return Vec::new();
    };
    let lang = ticket.language;
    let ms = scene.service.policy_of(ticket).map_or(0, |policy| policy.trial_ms);
    let term = length(TimeDelta::milliseconds(ms), lang);
    let number = ticket.number.to_string();
    let html = match ends {
        Some(ends) if ends <= scene.now => return Vec::new(),
        Some(ends) => {
            t!(lang, "trial-ends-at", number = number, length = term, when = when(ends, scene.now, lang))
        }
        None => t!(lang, "trial-ends", number = number, length = term),
    };
    vec![(chat, Say::html(html).about(ticket.id).row([view::menu_button(lang)]).send(chat, 0))]
}
