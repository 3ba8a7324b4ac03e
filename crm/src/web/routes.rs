//! Every address of the console and the right that it needs: what is not in this table is not reachable.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

use super::{
    Web, approvals, ask, assets, audit, closing, command, credits, deeds, files, find, guard, incidents,
    intake, intervals, live, notes, oidc, oncall, people, queue, roster, sign_in, sla, ticket,
};
use crate::domain::person::Right;

/// Who may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Anybody, signed in or not.
    Nothing,
    /// Anybody who is signed in.
    Session,
    /// Who holds this right.
    Right(Right),
}

/// One address.
#[derive(Debug, Clone)]
pub struct Route {
    /// How.
    pub method: Method,
    /// Where, as axum writes it.
    pub path: &'static str,
    /// Who.
    pub need: Need,
}

const fn route(method: Method, path: &'static str, need: Need) -> Route {
    Route { method, path, need }
}

/// The table.
pub static ROUTES: &[Route] = &[
    route(Method::GET, "/", Need::Nothing),
    route(Method::GET, "/assets/{name}", Need::Nothing),
    route(Method::GET, "/language/{lang}", Need::Nothing),
    route(Method::GET, "/sign-in", Need::Nothing),
    route(Method::GET, "/sign-in/oidc", Need::Nothing),
    route(Method::GET, "/sign-in/oidc/callback", Need::Nothing),
    route(Method::GET, "/sign-in/{code}", Need::Nothing),
    route(Method::POST, "/sign-in/{code}", Need::Nothing),
    route(Method::GET, "/ask", Need::Nothing),
    route(Method::POST, "/ask", Need::Nothing),
    route(Method::POST, "/sign-out", Need::Session),
    route(Method::GET, "/sessions", Need::Session),
    route(Method::POST, "/sessions/{id}/end", Need::Session),
    route(Method::GET, "/queue", Need::Right(Right::Read)),
    route(Method::GET, "/queue/live", Need::Right(Right::Read)),
    route(Method::POST, "/queue/take", Need::Right(Right::Handle)),
    route(Method::GET, "/search", Need::Right(Right::Read)),
    route(Method::GET, "/tickets/{number}", Need::Right(Right::Read)),
    route(Method::GET, "/tickets/{number}/live", Need::Right(Right::Read)),
    route(Method::POST, "/tickets/{number}", Need::Right(Right::Handle)),
    route(Method::POST, "/tickets/{number}/writing", Need::Right(Right::Handle)),
    route(Method::GET, "/tickets/{number}/files/{message}/{place}", Need::Right(Right::Read)),
    route(Method::GET, "/approvals", Need::Right(Right::Read)),
    route(Method::POST, "/approvals/{number}", Need::Right(Right::Approve)),
    route(Method::GET, "/phone", Need::Right(Right::Handle)),
    route(Method::POST, "/phone", Need::Right(Right::Handle)),
    route(Method::GET, "/oncall", Need::Right(Right::Read)),
    route(Method::POST, "/oncall/feed", Need::Session),
    route(Method::POST, "/oncall/turn", Need::Right(Right::Handle)),
    route(Method::POST, "/oncall/cover", Need::Right(Right::Roster)),
    // Whoever arranged it or is concerned; the handler asks.
    route(Method::POST, "/oncall/cover/{id}/end", Need::Session),
    // The address is the key: calendars cannot sign in.
    route(Method::GET, "/oncall/{token}/shifts.ics", Need::Nothing),
    route(Method::GET, "/directory", Need::Right(Right::Read)),
    route(Method::GET, "/reports/sla", Need::Right(Right::Read)),
    route(Method::GET, "/reports/sla/tickets", Need::Right(Right::Read)),
    route(Method::GET, "/tokens", Need::Right(Right::Oversee)),
    route(Method::POST, "/tokens", Need::Right(Right::Administer)),
    route(Method::POST, "/tokens/{id}/revoke", Need::Right(Right::Administer)),
    route(Method::GET, "/incidents", Need::Right(Right::Read)),
    route(Method::POST, "/incidents", Need::Right(Right::Handle)),
    route(Method::GET, "/incidents/{number}", Need::Right(Right::Read)),
    route(Method::GET, "/credits", Need::Right(Right::Read)),
    route(Method::POST, "/credits", Need::Right(Right::Credit)),
    // What the shift does by /incidents; a manager confirms and disputes too.
    route(Method::POST, "/credits/intervals", Need::Right(Right::Credit)),
    route(Method::GET, "/credits/{month}/close", Need::Right(Right::Credit)),
    route(Method::GET, "/credits/{month}/export.csv", Need::Right(Right::Read)),
    route(Method::GET, "/credits/{month}/{service}/intervals", Need::Right(Right::Read)),
    route(Method::GET, "/credits/{month}/{service}/note", Need::Right(Right::Read)),
    route(Method::GET, "/credits/{month}/{service}/note.pdf", Need::Right(Right::Read)),
    route(Method::GET, "/audit", Need::Right(Right::Oversee)),
];

