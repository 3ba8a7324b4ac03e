//! The sandbox's executable: see `sandbox::Cli`.

use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match sandbox::run(sandbox::Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line with its causes: where in the program it happened says nothing to whoever starts a demo.
            eprintln!("komek-sandbox: {error:#}");
            ExitCode::FAILURE
        }
    }
}
