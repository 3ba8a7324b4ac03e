//! `/approvals`: what is proposed, as before → after; who has agreed, who must still. An approval names the digest of what was shown.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::error::Problem;
use super::guard::Me;
use super::listing::Line;
use super::page::{Done, Page, html};
use super::posted::Posted;
use super::ticket::{named, staff_names};
use crate::domain::action::{Action, ActionState};
use crate::domain::audit::EventRecord;
use crate::domain::decide::Command;
use crate::domain::event::Event;
use crate::domain::ids::ActionId;
use crate::domain::person::Right;
use crate::domain::policy::Quorum;
use crate::domain::ticket::{State as TicketState, Ticket};
use crate::plan_text;
use crate::service::{ServiceError, Words, asked_himself};
use crate::store::{QueueFilter, Side, StoreError, Tx};

/// One thing that an action changes.
pub struct Change {
    /// What.
    pub what: String,
    /// What it was read as.
    pub before: String,
    /// What it will be.
    pub after: String,
}

/// An action on a page.
pub struct Plan {
    /// The ticket.
    pub number: String,
    /// The action's row and its digest, as the form brings them back.
    pub id: Uuid,
    /// What approvals are bound to.
    pub digest: String,
    /// The beginning of the digest.
    pub short: String,
    /// What will be done, in a line.
    pub title: String,
    /// Before → after.
    pub changes: Vec<Change>,
    /// What an approver should know besides.
    pub notes: Vec<String>,
    /// Where it stands: a word of [`ActionState`], and in words.
    pub state: &'static str,
    /// In words.
    pub standing: String,
    /// Who must agree, in words.
    pub quorum: String,
    /// Who has agreed.
    pub approved_by: Vec<String>,
    /// Until when it may be approved.
    pub until: String,
    /// Why the one who looks may not approve; `None` if he may.
    pub not_me: Option<String>,
    /// Whether it waits for approvals.
    pub waits: bool,
    /// What proves that it was done, or why it was not: names and values.
    pub proof: Vec<(String, String)>,
    /// Steps that the provisioner has written down.
    pub steps: Vec<String>,
}

/// What an action changes, as the provisioner read it.
fn changes(page: &Page, action: &Action) -> Vec<Change> {
    let change = |c: &crate::domain::plan::Change| Change {
        what: plan_text::words(&c.what, page.lang),
        before: plan_text::value(&c.before, page.lang),
        after: plan_text::value(&c.after, page.lang),
    };
    action.plan.changes.iter().map(change).collect()
}

/// What an approver should know besides.
fn notes(page: &Page, action: &Action) -> Vec<String> {
    let facts = &action.plan.facts;
    let lock = facts.lock_reason.iter().map(|reason| {
        let ticket = facts.lock_ticket.as_ref().map_or_else(String::new, |t| format!(" · {t}"));
        let reason = plan_text::lock_reason(reason, page.lang);
        format!("{}: {reason}{ticket}", page.t("web-plan-lock"))
    });
    action.plan.notes.iter().map(|note| plan_text::words(note, page.lang)).chain(lock).collect()
}

fn proof(page: &Page, events: &[EventRecord], id: ActionId) -> Vec<(String, String)> {
    let fact = |key: &str, value: String| (page.t(key), value);
    events
        .iter()
        .rev()
        .find_map(|e| match &e.event {
            Event::ActionDone { id: done, proof } if *done == id => {
                let mut facts = vec![
                    fact("web-proof-method", plan_text::method(&proof.method, page.lang)),
                    fact("web-proof-state", plan_text::machine_state(&proof.state, page.lang)),
                    fact("web-proof-took", page.long(proof.took_ms)),
                    fact("web-proof-at", page.exactly(&proof.at)),
                ];
                if let Some((before, after)) = &proof.boot_id {
                    facts.push(fact("web-proof-boot", format!("{before} → {after}")));
                }
                if let Some((before, after)) = proof.domain_id {
                    facts.push(fact("web-proof-domain", format!("{before} → {after}")));
                }
                facts.extend(proof.read_back.iter().map(|c| {
                    let what = plan_text::words(&c.what, page.lang);
                    (what, plan_text::value(&c.after, page.lang))
                }));
                Some(facts)
            }
            Event::ActionFailed { id: failed, failure } if *failed == id => {
                Some(vec![fact("web-proof-failed", format!("{}: {}", failure.code, failure.text))])
            }
            _ => None,
        })
        .unwrap_or_default()
}

/// The executor's notes, one line each.
fn steps(progress: &serde_json::Value) -> Vec<String> {
    let line = |(key, value): (&String, &serde_json::Value)| match value {
        serde_json::Value::String(text) => format!("{key}: {text}"),
        other => format!("{key}: {other}"),
    };
    progress.as_object().map(|fields| fields.iter().map(line).collect()).unwrap_or_default()
}

