//! What an incident is: one cause that several tickets and services may share, and the intervals that are confirmed of it (C8).

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::actor::Actor;
use super::credit::Cause;
use super::downtime::Span;
use super::ids::{ServiceId, TicketId, typed_number};
use crate::clock::Moment;

/// The number people use, `IN-000007`. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct IncidentNumber(pub i64);

impl fmt::Display for IncidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IN-{:06}", self.0)
    }
}

impl FromStr for IncidentNumber {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        typed_number(text, "IN")
            .map(Self)
            .ok_or_else(|| format!("«{text}» is not the number of an incident; it looks like IN-000007"))
    }
}

word_enum! {
    /// How an incident stands.
    pub enum IncidentState {
        /// It goes on.
        Open = "open",
        /// The services work again; what is to be confirmed is not yet.
        Restored = "restored",
        /// Everybody was answered and everything confirmed.
        Closed = "closed",
        /// It was none.
        Dismissed = "dismissed",
    }
}

word_enum! {
    /// Who reported it first.
    pub enum IncidentSource {
        /// A customer's critical fault.
        Ticket = "ticket",
        /// Monitoring.
        Alert = "alert",
        /// Somebody of the desk.
        Engineer = "engineer",
    }
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Its row.
    pub id: Uuid,
    /// The number people use.
    pub number: IncidentNumber,
    /// Grows with each change.
    pub version: i64,
    /// How it stands.
    pub state: IncidentState,
    /// Who reported it first.
    pub source: IncidentSource,
    /// The earlier of monitoring's record and the customer's message (C8).
    pub started_at: Moment,
    /// When everything worked again, as far as is known.
    pub ended_at: Option<Moment>,
    /// When it was registered.
    pub opened_at: Moment,
    /// By whom.
    pub opened_by: Actor,
    /// What it is about, in the desk's words.
    pub words: String,
    /// What it affects.
    pub services: Vec<ServiceId>,
    /// The tickets that report it.
    pub tickets: Vec<TicketId>,
}

word_enum! {
    /// How an interval stands.
    pub enum DowntimeState {
        /// Monitoring saw nothing; nobody has ruled whether it worked.
        Unmeasured = "unmeasured",
        /// Somebody says so.
        Proposed = "proposed",
        /// A second person agreed: it counts.
        Confirmed = "confirmed",
        /// It was wrong.
        Withdrawn = "withdrawn",
    }
}

/// An interval in which a service did not work, or was being worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downtime {
    /// Its row.
    pub id: Uuid,
    /// Which service.
    pub service: ServiceId,
    /// Of which incident, if of one.
    pub incident: Option<Uuid>,
    /// How it stands.
    pub state: DowntimeState,
    /// Why; not known of a gap that nobody has ruled on.
    pub cause: Option<Cause>,
    /// From when; whole milliseconds.
    pub starts: Moment,
    /// Until when.
    pub ends: Moment,
    /// What shows it.
    pub evidence: String,
    /// For planned works: when customers were told (C4).
    pub announced_at: Option<Moment>,
    /// Who says so.
    pub proposed_by: String,
    /// When he did.
    pub proposed_at: Moment,
    /// Who agreed.
    pub seconded_by: Option<String>,
    /// When he did.
    pub seconded_at: Option<Moment>,
    /// Who says that it is wrong although it is confirmed.
    pub disputed_by: Option<String>,
}

impl Downtime {
    /// The time it takes.
    pub fn span(&self) -> Span {
        Span::of(self.starts.timestamp_millis(), self.ends.timestamp_millis())
    }

    /// Whether both are the same silence of monitoring, of whatever service, on which nobody has ruled.
    pub fn same_silence(&self, other: &Self) -> bool {
        let gap = |d: &Self| d.state == DowntimeState::Unmeasured;
        let what = |d: &Self| (d.span(), d.evidence.clone());
        gap(self) && gap(other) && what(self) == what(other)
    }
}

/// Whether works that begin at `starts` and were announced at `announced` are planned ones under a notice of `notice_ms` (C4).
pub fn announced_in_time(announced: Moment, starts: Moment, notice_ms: i64) -> bool {
    (starts - announced).num_milliseconds() >= notice_ms
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn works_are_planned_if_they_were_announced_exactly_in_time() {
        let starts: Moment = "2026-10-10T01:00:00Z".parse().expect("a moment");
        let notice = TimeDelta::hours(72);
        let ms = notice.num_milliseconds();
        assert!(announced_in_time(starts - notice, starts, ms));
        assert!(!announced_in_time(starts - notice + TimeDelta::milliseconds(1), starts, ms));
        assert!(announced_in_time(starts, starts, 0));
    }

    #[test]
    fn numbers_read_back_however_people_type_them() {
        for typed in ["IN-000007", "in-7", "7", "#7"] {
            assert_eq!(typed.parse(), Ok(IncidentNumber(7)), "{typed}");
        }
        assert_eq!(IncidentNumber(7).to_string(), "IN-000007");
        assert!("IN-0".parse::<IncidentNumber>().is_err() && "x".parse::<IncidentNumber>().is_err());
    }
}
