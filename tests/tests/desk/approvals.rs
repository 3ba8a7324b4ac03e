//! Approvals: how many the terms ask for what was read, whose does not count, and who is woken when one is missing.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::domain::action::Action;
use crm::domain::actor::Actor;
use crm::domain::decide::Command;
use crm::domain::event::{Event, Origin};
use crm::domain::form::{Form, QuotaResource};
use crm::domain::ids::{ActionId, ContactId, ServiceId, StaffId, TicketId};
use crm::domain::kind::{Channel, Kind, Terms};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::domain::plan::{Facts, Plan};
use crm::domain::policy::Quorum;
use crm::domain::ticket::{State, Ticket};
use crm::service::{NewTicket, ServiceError, Words};
use komek_tests::desk::{Desk, contact, engineer, morning};
use komek_tests::engine::Engine;
use rstest::rstest;

async fn quota(desk: &Desk, wanted: i64) -> Result<Ticket> {
    let (resource, service) = (QuotaResource::Cores, None);
    let new = NewTicket {
        kind: Kind::QuotaIncrease,
        form: Form::QuotaIncrease { terms: Terms::Vm, service, resource, current: None, wanted },
        requester: Some((ContactId::from("aigerim"), "acme".into())),
        requester_name: "Айгерім".to_owned(),
        language: Lang::Kk,
        origin: Origin { channel: Channel::Telegram, chat: None },
        words: Words::default(),
    };
    let mut tx = desk.test.db.begin().await?;
    let ticket = desk.service.open(&mut tx, new, &contact("aigerim")).await?;
    tx.commit().await?;
    Ok(ticket)
}

#[rstest]
#[case::a_quarter_more_that_fits(Some(16), 20, Some(100), Quorum::Auto)]
#[case::a_little_more_than_a_quarter(Some(16), 21, Some(100), Quorum::One)]
#[case::what_does_not_fit(Some(16), 20, Some(18), Quorum::One)]
#[case::nobody_knows_whether_it_fits(Some(16), 20, None, Quorum::One)]
#[case::less_than_before(Some(16), 12, Some(100), Quorum::One)]
#[case::twice_as_much(Some(16), 32, Some(100), Quorum::One)]
#[case::more_than_twice_as_much(Some(16), 33, Some(100), Quorum::Two)]
#[case::a_limit_where_there_was_none(None, 20, Some(100), Quorum::Two)]
#[case::from_nothing(Some(0), 1, Some(100), Quorum::Two)]
#[tokio::test]
async fn how_many_must_agree_follows_from_what_was_read(
    #[case] current: Option<i64>,
    #[case] wanted: i64,
    #[case] capacity: Option<i64>,
    #[case] quorum: Quorum,
) -> Result<()> {
    let Some(desk) = Desk::new(Engine::Sqlite).await? else { return Ok(()) };
    let ticket = quota(&desk, wanted).await?;
    let id = ticket.action.context("an action is wanted")?.id;
    let facts = Facts { current, wanted: Some(wanted), in_use: Some(3), capacity, ..Facts::default() };
    let plan = Box::new(Plan { facts, ..Plan::default() });
    let ticket = desk.run(ticket.id, Command::Planned { id, plan }, &Actor::Provisioner).await?;
    let action = ticket.action.context("it is proposed")?;
    assert_eq!(action.quorum, quorum);
    let by_policy = desk.events(ticket.id).await?.iter().any(|record| record.actor == Actor::Policy);
    let expected = if quorum == Quorum::Auto { State::Executing } else { State::WaitingApproval };
    assert_eq!((ticket.state, by_policy), (expected, quorum == Quorum::Auto));
    Ok(())
}

/// An unlock that waits for its approval.
async fn unlock(desk: &Desk) -> Result<(TicketId, Action)> {
    let mut tx = desk.test.db.begin().await?;
    tx.vm_fact_save(&ServiceId::from("acme-web"), "paused", Some(("unpaid", None)), morning()).await?;
    tx.commit().await?;
    let ticket = desk.open("aigerim", Kind::VmUnlock).await?;
    Ok((ticket.id, ticket.action.context("a proposal")?))
}

