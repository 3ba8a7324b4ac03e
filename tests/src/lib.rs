//! What the integration tests share.

pub mod engine;
pub mod lab;
