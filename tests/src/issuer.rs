//! A minimal `OpenID` Connect issuer for tests: discovery, keys, the authorization code flow with PKCE. It signs in whomever the test says.

use std::collections::HashMap;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreGenderClaim, CoreIdToken, CoreIdTokenClaims, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
    CoreRsaPrivateSigningKey,
};
use openidconnect::{
    Audience, EmptyAdditionalClaims, EndUserUsername, IssuerUrl, JsonWebKeyId, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, PrivateSigningKey, StandardClaims, SubjectIdentifier,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The client's id and secret.
pub const CLIENT: (&str, &str) = ("komek", "a secret of the tests");

/// What the issuer says next.
#[derive(Debug, Clone)]
pub struct Says {
    /// Who it is.
    pub username: String,
    /// For whom the token is made out.
    pub audience: String,
    /// When the token was made; it is good for five minutes.
    pub at: DateTime<Utc>,
    /// Whether it repeats the nonce it was given.
    pub nonce: bool,
    /// Whether it signs with a key that it does not publish.
    pub forged: bool,
}

struct Asked {
    challenge: String,
    nonce: String,
    redirect: String,
}

struct Inner {
    url: String,
    key: String,
    other: String,
    says: Mutex<Says>,
    codes: Mutex<HashMap<String, Asked>>,
}

/// A running issuer.
pub struct Issuer {
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A fresh RSA key, made by openssl.
fn key() -> Result<String> {
    let output =
        Command::new("openssl").args(["genrsa", "-traditional", "2048"]).output().context("openssl")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

fn signing(pem: &str) -> Result<CoreRsaPrivateSigningKey> {
    let id = Some(JsonWebKeyId::new("tests".to_owned()));
    CoreRsaPrivateSigningKey::from_pem(pem, id).map_err(|error| anyhow::anyhow!("{error}"))
}

impl Issuer {
    /// An issuer that signs in `username`.
    pub async fn new(username: &str, now: DateTime<Utc>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let says = Says {
            username: username.to_owned(),
            audience: CLIENT.0.to_owned(),
            at: now,
            nonce: true,
            forged: false,
        };
        let (says, codes) = (Mutex::new(says), Mutex::default());
        let inner = Arc::new(Inner { url, key: key()?, other: key()?, says, codes });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(inner.clone());
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the issuer of a test ended");
            }
        });
        Ok(Self { inner, server })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// What it says from now on.
    pub fn says(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.inner.says.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

async fn discovery(State(issuer): State<Arc<Inner>>) -> Json<Value> {
    let url = &issuer.url;
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

async fn keys(State(issuer): State<Arc<Inner>>) -> Result<Json<Value>, StatusCode> {
    let key = signing(&issuer.key).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let set = CoreJsonWebKeySet::new(vec![key.as_verification_key()]);
    serde_json::to_value(set).map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// The person agrees at once.
async fn authorize(
    State(issuer): State<Arc<Inner>>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let field = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let is_right = field("response_type") == "code"
        && field("client_id") == CLIENT.0
        && field("code_challenge_method") == "S256"
        && field("scope").split(' ').any(|scope| scope == "openid");
    if !is_right {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let code = uuid::Uuid::from_u128(rand::random()).to_string();
    let (redirect, state) = (field("redirect_uri"), field("state"));
    let kept =
        Asked { challenge: field("code_challenge"), nonce: field("nonce"), redirect: redirect.clone() };
    issuer.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(code.clone(), kept);
    Redirect::to(&format!("{redirect}?code={code}&state={state}")).into_response()
}

/// A code is good once, for the one who can show the verifier.
async fn token(State(issuer): State<Arc<Inner>>, Form(form): Form<HashMap<String, String>>) -> Response {
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let asked = issuer.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(&field("code"));
    let Some(asked) = asked else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    let shown = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(field("code_verifier")));
    if shown.as_str() != asked.challenge || field("redirect_uri") != asked.redirect {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    }
    match id_token(&issuer, &asked) {
        Ok(token) => {
            Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": token })).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn id_token(issuer: &Inner, asked: &Asked) -> Result<Value> {
    let says = issuer.says.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let standard = StandardClaims::<CoreGenderClaim>::new(SubjectIdentifier::new("100001".to_owned()))
        .set_preferred_username(Some(EndUserUsername::new(says.username.clone())));
    let audience = vec![Audience::new(says.audience.clone())];
    let url = IssuerUrl::new(issuer.url.clone())?;
    let until = says.at + TimeDelta::minutes(5);
    let claims = CoreIdTokenClaims::new(url, audience, until, says.at, standard, EmptyAdditionalClaims {})
        .set_nonce(says.nonce.then(|| Nonce::new(asked.nonce.clone())));
    let key = signing(if says.forged { &issuer.other } else { &issuer.key })?;
    let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
    Ok(serde_json::to_value(CoreIdToken::new(claims, &key, algorithm, None, None)?)?)
}
