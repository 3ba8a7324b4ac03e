//! What a ticket is and what may happen to it: pure rules, no input or output, no clock, no database.
//!
//! [`ticket::Ticket::decide`] turns a command into events, [`ticket::Ticket::apply`] an event into the next state,
//! [`reactions`] an event into what others must hear or do. Everything else here serves these three.

#[macro_use]
mod words;

pub mod action;
pub mod actor;
pub mod audit;
pub mod cidr;
pub mod credit;
pub mod deadline;
pub mod decide;
pub mod downtime;
pub mod event;
pub mod form;
pub mod ids;
pub mod incident;
pub mod job;
pub mod kind;
pub mod lang;
pub mod person;
pub mod plan;
pub mod policy;
pub mod probe;
pub mod reactions;
pub mod refusal;
pub mod report;
pub mod rota;
pub mod search;
pub mod sla;
pub mod ticket;
pub mod told;
