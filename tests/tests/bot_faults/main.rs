//! The real `komek-bot` while things go wrong around it: with the sandbox's Telegram, and with a server that knows nothing of the sandbox.
//! Whatever the fault, what was written arrives, and who is not concerned does not wait.

mod chats;
mod network;
mod servers;
mod updates;

use std::time::Duration;

use anyhow::Result;
use komek_tests::engine::Engine;
use komek_tests::services::Running;
use komek_tests::town::Town;
use sandbox::{CallRecord, Seen};

/// Contact of Acme, reads Kazakh.
const AIGERIM: i64 = 200_001;
/// Contact of Birlik.
const BORIS: i64 = 200_002;
/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_mins(1);

/// A town with its bot at work; no other service is needed.
async fn town() -> Result<Option<(Town, Running)>> {
    let Some(town) = Town::new(Engine::Sqlite, "test:///default").await? else { return Ok(None) };
    let bot = town.start_bot().await?;
    Ok(Some((town, bot)))
}

/// The calls of a method for one chat.
fn calls_to(town: &Town, method: &str, chat: i64) -> Vec<CallRecord> {
    town.sandbox.calls(method).into_iter().filter(|call| call.params["chat_id"] == chat).collect()
}

/// How many messages of the bot contain this.
fn copies(messages: &[Seen], text: &str) -> usize {
    messages.iter().filter(|m| m.from == komek_tests::town::BOT && m.text.contains(text)).count()
}

/// Nothing that came in is waiting or was laid aside.
async fn all_handled(town: &Town) -> Result<()> {
    town.sandbox.wait_until_drained(komek_tests::town::BOT).await?;
    town.until("SELECT COUNT(*) FROM inbox WHERE done_at IS NULL", 0, LIMIT).await?;
    let failed = town.test.texts("SELECT error FROM inbox WHERE error IS NOT NULL").await?;
    anyhow::ensure!(failed.is_empty(), "{failed:#?}");
    anyhow::ensure!(town.count("SELECT COUNT(*) FROM inbox").await? == town.updates(), "not all are stored");
    Ok(())
}
