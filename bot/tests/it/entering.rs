//! Coming in: invitations, strangers, languages, what cannot be read.

use crm::domain::lang::Lang;
use rstest::rstest;
use serde_json::json;

use crate::story::{Story, tidy};
use crate::world::{STRANGER, World};

/// The contact of each language who has not come in yet.
const fn guest(lang: Lang) -> &'static str {
    match lang {
        Lang::Kk => "saule",
        Lang::Ru => "sergey",
        Lang::En => "sam",
    }
}

#[rstest]
#[tokio::test]
async fn binding(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut w = World::new().await;
    w.telegram.only = Some(STRANGER);
    let code = w.invite(guest(lang)).await;
    w.person(STRANGER).speaking(lang).says("/start").await;
    w.person(STRANGER).speaking(lang).says("/start 0123456789abcdef").await;
    w.person(STRANGER).speaking(lang).says(&format!("/start {code}")).await;
    // The same link again is the same success, not a complaint.
    w.person(STRANGER).speaking(lang).says(&format!("/start {code}")).await;
    w.person(STRANGER).speaking(lang).taps("menu-reboot").await;
    insta::assert_snapshot!(format!("binding_{lang}"), tidy(w.transcript()).replace(&code, "CODE"));
}

#[rstest]
#[tokio::test]
async fn an_invitation_is_used_once_and_ends(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut w = World::new().await;
    let code = w.invite(guest(lang)).await;
    w.person(crate::world::DANA).says(&format!("/start {code}")).await;
    w.telegram.log.clear();
    w.telegram.only = Some(STRANGER);
    w.person(STRANGER).speaking(lang).says(&format!("/start {code}")).await;
    let other = w.invite(guest(lang)).await;
    w.clock.advance(chrono::TimeDelta::days(8));
    w.person(STRANGER).speaking(lang).says(&format!("/start {other}")).await;
    let told = tidy(w.transcript()).replace(&code, "CODE").replace(&other, "OTHER");
    insta::assert_snapshot!(format!("invitation_ends_{lang}"), told);
}

#[rstest]
#[tokio::test]
async fn a_stranger(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut w = World::new().await;
    w.telegram.only = Some(STRANGER);
    w.person(STRANGER).speaking(lang).says("/start").await;
    w.person(STRANGER)
        .speaking(lang)
        .sends_raw("[contact]", json!({ "contact": { "phone_number": "+77010000001", "user_id": STRANGER } }))
        .await;
    w.person(STRANGER).speaking(lang).forges("c:b:reboot").await;
    w.person(STRANGER).speaking(lang).taps("menu-question").await;
    let text = match lang {
        Lang::Kk => "Бағасы қанша?",
        Lang::Ru => "Сколько это стоит?",
        Lang::En => "How much is it?",
    };
    w.person(STRANGER).speaking(lang).says(text).await;
    w.person(STRANGER).speaking(lang).taps("button-open").await;
    insta::assert_snapshot!(format!("stranger_{lang}"), tidy(w.transcript()));
}

/// What he asked before he was bound stays his.
#[tokio::test]
async fn a_strangers_question_stays_his_after_binding() {
    let mut w = World::new().await;
    w.person(STRANGER).says("Бағасы қанша?").await;
    w.person(STRANGER).taps("stray-question").await;
    let code = w.invite("saule").await;
    w.person(STRANGER).says(&format!("/start {code}")).await;
    w.person(STRANGER).replies("KM-000001", "Айына ше?").await;
    assert_eq!(w.ticket(1).await.messages, 2);
    w.person(STRANGER).says("/tickets").await;
    assert!(w.transcript().contains("[KM-000001 · Сұрақ]"), "{}", w.transcript());
}

#[tokio::test]
async fn the_language_is_changed_in_the_middle_of_a_conversation() {
    let mut s = Story::new(Lang::Kk).await;
    s.me().says("/menu").await;
    s.me().taps("menu-reboot").await;
    s.presses_vm("web").await;
    s.me().says("/lang").await;
    s.me().presses("English").await;
    s.me().presses("Graceful").await;
    s.me().presses("Confirm").await;
    // What is told later is told in the language of that moment.
    s.me().says("/lang").await;
    s.me().presses("Русский").await;
    s.w.provisioner_proves(1, "graceful").await;
    s.tells("language_changed");
}

#[rstest]
#[tokio::test]
async fn help_and_what_cannot_be_read(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/help@komek_bot").await;
    s.me().says("/reboot").await;
    s.me().says("/cancel").await;
    s.me().says("/var/log 100%").await;
    s.me().says("/cancel").await;
    s.me().sends_raw("[poll]", json!({ "poll": { "id": "1", "question": "?" } })).await;
    s.me().sends_raw("[sticker]", json!({ "sticker": { "file_id": "s", "emoji": "👍" } })).await;
    s.me().sends_raw("[location]", json!({ "location": { "latitude": 43.2, "longitude": 76.9 } })).await;
    s.me().sends_raw("[contact]", json!({ "contact": { "phone_number": "+77010000001" } })).await;
    s.me().blocks(true).await;
    s.me().blocks(false).await;
    s.tells("help");
}
