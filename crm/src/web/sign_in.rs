//! Signing in with a one-time link, signing out, the open sessions, and the language.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::error::Problem;
use super::guard::{LANGUAGE, Me, SESSION, Visitor};
use super::page::{Page, html};
use super::posted::{Nothing, Posted, same_origin};
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::ids::StaffId;
use crate::domain::lang::Lang;
use crate::domain::person::Right;
use crate::store::{LinkUse, SESSION_VALID, Staff, WebSession};

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub struct Next {
    #[serde(default)]
    pub(super) next: String,
}

/// An address of this console: a link must not lead a person who trusts it to somewhere else.
pub(super) fn inside(next: &str) -> &str {
    let local = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\n', '\r', '\t']);
    if local && !next.starts_with("/sign-in") { next } else { "/queue" }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    p: Page,
    /// Whose link it is.
    name: Option<String>,
    code: String,
    next: String,
    /// The host of the issuer that may be asked instead.
    issuer: Option<String>,
}

/// How to get a link.
pub async fn page(
    State(web): State<Web>,
    visitor: Visitor,
    Query(next): Query<Next>,
) -> Result<Response, Problem> {
    if visitor.session.is_some() {
        return Ok(Redirect::to(inside(&next.next)).into_response());
    }
    let next = inside(&next.next).to_owned();
    let issuer = web.oidc.as_ref().map(crate::config::Oidc::host);
    html(&SignInPage { p: Page::of(&web, &visitor), name: None, code: String::new(), next, issuer })
}

/// Shows whom a link would sign in. It is used up by the button, not by looking: messengers and mail scanners look at links too.
pub async fn link(
    State(web): State<Web>,
    visitor: Visitor,
    Path(code): Path<String>,
    Query(next): Query<Next>,
) -> Result<Response, Problem> {
    let mut tx = web.db.read().await?;
    let staff = welcome(tx.login_link_look(&code, web.now()).await?)?;
    let name = tx.staff_member(&staff).await?.ok_or(Problem::Link("web-link-unknown"))?.name;
    let next = inside(&next.next).to_owned();
    html(&SignInPage { p: Page::of(&web, &visitor), name: Some(name), code, next, issuer: None })
}

fn welcome(link: LinkUse) -> Result<StaffId, Problem> {
    match link {
        LinkUse::Welcome(staff) => Ok(staff),
        LinkUse::Used => Err(Problem::Link("web-link-used")),
        LinkUse::Expired => Err(Problem::Link("web-link-expired")),
        LinkUse::Unknown => Err(Problem::Link("web-link-unknown")),
    }
}

/// Uses the link up and opens a session.
pub async fn enter(
    State(web): State<Web>,
    headers: HeaderMap,
    jar: CookieJar,
    Path(code): Path<String>,
    body: String,
) -> Result<Response, Problem> {
    if !same_origin(&headers) {
        return Err(Problem::Stranger);
    }
    let next: Next = serde_html_form::from_str(&body).map_err(|_| Problem::Wrong("web-wrong-form"))?;
    let mut tx = web.db.begin().await?;
    let staff = welcome(tx.login_link_use(&code, web.now()).await?)?;
    let staff = tx.staff_member(&staff).await?.ok_or(Problem::Link("web-link-unknown"))?;
    let cookie = open_session(&web, &mut tx, &staff, "link", &headers).await?;
    tx.commit().await?;
    Ok((jar.add(cookie), Redirect::to(inside(&next.next))).into_response())
}

/// Opens a session and records it; the caller commits.
pub async fn open_session(
    web: &Web,
    tx: &mut crate::store::Tx,
    staff: &Staff,
    how: &str,
    headers: &HeaderMap,
) -> Result<Cookie<'static>, Problem> {
    let now = web.now();
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let agent: String = agent.chars().filter(|c| !c.is_control()).take(200).collect();
    let token = tx.session_create(web.service.clock().id(), staff, &agent, now).await?;
    let actor = Actor::Staff { id: staff.id.clone(), role: staff.role };
    let event = Event::SignedIn { staff: staff.id.clone(), how: how.to_owned() };
    tx.desk_event(actor, event, now).await?;
    Ok(cookie(web, SESSION, &token))
}

/// A cookie of this console: for its own pages alone, out of reach of scripts. Names and values are ours, so it always reads.
fn cookie(web: &Web, name: &'static str, value: &str) -> Cookie<'static> {
    let seconds = SESSION_VALID.num_seconds();
    let secure = if web.is_secure() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    Cookie::parse(text).unwrap_or_else(|_| Cookie::new(name, ""))
}

/// Ends this session.
pub async fn leave(
    State(web): State<Web>,
    me: Me,
    jar: CookieJar,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Problem> {
    if let Some(session) = &me.visitor.session {
        let mut tx = web.db.begin().await?;
        tx.session_end(session.id, None, web.now()).await?;
        tx.commit().await?;
    }
    let gone = Cookie::build((SESSION, "")).path("/").build();
    Ok((jar.remove(gone), Redirect::to("/sign-in")).into_response())
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    p: Page,
    sessions: Vec<WebSession>,
    current: Uuid,
}

/// The open sessions: one's own, or everybody's for an administrator.
pub async fn sessions(State(web): State<Web>, me: Me) -> Result<Response, Problem> {
    let all = me.may(Right::Administer);
    let of = (!all).then_some(&me.staff.id);
    let sessions = web.db.read().await?.session_list(of, web.now()).await?;
    let current = me.visitor.session.as_ref().map_or(Uuid::nil(), |s| s.id);
    html(&SessionsPage { p: Page::mine(&web, &me), sessions, current })
}

/// Ends a session: one's own, or anybody's for an administrator.
pub async fn end(
    State(web): State<Web>,
    me: Me,
    Path(id): Path<Uuid>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Problem> {
    let of = (!me.may(Right::Administer)).then_some(&me.staff.id);
    let mut tx = web.db.begin().await?;
    if !tx.session_end(id, of, web.now()).await? {
        return Err(Problem::NotFound);
    }
    tx.commit().await?;
    Ok(Redirect::to("/sessions").into_response())
}

/// Chooses the language of this browser.
pub async fn language(
    State(web): State<Web>,
    jar: CookieJar,
    Path(lang): Path<String>,
    Query(next): Query<Next>,
) -> Result<Response, Problem> {
    let lang: Lang = lang.parse().map_err(|_| Problem::NotFound)?;
    let next = if next.next.starts_with("/sign-in") && !next.next.contains(['\\', '\n', '\r']) {
        next.next.as_str()
    } else {
        inside(&next.next)
    };
    Ok((jar.add(cookie(&web, LANGUAGE, lang.as_str())), Redirect::to(next)).into_response())
}
