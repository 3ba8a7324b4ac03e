//! Each mistake in a policy file is found, placed and explained.

use rstest::rstest;

use super::*;

const VM: &str = include_str!("../../policies/vm.toml");
const KUBERNETES: &str = include_str!("../../policies/kubernetes.toml");

/// The problems of the VM file after `from` was replaced by `to` once.
fn after(from: &str, to: &str) -> String {
    assert!(VM.contains(from), "{from}");
    read("vm.toml", &VM.replacen(from, to, 1)).expect_err(to).to_string()
}

#[rstest]
#[case(
    "terms = \"vm\"",
    "terms = \"vms\"",
    "vm.toml:5:9: policy: `terms`: «vms» is not one of: vm, kubernetes (did you mean «vm»?)"
)]
#[case(
    "\nversion = \"2025-09-10\"",
    "\nversion = \"10 Sept\"",
    "vm.toml:6:11: policy: `version`: «10 Sept» cannot be a version"
)]
#[case(
    "Asia/Almaty",
    "Asia/Alma-Ata",
    "«Asia/Alma-Ata» is no time zone of the IANA database (did you mean «Asia/Almaty»?)"
)]
#[case(
    "close_after = \"72h\"",
    "close_after = 72",
    "`close_after`: a number where a text is needed; write a length of time"
)]
#[case("pauses_while = []", "pauses_while = [\"solved\"]", "in the state solved no clock runs")]
#[case("trial = \"3d\"", "trail = \"3d\"", "there is no key `trail` (did you mean «trial»?)")]
#[case("trial = \"3d\"", "trail = \"3d\"", "`trial` is missing")]
#[case("graceful_wait = \"3m\"", "graceful_wait = \"10m\"", "uses up the whole promise of vm_reboot")]
#[case(
    "emergency = \"60m\"",
    "emergency = \"5m\"",
    "vm.toml:19:13: first_reply: `emergency` is shorter than `messenger`"
)]
#[case(
    "at = 75",
    "at = 50",
    "vm.toml:27:6: mark: the mark at 50 comes after the one at 50; write marks in rising order"
)]
#[case("at = 50", "at = 0", "0 is out of range; write a whole number from 1 to 1000")]
#[case(
    "tell = [\"desk\"]",
    "tell = [\"dest\"]",
    "«dest» is not one of: customer, desk, on_call, duty_manager (did you mean «desk»?)"
)]
#[case("tell = [\"desk\"]", "tell = [\"desk\", \"desk\"]", "«desk» stands twice")]
#[case("tell = [\"desk\"]", "tell = []", "`tell` names nobody")]
#[case(
    "[kind.question]",
    "[kind.qestion]",
    "there is no kind of ticket «qestion» (did you mean «question»?)"
)]
#[case(
    "[kind.question]",
    "[kind.qestion]",
    "kind: the terms promise question, but the file does not; add `[kind.question]`"
)]
#[case("queue = \"network\"", "queue = \"netwrok\"", "kind zone_link: `queue`: «netwrok» is not one of:")]
#[case("approval = \"auto\"", "", "kind vm_reboot: `approval` is missing: this kind changes a real system")]
#[case(
    "resolution = \"4h\"",
    "resolution = \"4h\"\napproval = \"one\"",
    "kind fault_minor: `approval` makes no sense"
)]
#[case(
    "abuse = \"two\"",
    "abuse = \"three\"",
    "kind vm_unlock, by_lock_reason: `abuse`: «three» is not one of: auto, one, two"
)]
#[case(
    "promised = \"99.9\"",
    "promised = 99.9",
    "`promised`: a fraction where a text is needed; write a decimal number in quotes"
)]
#[case(
    "at_least = \"95.0\"",
    "at_least = \"99.5\"",
    "the tier from 99.5 comes after the one from 99.0; write tiers from the best to the worst"
)]
#[case("at_least = \"0\"", "at_least = \"1\"", "the last tier must begin at \"0\"")]
#[case(
    "credit = \"10\"",
    "credit = \"5\"",
    "a worse tier must earn more than the 5 per cent of the better one"
)]
#[case(
    "\"provider\"",
    "\"providr\"",
    "the vm terms know no cause «providr» (C13) (did you mean «provider»?)"
)]
#[case("\"provider\"", "\"provider\", \"customer_act\"", "the cause «customer_act» stands twice")]
#[case(
    "\"provider\"",
    "\"provider\", \"ha_master_unreachable\"",
    "the vm terms know no cause «ha_master_unreachable»"
)]
#[case("\"force_majeure\", ", "", "the cause «force_majeure» (C13) is in no list")]
#[case("[availability]", "[availibility]", "there is no key `availibility` (did you mean «availability»?)")]
fn mistakes_are_explained(#[case] from: &str, #[case] to: &str, #[case] said: &str) {
    let problems = after(from, to);
    assert!(problems.contains(said), "{problems}");
}

#[test]
fn the_kubernetes_terms_have_no_reboot() {
    let text = format!(
        "{KUBERNETES}\n[kind.vm_reboot]\nresolution = \"10m\"\nqueue = \"support\"\napproval = \"auto\"\n"
    );
    let problems = read("k.toml", &text).expect_err("no such promise").to_string();
    assert!(
        problems.ends_with("kind: the kubernetes terms know no vm_reboot; take this table out"),
        "{problems}"
    );
}

#[test]
fn all_mistakes_are_told_at_once_in_order_of_lines() {
    let text = VM
        .replace("close_after = \"72h\"", "close_after = \"soon\"")
        .replace("at = 75", "at = 40")
        .replace("resolution = \"30m\"", "resolution = 30")
        .replace("approval = \"auto\"", "aproval = \"auto\"");
    insta::assert_snapshot!(read("vm.toml", &text).expect_err("four mistakes").to_string());
}

#[test]
fn an_empty_file_and_a_broken_one_are_explained_too() {
    let problems = read("empty.toml", "").expect_err("empty");
    assert_eq!(problems.0.len(), 12, "{problems}");
    let broken = read("broken.toml", "terms = \"vm\"\nversion = \n").expect_err("broken").to_string();
    assert!(broken.contains("broken.toml:2:11: this is not TOML"), "{broken}");
}
