//! What the answer to a call means for the message: over, again later, or somewhere else.

use std::time::Duration;

use chrono::TimeDelta;
use crm::clock::Moment;
use crm::domain::kind::Queue;
use crm::domain::reactions::Outgoing;
use crm::store::{Delivery, OutboxItem, Payload};
use serde_json::json;

use crate::telegram::ApiError;

/// A call that came back.
#[derive(Debug)]
pub struct Sending {
    /// The chat.
    pub chat: i64,
    /// What was sent, worded.
    pub item: OutboxItem,
    /// What it means to the desk, where it can be worded anew.
    pub told: Option<Outgoing>,
    /// The department whose topic it was to make.
    pub topic: Option<Queue>,
    /// The message it made, or what went wrong.
    pub result: Result<Option<i64>, ApiError>,
}

/// What comes next.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// Nothing: it is written down.
    Over(Delivery),
    /// The same again, or the same in another form.
    Again {
        /// What.
        item: Box<OutboxItem>,
        /// From when on.
        until: Moment,
        /// Whether the whole chat must be left alone until then.
        close: bool,
    },
    /// The same to another chat.
    Elsewhere {
        /// What.
        item: Box<OutboxItem>,
        /// Where.
        chat: i64,
    },
}

impl Sending {
    fn refusal(&self) -> &str {
        match &self.result {
            Err(ApiError::Refused(text)) => text,
            _ => "",
        }
    }

    fn method(&self) -> &str {
        match &self.item.payload {
            Payload::Call { method, .. } => method,
            Payload::Tell(_) => "",
        }
    }

    /// An edit of a message that is gone or too old.
    fn lost_message(&self) -> bool {
        self.method() == "editMessageText"
            && ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"]
                .iter()
                .any(|text| self.refusal().contains(text))
    }

    /// The card itself is gone: a new one must be made.
    pub fn lost_card(&self) -> bool {
        matches!(self.told, Some(Outgoing::Card { .. })) && self.lost_message()
    }

    /// The forum topic it went to, if that is gone.
    pub fn lost_topic(&self) -> Option<i64> {
        let Payload::Call { params, .. } = &self.item.payload else { return None };
        let thread = params["message_thread_id"].as_i64()?;
        let gone = ["message thread not found", "TOPIC_DELETED", "TOPIC_CLOSED", "TOPIC_ID_INVALID"];
        gone.iter().any(|text| self.refusal().contains(text)).then_some(thread)
    }

    /// Whether the desk's group itself cannot be written to: the bot was removed, or the group is gone.
    pub fn lost_group(&self) -> bool {
        self.told.is_some()
            && (matches!(self.result, Err(ApiError::Forbidden(_)))
                || self.refusal().contains("chat not found"))
    }

    /// Whether Telegram itself did not answer.
    pub const fn lost_telegram(&self) -> bool {
        matches!(self.result, Err(ApiError::Passing(_) | ApiError::Unauthorized))
    }

    /// The person does not want to hear from us any more.
    pub fn is_blocked(&self) -> bool {
        matches!(&self.result, Err(ApiError::Forbidden(_))) && self.chat > 0
    }
}

/// How long a group that cannot be written to is left alone.
pub const GROUP_LOST: TimeDelta = TimeDelta::seconds(30);

/// 1, 2, 4 … 64 s.
fn backoff(attempts: i64) -> TimeDelta {
    TimeDelta::seconds(1 << attempts.clamp(0, 6))
}

/// Decides what comes next. Pure.
pub fn judge(sending: &Sending, now: Moment) -> Next {
    let item = &sending.item;
    let again = |item: OutboxItem, pause: TimeDelta, close| Next::Again {
        item: Box::new(OutboxItem { attempts: item.attempts + 1, not_before: now + pause, ..item }),
        until: now + pause,
        close,
    };
    match &sending.result {
        Ok(message) => Next::Over(Delivery::Sent(*message)),
        Err(ApiError::RetryAfter(wait)) => {
            let wait = TimeDelta::from_std((*wait).min(Duration::from_hours(1))).unwrap_or_default();
            again(item.clone(), wait, true)
        }
        Err(ApiError::Passing(_) | ApiError::Conflict(_)) => {
            again(item.clone(), backoff(item.attempts), true)
        }
        // Somebody must mend the token first; nothing is lost meanwhile.
        Err(ApiError::Unauthorized) => again(item.clone(), TimeDelta::seconds(30), true),
        Err(ApiError::Migrated(chat)) => Next::Elsewhere { item: Box::new(moved(item, *chat)), chat: *chat },
        // What the desk must see waits until somebody brings the bot back.
        Err(_) if sending.lost_group() => again(anew(sending), GROUP_LOST, true),
        Err(ApiError::Forbidden(text)) => Next::Over(Delivery::Failed(text.clone())),
        // A server that cannot edit can still tell.
        Err(ApiError::NoMethod) if sending.method() == "editMessageText" => {
            again(as_new_message(item), TimeDelta::zero(), false)
        }
        Err(ApiError::NoMethod) => Next::Over(Delivery::Failed(ApiError::NoMethod.to_string())),
        Err(ApiError::Refused(text)) if text.contains("message is not modified") => {
            Next::Over(Delivery::Sent(None))
        }
        // Worded anew, it will be a new message, in a topic that is there.
        Err(ApiError::Refused(_)) if sending.lost_card() => again(anew(sending), TimeDelta::zero(), false),
        Err(ApiError::Refused(_)) if sending.lost_topic().is_some() => {
            again(without_topic(&anew(sending)), TimeDelta::zero(), false)
        }
        Err(ApiError::Refused(_)) if sending.lost_message() => {
            again(as_new_message(item), TimeDelta::zero(), false)
        }
        Err(ApiError::Refused(text)) if text.contains("can't parse entities") && item.attempts < 2 => {
            again(as_plain_text(item), TimeDelta::zero(), false)
        }
        Err(ApiError::Refused(text)) => Next::Over(Delivery::Failed(text.clone())),
    }
}

