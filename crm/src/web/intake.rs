//! `/phone`: a ticket while the customer is on the line. The caller is found by number while it is typed; without JavaScript by a button,
//! which sends the form like the other: what the caller said stands in no address.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::again::{self, Wrong};
use super::command::{LONGEST, clean};
use super::error::Problem;
use super::guard::Me;
use super::page::{Page, html};
use super::posted::Posted;
use super::words;
use crate::domain::form::RebootMode;
use crate::domain::ids::{ContactId, ServiceId};
use crate::domain::kind::{Channel, Kind};
use crate::domain::lang::Lang;
use crate::domain::refusal::Refusal;
use crate::intake::{IntakeError, Request, phone};
use crate::service::{ServiceError, Words};
use crate::store::{StoreError, Tx};

/// People of a list beside the field.
const CALLERS: i64 = 8;

/// Who is looked for, from the address: a number, and whom and what was chosen.
#[derive(Debug, Default, Deserialize)]
pub struct Sought {
    #[serde(default)]
    phone: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    service: String,
}

/// The form, filled in so far.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Call {
    /// `find`: the caller is looked for, nothing is opened yet.
    #[serde(default, rename = "do")]
    what: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    contact: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    text: String,
    once: Option<Uuid>,
}

/// Somebody who may be calling.
struct Caller {
    id: String,
    name: String,
    customer: String,
    phone: String,
    chosen: bool,
    /// What his organisation rents.
    services: Vec<(String, bool)>,
}

#[derive(Template)]
#[template(path = "callers.html")]
struct CallerList<'a> {
    p: &'a Page,
    callers: &'a [Caller],
    typed: bool,
    wrong: Wrong,
}

#[derive(Template)]
#[template(path = "phone.html")]
struct PhonePage {
    p: Page,
    call: Call,
    callers: Vec<Caller>,
    typed: bool,
    kinds: Vec<(&'static str, String, bool)>,
    wrong: Wrong,
}

async fn callers(tx: &mut Tx, call: &Call) -> Result<Vec<Caller>, Problem> {
    let typed: String = call.phone.chars().filter(|c| !c.is_control()).take(40).collect();
    let mut callers = Vec::new();
    for contact in phone::callers(tx, &typed, CALLERS).await? {
        let customer = tx.customer_fetch(&contact.customer).await?;
        let services = tx.rented_by(&contact.customer).await?;
        callers.push(Caller {
            chosen: call.contact == contact.id.as_str(),
            id: contact.id.to_string(),
            name: contact.name,
            customer: customer.map_or_else(|| contact.customer.to_string(), |c| c.name),
            phone: contact.phone.unwrap_or_default(),
            services: services.iter().map(|s| (s.id.to_string(), s.id.as_str() == call.service)).collect(),
        });
    }
    if let [only] = callers.as_mut_slice() {
        only.chosen = true;
    }
    Ok(callers)
}

/// Digits enough to say that nobody has such a number.
fn typed(phone: &str) -> bool {
    phone.chars().filter(char::is_ascii_digit).count() >= 4
}

/// The form; for htmx the people who may be calling.
pub async fn page(State(web): State<Web>, me: Me, Query(sought): Query<Sought>) -> Result<Response, Problem> {
    let Sought { phone, contact, service } = sought;
    let call = Call { phone, contact, service, ..Call::default() };
    if !me.visitor.part {
        return html(&form(&web, &me, call, Wrong::default()).await?);
    }
    let p = Page::mine(&web, &me);
    let callers = callers(&mut web.db.read().await?, &call).await?;
    html(&CallerList { p: &p, callers: &callers, typed: typed(&call.phone), wrong: Wrong::default() })
}

/// The form as it is filled in so far, with what is wrong with it.
async fn form(web: &Web, me: &Me, call: Call, wrong: Wrong) -> Result<PhonePage, Problem> {
    let p = Page::mine(web, me);
    let callers = callers(&mut web.db.read().await?, &call).await?;
    // The commonest on the telephone first: something is down.
    let mut kinds = Kind::ALL.to_vec();
    kinds.sort_by_key(|k| !k.is_fault());
    let kinds =
        kinds.into_iter().map(|k| (k.as_str(), words::kind(&p, k), k.as_str() == call.kind)).collect();
    Ok(PhonePage { typed: typed(&call.phone), p, call, callers, kinds, wrong })
}

/// The field of the form that a problem is about; empty where it is none.
fn field(problem: &Problem) -> &'static str {
    match problem {
        Problem::Wrong("web-wrong-kind") => "kind",
        Problem::Wrong("web-wrong-caller") => "name",
        Problem::Wrong("web-wrong-service") => "service",
        Problem::Wrong("web-wrong-long-text") => "text",
        _ => "",
    }
}

/// Opens the ticket and leads to it; or shows the form again, with the callers who were looked for or what must be mended.
pub async fn open(State(web): State<Web>, me: Me, Posted(call): Posted<Call>) -> Result<Response, Problem> {
    if call.what == "find" {
        return html(&form(&web, &me, call, Wrong::default()).await?);
    }
    let problem = match open_once(&web, &me, &call).await {
        Ok(number) => return Ok(Redirect::to(&format!("/tickets/{number}?done=opened")).into_response()),
        Err(problem) => problem,
    };
    match Wrong::of(&Page::mine(&web, &me), &problem, field(&problem)) {
        Some(wrong) => again::shown(&problem, &form(&web, &me, call, wrong).await?),
        None => Err(problem.keeping(&call.text)),
    }
}

async fn open_once(web: &Web, me: &Me, call: &Call) -> Result<String, Problem> {
    let kind: Kind = call.kind.parse().map_err(|_| Problem::Wrong("web-wrong-kind"))?;
    let (text, name) = (clean(&call.text), clean(&call.name));
    if text.chars().count() > LONGEST || name.chars().count() > 200 {
        return Err(Problem::Wrong("web-wrong-long-text"));
    }
    let contact = (!call.contact.is_empty()).then(|| ContactId(clean(&call.contact)));
    if contact.is_none() && name.is_empty() {
        return Err(Problem::Wrong("web-wrong-caller"));
    }
    let once = call.once.ok_or(Problem::Wrong("web-wrong-form"))?;
    // Of somebody whom the directory does not know, the number is worth keeping too.
    let known = contact.is_some();
    let name = if known || call.phone.is_empty() { name } else { format!("{name}, {}", clean(&call.phone)) };
    let request = Request {
        channel: Channel::Phone,
        kind,
        contact,
        name,
        language: call.language.parse().unwrap_or(Lang::Kk),
        service: (known && !call.service.is_empty()).then(|| ServiceId(clean(&call.service))),
        reboot: RebootMode::Graceful,
        since: None,
        words: Words::text(text),
    };
    for _ in 0..10 {
        let mut tx = web.db.begin().await?;
        if !tx.form_once(once, web.now()).await? {
            return Err(Problem::Refused(Refusal::StaleAction));
        }
        let opened = crate::intake::open(&web.service, &mut tx, request.clone(), &me.actor()).await;
        let ticket = opened.map_err(|error| match error {
            IntakeError::NoContact(_) => Problem::Wrong("web-wrong-caller"),
            IntakeError::ServiceMissing(_)
            | IntakeError::Service(ServiceError::Refused(Refusal::NoSuchService)) => {
                Problem::Wrong("web-wrong-service")
            }
            IntakeError::Service(error) => error.into(),
        })?;
        match tx.commit().await {
            Ok(_) => return Ok(ticket.number.to_string()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}
