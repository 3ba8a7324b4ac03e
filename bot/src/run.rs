//! The bot as a service: introduces itself to Telegram, waits to lead, then polls (or takes webhook calls) and sends until it stops.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use crm::config::Config;
use crm::domain::lang::Lang;
use crm::service::Service;
use crm::store::Db;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::context::Settings;
use crate::desk;
use crate::flows;
use crate::handler::Handler;
use crate::leader::Leader;
use crate::outbox::{Outlet, Sender};
use crate::poller::Poller;
use crate::telegram::{ALLOWED_UPDATES, Api, ApiError};
use crate::webhook::Webhook;

/// How often the desk group is looked at.
const LOOK_AT_DESK: Duration = Duration::from_mins(5);

/// A bot that is ready to run.
pub struct Bot {
    api: Api,
    db: Db,
    service: Service,
    settings: Arc<Settings>,
    id: i64,
    config: Config,
}

impl Bot {
    /// Checks the token with Telegram and prepares everything else. Waits while Telegram cannot be reached; fails if it says no.
    pub async fn prepare(config: Config, db: Db, service: Service) -> anyhow::Result<Self> {
        let token = config.telegram.token.clone().context(
            "no token: put the one from @BotFather into KOMEK_TELEGRAM_TOKEN, or into komek.toml as [telegram] token",
        )?;
        let id = Api::bot_id(&token).context("KOMEK_TELEGRAM_TOKEN does not look like 123456:ABC…")?;
        let api = Api::new(&config.telegram.api_url, &token)?;
        let me = introduce(&api).await?;
        let bot_username = me["username"].as_str().unwrap_or_default().to_owned();
        let settings = Settings {
            desk_chat: config.telegram.desk_chat,
            desk_language: config.telegram.desk_language,
            bot_username,
            support: config.support.clone(),
            key: Arc::new(crm::seal::bot_key(&token)),
            address: config.web.address(),
        };
        if settings.desk_chat.is_none() {
            tracing::warn!(
                "no desk group: add the bot to the engineers' group, send /desk there, and set KOMEK_TELEGRAM_DESK_CHAT"
            );
        }
        Ok(Self { api, db, service, settings: Arc::new(settings), id, config })
    }

    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let leader = Leader::new(self.db.clone(), self.service.clone(), self.id, crm::process::name("bot"));
        let webhook = self.webhook_server(&stop).await?;
        while !stop.is_cancelled() && leader.wait(&stop).await {
            self.tell_key().await;
            self.lead(&leader, &stop).await;
        }
        if let Some(server) = webhook {
            server.await??;
        }
        Ok(())
    }

    /// Polls and sends while this process leads.
    async fn lead(&self, leader: &Leader, stop: &CancellationToken) {
        let working = stop.child_token();
        let (sender, outlet) = Sender::new(
            self.api.clone(),
            self.db.clone(),
            self.service.clone(),
            self.settings.clone(),
            self.config.telegram.limits,
        );
        let handler = |claims| {
            Handler::new(self.service.clone(), self.settings.clone(), self.db.clone(), self.id, claims)
        };
        // Before the first card: whether there are topics decides where it goes. But not at the price of the leader's beat.
        let look = look_at_desk(&self.api, &self.db, &self.service, &self.settings);
        match tokio::time::timeout(Duration::from_secs(2), look).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the desk group could not be looked at"),
            Err(_) => tracing::warn!("the desk group could not be looked at: Telegram does not answer"),
        }
        let (api, db, service) = (self.api.clone(), self.db.clone(), self.service.clone());
        let watching = tokio::spawn(watch_desk(api, db, service, self.settings.clone(), working.clone()));
        let sending = tokio::spawn(sender.run(working.clone()));
        // None of this may keep the leader from its beat, however long Telegram takes to answer.
        tokio::spawn(working.clone().run_until_cancelled_owned(menus(
            self.api.clone(),
            self.db.clone(),
            self.settings.clone(),
        )));
        let fetching =
            crate::files::run(self.api.clone(), self.db.clone(), self.service.clone(), working.clone());
        tokio::spawn(working.clone().run_until_cancelled_owned(fetching));
        let intake = if let Some(webhook) = self.webhook_call() {
            tokio::spawn(working.clone().run_until_cancelled_owned(set_webhook(self.api.clone(), webhook)));
            tokio::spawn(work_off(handler(true), self.db.clone(), outlet, working.clone()))
        } else {
            let poller = Poller::new(
                self.api.clone(),
                self.db.clone(),
                self.service.clone(),
                (handler(true), handler(false)),
                outlet,
                self.id,
            );
            tokio::spawn(poller.run(working.clone()))
        };
        tracing::info!(desk = ?self.settings.desk_chat, "the bot @{} is at work", self.settings.bot_username);
        leader.hold(stop).await;
        working.cancel();
        for task in [intake, sending, watching] {
            if let Err(error) = task.await {
                tracing::error!(%error, "a part of the bot broke down");
            }
        }
    }

    /// The parameters of setWebhook; none if the bot polls.
    fn webhook_call(&self) -> Option<Value> {
        let url = self.config.telegram.webhook_url.as_ref()?;
        let secret = self.config.telegram.webhook_secret.as_ref().map(|s| s.expose_secret().to_owned());
        Some(json!({ "url": url, "secret_token": secret, "allowed_updates": ALLOWED_UPDATES }))
    }

    /// Tells the provisioner for whom to close the tokens of one-time links.
    async fn tell_key(&self) {
        let tell = async {
            let mut tx = self.db.begin().await?;
            tx.bot_key_save(&self.settings.key.public(), self.service.now()).await?;
            tx.commit().await
        };
        if let Err(error) = tell.await {
            tracing::error!(%error, "the bot's key cannot be told: no one-time links until the next start");
        }
    }

    async fn webhook_server(
        &self,
        stop: &CancellationToken,
    ) -> anyhow::Result<Option<tokio::task::JoinHandle<anyhow::Result<()>>>> {
        if self.config.telegram.webhook_url.is_none() {
            return Ok(None);
        }
        let secret: SecretString =
            self.config.telegram.webhook_secret.clone().filter(|s| is_secret(s.expose_secret())).context(
                "a webhook needs KOMEK_TELEGRAM_WEBHOOK_SECRET (1 to 256 of A-Z, a-z, 0-9, _ and -): without it anybody could forge updates",
            )?;
        let router = Webhook::new(self.db.clone(), self.service.clone(), self.id, secret).router();
        let listen = self.config.telegram.webhook_listen;
        // Taken here and not in the task: a bot that Telegram cannot reach must not look as if it were at work.
        let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| {
            format!("cannot listen for the webhook on {listen}: choose another address with KOMEK_TELEGRAM_WEBHOOK_LISTEN")
        })?;
        let stop = stop.clone();
        Ok(Some(tokio::spawn(async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await?;
            Ok(())
        })))
    }
}