fn with_params(item: &OutboxItem, change: impl FnOnce(&mut String, &mut serde_json::Value)) -> OutboxItem {
    let mut item = item.clone();
    if let Payload::Call { method, params, .. } = &mut item.payload {
        change(method, params);
    }
    item
}

/// The same meaning, to be worded in the state of then.
fn anew(sending: &Sending) -> OutboxItem {
    let meaning = sending.told.clone().map(Payload::Tell);
    OutboxItem { payload: meaning.unwrap_or_else(|| sending.item.payload.clone()), ..sending.item.clone() }
}

fn without_topic(item: &OutboxItem) -> OutboxItem {
    with_params(item, |_, params| {
        if let Some(params) = params.as_object_mut() {
            params.remove("message_thread_id");
        }
    })
}

fn moved(item: &OutboxItem, chat: i64) -> OutboxItem {
    let item = with_params(item, |_, params| params["chat_id"] = json!(chat));
    OutboxItem { chat_id: Some(chat), ..item }
}

fn as_new_message(item: &OutboxItem) -> OutboxItem {
    with_params(item, |method, params| {
        "sendMessage".clone_into(method);
        if let Some(params) = params.as_object_mut() {
            params.remove("message_id");
        }
    })
}

/// Markup that Telegram cannot read must not cost the customer the words.
fn as_plain_text(item: &OutboxItem) -> OutboxItem {
    with_params(item, |_, params| {
        if let Some(params) = params.as_object_mut() {
            params.remove("parse_mode");
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crm::store::Call;
    use uuid::Uuid;

    fn now() -> Moment {
        chrono::DateTime::from_timestamp(1_790_000_000, 0).expect("in range")
    }

    fn sending(method: &str, result: Result<Option<i64>, ApiError>) -> Sending {
        let params = json!({ "chat_id": 5, "message_id": 7, "text": "x", "parse_mode": "HTML" });
        let call = Call { method: method.to_owned(), params, ticket: None, remember: None };
        Sending {
            chat: 5,
            item: OutboxItem::call(Uuid::nil(), 5, call, now()),
            told: None,
            topic: None,
            result,
        }
    }

    fn refused(text: &str) -> Result<Option<i64>, ApiError> {
        Err(ApiError::Refused(text.to_owned()))
    }

    #[test]
    fn each_answer_has_its_consequence() {
        let over = |s: &Sending| matches!(judge(s, now()), Next::Over(Delivery::Sent(_)));
        assert!(over(&sending("sendMessage", Ok(Some(9)))));
        assert!(over(&sending(
            "editMessageText",
            refused("Bad Request: message is not modified: specified new …")
        )));

        let blocked = sending(
            "sendMessage",
            Err(ApiError::Forbidden("Forbidden: bot was blocked by the user".to_owned())),
        );
        assert!(blocked.is_blocked() && matches!(judge(&blocked, now()), Next::Over(Delivery::Failed(_))));

        let limited = sending("sendMessage", Err(ApiError::RetryAfter(Duration::from_secs(7))));
        match judge(&limited, now()) {
            Next::Again { until, close: true, .. } => assert_eq!(until, now() + TimeDelta::seconds(7)),
            other => panic!("{other:?}"),
        }

        let gone = sending("editMessageText", refused("Bad Request: message to edit not found"));
        match judge(&gone, now()) {
            Next::Again { item, close: false, .. } => match item.payload {
                Payload::Call { method, params, .. } => {
                    assert_eq!(method, "sendMessage");
                    assert_eq!(params.get("message_id"), None);
                }
                Payload::Tell(_) => panic!("a call"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_desk_must_see_outlives_a_lost_topic_and_a_lost_group() {
        let ticket = crm::domain::ids::TicketId(Uuid::nil());
        let mut lost = sending("sendMessage", refused("Bad Request: message thread not found"));
        if let Payload::Call { params, .. } = &mut lost.item.payload {
            params["message_thread_id"] = json!(77);
        }
        assert_eq!(lost.lost_topic(), Some(77));
        match judge(&lost, now()) {
            Next::Again { item, .. } => match item.payload {
                Payload::Call { params, .. } => {
                    assert_eq!(params.get("message_thread_id"), None, "an answer");
                }
                Payload::Tell(_) => panic!("a call"),
            },
            other => panic!("{other:?}"),
        }
        lost.told = Some(Outgoing::Desk { ticket, seq: 3 });
        match judge(&lost, now()) {
            Next::Again { item, .. } => {
                assert_eq!(item.payload, Payload::Tell(Outgoing::Desk { ticket, seq: 3 }));
            }
            other => panic!("{other:?}"),
        }
        let kicked =
            Err(ApiError::Forbidden("Forbidden: bot was kicked from the supergroup chat".to_owned()));
        let mut group = sending("sendMessage", kicked);
        assert!(
            matches!(judge(&group, now()), Next::Over(Delivery::Failed(_))),
            "an answer is worthless later"
        );
        group.told = Some(Outgoing::Card { ticket });
        match judge(&group, now()) {
            Next::Again { until, close: true, .. } => assert_eq!(until, now() + GROUP_LOST),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn passing_faults_wait_longer_each_time() {
        let pause = |attempts| {
            let mut s = sending("sendMessage", Err(ApiError::Passing("HTTP 502".to_owned())));
            s.item.attempts = attempts;
            match judge(&s, now()) {
                Next::Again { until, .. } => (until - now()).num_seconds(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!([0, 1, 2, 3, 6, 50].map(pause), [1, 2, 4, 8, 64, 64]);
    }
}
