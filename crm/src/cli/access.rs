//! `invite`, `login` and `token create`.

use std::process::ExitCode;

use chrono::TimeDelta;
use crm::admin::{self, TokenScope};
use crm::clock::{Clock, SystemClock};
use crm::domain::actor::Actor;
use crm::domain::ids::{ContactId, StaffId};
use crm::domain::person::Role;

use super::open;

/// Reads `--valid`: `7d`, `12h`.
pub fn valid_for(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("«{text}» is no length of time up to a year; write one such as 7d or 12h");
    let length = humantime::parse_duration(text).map_err(|_| wrong())?;
    let length = TimeDelta::from_std(length).map_err(|_| wrong())?;
    if length > TimeDelta::zero() && length <= TimeDelta::days(366) { Ok(length) } else { Err(wrong()) }
}

/// Prints the link for the contact; its code is the last word.
pub async fn invite(contact: &str, valid: TimeDelta) -> anyhow::Result<ExitCode> {
    let config = open::config()?;
    let db = open::ready_database(&config).await?;
    let code =
        admin::invite(&db, SystemClock.now(), &ContactId::from(contact), valid, Actor::Operator).await?;
    db.close().await;
    match &config.telegram.bot_username {
        Some(bot) => println!("https://t.me/{}?start={code} {code}", bot.trim_start_matches('@')),
        None => println!("/start {code}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the link with which a staff member signs in to the web console.
pub async fn login(staff: &str) -> anyhow::Result<ExitCode> {
    let config = open::config()?;
    let db = open::ready_database(&config).await?;
    let mut tx = db.begin().await?;
    let (web, staff) = (config.web.address(), StaffId::from(staff));
    let link = admin::login_link(&mut tx, &web, &staff, Actor::Operator, SystemClock.now()).await?;
    tx.commit().await?;
    db.close().await;
    println!("{link}");
    Ok(ExitCode::SUCCESS)
}

/// Prints a new token, and nothing else.
pub async fn token(name: &str, role: Role, scope: &TokenScope) -> anyhow::Result<ExitCode> {
    let config = open::config()?;
    let db = open::ready_database(&config).await?;
    let token = admin::token_create_for(&db, &SystemClock, (name, role), scope, Actor::Operator).await?;
    db.close().await;
    println!("{token}");
    Ok(ExitCode::SUCCESS)
}
