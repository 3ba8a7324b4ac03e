//! `komek-bot` as it is shipped, at a stub of Telegram.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::database::Fresh;
use crate::process::Running;
use crate::stub::{Stub, TOKEN};

/// Starts it on `database`, with Telegram's sending limits or without; it asks for updates when this returns. Its log is `NAME.log` in
/// `work`.
pub async fn start(
    stub: &Stub,
    (database, limits): (&Fresh, bool),
    programs: &Path,
    work: &Path,
    name: &str,
) -> Result<Running> {
    let env = BTreeMap::from(
        [
            ("KOMEK_DATABASE_URL", database.url.clone()),
            ("KOMEK_TELEGRAM_API_URL", format!("http://{}", stub.address)),
            ("KOMEK_TELEGRAM_TOKEN", TOKEN.to_owned()),
            ("KOMEK_TELEGRAM_LIMITS", limits.to_string()),
        ]
        .map(|(key, value)| (key.to_owned(), value)),
    );
    let bot = [programs.join("komek-bot").display().to_string()];
    let mut running = Running::start(&bot, &env, &work.join(format!("{name}.log")), work)?;
    let begun = Instant::now();
    while stub.counts().first_poll.is_none() {
        ensure!(
            running.runs() && begun.elapsed() < Duration::from_secs(30),
            "the bot does not poll: see {name}.log"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(running)
}
