//! The worked examples of `crm/policies/examples/`, one file for each rule, against the shipped terms.

use std::collections::BTreeSet;
use std::path::Path;

use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use super::PolicyBook;
use crate::clock::Moment;
use crate::directory::ControlPlane;
use crate::domain::credit::{Cause, Claim, ClaimKind, Inputs, Interval, PriceFrom, Sheet, judge};
use crate::domain::downtime::{Month, Span};
use crate::domain::ids::{CustomerId, ServiceId};
use crate::domain::kind::Terms;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    says: String,
    terms: Terms,
    control_plane: Option<ControlPlane>,
    month: Month,
    since: Option<toml::value::Datetime>,
    until: Option<toml::value::Datetime>,
    price: Vec<PriceSaid>,
    interval: Vec<IntervalSaid>,
    #[serde(default)]
    claim: Vec<ClaimKind>,
    expect: Option<Expected>,
    refused: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceSaid {
    from: toml::value::Datetime,
    monthly: Decimal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IntervalSaid {
    from: toml::value::Datetime,
    to: toml::value::Datetime,
    cause: Cause,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expected {
    downtime: String,
    availability: String,
    tier: Decimal,
    base: String,
    credit: String,
    #[serde(default)]
    capped: bool,
    left_to_pay: Option<String>,
}

fn ms(at: toml::value::Datetime) -> i64 {
    at.to_string().parse::<Moment>().expect("a moment").timestamp_millis()
}

impl Case {
    fn inputs(&self) -> Inputs {
        let prices = self.price.iter().map(|p| PriceFrom {
            from: ms(p.from),
            monthly_tiyn: i64::try_from((p.monthly * Decimal::ONE_HUNDRED).mantissa()).expect("small")
                / 10i64.pow((p.monthly * Decimal::ONE_HUNDRED).scale()),
        });
        let intervals = (0..).zip(&self.interval).map(|(n, i)| Interval {
            id: Uuid::from_u128(n),
            span: Span::new(ms(i.from), ms(i.to)).expect("in order"),
            cause: i.cause,
        });
        Inputs {
            service: ServiceId::from("the-service"),
            customer: CustomerId::from("the-customer"),
            terms: self.terms,
            control_plane: self.control_plane,
            month: self.month,
            since: self.since.map_or(0, ms),
            until: self.until.map(ms),
            prices: prices.collect(),
            intervals: intervals.collect(),
            claims: self.claim.iter().map(|kind| Claim { id: Uuid::nil(), kind: *kind }).collect(),
        }
    }

    fn check(&self, file: &str) -> Option<Sheet> {
        let (inputs, says) = (self.inputs(), &self.says);
        let book = PolicyBook::shipped().expect("sound");
        let policy = book.of_month(self.terms, self.month).expect("in force");
        let judged = judge(&inputs, policy);
        if let Some(refused) = &self.refused {
            let said = judged.expect_err(says).to_string();
            assert!(said.contains(refused), "{file}: {says}\n{said}");
            return None;
        }
        let sheet = judged.unwrap_or_else(|error| panic!("{file}: {says}\n{error}"));
        let expected = self.expect.as_ref().expect("`expect` or `refused`");
        let downtime = humantime::parse_duration(&expected.downtime).expect("a length");
        assert_eq!(u128::try_from(sheet.downtime_ms()).ok(), Some(downtime.as_millis()), "{file}: {says}");
        let found = Expected {
            downtime: expected.downtime.clone(),
            availability: sheet.percent().to_string(),
            tier: sheet.tier_percent,
            base: format!("{:.2}", sheet.base),
            credit: format!("{:.2}", sheet.credit),
            capped: sheet.capped,
            left_to_pay: expected.left_to_pay.as_ref().map(|_| format!("{:.2}", sheet.paid - sheet.credit)),
        };
        assert_eq!(&found, expected, "{file}: {says}");
        Some(sheet)
    }
}

#[test]
fn the_examples_come_out_as_the_lawyer_reads_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/examples");
    let mut seen = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the examples") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("text");
        let example: Example = toml::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let number: u32 = name.trim_start_matches('C').parse().expect("C01, C02 …");
        assert!(text.starts_with(&format!("# C{number} (")), "{name} opens with its rule");
        let sheets: Vec<Sheet> = example.case.iter().filter_map(|case| case.check(&name)).collect();
        let rule = format!("C{number}");
        assert!(sheets.iter().any(|s| s.rules.contains(&rule.as_str())), "{name}: no sheet follows {rule}");
        seen.insert(number);
    }
    assert_eq!(seen, (1..=13).collect(), "one file for each rule");
}
