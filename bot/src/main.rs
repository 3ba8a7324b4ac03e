//! `komek-bot`: holds the Telegram token and nothing else.

use std::sync::Arc;

use clap::Parser;
use crm::clock::SystemClock;
use crm::config::Config;
use crm::service::Service;
use crm::telemetry;
use tokio_util::sync::CancellationToken;

/// The bot turns JSON into rows and rows into JSON all day, in small pieces: with the system’s allocator that costs a fifth more CPU
/// (`bench/README.md`).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The Telegram bot of the Komek support desk.
///
/// Reads komek.toml (or the file KOMEK_CONFIG names) and the environment: KOMEK_TELEGRAM_TOKEN, KOMEK_TELEGRAM_DESK_CHAT,
/// KOMEK_DATABASE_URL and others; the README lists them. Several may run on one PostgreSQL database: one works, the others stand by.
#[derive(Parser)]
#[expect(clippy::doc_markdown, reason = "this is the text of --help")]
#[command(version)]
struct Cli {}

/// One thread drives everything that waits (databases and drawings have threads of their own): handing each of thousands of small steps
/// to the next free thread cost an eighth more CPU and won nothing (`bench/README.md`).
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let Cli {} = Cli::parse();
    let config = Config::load()?;
    telemetry::logging(&config.log)?;
    let figures = telemetry::figures()?;
    let (db, policies) = crm::startup::open(&config).await?;
    let service = Service::new(Arc::new(SystemClock), Arc::new(policies));
    if let Some(listen) = config.bot.listen {
        let db = db.clone();
        tokio::spawn(async move {
            if let Err(error) = telemetry::serve_health(listen, figures, db).await {
                tracing::error!(%error, "the health page cannot be served");
            }
        });
    }
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        telemetry::stop_signal().await;
        stopping.cancel();
    });
    let bot = tokio::select! {
        bot = bot::run::Bot::prepare(config, db.clone(), service) => Some(bot?),
        // Telegram may be out of reach for hours; who stops the bot meanwhile is not made to wait.
        () = stop.cancelled() => None,
    };
    if let Some(bot) = bot {
        bot.run(stop).await?;
    }
    db.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
