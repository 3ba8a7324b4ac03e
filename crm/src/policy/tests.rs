//! The shipped terms say what RULES.md says, and a book finds the right version.

use rstest::rstest;
use rust_decimal::Decimal;

use super::*;
use crate::domain::kind::{Channel, Kind};
use crate::domain::policy::Quorum;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn moment(text: &str) -> Moment {
    text.parse().expect("a moment")
}

fn shipped_text(name: &str) -> String {
    shipped().into_iter().find(|(n, _)| n == name).expect("shipped").1
}

fn policy(terms: Terms) -> Arc<Policy> {
    let book = PolicyBook::shipped().unwrap_or_else(|e| panic!("{e}"));
    book.current(terms, moment("2026-01-01T00:00:00Z")).expect("in force").clone()
}

#[rstest]
#[case(Kind::QuotaIncrease, 20 * MINUTE)]
#[case(Kind::PasswordRecovery, 20 * MINUTE)]
#[case(Kind::ZoneLink, 30 * MINUTE)]
#[case(Kind::FaultCritical, 60 * MINUTE)]
#[case(Kind::FaultMinor, 4 * HOUR)]
#[case(Kind::Question, 24 * HOUR)]
#[case(Kind::Order, 24 * HOUR)]
#[case(Kind::NewCabinet, 24 * HOUR)]
#[case(Kind::Trial, 24 * HOUR)]
#[case(Kind::CreditClaim, 24 * HOUR)]
#[case(Kind::DataLossClaim, 24 * HOUR)]
fn handling_times_are_those_of_both_terms(#[case] kind: Kind, #[case] ms: i64) {
    for terms in Terms::ALL {
        assert_eq!(policy(*terms).kinds[&kind].resolution_ms, ms, "{terms} {kind}");
    }
}

#[test]
fn reboot_and_unlock_take_ten_minutes_and_are_the_vm_terms_alone() {
    let vm = policy(Terms::Vm);
    for kind in [Kind::VmReboot, Kind::VmUnlock] {
        assert_eq!(vm.kinds[&kind].resolution_ms, 10 * MINUTE);
        assert!(!policy(Terms::Kubernetes).kinds.contains_key(&kind));
    }
    let rule = |kind: Kind| vm.kinds[&kind].approval.clone().expect("has an action");
    assert_eq!(rule(Kind::VmReboot).quorum(None), Quorum::Auto);
    assert_eq!(rule(Kind::VmUnlock).quorum(Some("unpaid")), Quorum::One);
    assert_eq!(rule(Kind::VmUnlock).quorum(Some("abuse")), Quorum::Two);
    assert_eq!(vm.name(), "vm@2025-09-10");
}

#[test]
fn first_reply_tiers_and_trial_are_those_of_the_terms() {
    for terms in Terms::ALL {
        let policy = policy(*terms);
        assert_eq!(policy.first_reply_ms(Channel::Telegram, false), 10 * MINUTE);
        assert_eq!(policy.first_reply_ms(Channel::Telegram, true), 60 * MINUTE);
        assert_eq!(policy.first_reply_ms(Channel::Email, false), 24 * HOUR);
        let tiers: Vec<_> = policy.availability.tiers.iter().map(|t| (t.at_least, t.credit)).collect();
        let tier = |at_least, credit| (Decimal::new(at_least, 1), Decimal::from(credit));
        assert_eq!(tiers, [tier(999, 0), tier(990, 5), tier(950, 10), tier(0, 15)]);
        assert_eq!(policy.availability.promised, Decimal::new(999, 1));
        assert_eq!(policy.availability.data_loss_credit, Decimal::from(50));
        assert_eq!(policy.trial_ms, 72 * HOUR);
        assert_eq!(policy.percents(), [50, 75, 100, 150]);
        assert!(policy.pauses_while.is_empty());
    }
}

#[test]
fn every_line_of_the_shipped_files_cites_its_rule() {
    for (name, text) in shipped() {
        let mut list_is_cited = false;
        for (number, line) in (1..).zip(text.lines()) {
            let comment = line.split_once('#').map_or("", |(_, comment)| comment);
            let cites = comment.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
                let rule = word.strip_prefix(['T', 'C', 'S']).is_some_and(|n| n.parse::<u8>().is_ok());
                rule || ["ours", "RULES", "edition"].contains(&word)
            });
            // A comment of its own line covers the list of tables below it, until the next single table.
            list_is_cited = (line.starts_with('#') && cites)
                || (list_is_cited && !line.starts_with(['#']) && !line.starts_with("[k"));
            let value = line.contains(" = ") && !line.starts_with("terms") && !line.ends_with('[');
            assert!(!value || cites || list_is_cited, "{name}:{number}: {line}");
        }
    }
}

#[test]
fn a_new_version_counts_from_its_moment_and_old_tickets_keep_theirs() {
    let old = shipped_text("vm.toml");
    let new = old
        .replace("version = \"2025-09-10\"", "version = \"2027-01-01\"")
        .replace("in_force_from = 2025-09-10T00", "in_force_from = 2027-01-01T00")
        .replacen("resolution = \"10m\"", "resolution = \"8m\"", 1);
    let texts = [
        ("vm-2027.toml".to_owned(), new),
        ("vm.toml".to_owned(), old),
        ("kubernetes.toml".to_owned(), shipped_text("kubernetes.toml")),
    ];
    let book = PolicyBook::of_texts("test", &texts).unwrap_or_else(|e| panic!("{e}"));
    let at = |text| book.current(Terms::Vm, moment(text)).map(|p| p.version.clone());
    assert_eq!(at("2025-09-09T18:59:59Z"), None);
    assert_eq!(at("2025-09-09T19:00:00Z").as_deref(), Some("2025-09-10"));
    assert_eq!(at("2026-12-31T18:59:59Z").as_deref(), Some("2025-09-10"));
    assert_eq!(at("2026-12-31T19:00:00Z").as_deref(), Some("2027-01-01"));
    assert_eq!(book.pinned("vm@2025-09-10").expect("kept").kinds[&Kind::VmReboot].resolution_ms, 10 * MINUTE);
    assert_eq!(book.pinned("vm@1999"), None);
}

