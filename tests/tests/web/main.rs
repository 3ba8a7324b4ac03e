//! The web console over HTTP: who may come in and do what, working a ticket, and everything hostile.

mod credits;
mod hostile;
mod rights;
mod sign_in;
mod work;
