//! Webhooks: updates are sent by POST, one chat's after each other, different chats' at the same time,
//! again and again until the bot says 2xx.

use super::bot_api;
use crate::hub::Hub;
use crate::model::{ChatKey, QueuedUpdate, Webhook};
use crate::params::Params;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long Telegram waits for a bot.
const ANSWER: Duration = Duration::from_mins(1);

/// Pauses before a repeated delivery: doubling, 1 s at most, so that tests and demos need no patience.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Delivers for all bots until it is cancelled.
pub(super) async fn run(hub: Arc<Hub>, stop: CancellationToken) {
    let client = reqwest::Client::builder().timeout(ANSWER).no_proxy().build();
    let Ok(client) = client.inspect_err(|error| tracing::error!(%error, "no webhooks")) else { return };
    let mut changes = hub.subscribe();
    let mut busy: HashSet<(i64, Option<ChatKey>)> = HashSet::new();
    let mut pauses: HashMap<(i64, Option<ChatKey>), Duration> = HashMap::new();
    let mut tasks: JoinSet<Done> = JoinSet::new();
    loop {
        for (bot, hook, update) in hub.with(|world| next(world, &busy)) {
            busy.insert((bot, update.chat));
            tasks.spawn(deliver(client.clone(), bot, hook, update));
        }
        tokio::select! {
            () = stop.cancelled() => return,
            _ = changes.changed() => {}
            Some(Ok(done)) = tasks.join_next() => {
                let key = (done.bot, done.chat);
                match done.outcome {
                    Outcome::Waited => { busy.remove(&key); }
                    Outcome::Taken(reply) => {
                        busy.remove(&key);
                        pauses.remove(&key);
                        hub.with(|world| world.delivered(done.bot, done.n));
                        if let Some((method, params)) = reply {
                            let _ = bot_api::execute(&hub, done.bot, &method, &params).await;
                        }
                    }
                    Outcome::Failed(why) => {
                        hub.with(|world| failed(world, done.bot, why));
                        let pause = pauses.entry(key).or_insert(FIRST_PAUSE);
                        let now = *pause;
                        *pause = (now * 2).min(LONGEST_PAUSE);
                        // The chat stays busy during the pause: nothing of it overtakes.
                        tasks.spawn(async move {
                            tokio::time::sleep(now).await;
                            Done { outcome: Outcome::Waited, ..done_of(key) }
                        });
                    }
                }
            }
        }
    }
}

struct Done {
    bot: i64,
    chat: Option<ChatKey>,
    n: u64,
    outcome: Outcome,
}

enum Outcome {
    /// 2xx, perhaps with a method to call in the body.
    Taken(Option<(String, Params)>),
    Failed(String),
    /// The pause after a failure is over.
    Waited,
}

fn done_of((bot, chat): (i64, Option<ChatKey>)) -> Done {
    Done { bot, chat, n: 0, outcome: Outcome::Waited }
}

/// The first update of each chat that is not busy, within each bot's number of connections.
fn next(
    world: &crate::world::World,
    busy: &HashSet<(i64, Option<ChatKey>)>,
) -> Vec<(i64, Webhook, QueuedUpdate)> {
    let mut found = Vec::new();
    for bot in world.bots.values() {
        let Some(hook) = &bot.webhook else { continue };
        let mut seen: HashSet<Option<ChatKey>> =
            busy.iter().filter(|(id, _)| *id == bot.id).map(|(_, chat)| *chat).collect();
        for update in &bot.queue {
            if seen.len() >= hook.max_connections {
                break;
            }
            if seen.insert(update.chat) {
                found.push((bot.id, hook.clone(), update.clone()));
            }
        }
    }
    found
}

fn failed(world: &mut crate::world::World, bot: i64, why: String) {
    let now = world.now();
    if let Some(hook) = world.bots.get_mut(&bot).and_then(|bot| bot.webhook.as_mut()) {
        hook.last_error_date = Some(now);
        hook.last_error_message = Some(why);
        world.touch(crate::world::Touched::Bot(bot));
    }
}

async fn deliver(client: reqwest::Client, bot: i64, hook: Webhook, update: QueuedUpdate) -> Done {
    let mut request = client.post(&hook.url).json(&update.json);
    if let Some(secret) = &hook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let outcome = match request.send().await {
        Err(error) if error.is_timeout() => Outcome::Failed("Read timeout expired".into()),
        Err(_) => Outcome::Failed("Connection refused".into()),
        Ok(response) if response.status().is_success() => {
            let reply = response.json::<Value>().await.ok();
            Outcome::Taken(reply.and_then(method_in))
        }
        Ok(response) => {
            let status = response.status();
            let reason = status.canonical_reason().unwrap_or_default();
            Outcome::Failed(format!("Wrong response from the webhook: {} {reason}", status.as_u16()))
        }
    };
    Done { bot, chat: update.chat, n: update.n, outcome }
}

/// A bot may answer an update with a method call.
fn method_in(reply: Value) -> Option<(String, Params)> {
    let Value::Object(mut fields) = reply else { return None };
    let method = fields.remove("method")?.as_str()?.to_owned();
    let mut params = Params::default();
    params.extend(fields);
    Some((method, params))
}
