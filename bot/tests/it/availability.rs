//! «What was my availability in October?» in three languages: the month, the sheet with every interval, the discount that was approved,
//! planned works and what goes on now.

use crm::credits;
use crm::domain::actor::Actor;
use crm::domain::credit::Cause;
use crm::domain::decide::Command;
use crm::domain::ids::{ServiceId, StaffId};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::incidents::{Proposal, propose, second};
use rstest::rstest;

use crate::story::Story;
use crate::world::{AIGERIM, NURLAN, World};

fn staff(id: &str, role: Role) -> Actor {
    Actor::Staff { id: StaffId::from(id), role }
}

/// Something that two engineers confirm.
async fn happened(s: &mut Story, vm: &str, (cause, from, until): (Cause, &str, &str)) {
    let proposal = Proposal {
        service: ServiceId(s.vm(vm)),
        incident: None,
        cause,
        starts: format!("2026-{from}+05:00").parse().expect("a moment"),
        ends: format!("2026-{until}+05:00").parse().expect("a moment"),
        evidence: "monitoring 4711".to_owned(),
    };
    let desk = s.w.service.clone();
    let mut tx = s.w.db.begin().await.expect("a transaction");
    let said = propose(&mut tx, &desk, proposal, &staff("nurlan", Role::Engineer)).await.expect("proposed");
    second(&mut tx, &desk, said.id, &staff("dana", Role::Engineer)).await.expect("confirmed");
    tx.commit().await.expect("committed");
    s.w.deliver().await;
}

#[rstest]
#[tokio::test]
async fn availability_in_october(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    happened(&mut s, "web", (Cause::Provider, "10-03T02:10:00", "10-03T03:05:30")).await;
    happened(&mut s, "web", (Cause::Provider, "10-03T02:40:00", "10-03T03:20:00.500")).await;
    happened(&mut s, "web", (Cause::CustomerAct, "10-12T10:00:00", "10-12T11:00:00")).await;
    happened(&mut s, "db", (Cause::Provider, "10-31T23:30:00", "11-01T00:45:00")).await;
    let ask = s.words([
        "Қазан айында қолжетімділік қандай болды?",
        "Какая у меня была доступность в октябре?",
        "What was my availability in October?",
    ]);
    s.me().says(ask).await;
    let vm = s.vm("web");
    s.me().presses(&vm).await;
    s.me().taps("button-availability").await;
    s.me().presses("›").await;

    let month = "2026-10".parse().expect("a month");
    credits::close(&s.w.db, &s.w.service, month, &Actor::Operator).await.expect("closed");
    let mut tx = s.w.db.begin().await.expect("a transaction");
    credits::approve_all(&mut tx, &s.w.service, month, &staff("marat", Role::DutyManager))
        .await
        .expect("approved");
    tx.commit().await.expect("committed");
    s.w.deliver().await;
    s.me().says("/menu").await;
    s.me().taps("button-more").await;
    s.me().taps("menu-availability").await;
    s.tells("availability_in_october");
}

/// What was declined is on no bill.
#[rstest]
#[tokio::test]
async fn a_declined_credit(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    happened(&mut s, "web", (Cause::Provider, "10-03T02:10:00", "10-03T03:05:30")).await;
    let (month, service) = ("2026-10".parse().expect("a month"), ServiceId(s.vm("web")));
    credits::close(&s.w.db, &s.w.service, month, &Actor::Operator).await.expect("closed");
    let mut tx = s.w.db.begin().await.expect("a transaction");
    let (record, marat) = ((&service, month, 1), staff("marat", Role::DutyManager));
    credits::decline(&mut tx, &s.w.service, record, &marat).await.expect("declined");
    tx.commit().await.expect("committed");
    s.w.deliver().await;
    let ask = s.words([
        "Қазан айында қолжетімділік қандай болды?",
        "Какая у меня была доступность в октябре?",
        "What was my availability in October?",
    ]);
    s.me().says(ask).await;
    s.me().presses(&service.0).await;
    s.tells("declined_credit");
}

#[rstest]
#[tokio::test]
async fn works_and_outages(#[values(Lang::Kk, Lang::Ru, Lang::En)] lang: Lang) {
    let mut s = Story::new(lang).await;
    happened(&mut s, "web", (Cause::PlannedWorks, "11-27T01:00:00", "11-27T03:00:00")).await;
    s.w.minutes(63 * 60).await;
    s.me().says("/menu").await;
    s.me().taps("menu-fault").await;
    s.presses_vm("db").await;
    s.me().taps("button-critical").await;
    s.me().says("09:30").await;
    let word = s.words(["База істемейді", "База не работает", "The database is down"]);
    s.me().says(word).await;
    s.me().taps("button-send").await;
    s.me().says("/menu").await;
    s.me().taps("button-more").await;
    s.me().taps("menu-availability").await;
    s.w.staff(NURLAN, 1, Command::Take).await;
    let done = s.words(["Қосылды.", "Запущена.", "It runs."]);
    s.w.staff_writes(NURLAN, 1, done, |m| Command::Solve(Some(m))).await;
    s.me().says("/menu").await;
    s.me().taps("button-more").await;
    s.me().taps("menu-availability").await;
    s.tells("works_and_outages");
}

/// A name from a button is a claim: another customer's sheet looks like none.
#[tokio::test]
async fn another_customers_sheet_is_not_shown() {
    let mut w = World::new().await;
    w.telegram.only = Some(AIGERIM);
    for data in [
        "c:h:2026-10:0:birlik-web",
        "c:h:2026-10:0:nothing",
        "c:h:2026-10:9:acme-web",
        "c:u:2099-01",
        "c:h:x:0:acme-web",
    ] {
        w.person(AIGERIM).forges(data).await;
    }
    let shown = w.transcript().lines().filter(|line| line.contains("birlik") && !line.contains("forged"));
    assert_eq!(shown.count(), 0, "{}", w.transcript());
    insta::assert_snapshot!("another_customers_sheet", crate::story::tidy(w.transcript()));
}
