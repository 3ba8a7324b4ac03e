//! `POST /tickets/{number}`: the desk's commands, each through [`crate::service`] and its rules.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::Web;
use super::error::Problem;
use super::guard::Me;
use super::posted::Posted;
use super::ticket;
use crate::domain::decide::Command;
use crate::domain::kind::Queue;
use crate::service::Words;
use crate::store::{Side, StoreError};

/// Longest message, characters: what Telegram sends in one.
pub(super) const LONGEST: usize = 4096;

/// A command as the form says it.
#[derive(Debug, Deserialize)]
pub struct Form {
    /// Which.
    #[serde(rename = "do")]
    what: String,
    /// The words that go with it.
    #[serde(default)]
    text: String,
    /// The department to hand over to.
    #[serde(default)]
    queue: String,
    /// The form's own id: it counts once.
    once: Uuid,
}

/// What a form means; the words that go with a command have their own sides.
enum Meant {
    Plain(Command),
    Note,
    Answer,
    Ask,
    Solve,
    Decline,
}

fn meant(form: &Form) -> Result<Meant, Problem> {
    let has_words = !clean(&form.text).is_empty();
    if form.text.chars().count() > LONGEST {
        return Err(Problem::Wrong("web-wrong-long-text"));
    }
    Ok(match form.what.as_str() {
        "take" => Meant::Plain(Command::Take),
        "acknowledge" => Meant::Plain(Command::Acknowledge),
        "hand-over" => {
            let to: Queue = form.queue.parse().map_err(|_| Problem::Wrong("web-wrong-queue"))?;
            Meant::Plain(Command::HandOver(to))
        }
        "solve" if !has_words => Meant::Plain(Command::Solve(None)),
        "note" | "answer" | "ask" | "decline" if !has_words => {
            return Err(Problem::Wrong("web-wrong-no-text"));
        }
        "note" => Meant::Note,
        "answer" => Meant::Answer,
        "ask" => Meant::Ask,
        "solve" => Meant::Solve,
        "decline" => Meant::Decline,
        _ => return Err(Problem::Wrong("web-wrong-command")),
    })
}

/// What somebody typed, as it is kept: the line ends of the desk, without the one character that PostgreSQL cannot store.
pub(super) fn clean(text: &str) -> String {
    text.trim().replace("\r\n", "\n").replace('\0', "")
}

/// Carries the command out, once, and shows the ticket again. What was written is never lost: a refusal shows it in its place.
pub async fn run(
    State(web): State<Web>,
    me: Me,
    Path(number): Path<String>,
    Posted(form): Posted<Form>,
) -> Result<Response, Problem> {
    let done = execute(&web, &me, &number, &form).await.map_err(|problem| problem.keeping(&form.text))?;
    Ok(Redirect::to(&format!("/tickets/{done}?done={}", form.what)).into_response())
}

async fn execute(web: &Web, me: &Me, number: &str, form: &Form) -> Result<String, Problem> {
    let meant = meant(form)?;
    let actor = me.actor();
    for _ in 0..10 {
        let mut tx = web.db.begin().await?;
        let ticket = ticket::named(&mut tx, number).await?;
        if !tx.form_once(form.once, web.now()).await? {
            // Sent twice: by a double click, or by going back. It was done the first time.
            return Ok(ticket.number.to_string());
        }
        let words = |side| (side, Words::text(clean(&form.text)));
        let (id, service) = (ticket.id, &web.service);
        match &meant {
            Meant::Plain(command) => service.execute_on(&mut tx, ticket, command.clone(), &actor).await,
            Meant::Note => service.write(&mut tx, id, words(Side::Note), Command::Note, &actor).await,
            Meant::Answer => service.write(&mut tx, id, words(Side::Desk), Command::Answer, &actor).await,
            Meant::Ask => service.write(&mut tx, id, words(Side::Desk), Command::Ask, &actor).await,
            Meant::Decline => service.write(&mut tx, id, words(Side::Desk), Command::Decline, &actor).await,
            Meant::Solve => {
                service.write(&mut tx, id, words(Side::Desk), |m| Command::Solve(Some(m)), &actor).await
            }
        }?;
        match tx.commit().await {
            Ok(_) => return Ok(number.to_owned()),
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Conflict.into())
}
