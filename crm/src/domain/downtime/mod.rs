//! The downtime algebra (C8, C12, C13), pure and exact: spans of time in whole milliseconds, what is left of those that count when
//! others are taken out of them, and the months they are counted in.

mod month;

pub use month::Month;

use serde::{Deserialize, Serialize};

/// A stretch of time, in milliseconds since 1970 (UTC); the end is not part of it. It never ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    from: i64,
    to: i64,
}

impl Span {
    /// From `from` until `to`; `None` where it would end before it begins. It may last no time.
    pub const fn new(from: i64, to: i64) -> Option<Self> {
        if to < from { None } else { Some(Self { from, to }) }
    }

    /// From one of two moments to the other, whichever comes first.
    pub fn of(one: i64, other: i64) -> Self {
        Self { from: one.min(other), to: one.max(other) }
    }

    /// Its first millisecond.
    pub const fn from(self) -> i64 {
        self.from
    }

    /// The first millisecond after it.
    pub const fn to(self) -> i64 {
        self.to
    }

    /// How long it lasts, milliseconds.
    pub const fn ms(self) -> i64 {
        self.to.saturating_sub(self.from)
    }

    /// The part of it inside `frame`; what lies outside becomes a span of no time at the frame's border.
    #[must_use]
    pub fn within(self, frame: Self) -> Self {
        let inside = |at: i64| at.clamp(frame.from, frame.to);
        Self { from: inside(self.from), to: inside(self.to) }
    }
}

/// How long some spans last together, milliseconds; those of [`left`] never overlap.
pub fn total(spans: &[Span]) -> i64 {
    spans.iter().map(|span| span.ms()).sum()
}

/// What is left inside `frame` of everything that `counts` when everything that is `taken` is out of it: spans in order that neither
/// overlap nor touch nor last no time (C13). Their order and how often they overlap makes no difference.
///
/// One walk over the borders of all spans, in order: between two borders nothing changes, so at each border it is known whether time
/// counts from there on.
pub fn left(
    counts: impl IntoIterator<Item = Span>,
    taken: impl IntoIterator<Item = Span>,
    frame: Span,
) -> Vec<Span> {
    let borders = |span: Span, counting: i64, taking: i64| {
        let Span { from, to } = span.within(frame);
        [(from, counting, taking), (to, -counting, -taking)]
    };
    let mut edges: Vec<(i64, i64, i64)> = counts
        .into_iter()
        .flat_map(|span| borders(span, 1, 0))
        .chain(taken.into_iter().flat_map(|span| borders(span, 0, 1)))
        .collect();
    edges.sort_unstable_by_key(|edge| edge.0);
    let (mut counting, mut taking, mut begun, mut spans) = (0, 0, None, Vec::new());
    // All that changes at one moment changes at once: spans of no time leave no trace, and touching ones become one.
    for same_moment in edges.chunk_by(|a, b| a.0 == b.0) {
        counting += same_moment.iter().map(|edge| edge.1).sum::<i64>();
        taking += same_moment.iter().map(|edge| edge.2).sum::<i64>();
        let at = same_moment[0].0;
        match (begun, counting > 0 && taking == 0) {
            (None, true) => begun = Some(at),
            (Some(from), false) => {
                spans.push(Span { from, to: at });
                begun = None;
            }
            _ => {}
        }
    }
    spans
}

/// Spans as a set: in order, without overlaps.
pub fn union(spans: impl IntoIterator<Item = Span>) -> Vec<Span> {
    left(spans, [], Span { from: i64::MIN, to: i64::MAX })
}

#[cfg(test)]
mod tests;
