//! What the integration tests share.

pub mod chromium;
pub mod console;
pub mod demo;
pub mod desk;
pub mod engine;
pub mod fake;
pub mod issuer;
pub mod lab;
pub mod plain;
pub mod services;
pub mod town;
