//! schemathesis, which was not written with this API, finds nothing wrong with it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use crm::domain::person::Role;
use komek_tests::engine::Engine;
use komek_tests::lab::absent;
use serde_json::json;

use crate::calls::Calls;

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing() -> Result<()> {
    let Some(api) = Calls::new(Engine::Sqlite).await? else { return Ok(()) };
    let token = api.token(Role::Engineer).await?;
    for n in 0..5 {
        let body = json!({ "kind": "question", "contact": "aigerim", "text": n.to_string() });
        assert_eq!(api.post(&token, "tickets", &body).await?.code(), 201);
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/schemathesis.sh");
    let (address, given) = (api.address().to_owned(), token.clone());
    let run = tokio::task::spawn_blocking(move || Command::new(script).args([&address, &given]).output());
    let output = run.await?.context("tests/clients/schemathesis.sh starts")?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(3) {
        absent::<()>("schemathesis", &said)?;
        return Ok(());
    }
    anyhow::ensure!(output.status.success(), "{said}");
    Ok(())
}
