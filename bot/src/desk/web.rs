//! `/web`: a one-time link to the web console, in private, to whoever of the desk asks.

use crm::admin::{self, AdminError};
use crm::domain::actor::Actor;
use crm::domain::refusal::Refusal;
use crm::service::ServiceError;
use crm::store::{Call, Staff};
use crm::t;
use serde_json::json;

use super::reply::answer;
use crate::context::{Context, Result};
use crate::update::{ChatKind, Written};

/// Makes the link and sends it. It goes past the outbox: a link that signs somebody in is stored nowhere, and after a crash he asks again.
pub async fn command(ctx: &Context, written: &Written, staff: &Staff) -> Result<()> {
    if ctx.incoming.chat_kind != ChatKind::Private {
        answer(ctx, written, &t!(ctx.lang, "desk-web-private")).await;
        return Ok(());
    }
    let actor = Actor::Staff { id: staff.id.clone(), role: staff.role };
    let link = {
        let tx = &mut ctx.work().await.tx;
        admin::login_link(tx, &ctx.settings.address, &staff.id, actor, ctx.now).await
    };
    let link = link.map_err(|error| match error {
        AdminError::Store(error) => ServiceError::Store(error),
        _ => ServiceError::Refused(Refusal::Forbidden),
    })?;
    let params = json!({
        "chat_id": ctx.incoming.chat,
        "text": t!(ctx.lang, "desk-web-link", link = link),
        "link_preview_options": { "is_disabled": true },
        "protect_content": true,
    });
    let call = Call { method: "sendMessage".to_owned(), params, ticket: None, remember: None };
    ctx.work().await.fleeting.push(call);
    Ok(())
}
