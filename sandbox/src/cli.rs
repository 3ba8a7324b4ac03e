//! The command line.

use crate::client::{Config, Sandbox};
use crate::worldfile::WorldFile;
use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// A Telegram Bot API server for one machine.
#[derive(Debug, Parser)]
#[command(name = "komek-sandbox", version, about, long_about = LONG)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const LONG: &str = "A Telegram Bot API server for one machine: a stand-in for Telegram alone. Point a bot's API \
address at it, open its page, and act as the people. Nothing leaves the machine.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the Bot API, the control API and the page.
    Serve(Serve),
    /// Runs the whole of Komek on this machine: the sandbox and the three real services, with demo customers.
    Demo(crate::demo::Demo),
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

/// The options of `serve`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Where to listen; port 0 picks a free one. Loopback only, unless --allow-remote is given.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081", env = "KOMEK_SANDBOX_LISTEN")]
    pub listen: SocketAddr,
    /// A folder that keeps chats, files and waiting updates; a second start goes on from there. Without it,
    /// everything is in memory.
    #[arg(long, value_name = "FOLDER", env = "KOMEK_SANDBOX_STATE")]
    pub state: Option<PathBuf>,
    /// The bots, people and groups to begin with (see sandbox/README.md). Without it, a small built-in world with
    /// the bot token 100000:SANDBOX.
    #[arg(long, value_name = "FILE.toml", env = "KOMEK_SANDBOX_WORLD")]
    pub world: Option<PathBuf>,
    /// Telegram's rate limits: 1 message a second per chat, 20 a minute per group, 30 a second overall.
    #[arg(long, value_enum, default_value = "on", env = "KOMEK_SANDBOX_LIMITS")]
    pub limits: Switch,
    /// Allow an address that others can reach. There are no passwords here: whoever reaches the page can act as
    /// anybody.
    #[arg(long)]
    pub allow_remote: bool,
}

impl Serve {
    /// Starts the sandbox as these options say.
    pub async fn start(self) -> anyhow::Result<Sandbox> {
        if !self.listen.ip().is_loopback() && !self.allow_remote {
            anyhow::bail!("{} is not a loopback address; --allow-remote permits it", self.listen);
        }
        let world = match &self.world {
            Some(path) => WorldFile::read(path)?,
            None => WorldFile::built_in(),
        };
        let limits = self.limits == Switch::On;
        let config = Config { listen: self.listen, state: self.state, limits, ..Config::default() };
        let sandbox =
            Sandbox::start(config).await.with_context(|| format!("listening on {}", self.listen))?;
        sandbox.with(|w| world.apply(w))?;
        Ok(sandbox)
    }
}

/// Runs what the command line says.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Demo(demo) => demo.run().await,
        Command::Serve(serve) => {
            let sandbox = serve.start().await?;
            tracing::info!(url = %sandbox.url(), "the sandbox is ready: this is the bots' API address and the page");
            stopped().await?;
            sandbox.stop().await;
            Ok(())
        }
    }
}

/// Waits for Ctrl-C or a polite kill.
async fn stopped() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[tokio::test]
    async fn other_machines_are_not_served_by_default() {
        let cli = Cli::parse_from(["komek-sandbox", "serve", "--listen", "0.0.0.0:0"]);
        let Command::Serve(serve) = cli.command else { panic!("serve") };
        let refusal = serve.start().await.err().map(|error| error.to_string());
        assert_eq!(
            refusal.as_deref(),
            Some("0.0.0.0:0 is not a loopback address; --allow-remote permits it")
        );
    }
}
