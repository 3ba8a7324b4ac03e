//! Whatever else people and their apps do: edits both ways, files too big, cards, forwards, odd characters, a hundred presses, a block,
//! a restart in the middle.

use crm::domain::decide::Command;
use crm::domain::lang::Lang;
use crm::domain::ticket::State;
use rstest::rstest;
use serde_json::json;

use crate::story::{Story, tidy};
use crate::world::{AIGERIM, DESK, NURLAN};

/// An engineer's edited answer is put right in the customer's chat; what is not his own words stays.
#[rstest]
#[tokio::test]
async fn an_engineer_edits_his_answer(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let ask = s.words(["Есепшот керек", "Нужен счёт", "I need an invoice"]);
    s.questions(ask).await;
    let wrong = s.words(["Ертең жібереміз", "Отправим завтра", "We will send it tomorrow"]);
    let right = s.words(["Бүгін жібереміз", "Отправим сегодня", "We will send it today"]);
    let answer = s.w.person(NURLAN).at(DESK).replies("KM-000001", wrong).await;
    s.w.person(NURLAN).at(DESK).edits(answer, right).await;
    // Telegram calls it an edit too when a preview of a link arrives.
    s.w.person(NURLAN).at(DESK).edits(answer, right).await;
    // What was said at the end can be put right as well, and a note never leaves the desk.
    let note = s.w.person(NURLAN).at(DESK).replies("KM-000001", "// secret").await;
    s.w.person(NURLAN).at(DESK).edits(note, "secret, edited").await;
    assert!(!s.w.transcript().contains("secret"), "{}", s.w.transcript());
    s.me().says("KM-1").await;
    s.tells("an_engineer_edits");
}

/// What is edited before it is sent is sent as it was edited.
#[rstest]
#[tokio::test]
async fn a_draft_is_edited(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("menu-fault").await;
    let typo = s.words(["Сайт ашылмайт", "Сайт не откывается", "The sight does not open"]);
    let message = s.me().says(typo).await;
    let fixed = s.words(["Сайт ашылмайды", "Сайт не открывается", "The site does not open"]);
    s.me().edits(message, fixed).await;
    s.me().taps("button-other").await;
    s.me().taps("button-minor").await;
    s.me().taps("since-unknown").await;
    s.me().taps("button-send").await;
    s.me().taps("button-open").await;
    assert!(s.w.transcript().contains(fixed));
    s.tells("draft_edited");
}

#[rstest]
#[tokio::test]
async fn files_cards_and_forwards(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let ask = s.words(["Есепшот керек", "Нужен счёт", "I need an invoice"]);
    s.questions(ask).await;
    let big =
        json!({ "document": { "file_id": "d", "file_name": "<b>dump</b>.sql", "file_size": 30_000_000 } });
    s.me().sends_raw("[a file of 30 MB]", big).await;
    s.me().sends_raw("[voice]", json!({ "voice": { "file_id": "v", "file_size": 9000 } })).await;
    let card = json!({ "contact": { "phone_number": "+77017770000", "first_name": "Ержан", "user_id": 5 } });
    s.me().sends_raw("[a colleague's card]", card).await;
    let forwarded = json!({ "text": "disk full", "forward_origin": { "type": "user", "sender_user": { "first_name": "Ержан" } } });
    s.me().sends_raw("[forwarded] disk full", forwarded).await;
    s.me().sends_raw("[location]", json!({ "location": { "latitude": 43.2, "longitude": 76.9 } })).await;
    s.me().sends_raw("[dice]", json!({ "dice": { "emoji": "🎲", "value": 3 } })).await;
    let mut tx = s.w.db.read().await.expect("a transaction");
    let ticket = s.w.ticket(1).await;
    let messages = tx.messages(ticket.id, false).await.expect("read");
    let kinds: Vec<_> = messages.iter().flat_map(|m| &m.attachments).map(|a| a.kind.as_str()).collect();
    assert_eq!(kinds, ["document", "voice", "contact", "location"]);
    assert!(messages.iter().any(|m| m.body == "↪ Ержан: disk full"));
    s.tells("files_cards_forwards");
}

