//! Systems in memory that behave as the real ones do, for drills in which every call fails once.

mod links;
mod machine;

pub use machine::{Fake, Trouble, World};
