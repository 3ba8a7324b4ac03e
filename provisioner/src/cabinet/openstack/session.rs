//! Signed-in requests to OpenStack's services: tokens are fetched when needed, kept in memory, and fetched anew when they expire.

use std::collections::HashMap;
use std::time::Duration;

use crm::config::CabinetConfig;
use reqwest::{Client, Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::trouble;
use crate::system::{SystemError, Trouble};

/// Whose rights a request uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Scope {
    /// The role on the customers' domain: accounts, limits.
    Customers,
    /// The role on the provisioner's own project: Nova asks for one.
    Project,
}

/// A token, and where the services are.
#[derive(Clone)]
struct Signed {
    token: SecretString,
    catalog: Value,
    /// The scope's domain.
    domain: Option<String>,
}

/// The provisioner's account in OpenStack.
pub(super) struct Session {
    http: Client,
    pub(super) identity: String,
    compute: Option<String>,
    pub(super) region: Option<String>,
    user: String,
    password: SecretString,
    user_domain: String,
    project: String,
    customers: String,
    signed: Mutex<HashMap<Scope, Signed>>,
}

impl Session {
    pub(super) fn new(config: &CabinetConfig) -> anyhow::Result<Self> {
        let need = |key: &str| {
            anyhow::anyhow!(
                "the Cabinet on OpenStack needs [cabinet] {key} (KOMEK_CABINET_{})",
                key.to_uppercase()
            )
        };
        let address = |url: &url::Url| url.as_str().trim_end_matches('/').to_owned();
        let patience = Duration::from_secs(config.timeout_seconds);
        // No connection is kept: many OpenStacks stand behind a server that closes it without a word, and a request would be lost.
        let http = Client::builder().timeout(patience).connect_timeout(patience).pool_max_idle_per_host(0);
        Ok(Self {
            http: http.build()?,
            identity: config.keystone_url.as_ref().map(address).ok_or_else(|| need("keystone_url"))?,
            compute: config.nova_url.as_ref().map(address),
            region: config.region.clone(),
            user: config.user.clone().ok_or_else(|| need("user"))?,
            password: config.password.clone().ok_or_else(|| need("password"))?,
            user_domain: config.user_domain.clone(),
            project: config.project.clone(),
            customers: config.customers_domain.clone(),
            signed: Mutex::default(),
        })
    }