/// Right-to-left marks, invisible characters, markup, thousands of characters: kept, shown as text, never as something else.
#[tokio::test]
async fn odd_characters() {
    let mut s = Story::new(Lang::Kk).await;
    s.me().says("/menu").await;
    s.me().taps("menu-question").await;
    // Nothing visible is nothing.
    s.me().says("\u{200b}\u{200f}\u{2060}").await;
    assert_eq!(s.w.tickets().await, 0);
    s.me().says("\u{202e}<b>gnp.exe</b> [x](http://y) `z` &amp; مرحبا").await;
    let long = "ә".repeat(5000);
    s.me().says(&long).await;
    s.me().says("🔥🔥🔥").await;
    let ticket = s.w.ticket(1).await;
    let mut tx = s.w.db.read().await.expect("a transaction");
    let messages = tx.messages(ticket.id, false).await.expect("read");
    assert_eq!(messages[1].body, long);
    drop(tx);
    s.me().says("KM-1").await;
    let shown = s.w.transcript().replace(&long, "[5000 ә]");
    assert!(!shown.contains('\u{202e}') || !s.w.transcript().contains("→ Айгерім #\u{202e}"));
    let cut: String = shown.replace(&"ә".repeat(400), "[400 ә]");
    insta::assert_snapshot!("odd_characters", tidy(&cut));
}

/// A hundred presses of one button are one press.
#[tokio::test]
async fn a_hundred_presses() {
    let mut s = Story::new(Lang::Kk).await;
    s.me().says("/menu").await;
    s.me().taps("menu-reboot").await;
    s.presses_vm("web").await;
    s.me().taps("button-graceful").await;
    let confirm = crm::t!(Lang::Kk, "button-confirm");
    for _ in 0..100 {
        s.me().presses_old(&confirm, 0).await;
    }
    assert_eq!(s.w.tickets().await, 1);
    let toasts = s.w.transcript().matches("Бұл қабылданып қойған").count();
    assert_eq!(toasts, 99);
    let messages = s.w.transcript().lines().filter(|l| l.contains("→ Айгерім #")).count();
    assert!(messages <= 2, "{messages} messages for a hundred presses");
}

/// Blocked and unblocked: whoever comes back hears where there is news.
#[rstest]
#[tokio::test]
async fn blocked_and_unblocked(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let ask = s.words(["Есепшот керек", "Нужен счёт", "I need an invoice"]);
    s.questions(ask).await;
    s.me().blocks(true).await;
    // Telegram would refuse the notice: as the sender writes that down.
    s.w.telegram.refuses = Some("Forbidden: bot was blocked by the user".to_owned());
    let answer = s.words(["Дайын.", "Готово.", "Done."]);
    s.w.staff_writes(NURLAN, 1, answer, Command::Answer).await;
    s.me().blocks(false).await;
    s.me().presses("KM-000001").await;
    s.tells("unblocked");
}

/// The bot's process ends between two answers; the conversation goes on.
#[rstest]
#[tokio::test]
async fn a_restart_in_the_middle(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("menu-reboot").await;
    s.presses_vm("web").await;
    s.w.restart();
    s.me().taps("button-graceful").await;
    s.w.restart();
    s.me().taps("button-confirm").await;
    assert_eq!(s.w.ticket(1).await.state, State::Executing);
    s.tells("restart");
}

/// Commands and presses in a group that is not the desk do nothing.
#[tokio::test]
async fn strangers_groups_hear_nothing() {
    let mut s = Story::new(Lang::Kk).await;
    let group = -777;
    for text in ["/menu", "/tickets", "/queue", "/start", "KM-000001"] {
        s.w.person(AIGERIM).at(group).says(text).await;
    }
    s.w.person(AIGERIM).at(group).forges("c:b:reboot").await;
    s.w.telegram.only = Some(group);
    assert_eq!(s.w.telegram.newest(group), 0);
}
