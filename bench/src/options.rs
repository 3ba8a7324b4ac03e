//! Options that every benchmark has.

use std::path::PathBuf;

use clap::Args;

use crate::database::Engine;

/// Where things are; `run.sh` says it.
#[derive(Debug, Clone, Args)]
pub struct Places {
    /// Where databases and logs go
    #[arg(long, value_parser = absolute)]
    pub work: PathBuf,
    /// Where Komek's programs are
    #[arg(long, value_parser = absolute)]
    pub programs: PathBuf,
}

/// The programs that are started work elsewhere.
fn absolute(path: &str) -> std::io::Result<PathBuf> {
    std::path::absolute(path)
}

/// Several engines, in turns.
#[derive(Debug, Clone, Args)]
pub struct Engines {
    /// On which engines
    #[arg(long, value_enum, value_delimiter = ',', default_value = "sqlite,postgres")]
    pub engines: Vec<Engine>,
}
