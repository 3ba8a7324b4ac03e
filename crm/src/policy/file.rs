//! One policy file, `crm/policies/*.toml`: read whole, checked whole, every mistake with its line.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use toml::de::DeValue;

use super::terms;
use crate::domain::kind::{Kind, Terms};
use crate::domain::policy::{
    ApprovalRule, Audience, Availability, Causes, FirstReply, KindPolicy, Mark, Policy, Quorum,
    SeverityChange, Tier,
};
use crate::domain::ticket::State;
use crate::input::{self, At, Problems, Report, Table, suggest};

/// Whether newer terms of the same service are known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    /// None are: every kind of request must be in them.
    Newest,
    /// Some are: kinds that the program has learnt since are missing.
    Followed,
}

/// Reads the policy in `text`; `file` names it in the problems.
pub fn read(file: &str, text: &str) -> Result<Policy, Problems> {
    read_as(file, text, Age::Newest)
}

/// Reads terms that newer ones have followed. They are kept word for word for the tickets that rely on them, so they cannot promise what
/// the program has learnt since.
pub fn read_followed(file: &str, text: &str) -> Result<Policy, Problems> {
    read_as(file, text, Age::Followed)
}

fn read_as(file: &str, text: &str, age: Age) -> Result<Policy, Problems> {
    let report = Report::new(file, text);
    let root = report.parse();
    let policy = policy(Table::root(&root, &report, "policy"), age);
    drop(root);
    report.finish(policy)
}

fn policy(mut t: Table<'_>, age: Age) -> Option<Policy> {
    let whose = t.required("terms", input::word::<Terms>);
    let version = t.required("version", version);
    let in_force_from = t.required("in_force_from", input::moment);
    let time_zone = t.required("time_zone", time_zone);
    let pauses_while = t.required("pauses_while", pausing_states);
    let close_after = t.required("close_after", input::duration_ms);
    let approval_valid = t.required("approval_valid", input::duration_ms);
    let graceful_wait = t.required("graceful_wait", input::duration_ms);
    let trial = t.required("trial", input::duration_ms);
    let severity_change = t.optional("severity_change", input::word::<SeverityChange>);
    let first_reply = t.required_table("first_reply", "first_reply").and_then(first_reply);
    let marks = marks(&mut t);
    let whose_terms = whose.as_ref().map(|w| w.value);
    let kinds = t.required_table("kind", "kind").and_then(|k| kinds(&k, whose_terms, age));
    let availability =
        t.required_table("availability", "availability").and_then(|a| availability(a, whose_terms));
    let reboot = kinds.as_ref().and_then(|k: &BTreeMap<Kind, KindPolicy>| k.get(&Kind::VmReboot));
    if let (Some(wait), Some(reboot)) = (&graceful_wait, reboot)
        && wait.value >= reboot.resolution_ms
    {
        t.problem(wait.at, "`graceful_wait` uses up the whole promise of vm_reboot; write a shorter one");
    }
    t.finish();
    Some(Policy {
        terms: whose?.value,
        version: version?.value,
        in_force_from: in_force_from?.value,
        time_zone: time_zone?.value,
        first_reply: first_reply?,
        kinds: kinds?,
        marks: marks?,
        pauses_while: pauses_while?.value,
        close_after_ms: close_after?.value,
        approval_valid_ms: approval_valid?.value,
        graceful_wait_ms: graceful_wait?.value,
        availability: availability?,
        trial_ms: trial?.value,
        severity_change: severity_change.map_or(SeverityChange::FromChange, |s| s.value),
    })
}

/// A version is part of a name, `vm@2025-09-10`.
fn version(value: &DeValue<'_>) -> Result<String, String> {
    let version = input::text(value)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if version.chars().all(fits) && version.len() <= 40 {
        return Ok(version);
    }
    Err(format!(
        "«{version}» cannot be a version; write a date such as \"2025-09-10\" (letters, digits, - . _)"
    ))
}

