//! The question before a month is closed: the sums it would be closed with, for nobody can take it back.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::Web;
use super::error::Problem;
use super::guard::Me;
use super::page::{Page, html};
use crate::credits::{CreditsError, checklist, preview, words};
use crate::domain::downtime::Month;
use crate::policy::PolicyBook;
use crate::store::Tx;

/// What a month comes to.
#[derive(Debug, Default)]
pub struct Sums {
    services: i64,
    /// Services with a credit.
    owed: i64,
    down_ms: i64,
    credit: Decimal,
    /// Services whose figures cannot be computed, and why.
    problems: Vec<String>,
}

impl Sums {
    /// The sums of what is confirmed now.
    ///
    /// # Errors
    ///
    /// No terms were in force, or the store could not read.
    pub async fn of(tx: &mut Tx, policies: &PolicyBook, month: Month) -> Result<Self, CreditsError> {
        let (mut sums, mut after) = (Self::default(), String::new());
        while let Some((batch, last)) = preview(tx, policies, month, &after).await? {
            after = last;
            for judged in batch {
                sums.services += 1;
                match judged.sheet {
                    Ok(sheet) => {
                        sums.down_ms += sheet.downtime_ms();
                        sums.owed += i64::from(!sheet.credit.is_zero());
                        sums.credit += sheet.credit;
                    }
                    Err(error) => sums.problems.push(error.to_string()),
                }
            }
        }
        Ok(sums)
    }

    /// What the form brings back, so that no other sums are closed than were shown.
    pub fn digest(&self) -> String {
        let Self { services, owed, down_ms, credit, problems } = self;
        format!("{services}-{owed}-{down_ms}-{}-{}", credit.normalize(), problems.len())
    }
}

/// The sums that `month` would be closed with now.
///
/// # Errors
///
/// It is not over, closed already, or something is undecided; the store could not read.
pub async fn agreed(web: &Web, tx: &mut Tx, month: Month) -> Result<Sums, Problem> {
    let policies = web.service.policies();
    let list = checklist(tx, policies, month, web.now()).await?;
    if !list.over {
        return Err(Problem::Wrong("web-wrong-not-over"));
    }
    if list.closed.as_ref().is_some_and(|c| c.finished_at.is_some()) {
        return Err(Problem::Wrong("web-wrong-already"));
    }
    if !list.ready() {
        return Err(Problem::Wrong("web-wrong-undecided"));
    }
    Ok(Sums::of(tx, policies, month).await?)
}

#[derive(Template)]
#[template(path = "close.html")]
struct ClosePage {
    p: Page,
    month: Month,
    title: String,
    sums: Sums,
    down: String,
    credit: String,
    /// Whether the sums are others than those that were agreed to.
    changed: bool,
}

/// What the address says.
#[derive(Debug, Default, Deserialize)]
pub struct Address {
    #[serde(default)]
    changed: String,
}

/// Asks, with the sums.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    Path(month): Path<String>,
    Query(address): Query<Address>,
) -> Result<Response, Problem> {
    let month: Month = month.parse().map_err(|_| Problem::NotFound)?;
    let p = Page::mine(&web, &me);
    let mut tx = web.db.read().await?;
    let sums = agreed(&web, &mut tx, month).await?;
    html(&ClosePage {
        title: words::month(month, p.lang),
        down: words::length(sums.down_ms, p.lang),
        credit: words::amount(sums.credit, p.lang),
        changed: !address.changed.is_empty(),
        p,
        month,
        sums,
    })
}
