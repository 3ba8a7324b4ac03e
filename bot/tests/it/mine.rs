//! What becomes of requests: the list, one of them, words added, confirmed, opened again, withdrawn; and what others must not see.

use crm::domain::decide::Command;
use crm::domain::lang::Lang;
use crm::domain::ticket::State;
use rstest::rstest;

use crate::story::{Story, tidy};
use crate::world::{AIGERIM, BORIS, NURLAN, World};

#[rstest]
#[tokio::test]
async fn my_tickets(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/tickets").await;
    s.reboots().await;
    s.w.minutes(1).await;
    s.w.provisioner_proves(1, "graceful").await;
    let ask = s.words(["Есепшот керек", "Нужен счёт", "I need an invoice"]);
    s.questions(ask).await;
    s.w.minutes(2).await;
    s.me().says("/tickets").await;
    s.me().presses("KM-000002").await;
    s.me().taps("button-write").await;
    let more = s.words(["Қараша айы үшін", "За ноябрь", "For November"]);
    s.me().says(more).await;
    s.me().says("КМ-2").await;
    s.me().taps("button-withdraw").await;
    s.me().taps("button-withdraw-sure").await;
    s.tells("my_tickets");
}

#[rstest]
#[tokio::test]
async fn confirm_and_reopen(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.reboots().await;
    s.w.minutes(1).await;
    s.w.provisioner_proves(1, "graceful").await;
    s.me().taps("button-reopen").await;
    let still =
        s.words(["Сайт әлі ашылмайды", "Сайт всё ещё не открывается", "The site still does not open"]);
    s.me().says(still).await;
    assert_eq!(s.w.ticket(1).await.state, State::New);
    s.w.minutes(1).await;
    let done = s.words(["Енді ашылады.", "Теперь открывается.", "It opens now."]);
    s.w.staff_writes(NURLAN, 1, done, |m| Command::Solve(Some(m))).await;
    let thanks = s.words(["рахмет 🙏", "спасибо 🙏", "thanks 🙏"]);
    s.me().replies("KM-000001", thanks).await;
    assert_eq!(s.w.ticket(1).await.state, State::Solved, "thanks reopen nothing");
    s.me().taps("button-solved").await;
    assert_eq!(s.w.ticket(1).await.state, State::Closed);
    // The other button of the message before is old now.
    let label = crm::t!(lang, "button-reopen");
    s.me().presses_old(&label, 0).await;
    let late = s.words(["Тағы өшіп қалды", "Опять упало", "Down again"]);
    s.me().replies("KM-000001", late).await;
    s.me().taps("stray-question").await;
    assert_eq!(s.w.tickets().await, 2);
    s.tells("confirm_and_reopen");
}

#[rstest]
#[tokio::test]
async fn words_find_their_ticket(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let [first, second, third, fourth] = match lang {
        Lang::Kk => ["Есепшот керек", "Тағы біреуі: келісімшарт", "Бұл не туралы?", "Міне"],
        Lang::Ru => ["Нужен счёт", "И ещё договор", "О чём это?", "Вот"],
        Lang::En => ["I need an invoice", "And a contract too", "What is this about?", "Here"],
    };
    // None: what is it?
    s.me().says(first).await;
    s.me().taps("stray-question").await;
    // One: it goes there.
    s.w.clock.advance(chrono::TimeDelta::minutes(20));
    s.me().says(second).await;
    // Several, and none was written to a moment ago: which?
    s.reboots().await;
    s.w.clock.advance(chrono::TimeDelta::minutes(20));
    s.me().says(third).await;
    s.me().says(fourth).await;
    s.me().presses("KM-000001").await;
    assert_eq!(s.w.ticket(1).await.messages, 3);
    s.tells("words_find_their_ticket");
}

/// Numbers and names from buttons are claims: another customer's answer like what does not exist.
#[tokio::test]
async fn forged_numbers_and_names_find_nothing() {
    let mut w = World::new().await;
    w.person(BORIS).says("Менің сұрағым").await;
    w.person(BORIS).taps("stray-question").await;
    let untouched = w.ticket(1).await;
    w.telegram.log.clear();
    w.telegram.only = Some(AIGERIM);
    for data in ["c:t:1", "c:t:77", "c:d:w:1", "c:d:y:1", "c:d:X:1", "c:d:r:1"] {
        w.person(AIGERIM).forges(data).await;
    }
    w.person(AIGERIM).says("KM-000001").await;
    w.person(AIGERIM).says("/menu").await;
    w.person(AIGERIM).taps("menu-reboot").await;
    let real = w.telegram.button(AIGERIM, "acme-web").1;
    w.person(AIGERIM).forges(&real.replace("acme-web", "birlik-web")).await;
    w.person(AIGERIM).says("birlik-web").await;
    for data in ["c:", "c:a:1:y", "c:t:-1", "c:d:y:99999999999999999999", "hello", "c:b:everything"] {
        w.person(AIGERIM).forges(data).await;
    }
    assert_eq!(w.ticket(1).await, untouched);
    assert_eq!(w.tickets().await, 1);
    insta::assert_snapshot!("forged", tidy(w.transcript()));
}
