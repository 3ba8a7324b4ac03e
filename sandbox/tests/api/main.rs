//! The sandbox from outside: as a bot over HTTP, as people through the client and the control API.

mod basics;
mod bench;
mod control;
mod faults;
mod groups;
mod restart;
mod teloxide;
mod updates;
