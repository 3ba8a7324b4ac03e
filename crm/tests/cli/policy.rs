//! `policy check`, and what `doctor` says.

use crate::world::World;

const VM: &str = include_str!("../../policies/vm.toml");
const KUBERNETES: &str = include_str!("../../policies/kubernetes.toml");

#[test]
fn the_built_in_terms_are_in_order() {
    let said = World::new().run(&["policy", "check"]).well();
    assert!(
        said.contains("vm@2025-09-10 is in order: 13 kinds, in force from 2025-09-10T00:00:00+05:00"),
        "{said}"
    );
    assert!(said.contains("kubernetes@2025-09-10 is in order: 11 kinds"), "{said}");
}

#[test]
fn mistakes_are_explained_by_line() {
    let world = World::new();
    world.file(
        "vm.toml",
        &VM.replacen("resolution = \"10m\"", "resolution = 10", 1).replacen("at = 75", "at = 40", 1),
    );
    world.file("kubernetes.toml", KUBERNETES);
    let said = world.run(&["policy", "check", "vm.toml", "kubernetes.toml"]).badly();
    let line = |text: &str| VM.lines().position(|l| l.starts_with(text)).expect("there") + 1;
    let first = format!("vm.toml:{}:6: mark: the mark at 40 comes after the one at 50", line("at = 75"));
    let second = format!(
        "vm.toml:{}:14: kind vm_reboot: `resolution`: a number where a text is needed",
        line("resolution")
    );
    assert!(said.contains(&first) && said.contains(&second), "{said}");
    assert!(said.contains("kubernetes.toml: kubernetes@2025-09-10 is in order"), "{said}");
    assert!(said.ends_with("2 mistakes found\n"), "{said}");
}

#[test]
fn a_changed_text_under_a_stored_version_is_refused() {
    let world = World::with_directory();
    std::fs::create_dir(world.path("terms")).expect("made");
    world.file("terms/vm.toml", VM);
    world.file("terms/kubernetes.toml", KUBERNETES);
    let env = [("KOMEK_POLICY_DIR", "terms"), ("KOMEK_WEB_LISTEN", "127.0.0.1:0")];
    drop(crate::serve::Running::start(&world, &env));
    world.file("terms/vm.toml", &VM.replacen("24h", "48h", 1));
    for command in [["serve"], ["doctor"]] {
        let said = world.run_with(&command, &env).badly();
        assert!(
            said.contains("vm@2025-09-10 is stored with another text") && said.contains("raise the version"),
            "{said}"
        );
    }
}

#[test]
fn doctor_says_what_to_do_and_fails_on_errors() {
    let world = World::with_directory();
    let said = world.run(&["doctor"]).well();
    for expected in [
        "ok       database: reachable, and its schema is up to date",
        "ok       policy: in force: vm@2025-09-10, kubernetes@2025-09-10",
        "set KOMEK_TELEGRAM_DESK_CHAT",
        "nobody is duty manager",
        "queue network: tickets come here, but it has no rota",
        "0 errors, 6 warnings",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    let said = world.run_with(&["doctor"], &[("KOMEK_POLICY_DIR", "nowhere")]).badly();
    assert!(said.contains("ERROR    policy: nowhere:"), "{said}");
    let said = world.run_with(&["doctor"], &[("KOMEK_DATABASE_URL", "sqlite://no/such/folder/k.db")]).badly();
    assert!(said.contains("ERROR    disk: the folder no/such/folder does not exist; make it"), "{said}");
    let password = [("KOMEK_DATABASE_URL", "postgres://komek:pa55word@127.0.0.1:1/komek")];
    let said = world.run_with(&["doctor"], &password).badly();
    assert!(said.contains("ERROR    database:") && said.contains("is the database reachable"), "{said}");
    assert!(!said.contains("pa55word"), "{said}");
}

#[test]
fn help_is_complete_and_configuration_mistakes_are_named() {
    let world = World::new();
    let help = world.run(&["--help"]).well();
    for command in
        ["serve", "migrate", "doctor", "directory", "invite", "token", "policy", "audit", "KOMEK_CONFIG"]
    {
        assert!(help.contains(command), "{command}\n{help}");
    }
    let said = world.run_with(&["migrate"], &[("KOMEK_DATABASE_URLL", "x")]).badly();
    assert!(said.contains("urll"), "{said}");
    let said = world.run_with(&["migrate"], &[("KOMEK_DATABASE_URL", "mysql://root:pa55word@h/d")]).badly();
    assert!(
        said.contains("must begin with sqlite:// or postgres://") && !said.contains("pa55word"),
        "{said}"
    );
    assert!(world.run(&["migrate"]).well().ends_with(" migrations applied\n"));
    assert_eq!(world.run(&["migrate"]).well(), "the schema is up to date\n");
}