#[test]
fn the_store_brings_back_versions_whose_file_is_gone_and_refuses_changed_ones() {
    let gone = shipped_text("vm.toml").replace("version = \"2025-09-10\"", "version = \"2024-01-01\"");
    let mut book = PolicyBook::shipped().unwrap_or_else(|e| panic!("{e}"));
    book.remember([("vm@2024-01-01", gone.as_str())]).expect("sound");
    assert!(book.pinned("vm@2024-01-01").is_some());
    let same = shipped_text("vm.toml");
    book.remember([("vm@2025-09-10", same.as_str())]).expect("the same text");
    let changed = same.replace("24h", "48h");
    let refused = book.remember([("vm@2025-09-10", changed.as_str())]).expect_err("another text");
    assert!(refused.to_string().contains("raise the version"), "{refused}");
}

/// The program learns a kind of request; the terms from before stay word for word, in a file or in the store.
#[test]
fn terms_from_before_a_kind_was_known_are_read_where_newer_ones_follow() {
    let new = shipped_text("vm.toml");
    let (before, rest) = new.split_once("[kind.question]").expect("a kind");
    let (_, after) = rest.split_once("\n\n").expect("another kind");
    let old = format!("{before}{after}")
        .replace("version = \"2025-09-10\"", "version = \"2025-01-01\"")
        .replace("in_force_from = 2025-09-10T00", "in_force_from = 2025-01-01T00");
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let kubernetes = file("kubernetes.toml", &shipped_text("kubernetes.toml"));

    let alone = [file("old.toml", &old), kubernetes.clone()];
    let said = PolicyBook::of_texts("test", &alone).expect_err("incomplete").to_string();
    assert!(said.contains("the terms promise question, but the file does not"), "{said}");
    // What came into force at the same moment follows nothing.
    let beside = old.replace("in_force_from = 2025-01-01T00", "in_force_from = 2025-09-10T00");
    let beside = [file("old.toml", &beside), file("vm.toml", &new), kubernetes.clone()];
    assert!(PolicyBook::of_texts("test", &beside).is_err());

    let both = [file("old.toml", &old), file("vm.toml", &new), kubernetes];
    let book = PolicyBook::of_texts("test", &both).unwrap_or_else(|e| panic!("{e}"));
    let knows =
        |book: &PolicyBook, name| book.pinned(name).expect("kept").kinds.contains_key(&Kind::Question);
    assert!(!knows(&book, "vm@2025-01-01") && knows(&book, "vm@2025-09-10"));

    let mut book = PolicyBook::shipped().unwrap_or_else(|e| panic!("{e}"));
    book.remember([("vm@2025-01-01", old.as_str())]).unwrap_or_else(|e| panic!("{e}"));
    assert!(!knows(&book, "vm@2025-01-01"));
}

#[test]
fn two_files_of_one_name_and_a_missing_service_are_refused() {
    let vm = shipped_text("vm.toml");
    let twice = [("a.toml".to_owned(), vm.clone()), ("b.toml".to_owned(), vm.clone())];
    let said = PolicyBook::of_texts("test", &twice).expect_err("twice").to_string();
    assert_eq!(
        said,
        "b.toml and a.toml both say that they are vm@2025-09-10: give one of them another `version`"
    );
    let said =
        PolicyBook::of_texts("the folder", &[("a.toml".to_owned(), vm)]).expect_err("one only").to_string();
    assert!(said.starts_with("the folder has no policy for kubernetes"), "{said}");
}

#[test]
fn a_month_is_judged_by_the_terms_of_its_first_moment() {
    let old =
        shipped_text("vm.toml").replace("in_force_from = 2025-09-10T00", "in_force_from = 2025-09-01T00");
    let new = old
        .replace("version = \"2025-09-10\"", "version = \"2027\"")
        .replace("in_force_from = 2025-09-01T00", "in_force_from = 2027-01-01T00");
    let texts = [
        ("vm.toml".to_owned(), old),
        ("vm-2027.toml".to_owned(), new),
        ("kubernetes.toml".to_owned(), shipped_text("kubernetes.toml")),
    ];
    let book = PolicyBook::of_texts("test", &texts).unwrap_or_else(|e| panic!("{e}"));
    let of = |terms, month: &str| {
        book.of_month(terms, month.parse().expect("a month")).map(|policy| policy.version.clone())
    };
    assert_eq!(of(Terms::Vm, "2026-12").as_deref(), Some("2025-09-10"));
    assert_eq!(of(Terms::Vm, "2027-01").as_deref(), Some("2027"), "in force from the month's first moment");
    assert_eq!(of(Terms::Vm, "2025-08"), None, "in force from the moment after the month");
    // The first month of a promise that came into force while it lasted.
    assert_eq!(of(Terms::Kubernetes, "2025-09").as_deref(), Some("2025-09-10"));
    assert_eq!(of(Terms::Kubernetes, "2025-08"), None);
}
