//! Komek's library: what a ticket is, how it is stored, how it changes. The three services build on it.
//!
//! - [`domain`]: the rules, pure.
//! - [`policy`]: the contract as data files.
//! - [`store`]: the only SQL.
//! - [`service`]: the one way to change a ticket.
//! - [`seal`]: secrets lie in the database closed.
//! - [`worker`]: SLA clocks and pages.
//! - [`web`]: the web console.
//! - [`clock`]: the only place that reads the time.

pub mod admin;
pub mod api;
pub mod canned;
pub mod clock;
pub mod courtesy;
#[macro_use]
pub mod domain;
pub mod config;
pub mod credits;
pub mod directory;
pub mod http;
pub mod incidents;
pub mod input;
pub mod intake;
pub mod letters;
pub mod mail;
pub mod news;
pub mod once;
pub mod paper;
pub mod plan_text;
pub mod policy;
pub mod process;
pub mod reports;
pub mod roster;
pub mod seal;
pub mod service;
pub mod startup;
pub mod step_up;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod trial;
pub mod wanted;
pub mod web;
pub mod webhooks;
pub mod worker;
