//! aiogram, python-telegram-bot and grammY run on the sandbox: strict clients that were not written with it.

#![expect(clippy::print_stderr, reason = "a skipped test says why")]

use std::path::Path;
use std::process::Command;

#[test]
fn foreign_clients_run_unmodified() {
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/clients/run.sh");
    let output = Command::new(script).env("KOMEK_SANDBOX", env!("CARGO_BIN_EXE_komek-sandbox")).output();
    let output = output.expect("tests/clients/run.sh starts");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    // 3: the clients could not be installed. The script says what is missing and how to get it.
    if output.status.code() == Some(3) && !ci {
        eprintln!("skipped: {said}");
        return;
    }
    assert!(output.status.success(), "{said}");
    for client in ["aiogram: 8 of 8", "ptb: 8 of 8", "grammy: 8 of 8"] {
        assert!(said.contains(client), "{client} is missing in:\n{said}");
    }
}
