//! An API that listens, and a client for it.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use crm::admin::{TokenScope, token_create_for};
use crm::api::{Api, router};
use crm::domain::actor::Actor;
use crm::domain::person::Role;
use crm::intake::alerts::AlertRules;
use crm::webhooks::WebhookConfig;
use komek_tests::desk::Desk;
use komek_tests::engine::Engine;
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body, JSON.
    pub body: Value,
}

impl Answer {
    /// The status as a number.
    pub fn code(&self) -> u16 {
        self.status.as_u16()
    }

    /// The number of the ticket that came back.
    pub fn number(&self) -> &str {
        self.body["number"].as_str().unwrap_or_else(|| panic!("a ticket: {self:?}"))
    }

    /// Fails unless it is a problem document of this status that says what to do.
    #[track_caller]
    pub fn problem(&self, status: u16) -> &str {
        assert_eq!(self.code(), status, "{self:?}");
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert!(self.body["type"].as_str().is_some_and(|t| t.starts_with("urn:komek:problem:")), "{self:?}");
        self.body["detail"].as_str().filter(|d| d.len() > 15).expect("says what to do")
    }
}

/// A desk with its API on a port of its own.
pub struct Calls {
    /// The desk behind it.
    pub desk: Desk,
    address: String,
    http: reqwest::Client,
    names: AtomicU32,
}

impl Calls {
    /// An API without tight limits; `None` without the engine.
    pub async fn new(engine: Engine) -> Result<Option<Self>> {
        Self::limited(engine, (100_000, 100_000)).await
    }

    /// One with these limits.
    pub async fn limited(engine: Engine, limits: (u32, u32)) -> Result<Option<Self>> {
        Self::with(engine, limits, WebhookConfig::default()).await
    }

    /// One with webhooks.
    pub async fn with_webhooks(engine: Engine, webhooks: WebhookConfig) -> Result<Option<Self>> {
        Self::with(engine, (100_000, 100_000), webhooks).await
    }

    async fn with(engine: Engine, limits: (u32, u32), webhooks: WebhookConfig) -> Result<Option<Self>> {
        let Some(desk) = Desk::new(engine).await? else { return Ok(None) };
        let api = Api::new(desk.service.clone(), desk.test.db.clone(), limits, AlertRules::default())
            .with_webhooks(webhooks);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        tokio::spawn(async move { axum::serve(listener, router(api)).await });
        Ok(Some(Self { desk, address, http: reqwest::Client::new(), names: AtomicU32::new(0) }))
    }

    /// Where it listens, `http://127.0.0.1:…`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A token of a role.
    pub async fn token(&self, role: Role) -> Result<String> {
        self.token_for(role, TokenScope::default()).await
    }

    /// A token of a role, within a scope.
    pub async fn token_for(&self, role: Role, scope: TokenScope) -> Result<String> {
        let name = format!("t{}", self.names.fetch_add(1, Ordering::Relaxed));
        let clock = self.desk.service.clock();
        Ok(token_create_for(&self.desk.test.db, &**clock, (&name, role), &scope, Actor::Operator).await?)
    }

    /// A token of a member of the desk.
    pub async fn token_of(&self, staff: &str) -> Result<String> {
        self.token_for(Role::Auditor, TokenScope { staff: Some(staff.into()), customer: None }).await
    }

    /// A token limited to a customer.
    pub async fn token_of_customer(&self, customer: &str) -> Result<String> {
        self.token_for(Role::Engineer, TokenScope { staff: None, customer: Some(customer.into()) }).await
    }

    /// A request that is made by hand.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.address))
    }

    /// Sends a request and reads the answer.
    pub async fn send(request: reqwest::RequestBuilder) -> Result<Answer> {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await?;
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).context(text)? };
        Ok(Answer { status, headers, body })
    }

    /// `GET /api/v1/…`
    pub async fn get(&self, token: &str, path: &str) -> Result<Answer> {
        Self::send(self.request(Method::GET, &format!("/api/v1/{path}")).bearer_auth(token)).await
    }

    /// `POST /api/v1/…`
    pub async fn post(&self, token: &str, path: &str, body: &Value) -> Result<Answer> {
        let request = self.request(Method::POST, &format!("/api/v1/{path}"));
        Self::send(request.bearer_auth(token).json(body)).await
    }

    /// The same under an idempotency key.
    pub async fn post_once(&self, token: &str, key: &str, path: &str, body: &Value) -> Result<Answer> {
        let request = self.request(Method::POST, &format!("/api/v1/{path}")).header("Idempotency-Key", key);
        Self::send(request.bearer_auth(token).json(body)).await
    }
}