fn time_zone(value: &DeValue<'_>) -> Result<Tz, String> {
    let name = input::text(value)?;
    name.parse().map_err(|_| {
        let hint = suggest(&name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
        format!("«{name}» is no time zone of the IANA database{hint}; write one such as \"Asia/Almaty\"")
    })
}

fn pausing_states(value: &DeValue<'_>) -> Result<Vec<State>, String> {
    let states = input::words::<State>(value)?;
    match states.iter().find(|state| !state.is_active()) {
        Some(state) => Err(format!("in the state {state} no clock runs, so nothing can pause; take it out")),
        None => Ok(states),
    }
}

fn first_reply(mut t: Table<'_>) -> Option<FirstReply> {
    let messenger = t.required("messenger", input::duration_ms);
    let phone = t.required("phone", input::duration_ms);
    let email = t.required("email", input::duration_ms);
    let emergency = t.required("emergency", input::duration_ms);
    if let (Some(normal), Some(more)) = (&messenger, &emergency)
        && more.value < normal.value
    {
        t.problem(
            more.at,
            "`emergency` is shorter than `messenger`, but an emergency may only lengthen it (T8)",
        );
    }
    t.finish();
    Some(FirstReply {
        messenger_ms: messenger?.value,
        phone_ms: phone?.value,
        email_ms: email?.value,
        emergency_ms: emergency?.value,
    })
}

fn marks(policy: &mut Table<'_>) -> Option<Vec<Mark>> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut complete = true;
    for mut t in policy.tables("mark", "mark") {
        let at = t.required("at", input::integer(1, 1000));
        let tell = t.required("tell", input::words::<Audience>);
        if let Some(tell) = tell.as_ref().filter(|tell| tell.value.is_empty()) {
            t.problem(tell.at, "`tell` names nobody; name somebody or take the whole mark out");
        }
        let percent = at.as_ref().and_then(|at| u32::try_from(at.value).ok());
        if let (Some(at), Some(before)) = (&at, marks.last())
            && i64::from(before.at) >= at.value
        {
            t.problem(
                at.at,
                format!(
                    "the mark at {} comes after the one at {}; write marks in rising order",
                    at.value, before.at
                ),
            );
        }
        match (percent, tell) {
            (Some(at), Some(tell)) => marks.push(Mark { at, tell: tell.value }),
            _ => complete = false,
        }
        t.finish();
    }
    complete.then_some(marks)
}

fn kinds(t: &Table<'_>, whose: Option<Terms>, age: Age) -> Option<BTreeMap<Kind, KindPolicy>> {
    let mut kinds = BTreeMap::new();
    let mut complete = true;
    let mut seen = Vec::new();
    for (key, value) in t.entries() {
        let Ok(kind) = key.value.parse::<Kind>() else {
            let hint = suggest(key.value, Kind::ALL.iter().map(|k| k.as_str()));
            t.problem(key.at, format!("there is no kind of ticket «{}»{hint}", key.value));
            continue;
        };
        seen.push(kind);
        if let Some(terms) = whose.filter(|terms| !terms::kinds(*terms).any(|k| k == kind)) {
            t.problem(key.at, format!("the {terms} terms know no {kind}; take this table out"));
        }
        match t.entry_table(&key, value, format!("kind {kind}")).and_then(|table| kind_policy(table, kind)) {
            Some(policy) => drop(kinds.insert(kind, policy)),
            None => complete = false,
        }
    }
    let promised = whose.filter(|_| age == Age::Newest).into_iter().flat_map(terms::kinds);
    for kind in promised.filter(|kind| !seen.contains(kind)) {
        t.problem(t.at(), format!("the terms promise {kind}, but the file does not; add `[kind.{kind}]` with `resolution` and `queue`"));
    }
    complete.then_some(kinds)
}

fn kind_policy(mut t: Table<'_>, kind: Kind) -> Option<KindPolicy> {
    let resolution = t.required("resolution", input::duration_ms);
    let queue = t.required("queue", input::word);
    let page_at_once = t.optional("page_at_once", input::boolean);
    let approval = t.optional("approval", input::word::<Quorum>);
    let reasons = t.table("by_lock_reason", &format!("{}, by_lock_reason", t.what().to_owned()));
    match (&approval, terms::has_action(kind)) {
        (None, true) => t.problem(
            t.at(),
            "`approval` is missing: this kind changes a real system; write \"auto\", \"one\" or \"two\"",
        ),
        (Some(a), false) => {
            t.problem(a.at, "`approval` makes no sense: nothing is executed for this kind; take it out");
        }
        _ => {}
    }
    if let Some(reasons) = reasons.as_ref().filter(|_| kind != Kind::VmUnlock) {
        t.problem(reasons.at(), "`by_lock_reason` makes sense for vm_unlock alone; take it out");
    }
    let by_lock_reason = reasons.as_ref().map_or(Some(BTreeMap::new()), lock_reasons);
    let auto_within = t.optional("auto_within_percent", input::integer(0, 1000));
    let two_above = t.optional("two_above_percent", input::integer(0, 100_000));
    let after_code = t.optional("after_code", input::word::<Quorum>);
    if let Some(after) = after_code.as_ref().filter(|_| kind != Kind::PasswordRecovery) {
        t.problem(after.at, "a code proves who asks for password_recovery alone; take `after_code` out");
    }
    for limit in auto_within.iter().chain(&two_above).filter(|_| kind != Kind::QuotaIncrease) {
        t.problem(limit.at, "a step in per cent makes sense for quota_increase alone; take it out");
    }
    if let (Some(auto), Some(two)) = (&auto_within, &two_above)
        && auto.value > two.value
    {
        t.problem(
            two.at,
            "`two_above_percent` is less than `auto_within_percent`: a step cannot need nobody and two",
        );
    }
    t.finish();
    let by_lock_reason = by_lock_reason?;
    Some(KindPolicy {
        resolution_ms: resolution?.value,
        queue: queue?.value,
        page_at_once: page_at_once.is_some_and(|p| p.value),
        approval: approval.map(|default| ApprovalRule {
            default: default.value,
            by_lock_reason,
            auto_within_percent: auto_within.map(|p| p.value),
            two_above_percent: two_above.map(|p| p.value),
            after_code: after_code.map_or(AFTER_CODE, |q| q.value),
        }),
    })
}

fn lock_reasons(t: &Table<'_>) -> Option<BTreeMap<String, Quorum>> {
    let mut reasons = BTreeMap::new();
    let mut complete = true;
    for (key, value) in t.entries() {
        match input::word(value.get_ref()) {
            Ok(quorum) => drop(reasons.insert(key.value.to_owned(), quorum)),
            Err(problem) => {
                complete = false;
                t.problem(value.span().start, format!("`{}`: {problem}", key.value));
            }
        }
    }
    complete.then_some(reasons)
}

/// T2, ours: the code takes the engineer's place where the file does not say. A default, for the same reason as the next one.
const AFTER_CODE: Quorum = Quorum::Auto;
/// C4, ours: how long ahead planned works are announced where the file does not say, milliseconds. A default and not a line of the shipped
/// files: the text of terms that tickets rely on stays as it is.
const WORKS_NOTICE_MS: i64 = 72 * 60 * 60 * 1000;
/// C2, ours: above this credit a second person approves where the file does not say, tiyn.
const SECOND_APPROVAL_ABOVE_TIYN: i64 = 100_000 * 100;

fn availability(mut t: Table<'_>, whose: Option<Terms>) -> Option<Availability> {
    let promised = t.required("promised", input::percent);
    let data_loss_credit = t.required("data_loss_credit", input::percent);
    let excluded_leaves_period = t.required("excluded_leaves_period", input::boolean);
    let works_notice = t.optional("works_notice", input::duration_ms);
    let second_approval_above = t.optional("second_approval_above", input::tiyn);
    let tiers = tiers(&mut t);
    let causes = t.required_table("causes", "availability.causes").and_then(|c| causes(c, whose));
    t.finish();
    Some(Availability {
        promised: promised?.value,
        tiers: tiers?,
        data_loss_credit: data_loss_credit?.value,
        causes: causes?,
        excluded_leaves_period: excluded_leaves_period?.value,
        works_notice_ms: works_notice.map_or(WORKS_NOTICE_MS, |notice| notice.value),
        second_approval_above_tiyn: second_approval_above
            .map_or(SECOND_APPROVAL_ABOVE_TIYN, |limit| limit.value),
    })
}

fn tiers(availability: &mut Table<'_>) -> Option<Vec<Tier>> {
    let mut tiers: Vec<Tier> = Vec::new();
    let mut complete = true;
    let mut last = availability.at();
    for mut t in availability.tables("tier", "availability.tier") {
        last = t.at();
        let at_least = t.required("at_least", input::percent);
        let credit = t.required("credit", input::percent);
        t.finish();
        let (Some(at_least), Some(credit)) = (at_least, credit) else {
            complete = false;
            continue;
        };
        if let Some(before) = tiers.last() {
            if before.at_least <= at_least.value {
                availability.problem(at_least.at, format!("the tier from {} comes after the one from {}; write tiers from the best to the worst", at_least.value, before.at_least));
            }
            if before.credit >= credit.value {
                availability.problem(
                    credit.at,
                    format!(
                        "a worse tier must earn more than the {} per cent of the better one",
                        before.credit
                    ),
                );
            }
        }
        tiers.push(Tier { at_least: at_least.value, credit: credit.value });
    }
    if complete && tiers.last().is_none_or(|tier| !tier.at_least.is_zero()) {
        availability.problem(last, "the last tier must begin at \"0\", or some availability has no credit; add `[[availability.tier]]` with `at_least = \"0\"`");
    }
    complete.then_some(tiers)
}

fn causes(mut t: Table<'_>, whose: Option<Terms>) -> Option<Causes> {
    let names = |value: &DeValue<'_>| input::list(value, input::text);
    let lists =
        [t.required("counts", names), t.required("adds_nothing", names), t.required("takes_away", names)];
    let mut seen: Vec<&str> = Vec::new();
    for At { value: names, at } in lists.iter().flatten() {
        for name in names {
            if seen.contains(&name.as_str()) {
                t.problem(
                    *at,
                    format!("the cause «{name}» stands twice; a cause counts, adds nothing or takes away"),
                );
            }
            seen.push(name);
            if let Some(terms) = whose.filter(|terms| !terms::causes(*terms).contains(&name.as_str())) {
                let hint = suggest(name, terms::causes(terms).iter().copied());
                t.problem(*at, format!("the {terms} terms know no cause «{name}» (C13){hint}"));
            }
        }
    }
    let missing = whose.into_iter().flat_map(terms::causes).filter(|cause| !seen.contains(cause));
    if lists.iter().all(Option::is_some) {
        for cause in missing {
            t.problem(
                t.at(),
                format!(
                    "the cause «{cause}» (C13) is in no list; add it to counts, adds_nothing or takes_away"
                ),
            );
        }
    }
    t.finish();
    let [counts, adds_nothing, takes_away] = lists;
    Some(Causes { counts: counts?.value, adds_nothing: adds_nothing?.value, takes_away: takes_away?.value })
}

#[cfg(test)]
#[path = "file_tests.rs"]
mod tests;
