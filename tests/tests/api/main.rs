//! `/api/v1` over real HTTP, on both engines: what programs may do, and what they are told when they may not.

mod alerts;
mod calls;
mod credits;
mod histories;
mod incidents;
mod once;
mod reports;
mod roles;
mod schemathesis;
mod tickets;
mod webhooks;
