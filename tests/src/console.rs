//! The web console on a desk of the tests, and browsers that sign in to it.

use anyhow::{Context, Result};
use crm::admin;
use crm::clock::Clock;
use crm::config::{Oidc, Support};
use crm::directory::Staff;
use crm::domain::actor::Actor;
use crm::domain::ids::StaffId;
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::web::Web;
use reqwest::header::{CONTENT_TYPE, COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::desk::Desk;
use crate::engine::Engine;

/// Somebody of each role.
pub const PEOPLE: [(&str, Role); 5] = [
    ("nurlan", Role::Engineer),
    ("marat", Role::DutyManager),
    ("gulnar", Role::Manager),
    ("askar", Role::Administrator),
    ("timur", Role::Auditor),
];

/// A console that listens on this machine.
pub struct Console {
    /// The desk behind it.
    pub desk: Desk,
    /// Its address, without a slash at the end.
    pub url: String,
    server: JoinHandle<()>,
}

impl Drop for Console {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Answer {
    /// Where it sends the browser.
    pub fn to(&self) -> &str {
        self.headers.get(LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }
}

/// A browser; it follows no redirect and keeps what cookies it is given.
#[derive(Debug, Clone)]
pub struct Browser {
    client: reqwest::Client,
    url: String,
    /// What it would send as its cookies.
    pub cookies: String,
}

impl Console {
    /// A console on a fresh desk with somebody of each role; `None` without the engine.
    pub async fn new(engine: Engine) -> Result<Option<Self>> {
        let Some(desk) = Desk::new(engine).await? else { return Ok(None) };
        Ok(Some(Self::on(desk, None).await?))
    }

    /// A console on this desk, with somebody of each role; staff may also sign in through an issuer.
    pub async fn on(desk: Desk, oidc: Option<Oidc>) -> Result<Self> {
        let mut tx = desk.test.db.begin().await?;
        let stored = tx.directory_load().await?;
        let mut wanted = stored.clone();
        for (id, role) in PEOPLE {
            if wanted.staff.iter().all(|s| s.id.as_str() != id) {
                let name = match id {
                    "gulnar" => "Гүлнар",
                    _ => "Асқар",
                };
                let (id, name) = (StaffId::from(id), name.to_owned());
                wanted.staff.push(Staff {
                    id,
                    name,
                    role,
                    queues: vec![],
                    telegram: None,
                    language: Lang::En,
                });
            }
        }
        tx.directory_save(&stored, &wanted, desk.clock.now()).await?;
        tx.commit().await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let support = Support { phone: "+7 747 507 3022".to_owned(), provider: "PRO DATA".to_owned() };
        let web = Web::new(desk.test.db.clone(), desk.service.clone(), url.parse()?, support, oidc);
        let router = web.router();
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the console of a test ended");
            }
        });
        Ok(Self { desk, url, server })
    }

    /// A browser that nobody has signed in with.
    pub fn stranger(&self) -> Result<Browser> {
        Browser::of(&self.url)
    }

    /// A fresh sign-in link of somebody.
    pub async fn link(&self, staff: &str) -> Result<String> {
        let mut tx = self.desk.test.db.begin().await?;
        let (url, staff) = (self.url.parse()?, StaffId::from(staff));
        let link = admin::login_link(&mut tx, &url, &staff, Actor::Operator, self.desk.clock.now()).await?;
        tx.commit().await?;
        Ok(link)
    }

    /// A browser in which somebody is signed in; the pages are English.
    pub async fn browser(&self, staff: &str) -> Result<Browser> {
        let link = self.link(staff).await?;
        Browser::of(&self.url)?.enter(&link).await
    }
}

