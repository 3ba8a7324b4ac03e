//! After the help: rating with a few words, links to tickets, things to read.

use crm::domain::decide::Command;
use crm::domain::lang::Lang;
use crm::domain::ticket::State;
use rstest::rstest;

use crate::story::Story;
use crate::world::{DESK, NURLAN};

#[rstest]
#[tokio::test]
async fn rating(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let ask = s.words(["Есепшот керек", "Нужен счёт", "I need an invoice"]);
    s.questions(ask).await;
    // Nothing is rated before it is over.
    s.me().forges("c:r:5:1").await;
    s.w.staff(NURLAN, 1, Command::Solve(None)).await;
    s.me().taps("button-solved").await;
    s.me().presses("2 ⭐").await;
    s.me().taps("button-comment").await;
    let words = s.words(["Ұзақ күттім", "Долго ждал", "I waited too long"]);
    s.me().says(words).await;
    let ticket = s.w.ticket(1).await;
    assert_eq!((ticket.rating, ticket.state, ticket.messages), (Some(2), State::Closed, 2));
    // He thinks better of it.
    s.me().presses_old("5 ⭐", 0).await;
    assert_eq!(s.w.ticket(1).await.rating, Some(5));
    s.me().says("KM-1").await;
    s.tells("rating");
}

/// The desk reads the words, and hears of it at once when somebody is unhappy.
#[tokio::test]
async fn the_desk_hears_of_a_bad_rating() {
    let mut s = Story::new(Lang::Kk).await;
    s.questions("Есепшот керек").await;
    s.w.staff(NURLAN, 1, Command::Solve(None)).await;
    s.me().taps("button-solved").await;
    s.w.telegram.only = Some(DESK);
    s.w.telegram.log.clear();
    s.me().forges("c:r:2:1").await;
    s.me().taps("button-comment").await;
    s.me().says("Ұзақ күттім").await;
    s.me().forges("c:r:0:1").await;
    s.me().forges("c:r:6:1").await;
    assert_eq!(s.w.ticket(1).await.rating, Some(2));
    s.tells("bad_rating_at_the_desk");
}

#[rstest]
#[tokio::test]
async fn things_to_read(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("button-more").await;
    s.me().taps("button-info-contacts").await;
    s.me().taps("button-info-who").await;
    s.me().taps("button-info-help").await;
    let ask = s.words(["Есепшот керек", "Нужен счёт", "I need an invoice"]);
    s.questions(ask).await;
    // A link to a ticket, to another's, and a broken one.
    s.me().says("/start t000001").await;
    s.me().says("/start t77").await;
    s.me().says("/start tx").await;
    s.tells("things_to_read");
}
