//! `/directory`: customers with their contacts and services, the desk's staff, API tokens. The directory is changed by its file; tokens and
//! invitations here.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::error::Problem;
use super::guard::Me;
use super::page::{Page, html};
use super::posted::{Nothing, Posted};
use super::words;
use crate::admin;
use crate::domain::event::Event;
use crate::domain::person::{Right, Role};

/// Customers of one page.
const SHOWN: usize = 100;

/// A customer with what belongs to it.
struct Customer {
    id: String,
    name: String,
    contacts: Vec<(String, String)>,
    services: Vec<(String, String)>,
}

/// A staff member.
struct Person {
    id: String,
    name: String,
    role: String,
    queues: String,
    telegram: bool,
}

#[derive(Template)]
#[template(path = "directory.html")]
struct DirectoryPage {
    p: Page,
    q: String,
    customers: Vec<Customer>,
    more: usize,
    staff: Vec<Person>,
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub struct Address {
    #[serde(default)]
    q: String,
}

/// Customers, and for those who oversee the desk its staff.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    Query(address): Query<Address>,
) -> Result<Response, Problem> {
    let p = Page::mine(&web, &me);
    let q = address.q.trim().to_lowercase();
    let directory = web.db.read().await?.directory_load().await?;
    let fits = |text: &str| text.to_lowercase().contains(&q);
    let mut customers: Vec<Customer> = directory
        .customers
        .iter()
        .map(|c| Customer {
            id: c.id.to_string(),
            name: c.name.clone(),
            contacts: directory
                .contacts
                .iter()
                .filter(|contact| contact.customer == c.id)
                .map(|contact| (contact.name.clone(), contact.phone.clone().unwrap_or_default()))
                .collect(),
            services: directory
                .services
                .iter()
                .filter(|service| service.customer == c.id)
                .map(|service| (service.id.to_string(), service.place.to_string()))
                .collect(),
        })
        .filter(|c| {
            fits(&c.id)
                || fits(&c.name)
                || c.contacts.iter().any(|x| fits(&x.0) || fits(&x.1))
                || c.services.iter().any(|x| fits(&x.0) || fits(&x.1))
        })
        .collect();
    let more = customers.len().saturating_sub(SHOWN);
    customers.truncate(SHOWN);
    let staff = if me.may(Right::Oversee) {
        let person = |s: &crate::directory::Staff| Person {
            id: s.id.to_string(),
            name: s.name.clone(),
            role: words::role(&p, s.role),
            queues: s.queues.iter().map(|q| words::queue(&p, *q)).collect::<Vec<_>>().join(", "),
            telegram: s.telegram.is_some(),
        };
        directory.staff.iter().map(person).collect()
    } else {
        Vec::new()
    };
    html(&DirectoryPage { q: address.q, customers, more, staff, p })
}

/// An API token.
struct Token {
    id: Uuid,
    name: String,
    role: String,
    limits: String,
    created: String,
    revoked: Option<String>,
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    p: Page,
    tokens: Vec<Token>,
    roles: Vec<(&'static str, String)>,
    made: Option<String>,
}

/// Every API token.
pub async fn tokens(State(web): State<Web>, me: Me) -> Result<Response, Problem> {
    show(&web, &me, None).await
}

async fn show(web: &Web, me: &Me, made: Option<String>) -> Result<Response, Problem> {
    let p = Page::mine(web, me);
    let token = |t: crate::store::ApiToken| Token {
        id: t.id,
        name: t.name,
        role: words::role(&p, t.role),
        limits: [t.staff.map(|s| s.to_string()), t.customer.map(|c| c.to_string())]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", "),
        created: p.when(&t.created_at),
        revoked: t.revoked_at.map(|at| p.when(&at)),
    };
    let tokens = web.db.read().await?.token_list().await?.into_iter().rev().map(token).collect();
    let roles = Role::ALL.iter().map(|r| (r.as_str(), words::role(&p, *r))).collect();
    html(&TokensPage { p, tokens, roles, made })
}

/// A token to be made.
#[derive(Debug, Deserialize)]
pub struct NewToken {
    #[serde(default)]
    name: String,
    #[serde(default)]
    role: String,
}

/// Makes a token and shows it, this once.
pub async fn create(
    State(web): State<Web>,
    me: Me,
    Posted(form): Posted<NewToken>,
) -> Result<Response, Problem> {
    let name = super::command::clean(&form.name);
    let role: Role = form.role.parse().map_err(|_| Problem::Wrong("web-wrong-token"))?;
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Problem::Wrong("web-wrong-token"));
    }
    let made = admin::token_create(&web.db, &**web.service.clock(), &name, role, me.actor()).await;
    let made = made.map_err(|error| {
        tracing::error!(%error, "a token could not be made");
        Problem::Broken
    })?;
    show(&web, &me, Some(made)).await
}

/// Ends a token for good.
pub async fn revoke(
    State(web): State<Web>,
    me: Me,
    Path(id): Path<Uuid>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Problem> {
    let now = web.now();
    let mut tx = web.db.begin().await?;
    let token = tx.token_list().await?.into_iter().find(|t| t.id == id).ok_or(Problem::NotFound)?;
    if token.revoked_at.is_none() {
        tx.token_revoke(id, now).await?;
        tx.desk_event(me.actor(), Event::TokenRevoked { name: token.name }, now).await?;
        tx.commit().await?;
    }
    Ok(Redirect::to("/tokens").into_response())
}
