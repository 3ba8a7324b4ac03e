//! `directory apply`: idempotent, all mistakes by line, nothing deleted.

use crm::domain::ids::{CustomerId, ServiceId};

use crate::world::{DIRECTORY, World};

#[test]
fn the_second_time_there_is_nothing_to_change() {
    let world = World::new();
    world.file("d.toml", DIRECTORY);
    let dry = world.run(&["directory", "apply", "d.toml", "--dry-run"]).well();
    assert!(dry.ends_with("9 changes; nothing was applied (dry run)\n"), "{dry}");
    let first = world.run(&["directory", "apply", "d.toml"]).well();
    assert!(
        first.contains("+ contact aigerim (acme)\n") && first.ends_with("9 changes applied\n"),
        "{first}"
    );
    assert_eq!(world.run(&["directory", "apply", "d.toml"]).well(), "nothing to change\n");
}

#[tokio::test]
async fn what_is_gone_is_retired_and_may_come_back() {
    let world = World::with_directory();
    let from = DIRECTORY.find("  [[customer.service]]\n  id = \"acme-k8s\"").expect("in the example");
    let until = DIRECTORY.find("[[staff]]").expect("in the example");
    world.file("less.toml", &format!("{}{}", &DIRECTORY[..from], &DIRECTORY[until..]));
    let said = world.run(&["directory", "apply", "less.toml"]).well();
    assert_eq!(said, "- service acme-k8s: retired\n1 change applied\n");

    let db = world.db().await;
    let mut tx = db.read().await.expect("begun");
    assert_eq!(tx.service_fetch(&ServiceId::from("acme-k8s")).await.expect("read"), None);
    let ever = tx.services_ever().await.expect("read");
    let gone = ever.iter().find(|s| s.service.id.as_str() == "acme-k8s").expect("still known");
    assert!(gone.retired_at.is_some() && gone.service.prices[0].monthly_tiyn == 31_000_000);
    drop(tx);

    let said = world.run(&["directory", "apply", "directory.toml"]).well();
    assert_eq!(said, "+ service acme-k8s (acme, kubernetes acme-prod/acme)\n1 change applied\n");
    let mut tx = db.read().await.expect("begun");
    assert_eq!(tx.services_of_customer(&CustomerId::from("acme")).await.expect("read").len(), 2);
}

#[tokio::test]
async fn a_telegram_account_can_pass_from_one_person_to_another() {
    let world = World::with_directory();
    let dana = "[[staff]]\nid = \"dana\"\nname = \"Дана\"\nrole = \"duty-manager\"\nqueues = []\n";
    world.file("two.toml", &format!("{DIRECTORY}\n{dana}telegram = 100002\n"));
    world.run(&["directory", "apply", "two.toml"]).well();
    let swapped = DIRECTORY.replace("telegram = 100001", "telegram = 100002");
    world.file("swap.toml", &format!("{swapped}\n{dana}telegram = 100001\n"));
    let said = world.run(&["directory", "apply", "swap.toml"]).well();
    assert!(said.contains("~ staff dana: telegram 100002 → 100001\n"), "{said}");
    assert!(said.contains("~ staff nurlan: telegram 100001 → 100002\n"), "{said}");
    let mut tx = world.db().await.read().await.expect("begun");
    let staff = tx.person_fetch(100_001).await.expect("read").staff.expect("staff");
    assert_eq!(staff.id.as_str(), "dana");
}

#[test]
fn mistakes_are_listed_by_line_and_nothing_is_applied() {
    let world = World::new();
    let wrong = DIRECTORY
        .replace("zone = \"ala-1\"", "zone = \"ala-9\"")
        .replace("+77010000001", "87010000001")
        .replace("role = \"engineer\"", "rol = \"engineer\"");
    world.file("d.toml", &wrong);
    let said = world.run(&["directory", "apply", "d.toml"]);
    assert_eq!(said.out, "");
    let said = said.badly();
    let line = |text: &str| wrong.lines().position(|l| l.contains(text)).expect("there") + 1;
    for (text, problem) in [
        ("ala-9", "service «acme-web»: there is no zone «ala-9» in this file"),
        ("87010000001", "contact «aigerim»: `phone`: «87010000001» is not an E.164 number"),
        ("rol =", "staff «nurlan»: there is no key `rol` (did you mean «role»?)"),
    ] {
        let place = format!("d.toml:{}:", line(text));
        assert!(
            said.lines().any(|l| l.starts_with(&place) && l.contains(problem)),
            "{place} {problem}\n{said}"
        );
    }
    assert!(said.ends_with("4 mistakes found; nothing was applied\n"), "{said}");
    assert!(!world.path("komek.db").exists());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let said = World::new().run(&["directory", "apply", "nowhere.toml"]).badly();
    assert!(said.contains("nowhere.toml cannot be read; check its name and its owner"), "{said}");
}
