//! Plans and proofs in words: «what: before → after», in the reader's language. Plain text; whoever shows it escapes it.

use crate::domain::action::ActionSpec;
use crate::domain::form::QuotaResource;
use crate::domain::lang::Lang;
use crate::domain::plan::{Change, Phrase, Plan, Value};
use crate::t;
use crate::text::{FluentArgs, Texts};

/// A text with its names.
pub fn words(words: &Phrase, lang: Lang) -> String {
    let mut args = FluentArgs::new();
    for (name, value) in &words.names {
        args.set(name.clone(), value.clone());
    }
    Texts::get().say(lang, &words.key, &args)
}

/// Memory as people say it: `32 GiB`, `1536 MiB`.
pub fn mebibytes(n: i64, lang: Lang) -> String {
    if n != 0 && n % 1024 == 0 {
        t!(lang, "plan-gib", n = (n / 1024).to_string())
    } else {
        t!(lang, "plan-mib", n = n.to_string())
    }
}

/// A value of one side.
pub fn value(value: &Value, lang: Lang) -> String {
    match value {
        Value::Count(n) => n.to_string(),
        Value::Mebibytes(n) => mebibytes(*n, lang),
        Value::Words(w) => words(w, lang),
        Value::Name(name) => name.clone(),
    }
}

/// A quota's value with its unit.
pub fn quota(resource: QuotaResource, n: i64) -> Value {
    if resource.is_memory() { Value::Mebibytes(n) } else { Value::Count(n) }
}

/// One line: `cores of project acme: 16 → 24`.
pub fn change(change: &Change, lang: Lang) -> String {
    t!(
        lang,
        "plan-change",
        what = words(&change.what, lang),
        before = value(&change.before, lang),
        after = value(&change.after, lang)
    )
}

/// What an approver reads: every change, then what he should know besides.
pub fn lines(plan: &Plan, lang: Lang) -> Vec<String> {
    let changes = plan.changes.iter().map(|c| change(c, lang));
    changes.chain(plan.notes.iter().map(|note| words(note, lang))).collect()
}

/// Why a machine is locked, in plain words; a reason that we have no words for stands as the desk wrote it.
pub fn lock_reason(reason: &str, lang: Lang) -> String {
    match reason {
        "abuse" => t!(lang, "lock-reason-abuse"),
        "unpaid" | "debt" | "payment" => t!(lang, "lock-reason-unpaid"),
        "" => t!(lang, "lock-reason-unknown"),
        other => other.to_owned(),
    }
}

/// How a machine was seen last, `running`, in words.
pub fn machine_state(state: &str, lang: Lang) -> String {
    worded("plan-state", state, lang)
}

/// How something was done, `graceful`, in words.
pub fn method(method: &str, lang: Lang) -> String {
    worded("web-mode", method, lang)
}

/// A word of a system's in the reader's language; one that we do not know stands as it is.
fn worded(family: &str, word: &str, lang: Lang) -> String {
    let key = format!("{family}-{word}");
    if Texts::get().has(lang, &key) { t!(lang, &key) } else { word.to_owned() }
}

/// What an action is, in a few words; machines' reboots and unlocks have longer ones on the desk.
pub fn action(spec: &ActionSpec, lang: Lang) -> String {
    let what = spec.subject();
    t!(lang, &format!("action-{}", spec.kind()), what = what)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way that a proof names, in every language: no reader meets the system's own word.
    #[test]
    fn every_method_has_words() {
        for lang in Lang::ALL {
            for word in ["graceful", "hard", "started", "resumed", "already", "done", "checked"] {
                assert!(Texts::get().has(*lang, &format!("web-mode-{word}")), "{lang}: {word}");
            }
        }
        assert_eq!(method("graceful", Lang::Ru), "мягко");
        assert_eq!(method("of-tomorrow", Lang::Ru), "of-tomorrow");
    }
}
