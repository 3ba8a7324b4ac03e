//! A Telegram Bot API server for one machine, a stand-in for Telegram alone: bots written for Telegram run on it
//! unmodified, tests and a web page act as the people. README.md says how to use it.
//!
//! `model` is what is remembered, `world` the only code that changes it, `methods` the Bot API on top of it,
//! `http` the network, `client` the sandbox inside a test, `demo` the whole of Komek on one machine.

mod cli;
mod client;
mod clock;
mod demo;
mod error;
mod faults;
mod files;
mod http;
mod hub;
mod journal;
mod limits;
mod methods;
mod model;
mod params;
mod text;
mod world;
mod worldfile;

pub use cli::{Cli, Serve, run};
pub use client::{BotAccount, Config, Phone, Press, Sandbox, Seen};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::ApiError;
pub use faults::{FaultKind, FaultSpec};
pub use files::MediaKind;
pub use limits::LimitRules;
pub use model::{
    Author, Bot, Chat, ChatKey, ChatKind, MemberStatus, Message, Object, Person, StoredFile, Topic, Words,
};
pub use world::{ActError, Answer, CallRecord, Draft, Event, EventKind, GroupSpec, Payload, Pressed, World};
pub use worldfile::{BotSpec, PageWords, WorldFile};
