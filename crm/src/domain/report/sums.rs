//! The sums as they are kept: all cells of a span of days together, so that a period is read as a few rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::cell::Cell;
use super::fact::Fact;
use crate::domain::kind::{Channel, Kind, Queue};

/// Which cell of a span a ticket belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// What was asked.
    pub kind: Kind,
    /// The department it is in.
    pub queue: Queue,
    /// How it came.
    pub channel: Channel,
}

/// Which tickets a report is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// In this department only.
    pub queue: Option<Queue>,
    /// That came this way only.
    pub channel: Option<Channel>,
}

impl Filter {
    /// Whether it is about tickets of this cell.
    pub fn fits(self, place: Place) -> bool {
        self.kind.is_none_or(|k| k == place.kind)
            && self.queue.is_none_or(|q| q == place.queue)
            && self.channel.is_none_or(|c| c == place.channel)
    }
}

/// Some days on end, counted from 1970, whose sums are kept together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// How many days: one of [`Span::LENGTHS`].
    pub days: i64,
    /// The first of them, a multiple of `days`.
    pub first: i64,
}

impl Span {
    /// How long spans are, days. Each day is in one of each length: a month is read as a dozen spans, a year as two dozen.
    pub const LENGTHS: [i64; 3] = [1, 8, 64];

    /// The spans that `day` is in.
    pub fn of(day: i64) -> [Self; 3] {
        Self::LENGTHS.map(|days| Self { days, first: day.div_euclid(days) * days })
    }

    /// The fewest spans of at most `longest` days that together are all days from `from` to `to`, both included, in order.
    pub fn cover(from: i64, to: i64, longest: i64) -> Vec<Self> {
        let mut spans = Vec::new();
        let mut day = from;
        while day <= to {
            let fits = |span: &Self| span.days <= longest && span.first == day && day + span.days - 1 <= to;
            // A span of one day always fits.
            let span = Self::of(day).into_iter().rev().find(fits).unwrap_or(Self { days: 1, first: day });
            day += span.days;
            spans.push(span);
        }
        spans
    }
}

/// All cells of a span that have something in them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sums(BTreeMap<Place, Cell>);

impl Sums {
    /// Adds a ticket; `times` -1 takes it out.
    pub fn count(&mut self, fact: &Fact, times: i64) {
        self.0.entry(fact.place()).or_default().count(fact, times);
    }

    /// Adds other sums.
    pub fn merge(&mut self, other: &Self) {
        for (place, cell) in &other.0 {
            self.0.entry(*place).or_default().merge(cell);
        }
        self.0.retain(|_, cell| !cell.is_empty());
    }

    /// The cells, in order.
    pub fn cells(&self) -> impl Iterator<Item = (&Place, &Cell)> {
        self.0.iter()
    }

    /// Whether nothing is left in them.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(Cell::is_empty)
    }

    /// As bytes: a tenth of JSON, and read in a tenth of the time. A change of what a cell holds needs a migration that puts every ticket
    /// on the list of what is to be counted.
    pub fn to_bytes(&self) -> Vec<u8> {
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// From bytes; an error says what is wrong with them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        postcard::from_bytes(bytes)
            .map_err(|error| format!("{error}; `komek-crm reports recount` counts everything anew"))
    }
}
