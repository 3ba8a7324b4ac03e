//! What stands before every page: who is there, may he, and the headers that keep browsers strict.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;

use super::Web;
use super::error::Problem;
use super::page::Page;
use super::routes::{Need, need};
use crate::domain::actor::Actor;
use crate::domain::audit::sha256_hex;
use crate::domain::lang::Lang;
use crate::domain::person::Right;
use crate::store::{Result, Staff, WebSession};

/// The session's cookie.
pub const SESSION: &str = "komek_session";
/// The chosen language's cookie.
pub const LANGUAGE: &str = "komek_lang";

/// Who looks at a page.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// The session, if he is signed in.
    pub session: Option<WebSession>,
    /// His language.
    pub lang: Lang,
    /// What a form of this session must bring; 64 hexadecimal digits.
    pub csrf: String,
    /// The page's own address, to come back to.
    pub here: String,
    /// Whether htmx asks, for a part of the page.
    pub part: bool,
}

/// A visitor who is signed in and may be here.
#[derive(Debug, Clone)]
pub struct Me {
    /// Who.
    pub staff: Staff,
    /// As a visitor.
    pub visitor: Visitor,
}

impl Me {
    /// As the author of commands.
    pub fn actor(&self) -> Actor {
        Actor::Staff { id: self.staff.id.clone(), role: self.staff.role }
    }

    /// Whether his role includes `right`.
    pub const fn may(&self, right: Right) -> bool {
        self.staff.role.may(right)
    }
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or(Problem::SignIn)
    }
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Me {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Problem> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let staff = visitor.session.as_ref().map(|s| s.staff.clone()).ok_or(Problem::SignIn)?;
        Ok(Self { staff, visitor })
    }
}

/// Establishes who is there, from the cookie and the database of this moment.
async fn visitor(web: &Web, headers: &HeaderMap, uri: &Uri) -> Result<Visitor> {
    let jar = CookieJar::from_headers(headers);
    let now = web.now();
    let mut session = None;
    let mut csrf = String::new();
    if let Some(token) = jar.get(SESSION).map(axum_extra::extract::cookie::Cookie::value) {
        session = web.db.read().await?.session_fetch(token, now).await?;
        csrf = sha256_hex(format!("komek form {token}").as_bytes());
    }
    if let Some(stale) = session.as_ref().filter(|s| s.is_stale(now)) {
        let mut tx = web.db.begin().await?;
        tx.session_seen(stale.id, now).await?;
        tx.commit().await?;
    }
    let chosen = jar.get(LANGUAGE).and_then(|c| c.value().parse().ok());
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    let lang = chosen
        .or_else(|| session.as_ref().map(|s| s.staff.language))
        .unwrap_or_else(|| Lang::of_tag(accepted.and_then(|tags| tags.split([',', ';']).next())));
    let here = uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
    Ok(Visitor { session, lang, csrf, here, part: headers.contains_key("hx-request") })
}

/// The visitor; when not even that can be found out, the page that says so.
async fn who(web: &Web, headers: &HeaderMap, uri: &Uri) -> Result<Visitor, Response> {
    visitor(web, headers, uri).await.map_err(|error| {
        let lang = Lang::default();
        let nobody = Visitor { session: None, lang, csrf: String::new(), here: "/".into(), part: false };
        Problem::from(error).page(&Page::of(web, &nobody))
    })
}

/// An address that leads nowhere.
pub async fn lost(State(web): State<Web>, headers: HeaderMap, uri: Uri) -> Response {
    match who(&web, &headers, &uri).await {
        Ok(visitor) => Problem::NotFound.page(&Page::of(&web, &visitor)),
        Err(page) => page,
    }
}

/// Lets a request through to its page, or says why not; and words whatever problem comes back in the visitor's language.
pub async fn guard(State(web): State<Web>, path: MatchedPath, mut request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    let visitor = match who(&web, &headers, &uri).await {
        Ok(visitor) => visitor,
        Err(page) => return page,
    };
    let allowed = match (need(&method, path.as_str()), &visitor.session) {
        (None, _) => Err(Problem::NotFound),
        (Some(Need::Nothing), _) | (Some(Need::Session), Some(_)) => Ok(()),
        (Some(Need::Right(right)), Some(session)) if session.staff.role.may(right) => Ok(()),
        (Some(Need::Right(_)), Some(_)) => Err(Problem::Forbidden),
        (Some(Need::Session | Need::Right(_)), None) => Err(Problem::SignIn),
    };
    let problem = match allowed {
        Ok(()) => {
            request.extensions_mut().insert(visitor.clone());
            let mut response = next.run(request).await;
            match response.extensions_mut().remove::<Problem>() {
                Some(problem) => problem,
                None => return response,
            }
        }
        // What was written before the session ended must not be lost.
        Err(problem) if method == Method::POST => {
            match axum::body::to_bytes(request.into_body(), super::routes::FORM).await {
                Ok(body) => super::posted::kept(problem, &body),
                Err(_) => Problem::TooLong,
            }
        }
        Err(problem) => problem,
    };
    if matches!(problem, Problem::SignIn) && method == Method::GET && !visitor.part {
        let next: String = url::form_urlencoded::byte_serialize(visitor.here.as_bytes()).collect();
        return Redirect::to(&format!("/sign-in?next={next}")).into_response();
    }
    problem.page(&Page::of(&web, &visitor))
}

/// Nothing from elsewhere, nothing inline, no frames, no guessing of types, nothing kept by caches.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Puts the strict headers on every answer.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut put = |name, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(header::CONTENT_SECURITY_POLICY, POLICY);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::X_FRAME_OPTIONS, "DENY");
    put(header::REFERRER_POLICY, "same-origin");
    put(header::CACHE_CONTROL, "no-store");
    put(header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    put(
        header::HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    );
    response
}
