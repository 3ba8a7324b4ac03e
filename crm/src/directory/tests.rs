//! The example file reads, every mistake is found and placed, and a difference reads like a sentence.

use proptest::prelude::*;
use rstest::rstest;

use super::file::read;
use super::*;

/// The file of DESIGN 6: these keys are fixed.
pub(crate) const EXAMPLE: &str = include_str!("example.toml");

fn example() -> Directory {
    read("directory.toml", EXAMPLE).unwrap_or_else(|e| panic!("{e}"))
}

/// The problems of the example after `from` was replaced by `to` once.
fn after(from: &str, to: &str) -> String {
    assert!(EXAMPLE.contains(from), "{from}");
    read("d.toml", &EXAMPLE.replacen(from, to, 1)).expect_err(to).to_string()
}

fn lines(changes: &[Change]) -> Vec<String> {
    changes.iter().map(ToString::to_string).collect()
}

#[test]
fn the_example_reads_whole() {
    let d = example();
    assert_eq!(d.zones.len(), 2);
    assert_eq!(d.clusters[0].control_plane, ControlPlane::Ha);
    assert_eq!(d.clusters[0].masters.len(), ControlPlane::Ha.masters());
    assert_eq!(d.customers[0].cabinet.as_ref().map(|c| c.user.as_str()), Some("acme-admin"));
    assert_eq!(d.contacts[0].phone.as_deref(), Some("+77010000001"));
    assert_eq!(d.contacts[0].customer.as_str(), "acme");
    let web = d.services.iter().find(|s| s.id.as_str() == "acme-web").expect("is there");
    assert_eq!(web.place.to_string(), "ala-1/acme-web");
    assert_eq!(web.prices[0].monthly_tiyn, 4_500_000);
    assert_eq!(web.since, "2026-01-15T04:00:00Z".parse::<Moment>().expect("valid"));
    assert_eq!(d.staff[0].telegram, Some(100_001));
    assert_eq!(d.rotas[0].order, [StaffId::from("nurlan")]);
}

#[rstest]
#[case("id = \"ala-2\"", "id = \"ala-1\"", "zone «ala-1»: line 5 has the same id; give one of them another")]
#[case(
    "zone = \"ala-1\"",
    "zone = \"ala-7\"",
    "service «acme-web»: there is no zone «ala-7» in this file (did you mean «ala-"
)]
#[case(
    "cluster = \"acme-prod\"",
    "cluster = \"acme-prd\"",
    "there is no cluster «acme-prd» in this file (did you mean «acme-prod»?); correct it or add `[[cluster]]`"
)]
#[case(
    "order = [\"nurlan\"]",
    "order = [\"nurlna\"]",
    "rota «support»: there is no staff «nurlna» in this file (did you mean «nurlan»?)"
)]
#[case(
    "order = [\"nurlan\"]",
    "order = [\"nurlan\", \"nurlan\"]",
    "rota «support»: «nurlan» stands twice in `order`"
)]
#[case("role = \"engineer\"", "role = \"auditor\"", "«nurlan» is auditor and may not handle tickets")]
#[case(
    "role = \"engineer\"",
    "role = \"engeneer\"",
    "staff «nurlan»: `role`: «engeneer» is not one of: engineer, duty-manager, manager, administrator, auditor (did you mean «engineer»?)"
)]
#[case(
    "queues = [\"support\"]",
    "queues = [\"suport\"]",
    "staff «nurlan»: `queues`: «suport» is not one of:"
)]
#[case(
    "language = \"kk\"",
    "language = \"kz\"",
    "contact «aigerim»: `language`: «kz» is not one of: kk, ru, en"
)]
#[case(
    "phone = \"+77010000001\"",
    "phone = \"8 701 000 00 01\"",
    "contact «aigerim»: `phone`: «8 701 000 00 01» is not an E.164 number"
)]
#[case("email = \"aigerim@acme.example\"", "email = \"aigerim\"", "«aigerim» is no mail address")]
#[case("phone = \"+77", "fone = \"+77", "contact «aigerim»: there is no key `fone` (did you mean «phone»?)")]
#[case(
    "since = 2026-01-15T09:00:00+05:00",
    "since = 2026-01-15",
    "service «acme-web»: `since`: «2026-01-15» is no moment"
)]
#[case(
    "since = 2026-01-15T09:00:00+05:00",
    "since = 2026-01-15T09:00:00+05:00\n  until = 2026-01-01T00:00:00+05:00",
    "`until` is not after `since`"
)]
#[case("monthly = \"45000.00\"", "monthly = \"45000\"", "price: `monthly`: «45000» is no amount")]
#[case(
    "monthly = \"45000.00\"",
    "monthly = \"45000.00\"\n[[customer.service.price]]\nfrom = 2026-01-15T09:00:00+05:00\nmonthly = \"1.00\"",
    "service «acme-web»: this price begins no later than the one before"
)]
#[case("domain = \"acme-web\"", "", "service «acme-web»: `domain` is missing")]
#[case(
    "namespace = \"acme\"",
    "namespace = \"acme\"\n  zone = \"ala-1\"",
    "service «acme-k8s»: `zone` belongs to a service of kind \"vm\", this one is \"kubernetes\"; take it out"
)]
#[case(
    "kind = \"vm\"",
    "kind = \"VM\"",
    "service «acme-web»: `kind`: «VM» is not one of: vm, kubernetes (did you mean «vm»?)"
)]
#[case(
    "control_plane = \"ha\"",
    "control_plane = \"HA\"",
    "cluster «acme-prod»: `control_plane`: «HA» is not one of: basic, ha (did you mean «ha»?)"
)]
#[case(
    "\"https://127.0.0.1:6443\"",
    "\"127.0.0.1:6443\"",
    "cluster «acme-prod»: `masters`: «127.0.0.1:6443» is no address"
)]
#[case(
    "shift_hours = 12",
    "shift_hours = 0",
    "rota «support»: `shift_hours`: 0 is out of range; write a whole number from 1 to 744"
)]
#[case(
    "then = \"duty-manager\"",
    "then = \"manager\"",
    "rota «support»: `then`: pages cannot end with «manager»; write \"duty-manager\""
)]
#[case("id = \"aigerim\"", "id = \"ай герім\"", "contact: `id`: «ай герім» cannot be an id")]
#[case(
    "[[rota]]",
    "[[rotas]]",
    "d.toml:60:3: directory: there is no key `rotas` (did you mean «rota»?) (the keys are: zone, cluster, customer, staff, rota)"
)]
#[case(
    "cabinet = { project = \"acme\", user = \"acme-admin\" }",
    "cabinet = { project = \"acme\" }",
    "cabinet: `user` is missing"
)]
fn mistakes_name_line_and_entry(#[case] from: &str, #[case] to: &str, #[case] said: &str) {
    let problems = after(from, to);
    assert!(problems.contains(said), "{problems}");
    assert!(problems.starts_with("d.toml:"), "{problems}");
}

