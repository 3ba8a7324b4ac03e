//! What watches Komek: promtool reads the alert rules, their tests and the page of figures; the dashboard asks only for figures there are.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use crm::http::{Health, router};
use crm::policy::PolicyBook;
use crm::telemetry;
use komek_tests::engine::{Engine, TestDb};
use komek_tests::lab::absent;

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

/// promtool, or a word of where it is missing.
fn promtool(args: &[&str], input: &str) -> Result<Option<String>> {
    let spawned = Command::new("promtool")
        .args(args)
        .current_dir(deploy().join("prometheus"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return absent("promtool", &format!("{error}; apt install prometheus")),
    };
    child.stdin.take().context("piped")?.write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "promtool {args:?}: {said}");
    Ok(Some(said.into_owned()))
}

#[test]
fn the_alert_rules_are_sound_and_do_what_they_say() -> Result<()> {
    promtool(&["check", "rules", "komek.rules.yml"], "")?;
    promtool(&["test", "rules", "komek.rules.test.yml"], "")?;
    Ok(())
}

#[tokio::test]
async fn the_page_of_figures_reads_and_everything_asked_of_it_is_there() -> Result<()> {
    let handle = telemetry::figures()?;
    // Every figure of DESIGN 6 once, as the services record them.
    metrics::counter!("komek_updates_total", "kind" => "message").increment(1);
    metrics::counter!("komek_tickets_opened_total", "kind" => "question").increment(1);
    metrics::counter!("komek_sla_breaches_total", "target" => "resolution").increment(1);
    metrics::counter!("komek_mails_total", "outcome" => "opened").increment(1);
    metrics::counter!("komek_mail_failures_total", "way" => "out").increment(1);
    metrics::counter!("komek_webhook_attempts_total", "outcome" => "failed").increment(1);
    metrics::gauge!("komek_inbox_lag_seconds").set(0.5);
    metrics::histogram!("komek_timer_lateness_seconds").record(0.1);
    metrics::histogram!("komek_action_seconds", "kind" => "vm", "outcome" => "done").record(3.0);
    let Some(test) = TestDb::new(Engine::Sqlite).await? else { return Ok(()) };
    let policies = std::sync::Arc::new(PolicyBook::shipped()?);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let health = Health { db: test.db.clone(), policies, figures: handle };
    tokio::spawn(async move { axum::serve(listener, router(health)).await });
    let page = reqwest::get(format!("http://{address}/metrics")).await?.error_for_status()?.text().await?;
    let Some(said) = promtool(&["check", "metrics"], &page)? else { return Ok(()) };
    assert_eq!(said.trim(), "", "promtool has nothing to say");

    let there: BTreeSet<&str> =
        page.lines().filter_map(|l| l.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let rules = std::fs::read_to_string(deploy().join("prometheus/komek.rules.yml"))?;
    let dashboard = std::fs::read_to_string(deploy().join("grafana/komek.json"))?;
    let parsed: serde_json::Value = serde_json::from_str(&dashboard)?;
    let panels = parsed["panels"].as_array().context("panels")?;
    assert!(panels.len() >= 14);
    for panel in panels {
        assert!(panel["description"].as_str().is_some_and(|d| d.len() > 20), "what does it mean? {panel}");
    }
    for text in [rules, dashboard] {
        for name in
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|w| w.starts_with("komek_"))
        {
            let plain =
                ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            assert!(there.contains(plain), "{name} is asked for, but not on the page: {there:?}");
        }
    }
    Ok(())
}