impl Plan {
    /// The latest action of a ticket, if it has one.
    pub async fn of(
        web: &Web,
        tx: &mut Tx,
        page: &Page,
        me: &Me,
        ticket: &Ticket,
        events: &[EventRecord],
        name: super::words::Names<'_>,
    ) -> Result<Option<Self>, Problem> {
        let Some(action) = &ticket.action else { return Ok(None) };
        let stored = tx.action_fetch(action.id).await?;
        let waits = action.state == ActionState::Proposed && ticket.state == TicketState::WaitingApproval;
        Ok(Some(Self {
            number: ticket.number.to_string(),
            id: action.id.0,
            digest: action.digest.clone(),
            short: action.digest.chars().take(12).collect(),
            title: plan_text::action(&action.spec, page.lang),
            changes: changes(page, action),
            notes: notes(page, action),
            state: action.state.as_str(),
            standing: page.t(&format!("web-action-{}", action.state)),
            quorum: page.t(&format!("web-quorum-{}", action.quorum)),
            approved_by: approvers(page, action, name),
            until: page.when(&action.expires_at),
            not_me: not_me(web, tx, page, me, ticket, action).await?,
            waits,
            proof: proof(page, events, action.id),
            steps: stored.map(|s| steps(&s.progress)).unwrap_or_default(),
        }))
    }
}

fn approvers(page: &Page, action: &Action, name: super::words::Names<'_>) -> Vec<String> {
    if action.quorum == Quorum::Auto {
        return vec![page.t("web-actor-policy")];
    }
    action.approved_by.iter().map(|id| name(id.as_str())).collect()
}

async fn not_me(
    web: &Web,
    tx: &mut Tx,
    page: &Page,
    me: &Me,
    ticket: &Ticket,
    action: &Action,
) -> Result<Option<String>, Problem> {
    let key = if !me.may(Right::Approve) {
        "web-approve-role"
    } else if action.approved_by.contains(&me.staff.id) {
        "web-approve-twice"
    } else if action.expires_at <= web.now() {
        "web-refused-expired"
    } else if asked_himself(tx, &me.staff.id, ticket).await? {
        "web-approve-own"
    } else {
        return Ok(None);
    };
    Ok(Some(page.t(key)))
}

/// A waiting ticket with its plan.
struct Waiting {
    line: Line,
    plan: Plan,
    /// What the customer wrote when he asked.
    reason: String,
}

#[derive(Template)]
#[template(path = "approvals.html")]
struct ApprovalsPage {
    p: Page,
    waiting: Vec<Waiting>,
}

/// What waits for approval, nearest deadline first.
pub async fn page(
    State(web): State<Web>,
    me: Me,
    axum::extract::Query(address): axum::extract::Query<Done>,
) -> Result<Response, Problem> {
    let mut p = Page::mine(&web, &me);
    let mut tx = web.db.read().await?;
    let filter =
        QueueFilter { owed: true, state: Some(TicketState::WaitingApproval), ..QueueFilter::default() };
    let names = staff_names(&mut tx).await?;
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let mut waiting = Vec::new();
    for listed in tx.tickets_listed(&filter, None, 50).await? {
        if let Some(plan) = Plan::of(&web, &mut tx, &p, &me, &listed.ticket, &[], &name).await? {
            let messages = tx.messages(listed.ticket.id, false).await?;
            let asked = messages.into_iter().find(|m| m.side == Side::Customer && !m.body.trim().is_empty());
            let reason = asked.map(|m| m.body).unwrap_or_default();
            waiting.push(Waiting { line: Line::of(&p, &listed), plan, reason });
        }
    }
    if matches!(address.done.as_str(), "approve" | "decline-action") {
        p.done = Some(p.t(&format!("web-done-{}", address.done)));
    }
    html(&ApprovalsPage { p, waiting })
}

/// A decision as the form says it: of which action, by which digest.
#[derive(Debug, Deserialize)]
pub struct Decision {
    #[serde(rename = "do")]
    what: String,
    action: Uuid,
    digest: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    back: String,
}

/// Approves or declines. What was shown counts: another plan meanwhile is another digest, and is refused.
pub async fn decide(
    State(web): State<Web>,
    me: Me,
    Path(number): Path<String>,
    Posted(form): Posted<Decision>,
) -> Result<Response, Problem> {
    decide_once(&web, &me, &number, &form).await.map_err(|problem| problem.keeping(&form.text))?;
    let back = if form.back == "ticket" { format!("/tickets/{number}") } else { "/approvals".to_owned() };
    Ok(Redirect::to(&format!("{back}?done={}", form.what)).into_response())
}

async fn decide_once(web: &Web, me: &Me, number: &str, form: &Decision) -> Result<(), Problem> {
    let id = ActionId(form.action);
    let text = super::command::clean(&form.text);
    for _ in 0..10 {
        let mut tx = web.db.begin().await?;
        let ticket = named(&mut tx, number).await?;
        let decided = match form.what.as_str() {
            "approve" => {
                let command = Command::Approve { id, digest: form.digest.clone() };
                web.service.execute_on(&mut tx, ticket, command, &me.actor()).await
            }
            "decline-action" if text.is_empty() => return Err(Problem::Wrong("web-wrong-no-reason")),
            "decline-action" => {
                let words = (Side::Desk, Words::text(text.clone()));
                let command = |message| Command::DeclineAction { id, message };
                web.service.write(&mut tx, ticket.id, words, command, &me.actor()).await
            }
            _ => return Err(Problem::Wrong("web-wrong-command")),
        };
        if let Err(error @ ServiceError::Store(_)) = decided {
            return Err(error.into());
        }
        // A refused approval leaves its trace, so that is committed too.
        match tx.commit().await {
            Ok(_) => return decided.map(|_| ()).map_err(Problem::from),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}
