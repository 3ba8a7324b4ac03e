//! The queue's filters as its address says them: what can be bookmarked, sent to a colleague, and typed wrongly.

use chrono::{DateTime, TimeDelta};
use serde::Deserialize;

use super::guard::Me;
use crate::clock::Moment;
use crate::domain::ids::{CustomerId, ServiceId, StaffId};
use crate::store::{After, QueueFilter};

/// The fields of `/queue?…`. Unknown words in them are left out, not refused: an old bookmark still opens.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Query {
    /// `owed` (the default) or `all`.
    #[serde(default)]
    pub show: String,
    /// A department.
    #[serde(default)]
    pub queue: String,
    /// A state.
    #[serde(default)]
    pub state: String,
    /// A kind.
    #[serde(default)]
    pub kind: String,
    /// `me`, `nobody`, or a staff id.
    #[serde(default)]
    pub holder: String,
    /// A customer's id.
    #[serde(default)]
    pub customer: String,
    /// A service's id.
    #[serde(default)]
    pub service: String,
    /// `late`: only what is past its deadline.
    #[serde(default)]
    pub due: String,
    /// Opened so many hours ago, from-to: `24-72`, `-24`, `720-`.
    #[serde(default)]
    pub age: String,
    /// Where the page begins: microseconds of the deadline, a dot, the number.
    #[serde(default)]
    pub after: String,
    /// What was just done.
    #[serde(default)]
    pub done: String,
}

impl Query {
    /// What it means for `me` at `now`.
    pub fn filter(&self, me: &Me, now: Moment) -> QueueFilter {
        let id = |text: &str| {
            (!text.is_empty() && text.len() <= 100 && !text.contains('\0')).then(|| text.to_owned())
        };
        let state: Option<crate::domain::ticket::State> = self.state.parse().ok();
        let hours = |text: &str| text.parse::<i64>().ok().filter(|h| (0..1_000_000).contains(h));
        let ago = |text| hours(text).map(|hours| now - TimeDelta::hours(hours));
        let (young, old) = self.age.split_once('-').unwrap_or_default();
        QueueFilter {
            opened_until: ago(young),
            opened_after: ago(old),
            owed: self.show != "all" && state.is_none_or(crate::domain::ticket::State::is_active),
            queue: self.queue.parse().ok(),
            state,
            kind: self.kind.parse().ok(),
            holder: match self.holder.as_str() {
                "" => None,
                "me" => Some(Some(me.staff.id.clone())),
                "nobody" => Some(None),
                other => id(other).map(|id| Some(StaffId(id))),
            },
            customer: id(&self.customer).map(CustomerId),
            service: id(&self.service).map(ServiceId),
            due_before: (self.due == "late").then_some(now),
        }
    }

    /// Where the page begins.
    pub fn page_after(&self) -> Option<After> {
        let (due, number) = self.after.split_once('.')?;
        let due_at = due.parse().ok().and_then(DateTime::from_timestamp_micros);
        Some(After { due_at, number: number.parse().ok()? })
    }

    /// The address of this list with one field changed; from its first page.
    pub fn with(&self, field: &str, value: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, present) in self.fields() {
            let value = if name == field { value } else { present };
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { "/queue".to_owned() } else { format!("/queue?{query}") }
    }

    /// The address of the list itself.
    pub fn address(&self) -> String {
        self.with("", "")
    }

    /// Every field that limits the list.
    pub fn fields(&self) -> [(&'static str, &str); 9] {
        [
            ("show", &self.show),
            ("queue", &self.queue),
            ("state", &self.state),
            ("kind", &self.kind),
            ("holder", &self.holder),
            ("customer", &self.customer),
            ("service", &self.service),
            ("due", &self.due),
            ("age", &self.age),
        ]
    }

    /// Whether anything is chosen.
    pub fn is_plain(&self) -> bool {
        self.fields().iter().all(|f| f.1.is_empty())
    }
}

/// The mark of a page's last ticket, for [`Query::page_after`].
pub fn mark(after: After) -> String {
    format!("{}.{}", after.due_at.map_or(0, |due| due.timestamp_micros()), after.number)
}
