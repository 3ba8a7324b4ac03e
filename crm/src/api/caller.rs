//! Who calls: the bearer token, looked up anew for each request, with what it may do; and how often it may.

use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use super::Api;
use super::problem::Problem;
use crate::domain::actor::Actor;
use crate::domain::ids::{ContactId, CustomerId, StaffId};
use crate::domain::person::{Right, Role};
use crate::domain::ticket::Ticket;
use crate::store::Tx;

type Limiter = RateLimiter<Uuid, DefaultKeyedStateStore<Uuid>, DefaultClock, StateInformationMiddleware>;

/// How often each token may call.
#[derive(Clone)]
pub struct Limits {
    limiter: Arc<Limiter>,
    burst: u32,
}

impl Limits {
    /// So many requests a second for long, and so many at once.
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Self {
        let limiter = RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst))
            .with_middleware::<StateInformationMiddleware>();
        Self { limiter: Arc::new(limiter), burst: burst.get() }
    }

    /// Forgets tokens that have not called for a while.
    pub fn tidy(&self) {
        self.limiter.retain_recent();
    }
}

/// The owner of the token of this request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The token's row.
    pub token: Uuid,
    /// What the token is for.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The staff member whose token this is.
    pub staff: Option<StaffId>,
    /// The customer it is limited to, and for whom it speaks.
    pub customer: Option<CustomerId>,
}

impl Caller {
    /// Fails unless the token's role includes `right`. A customer's token never has the desk's rights.
    pub fn must(&self, right: Right) -> Result<(), Problem> {
        if !self.role.may(right) {
            let detail =
                format!("the role {} does not include «{right}»; use a token of another role", self.role);
            return Err(Problem::forbidden(detail));
        }
        if self.customer.is_some() && right != Right::Read {
            return Err(Problem::forbidden(format!("a customer's token does not include «{right}»")));
        }
        Ok(())
    }

    /// Fails unless this token may say what happened: the shift's, and those who answer for credits.
    pub fn must_judge(&self) -> Result<(), Problem> {
        self.must(Right::Handle).or_else(|_| self.must(Right::Credit))
    }

    /// The same for what counts as a person's word (C8): two programs are no two people.
    pub fn must_be_person(&self) -> Result<(), Problem> {
        self.must_judge()?;
        if self.staff.is_some() {
            return Ok(());
        }
        Err(Problem::forbidden(
            "this is a person's word: use a token that belongs to a member of the desk (komek-crm token create --staff ID); \
             monitoring reports to /api/v1/alerts",
        ))
    }

    /// Fails unless this token may open tickets and speak for customers: the shift's may, and a customer's own.
    pub fn must_speak(&self) -> Result<(), Problem> {
        if self.customer.is_some() { Ok(()) } else { self.must(Right::Handle) }
    }

    /// Fails for a token that is limited to one customer.
    pub fn must_see_all(&self) -> Result<(), Problem> {
        match &self.customer {
            None => Ok(()),
            Some(id) => Err(Problem::forbidden(format!("this token is limited to the customer {id}"))),
        }
    }

    /// Whether this token may know of `ticket`.
    pub fn sees(&self, ticket: &Ticket) -> bool {
        self.customer.is_none() || self.customer == ticket.customer
    }

    /// Whom the audit names: the staff member whose token it is, or the token itself.
    pub fn actor(&self) -> Actor {
        let id = self.staff.clone().unwrap_or_else(|| StaffId(format!("token/{}", self.name)));
        Actor::Staff { id, role: self.role }
    }

    /// The contact in whose name something is said; he must belong to the customer that this token is limited to, if it is.
    pub async fn speak_for(&self, tx: &mut Tx, contact: &ContactId) -> Result<Actor, Problem> {
        self.must_speak()?;
        let found = tx.contact_fetch(contact).await?;
        match found.filter(|c| self.customer.as_ref().is_none_or(|own| *own == c.customer)) {
            Some(c) => Ok(Actor::Contact { id: c.id, customer: c.customer }),
            None => Err(no_contact(contact)),
        }
    }
}

/// The contact is unknown, retired, or another customer's.
pub fn no_contact(contact: &ContactId) -> Problem {
    Problem::conflict(
        "no-such-contact",
        format!("the directory has no contact «{contact}» for this token; GET /api/v1/customers lists them"),
    )
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Lets a request through if its token is known and has requests left; says in headers how many.
pub async fn enter(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let (caller, left) = match admit(&api, request.headers()).await {
        Ok(admitted) => admitted,
        Err(problem) => return problem.into_response(),
    };
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("ratelimit-limit"), api.limits.burst.into());
    headers.insert(HeaderName::from_static("ratelimit-remaining"), left.into());
    response
}

async fn admit(api: &Api, headers: &HeaderMap) -> Result<(Caller, u32), Problem> {
    let limit = |key: Uuid| match api.limits.limiter.check_key(&key) {
        Ok(state) => Ok(state.remaining_burst_capacity()),
        Err(until) => {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Err(Problem::too_many(wait.as_secs() + 1))
        }
    };
    let Some(shown) = bearer(headers) else { return Err(Problem::unauthorised()) };
    let mut tx = api.db.read().await?;
    let Some(token) = tx.token_fetch(shown).await? else {
        // Guesses share one allowance: nobody gets far by guessing, and nobody else is kept out.
        limit(Uuid::nil())?;
        return Err(Problem::unauthorised());
    };
    let mut role = token.role;
    if let Some(staff) = &token.staff {
        // The person's rights of this moment: whoever left or was moved cannot go on with an old token.
        let Some(person) = tx.staff_member(staff).await? else { return Err(Problem::unauthorised()) };
        role = person.role;
    }
    let left = limit(token.id)?;
    let caller =
        Caller { token: token.id, name: token.name, role, staff: token.staff, customer: token.customer };
    Ok((caller, left))
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Problem::unauthorised)
    }
}
