//! The one-time link to a secret: to whoever asked, in his private chat; and word to the customer's other contacts that it was replaced.
//!
//! The token is opened here, at the moment of sending, and goes into one call that is stored nowhere.

use crm::domain::action::ActionSpec;
use crm::domain::audit::EventRecord;
use crm::domain::event::Event;
use crm::domain::ids::ActionId;
use crm::domain::lang::Lang;
use crm::store::{Call, StoreError, Tx};
use crm::t;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::notices::address;
use crate::say::{Button, Does, Say, escape};
use crate::wording::Scene;

/// Sends the link; says that its time is over where it is.
pub async fn link(tx: &mut Tx, scene: &Scene<'_>, action: ActionId) -> Result<Vec<(i64, Call)>, StoreError> {
    // Telegram's groups have negative numbers: a secret goes to one person.
    let Some((chat, lang)) = address(tx, scene).await?.filter(|(chat, _)| *chat > 0) else {
        return Ok(Vec::new());
    };
    let Some(spec) = tx.action_fetch(action).await?.and_then(|a| a.spec) else { return Ok(Vec::new()) };
    let number = scene.ticket.number.to_string();
    let sealed = tx.secret_link(action, scene.now).await?;
    let token = sealed.and_then(|sealed| scene.settings.key.open(&sealed).ok());
    let Some(token) = token else {
        let say = Say::html(t!(lang, "link-expired", number = number)).about(scene.ticket.id);
        return Ok(vec![(chat, say.send(chat, 0))]);
    };
    let url =
        format!("{}/once/{}", scene.settings.address.as_str().trim_end_matches('/'), token.expose_secret());
    let text = t!(lang, "link-text", number = number, what = what(lang, &spec));
    let button = Button { label: t!(lang, "link-button"), does: Does::Url(url) };
    let mut call = Say::html(text).row([button]).about(scene.ticket.id).send(chat, 0);
    // Neither forwarded nor saved from the chat, and fetched by nobody for a preview.
    call.params["protect_content"] = json!(true);
    call.params["link_preview_options"] = json!({ "is_disabled": true });
    Ok(vec![(chat, call)])
}

/// Tells the customer's other contacts, so that a thief does not stay unnoticed.
pub async fn others(
    tx: &mut Tx,
    scene: &Scene<'_>,
    record: &EventRecord,
) -> Result<Vec<(i64, Call)>, StoreError> {
    let Event::ActionDone { id, .. } = &record.event else { return Ok(Vec::new()) };
    let Some(spec) = tx.action_fetch(*id).await?.and_then(|a| a.spec) else { return Ok(Vec::new()) };
    let Some(customer) = &scene.ticket.customer else { return Ok(Vec::new()) };
    let asked = address(tx, scene).await?.map(|(chat, _)| chat);
    let mut calls = Vec::new();
    for contact in tx.contacts_of_customer(customer).await? {
        let Some(chat) = tx.contact_chat(&contact.id).await?.filter(|chat| Some(*chat) != asked) else {
            continue;
        };
        let lang = tx.person_fetch(chat).await?.chosen.unwrap_or(contact.language);
        let text = t!(
            lang,
            "link-others",
            number = scene.ticket.number.to_string(),
            what = what(lang, &spec),
            name = escape(&scene.ticket.requester_name),
            phone = escape(&scene.settings.support.phone)
        );
        calls.push((chat, Say::html(text).about(scene.ticket.id).send(chat, 0)));
    }
    Ok(calls)
}

fn what(lang: Lang, spec: &ActionSpec) -> String {
    let key = match spec {
        ActionSpec::ClusterCredentials { .. } => "link-what-kubeconfig",
        _ => "link-what-password",
    };
    t!(lang, key, name = escape(&spec.subject()))
}