#[test]
fn what_is_claimed_twice_is_refused() {
    let twice = format!(
        "{EXAMPLE}\n[[customer]]\nid = \"bereke\"\nname = \"Береке\"\n[[customer.contact]]\nid = \"aigerim\"\nname = \"X\"\n\
         phone = \"+77010000001\"\n[[customer.service]]\nid = \"bereke-web\"\nkind = \"vm\"\nzone = \"ala-1\"\ndomain = \"acme-web\"\n\
         since = 2026-01-15T09:00:00+05:00\n[[staff]]\nid = \"dana\"\nname = \"Дана\"\nrole = \"engineer\"\nqueues = []\n\
         telegram = 100001\n[[rota]]\nqueue = \"support\"\nstarts = 2026-11-23T09:00:00+05:00\nshift_hours = 12\norder = []\n\
         ack_timeout_minutes = 5\nthen = \"duty-manager\"\n"
    );
    insta::assert_snapshot!(read("d.toml", &twice).expect_err("five times twice").to_string());
}

#[test]
fn an_unknown_telegram_or_a_missing_language_is_no_mistake() {
    let text = EXAMPLE.replace("telegram = 100001\n", "").replace("language = \"kk\"\n", "");
    let d = read("d.toml", &text).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((d.staff[0].telegram, d.staff[0].language), (None, Lang::Kk));
}

#[test]
fn a_difference_is_readable() {
    assert_eq!(diff(&example(), &example()), []);
    let mut text = EXAMPLE.replace("role = \"engineer\"", "role = \"duty-manager\"");
    text = text.replace("monthly = \"45000.00\"", "monthly = \"45000.00\"\n[[customer.service.price]]\nfrom = 2026-12-01T00:00:00+05:00\nmonthly = \"50000.00\"");
    text = text.replace("id = \"acme-k8s\"", "id = \"acme-k8s-2\"").replace("phone = \"+77010000001\"\n", "");
    let wanted = read("d.toml", &text).unwrap_or_else(|e| panic!("{e}"));
    insta::assert_snapshot!(lines(&diff(&example(), &wanted)).join("\n"), @r"
    ~ contact aigerim: phone +77010000001 → none
    + service acme-k8s-2 (acme, kubernetes acme-prod/acme)
    ~ service acme-web: price from 2026-11-30T19:00:00Z none → 50000.00
    - service acme-k8s: retired
    ~ staff nurlan: role engineer → duty-manager
    ");
    insta::assert_snapshot!(lines(&diff(&Directory::default(), &example())).join("\n"), @r"
    + zone ala-1
    + zone ala-2
    + cluster acme-prod
    + customer acme
    + contact aigerim (acme)
    + service acme-k8s (acme, kubernetes acme-prod/acme)
    + service acme-web (acme, vm ala-1/acme-web)
    + staff nurlan (engineer)
    + rota support
    ");
}

proptest! {
    /// A file that lost or gained any line is read or refused with a place, never with a panic.
    #[test]
    fn mangled_files_never_panic(line in 0usize..80, extra in "[a-z\\[\\]\"= .]{0,20}") {
        let mut lines: Vec<&str> = EXAMPLE.lines().collect();
        let line = line.min(lines.len() - 1);
        lines[line] = &extra;
        if let Err(problems) = read("d.toml", &lines.join("\n")) {
            prop_assert!(problems.0.iter().all(|p| p.line >= 1 && p.column >= 1 && !p.text.is_empty()));
        }
    }

    /// Whatever entries are dropped, the difference to it and back has as many lines, and no difference means the same.
    #[test]
    fn a_difference_goes_both_ways(keep in proptest::collection::vec(any::<bool>(), 9)) {
        let whole = example();
        let mut part = whole.clone();
        let mut keep = keep.into_iter();
        part.zones.retain(|_| keep.next().unwrap_or(true));
        part.contacts.retain(|_| keep.next().unwrap_or(true));
        part.services.retain(|_| keep.next().unwrap_or(true));
        part.staff.retain(|_| keep.next().unwrap_or(true));
        let (there, back) = (diff(&whole, &part), diff(&part, &whole));
        prop_assert_eq!(there.len(), back.len());
        prop_assert_eq!(there.is_empty(), whole == part);
        prop_assert!(there.iter().all(|c| matches!(c, Change::Retired(_))));
        prop_assert!(back.iter().all(|c| matches!(c, Change::Added(_))));
    }
}
