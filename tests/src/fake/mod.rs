//! Systems in memory that behave as the real ones do, for drills in which every call fails once.

mod cabinet;
mod cluster;
mod links;
mod machine;

pub use cabinet::{Books, FakeCabinet};
pub use cluster::{FakeCluster, Held};
pub use machine::{Fake, Trouble, World};
