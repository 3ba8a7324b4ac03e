//! getUpdates: waits until there is something, the time is up, or another poller takes over.

use crate::error::{ApiError, conflict, unauthorized};
use crate::hub::Hub;
use crate::methods::{Answer, allowed_updates};
use crate::params::Params;
use crate::world::World;
use serde_json::Value;
use std::time::Duration;

const OTHER: &str = "terminated by other getUpdates request; make sure that only one bot instance is running";
const WEBHOOK: &str =
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

/// Longer waits are shortened, as Telegram does.
const LONGEST_SECONDS: i64 = 50;

pub(super) async fn get_updates(hub: &Hub, bot: i64, params: &Params) -> Answer {
    let allowed = allowed_updates(params)?;
    let limit = params.int("limit").filter(|n| (1..=100).contains(n)).unwrap_or(100);
    let limit = usize::try_from(limit).unwrap_or(100);
    let wait = params.int("timeout").unwrap_or(0).clamp(0, LONGEST_SECONDS);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(wait.unsigned_abs());
    // Before looking, so that no change is missed between the look and the wait.
    let mut changes = hub.subscribe();
    let generation = hub.with(|world| begin(world, bot, params.int("offset").unwrap_or(0), allowed))?;
    loop {
        let updates = hub.with(|world| look(world, bot, generation, limit))?;
        if !updates.is_empty() || tokio::time::Instant::now() >= deadline {
            return Ok(Value::Array(updates));
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = tokio::time::sleep_until(deadline) => {}
        }
    }
}

/// Takes over from any other poller and confirms what the offset confirms.
fn begin(world: &mut World, bot_id: i64, offset: i64, allowed: Option<Vec<String>>) -> Result<u64, ApiError> {
    let bot = world.bots.get_mut(&bot_id).ok_or_else(unauthorized)?;
    if bot.webhook.is_some() {
        return Err(conflict(WEBHOOK));
    }
    bot.poll_generation += 1;
    let generation = bot.poll_generation;
    let changed = allowed.is_some() && bot.allowed_updates != allowed;
    if changed {
        bot.allowed_updates = allowed;
    }
    if offset != 0 {
        world.confirm(bot_id, offset);
    }
    // Also wakes the poller that was replaced.
    world.touch(crate::world::Touched::Bot(bot_id));
    Ok(generation)
}

fn look(world: &World, bot_id: i64, generation: u64, limit: usize) -> Result<Vec<Value>, ApiError> {
    let bot = world.bots.get(&bot_id).ok_or_else(unauthorized)?;
    if bot.webhook.is_some() {
        return Err(conflict("terminated by setWebhook request"));
    }
    if bot.poll_generation != generation {
        return Err(conflict(OTHER));
    }
    Ok(world.pending(bot_id, limit))
}
