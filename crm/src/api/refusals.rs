//! The problems that many routes answer with, as the OpenAPI document lists them: named once, and each route adds its own.

use utoipa::IntoResponses;

use super::problem::Problem;

/// What every route may answer.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "they describe answers; `Problem` is what is answered")]
pub enum Always {
    /// No token
    #[response(status = 401, content_type = "application/problem+json")]
    NoToken(Problem),
    /// Too many requests
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(Problem),
    /// Busy
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(Problem),
}

/// What routes may answer that read a JSON body.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "they describe answers; `Problem` is what is answered")]
pub enum Body {
    /// Not JSON
    #[response(status = 400, content_type = "application/problem+json")]
    NotJson(Problem),
    /// Too large
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(Problem),
    /// Not declared as JSON
    #[response(status = 415, content_type = "application/problem+json")]
    NotDeclared(Problem),
    /// A value cannot be used
    #[response(status = 422, content_type = "application/problem+json")]
    Unusable(Problem),
}

/// What routes may answer that are about incidents and intervals.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "they describe answers; `Problem` is what is answered")]
pub enum Outage {
    /// Not with this role, or not with a token that is nobody's
    #[response(status = 403, content_type = "application/problem+json")]
    NotYou(Problem),
    /// No such incident, interval or service
    #[response(status = 404, content_type = "application/problem+json")]
    NoSuchThing(Problem),
    /// The rules do not allow it, or not any more
    #[response(status = 409, content_type = "application/problem+json")]
    NotNow(Problem),
}

/// What routes may answer that are about one ticket.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "they describe answers; `Problem` is what is answered")]
pub enum OneTicket {
    /// No such ticket for this token
    #[response(status = 404, content_type = "application/problem+json")]
    NoSuchTicket(Problem),
}
