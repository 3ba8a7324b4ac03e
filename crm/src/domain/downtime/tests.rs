//! The algebra against a bitmap, which is another algorithm, and months against the calendar.

use chrono_tz::Tz;
use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn span(from: i64, to: i64) -> Span {
    Span::new(from, to).expect("in order")
}

const ALWAYS: Span = Span { from: i64::MIN, to: i64::MAX };

#[test]
fn a_span_may_last_no_time_but_never_less() {
    assert_eq!(span(5, 5).ms(), 0);
    assert_eq!(Span::new(5, 4), None);
}

#[rstest]
#[case::nothing(&[], &[], &[])]
#[case::overlapping_once(&[(0, 10), (5, 15)], &[], &[(0, 15)])]
#[case::touching_become_one(&[(0, 10), (10, 20)], &[], &[(0, 20)])]
#[case::a_millisecond_apart(&[(0, 10), (11, 20)], &[], &[(0, 10), (11, 20)])]
#[case::nested(&[(0, 100), (20, 30), (20, 30)], &[], &[(0, 100)])]
#[case::no_time(&[(7, 7)], &[], &[])]
#[case::no_time_inside(&[(0, 10), (7, 7)], &[(3, 3)], &[(0, 10)])]
#[case::taken_from_the_middle(&[(0, 10)], &[(4, 6)], &[(0, 4), (6, 10)])]
#[case::taken_from_both_ends(&[(0, 10)], &[(-5, 1), (9, 20)], &[(1, 9)])]
#[case::taken_wholly(&[(3, 5)], &[(3, 5)], &[])]
#[case::taken_beside(&[(3, 5)], &[(0, 3), (5, 9)], &[(3, 5)])]
#[case::one_window_over_two(&[(0, 4), (6, 10)], &[(2, 8)], &[(0, 2), (8, 10)])]
#[case::two_windows_overlap(&[(0, 10)], &[(2, 5), (4, 7)], &[(0, 2), (7, 10)])]
fn what_is_left(
    #[case] counts: &[(i64, i64)],
    #[case] taken: &[(i64, i64)],
    #[case] expected: &[(i64, i64)],
) {
    let spans = |list: &[(i64, i64)]| list.iter().map(|(from, to)| span(*from, *to)).collect::<Vec<_>>();
    assert_eq!(left(spans(counts), spans(taken), ALWAYS), spans(expected));
}

#[test]
fn what_lies_outside_the_frame_is_not_there() {
    let frame = span(100, 200);
    assert_eq!(left([span(0, 100), span(200, 300)], [], frame), []);
    assert_eq!(left([span(99, 101), span(199, 201)], [], frame), [span(100, 101), span(199, 200)]);
    assert_eq!(left([span(0, 300)], [span(150, 400)], frame), [span(100, 150)]);
    assert_eq!(left([span(0, 300)], [], span(150, 150)), []);
}

/// Small numbers in a row that look random (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Milliseconds that the bitmap of the oracle has.
const BITS: i64 = 128;

/// The bits of a span; those outside the bitmap are not there.
fn bits(span: Span) -> u128 {
    let below = |at: i64| match at.clamp(0, BITS) {
        BITS => u128::MAX,
        at => (1u128 << at) - 1,
    };
    below(span.to) & !below(span.from)
}

/// Random spans on the bitmap: overlapping, touching, nested, of no time, some far beyond its borders.
fn random_spans(dice: &mut Dice) -> Vec<Span> {
    let many = dice.roll() % 7;
    (0..many)
        .map(|_| {
            let rolled = dice.roll();
            let (at, long) = (rolled & 0xff, (rolled >> 8) % 40);
            let from = i64::try_from(at).expect("small") - 64;
            let far = if rolled >> 60 == 0 { 1_000_000_000 } else { 0 };
            span(from, from + i64::try_from(long).expect("small") + far)
        })
        .collect()
}

/// A million random sets of intervals, laid around the borders of real months in zones with and without summer time: whatever the walk
/// finds, a bitmap of milliseconds finds too.
#[test]
fn a_bitmap_finds_the_same_in_a_million_random_sets() {
    let zones: Vec<Tz> = ["Asia/Almaty", "Europe/Berlin", "America/Asuncion", "UTC", "Australia/Lord_Howe"]
        .map(|name| name.parse().expect("a zone"))
        .to_vec();
    let first: Month = "2017-01".parse().expect("a month");
    let months: Vec<Month> = std::iter::successors(Some(first), |m| Some(m.next())).take(120).collect();
    let frames: Vec<Span> =
        zones.iter().flat_map(|zone| months.iter().map(|month| month.span(*zone))).collect();
    let mut dice = Dice(20_260_915);
    for round in 0..1_000_000usize {
        let (counts, taken) = (random_spans(&mut dice), random_spans(&mut dice));
        let frame = frames[round % frames.len()];
        // The middle of the bitmap is the month's beginning in even rounds, its end in odd ones.
        let at_the_end = round % 2 == 1;
        let origin = if at_the_end { frame.to } else { frame.from } - BITS / 2;
        let of_the_month = if at_the_end { u128::MAX >> 64 } else { u128::MAX << 64 };
        let moved =
            |spans: &[Span]| spans.iter().map(|s| span(s.from + origin, s.to + origin)).collect::<Vec<_>>();
        let found = left(moved(&counts), moved(&taken), frame);
        let map = |spans: &[Span]| spans.iter().fold(0, |all, s| all | bits(*s));
        let expected = map(&counts) & !map(&taken) & of_the_month;
        let seen: Vec<Span> = found.iter().map(|s| span(s.from - origin, s.to - origin)).collect();
        assert_eq!(map(&seen), expected, "round {round}: {counts:?} without {taken:?}");
        // Far beyond the bitmap only what is long enough to reach there counts; inside, the lengths agree to the millisecond.
        let inside: i64 = seen.iter().map(|s| s.within(span(0, BITS)).ms()).sum();
        assert_eq!(inside, i64::from(expected.count_ones()), "round {round}");
        for pair in found.windows(2) {
            assert!(pair[0].to < pair[1].from, "round {round}: in order and apart");
        }
        for one in &found {
            assert!(one.ms() > 0 && one.within(frame) == *one, "round {round}: inside the month");
        }
    }
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    proptest::collection::vec((0i64..500, 0i64..80), 0..12)
        .prop_map(|list| list.into_iter().map(|(from, long)| span(from, from + long)).collect())
}

