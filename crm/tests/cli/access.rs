//! `invite` and `token create`: what is printed, what is stored, and that it works once.

use chrono::TimeDelta;
use crm::admin::invite_accept;
use crm::domain::ids::ContactId;
use crm::domain::person::Role;
use crm::store::InviteUse;

use crate::world::World;

fn last_word(text: &str) -> String {
    text.split_whitespace().next_back().expect("a word").to_owned()
}

#[test]
fn the_last_word_is_the_code() {
    let world = World::with_directory();
    let plain = world.run(&["invite", "aigerim"]).well();
    let code = last_word(&plain);
    assert_eq!(plain, format!("/start {code}\n"));
    assert!(code.len() == 32 && code.bytes().all(|b| b.is_ascii_hexdigit()), "{code}");
    let link = world.run_with(&["invite", "aigerim"], &[("KOMEK_TELEGRAM_BOT_USERNAME", "komek_bot")]).well();
    let code = last_word(&link);
    assert_eq!(link, format!("https://t.me/komek_bot?start={code} {code}\n"));
}

#[tokio::test]
async fn a_code_works_once_and_a_newer_one_ends_it() {
    let world = World::with_directory();
    let older = last_word(&world.run(&["invite", "aigerim"]).well());
    let newer = last_word(&world.run(&["invite", "aigerim"]).well());
    let db = world.db().await;
    let mut tx = db.begin().await.expect("begun");
    let now = World::now();
    let aigerim = InviteUse::Welcome(ContactId::from("aigerim"));
    let mut accept =
        async |code: &str, who| invite_accept(&mut tx, code, (who, "A"), now).await.expect("decided");
    assert_eq!(accept(&older, 7).await, InviteUse::Expired);
    assert_eq!(accept("0123", 7).await, InviteUse::Unknown);
    assert_eq!(accept(&newer, 7).await, aigerim);
    assert_eq!(accept(&newer, 7).await, aigerim, "a second tap by the same account");
    assert_eq!(accept(&newer, 8).await, InviteUse::Used);
    assert_eq!(tx.person_fetch(7).await.expect("read").contact.expect("bound").customer.as_str(), "acme");
    assert_eq!(tx.person_fetch(8).await.expect("read").contact, None);
    tx.commit().await.expect("committed");

    let late = last_word(&world.run(&["invite", "aigerim", "--valid", "1h"]).well());
    let mut tx = db.begin().await.expect("begun");
    let later = World::now() + TimeDelta::minutes(61);
    assert_eq!(invite_accept(&mut tx, &late, (9, "B"), later).await.expect("decided"), InviteUse::Expired);
    drop(tx);
    let said = world.run(&["audit", "verify"]).well();
    assert!(said.starts_with("0 tickets, 5 events:"), "{said}");
}

#[test]
fn an_unknown_contact_is_suggested() {
    let world = World::with_directory();
    let said = world.run(&["invite", "aigerm"]).badly();
    assert!(said.contains("no contact «aigerm» in the directory (did you mean «aigerim»?)"), "{said}");
    let said = world.run(&["invite", "aigerim", "--valid", "soon"]);
    assert!(said.code == 2 && said.err.contains("write one such as 7d or 12h"), "{said:?}");
}

#[tokio::test]
async fn a_token_is_printed_alone_and_stored_as_a_hash() {
    let world = World::with_directory();
    let printed = world.run(&["token", "create", "--role", "auditor", "--name", "grafana"]).well();
    let token = printed.trim();
    assert_eq!(printed, format!("{token}\n"));
    assert_eq!(token.split_whitespace().count(), 1);
    let db = world.db().await;
    let mut tx = db.begin().await.expect("begun");
    let stored = tx.token_fetch(token).await.expect("read").expect("known");
    assert_eq!((stored.name.as_str(), stored.role), ("grafana", Role::Auditor));
    assert_eq!(tx.token_fetch(&token.to_uppercase()).await.expect("read"), None);
    tx.token_revoke(stored.id, World::now()).await.expect("revoked");
    assert_eq!(tx.token_fetch(token).await.expect("read"), None);
    assert_eq!(tx.token_list().await.expect("read").len(), 1);
    tx.commit().await.expect("committed");
    db.close().await;
    let bytes = std::fs::read(world.path("komek.db")).expect("read");
    assert!(!bytes.windows(token.len()).any(|w| w == token.as_bytes()), "the token stands in the database");
    let said = world.run(&["token", "create", "--role", "boss"]);
    assert!(
        said.code == 2 && said.err.contains("engineer, duty-manager, manager, administrator, auditor"),
        "{said:?}"
    );
}