    /// One request to Keystone (`/users/…`), signed in; with an answer in JSON.
    pub(super) async fn identity(
        &self,
        during: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, SystemError> {
        let url = format!("{}{path}", self.identity);
        self.request(during, Scope::Customers, method, &url, body).await
    }

    /// One request to Nova (`/os-quota-sets/…`).
    pub(super) async fn compute(
        &self,
        during: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, SystemError> {
        let base = match &self.compute {
            Some(base) => base.clone(),
            None => {
                let catalog = self.sign_in(during, Scope::Project).await?.catalog;
                address(&catalog, "compute", self.region.as_deref()).ok_or_else(|| {
                    trouble(
                        Trouble::Unsupported,
                        during,
                        "Keystone's catalogue has no public compute service; name it in [cabinet] nova_url",
                    )
                })?
            }
        };
        self.request(during, Scope::Project, method, &format!("{base}{path}"), body).await
    }

    /// The id of the customers' domain.
    pub(super) async fn domain(&self, during: &str) -> Result<String, SystemError> {
        let domain = self.sign_in(during, Scope::Customers).await?.domain;
        domain.ok_or_else(|| trouble(Trouble::Failed, during, "Keystone's token names no domain"))
    }

    /// The id of a project of the customers' domain.
    pub(super) async fn project_id(&self, project: &str, during: &str) -> Result<String, SystemError> {
        self.find("projects", project, during).await.map(|p| text(&p["id"]))
    }

    /// What has this name in the customers' domain.
    pub(super) async fn find(&self, what: &str, name: &str, during: &str) -> Result<Value, SystemError> {
        let domain = self.domain(during).await?;
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("name", name)
            .append_pair("domain_id", &domain)
            .finish();
        let found = self.identity(during, Method::GET, &format!("/{what}?{query}"), None).await?;
        let first = found[what].as_array().and_then(|all| all.first().cloned());
        first.ok_or_else(|| {
            let text = format!("{name} is not among the {what} of the domain {}", self.customers);
            trouble(Trouble::Missing, during, text)
        })
    }

    /// A request, and once more with a new token if the old one has expired.
    async fn request(
        &self,
        during: &str,
        scope: Scope,
        method: Method,
        url: &str,
        body: Option<&Value>,
    ) -> Result<Value, SystemError> {
        for fresh in [false, true] {
            if fresh {
                self.signed.lock().await.remove(&scope);
            }
            let signed = self.sign_in(during, scope).await?;
            let mut request =
                self.http.request(method.clone(), url).header("X-Auth-Token", signed.token.expose_secret());
            if let Some(body) = body {
                request = request.json(body);
            }
            let answer = request.send().await.map_err(|e| lost(during, &e))?;
            if answer.status() == StatusCode::UNAUTHORIZED && !fresh {
                continue;
            }
            return read(during, answer).await;
        }
        Err(trouble(Trouble::Unauthenticated, during, "a new token is refused as well"))
    }

    async fn sign_in(&self, during: &str, scope: Scope) -> Result<Signed, SystemError> {
        let mut signed = self.signed.lock().await;
        if let Some(known) = signed.get(&scope) {
            return Ok(known.clone());
        }
        let scoped = match scope {
            Scope::Customers => json!({ "domain": { "name": self.customers } }),
            Scope::Project => {
                json!({ "project": { "name": self.project, "domain": { "name": self.user_domain } } })
            }
        };
        let body = json!({ "auth": { "scope": scoped, "identity": { "methods": ["password"], "password": { "user": {
            "name": self.user, "password": self.password.expose_secret(), "domain": { "name": self.user_domain } } } } } });
        let answer = self.post_token(during, &body).await?;
        let token = answer.headers().get("x-subject-token").and_then(|t| t.to_str().ok());
        let token = token.map(|t| SecretString::from(t.to_owned()));
        let body = read(during, answer).await?;
        let token =
            token.ok_or_else(|| trouble(Trouble::Failed, during, "Keystone's answer has no token"))?;
        let domain = body["token"]["domain"]["id"].as_str().map(str::to_owned);
        let new = Signed { token, catalog: body["token"]["catalog"].clone(), domain };
        signed.insert(scope, new.clone());
        Ok(new)
    }

    /// Asks Keystone for a token; a refusal is an answer too.
    pub(super) async fn post_token(
        &self,
        during: &str,
        body: &Value,
    ) -> Result<reqwest::Response, SystemError> {
        let url = format!("{}/auth/tokens", self.identity);
        self.http.post(url).json(body).send().await.map_err(|e| lost(during, &e))
    }

    /// Ends a token that is not needed.
    pub(super) async fn end_token(&self, token: &SecretString) {
        let request = self.http.delete(format!("{}/auth/tokens", self.identity));
        let ended = request
            .header("X-Auth-Token", token.expose_secret())
            .header("X-Subject-Token", token.expose_secret())
            .send()
            .await;
        if let Err(error) = ended {
            tracing::warn!(%error, "a token of a trial login could not be ended; it ends by itself");
        }
    }
}

/// Where a service of the catalogue is.
fn address(catalog: &Value, service: &str, region: Option<&str>) -> Option<String> {
    let entry = catalog.as_array()?.iter().find(|s| s["type"] == service)?;
    let endpoint = entry["endpoints"].as_array()?.iter().find(|e| {
        e["interface"] == "public" && region.is_none_or(|r| e["region_id"] == r || e["region"] == r)
    })?;
    Some(endpoint["url"].as_str()?.trim_end_matches('/').to_owned())
}

/// An error of the connection. The address alone is told: a body may hold a password.
fn lost(during: &str, error: &reqwest::Error) -> SystemError {
    let kind = if error.is_connect() { Trouble::Unreachable } else { Trouble::Lost };
    let what = if error.is_timeout() { "no answer in time" } else { "the connection failed" };
    trouble(kind, during, format!("{what}: {}", error.url().map_or("", url::Url::as_str)))
}

/// The answer in JSON, or what its status means with OpenStack's own words.
pub(super) async fn read(during: &str, answer: reqwest::Response) -> Result<Value, SystemError> {
    let status = answer.status();
    let body = answer.text().await.map_err(|e| lost(during, &e))?;
    let json: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
    if status.is_success() {
        return Ok(json);
    }
    let said = message(&json).unwrap_or_else(|| status.to_string());
    let kind = match status.as_u16() {
        401 => Trouble::Unauthenticated,
        403 => Trouble::Forbidden,
        404 => Trouble::Missing,
        409 => Trouble::Conflict,
        400 | 413 | 422 => Trouble::Refused,
        // A locked database is a 500 of Keystone's.
        429 | 500..=599 => Trouble::Busy,
        _ => Trouble::Failed,
    };
    Err(trouble(kind, during, format!("{}: {said}", status.as_u16())))
}

/// Keystone says `error.message`, Nova says `badRequest.message`.
fn message(json: &Value) -> Option<String> {
    let first = json.as_object()?.values().next()?;
    first["message"].as_str().map(str::to_owned)
}

/// A string of an answer.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
