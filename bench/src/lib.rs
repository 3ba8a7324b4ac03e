//! What the benchmarks share: a Telegram for measuring, figures of other processes, percentiles, and databases.

pub mod database;
pub mod figures;
pub mod hypervisor;
pub mod load;
pub mod options;
pub mod people;
pub mod phones;
pub mod process;
pub mod seed;
pub mod shipped;
pub mod stub;
pub mod unlocks;
