//! The contract is complete: no public method of the store is missing from these tests.

use std::path::Path;

/// Everything under a folder that ends in `.rs`.
fn sources(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            texts.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            texts.push(std::fs::read_to_string(&path).expect("a source"));
        }
    }
    texts
}

/// The names of a source's public functions that are methods: they take `self`, or make one.
fn methods(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for start in ["pub async fn ", "pub fn ", "pub const fn "] {
        for (at, _) in text.match_indices(start) {
            let rest = &text[at + start.len()..];
            let end = rest.find(['(', '<']).unwrap_or(0);
            names.push(&rest[..end]);
        }
    }
    names
}

#[test]
fn no_method_of_the_store_is_untested() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = sources(&root.join("tests/store")).concat();
    let store = sources(&root.join("../crm/src/store"));
    let called = |name: &&str| tests.contains(&format!("{name}(")) || tests.contains(&format!("{name}::<"));
    let mut missing: Vec<&str> =
        store.iter().flat_map(|text| methods(text)).filter(|name| !called(name)).collect();
    missing.sort_unstable();
    assert!(missing.is_empty(), "call these on both engines in tests/tests/store: {missing:#?}");
    assert!(store.iter().flat_map(|text| methods(text)).count() > 100, "the methods are found at all");
}
