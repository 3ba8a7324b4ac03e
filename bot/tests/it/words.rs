//! The words: every language has the same sentences with the same places to fill in, and the code asks for none that is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crm::domain::lang::Lang;
use crm::text::Texts;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The places to fill in of one sentence.
fn places<'s>(pattern: &Pattern<&'s str>, found: &mut BTreeSet<&'s str>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            expression_places(expression, found);
        }
    }
}

fn expression_places<'s>(expression: &Expression<&'s str>, found: &mut BTreeSet<&'s str>) {
    match expression {
        Expression::Inline(inline) => inline_places(inline, found),
        Expression::Select { selector, variants } => {
            inline_places(selector, found);
            for variant in variants {
                places(&variant.value, found);
            }
        }
    }
}

fn inline_places<'s>(inline: &InlineExpression<&'s str>, found: &mut BTreeSet<&'s str>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            found.insert(id.name);
        }
        InlineExpression::Placeable { expression } => expression_places(expression, found),
        _ => {}
    }
}

/// Every sentence of a language, by file and key, with its places.
fn sentences(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let folder = root().join("locales").join(lang.as_str());
    let mut all = BTreeMap::new();
    for file in files(&folder, ".ftl") {
        let text = fs::read_to_string(&file).expect("readable");
        let resource = fluent_syntax::parser::parse(text.as_str()).unwrap_or_else(|(_, e)| panic!("{e:?}"));
        for entry in &resource.body {
            if let Entry::Message(message) = entry {
                let mut found = BTreeSet::new();
                message.value.iter().for_each(|pattern| places(pattern, &mut found));
                let name = file.file_name().expect("a name").to_string_lossy();
                let twin = all.insert(
                    format!("{name}: {}", message.id.name),
                    found.into_iter().map(str::to_owned).collect(),
                );
                assert!(twin.is_none(), "{lang} {name}: {} is there twice", message.id.name);
            }
        }
    }
    all
}

#[test]
fn all_files_read() {
    assert_eq!(Texts::read().1, Vec::<String>::new());
}

#[test]
fn every_language_says_the_same() {
    let kazakh = sentences(Lang::Kk);
    assert!(kazakh.len() > 100, "{}", kazakh.len());
    for lang in [Lang::Ru, Lang::En] {
        let other = sentences(lang);
        let missing: Vec<_> = kazakh.keys().filter(|key| !other.contains_key(*key)).collect();
        let extra: Vec<_> = other.keys().filter(|key| !kazakh.contains_key(*key)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{lang} lacks {missing:?} and alone has {extra:?}");
        for (key, places) in &kazakh {
            assert_eq!(&other[key], places, "{lang}: {key}");
        }
    }
}

/// `t!(lang, "key"` anywhere in the code: the key is there. Keys that are put together end in a dash and have sentences.
#[test]
fn the_code_asks_for_no_sentence_that_is_missing() {
    let keys: BTreeSet<String> =
        sentences(Lang::Kk).into_keys().filter_map(|k| Some(k.split_once(": ")?.1.to_owned())).collect();
    let mut asked = 0;
    for folder in ["bot/src", "crm/src"] {
        for file in files(&root().join(folder), ".rs") {
            let text = fs::read_to_string(&file).expect("readable");
            let text: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
            for (at, _) in text.match_indices("t!(") {
                let word_before =
                    text[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
                let call = &text[at..text[at..].find(';').map_or(text.len(), |end| at + end)];
                let Some(key) = call.split('"').nth(1).filter(|_| !word_before) else { continue };
                let is_key = !key.is_empty()
                    && key.chars().all(|c| {
                        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '{' | '}')
                    });
                let direct = call.split('"').next().is_some_and(|head| head.matches(',').count() == 1);
                if !is_key || !direct {
                    continue;
                }
                asked += 1;
                match key.split_once('{') {
                    Some((stem, _)) => assert!(
                        stem.is_empty() || keys.iter().any(|k| k.starts_with(stem)),
                        "{}: nothing begins with {stem}",
                        file.display()
                    ),
                    None => assert!(keys.contains(key), "{}: there is no text {key}", file.display()),
                }
            }
        }
    }
    assert!(asked > 100, "only {asked} found: the test does not see them any more");
}

/// Keys that the menu, the desk and the console hand on before they are said.
#[test]
fn no_key_is_handed_on_whose_sentence_is_missing() {
    let keys: BTreeSet<String> =
        sentences(Lang::Kk).into_keys().filter_map(|k| Some(k.split_once(": ")?.1.to_owned())).collect();
    let mut seen = 0;
    for (folder, ending, beginnings) in [
        ("bot/src", ".rs", &["menu-", "button-", "desk-"][..]),
        ("crm/src/web", ".rs", &["web-", "desk-"]),
        ("crm/templates", ".html", &["web-", "desk-"]),
    ] {
        for file in files(&root().join(folder), ending) {
            let text = fs::read_to_string(&file).expect("readable");
            for beginning in beginnings {
                for (at, _) in text.match_indices(&format!("\"{beginning}")) {
                    let key = text[at + 1..].split('"').next().unwrap_or_default();
                    let whole = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
                    if whole && !key.ends_with('-') {
                        seen += 1;
                        assert!(keys.contains(key), "{}: there is no text {key}", file.display());
                    }
                }
            }
        }
    }
    assert!(seen > 100, "only {seen} found: the test does not see them any more");
}

/// The keys that are put together from the vocabularies.
#[test]
fn every_word_of_the_domain_has_its_sentence() {
    use crm::domain::form::RebootMode;
    use crm::domain::kind::Kind;
    use crm::domain::ticket::State;
    let kinds = Kind::ALL.iter().map(|k| format!("kind-{k}"));
    let states = State::ALL.iter().map(|s| format!("state-{s}"));
    let modes = RebootMode::ALL.iter().map(|m| format!("mode-{m}"));
    let commands = bot::flows::commands(Lang::Kk).into_iter().map(|c| format!("command-{}", c.0));
    for key in kinds.chain(states).chain(modes).chain(commands) {
        for lang in Lang::ALL {
            assert!(Texts::get().has(*lang, &key), "{lang}: {key}");
        }
    }
}
