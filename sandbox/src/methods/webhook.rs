//! Setting a webhook. Deliveries themselves are in `http/deliver.rs`.

use super::{Answer, Call};
use crate::error::{ApiError, bad_request};
use crate::model::Webhook;
use crate::params::Params;
use serde_json::{Value, json};

/// Reads `allowed_updates`: absent leaves the setting, an empty list means Telegram's default.
pub(crate) fn allowed_updates(params: &Params) -> Result<Option<Vec<String>>, ApiError> {
    let Some(list) = params.json("allowed_updates")? else { return Ok(None) };
    let list =
        list.as_array().ok_or_else(|| bad_request("can't parse allowed updates: expected an Array"))?;
    Ok(Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect()))
}

/// Loopback hosts alone: the sandbox never sends anything to another machine.
fn check_url(raw: &str) -> Result<(), ApiError> {
    let bad = |why: &str| bad_request(format!("bad webhook: {why}"));
    let url = url::Url::parse(raw).map_err(|_| bad("invalid URL specified"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("HTTPS URL must be provided for webhook"));
    }
    let loopback = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    };
    if loopback { Ok(()) } else { Err(bad("the sandbox delivers to loopback addresses alone")) }
}

pub(super) fn set(call: &mut Call<'_>) -> Answer {
    let url = call.params.text("url").unwrap_or_default();
    if url.is_empty() {
        return delete(call);
    }
    check_url(&url)?;
    let secret = call.params.text("secret_token").filter(|secret| !secret.is_empty());
    let good =
        |s: &String| s.len() <= 256 && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    if secret.as_ref().is_some_and(|secret| !good(secret)) {
        return Err(bad_request("secret token contains unallowed characters"));
    }
    let allowed = allowed_updates(call.params)?;
    let connections = call.params.int("max_connections").unwrap_or(40).clamp(1, 100);
    let (drop_pending, bot_id) = (call.params.flag("drop_pending_updates"), call.bot);
    let bot = call.me_mut()?;
    if let Some(allowed) = allowed {
        bot.allowed_updates = Some(allowed);
    }
    // A getUpdates call that waits is told to go, and an older delivery loop ends.
    bot.poll_generation += 1;
    bot.webhook = Some(Webhook {
        url,
        secret,
        max_connections: usize::try_from(connections).unwrap_or(40),
        last_error_date: None,
        last_error_message: None,
        generation: bot.poll_generation,
    });
    if drop_pending {
        call.world.drop_pending(bot_id);
    }
    Ok(true.into())
}

pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    call.me_mut()?.webhook = None;
    if call.params.flag("drop_pending_updates") {
        call.world.drop_pending(call.bot);
    }
    Ok(true.into())
}

pub(super) fn info(call: &mut Call<'_>) -> Answer {
    let bot = call.me()?;
    let mut info = json!({
        "url": bot.webhook.as_ref().map_or("", |hook| hook.url.as_str()),
        "has_custom_certificate": false,
        "pending_update_count": bot.queue.len(),
    });
    if let Some(hook) = &bot.webhook {
        info["max_connections"] = hook.max_connections.into();
        info["ip_address"] = "127.0.0.1".into();
        if let Some(date) = hook.last_error_date {
            info["last_error_date"] = date.into();
            info["last_error_message"] = hook.last_error_message.clone().into();
        }
    }
    if let Some(allowed) = bot.allowed_updates.as_ref().filter(|kinds| !kinds.is_empty()) {
        info["allowed_updates"] = allowed.clone().into();
    }
    Ok(info)
}
