//! The store's contract: every public method of `Tx` and `Db`, called on both engines.

mod access;
mod ahead;
mod api;
mod bindings;
mod claims;
mod complete;
mod credits;
mod desk;
mod directory;
mod events;
mod mail;
mod moments;
mod probes;
mod queues;
mod reports;
mod sample;
mod schema;
mod secrets;
mod step_up;
mod tickets;
mod web;
mod webhooks;
