//! How long things took, as counts by length: small enough to keep for each day and kind, exact at the lengths that are promised.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::counts::Counts;

const MINUTE: i64 = 60_000;

/// Lengths that people ask for, milliseconds: a length on one of them counts as within it.
pub const EDGES: [i64; 9] = [
    MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    60 * MINUTE,
    4 * 60 * MINUTE,
    24 * 60 * MINUTE,
    72 * 60 * MINUTE,
];

/// Upper bounds of the classes, milliseconds, each at most 4 % above the one before, with all [`EDGES`] among them.
fn bounds() -> &'static [i64] {
    static BOUNDS: OnceLock<Vec<i64>> = OnceLock::new();
    BOUNDS.get_or_init(|| {
        let mut bounds = vec![1_000];
        let mut last = 1_000i64;
        // Up to a hundred days.
        while last < 8_640_000_000 {
            last += (last / 25).max(40);
            bounds.push(last);
        }
        bounds.extend(EDGES);
        bounds.sort_unstable();
        bounds.dedup();
        bounds
    })
}

/// Which class of [`EDGES`] a length is in: within that edge but not the one before; after the last, what took longer.
pub fn class_of(ms: i64) -> usize {
    EDGES.partition_point(|edge| *edge < ms)
}

/// Counts by length.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Times(Counts);

impl Times {
    /// Adds `count` things that took `ms`; a negative count takes them out.
    pub fn add(&mut self, ms: i64, count: i64) {
        let class = bounds().partition_point(|bound| *bound < ms);
        self.0.add(u16::try_from(class).unwrap_or(u16::MAX), count);
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.0.merge(&other.0);
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn count(&self) -> i64 {
        self.0.total()
    }

    /// The length within which `percent` of all were done, milliseconds, at most 4 % too long; `None` of nothing.
    pub fn percentile(&self, percent: i64) -> Option<i64> {
        let all = self.count();
        // The smallest length with at least so many within it.
        let wanted = (all * percent + 99) / 100;
        let mut seen = 0;
        for (class, count) in self.0.iter() {
            seen += count;
            if seen >= wanted.max(1) {
                let bounds = bounds();
                return Some(
                    bounds.get(usize::from(class)).copied().unwrap_or_else(|| bounds[bounds.len() - 1]),
                );
            }
        }
        None
    }

    /// How many were done within each of [`EDGES`] but not the one before; the last entry is what took longer.
    pub fn distribution(&self) -> [i64; EDGES.len() + 1] {
        let bounds = bounds();
        let mut counts = [0; EDGES.len() + 1];
        for (class, count) in self.0.iter() {
            let bound = bounds.get(usize::from(class)).copied().unwrap_or(i64::MAX);
            counts[class_of(bound)] += count;
        }
        counts
    }
}
