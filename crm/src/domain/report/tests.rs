//! Classes of lengths are exact where promises are; what is added can be taken out; days are Almaty's.

use proptest::prelude::*;

use super::*;
use crate::domain::kind::{Channel, Kind, Queue};

fn at(second: i64) -> Moment {
    chrono::DateTime::from_timestamp(1_790_000_000 + second, 0).expect("in range")
}

#[test]
fn a_length_on_an_edge_is_within_it_and_a_millisecond_more_is_not() {
    for (index, edge) in EDGES.into_iter().enumerate() {
        let mut times = Times::default();
        times.add(edge, 1);
        assert_eq!(times.distribution()[index], 1, "{edge}");
        times.add(edge + 1, 1);
        assert_eq!(times.distribution()[index + 1], 1, "{edge}");
    }
}

#[test]
fn days_begin_at_midnight_in_almaty() {
    let moment: Moment = "2026-11-22T19:00:00Z".parse().expect("a moment");
    let (day, hour) = day_and_hour(moment);
    assert_eq!((day_begins(day), hour), (moment, 0));
    assert_eq!(day_and_hour(moment - chrono::TimeDelta::seconds(1)), (day - 1, 23));
}

proptest! {
    #[test]
    fn spans_cover_each_day_once(from in -100i64..30_000, days in 1i64..900, longest in prop::sample::select(vec![1i64, 8, 64])) {
        let spans = Span::cover(from, from + days - 1, longest);
        let covered: Vec<i64> = spans.iter().flat_map(|span| span.first..span.first + span.days).collect();
        prop_assert_eq!(covered, (from..from + days).collect::<Vec<_>>());
        prop_assert!(spans.iter().all(|span| Span::of(span.first).contains(span) && span.days <= longest));
        prop_assert!(longest < 64 || spans.len() <= 4 * 7 + 13, "{} spans for {} days", spans.len(), days);
    }

    #[test]
    fn sums_read_back_and_what_follows_equals_a_recount(
        changes in prop::collection::vec((0i64..40, 0i64..600_000, any::<bool>()), 0..60),
    ) {
        // Each change takes what a ticket was out, and adds what it is, as counting does: in sums of their own, merged with the stored.
        let (mut stored, mut now) = (Vec::new(), std::collections::BTreeMap::<i64, Fact>::new());
        for (number, second, gone) in changes {
            let mut delta = Sums::default();
            if let Some(old) = now.remove(&number) {
                delta.count(&old, -1);
            }
            if !gone {
                let new = fact(number, second);
                delta.count(&new, 1);
                now.insert(number, new);
            }
            delta.merge(&Sums::from_bytes(&stored).unwrap_or_default());
            stored = delta.to_bytes();
        }
        let mut recounted = Sums::default();
        for fact in now.values() {
            recounted.count(fact, 1);
        }
        let followed = Sums::from_bytes(&stored).unwrap_or_default();
        prop_assert_eq!(&followed, &recounted);
        prop_assert_eq!(followed.is_empty(), now.is_empty());
    }

    #[test]
    fn a_percentile_is_never_too_short_and_at_most_four_per_cent_too_long(
        lengths in prop::collection::vec(1_000i64..200_000_000, 1..200),
        percent in 1i64..=99,
    ) {
        let mut times = Times::default();
        for ms in &lengths {
            times.add(*ms, 1);
        }
        let mut sorted = lengths;
        sorted.sort_unstable();
        let rank = (sorted.len() * usize::try_from(percent).expect("small")).div_ceil(100).max(1);
        let exact = sorted[rank - 1];
        let told = times.percentile(percent).expect("there are some");
        prop_assert!(told >= exact && told <= exact + exact / 25 + 40, "{told} for {exact}");
    }

    #[test]
    fn what_is_taken_out_leaves_nothing(lengths in prop::collection::vec(0i64..10_000_000_000, 0..50)) {
        let mut times = Times::default();
        for ms in &lengths {
            times.add(*ms, 1);
        }
        for ms in lengths.iter().rev() {
            times.add(*ms, -1);
        }
        prop_assert!(times.is_empty());
    }
}

/// A ticket opened at that second, in some cell.
fn fact(number: i64, second: i64) -> Fact {
    Fact {
        number,
        kind: if number % 3 == 0 { Kind::Question } else { Kind::VmReboot },
        queue: Queue::Support,
        channel: if number % 2 == 0 { Channel::Phone } else { Channel::Telegram },
        customer: None,
        opened_at: at(second),
        state: crate::domain::ticket::State::Closed,
        first_reply: Promise { kept: Kept::Met, took_ms: Some(5_000 + second % 900_000) },
        resolution: Promise { kept: Kept::Breached, took_ms: Some(700_000 + second) },
        reopened: 1,
        rating: Some(5),
        automated: true,
        spent: Spent { queue: 5, engineer: 7, ..Spent::default() },
        since: None,
        holder: Holder::Nobody,
        staff: std::iter::once(("dana".to_owned(), Held { inherited: true, ..Held::default() })).collect(),
        flow: vec![(at(0), 1), (at(9), -1)],
    }
}

#[test]
fn a_cell_from_which_everything_was_taken_is_empty() {
    let fact = fact(1, 0);
    let mut cell = Cell::default();
    cell.count(&fact, 1);
    cell.count(&fact, 1);
    cell.count(&fact, -1);
    assert_eq!((cell.opened, cell.staff["dana"].inherited), (1, 1));
    cell.count(&fact, -1);
    assert!(cell.is_empty(), "{cell:?}");
    assert_eq!(
        serde_json::from_str::<Fact>(&serde_json::to_string(&fact).expect("JSON")).expect("reads"),
        fact
    );
}
