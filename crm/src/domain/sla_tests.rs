//! The SLA clock against tables and against a brute-force oracle.

use chrono::DateTime;
use proptest::prelude::*;

use super::*;

const MARKS: [u32; 4] = [50, 75, 100, 150];

fn at(second: i64) -> Moment {
    DateTime::from_timestamp(1_790_000_000 + second, 0).expect("in range")
}

fn ten_minutes() -> TargetClock {
    TargetClock::start(Target::Resolution, at(0), 600_000)
}

#[test]
fn marks_fall_on_the_second_and_the_deadline_is_a_mark_of_its_own() {
    let clock = ten_minutes();
    assert_eq!(clock.mark_moment(50), at(300));
    assert_eq!(clock.mark_moment(75), at(450));
    assert_eq!(clock.mark_moment(150), at(900));
    assert_eq!(clock.wake_at(&MARKS), Some(at(300)));
    assert_eq!(clock.wake_at(&[]), Some(at(600)), "a policy without marks still has the deadline");
}

#[test]
fn a_late_start_fires_everything_once_in_order() {
    let mut clock = ten_minutes();
    let due = clock.due_by(at(4_000), &MARKS);
    assert_eq!(due.iter().map(|d| d.percent).collect::<Vec<_>>(), [50, 75, 100, 150]);
    assert_eq!(due[2].moment, at(600), "a breach happened at the deadline, not when it was noticed");
    for d in due {
        clock.fire(d.percent);
    }
    assert!(clock.due_by(at(9_000), &MARKS).is_empty());
    assert_eq!(clock.wake_at(&MARKS), None);
    assert_eq!(clock.outcome, Outcome::Breached { answered_at: None });
}

#[test]
fn done_at_the_last_instant_is_kept_and_a_breach_is_never_undone() {
    let mut kept = ten_minutes();
    kept.fulfil(at(599));
    assert_eq!(kept.outcome, Outcome::Met { at: at(599) });

    let mut late = ten_minutes();
    late.fire(100);
    late.fulfil(at(601));
    assert_eq!(late.outcome, Outcome::Breached { answered_at: Some(at(601)) });
    late.reopen(at(601), at(700));
    assert_eq!(late.outcome, Outcome::Breached { answered_at: None });
    late.void(at(710));
    assert!(late.is_breached(at(710)));
}

#[test]
fn a_pause_moves_the_deadline_and_nothing_fires_meanwhile() {
    let mut clock = ten_minutes();
    clock.pause(at(100));
    assert_eq!(clock.wake_at(&MARKS), None);
    assert!(clock.due_by(at(5_000), &MARKS).is_empty());
    assert_eq!(clock.left_ms(at(5_000)), 500_000);
    clock.resume(at(400));
    assert_eq!(clock.due_at, at(900));
    assert_eq!(clock.wake_at(&MARKS), Some(at(600)));
}

#[test]
fn a_reopened_clock_goes_on_where_it_stopped() {
    let mut clock = ten_minutes();
    clock.fire(50);
    clock.fire(75);
    clock.fulfil(at(480));
    clock.reopen(at(480), at(10_000));
    assert_eq!(clock.due_at, at(10_120), "eight of ten minutes were used");
    assert_eq!(clock.wake_at(&MARKS), Some(at(10_120)), "marks fire once in a clock's life");
}

proptest! {
    /// Whatever pauses and looks there are, a clock that is looked at often and one that is looked at once at the end agree with an
    /// oracle that counts running seconds one by one.
    #[test]
    fn agrees_with_counting_seconds(
        budget in 1i64..2_000,
        mut edges in proptest::collection::vec(0i64..3_000, 0..8),
        looks in proptest::collection::vec(0i64..3_000, 0..20),
        end in 0i64..4_000,
    ) {
        edges.sort_unstable();
        edges.dedup();
        let paused_in = |s: i64| edges.iter().filter(|e| **e <= s).count() % 2 == 1;
        let mut clock = TargetClock::start(Target::Resolution, at(0), budget * 1000);
        let mut fired = Vec::new();
        let mut used = 0i64;
        let mut oracle = Vec::new();
        for s in 0..=end {
            // Marks are checked before the pause of the same instant, as `decide` settles before it acts.
            for percent in MARKS {
                // A broken promise runs on through what would have paused it.
                let stands = paused_in(s - 1) && !oracle.contains(&100);
                if used * 100 >= budget * i64::from(percent) && !oracle.contains(&percent) && !stands {
                    oracle.push(percent);
                }
            }
            if looks.contains(&s) || edges.contains(&s) || s == end {
                for due in clock.due_by(at(s), &MARKS) {
                    clock.fire(due.percent);
                    fired.push(due.percent);
                }
            }
            if edges.contains(&s) {
                if paused_in(s) { clock.pause(at(s)) } else { clock.resume(at(s)) }
            }
            if !paused_in(s) || oracle.contains(&100) { used += 1 }
        }
        let mut once = fired.clone();
        once.dedup();
        prop_assert_eq!(&once, &fired, "nothing twice");
        prop_assert_eq!(fired, oracle);
    }
}
