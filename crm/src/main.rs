//! `komek-crm`: the crm service, and the command line of those who run the desk.

use std::process::ExitCode;

mod cli;

/// Reports and lists come and go on many threads: the system's allocator keeps a part of what was largest for each of them, a third more
/// memory in all (`bench/README.md`).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    cli::run().await
}
