//! The invariants of ARCHITECTURE.md, as far as the source can show them.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// Every Rust file below `folder`, with its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(dir) = folders.pop() {
        for entry in fs::read_dir(&dir).expect("a folder of the project") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(root()).expect("inside").display().to_string();
                files.push((name, fs::read_to_string(&path).expect("text")));
            }
        }
    }
    assert!(!files.is_empty(), "{folder} has no Rust files: this test looks in the wrong place");
    files.sort();
    files
}

/// The program's own code: without comments, and without tests at the end of a file or in files of their own.
fn code(files: Vec<(String, String)>) -> Vec<(String, String)> {
    files
        .into_iter()
        .filter(|(name, _)| !name.ends_with("tests.rs") && !name.contains("/tests/"))
        .map(|(name, text)| {
            let own = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = own.lines().filter(|l| !l.trim_start().starts_with("//"));
            (name, lines.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

/// Fails with every file of `folder` whose code contains one of `words`, except `allowed`.
fn nowhere(folder: &str, words: &[&str], allowed: &[&str], why: &str) {
    let mut found = Vec::new();
    for (name, text) in code(sources(folder)) {
        if allowed.iter().any(|a| name.contains(a)) {
            continue;
        }
        found.extend(words.iter().filter(|w| text.contains(**w)).map(|w| format!("{name}: {w}")));
    }
    assert!(found.is_empty(), "{why}:\n{}", found.join("\n"));
}

#[test]
fn the_domain_is_pure() {
    let words = [
        "sqlx",
        "tokio",
        "axum",
        "reqwest",
        "std::fs",
        "std::net::Tcp",
        "std::net::Udp",
        "std::net::To",
        "std::env",
        "async fn",
    ];
    nowhere("crm/src/domain", &words, &[], "the domain does no input or output");
}

#[test]
fn only_the_store_has_sql() {
    let words = ["sqlx::query", "sql!(", "bulk!(", "SELECT ", "INSERT INTO", "DELETE FROM"];
    for folder in ["crm/src", "bot/src", "provisioner/src"] {
        nowhere(folder, &words, &["crm/src/store/"], "only crm/src/store has SQL");
    }
}

#[test]
fn only_the_clock_reads_the_time() {
    for folder in ["crm/src", "bot/src", "provisioner/src", "sandbox/src"] {
        nowhere(
            folder,
            &["Utc::now(", "SystemTime::now(", "Local::now("],
            &["/clock.rs"],
            "the time comes from a Clock",
        );
    }
}

#[test]
fn bot_and_provisioner_do_not_know_each_other_and_nobody_knows_the_sandbox() {
    nowhere("bot/src", &["provisioner::", "sandbox"], &[], "the bot uses the crm alone");
    nowhere("provisioner/src", &["bot::", "sandbox"], &[], "the provisioner uses the crm alone");
    // A file is served under the directive `sandbox` of the browser's content security policy.
    nowhere("crm/src", &["sandbox"], &["web/files.rs"], "the crm does not know the sandbox");
    for (name, others) in [
        ("bot", ["komek-provisioner", "provisioner.workspace"]),
        ("provisioner", ["komek-bot", "bot.workspace"]),
    ] {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).expect("a manifest");
        for other in others {
            assert!(!manifest.lines().any(|l| l.starts_with(other)), "{name} depends on {other}");
        }
    }
}

#[test]
fn only_the_guard_approves() {
    nowhere("provisioner/src", &["Approved {"], &["guard.rs"], "an Approved is made by the guard alone");
}

#[test]
fn unsafe_code_is_in_one_place() {
    for folder in ["crm/src", "bot/src", "provisioner/src", "sandbox/src"] {
        nowhere(folder, &["unsafe {", "unsafe fn", "unsafe extern"], &["libvirt/ffi.rs"], "unsafe code");
    }
}

#[test]
fn every_file_says_what_it_is_for_and_holds_one_thing() {
    for folder in ["crm", "bot", "provisioner", "sandbox", "tests"] {
        for (name, text) in sources(folder) {
            assert!(text.starts_with("//!"), "{name} does not open with //!");
            assert!(text.lines().count() <= 600, "{name} is too long to hold one thing");
        }
    }
}

#[test]
fn migrations_only_add() {
    for entry in fs::read_dir(root().join("migrations")).expect("migrations") {
        let path = entry.expect("readable").path();
        let text = fs::read_to_string(&path).expect("text").to_uppercase();
        // An index holds nothing of its own, and what the reports have computed is computed again.
        let keeps = |line: &&str| {
            !["DROP INDEX ", "DROP TABLE REPORT_", "DELETE FROM REPORT_"].iter().any(|w| line.starts_with(w))
        };
        let text = text.lines().filter(keeps).collect::<Vec<_>>().join("\n");
        for word in ["DROP ", "RENAME ", "ALTER COLUMN", "DELETE FROM", "AUTOINCREMENT", "SERIAL"] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn dependencies_say_what_they_are_for() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("the root manifest");
    let lines: Vec<&str> = manifest.lines().collect();
    let begin = lines.iter().position(|l| *l == "[workspace.dependencies]").expect("dependencies");
    let end = lines.iter().position(|l| *l == "[workspace.lints.rust]").expect("lints");
    let comments = lines[begin..end].iter().filter(|l| l.starts_with('#')).count();
    let dependencies = lines[begin..end].iter().filter(|l| l.contains(" = ")).count();
    assert!(comments * 2 >= dependencies, "{comments} comments for {dependencies} dependencies");
}
