//! `broadcast`: tells customers of planned works or an outage.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use crm::admin::broadcast;
use crm::clock::SystemClock;
use crm::domain::actor::Actor;
use crm::store::{About, Audience, Bodies};

use super::open;

/// Queues it for everybody of the audience, or says whom it would reach.
pub async fn send(about: About, file: &Path, audience: Audience, dry_run: bool) -> anyhow::Result<ExitCode> {
    let text = open::text(file)?;
    let body: Bodies = toml::from_str(&text).with_context(|| {
        format!("{}: write the words as kk = \"…\", ru = \"…\", en = \"…\"", file.display())
    })?;
    let config = open::config()?;
    let db = open::ready_database(&config).await?;
    let mut tx = db.begin().await?;
    let known = tx.directory_load().await?;
    if let Some(zone) = &audience.zone {
        anyhow::ensure!(known.zones.iter().any(|z| z.id.as_str() == zone), "there is no zone «{zone}»");
    }
    if let Some(cluster) = &audience.cluster {
        anyhow::ensure!(
            known.clusters.iter().any(|c| c.id.as_str() == cluster),
            "there is no cluster «{cluster}»"
        );
    }
    if let Some(customer) = &audience.customer {
        anyhow::ensure!(
            known.customers.iter().any(|c| c.id.as_str() == customer),
            "there is no customer «{customer}»"
        );
    }
    if dry_run {
        let (reached, missed): (Vec<_>, Vec<_>) =
            tx.audience(&audience).await?.into_iter().partition(|r| r.chat.is_some());
        println!("it would go to {} chats", reached.len());
        for recipient in &missed {
            println!("not in Telegram: {}", recipient.customer);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let sent = broadcast::send(&mut tx, &SystemClock, (about, body, audience), &Actor::Operator).await?;
    tx.commit().await?;
    println!("queued for {} chats; the bot sends it", sent.chats);
    for customer in &sent.unreachable {
        println!("not in Telegram: {customer}");
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}
