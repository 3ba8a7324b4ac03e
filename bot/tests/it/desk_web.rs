//! `/web`: the link comes in private, once, to staff alone, and is stored nowhere.

use crm::domain::lang::Lang;

use crate::story::tidy;
use crate::world::{AIGERIM, DESK, NURLAN, World};

#[tokio::test]
async fn the_link_comes_in_private_and_is_stored_nowhere() {
    for lang in Lang::ALL {
        let mut w = World::desk_in(*lang).await;
        w.person(NURLAN).speaking(*lang).says("/web").await;
        let said = w.transcript().to_owned();
        let at = said.find("https://help.example/sign-in/").expect("the link");
        let code: String = said[at + 29..].chars().take_while(char::is_ascii_hexdigit).collect();
        assert!(code.len() >= 32, "{said}");
        let mut tx = w.db.begin().await.expect("a transaction");
        let now = crm::clock::Clock::now(&*w.clock);
        assert!(matches!(
            tx.login_link_look(&code, now).await.expect("read"),
            crm::store::LinkUse::Welcome(staff) if staff.as_str() == "nurlan"
        ));
        let waiting = tx.outbox_claim(now + chrono::TimeDelta::days(1), 100).await.expect("read");
        assert!(!format!("{waiting:?}").contains(&code), "the link waits in no outbox");
        drop(tx);
        w.person(NURLAN).speaking(*lang).at(DESK).says("/web").await;
        w.person(AIGERIM).says("/web").await;
        assert_eq!(w.transcript().matches("https://help.example/sign-in/").count(), 1, "{}", w.transcript());
        insta::assert_snapshot!(format!("web_{lang}"), tidy(w.transcript()).replace(&code, "CODE"));
    }
}
