//! A POST that is sent twice takes effect once: the answer is stored with what it did, under the key the caller chose.

use async_trait::async_trait;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Api;
use super::caller::Caller;
use super::problem::Problem;
use crate::store::{Answered, StoreError, Tx};

/// How often a lost race is tried again.
const TRIES: u32 = 10;

/// Why an attempt did not end well: a problem for the caller, or a race to be run again.
pub enum Failure {
    /// Tell the caller.
    Problem(Problem),
    /// Somebody else changed the same thing: begin anew.
    Again,
}

impl<E: Into<Problem>> From<E> for Failure
where
    E: MaybeConflict,
{
    fn from(error: E) -> Self {
        if error.is_conflict() { Self::Again } else { Self::Problem(error.into()) }
    }
}

/// An error that may be a lost race.
pub trait MaybeConflict {
    /// Whether it is one.
    fn is_conflict(&self) -> bool;
}

impl MaybeConflict for Problem {
    fn is_conflict(&self) -> bool {
        false
    }
}

impl MaybeConflict for StoreError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict)
    }
}

impl MaybeConflict for crate::service::ServiceError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict))
    }
}

impl MaybeConflict for crate::incidents::IncidentError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict))
    }
}

impl MaybeConflict for crate::intake::IntakeError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Service(e) if e.is_conflict())
    }
}

fn answer(status: StatusCode, body: String, replayed: bool) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    if replayed {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(HeaderName::from_static("idempotency-replayed"), yes);
    }
    response
}

/// What a POST does, in a transaction; may be run again from the beginning.
#[async_trait]
pub trait Work: Send + Sync + 'static {
    /// What the caller is told.
    type Answer: Serialize + Send;

    /// Does it for `caller`.
    async fn run(&self, api: &Api, caller: &Caller, tx: &mut Tx) -> Result<Self::Answer, Failure>;
}

/// Any [`Work`], with its answer as JSON.
#[async_trait]
trait Written: Send + Sync {
    async fn run(&self, api: &Api, caller: &Caller, tx: &mut Tx) -> Result<String, Failure>;
}

#[async_trait]
impl<W: Work> Written for W {
    async fn run(&self, api: &Api, caller: &Caller, tx: &mut Tx) -> Result<String, Failure> {
        let value = Work::run(self, api, caller, tx).await?;
        serde_json::to_string(&value).map_err(|error| {
            tracing::error!(%error, "an answer cannot be written as JSON");
            Problem::broken(false).into()
        })
    }
}

/// A POST as it was asked: by whom, under which key, and what for.
pub struct Asked {
    caller: Caller,
    key: Option<String>,
    digest: String,
    status: StatusCode,
    work: Box<dyn Written>,
}

impl Asked {
    /// `work` for `caller`, answered with `status` when it went well. `digest` tells one request from another under the same `key`.
    pub fn new(
        caller: Caller,
        (key, digest): (Option<String>, String),
        status: StatusCode,
        work: impl Work,
    ) -> Self {
        Self { caller, key, digest, status, work: Box::new(work) }
    }

    /// Does it in `tx`, and keeps the answer under its key; or finds the answer it got before.
    pub async fn attempt(&self, api: &Api, tx: &mut Tx) -> Result<Response, Failure> {
        let token = self.caller.token;
        if let Some(key) = &self.key
            && let Some(before) = tx.idempotency_fetch(token, key).await?
        {
            return Ok(replay(before, &self.digest)?);
        }
        let body = self.work.run(api, &self.caller, tx).await?;
        if let Some(key) = &self.key {
            let status = i64::from(self.status.as_u16());
            let answered = Answered { request: self.digest.clone(), status, body: body.clone() };
            tx.idempotency_add(token, key, &answered, api.service.now()).await?;
        }
        Ok(answer(self.status, body, false))
    }

    /// Does it in one transaction with the answer it gives. The same key with the same request gets the first answer again, with
    /// another request a 422. The work begins anew when somebody else was quicker.
    pub async fn once(&self, api: &Api) -> Result<Response, Problem> {
        for _ in 0..TRIES {
            let mut tx = api.db.begin().await?;
            let response = match self.attempt(api, &mut tx).await {
                Ok(response) => response,
                Err(Failure::Again) => continue,
                Err(Failure::Problem(problem)) => return Err(problem),
            };
            match tx.commit().await {
                Ok(_) => return Ok(response),
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(Problem::of_commit(error)),
            }
        }
        Err(Problem::broken(true))
    }
}

fn replay(before: Answered, digest: &str) -> Result<Response, Problem> {
    if before.request != digest {
        let detail = "this Idempotency-Key was used for another request; take a new key for each new request";
        return Err(Problem::invalid(detail));
    }
    let status = u16::try_from(before.status).ok().and_then(|s| StatusCode::from_u16(s).ok());
    Ok(answer(status.unwrap_or(StatusCode::OK), before.body, true))
}
