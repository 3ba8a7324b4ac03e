//! What customers are told when something happens to their ticket: to whom, in which language, and whether it is still worth saying.
//! The sentences are in `view_notice.rs`.

use crm::domain::action::{ActionSpec, Proof};
use crm::domain::audit::EventRecord;
use crm::domain::event::{Event, MessageRef};
use crm::domain::form::Form;
use crm::domain::ids::{MessageId, TicketId};
use crm::domain::lang::Lang;
use crm::news::{answered_at_once, author, owed};
use crm::service::Emergency;
use crm::store::{Call, Message, Remember, StoreError, Tx};
use crm::t;
use serde_json::json;

use crate::say::Say;
use crate::view_notice::Told;
use crate::view_ticket;
use crate::wording::Scene;

/// Tells the customer about an event of his ticket.
pub async fn notice(
    tx: &mut Tx,
    scene: &Scene<'_>,
    record: &EventRecord,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let Some((chat, lang)) = address(tx, scene).await? else { return Ok(Vec::new()) };
    let told = Told { lang, ticket: scene.ticket, now: scene.now, holder: holder(tx, scene).await? };
    if let Event::Corrected { of, .. } = &record.event {
        return corrected(tx, scene, &told, *of, chat).await;
    }
    let (say, words) = sentence(tx, scene, &told, record).await?;
    Ok(say.map(|say| calls(&say, chat, scene, words.as_ref())).unwrap_or_default())
}

/// What is said of an event, if it is still worth saying, and the words of a person that it quotes.
async fn sentence(
    tx: &mut Tx,
    scene: &Scene<'_>,
    told: &Told<'_>,
    record: &EventRecord,
) -> Result<(Option<Say>, Option<Message>), StoreError> {
    let lang = told.lang;
    let mut words = None;
    let say = match &record.event {
        Event::Opened(_) => {
            let emergency = tx.setting::<Emergency>("emergency").await?;
            let say = view_ticket::acknowledgement(lang, scene.ticket, emergency.as_ref(), None, scene.now);
            Some(say.row([told.open()]))
        }
        Event::Taken { .. } if answered_at_once(tx, record).await? => None,
        Event::Taken { .. } => Some(told.taken()),
        Event::Asked(message) => {
            words = fetch(tx, scene, lang, message).await?;
            Some(told.asked(&author(tx, record).await?, words.as_ref()))
        }
        Event::Answered(message) => {
            words = fetch(tx, scene, lang, message).await?;
            Some(told.answered(&author(tx, record).await?, words.as_ref()))
        }
        Event::ActionApproved { .. } => scene.ticket.state.is_active().then(|| told.approved()),
        Event::ActionFailed { .. } => scene.ticket.state.is_active().then(|| told.failed()),
        Event::Solved { message } => {
            let closes_at = scene.service.policy_of(scene.ticket).ok().and_then(|policy| {
                scene.ticket.solved_at.map(|at| at + chrono::TimeDelta::milliseconds(policy.close_after_ms))
            });
            Some(match (proof(tx, record).await?, message) {
                (Some((spec, proof)), _) => told.proved(&spec, &proof, closes_at),
                (None, Some(message)) => {
                    words = fetch(tx, scene, lang, message).await?;
                    told.solved(Some(&author(tx, record).await?), words.as_ref(), closes_at)
                }
                (None, None) => match bound(tx, scene).await? {
                    Some(customer) => told.bound(&customer),
                    None => told.solved(None, None, closes_at),
                },
            })
        }
        Event::Declined { message } => {
            words = fetch(tx, scene, lang, message).await?;
            Some(told.declined(&author(tx, record).await?, words.as_ref()))
        }
        Event::Reclassified { to, .. } => scene.ticket.state.is_active().then(|| told.reclassified(*to)),
        Event::Merged { number, .. } => Some(told.merged(*number)),
        Event::MarkReached { target, .. } => {
            let in_time = scene.ticket.clock(*target).due_at > scene.now;
            (owed(scene.ticket, *target) && in_time).then(|| told.at_risk(*target))
        }
        Event::TargetBreached { target, .. } => owed(scene.ticket, *target).then(|| told.broken(*target)),
        _ => None,
    };
    Ok((say, words))
}

/// Words that the customer was sent were put right: the message that shows them is edited. One that has not been sent yet will be
/// worded with the right ones.
async fn corrected(
    tx: &mut Tx,
    scene: &Scene<'_>,
    told: &Told<'_>,
    of: MessageId,
    chat: i64,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let events = tx.events(scene.ticket.id.0).await?;
    let first = events.into_iter().find(|record| record.event.message().is_some_and(|m| m.id == of));
    let Some(first) = first else { return Ok(Vec::new()) };
    let (Some(say), _) = sentence(tx, scene, told, &first).await? else { return Ok(Vec::new()) };
    let say = say.about(scene.ticket.id);
    let shown = tx.messages_of_words(of).await?.into_iter().filter(|(at, _)| *at == chat);
    Ok(shown.map(|(chat, message)| (chat, say.edit(chat, message))).collect())
}