impl Browser {
    /// A browser before a console, in which nobody has signed in; the pages are English.
    pub fn of(url: &str) -> Result<Self> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { client, url: url.to_owned(), cookies: "komek_lang=en".to_owned() })
    }

    /// Signs in with a link of this console.
    pub async fn enter(mut self, link: &str) -> Result<Self> {
        let path = link.strip_prefix(&self.url).context("a link of this console")?;
        let answer = self.send(path, "next=/queue").await?;
        anyhow::ensure!(answer.status == 303 && answer.to() == "/queue", "{answer:?}");
        self.keep(&answer)?;
        Ok(self)
    }

    /// Closes a month with the sums that the question before it shows.
    pub async fn close_month(&self, month: &str) -> Result<Answer> {
        let question = self.get(&format!("/credits/{month}/close")).await?.body;
        let sums = question.split("name=\"sums\" value=\"").nth(1).and_then(|s| s.split('"').next());
        let sums = sums.with_context(|| question.clone())?;
        self.post("/credits", &[("do", "close"), ("period", month), ("sums", sums)]).await
    }

    /// A deed of the page of incidents, as its form sends it.
    pub async fn incident(&self, fields: &[(&str, &str)]) -> Result<Answer> {
        let once = uuid::Uuid::from_u128(rand::random()).to_string();
        let mut all = vec![("once", once.as_str())];
        all.extend_from_slice(fields);
        self.post("/incidents", &all).await
    }

    /// Keeps a cookie that was given.
    pub fn keep(&mut self, answer: &Answer) -> Result<()> {
        for cookie in answer.headers.get_all(SET_COOKIE) {
            let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
            self.cookies = format!("{}; {pair}", self.cookies);
        }
        Ok(())
    }

    async fn read(&self, request: reqwest::RequestBuilder) -> Result<Answer> {
        let response = request.header(COOKIE, &self.cookies).send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let is_stream = headers.get("content-type").is_some_and(|k| k.as_bytes().starts_with(b"text/event"));
        let body = if is_stream { String::new() } else { response.text().await? };
        Ok(Answer { status, headers, body })
    }

    /// Opens a page.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.read(self.client.get(format!("{}{path}", self.url))).await
    }

    /// Fetches a part of a page, as htmx does.
    pub async fn part(&self, path: &str) -> Result<Answer> {
        self.read(self.client.get(format!("{}{path}", self.url)).header("hx-request", "true")).await
    }

    /// How many bytes a page or an asset takes on its way, compressed as browsers ask for it.
    pub async fn weight(&self, path: &str) -> Result<usize> {
        let request = self.client.get(format!("{}{path}", self.url)).header(COOKIE, &self.cookies);
        let response = request.header("accept-encoding", "gzip").send().await?.error_for_status()?;
        Ok(response.bytes().await?.len())
    }

    /// A file as it is handed out: what it is said to be, and its bytes.
    pub async fn file(&self, path: &str) -> Result<(String, Vec<u8>)> {
        let request = self.client.get(format!("{}{path}", self.url)).header(COOKIE, &self.cookies);
        let response = request.send().await?.error_for_status()?;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        Ok((kind.to_owned(), response.bytes().await?.to_vec()))
    }

    /// Sends a body as a form would, with nothing added.
    pub async fn send(&self, path: &str, body: &str) -> Result<Answer> {
        let request = self
            .client
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.to_owned());
        self.read(request).await
    }

    /// The token that this session's forms bring.
    pub async fn csrf(&self) -> Result<String> {
        let page = self.get("/sessions").await?.body;
        let at = page.find("name=\"csrf\" value=\"").context("a form")? + 19;
        let end = page[at..].find('"').context("its end")?;
        Ok(page[at..at + end].to_owned())
    }

    /// Fills in a form and sends it.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let csrf = self.csrf().await?;
        let mut body = reqwest::Url::parse("http://form/")?;
        body.query_pairs_mut().append_pair("csrf", &csrf).extend_pairs(fields);
        self.send(path, body.query().unwrap_or_default()).await
    }

    /// A command on a ticket, as its page sends it.
    pub async fn command(&self, number: &str, what: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let once = uuid::Uuid::from_u128(rand::random()).to_string();
        let mut all = vec![("do", what), ("once", once.as_str())];
        all.extend_from_slice(fields);
        self.post(&format!("/tickets/{number}"), &all).await
    }
}
