//! The demo as `make demo` starts it: one program, which starts the three services; driven by the sandbox's control API, as people would.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::console::Browser;
use crate::services::{Programs, Running, free_port};
use crate::town::number_in;

/// The engineers' group.
pub const DESK: &str = "-1001000000001";
/// Customers of the demo, and two of its engineers.
pub const AIGERIM: i64 = 200_001;
/// See [`AIGERIM`].
pub const SERGEY: i64 = 200_002;
/// See [`AIGERIM`].
pub const EMMA: i64 = 200_003;
/// Engineers who may approve, in the order in which they do.
pub const ENGINEERS: [i64; 2] = [100_001, 100_002];
/// So long a step of the story may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running demo; it ends with the value.
pub struct Demo {
    running: Running,
    http: Client,
    page: String,
    /// The crm's address.
    pub web: String,
    /// What it writes: the database, the logs.
    pub folder: TempDir,
    /// The programs, as the administrator of this demo starts them.
    pub programs: Programs,
}

impl Demo {
    /// Starts it in a folder of its own; `None` where the programs were not built (see [`crate::lab`]).
    pub async fn start() -> Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        let Some(programs) = Programs::new(folder.path(), &[])? else { return Ok(None) };
        let (page, web) = (free_port()?, free_port()?);
        let zones = concat!(env!("CARGO_MANIFEST_DIR"), "/../provisioner/demo");
        let (page_at, web_at) = (format!("127.0.0.1:{page}"), format!("127.0.0.1:{web}"));
        let arguments = ["demo", "--dir", "demo", "--zones", zones, "--page", &page_at, "--web", &web_at];
        let running = programs.start("komek-sandbox", &arguments)?;
        let (page, web) = (format!("http://{page_at}/sandbox/api"), format!("http://{web_at}"));
        let programs =
            programs.with("KOMEK_DATABASE_URL", "sqlite://demo/komek.db").with("KOMEK_WEB_LISTEN", &web_at);
        let demo = Self { running, http: Client::new(), page, web, folder, programs };
        demo.running.says("Komek is running", PATIENCE).await?;
        Ok(Some(demo))
    }

    /// Starts `make demo-real`'s script in a folder of its own; `None` where the machine lacks what it needs.
    pub async fn real() -> Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        let Some(programs) = Programs::new(folder.path(), &[])? else { return Ok(None) };
        let (page, web) = (format!("127.0.0.1:{}", free_port()?), format!("127.0.0.1:{}", free_port()?));
        let beside = programs.beside().to_string_lossy().into_owned();
        let running = programs
            .with("KOMEK_DEMO_REAL_DIR", &folder.path().to_string_lossy())
            .with("KOMEK_DEMO_BIN", &beside)
            .with("KOMEK_DEMO_PAGE", &page)
            .with("KOMEK_DEMO_WEB", &web)
            .start_script("scripts/demo-real.sh")?;
        let (page, web) = (format!("http://{page}/sandbox/api"), format!("http://{web}"));
        let database = format!("sqlite://{}", folder.path().join("komek/komek.db").display());
        let programs = programs.with("KOMEK_DATABASE_URL", &database);
        let demo = Self { running, http: Client::new(), page, web, folder, programs };
        // Keystone, Nova and a control plane come up, and two guests boot.
        demo.running.says("Komek is running", Duration::from_mins(6)).await?;
        Ok(Some(demo))
    }

    /// What it has said on the terminal.
    pub fn said(&self) -> String {
        self.running.logged()
    }

    /// Asks it to stop, as Ctrl-C does, and waits for it.
    pub fn stop(mut self) -> String {
        self.running.end(Duration::from_mins(1));
        self.running.logged()
    }

    /// Asks the control API.
    async fn ask(&self, path: &str) -> Result<Value> {
        Ok(self.http.get(format!("{}{path}", self.page)).send().await?.error_for_status()?.json().await?)
    }

    async fn act(&self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.http.post(format!("{}{path}", self.page)).json(body).send().await?;
        let status = answer.status();
        let said: Value = answer.json().await?;
        ensure!(status.is_success(), "{path}: {status} {said}");
        Ok(said)
    }

    /// Taps the invitation that stands on a customer's phone, and waits for the menu.
    pub async fn join(&self, person: i64) -> Result<()> {
        let people = self.ask("/people").await?;
        let me = people.as_array().into_iter().flatten().find(|p| p["id"] == person);
        let link = me.and_then(|p| p["link"].as_str()).context("an invitation")?;
        let code = link.rsplit_once("start=").context("a code")?.1;
        self.act(&format!("/people/{person}/chats/bot/start"), &json!({ "code": code })).await?;
        self.button(person, "bot", ":quota").await.map(drop)
    }

    /// Somebody writes into a chat.
    pub async fn say(&self, person: i64, text: &str) -> Result<()> {
        let path = format!("/people/{person}/chats/bot/send");
        self.act(&path, &json!({ "text": text })).await.map(drop)
    }

    /// A chat's messages, the oldest first.
    pub async fn messages(&self, person: i64, chat: &str) -> Result<Vec<Value>> {
        let seen = self.ask(&format!("/people/{person}/chats/{chat}/messages")).await?;
        Ok(seen.as_array().cloned().unwrap_or_default())
    }

    /// Waits until `found` finds something among a chat's messages, the newest first.
    pub async fn until<T>(
        &self,
        person: i64,
        chat: &str,
        what: &str,
        found: impl Fn(&Value) -> Option<T>,
    ) -> Result<T> {
        let begun = Instant::now();
        loop {
            let messages = self.messages(person, chat).await?;
            if let Some(it) = messages.iter().rev().find_map(&found) {
                return Ok(it);
            }
            if begun.elapsed() > PATIENCE {
                let texts: Vec<&str> = messages.iter().filter_map(|m| m["text"].as_str()).collect();
                bail!("{person} in {chat} never saw {what}; there is:\n{}", texts.join("\n---\n"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits for a button whose data holds `part`: the message, and the whole data.
    pub async fn button(&self, person: i64, chat: &str, part: &str) -> Result<(i64, String)> {
        self.until(person, chat, part, |message| {
            let data =
                buttons(message).find_map(|b| b["callback_data"].as_str().filter(|d| d.contains(part)))?;
            Some((message["message_id"].as_i64()?, data.to_owned()))
        })
        .await
    }

    /// Waits for a button whose data holds `part`, and presses it.
    pub async fn press(&self, person: i64, chat: &str, part: &str) -> Result<()> {
        let (message_id, data) = self.button(person, chat, part).await?;
        let body = json!({ "message_id": message_id, "data": data });
        self.act(&format!("/people/{person}/chats/{chat}/press"), &body).await.map(drop)
    }

    /// A customer's newest ticket, once a message names one that is not among `known`.
    pub async fn ticket(&self, person: i64) -> Result<String> {
        self.until(person, "bot", "a ticket's number", |m| number_in(m["text"].as_str()?)).await
    }

    /// His next one after `known`, as it is acknowledged with the promised time: what a colleague asked for may be told him too.
    pub async fn next_ticket(&self, person: i64, known: &str) -> Result<String> {
        let fresh = |m: &Value| {
            let text = m["text"].as_str().filter(|text| text.contains('⏱'))?;
            number_in(text).filter(|number| number.as_str() > known)
        };
        self.until(person, "bot", "another ticket's number", fresh).await
    }

    /// The engineers approve what waits for a ticket, as many as are asked.
    pub async fn approve(&self, ticket: &str, engineers: usize) -> Result<()> {
        let number = ticket.trim_start_matches("KM-").trim_start_matches('0');
        for engineer in &ENGINEERS[..engineers] {
            self.press(*engineer, DESK, &format!("d:y:{number}:")).await?;
        }
        Ok(())
    }

    /// A browser in which a member of the desk is signed in.
    pub async fn browser(&self, staff: &str) -> Result<Browser> {
        let link = self.programs.run("komek-crm", &["login", staff]).await?.well()?;
        Browser::of(&self.web)?.enter(link.trim()).await
    }

    /// Everything the services have logged.
    pub fn logs(&self) -> Result<String> {
        let mut all = String::new();
        for entry in std::fs::read_dir(self.folder.path().join("demo"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "log") {
                all.push_str(&std::fs::read_to_string(&path)?);
            }
        }
        Ok(all)
    }

    /// What a page of the crm shows, and its status.
    pub async fn web(&self, method: reqwest::Method, url: &str) -> Result<(u16, String)> {
        let answer = self.http.request(method, url).header("Accept-Language", "en").send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It stops its services in order; killed, it would leave them behind.
        self.running.end(Duration::from_secs(40));
    }
}

/// All inline buttons of a message.
pub fn buttons(message: &Value) -> impl Iterator<Item = &Value> {
    let rows = message["reply_markup"]["inline_keyboard"].as_array();
    rows.into_iter().flatten().filter_map(Value::as_array).flatten()
}
