//! `komek-crm`: the crm service, and the command line of those who run the desk.

use std::process::ExitCode;

mod cli;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run().await
}
