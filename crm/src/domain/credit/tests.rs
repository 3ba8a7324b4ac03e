//! Tier borders to the millisecond, what is printed, the cap, and what must hold for any inputs.

use proptest::prelude::*;
use rstest::rstest;
use rust_decimal::prelude::ToPrimitive;

use super::*;
use crate::domain::policy::Policy;
use crate::policy::PolicyBook;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn policy(terms: Terms) -> Policy {
    let book = PolicyBook::shipped().expect("sound");
    (**book.of_month(terms, month()).expect("in force")).clone()
}

fn month() -> Month {
    "2026-11".parse().expect("a month")
}

/// The first millisecond of the month in Almaty.
fn begins() -> i64 {
    month().span(chrono_tz::Asia::Almaty).from()
}

fn inputs(intervals: &[(i64, i64, Cause)]) -> Inputs {
    let interval = |(n, (from, to, cause)): (u128, &(i64, i64, Cause))| Interval {
        id: Uuid::from_u128(n),
        span: Span::new(begins() + from, begins() + to).expect("in order"),
        cause: *cause,
    };
    Inputs {
        service: ServiceId::from("web"),
        customer: CustomerId::from("acme"),
        terms: Terms::Vm,
        control_plane: None,
        month: month(),
        since: 0,
        until: None,
        prices: vec![PriceFrom { from: 0, monthly_tiyn: 10_000_000 }],
        intervals: (0..).zip(intervals).map(interval).collect(),
        claims: Vec::new(),
    }
}

fn sheet(inputs: &Inputs) -> Sheet {
    judge(inputs, &policy(Terms::Vm)).unwrap_or_else(|e| panic!("{e}"))
}

#[rstest]
#[case(0, "0", "100.000")]
#[case(2_592_000 - 1, "0", "99.900")]
#[case(2_592_000, "0", "99.900")]
#[case(2_592_000 + 1, "5", "99.899")]
#[case(25_920_000 - 1, "5", "99.000")]
#[case(25_920_000, "5", "99.000")]
#[case(25_920_000 + 1, "10", "98.999")]
#[case(129_600_000 - 1, "10", "95.000")]
#[case(129_600_000, "10", "95.000")]
#[case(129_600_000 + 1, "15", "94.999")]
#[case(30 * DAY, "15", "0.000")]
fn a_border_belongs_to_the_better_tier_and_a_millisecond_more_does_not(
    #[case] downtime: i64,
    #[case] tier: Decimal,
    #[case] printed: &str,
) {
    let sheet = sheet(&inputs(&[(0, downtime, Cause::Provider)]));
    assert_eq!((sheet.tier_percent, sheet.percent().to_string().as_str()), (tier, printed));
    assert_eq!(sheet.credit, Decimal::from(1000) * tier);
    assert_eq!(sheet.budget_left_ms(), 2_592_000 - downtime);
}

#[test]
fn error_budgets_are_those_of_the_month() {
    let promise = Decimal::new(999, 1);
    assert_eq!(Availability::new(0, 30 * DAY).budget_ms(promise), 43 * MINUTE + 12_000);
    assert_eq!(Availability::new(0, 31 * DAY).budget_ms(promise), 44 * MINUTE + 38_400);
}

#[test]
fn nothing_at_all_is_available_and_impossible_downtime_is_none() {
    let nothing = Availability::new(0, 0);
    assert!(nothing.at_least(Decimal::ONE_HUNDRED));
    assert_eq!(nothing.percent(3).to_string(), "100.000");
    assert_eq!(Availability::new(5, 3).percent(3).to_string(), "0.000");
    assert_eq!(Availability::new(-5, 3).percent(3).to_string(), "100.000");
}

#[test]
fn a_finer_border_is_printed_with_its_digits() {
    let mut terms = policy(Terms::Vm);
    terms.availability.tiers[0].at_least = "99.99990".parse().expect("a number");
    let mut short = inputs(&[(0, 2593, Cause::Provider)]);
    let judged = judge(&short, &terms).expect("judged");
    assert_eq!((judged.percent().to_string().as_str(), judged.tier_percent), ("99.9998", Decimal::from(5)));
    short.intervals[0].span = Span::new(begins(), begins() + 2592).expect("in order");
    let judged = judge(&short, &terms).expect("judged");
    assert_eq!((judged.percent().to_string().as_str(), judged.tier_percent), ("99.9999", Decimal::ZERO));
}

#[test]
fn a_price_counts_from_its_first_millisecond() {
    let prices = [PriceFrom { from: 100, monthly_tiyn: 1 }, PriceFrom { from: 200, monthly_tiyn: 2 }];
    let found: Vec<_> = [99, 100, 199, 200, 201].map(|at| in_force(&prices, at)).to_vec();
    assert_eq!(found, [None, Some(1), Some(1), Some(2), Some(2)]);
}

#[test]
fn an_interval_of_no_time_or_of_another_month_is_not_on_the_sheet() {
    let list =
        [(5, 5, Cause::Provider), (-DAY, 0, Cause::Provider), (30 * DAY, 31 * DAY, Cause::CustomerAct)];
    let sheet = sheet(&inputs(&list));
    assert_eq!((sheet.rows.len(), sheet.downtime_ms()), (0, 0));
    assert_eq!(sheet.rules, ["C1", "C2", "C12", "C13"]);
}

