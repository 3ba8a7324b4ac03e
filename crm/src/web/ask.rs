//! `/ask`: the form for whoever is not in the directory, or has no Telegram at hand. Without signing in, and so no more than what the terms
//! let anybody ask (S3): a question, or a Cabinet.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;

use askama::Template;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::again::{self, Wrong};
use super::command::{LONGEST, clean};
use super::error::Problem;
use super::guard::Visitor;
use super::page::{Page, html};
use super::posted::Posted;
use crate::domain::actor::Actor;
use crate::domain::form::RebootMode;
use crate::domain::ids::TicketNumber;
use crate::domain::kind::{Channel, Kind};
use crate::intake::{IntakeError, Request};
use crate::service::{ServiceError, Words};
use crate::store::StoreError;

/// What may be asked.
const KINDS: [Kind; 2] = [Kind::Question, Kind::NewCabinet];
/// Requests from one address in a minute.
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(6).unwrap();
/// Addresses that are remembered before those that have been quiet are forgotten.
const REMEMBERED: usize = 10_000;
/// Nobody in Telegram has this id: whoever comes by the form is bound to no account.
const NOBODY: i64 = 0;

/// How often each address may ask.
pub type Limits = DefaultKeyedRateLimiter<IpAddr>;

/// Fresh limits.
pub fn limits() -> Limits {
    RateLimiter::keyed(Quota::per_minute(PER_MINUTE))
}

/// From where a request comes: a proxy on this machine says for whom it asks.
pub struct Caller(IpAddr);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let said = parts.headers.get("x-forwarded-for").and_then(|v| v.to_str().ok());
        let last = said.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
        Ok(Self(last.filter(|_| peer.is_loopback()).unwrap_or(peer)))
    }
}

/// The form.
#[derive(Debug, Default, Deserialize)]
pub struct Ask {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    /// How to reach him.
    #[serde(default)]
    reach: String,
    #[serde(default)]
    text: String,
    /// A field that people do not see, and programs fill in.
    #[serde(default)]
    website: String,
    #[serde(default)]
    once: Option<Uuid>,
    /// What was given out, from the address.
    #[serde(default)]
    number: String,
}

#[derive(Template)]
#[template(path = "ask.html")]
struct AskPage {
    p: Page,
    number: Option<String>,
    phone: String,
    kinds: Vec<(&'static str, String)>,
    /// What was typed already, and what is wrong with it.
    ask: Ask,
    wrong: Wrong,
}

fn form(web: &Web, visitor: &Visitor, ask: Ask, wrong: Wrong) -> AskPage {
    let p = Page::of(web, visitor);
    AskPage {
        number: ask.number.parse::<TicketNumber>().ok().map(|number| number.to_string()),
        phone: web.support.phone.clone(),
        kinds: KINDS.iter().map(|kind| (kind.as_str(), p.t(&format!("web-form-{kind}")))).collect(),
        p,
        ask,
        wrong,
    }
}

/// The form, or the number that was given out.
pub async fn page(
    State(web): State<Web>,
    visitor: Visitor,
    Query(ask): Query<Ask>,
) -> Result<Response, Problem> {
    html(&form(&web, &visitor, Ask { number: ask.number, ..Ask::default() }, Wrong::default()))
}

/// Opens the ticket and shows its number.
pub async fn open(
    State(web): State<Web>,
    visitor: Visitor,
    Caller(address): Caller,
    Posted(ask): Posted<Ask>,
) -> Result<Response, Problem> {
    if web.asks.len() > REMEMBERED {
        web.asks.retain_recent();
    }
    if web.asks.check_key(&address).is_err() {
        return Err(Problem::TooMany.keeping(&ask.text));
    }
    let problem = match open_once(&web, &visitor, &ask).await {
        Ok(number) => return Ok(Redirect::to(&format!("/ask?number={number}")).into_response()),
        // What was sent already is no form to be sent again.
        Err(problem @ Problem::Wrong("web-wrong-sent")) => return Err(problem.keeping(&ask.text)),
        Err(problem) => problem,
    };
    match Wrong::of(&Page::of(&web, &visitor), &problem, "") {
        Some(wrong) => {
            again::shown(&problem, &form(&web, &visitor, Ask { number: String::new(), ..ask }, wrong))
        }
        None => Err(problem.keeping(&ask.text)),
    }
}

async fn open_once(web: &Web, visitor: &Visitor, ask: &Ask) -> Result<String, Problem> {
    let kind = ask.kind.parse().ok().filter(|kind| KINDS.contains(kind));
    let kind = kind.ok_or(Problem::Wrong("web-wrong-kind"))?;
    let (name, reach, text) = (clean(&ask.name), clean(&ask.reach), clean(&ask.text));
    if name.is_empty() || reach.is_empty() || text.is_empty() || !ask.website.is_empty() {
        return Err(Problem::Wrong("web-wrong-ask"));
    }
    if text.chars().count() > LONGEST || name.chars().count() > 200 || reach.chars().count() > 200 {
        return Err(Problem::Wrong("web-wrong-long-text"));
    }
    let once = ask.once.ok_or(Problem::Wrong("web-wrong-form"))?;
    let request = Request {
        channel: Channel::Web,
        kind,
        contact: None,
        name: format!("{name}, {reach}"),
        language: visitor.lang,
        service: None,
        reboot: RebootMode::Graceful,
        since: None,
        words: Words::text(text),
    };
    for _ in 0..10 {
        let mut tx = web.db.begin().await?;
        if !tx.form_once(once, web.now()).await? {
            return Err(Problem::Wrong("web-wrong-sent"));
        }
        let actor = Actor::Stranger { telegram: NOBODY };
        let opened = crate::intake::open(&web.service, &mut tx, request.clone(), &actor).await;
        let ticket = opened.map_err(|error| match error {
            IntakeError::Service(error) => error.into(),
            _ => Problem::from(ServiceError::Refused(crate::domain::refusal::Refusal::NoSuchKind)),
        })?;
        match tx.commit().await {
            Ok(_) => return Ok(ticket.number.to_string()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}
