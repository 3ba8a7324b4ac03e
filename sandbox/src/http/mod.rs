//! The HTTP side: the Bot API, file downloads, webhooks out, the control API and the page.

mod body;
mod bot_api;
mod control;
mod deliver;
mod page;
mod poll;
mod server;
mod stream;

pub(crate) use control::sample_voice;
pub use server::{Server, serve};