/// A message as its writer has left it, and whether he has put it right since it was written.
pub async fn words_now(
    tx: &mut Tx,
    ticket: TicketId,
    id: MessageId,
) -> Result<Option<(Message, bool)>, StoreError> {
    let Some(first) = tx.message_fetch(id).await? else { return Ok(None) };
    let latest = tx.events(ticket.0).await?.into_iter().rev().find_map(|record| match record.event {
        Event::Corrected { of, message } if of == id => Some(message.id),
        _ => None,
    });
    let Some(latest) = latest else { return Ok(Some((first, false))) };
    let now = tx.message_fetch(latest).await?.map_or_else(|| first.body.clone(), |m| m.body);
    Ok(Some((Message { body: now, ..first }, true)))
}

/// The private chat to tell and the language that is heard there now.
pub async fn address(tx: &mut Tx, scene: &Scene<'_>) -> Result<Option<(i64, Lang)>, StoreError> {
    let chat = match (scene.ticket.origin.chat, &scene.ticket.requester) {
        (Some(chat), _) => Some(chat),
        (None, Some(contact)) => tx.contact_chat(contact).await?,
        (None, None) => None,
    };
    let Some(chat) = chat else { return Ok(None) };
    let chosen = tx.person_fetch(chat).await?.chosen;
    Ok(Some((chat, chosen.unwrap_or(scene.ticket.language))))
}

/// The message, then copies of the files that came with the desk's words.
fn calls(say: &Say, chat: i64, scene: &Scene<'_>, words: Option<&Message>) -> Vec<(i64, Call)> {
    let ticket = scene.ticket.id;
    let mut first = say.clone().about(ticket).send(chat, 0);
    if let Some(words) = words {
        first.remember = Some(Remember::Words(words.id));
    }
    let mut calls = vec![(chat, first)];
    for (from, message) in words.iter().flat_map(|w| &w.attachments).filter_map(|file| file.source) {
        // The caption is in the text above already.
        let params = json!({ "chat_id": chat, "from_chat_id": from, "message_id": message, "caption": "" });
        let call = Call {
            method: "copyMessage".to_owned(),
            params,
            ticket: Some(ticket),
            remember: Some(Remember::Link),
        };
        calls.push((chat, call));
    }
    calls
}

/// Words as they are to be shown: put right, and marked so, if they were.
async fn fetch(
    tx: &mut Tx,
    scene: &Scene<'_>,
    lang: Lang,
    message: &MessageRef,
) -> Result<Option<Message>, StoreError> {
    Ok(words_now(tx, scene.ticket.id, message.id).await?.map(|(message, corrected)| {
        if corrected {
            Message { body: t!(lang, "message-edited", text = message.body.as_str()), ..message }
        } else {
            message
        }
    }))
}

async fn holder(tx: &mut Tx, scene: &Scene<'_>) -> Result<Option<String>, StoreError> {
    match &scene.ticket.assignee {
        Some(id) => Ok(tx.staff_member(id).await?.map(|s| s.name)),
        None => Ok(None),
    }
}

/// The customer's name, if the ticket has bound its account to one.
async fn bound(tx: &mut Tx, scene: &Scene<'_>) -> Result<Option<String>, StoreError> {
    let (Form::Binding { contact }, Some(chat)) = (&scene.ticket.form, scene.ticket.origin.chat) else {
        return Ok(None);
    };
    let contacts = tx.person_fetch(chat).await?.contacts;
    Ok(contacts.into_iter().find(|c| c.id == *contact).map(|c| c.customer_name))
}

/// The proof that solved the ticket: of the action that was done just before, in the same moment.
async fn proof(tx: &mut Tx, solved: &EventRecord) -> Result<Option<(ActionSpec, Proof)>, StoreError> {
    for seq in (solved.seq.saturating_sub(3)..solved.seq).rev() {
        let Some(before) = tx.event_fetch(solved.stream, seq).await? else { return Ok(None) };
        if let Event::ActionDone { id, proof } = before.event {
            let stored = tx.action_fetch(id).await?;
            let spec = stored.and_then(|action| action.spec);
            return Ok(spec.filter(|_| before.at == solved.at).map(|spec| (spec, proof)));
        }
    }
    Ok(None)
}
