//! A shift at the desk: pages, breaches, the queue, departments, and which group is the desk at all.

use crm::clock::Clock;
use crm::directory::Staff;
use crm::domain::decide::Command;
use crm::domain::form::Form;
use crm::domain::ids::{ServiceId, StaffId};
use crm::domain::kind::{Kind, Queue};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use serde_json::json;

use crate::desk::{mark, open, question, shown_to, since};
use crate::world::{AIGERIM, DANA, DESK, MARAT, NURLAN, World, staff_actor};

#[tokio::test]
async fn handed_over_by_the_list_of_departments() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    w.person(NURLAN).at(DESK).presses("Алу").await;
    w.person(NURLAN).at(DESK).presses("Басқа бөлімге беру").await;
    w.person(NURLAN).at(DESK).presses("желі").await;
    let ticket = w.ticket(n).await;
    assert_eq!((ticket.queue, ticket.assignee), (Queue::Network, None));
}

#[tokio::test]
async fn a_critical_fault_pages_and_one_acknowledges() {
    let mut w = World::new().await;
    let form = Form::Fault { service: Some(ServiceId::from("acme-web")), since: None };
    let n = open(&mut w, Kind::FaultCritical, form, "Бәрі тоқтап қалды!").await;
    w.minutes(1).await;
    let page = shown_to(&w, 0, "Нұрлан");
    assert!(page.contains("KM-000001") && page.contains("Бәрі тоқтап қалды!"), "{}", w.transcript());
    assert_eq!(shown_to(&w, 0, "Дана"), "", "one at a time");

    w.minutes(6).await;
    assert!(shown_to(&w, 0, "Дана").contains("до вас никто не ответил"), "{}", w.transcript());

    let from = mark(&w);
    w.person(DANA).taps("desk-button-acknowledge").await;
    assert!(since(&w, from).contains("вызов принят"), "{}", since(&w, from));
    assert!(shown_to(&w, from, "DESK").contains("шақыруды қабылдаған: Дана"), "{}", since(&w, from));
    let over = shown_to(&w, from, "Нұрлан");
    assert!(over.contains("шақыру аяқталды") && over.contains("Дана") && !over.contains('['), "{over}");
    let from = mark(&w);
    let label = crm::t!(Lang::Kk, "desk-button-acknowledge");
    w.person(NURLAN).presses_old(&label, 0).await;
    assert!(since(&w, from).contains("(window: Сізден бұрын алған: Дана"), "{}", since(&w, from));
    let paging = w.ticket(n).await.paging.expect("paged");
    assert_eq!(paging.acknowledged_by.map(|s| s.to_string()).as_deref(), Some("dana"));

    let from = mark(&w);
    w.minutes(10).await;
    assert!(!since(&w, from).contains("Шақыруды қабылдау"), "nobody else is woken: {}", since(&w, from));
    let breach = shown_to(&w, from, "Марат");
    assert!(breach.contains("шақыруды қабылдаған: Дана"), "he sees who has it: {breach}");
}

/// Whoever was woken need not guess whether he must still come: his page follows the ticket, wherever and by whomever it is taken.
#[tokio::test]
async fn a_page_is_over_when_somebody_took_the_ticket() {
    for lang in Lang::ALL {
        let mut w = World::desk_in(*lang).await;
        let form = Form::Fault { service: Some(ServiceId::from("acme-web")), since: None };
        let n = open(&mut w, Kind::FaultCritical, form, "Бәрі тоқтап қалды!").await;
        w.minutes(1).await;
        assert!(shown_to(&w, 0, "Нұрлан").contains('['), "{}", w.transcript());
        let page = w.telegram.newest(NURLAN);
        let kind = bot::desk::words::kind(Kind::FaultCritical, *lang);
        let over = crm::t!(*lang, "desk-page-over", number = "KM-000001", kind = kind);
        // By a colleague, in the group; the bot's process ends and begins anew before it tells.
        let id = w.ticket(n).await.id;
        let mut tx = w.db.begin().await.expect("a transaction");
        w.service.execute(&mut tx, id, Command::Take, &staff_actor(DANA)).await.expect("allowed");
        tx.commit().await.expect("committed");
        w.restart();
        let from = mark(&w);
        w.deliver().await;
        let shown = shown_to(&w, from, "Нұрлан");
        assert!(shown.contains(&over) && shown.contains("Дана") && !shown.contains('['), "{lang}: {shown}");
        assert!(since(&w, from).contains(&format!("↻ Нұрлан #{page}\n")), "in place: {}", since(&w, from));
        let from = mark(&w);
        w.staff(DANA, n, Command::Solve(None)).await;
        let shown = shown_to(&w, from, "Нұрлан");
        assert!(shown.contains(&crm::t!(*lang, "desk-state-solved")), "{lang}: {shown}");
    }
}

/// Who answers on the page itself has the card in its place, with the buttons that he needs next.
#[tokio::test]
async fn a_page_that_is_answered_becomes_the_card() {
    let mut w = World::new().await;
    let form = Form::Fault { service: None, since: None };
    open(&mut w, Kind::FaultCritical, form, "Бәрі тоқтап қалды!").await;
    w.minutes(1).await;
    let from = mark(&w);
    w.person(NURLAN).taps("desk-button-acknowledge").await;
    let shown = shown_to(&w, from, "Нұрлан");
    assert!(shown.contains("✅ Шешілді") && !shown.contains("шақыру аяқталды"), "{shown}");
}