#[test]
fn a_policy_may_take_what_is_excluded_out_of_the_period() {
    let mut terms = policy(Terms::Vm);
    terms.availability.excluded_leaves_period = true;
    let month = inputs(&[
        (0, 10 * DAY, Cause::PlannedWorks),
        (9 * DAY, 12 * DAY, Cause::CustomerAct),
        (11 * DAY, 12 * DAY + 60 * MINUTE, Cause::Provider),
    ]);
    let sheet = judge(&month, &terms).expect("judged");
    // Days 0 to 11 leave; the day that both the customer and the provider broke stays, for it counts.
    assert_eq!((sheet.downtime_ms(), sheet.period_ms), (DAY + 60 * MINUTE, 19 * DAY));
}

#[test]
fn prices_beyond_exactness_are_refused() {
    let mut huge = inputs(&[(0, DAY, Cause::Provider)]);
    huge.prices[0].monthly_tiyn = 100_000_000_000_000;
    assert_eq!(sheet(&huge).credit.to_string(), "100000000000.00");
    huge.prices[0].monthly_tiyn += 1;
    assert_eq!(judge(&huge, &policy(Terms::Vm)), Err(CreditError::TooLarge(ServiceId::from("web"))));
}

#[test]
fn a_credit_of_exactly_what_was_paid_is_not_cut() {
    let mut month = inputs(&[]);
    for (claims, capped) in [(2, false), (3, true)] {
        month.claims = vec![Claim { id: Uuid::nil(), kind: ClaimKind::DataLoss }; claims];
        let sheet = sheet(&month);
        assert_eq!(
            (sheet.credit, sheet.capped),
            (sheet.paid.round_dp(2), capped),
            "{claims} times a half (C7)"
        );
    }
}

#[test]
fn inputs_read_back_as_they_were_frozen() {
    let mut frozen = inputs(&[(0, DAY, Cause::Provider), (5, 9, Cause::PlannedWorks)]);
    frozen.claims.push(Claim { id: Uuid::nil(), kind: ClaimKind::DataLoss });
    frozen.until = Some(begins() + 20 * DAY);
    let text = serde_json::to_string(&frozen).expect("written");
    let read: Inputs = serde_json::from_str(&text).expect("read");
    assert_eq!(read, frozen);
    assert_eq!(sheet(&read), sheet(&frozen));
    // An interval put into disorder behind the desk's back does not become a negative downtime.
    let broken: Interval =
        serde_json::from_str(&format!("[\"{}\",9,4,\"provider\"]", Uuid::nil())).expect("read");
    assert_eq!(broken.span, Span::new(4, 9).expect("in order"));
}

/// Anything that a month may bring.
fn months() -> impl Strategy<Value = Inputs> {
    let cause = proptest::sample::select(vec![
        Cause::Provider,
        Cause::ForceMajeure,
        Cause::CustomerAct,
        Cause::PlannedWorks,
    ]);
    let interval =
        (-2 * DAY..32 * DAY, 0..3 * DAY, cause).prop_map(|(from, long, cause)| (from, from + long, cause));
    let prices = proptest::collection::btree_map(-40 * DAY..35 * DAY, 0i64..500_000_000, 1..4);
    let life = (-60 * DAY..29 * DAY, proptest::option::of(0..60 * DAY));
    (proptest::collection::vec(interval, 0..8), prices, life, 0usize..4).prop_map(
        |(list, prices, life, claims)| {
            let mut month = inputs(&list);
            month.since = begins() + life.0;
            month.until = life.1.map(|long| month.since + long);
            month.prices = prices
                .into_iter()
                .map(|(from, monthly_tiyn)| PriceFrom { from: begins() + from, monthly_tiyn })
                .collect();
            // A service has a price from its beginning.
            month.prices[0].from = month.prices[0].from.min(month.since);
            let kinds = [ClaimKind::DataLoss, ClaimKind::Liability, ClaimKind::DataLoss];
            month.claims =
                kinds[..claims].iter().map(|kind| Claim { id: Uuid::nil(), kind: *kind }).collect();
            month
        },
    )
}

proptest! {
    #[test]
    fn a_credit_is_never_negative_nor_above_what_was_paid(month in months()) {
        let sheet = sheet(&month);
        prop_assert!(sheet.credit >= Decimal::ZERO);
        prop_assert!(sheet.credit <= sheet.paid.round_dp(2), "{} of {}", sheet.credit, sheet.paid);
        prop_assert_eq!(sheet.credit.scale() <= 2, true);
        prop_assert!(sheet.downtime_ms() <= sheet.period_ms && sheet.period_ms <= sheet.whole.ms());
        if !sheet.capped && !sheet.lines.is_empty() {
            let sum: Decimal = sheet.lines.iter().map(|l| l.of * l.percent / Decimal::ONE_HUNDRED).sum();
            prop_assert!((sum - sheet.credit).abs() <= Decimal::new(5001, 6), "{} {}", sum, sheet.credit);
        }
    }

    #[test]
    fn every_printed_percentage_agrees_with_the_tier_beside_it(down in 0i64..30 * DAY, digits in DIGITS..=DIGITS_EXPORTED) {
        let sheet = sheet(&inputs(&[(0, down, Cause::Provider)]));
        let tiers = policy(Terms::Vm).availability.tiers;
        let printed = sheet.availability.percent(digits);
        let read = tiers.iter().find(|t| printed >= t.at_least).expect("the last begins at nothing");
        prop_assert_eq!((read.credit, read.at_least), (sheet.tier_percent, sheet.tier_at_least));
        // And it is the exact figure, cut.
        let exact = Decimal::from(30 * DAY - down) * Decimal::ONE_HUNDRED / Decimal::from(30 * DAY);
        prop_assert!(printed <= exact && (exact - printed) < Decimal::new(1, digits));
        prop_assert!(printed.to_f64().is_some());
    }
}
