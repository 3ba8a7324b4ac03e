//! Telling customers of planned works or an outage: whom, in which words, once each. Bot and command line call the same function.

use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::audit::{canonical, sha256_hex};
use crate::domain::event::Event;
use crate::domain::lang::Lang;
use crate::domain::person::Right;
use crate::domain::reactions::Outgoing;
use crate::store::{About, Audience, Bodies, Broadcast, OutboxItem, StoreError, Tx};

/// The longest text in one language, in characters: with head and foot it fits into one message.
pub const LONGEST: usize = 3_000;

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Only whoever leads the shift speaks to all customers.
    #[error("only a duty manager may do this")]
    Forbidden,
    /// Customers read three languages.
    #[error("the words are missing in {0}")]
    Missing(Lang),
    /// It must fit into one message.
    #[error("the words in {0} are longer than {LONGEST} characters")]
    Long(Lang),
    /// Nobody of the audience uses the bot.
    #[error("nobody of these customers can be reached in Telegram")]
    Nobody,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Queues the words for everybody whom `audience` means, each chat once, and records it. The caller commits: with the commit it is as
/// good as sent, whatever crashes.
pub async fn send(
    tx: &mut Tx,
    clock: &dyn Clock,
    (about, body, audience): (About, Bodies, Audience),
    actor: &Actor,
) -> Result<Broadcast, Problem> {
    if *actor != Actor::Operator && actor.staff_with(Right::Emergency).is_none() {
        return Err(Problem::Forbidden);
    }
    for lang in Lang::ALL {
        match body.get(lang).map(|text| text.trim().chars().count()) {
            None | Some(0) => return Err(Problem::Missing(*lang)),
            Some(n) if n > LONGEST => return Err(Problem::Long(*lang)),
            Some(_) => {}
        }
    }
    let (now, id) = (clock.now(), clock.id());
    let (mut chats, mut unreachable) = (Vec::new(), Vec::new());
    for recipient in tx.audience(&audience).await? {
        match recipient.chat {
            Some(chat) => chats.push(chat),
            None => unreachable.push(recipient.customer),
        }
    }
    if chats.is_empty() {
        return Err(Problem::Nobody);
    }
    let digest = sha256_hex(canonical(&serde_json::json!({ "body": body, "audience": audience })).as_bytes());
    let count = u32::try_from(chats.len()).unwrap_or(u32::MAX);
    let broadcast = Broadcast {
        id,
        about,
        body,
        audience,
        chats: i64::from(count),
        unreachable,
        made_by: actor.clone(),
        made_at: now,
    };
    tx.broadcast_add(&broadcast).await?;
    for chat in chats {
        tx.outbox_add(OutboxItem::tell(clock.id(), Outgoing::Broadcast { id, chat }, now));
    }
    tx.desk_event(actor.clone(), Event::Broadcast { id, digest, chats: count }, now).await?;
    Ok(broadcast)
}
