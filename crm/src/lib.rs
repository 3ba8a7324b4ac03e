//! Komek's library: what a ticket is, how it is stored, how it changes. The three services build on it.
//!
//! - [`domain`]: the rules, pure.
//! - [`policy`]: the contract as data files.

pub mod clock;
#[macro_use]
pub mod domain;
pub mod store;
pub mod input;
pub mod policy;
