//! Approvals at the desk: who may, how many, and of which proposal.

use bot::desk::tap::{Claim, DeskTap};
use crm::domain::actor::Actor;
use crm::domain::event::Origin;
use crm::domain::form::Form;
use crm::domain::ids::{ContactId, CustomerId, ServiceId, TicketNumber};
use crm::domain::kind::{Channel, Kind};
use crm::domain::lang::Lang;
use crm::domain::ticket::State;
use crm::service::{NewTicket, Words};

use crate::desk::{mark, press, shown_to, since, unlock};
use crate::world::{AIGERIM, DANA, DESK, NURLAN, STRANGER, World, staff_actor};

#[tokio::test]
async fn unpaid_needs_one_and_abuse_needs_two_different_people() {
    let mut w = World::new().await;
    let n = unlock(&mut w).await;
    let from = mark(&w);
    w.person(NURLAN).at(DESK).presses("Мақұлдау").await;
    assert!(since(&w, from).contains("Тағы бір адам мақұлдауы керек"), "{}", since(&w, from));
    assert_eq!(w.ticket(n).await.state, State::WaitingApproval);

    let from = mark(&w);
    w.person(NURLAN).at(DESK).presses("Мақұлдау").await;
    assert!(since(&w, from).contains("(window: Басқа адам керек"), "nobody twice: {}", since(&w, from));
    assert_eq!(w.ticket(n).await.state, State::WaitingApproval);

    let from = mark(&w);
    w.person(DANA).at(DESK).presses("Мақұлдау").await;
    assert!(since(&w, from).contains("согласовано, выполняется"), "{}", since(&w, from));
    assert_eq!(w.ticket(n).await.state, State::Executing);
    w.provisioner_proves(n, "resumed").await;
    assert!(shown_to(&w, from, "DESK").contains("Дәлелі: resumed"), "{}", since(&w, from));
}

#[tokio::test]
async fn one_engineer_is_enough_for_an_unpaid_one() {
    let mut w = World::new().await;
    let boris = Actor::Contact { id: ContactId::from("boris"), customer: CustomerId::from("birlik") };
    unpaid(&mut w, Channel::Telegram, &boris).await;
    w.person(DANA).at(DESK).presses("Мақұлдау").await;
    assert_eq!(w.ticket(1).await.state, State::Executing);
}

/// Who took the telephone call and filed the request speaks for the customer: somebody else approves (DESIGN 2.4).
#[tokio::test]
async fn whoever_filed_it_does_not_approve_it() {
    let mut w = World::new().await;
    unpaid(&mut w, Channel::Phone, &staff_actor(DANA)).await;
    let from = mark(&w);
    w.person(DANA).at(DESK).presses("Мақұлдау").await;
    assert!(since(&w, from).contains("(window: "), "{}", since(&w, from));
    assert_eq!(w.ticket(1).await.state, State::WaitingApproval);
    w.person(NURLAN).at(DESK).presses("Мақұлдау").await;
    assert_eq!(w.ticket(1).await.state, State::Executing);
}

/// Boris's machine is locked because a bill is unpaid; `actor` asks for its unlock.
async fn unpaid(w: &mut World, channel: Channel, actor: &Actor) {
    let form = Form::VmUnlock { vm: ServiceId::from("birlik-db"), lock_reason: Some("unpaid".to_owned()) };
    let new = NewTicket {
        kind: Kind::VmUnlock,
        form,
        requester: Some((ContactId::from("boris"), CustomerId::from("birlik"))),
        requester_name: "Борис".to_owned(),
        language: Lang::Ru,
        origin: Origin { channel, chat: Some(1002) },
        words: Words::default(),
    };
    let mut tx = w.db.begin().await.expect("a transaction");
    w.service.open(&mut tx, new, actor).await.expect("opened");
    tx.commit().await.expect("committed");
    w.deliver().await;
}

#[tokio::test]
async fn only_staff_approve_whatever_their_press_claims() {
    let mut w = World::new().await;
    let n = unlock(&mut w).await;
    let (message, data, _) = w.telegram.button(DESK, "Мақұлдау");
    for who in [AIGERIM, STRANGER] {
        let from = mark(&w);
        press(&mut w, who, DESK, message, &data).await;
        assert!(since(&w, from).contains("(window: "), "told: {}", since(&w, from));
        // The same data in a private chat is no better.
        press(&mut w, who, who, message, &data).await;
        assert!(!since(&w, from).contains("Acme"), "and sees nothing: {}", since(&w, from));
    }
    let ticket = w.ticket(n).await;
    assert_eq!(ticket.state, State::WaitingApproval);
    assert!(ticket.action.expect("an action").approved_by.is_empty());

    let from = mark(&w);
    w.person(AIGERIM).at(DESK).replies("KM-000001", "Өзім жауап берейін").await;
    assert!(since(&w, from).contains("тек қолдау қызметкерлері"), "{}", since(&w, from));
    assert_eq!(w.ticket(n).await.messages, 0);
}

#[tokio::test]
async fn an_old_proposal_is_not_approved() {
    let mut w = World::new().await;
    let n = unlock(&mut w).await;
    let (message, data, _) = w.telegram.button(DESK, "Мақұлдау");

    let from = mark(&w);
    let other = DeskTap::Approve(TicketNumber(n), Claim::of(&"0".repeat(64)).expect("a digest"));
    press(&mut w, NURLAN, DESK, message, &other.to_string()).await;
    assert!(since(&w, from).contains("(window: Бұл ұсыныс енді жарамсыз"), "{}", since(&w, from));
    assert!(since(&w, from).contains("↻ DESK #1"), "the card is refreshed: {}", since(&w, from));

    w.minutes(61).await;
    assert!(w.transcript().contains("уақытында ешкім мақұлдамады"), "{}", w.transcript());
    let from = mark(&w);
    press(&mut w, NURLAN, DESK, message, &data).await;
    assert!(since(&w, from).contains("(window: Бұл ұсыныстың уақыты өтті"), "{}", since(&w, from));
    assert_ne!(w.ticket(n).await.state, State::Executing);
}

#[tokio::test]
async fn a_proposal_lapses_though_no_clock_has_looked() {
    let mut w = World::new().await;
    let n = unlock(&mut w).await;
    let (message, data, _) = w.telegram.button(DESK, "Мақұлдау");
    w.clock.advance(chrono::TimeDelta::minutes(61));
    let from = mark(&w);
    press(&mut w, NURLAN, DESK, message, &data).await;
    assert!(since(&w, from).contains("(window: Бұл ұсыныстың уақыты өтті"), "{}", since(&w, from));
    assert_eq!(w.ticket(n).await.state, State::WaitingApproval);
}

#[tokio::test]
async fn a_decline_brings_its_reason_to_the_customer() {
    let mut w = World::new().await;
    let n = unlock(&mut w).await;
    w.person(NURLAN).at(DESK).presses("Бас тарту").await;
    let from = mark(&w);
    w.person(NURLAN).at(DESK).replies("себебін", "Майнинг үшін бұғатталған.").await;
    assert_eq!(w.ticket(n).await.state, State::Declined);
    assert!(shown_to(&w, from, "Айгерім").contains("Майнинг үшін"), "{}", since(&w, from));
}
