//! The customer hears of a promise before it breaks, when it breaks, and when the desk is in an emergency; also of what was opened by
//! telephone.

use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::Origin;
use crm::domain::form::Form;
use crm::domain::ids::{ContactId, CustomerId};
use crm::domain::kind::{Channel, Kind};
use crm::domain::lang::Lang;
use crm::service::{NewTicket, Words};
use rstest::rstest;

use crate::story::Story;
use crate::world::NURLAN;

#[rstest]
#[tokio::test]
async fn a_promise_breaks(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.reboots().await;
    s.w.minutes(11).await;
    s.w.provisioner_proves(1, "graceful").await;
    s.tells("a_promise_breaks");
}

#[rstest]
#[tokio::test]
async fn nobody_replies(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.me().says("/menu").await;
    s.me().taps("menu-fault").await;
    s.presses_vm("web").await;
    s.me().taps("button-critical").await;
    s.me().taps("since-now").await;
    s.me().says("502").await;
    s.me().taps("button-send").await;
    s.w.minutes(10).await;
    s.w.staff(NURLAN, 1, Command::Take).await;
    s.w.minutes(50).await;
    s.tells("nobody_replies");
}

#[rstest]
#[tokio::test]
async fn emergency(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    s.w.emergency(true, "ala-1: свет жоқ").await;
    s.questions("502?").await;
    s.tells("emergency");
}

#[rstest]
#[tokio::test]
async fn opened_by_telephone(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    let (contact, customer) = match lang {
        Lang::Kk => ("aigerim", "acme"),
        Lang::Ru => ("boris", "birlik"),
        Lang::En => ("nora", "nomad"),
    };
    let mut tx = s.w.db.begin().await.expect("a transaction");
    let new = NewTicket {
        kind: Kind::Question,
        form: Form::Plain,
        requester: Some((ContactId::from(contact), CustomerId::from(customer))),
        requester_name: contact.to_owned(),
        language: lang,
        origin: Origin { channel: Channel::Phone, chat: None },
        words: Words::text("…"),
    };
    s.w.service.open(&mut tx, new, &Actor::Operator).await.expect("allowed");
    tx.commit().await.expect("committed");
    s.w.deliver().await;
    let answer = s.words(["Міне, жауабы.", "Вот ответ.", "Here is the answer."]);
    s.w.staff_writes(NURLAN, 1, answer, Command::Answer).await;
    let more = s.words(["Түсінікті, бірақ бағасы қанша?", "Понятно, а цена?", "I see, and the price?"]);
    s.me().replies("KM-000001", more).await;
    s.tells("opened_by_telephone");
}
