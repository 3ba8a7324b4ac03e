//! axe-core's judgement (WCAG 2.2 AA and its best practices) of a page that stands in the browser.

use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};
use komek_tests::chromium::Chromium;
use komek_tests::lab::absent;
use serde_json::Value;

/// The script, installed by a pinned version from npm; `None` where it cannot be (an error with `CI=true`).
pub fn script() -> Result<Option<&'static str>> {
    static SCRIPT: OnceLock<Result<String, String>> = OnceLock::new();
    let script = SCRIPT.get_or_init(|| {
        let install = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/axe.sh");
        let output = Command::new(install).output().map_err(|e| e.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() {
            return Err(said);
        }
        std::fs::read_to_string(&path).map_err(|e| format!("{path}: {e}"))
    });
    match script {
        Ok(script) => Ok(Some(script)),
        Err(why) => absent("axe-core", why),
    }
}

/// What is serious or critical on the present page, one line each.
pub async fn serious(browser: &Chromium, script: &str) -> Result<Vec<String>> {
    browser.client.execute(script, vec![]).await.context("axe is loaded")?;
    let found = browser
        .client
        .execute_async("const done = arguments[0]; axe.run(document).then((r) => done(r.violations), (e) => done(String(e)));", vec![])
        .await?;
    let found = found.as_array().with_context(|| format!("axe ran: {found}"))?;
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let grave = found.iter().filter(|v| matches!(v["impact"].as_str(), Some("serious" | "critical")));
    Ok(grave
        .map(|v| {
            let nodes = v["nodes"].as_array().map(Vec::as_slice).unwrap_or_default();
            let where_: Vec<String> = nodes.iter().map(|n| text(n, "html")).take(3).collect();
            format!("{}: {} {}", text(v, "id"), text(v, "help"), where_.join(" | "))
        })
        .collect())
}
