//! Signing in through an `OpenID` Connect issuer, where one is configured (`[oidc]`); off by default.
//!
//! The authorization code flow with PKCE, state and nonce. The issuer says who somebody is; whether he works at this desk, and as what,
//! says the directory alone.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::Web;
use super::error::Problem;
use super::guard::Visitor;
use super::sign_in::{Next, inside, open_session};
use crate::config::{Oidc, OidcClaim, OidcMatch};
use crate::store::{Staff, Tx};

/// The cookie that holds one attempt.
const ATTEMPT: &str = "komek_oidc";
/// How long somebody may take at the issuer, seconds.
const PATIENCE: u32 = 600;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What must come back unchanged: kept by the browser, out of reach of scripts.
#[derive(Serialize, Deserialize)]
struct Attempt {
    state: String,
    nonce: String,
    verifier: String,
    next: String,
}

/// The issuer could not be asked, or what it said cannot be trusted.
fn failed(error: impl std::fmt::Display) -> Problem {
    tracing::warn!(%error, "signing in through the issuer failed");
    Problem::Door("web-oidc-failed")
}

fn http() -> Result<openidconnect::reqwest::Client, Problem> {
    openidconnect::reqwest::ClientBuilder::new()
        // An issuer that sends us elsewhere could make us ask our own machines.
        .redirect(openidconnect::reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(failed)
}

/// Reads the issuer's document anew each time: its keys change, and few people sign in.
async fn client(web: &Web, oidc: &Oidc, http: &openidconnect::reqwest::Client) -> Result<Client, Problem> {
    let issuer = IssuerUrl::new(oidc.issuer.clone()).map_err(failed)?;
    let metadata = CoreProviderMetadata::discover_async(issuer, http).await.map_err(failed)?;
    let secret = oidc.client_secret.as_ref().map(|s| ClientSecret::new(s.expose_secret().to_owned()));
    let back = format!("{}/sign-in/oidc/callback", web.address.as_str().trim_end_matches('/'));
    let client = CoreClient::from_provider_metadata(metadata, ClientId::new(oidc.client_id.clone()), secret);
    Ok(client.set_redirect_uri(RedirectUrl::new(back).map_err(failed)?))
}

fn cookie(web: &Web, value: &str, seconds: u32) -> Cookie<'static> {
    let secure = if web.is_secure() { "; Secure" } else { "" };
    let text =
        format!("{ATTEMPT}={value}; Path=/sign-in/oidc; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    Cookie::parse(text).unwrap_or_else(|_| Cookie::new(ATTEMPT, ""))
}

/// Sends the browser to the issuer.
pub async fn begin(
    State(web): State<Web>,
    jar: CookieJar,
    Query(next): Query<Next>,
) -> Result<Response, Problem> {
    let oidc = web.oidc.as_ref().ok_or(Problem::NotFound)?;
    let client = client(&web, oidc, &http()?).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let mut request =
        client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random).set_pkce_challenge(challenge);
    // «openid» is asked for by itself.
    for scope in oidc.scopes.split_whitespace().filter(|scope| *scope != "openid") {
        request = request.add_scope(Scope::new(scope.to_owned()));
    }
    let (address, state, nonce) = request.url();
    let attempt = Attempt {
        state: state.secret().clone(),
        nonce: nonce.secret().clone(),
        verifier: verifier.secret().clone(),
        next: inside(&next.next).to_owned(),
    };
    let text = serde_json::to_string(&attempt).map_err(failed)?;
    Ok((jar.add(cookie(&web, &hex::encode(text), PATIENCE)), Redirect::to(address.as_str())).into_response())
}

/// What the issuer sends back.
#[derive(Deserialize)]
pub struct Returned {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    error: String,
}

/// Somebody comes back from the issuer.
pub async fn callback(
    State(web): State<Web>,
    _visitor: Visitor,
    headers: HeaderMap,
    jar: CookieJar,
    Query(returned): Query<Returned>,
) -> Result<Response, Problem> {
    let oidc = web.oidc.as_ref().ok_or(Problem::NotFound)?;
    let kept = jar.get(ATTEMPT).and_then(|c| hex::decode(c.value()).ok());
    let attempt: Option<Attempt> = kept.and_then(|text| serde_json::from_slice(&text).ok());
    let attempt = attempt.ok_or(Problem::Door("web-oidc-stale"))?;
    if !bool::from(attempt.state.as_bytes().ct_eq(returned.state.as_bytes())) {
        return Err(Problem::Door("web-oidc-stale"));
    }
    if !returned.error.is_empty() || returned.code.is_empty() {
        return Err(failed(format!("the issuer answered «{}»", returned.error.escape_debug())));
    }
    let http = http()?;
    let client = client(&web, oidc, &http).await?;
    let answer = client
        .exchange_code(AuthorizationCode::new(returned.code))
        .map_err(failed)?
        .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier))
        .request_async(&http)
        .await
        .map_err(failed)?;
    let token = answer.id_token().ok_or_else(|| failed("there is no ID token"))?;
    let now = web.now();
    let verifier = client.id_token_verifier().set_time_fn(move || now);
    let claims = token.claims(&verifier, &Nonce::new(attempt.nonce)).map_err(failed)?;
    let mut tx = web.db.begin().await?;
    let staff = member(&mut tx, oidc, claims).await?.ok_or(Problem::Door("web-oidc-unknown"))?;
    let session = open_session(&web, &mut tx, &staff, "oidc", &headers).await?;
    tx.commit().await?;
    let jar = jar.add(session).add(cookie(&web, "", 0));
    Ok((jar, Redirect::to(inside(&attempt.next))).into_response())
}

/// The member of the desk whom the claims name.
async fn member(tx: &mut Tx, oidc: &Oidc, claims: &CoreIdTokenClaims) -> Result<Option<Staff>, Problem> {
    let claim = match oidc.claim {
        OidcClaim::Sub => Some(claims.subject().to_string()),
        OidcClaim::PreferredUsername => claims.preferred_username().map(|name| name.to_string()),
        // Anybody may write any address into his profile: only one that the issuer has checked counts.
        OidcClaim::Email => {
            claims.email().filter(|_| claims.email_verified() == Some(true)).map(|mail| mail.to_string())
        }
    };
    let Some(claim) = claim.filter(|claim| !claim.is_empty()) else { return Ok(None) };
    let fits = |staff: &Staff| match oidc.matches {
        OidcMatch::Id => staff.id.as_str() == claim,
        OidcMatch::Telegram => staff.telegram.is_some_and(|id| id.to_string() == claim),
    };
    Ok(tx.staff_all().await?.into_iter().find(fits))
}