proptest! {
    #[test]
    fn merging_twice_or_in_another_order_changes_nothing(mut list in spans(), taken in spans()) {
        let frame = span(50, 400);
        let once = left(list.clone(), taken.clone(), frame);
        prop_assert_eq!(&left(once.clone(), taken.clone(), frame), &once);
        prop_assert_eq!(union(once.clone()), once.clone());
        list.reverse();
        let half = list.len() / 2;
        list.rotate_left(half);
        prop_assert_eq!(&left(list.clone(), taken.iter().rev().copied(), frame), &once);
        let twice: Vec<Span> = list.iter().chain(&list).copied().collect();
        prop_assert_eq!(&left(twice, taken, frame), &once);
    }

    #[test]
    fn months_follow_each_other_without_gap_or_overlap(year in 1990i32..2040, month in 1u32..=12, zone in 0usize..chrono_tz::TZ_VARIANTS.len()) {
        let zone = chrono_tz::TZ_VARIANTS[zone];
        let month: Month = format!("{year}-{month:02}").parse().expect("a month");
        let this = month.span(zone);
        prop_assert_eq!(this.to, month.next().span(zone).from);
        prop_assert_eq!(month.next().before(), month);
        let first = chrono::DateTime::from_timestamp_millis(this.from).expect("a moment");
        prop_assert_eq!(Month::of(first, zone), month);
        prop_assert_eq!(Month::of(first - TimeDelta::milliseconds(1), zone), month.before());
    }
}

use chrono::TimeDelta;

const HOUR: i64 = 3_600_000;

#[rstest]
#[case("2026-10", "Asia/Almaty", "2026-09-30T19:00:00Z", 31 * 24)]
// On 1 March 2024 Almaty went from UTC+6 to UTC+5: the clocks were put back from midnight to 23:00, and leap February had an hour more.
#[case("2024-02", "Asia/Almaty", "2024-01-31T18:00:00Z", 29 * 24 + 1)]
#[case("2024-03", "Asia/Almaty", "2024-02-29T19:00:00Z", 31 * 24)]
#[case("2024-04", "Asia/Almaty", "2024-03-31T19:00:00Z", 30 * 24)]
#[case("2023-02", "Asia/Almaty", "2023-01-31T18:00:00Z", 28 * 24)]
#[case("2028-02", "Asia/Almaty", "2028-01-31T19:00:00Z", 29 * 24)]
#[case("2026-03", "Europe/Berlin", "2026-02-28T23:00:00Z", 31 * 24 - 1)]
#[case("2026-10", "Europe/Berlin", "2026-09-30T22:00:00Z", 31 * 24 + 1)]
// Midnight of 1 October 2017 did not happen in Asunción: the month begins at one o'clock.
#[case("2017-10", "America/Asuncion", "2017-10-01T04:00:00Z", 31 * 24 - 1)]
fn months_begin_where_the_calendar_of_the_zone_says(
    #[case] month: &str,
    #[case] zone: &str,
    #[case] begins: &str,
    #[case] hours: i64,
) {
    let span = month.parse::<Month>().expect("a month").span(zone.parse().expect("a zone"));
    let begins: chrono::DateTime<chrono::Utc> = begins.parse().expect("a moment");
    assert_eq!((span.from, span.ms()), (begins.timestamp_millis(), hours * HOUR), "{month} {zone}");
}

#[test]
fn months_read_back_and_nonsense_is_refused() {
    for text in ["2026-10", "1970-01", "9998-12"] {
        assert_eq!(text.parse::<Month>().expect("a month").to_string(), text);
    }
    for text in
        ["2026-13", "2026-00", "2026-1", "26-10", "2026", "2026-10-01", "october", "", "1969-12", "+026-10"]
    {
        let said = text.parse::<Month>().expect_err(text);
        assert!(said.ends_with("is no month; write one such as 2026-10"), "{said}");
    }
}
