//! Customers ask for something: transcripts in the three languages, from the first press to the proof.

use crm::domain::decide::Command;
use crm::domain::lang::Lang;
use rstest::rstest;

use crate::world::{AIGERIM, BORIS, MARAT, NORA, NURLAN, World};

/// The person of a language and the name of his customer's machines.
fn who(lang: Lang) -> (i64, &'static str) {
    match lang {
        Lang::Kk => (AIGERIM, "acme"),
        Lang::Ru => (BORIS, "birlik"),
        Lang::En => (NORA, "nomad"),
    }
}

#[rstest]
#[tokio::test]
async fn reboot_graceful(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut w = World::new().await;
    let (me, customer) = who(lang);
    w.person(me).says("/menu").await;
    w.person(me).taps("menu-reboot").await;
    w.person(me).presses(&format!("{customer}-web")).await;
    w.person(me).taps("button-graceful").await;
    w.person(me).taps("button-confirm").await;
    w.minutes(1).await;
    w.provisioner_proves(1, "graceful").await;
    w.person(me).taps("button-solved").await;
    insta::assert_snapshot!(format!("reboot_graceful_{lang}"), w.transcript());
}
