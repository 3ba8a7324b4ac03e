//! The web console over HTTP: who may come in and do what, working a ticket, and everything hostile.

mod ask;
mod credits;
mod files;
mod hostile;
mod intervals;
mod oidc;
mod phone;
mod rights;
mod roster;
mod sign_in;
mod work;
