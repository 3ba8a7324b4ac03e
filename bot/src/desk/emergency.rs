//! `/emergency`: a longer first-reply promise while something large is broken (T8). Customers who ask meanwhile are told so.

use crm::service::{Emergency, ServiceError};
use crm::t;

use super::place;
use super::reply::answer;
use crate::context::{Context, Result};
use crate::say::{Say, escape};
use crate::update::Written;

/// `/emergency`, `/emergency on REASON`, `/emergency off`.
pub async fn command(ctx: &Context, written: &Written) -> Result<()> {
    let rest = written.text.split_once(char::is_whitespace).map_or("", |(_, rest)| rest.trim());
    let (verb, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let on = match verb.to_lowercase().as_str() {
        "on" => true,
        "off" => false,
        _ => return standing(ctx, written, true).await,
    };
    let Some(actor) = ctx.staff_actor() else { return Ok(()) };
    let reason = reason.trim();
    // Whoever reads the audit, and the customers, must know why.
    if on && reason.is_empty() {
        answer(ctx, written, &t!(ctx.lang, "desk-emergency-how")).await;
        return Ok(());
    }
    let before = ctx.work().await.tx.setting::<Emergency>("emergency").await?.unwrap_or_default().on;
    let switched = {
        let mut work = ctx.work().await;
        let reason: String = reason.chars().take(300).collect();
        ctx.service.emergency(&mut work.tx, on, reason, &actor).await
    };
    match switched {
        Ok(()) => {}
        Err(ServiceError::Refused(_)) => {
            answer(ctx, written, &t!(ctx.lang, "desk-emergency-forbidden")).await;
            return Ok(());
        }
        Err(error) => return Err(error),
    }
    standing(ctx, written, false).await?;
    let desk = place::chat(&mut ctx.work().await.tx, &ctx.settings).await?;
    if let Some(desk) = desk.filter(|desk| *desk != ctx.incoming.chat && before != on) {
        let lang = super::lang(&ctx.settings);
        let name = ctx.person.staff.as_ref().map_or("", |s| s.name.as_str());
        let key = if on { "desk-emergency-told-on" } else { "desk-emergency-told-off" };
        let text = t!(lang, key, name = escape(name), reason = escape(reason));
        ctx.queue(desk, Say::html(text).send(desk, 0)).await;
    }
    Ok(())
}

async fn standing(ctx: &Context, written: &Written, how: bool) -> Result<()> {
    let emergency = ctx.work().await.tx.setting::<Emergency>("emergency").await?.unwrap_or_default();
    let mut text = if emergency.on {
        t!(ctx.lang, "desk-emergency-on", reason = escape(&emergency.reason))
    } else {
        t!(ctx.lang, "desk-emergency-off")
    };
    if how {
        text.push('\n');
        text.push_str(&t!(ctx.lang, "desk-emergency-how"));
    }
    answer(ctx, written, &text).await;
    Ok(())
}
