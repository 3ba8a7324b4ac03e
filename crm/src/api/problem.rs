//! Errors as RFC 9457 problem documents: what was wrong, and what to do about it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::refusal::Refusal;
use crate::service::ServiceError;
use crate::store::StoreError;

/// An answer that is not what was asked for.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Names the sort of problem: `urn:komek:problem:` and a word.
    #[serde(rename = "type")]
    pub kind: String,
    /// The sort of problem in a few words.
    pub title: String,
    /// The HTTP status, again.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong here, and what to do.
    pub detail: String,
    /// Seconds to wait before the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, word: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:komek:problem:{word}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            retry_after: None,
        }
    }

    /// 400: the request cannot be read.
    pub fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unreadable", "The request cannot be read", detail)
    }

    /// 401: no token, or one that is not known.
    pub fn unauthorised() -> Self {
        let detail = "send «Authorization: Bearer TOKEN»; `komek-crm token create --role ROLE` makes a token, and a revoked one \
                      is not accepted";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorised", "A token is needed", detail)
    }

    /// 403: this token may not do it.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "This token may not do that", detail)
    }

    /// 404: it does not exist, or it is another customer's: the same answer for both.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", detail)
    }

    /// 405.
    pub fn method() -> Self {
        let detail =
            "this address exists, but not with this method; /api/v1/openapi.json lists what there is";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Not with this method", detail)
    }

    /// 409: the rules do not allow it in the present state.
    pub fn conflict(word: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, word, "Not possible now", detail)
    }

    /// 413.
    pub fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The request is too large", detail)
    }

    /// 415.
    pub fn media_type() -> Self {
        let detail = "send the body as JSON, with «Content-Type: application/json»";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "Not JSON", detail)
    }

    /// 422: readable, but not what is wanted.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "A value cannot be used", detail)
    }

    /// 429, with the seconds to wait.
    pub fn too_many(wait: u64) -> Self {
        let detail = format!(
            "this token has used up its requests for now; wait {wait} s, and see [api] in the configuration"
        );
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "Too many requests", detail);
        problem.retry_after = Some(wait);
        problem
    }

    /// What became of a commit that failed: 503 where the database was lost before it answered, and nobody knows.
    pub fn of_commit(error: StoreError) -> Self {
        if !error.is_undecided() {
            return error.into();
        }
        tracing::error!(%error, "nobody knows whether a commit took effect");
        let detail = "the connection to the database was lost; this may have taken effect or not: send it again with the same \
                      Idempotency-Key, or look before you do";
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "undecided", "Not known", detail);
        problem.retry_after = Some(1);
        problem
    }

    /// 500 or 503. What happened is logged, not told.
    pub fn broken(passing: bool) -> Self {
        if passing {
            let detail = "the database was busy or could not be reached; nothing was changed, try again";
            let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Busy", detail);
            problem.retry_after = Some(1);
            return problem;
        }
        let detail = "nothing was changed; the log of komek-crm has the reason, with this request's time";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "broken", "Something is broken on our side", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, wait.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"komek\""));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request could not be answered");
        Self::broken(error.is_passing())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Forbidden => {
                Self::forbidden("the role of this token does not include this; see ARCHITECTURE.md")
            }
            Refusal::NotFound => Self::not_found("there is no such ticket for this token"),
            Refusal::NoSuchService => Self::conflict(
                "no-such-service",
                "this customer rents no such service; GET /api/v1/services lists what there is",
            ),
            Refusal::TakenBy(who) => Self::conflict(
                "taken",
                format!("{who} holds this ticket; answer through that person, or have it handed over"),
            ),
            Refusal::WrongState(state) => Self::conflict(
                "state",
                format!("not possible while the ticket is {state}; read it again, its state has changed"),
            ),
            Refusal::StaleAction => Self::conflict(
                "stale-action",
                "this proposal is not the one that waits; read the ticket and take id and digest from its action",
            ),
            Refusal::ExpiredAction => {
                Self::conflict("expired-action", "this proposal has lapsed; propose the action again")
            }
            Refusal::AnotherPersonNeeded => Self::conflict(
                "another-person",
                "whoever asked or approved before cannot approve; another engineer must",
            ),
            Refusal::AlreadyOpen(number) => {
                Self::conflict("already-open", format!("the same is being handled as {number}; write there"))
            }
            Refusal::NoTrialLeft => Self::conflict(
                "no-trial-left",
                "a trial is given once, to a customer new to the service; this one has had it, or rents the service",
            ),
            Refusal::EscalatedBy(who) => {
                Self::conflict("already-escalated", format!("{who} has called for help already"))
            }
            Refusal::CannotHold(who) => {
                Self::conflict("cannot-hold", format!("{who} does not handle tickets; name an engineer"))
            }
            Refusal::OtherCustomer => Self::conflict(
                "other-customer",
                "a duplicate must be the same customer's; attach it as the same incident",
            ),
            Refusal::NotAttachable => Self::conflict(
                "not-attachable",
                "one of the tickets is attached already, or they are the same",
            ),
            Refusal::NoSuchKind => Self::conflict(
                "no-such-kind",
                "the terms of this service have no such request; see its policy file",
            ),
        }
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Refused(refusal) => refusal.into(),
            ServiceError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TicketNumber;
    use crate::domain::ticket::State;

    #[test]
    fn every_refusal_says_what_to_do_and_is_no_fault_of_ours() {
        let refusals = [
            Refusal::Forbidden,
            Refusal::NotFound,
            Refusal::NoSuchService,
            Refusal::TakenBy("dana".into()),
            Refusal::WrongState(State::Closed),
            Refusal::StaleAction,
            Refusal::ExpiredAction,
            Refusal::AnotherPersonNeeded,
            Refusal::AlreadyOpen(TicketNumber(7)),
            Refusal::NoSuchKind,
        ];
        for refusal in refusals {
            let problem = Problem::from(refusal);
            assert!((403..=409).contains(&problem.status), "{problem:?}");
            assert!(problem.detail.len() > 30, "{problem:?}");
        }
    }
}
