//! What goes otherwise than planned: back, cancel, old buttons, pressed twice, too late, albums, edits, thanks.

use chrono::TimeDelta;
use crm::domain::decide::Command;
use crm::domain::lang::Lang;
use crm::domain::ticket::State;
use rstest::rstest;

use crate::story::Story;
use crate::world::NURLAN;

#[rstest]
#[tokio::test]
async fn back_and_cancel(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("menu-reboot").await;
    s.presses_vm("web").await;
    s.me().taps("button-hard").await;
    s.me().taps("button-back").await;
    s.me().taps("button-back").await;
    s.me().taps("button-back").await;
    s.me().taps("menu-unlock").await;
    s.presses_vm("db").await;
    let words = s.words(["Төледік", "Мы оплатили", "We have paid"]);
    s.me().says(words).await;
    s.me().says("/menu").await;
    s.me().taps("menu-fault").await;
    s.me().taps("button-cancel").await;
    s.me().says("/cancel").await;
    assert_eq!(s.w.tickets().await, 0);
    s.tells("back_and_cancel");
}

#[rstest]
#[tokio::test]
async fn old_buttons(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let graceful = crm::t!(lang, "button-graceful");
    let confirm = crm::t!(lang, "button-confirm");
    s.me().says("/menu").await;
    s.me().taps("menu-reboot").await;
    s.presses_vm("web").await;
    s.me().taps("button-hard").await;
    // A button of the step before.
    s.me().presses_old(&graceful, 0).await;
    s.me().taps("button-confirm").await;
    // The last one again, twice pressed.
    let nth = 1;
    s.me().presses_old(&confirm, nth).await;
    // And the one of the step before again: nothing is going on.
    s.me().presses_old(&graceful, 0).await;
    assert_eq!(s.w.tickets().await, 1);
    s.tells("old_buttons");
}

#[rstest]
#[tokio::test]
async fn a_day_later(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("menu-fault").await;
    let words = s.words(["Сайт баяу", "Сайт тормозит", "The site is slow"]);
    s.me().says(words).await;
    s.w.clock.advance(TimeDelta::hours(25));
    let label = crm::t!(lang, "button-other");
    s.me().presses_old(&label, 0).await;
    s.me().says(words).await;
    s.me().taps("stray-fault").await;
    s.me().taps("button-other").await;
    s.tells("a_day_later");
}

/// Three photos sent together are one question with three files, and have one answer.
#[tokio::test]
async fn albums_are_one_message() {
    let mut s = Story::new(Lang::Kk).await;
    s.me().says("/menu").await;
    s.me().taps("menu-question").await;
    for caption in ["Мынау не?", "", ""] {
        s.me().sends_photo(caption, Some("album-1")).await;
    }
    assert_eq!((s.w.tickets().await, s.w.ticket(1).await.messages), (1, 3));
    // In the middle of a description, and then to the ticket itself.
    s.me().says("/menu").await;
    s.me().taps("menu-fault").await;
    s.presses_vm("web").await;
    s.me().taps("button-minor").await;
    s.me().taps("since-now").await;
    for caption in ["Экранда қате", ""] {
        s.me().sends_photo(caption, Some("album-2")).await;
    }
    s.me().taps("button-send").await;
    for caption in ["", "Тағы да"] {
        s.me().sends_photo(caption, Some("album-3")).await;
    }
    // Without any place yet, it waits whole.
    s.w.clock.advance(TimeDelta::minutes(20));
    for _ in 0..2 {
        s.me().sends_photo("", Some("album-4")).await;
    }
    s.me().presses("KM-000001").await;
    let mut tx = s.w.db.read().await.expect("a transaction");
    for (number, files) in [(1, 5), (2, 4)] {
        let id = s.w.ticket(number).await.id;
        let messages = tx.messages(id, false).await.expect("read");
        assert_eq!(messages.iter().map(|m| m.attachments.len()).sum::<usize>(), files, "{number}");
    }
    s.tells("albums");
}

#[tokio::test]
async fn edits_reach_the_ticket_they_belong_to() {
    let mut s = Story::new(Lang::Kk).await;
    s.me().says("/menu").await;
    s.me().taps("menu-question").await;
    let mine = s.me().says("Есепшот керек: қазан").await;
    s.me().edits(mine, "Есепшот керек: қараша").await;
    let other = s.me().says("/help").await;
    s.me().edits(other, "/menu").await;
    let mut tx = s.w.db.read().await.expect("a transaction");
    let ticket = s.w.ticket(1).await;
    let messages = tx.messages(ticket.id, false).await.expect("read");
    let bodies: Vec<_> = messages.iter().map(|m| m.body.as_str()).collect();
    assert_eq!(bodies, ["Есепшот керек: қазан", "✎ Түзетілді: Есепшот керек: қараша"]);
    assert!(!s.w.transcript().contains("✎ Түзетілді"), "an edit is answered with silence");
}

/// Thanks ask for nothing, unless the desk waits for an answer.
#[tokio::test]
async fn thanks_while_the_desk_waits_for_an_answer_are_the_answer() {
    let mut s = Story::new(Lang::Kk).await;
    s.questions("Есепшот керек").await;
    s.w.staff_writes(NURLAN, 1, "Поштаға жіберейін бе?", Command::Ask).await;
    s.me().says("иә, жарайды").await;
    assert_eq!((s.w.ticket(1).await.state, s.w.ticket(1).await.messages), (State::Open, 3));
    s.w.staff(NURLAN, 1, Command::Solve(None)).await;
    s.me().says("рахмет").await;
    assert_eq!((s.w.ticket(1).await.state, s.w.ticket(1).await.messages), (State::Solved, 3));
    s.me().replies("KM-000001", "бірақ хат келген жоқ").await;
    assert_eq!((s.w.ticket(1).await.state, s.w.ticket(1).await.messages), (State::Solved, 4));
    s.me().taps("button-reopen").await;
    s.me().taps("button-reopen-silently").await;
    assert_eq!(s.w.ticket(1).await.state, State::Open);
    s.tells("thanks");
}

/// The other contact of the same customer acts on the same tickets, and a press that comes too late says how things stand.
#[tokio::test]
async fn too_late_to_withdraw() {
    let mut s = Story::new(Lang::Kk).await;
    s.reboots().await;
    s.me().forges("c:d:x:1").await;
    s.me().forges("c:d:X:1").await;
    assert_eq!(s.w.ticket(1).await.state, State::Executing);
    s.w.provisioner_proves(1, "graceful").await;
    s.me().forges("c:d:X:1").await;
    s.me().forges("c:d:y:1").await;
    s.me().forges("c:d:y:1").await;
    s.me().forges("c:d:w:1").await;
    s.tells("too_late");
}
