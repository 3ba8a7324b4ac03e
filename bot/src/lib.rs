//! The Telegram dialogue bot.
//!
//! - [`update`]: what came, read from the raw JSON.
//! - [`handler`]: from raw updates to committed changes.
//! - [`schema`]: which conversation an update belongs to.
//! - [`flows`]: the customers' conversations; [`desk`]: the engineers'.
//! - [`wording`]: from a meaning in the outbox to words; [`notices`]: what customers are told; [`secret_link`]: how a
//!   secret reaches one of them.
//! - [`view`], [`view_ticket`], [`view_notice`]: what customers' messages are made of.
//! - [`context`], [`say`]: what a conversation works with, and what is said; [`picture`]: pictures that are drawn when they are sent.

pub mod context;
pub mod desk;
pub mod files;
pub mod flows;
pub mod handler;
mod later;
pub mod leader;
pub mod limits;
pub mod notices;
pub mod outbox;
pub mod outcome;
pub mod picture;
pub mod poller;
pub mod queue;
pub mod run;
pub mod say;
pub mod schema;
pub mod secret_link;
pub mod telegram;
pub mod trouble;
pub mod update;
pub mod view;
pub mod view_notice;
pub mod view_ticket;
pub mod webhook;
pub mod wording;
