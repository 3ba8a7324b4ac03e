//! Coming in: invitations, strangers, languages, what cannot be read.

use crm::domain::lang::Lang;
use rstest::rstest;
use serde_json::json;

use crate::story::{Story, tidy};
use crate::world::{AIGERIM, DANA, DESK, NURLAN, STRANGER, World};

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
    w.person(DANA).says(&format!("/start {code}")).await;
    w.telegram.log.clear();
    w.telegram.only = Some(STRANGER);
    w.person(STRANGER).speaking(lang).says(&format!("/start {code}")).await;
    let other = w.invite(guest(lang)).await;
    w.clock.advance(chrono::TimeDelta::days(8));
    w.person(STRANGER).speaking(lang).says(&format!("/start {other}")).await;
    let told = tidy(w.transcript()).replace(&code, "CODE").replace(&other, "OTHER");
    insta::assert_snapshot!(format!("invitation_ends_{lang}"), told);
}

/// Whoever is nobody's contact may ask, ask for a Cabinet, choose a language; nothing else, whatever he forges.
#[rstest]
#[tokio::test]
async fn a_stranger(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut w = World::new().await;
    w.telegram.only = Some(STRANGER);
    w.person(STRANGER).speaking(lang).says("/start").await;
    for data in ["c:b:reboot", "c:b:quota", "c:b:fault", "c:o", "c:w:aigerim", "c:r:5:1"] {
        w.person(STRANGER).speaking(lang).forges(data).await;
    }
    w.person(STRANGER).speaking(lang).taps("menu-question").await;
    let text = match lang {
        Lang::Kk => "Бағасы қанша?",
        Lang::Ru => "Сколько это стоит?",
        Lang::En => "How much is it?",
    };
    w.person(STRANGER).speaking(lang).says(text).await;
    w.person(STRANGER).speaking(lang).taps("button-open").await;
    assert_eq!(w.tickets().await, 1);
    insta::assert_snapshot!(format!("stranger_{lang}"), tidy(w.transcript()));
}

/// A stranger's words never become a fault that wakes somebody, even by a forged button.
#[tokio::test]
async fn a_stranger_wakes_nobody() {
    let mut w = World::new().await;
    w.person(STRANGER).says("Бәрі құлады!").await;
    let (_, data, _) = w.telegram.button(STRANGER, "Жаңа сұрақ");
    w.person(STRANGER).forges(&data.replace("kquestion", "kfault")).await;
    assert_eq!(w.tickets().await, 0);
    assert!(!w.transcript().contains("Ақау ретінде"), "{}", w.transcript());
}

fn contact(phone: &str, owner: i64) -> serde_json::Value {
    json!({ "contact": { "phone_number": phone, "first_name": "X", "user_id": owner } })
}

/// A telephone number that the directory knows, shared by whom it belongs to, and confirmed by an engineer.
#[rstest]
#[tokio::test]
async fn by_telephone_number(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let phone = match lang {
        Lang::Kk => "77010000002",
        Lang::Ru => "77010000003",
        Lang::En => "77010000004",
    };
    let mut w = World::new().await;
    w.telegram.only = Some(STRANGER);
    w.person(STRANGER).speaking(lang).says("/start").await;
    w.person(STRANGER).speaking(lang).taps("menu-share").await;
    w.person(STRANGER).speaking(lang).sends_raw("[somebody's contact]", contact(phone, 555)).await;
    w.person(STRANGER).speaking(lang).sends_raw("[unknown number]", contact("77019999999", STRANGER)).await;
    assert_eq!(w.tickets().await, 0);
    w.person(STRANGER).speaking(lang).sends_raw("[own number]", contact(phone, STRANGER)).await;
    // Twice is once.
    w.person(STRANGER).speaking(lang).sends_raw("[own number]", contact(phone, STRANGER)).await;
    assert_eq!(w.tickets().await, 1);
    // Until it is confirmed he is a stranger.
    w.person(STRANGER).speaking(lang).forges("c:b:reboot").await;
    w.person(NURLAN).at(DESK).presses("🪪").await;
    w.person(STRANGER).speaking(lang).taps("button-menu").await;
    w.person(STRANGER).speaking(lang).taps("menu-reboot").await;
    insta::assert_snapshot!(format!("by_telephone_{lang}"), tidy(w.transcript()));
}