/// Handles what webhook calls have stored.
async fn work_off(handler: Handler, db: Db, outlet: Outlet, stop: CancellationToken) {
    let mut wakeups = db.wakeups();
    while !stop.is_cancelled() {
        outlet.known().await;
        match handler.work_off().await {
            Ok(left) => outlet.hand_over(left),
            Err(error) => tracing::error!(%error, "updates cannot be handled; trying again"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = wakeups.changed(Duration::from_secs(1)) => {}
        }
    }
}

/// What Telegram takes as a webhook's secret.
fn is_secret(text: &str) -> bool {
    (1..=256).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// Tells Telegram where updates go, until it has heard: without it nothing comes.
async fn set_webhook(api: Api, params: Value) {
    let mut pause = Duration::from_secs(1);
    loop {
        match api.ask("setWebhook", &params).await {
            Ok(_) => return,
            Err(error @ (ApiError::Passing(_) | ApiError::RetryAfter(_))) => {
                tracing::warn!(%error, "the webhook could not be set; trying again in {pause:?}");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_mins(1));
            }
            Err(error) => {
                tracing::error!(
                    %error,
                    "the webhook is refused and no updates come: correct KOMEK_TELEGRAM_WEBHOOK_URL, or remove it to poll"
                );
                return;
            }
        }
    }
}

/// getMe, until Telegram can be reached.
async fn introduce(api: &Api) -> anyhow::Result<Value> {
    let mut pause = Duration::from_millis(250);
    loop {
        match api.ask("getMe", &json!({})).await {
            Ok(me) => return Ok(me),
            Err(error @ (ApiError::Passing(_) | ApiError::RetryAfter(_))) => {
                tracing::warn!(%error, "Telegram cannot be reached; trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(10));
            }
            // Telegram knows no method of a bot whose token has no proper form; other servers may have no such path.
            Err(ApiError::NoMethod) => anyhow::bail!(
                "404 from the Bot API server: check KOMEK_TELEGRAM_TOKEN (@BotFather shows it) and KOMEK_TELEGRAM_API_URL"
            ),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The command menus: everybody's in every language, staff's in their own. A server that cannot show them is no reason to stop.
async fn menus(api: Api, db: Db, settings: Arc<Settings>) {
    let mut calls = Vec::new();
    for lang in Lang::ALL {
        let commands: Vec<Value> = flows::commands(*lang)
            .into_iter()
            .map(|(command, description)| json!({ "command": command, "description": description }))
            .collect();
        if *lang == Lang::default() {
            // For apps in any other language.
            calls.push(json!({ "commands": commands }));
        }
        calls.push(json!({ "commands": commands, "language_code": lang.as_str() }));
    }
    match desk_menus(&db, &settings).await {
        Ok(more) => calls.extend(more),
        Err(error) => tracing::warn!(%error, "the menus of staff could not be made"),
    }
    for params in calls {
        match api.ask("setMyCommands", &params).await {
            Ok(_) => {}
            // Somebody has not started the bot yet; his menu is set when he does.
            Err(error @ (ApiError::Refused(_) | ApiError::Forbidden(_))) if params["scope"].is_object() => {
                tracing::debug!(%error, "a menu could not be set");
            }
            Err(error) => {
                tracing::warn!(%error, "the command menus could not be set; the bot works without them");
                return;
            }
        }
    }
}

async fn desk_menus(db: &Db, settings: &Settings) -> Result<Vec<Value>, crm::store::StoreError> {
    let mut tx = db.read().await?;
    let mut calls = Vec::new();
    if let Some(chat) = desk::place::chat(&mut tx, settings).await? {
        calls.push(desk::menus::of_group(chat, settings.desk_language).params);
    }
    for staff in tx.staff_all().await? {
        let Some(chat) = staff.telegram else { continue };
        let lang = tx.person_fetch(chat).await?.chosen.unwrap_or(staff.language);
        calls.push(desk::menus::of_staff(&staff, chat, lang).params);
    }
    Ok(calls)
}

/// Looks every few minutes whether the desk group has topics. The group's settings may be changed at any time.
async fn watch_desk(api: Api, db: Db, service: Service, settings: Arc<Settings>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        if let Err(error) = look_at_desk(&api, &db, &service, &settings).await {
            tracing::warn!(%error, "the desk group could not be looked at");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_AT_DESK) => {}
        }
    }
}

async fn look_at_desk(api: &Api, db: &Db, service: &Service, settings: &Settings) -> anyhow::Result<()> {
    let chat = desk::place::chat(&mut db.read().await?, settings).await?;
    let Some(chat) = chat else { return Ok(()) };
    let seen = api.ask("getChat", &json!({ "chat_id": chat })).await?;
    let topics = seen["is_forum"].as_bool().unwrap_or(false);
    let mut tx = db.begin().await?;
    if desk::place::observed(&mut tx, chat, topics, service.now()).await? {
        tracing::info!(
            chat,
            topics,
            "the desk group was looked at: cards go to {}",
            if topics { "topics" } else { "the group itself" }
        );
        tx.commit().await?;
    }
    Ok(())
}