/// Handed over, it calls another department: that page stays.
#[tokio::test]
async fn a_page_of_another_department_stays() {
    let mut w = World::new().await;
    let form = Form::Fault { service: None, since: None };
    let n = open(&mut w, Kind::FaultCritical, form, "Бәрі тоқтап қалды!").await;
    w.minutes(1).await;
    let from = mark(&w);
    w.staff(DANA, n, Command::HandOver(Queue::Network)).await;
    assert!(shown_to(&w, from, "Нұрлан").contains("шақыру аяқталды"), "{}", since(&w, from));
    let from = mark(&w);
    w.minutes(1).await;
    let called = w.ticket(n).await.paging.and_then(|p| p.staff).expect("somebody is called");
    let name = if called.as_str() == "nurlan" { "Нұрлан" } else { "Дана" };
    let page = shown_to(&w, from, name);
    assert!(page.contains('[') && !page.contains("шақыру аяқталды"), "{page}");
}

#[tokio::test]
async fn a_breach_tells_the_duty_manager() {
    let mut w = World::new().await;
    question(&mut w).await;
    w.minutes(11).await;
    assert!(shown_to(&w, 0, "Марат").contains("мерзімі өтіп кетті"), "{}", w.transcript());
    assert!(shown_to(&w, 0, "DESK").contains("мерзімі өтіп кетті"), "{}", w.transcript());
}

#[tokio::test]
async fn the_queue_is_ordered_by_time_to_breach() {
    let mut w = World::new().await;
    question(&mut w).await;
    w.minutes(3).await;
    let form = Form::Fault { service: None, since: None };
    open(&mut w, Kind::FaultMinor, form, "Сайт баяу ашылады").await;
    // The first is answered and solved by tomorrow; the second must be answered in ten minutes.
    w.person(NURLAN).at(DESK).replies("KM-000001", "Қазір жазамын.").await;
    let from = mark(&w);
    w.person(NURLAN).says("/queue").await;
    let shown = shown_to(&w, from, "Нұрлан");
    let (second, first) = (shown.find("KM-000002"), shown.find("KM-000001"));
    assert!(second.is_some() && second < first, "{shown}");

    w.person(NURLAN).presses("KM-000002").await;
    let from = mark(&w);
    w.person(NURLAN).presses("Алу").await;
    assert!(shown_to(&w, from, "Нұрлан").contains("жауапты: Нұрлан"), "{}", since(&w, from));
    assert_eq!(w.ticket(2).await.assignee.map(|s| s.to_string()).as_deref(), Some("nurlan"));

    let from = mark(&w);
    w.person(MARAT).says("/oncall").await;
    assert!(shown_to(&w, from, "Марат").contains("Нұрлан → Дана → Марат"), "{}", since(&w, from));
    let from = mark(&w);
    w.person(AIGERIM).says("/queue").await;
    assert!(!since(&w, from).contains("KM-00000"), "{}", since(&w, from));
}

/// Somebody else of the desk, with this role.
async fn hire(w: &mut World, id: &str, role: Role, telegram: i64) {
    let staff = Staff {
        id: StaffId::from(id),
        name: id.to_owned(),
        role,
        queues: vec![Queue::Support],
        telegram: Some(telegram),
        language: Lang::En,
    };
    w.directory(|d| d.staff.push(staff)).await;
}

#[tokio::test]
async fn who_only_reads_changes_nothing() {
    let mut w = World::new().await;
    hire(&mut w, "auditor", Role::Auditor, 7001).await;
    let n = question(&mut w).await;
    for button in ["Алу", "Сұрау", "✅ Шешілді", "Бас тарту", "Басқа бөлімге беру"]
    {
        let from = mark(&w);
        w.person(7001).at(DESK).presses(button).await;
        assert!(since(&w, from).contains("(window: Your role may not do this"), "{}", since(&w, from));
    }
    let from = mark(&w);
    w.person(7001).at(DESK).replies("KM-000001", "hello").await;
    assert!(since(&w, from).contains("Not sent to the customer"), "{}", since(&w, from));
    let ticket = w.ticket(n).await;
    assert_eq!((ticket.seq, ticket.messages), (1, 1), "nothing happened");

    let from = mark(&w);
    w.person(7001).says("/queue").await;
    assert!(since(&w, from).contains("KM-000001"), "but he reads: {}", since(&w, from));
}

#[tokio::test]
async fn a_command_is_never_sent_to_a_customer() {
    let mut w = World::new().await;
    let n = question(&mut w).await;
    w.person(NURLAN).at(DESK).presses("Сұрау").await;
    w.person(NURLAN).at(DESK).says("/queue").await;
    w.person(NURLAN).at(DESK).says("/help").await;
    w.person(NURLAN).at(DESK).says("/cancel").await;
    w.person(NURLAN).at(DESK).says("әңгіме").await;
    assert_eq!(w.ticket(n).await.messages, 1, "{}", w.transcript());
}

#[tokio::test]
async fn another_group_is_left_alone() {
    let mut w = World::new().await;
    let elsewhere = -1_005;
    let from = mark(&w);
    w.person(NURLAN).at(elsewhere).says("/queue").await;
    w.person(NURLAN).at(elsewhere).says("/desk").await;
    w.person(AIGERIM).at(elsewhere).says("сәлем").await;
    assert!(!since(&w, from).contains("→"), "{}", since(&w, from));
    hire(&mut w, "admin", Role::Administrator, 7002).await;
    w.person(7002).at(elsewhere).says("/desk@komek_bot").await;
    assert!(since(&w, from).contains("desk_chat = -1005"), "{}", since(&w, from));
    let now = w.clock.now();
    w.update(json!({ "message": { "message_id": 9, "date": now.timestamp(), "migrate_to_chat_id": -1_007,
        "chat": { "id": DESK, "type": "group" }, "from": { "id": NURLAN, "is_bot": false, "first_name": "N" } } }))
        .await;
    question(&mut w).await;
    assert!(since(&w, from).contains("→ User -1007 #1"), "the desk moved along: {}", since(&w, from));
}
