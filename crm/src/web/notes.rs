//! The credit note of a service's month: a page to be printed and a PDF, in any language, for the customer may read another than the desk.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Web;
use super::error::Problem;
use super::files::disposition;
use super::guard::Me;
use super::page::{Page, html};
use crate::credits::note::Note;
use crate::domain::downtime::Month;
use crate::domain::ids::{CustomerId, ServiceId};
use crate::domain::lang::Lang;
use crate::store::{CreditState, StoreError, Tx};

/// The language in which a customer is written to: his first contact's; `fallback` where he has none.
pub async fn language(tx: &mut Tx, customer: &CustomerId, fallback: Lang) -> Result<Lang, StoreError> {
    Ok(tx.contacts_of_customer(customer).await?.first().map_or(fallback, |contact| contact.language))
}

#[derive(Template)]
#[template(path = "credit_note.html")]
struct NotePage {
    n: Note,
    /// Where the same is as a PDF.
    pdf: String,
    /// In which languages it can be read.
    langs: &'static [Lang],
}

/// The language that a note is asked for in.
#[derive(Debug, Default, Deserialize)]
pub struct NoteAddress {
    lang: Option<Lang>,
}

/// The month and the service of an address.
type Place = Path<(String, String)>;

async fn written(
    web: &Web,
    me: &Me,
    (month, service): (&str, String),
    asked: NoteAddress,
) -> Result<Note, Problem> {
    let lang = asked.lang.unwrap_or(Page::mine(web, me).lang);
    let month: Month = month.parse().map_err(|_| Problem::NotFound)?;
    let mut tx = web.db.read().await?;
    let record = tx.credit_revisions(&ServiceId(service), month).await?.pop();
    // Where nothing is owed there is no credit to write a note of.
    let record = record.filter(|r| r.state != CreditState::Nothing).ok_or(Problem::NotFound)?;
    let customer = &record.inputs.customer;
    let name = tx.customer_fetch(customer).await?.map_or_else(|| customer.to_string(), |c| c.name);
    let names = (name, web.support.provider.clone());
    Ok(Note::of(&record, web.service.policies(), names, lang)?)
}

/// The printable note of a service's month, as the record stands; in any language, for the customer may read another than the desk.
pub async fn note(
    State(web): State<Web>,
    me: Me,
    at: Place,
    asked: Query<NoteAddress>,
) -> Result<Response, Problem> {
    let Path((month, service)) = at;
    let n = written(&web, &me, (&month, service), asked.0).await?;
    let pdf = format!("note.pdf?lang={}", n.lang);
    html(&NotePage { n, pdf, langs: Lang::ALL })
}

/// The same as a PDF.
pub async fn pdf(
    State(web): State<Web>,
    me: Me,
    at: Place,
    asked: Query<NoteAddress>,
) -> Result<Response, Problem> {
    let Path((month, service)) = at;
    let note = written(&web, &me, (&month, service), asked.0).await?;
    let name = disposition(&format!("{}-{month}-{}.pdf", note.service, note.lang));
    // Fonts are cut down and pressed: not on the threads that answer others.
    let made = tokio::task::spawn_blocking(move || note.pdf()).await.map_err(|e| e.to_string());
    let bytes = made.flatten().map_err(|error| {
        tracing::error!(error, "a credit note cannot be made a PDF");
        Problem::Broken
    })?;
    let kind = HeaderValue::from_static("application/pdf");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}
