//! How words are found again: folded, and cut to the beginning that the forms of a Kazakh or Russian word share.

use std::collections::BTreeSet;

/// Letters of a stem: «серверге», «серверім», «сервер» and «серверы» begin alike, and all are found by any of them.
const STEM: usize = 5;
/// Longest word that is kept whole, because it names something: `acme-web`, `10.0.0.7`.
const NAME: usize = 48;
/// Most different stems of one text: a pasted log is found by its beginning.
const MOST: usize = 400;

/// One letter in the form in which letters are compared.
fn fold(letter: char) -> impl Iterator<Item = char> {
    letter.to_lowercase().map(|c| if c == 'ё' { 'е' } else { c })
}

/// The word as it is stored and looked for. Names (with digits, dots or hyphens) stay whole.
fn stem(word: &str) -> Option<String> {
    let word: String = word.trim_matches(|c: char| !c.is_alphanumeric()).chars().flat_map(fold).collect();
    let names_something = word.contains(|c: char| !c.is_alphabetic());
    let longest = if names_something { NAME } else { STEM };
    let cut: String = word.chars().take(longest).collect();
    (cut.chars().count() >= 2).then_some(cut)
}

/// The stems of a text, each once. A name that is put together is found by its parts too.
pub fn stems(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for word in text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | '@' | '+'))) {
        if found.len() >= MOST {
            break;
        }
        found.extend(stem(word));
        if word.contains(['-', '.', '_', '@']) {
            found.extend(word.split(['-', '.', '_', '@']).filter_map(stem));
        }
    }
    found
}

/// What is typed into the search field: the stems of its words, at most `most`, and whether more may follow each (it is shorter than a
/// stem, so it may be a beginning).
pub fn wanted(text: &str, most: usize) -> Vec<(String, bool)> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '«' | '»' | '"'));
    let mut wanted: Vec<(String, bool)> = Vec::new();
    for stem in words.filter_map(stem) {
        let beginning = stem.chars().count() < STEM || stem.contains(|c: char| !c.is_alphabetic());
        if !wanted.iter().any(|w| w.0 == stem) && wanted.len() < most {
            wanted.push((stem, beginning));
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(text: &str, typed: &str) -> bool {
        let stored = stems(text);
        wanted(typed, 5)
            .iter()
            .all(|(stem, more)| stored.iter().any(|s| s == stem || (*more && s.starts_with(stem.as_str()))))
    }

    #[test]
    fn forms_of_a_word_find_each_other_in_three_languages() {
        for (text, typed) in [
            ("Серверіміз жауап бермейді", "сервер"),
            ("Серверге кіре алмаймын", "СЕРВЕРДЕН"),
            ("Перезагрузите машину", "перезагрузка"),
            ("Ещё раз не работает", "еще"),
            ("The database is down", "databases"),
            ("ВМ acme-web өшіп қалды", "acme-web"),
            ("ВМ acme-web өшіп қалды", "web"),
            ("ping 10.0.0.7", "10.0.0.7"),
            ("қайта жүктеңіз", "қайта жүктеу"),
            ("call +77010000001", "+77010000001"),
            ("call +77010000001", "7701"),
        ] {
            assert!(finds(text, typed), "«{typed}» in «{text}»: {:?} {:?}", stems(text), wanted(typed, 5));
        }
        assert!(!finds("Серверіміз жауап бермейді", "желі"));
        assert!(!finds("disk full", "disk empty"), "every word must be there");
    }

    #[test]
    fn hostile_texts_end() {
        let long = "а".repeat(1_000_000);
        assert_eq!(stems(&long).len(), 1);
        let many = (0..100_000).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
        assert!(stems(&many).len() <= MOST + 8);
        assert!(wanted(&many, 5).len() == 5);
        assert!(wanted(" - . ' % _ ", 5).is_empty());
    }
}
