//! The `komek-crm` binary as its users meet it: each test runs it in a folder of its own on a SQLite file of its own.

mod access;
mod audit;
mod credits;
mod directory;
mod engines;
mod policy;
mod serve;
mod world;