#[rstest]
#[tokio::test]
async fn an_approval_that_does_not_count_is_refused_and_on_record(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let (ticket, action) = unlock(&desk).await?;
    // Nurlan is Aigerim, too.
    let mut tx = desk.test.db.begin().await?;
    tx.account_bind(100_001, &ContactId::from("aigerim"), "Нұрлан", morning()).await?;
    tx.commit().await?;
    let staff = |role| Actor::Staff { id: StaffId::from("dana"), role };
    let (right, digest) = (action.id, action.digest.clone());
    let other = ActionId(ticket.0);
    let cases = [
        (contact("aigerim"), right, digest.clone(), "not allowed for this person"),
        (staff(Role::Auditor), right, digest.clone(), "not allowed for this person"),
        (staff(Role::Administrator), right, digest.clone(), "not allowed for this person"),
        (engineer("nurlan"), right, digest.clone(), "this needs another person"),
        (engineer("dana"), right, "of another plan".to_owned(), "this proposal is no longer current"),
        (engineer("dana"), other, digest.clone(), "this proposal is no longer current"),
    ];
    let mut refusals = 0;
    for (actor, id, digest, why) in cases {
        let ended = desk.run(ticket, Command::Approve { id, digest }, &actor).await;
        assert!(
            matches!(&ended, Err(ServiceError::Refused(r)) if r.to_string() == why),
            "{actor:?}: {ended:?}"
        );
        refusals += 1;
        let record = desk.events(ticket).await?.pop().context("an event")?;
        let told =
            matches!(&record.event, Event::ApprovalRefused { id: of, why: told } if *of == id && told == why);
        assert!(told && record.actor == actor, "{why}: {record:?}");
    }
    let now = desk.ticket(ticket).await?;
    assert_eq!((now.state, now.action.map(|a| a.approved_by)), (State::WaitingApproval, Some(Vec::new())));

    // A moment too late.
    desk.clock.set(action.expires_at);
    let late = desk.run(ticket, Command::Approve { id: right, digest }, &engineer("dana")).await;
    assert!(matches!(&late, Err(ServiceError::Refused(_))), "{late:?}");
    let refused = desk.events(ticket).await?.into_iter().filter(|r| r.event.word() == "approval_refused");
    assert_eq!(refused.count(), refusals + 1);
    assert_ne!(desk.ticket(ticket).await?.state, State::Executing);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn when_an_approval_is_what_is_missing_approvers_are_woken_one_after_another(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let (ticket, action) = unlock(&desk).await?;
    // Somebody has it, and sleeps over the approval.
    desk.run(ticket, Command::Take, &engineer("nurlan")).await?;
    for _ in 0..14 {
        desk.pass(TimeDelta::minutes(1)).await?;
    }
    let history = desk.history(ticket, morning()).await?;
    let at = |word: &str| history.iter().position(|h| h.contains(word));
    let needed = at("approver_needed").context(format!("{history:?}"))?;
    assert!(at("paged").is_some_and(|paged| paged > needed), "{history:?}");
    let people: Vec<&String> = history.iter().filter(|h| h.contains(" paged ")).collect();
    assert!(people.len() >= 2 && people[0].split(' ').nth(2) != people[1].split(' ').nth(2), "{history:?}");
    let approve = Command::Approve { id: action.id, digest: action.digest };
    let approved = desk.run(ticket, approve, &engineer("dana")).await?;
    assert_eq!(approved.state, State::Executing);
    let before = desk.history(ticket, morning()).await?.len();
    desk.pass(TimeDelta::minutes(1)).await?;
    let after = desk.history(ticket, morning()).await?;
    assert!(
        !after[before..].iter().any(|h| h.contains("paged")),
        "whoever approves ends the search: {after:?}"
    );
    Ok(())
}