/// The right that a matched address needs; `None`: it is not in the table.
pub fn need(method: &Method, path: &str) -> Option<Need> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    ROUTES.iter().find(|r| r.method == *method && r.path == path).map(|r| r.need)
}

/// Longest body of a form, bytes.
pub const FORM: usize = 256 * 1024;

/// All addresses with their handlers.
pub fn router(web: Web) -> Router {
    Router::new()
        .route("/", get(queue::home))
        .route("/assets/{name}", get(assets::asset))
        .route("/language/{lang}", get(sign_in::language))
        .route("/sign-in", get(sign_in::page))
        .route("/sign-in/oidc", get(oidc::begin))
        .route("/sign-in/oidc/callback", get(oidc::callback))
        .route("/sign-in/{code}", get(sign_in::link).post(sign_in::enter))
        .route("/ask", get(ask::page).post(ask::open))
        .route("/sign-out", post(sign_in::leave))
        .route("/sessions", get(sign_in::sessions))
        .route("/sessions/{id}/end", post(sign_in::end))
        .route("/queue", get(queue::page))
        .route("/queue/live", get(live::queue))
        .route("/queue/take", post(queue::take))
        .route("/search", get(find::page))
        .route("/tickets/{number}", get(ticket::page).post(command::run))
        .route("/tickets/{number}/live", get(live::ticket))
        .route("/tickets/{number}/writing", post(live::writing))
        .route("/tickets/{number}/files/{message}/{place}", get(files::file))
        .route("/approvals", get(approvals::page))
        .route("/approvals/{number}", post(approvals::decide))
        .route("/phone", get(intake::page).post(intake::open))
        .route("/oncall", get(oncall::page))
        .route("/oncall/turn", post(roster::take))
        .route("/oncall/cover", post(roster::cover))
        .route("/oncall/cover/{id}/end", post(roster::end))
        .route("/oncall/feed", post(oncall::feed))
        .route("/oncall/{token}/shifts.ics", get(oncall::calendar))
        .route("/directory", get(people::page))
        .route("/reports/sla", get(sla::page))
        .route("/reports/sla/tickets", get(sla::list::page))
        .route("/tokens", get(people::tokens).post(people::create))
        .route("/tokens/{id}/revoke", post(people::revoke))
        .route("/incidents", get(incidents::page).post(deeds::act))
        .route("/incidents/{number}", get(incidents::one))
        .route("/credits", get(credits::page).post(credits::act))
        .route("/credits/{month}/export.csv", get(credits::export))
        .route("/credits/intervals", post(deeds::act))
        .route("/credits/{month}/close", get(closing::page))
        .route("/credits/{month}/{service}/intervals", get(intervals::page))
        .route("/credits/{month}/{service}/note", get(notes::note))
        .route("/credits/{month}/{service}/note.pdf", get(notes::pdf))
        .route("/audit", get(audit::page))
        .layer(DefaultBodyLimit::max(FORM))
        .route_layer(from_fn_with_state(web.clone(), guard::guard))
        .fallback(guard::lost)
        .layer(CompressionLayer::new().quality(tower_http::CompressionLevel::Fastest))
        .layer(from_fn(guard::headers))
        .with_state(web)
}
