//! A plan: what an action would change on the real systems, as before → after, read from them before anybody is asked to approve.
//!
//! The provisioner makes it; approvals are bound to it; before it acts the provisioner makes it again, and a plan that came out
//! differently is asked for anew. It carries keys and data, never sentences: each reader sees it in his own language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A text of `locales/`, and what is put into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phrase {
    /// The key, `plan-…`.
    pub key: String,
    /// Names for its placeholders, shown as they are.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
}

impl Phrase {
    /// The text `key` without placeholders.
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), names: BTreeMap::new() }
    }

    /// With `value` in the place of `name`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.names.insert(name.to_owned(), value.into());
        self
    }
}

/// A value before or after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A plain number.
    Count(i64),
    /// Memory, MiB.
    Mebibytes(i64),
    /// A state or another word with a translation.
    Words(Phrase),
    /// A name that is the same in every language: an address, a libvirt name.
    Name(String),
}

impl Value {
    /// A word with a translation, without placeholders.
    pub fn word(key: impl Into<String>) -> Self {
        Self::Words(Phrase::new(key))
    }
}

/// One thing that becomes different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What.
    pub what: Phrase,
    /// As it is.
    pub before: Value,
    /// As it will be; in a proof, as it was read back.
    pub after: Value,
}

/// What the approval policy must know of the world.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The quota as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<i64>,
    /// The quota that is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<i64>,
    /// How much of it is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_use: Option<i64>,
    /// The most that the system can give, if it tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity: Option<i64>,
    /// Why the machine is locked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock_reason: Option<String>,
    /// The ticket that its lock names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock_ticket: Option<String>,
    /// The number of a link's tunnel (VXLAN VNI).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vni: Option<u32>,
    /// Whoever asks has proved by a code to his other channel that it is he.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stepped_up: bool,
}

impl Facts {
    /// The step from the present quota to the wanted one, per cent, rounded up; `None` where there is nothing to compare.
    pub fn step_percent(&self) -> Option<i64> {
        let (current, wanted) = (self.current.filter(|c| *c > 0)?, self.wanted?);
        let step = i128::from(wanted) - i128::from(current);
        let percent = (step * 100 + i128::from(current) - 1).div_euclid(i128::from(current));
        Some(i64::try_from(percent).unwrap_or(i64::MAX))
    }

    /// Whether the system has said that it can give what is wanted.
    pub fn fits(&self) -> bool {
        self.capacity.zip(self.wanted).is_some_and(|(capacity, wanted)| wanted <= capacity)
    }
}

/// What will be done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What becomes different, in the order people should read it.
    pub changes: Vec<Change>,
    /// The names of its steps, as the progress on disk has them.
    pub steps: Vec<String>,
    /// For the policy.
    #[serde(default)]
    pub facts: Facts,
    /// What an approver should know besides: `plan-note-…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Phrase>,
}

impl Plan {
    /// Whether this is still the plan that was approved. Use may go up and down meanwhile: that is for the reader, not for the digest's
    /// meaning. Whatever else is different makes it another plan.
    pub fn still(&self, approved: &Self) -> bool {
        let lasting = |facts: &Facts| Facts { in_use: None, capacity: None, ..facts.clone() };
        self.changes == approved.changes
            && self.steps == approved.steps
            && lasting(&self.facts) == lasting(&approved.facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_counted_in_whole_per_cents_upwards() {
        let facts = |current, wanted| Facts { current, wanted, ..Facts::default() };
        for (current, wanted, percent) in [
            (16, 24, Some(50)),
            (16, 16, Some(0)),
            (3, 4, Some(34)),
            (100, 99, Some(-1)),
            (1, i64::MAX, Some(i64::MAX)),
            (0, 10, None),
            (-1, 10, None),
        ] {
            assert_eq!(facts(Some(current), Some(wanted)).step_percent(), percent, "{current} → {wanted}");
        }
        assert_eq!(facts(None, Some(1)).step_percent(), None);
    }

    #[test]
    fn use_may_change_under_an_approval_and_nothing_else() {
        let plan = Plan {
            changes: vec![Change {
                what: Phrase::new("plan-what-cores").with("project", "acme"),
                before: Value::Count(16),
                after: Value::Count(24),
            }],
            steps: vec!["set".to_owned()],
            facts: Facts { current: Some(16), wanted: Some(24), in_use: Some(3), ..Facts::default() },
            notes: Vec::new(),
        };
        let mut busier = plan.clone();
        busier.facts.in_use = Some(15);
        assert!(busier.still(&plan));
        let mut other = plan.clone();
        other.changes[0].before = Value::Count(20);
        assert!(!other.still(&plan));
        let mut locked = plan.clone();
        locked.facts.lock_reason = Some("abuse".to_owned());
        assert!(!locked.still(&plan));
    }
}