#[tokio::test]
async fn the_desk_sees_whom_to_call_and_nobody_confirms_himself() {
    let mut w = World::new().await;
    // An engineer who has found a customer's card would like to be him.
    w.person(DANA).sends_raw("[own number]", contact("+77010000003", DANA)).await;
    w.telegram.log.clear();
    w.person(DANA).at(DESK).presses("🪪").await;
    assert_eq!(w.ticket(1).await.state, crm::domain::ticket::State::New);
    w.person(AIGERIM).forges("d:i:1").await;
    assert_eq!(w.ticket(1).await.state, crm::domain::ticket::State::New);
    w.person(NURLAN).at(DESK).presses("🪪").await;
    assert_eq!(w.ticket(1).await.state, crm::domain::ticket::State::Solved);
    // A second press finds it done.
    w.person(NURLAN).at(DESK).forges("d:i:1").await;
    insta::assert_snapshot!("desk_confirms", tidy(w.transcript()));
}

/// One person, two customers: he chooses, and news of both reach him.
#[rstest]
#[tokio::test]
async fn somebody_speaks_for_two_customers(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let (other, machine) = if lang == Lang::Ru { ("aigerim", "acme-db") } else { ("boris", "birlik-db") };
    let ask = s.words(["Есепшот керек", "Нужен счёт", "I need an invoice"]);
    s.questions(ask).await;
    let code = s.w.invite(other).await;
    s.me().says(&format!("/start {code}")).await;
    let log = s.w.telegram.log.replace(&code, "CODE");
    s.w.telegram.log = log;
    s.me().taps("menu-reboot").await;
    s.me().presses(machine).await;
    s.me().says("/tickets").await;
    // A reply finds its ticket, whomever he speaks for at the moment.
    let more = s.words(["Қараша айы үшін", "За ноябрь", "For November"]);
    s.me().replies("KM-000001", more).await;
    assert_eq!(s.w.ticket(1).await.messages, 2);
    s.me().says("/menu").await;
    s.me().presses("🏢").await;
    let mine = s.vm("");
    let customer = if mine == "acme-" {
        "Acme"
    } else if mine == "birlik-" {
        "Бирлик"
    } else {
        "Nomad"
    };
    s.me().presses(customer).await;
    s.me().forges("c:w:sam").await;
    s.me().says("/tickets").await;
    s.tells("two_customers");
}

/// The directory lets Saule see her own tickets alone.
#[tokio::test]
async fn a_contact_sees_what_the_directory_allows() {
    let mut s = Story::new(Lang::Kk).await;
    s.questions("Есепшот керек").await;
    s.w.telegram.only = Some(STRANGER);
    s.w.telegram.log.clear();
    let code = s.w.invite("saule").await;
    s.w.person(STRANGER).says(&format!("/start {code}")).await;
    s.w.person(STRANGER).says("/tickets").await;
    s.w.person(STRANGER).says("KM-000001").await;
    s.w.person(STRANGER).says("/menu").await;
    s.w.person(STRANGER).taps("menu-question").await;
    s.w.person(STRANGER).says("Менің сұрағым").await;
    assert!(!s.w.transcript().contains("<b>KM-000001"), "{}", s.w.transcript());
    assert!(s.w.transcript().contains("Сізде әзірге өтініш жоқ"), "{}", s.w.transcript());
    // Aigerim sees all of Acme's.
    s.w.telegram.only = Some(AIGERIM);
    s.me().says("KM-000002").await;
    assert!(s.w.transcript().contains("Менің сұрағым"), "{}", s.w.transcript());
}

/// Whoever guesses codes waits; a good one is not even looked at then.
#[rstest]
#[tokio::test]
async fn guessing_invitations_is_limited(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut w = World::new().await;
    w.telegram.only = Some(STRANGER);
    let code = w.invite(guest(lang)).await;
    for guess in 0..5 {
        w.person(STRANGER).speaking(lang).says(&format!("/start {guess:032x}")).await;
    }
    w.telegram.log.clear();
    w.person(STRANGER).speaking(lang).says(&format!("/start {code}")).await;
    w.clock.advance(chrono::TimeDelta::minutes(61));
    w.person(STRANGER).speaking(lang).says(&format!("/start {code}")).await;
    insta::assert_snapshot!(format!("guessing_{lang}"), tidy(w.transcript()).replace(&code, "CODE"));
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
