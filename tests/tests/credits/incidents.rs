//! Incidents from tickets, and what people may say of them.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use crm::domain::credit::Cause;
use crm::domain::ids::ServiceId;
use crm::domain::incident::{DowntimeState, IncidentNumber, IncidentState};
use crm::domain::kind::Kind;
use crm::domain::lang::Lang;
use crm::domain::reactions::Outgoing;
use crm::domain::ticket::State;
use crm::incidents::{IncidentError, Proposal, Ruling};
use crm::store::{OutboxItem, Payload};
use komek_tests::desk::{Desk, contact, engineer, manager, morning};
use komek_tests::engine::Engine;
use rstest::rstest;

use crate::{at, propose, second};

#[rstest]
#[tokio::test]
async fn a_burst_of_critical_faults_is_one_incident_and_one_answer_answers_all(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let first = desk.open("aigerim", Kind::FaultCritical).await?;
    desk.clock.advance(TimeDelta::minutes(3));
    let second = desk.open("aigerim", Kind::FaultCritical).await?;
    let minor = desk.open("aigerim", Kind::FaultMinor).await?;
    let mut tx = desk.test.db.begin().await?;
    assert_eq!(tx.incident_of_ticket(minor.id).await?, None, "a minor fault is no outage");
    let incident = tx.incident_of_ticket(second.id).await?.context("an incident")?;
    assert_eq!(incident.tickets.len(), 2);
    assert_eq!((incident.started_at, incident.state), (morning(), IncidentState::Open));
    assert_eq!(incident.services, [ServiceId::from("acme-web")]);

    let body = Lang::ALL.iter().map(|lang| (*lang, "…".to_owned())).collect();
    let told = crm::incidents::announce(&mut tx, &desk.service, (incident.number, body), &manager()).await?;
    assert_eq!(told.chats, 1, "Acme alone is affected");
    let (closed, answered) = crm::incidents::answer_all(
        &mut tx,
        &desk.service,
        (incident.number, "Қайта қосылды"),
        &engineer("nurlan"),
    )
    .await?;
    assert_eq!((closed.state, answered), (IncidentState::Closed, 2));
    tx.commit().await?;
    for ticket in [&first, &second] {
        assert_eq!(desk.ticket(ticket.id).await?.state, State::Solved);
    }
    assert_ne!(desk.ticket(minor.id).await?.state, State::Solved);

    // The next one is another incident.
    desk.clock.advance(TimeDelta::minutes(1));
    let next = desk.open("aigerim", Kind::FaultCritical).await?;
    let mut tx = desk.test.db.begin().await?;
    let other = tx.incident_of_ticket(next.id).await?.context("an incident")?;
    assert_ne!(other.number, incident.number);
    let gone = crm::incidents::dismiss(&mut tx, &desk.service, other.number, &engineer("dana")).await?;
    assert_eq!(gone.state, IncidentState::Dismissed);
    let twice = crm::incidents::dismiss(&mut tx, &desk.service, other.number, &engineer("dana")).await;
    assert!(matches!(twice, Err(IncidentError::Already(_))));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_incident_is_over_when_the_last_of_its_tickets_is_solved(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let first = desk.open("aigerim", Kind::FaultCritical).await?;
    let second = desk.open("aigerim", Kind::FaultCritical).await?;
    let solve = |m| crm::domain::decide::Command::Solve(Some(m));
    desk.write(first.id, solve, &engineer("nurlan")).await?;
    let state = async || -> Result<_> {
        let mut tx = desk.test.db.read().await?;
        let found = tx.incident_of_ticket(second.id).await?.context("an incident")?;
        Ok((found.state, found.ended_at))
    };
    assert_eq!(state().await?.0, IncidentState::Open, "somebody still waits");
    desk.clock.advance(TimeDelta::minutes(20));
    desk.write(second.id, solve, &engineer("nurlan")).await?;
    assert_eq!(state().await?, (IncidentState::Restored, Some(morning() + TimeDelta::minutes(20))));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_incident_may_be_opened_by_hand_and_begins_with_the_earliest_report(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let ticket = desk.open("boris", Kind::FaultMinor).await?;
    desk.clock.advance(TimeDelta::minutes(5));
    let mut tx = desk.test.db.begin().await?;
    let nurlan = engineer("nurlan");
    let open = (vec![ServiceId::from("acme-web")], desk.service.now(), "a switch died");
    let stranger = crm::incidents::open(&mut tx, &desk.service, open.clone(), &contact("boris")).await;
    assert!(matches!(stranger, Err(IncidentError::Forbidden)));
    let incident = crm::incidents::open(&mut tx, &desk.service, open, &nurlan).await?;
    let both =
        crm::incidents::attach(&mut tx, &desk.service, (incident.number, ticket.number), &nurlan).await;
    // The version was read before: what was saved since counts.
    let both = both?;
    assert_eq!(both.started_at, morning(), "the customer's message was earlier (C8)");
    let kept = tx.incident_by_number(incident.number).await?.context("kept")?;
    assert_eq!((kept.services.len(), kept.tickets.len()), (2, 1));
    let twice =
        crm::incidents::attach(&mut tx, &desk.service, (incident.number, ticket.number), &nurlan).await;
    assert!(matches!(twice, Err(IncidentError::Already(_))));
    let nowhere = (vec![ServiceId::from("acme-wob")], desk.service.now(), "");
    let said = crm::incidents::open(&mut tx, &desk.service, nowhere, &nurlan).await.expect_err("unknown");
    assert_eq!(
        said.to_string(),
        "there is no service «acme-wob» in the directory (did you mean «acme-web»?)"
    );
    Ok(())
}

#[rstest]
#[tokio::test]
async fn what_cannot_be_is_refused_with_what_to_do(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let nurlan = engineer("nurlan");
    let said =
        |r: Result<crm::domain::incident::Downtime, IncidentError>| r.expect_err("refused").to_string();
    let backwards = propose(&desk, (Cause::Provider, "10T03:00:00", "10T02:00:00"), &nurlan).await;
    assert!(said(backwards).contains("before it begins"));
    let future = propose(&desk, (Cause::Provider, "23T09:00:00", "23T11:00:00"), &nurlan).await;
    assert!(said(future).contains("in the future"));
    let wrong = propose(&desk, (Cause::HaMasterUnreachable, "10T02:00:00", "10T03:00:00"), &nurlan).await;
    assert!(said(wrong).contains("does not fit a vm service"));
    let outsider = propose(&desk, (Cause::Provider, "10T02:00:00", "10T03:00:00"), &contact("aigerim")).await;
    assert!(matches!(outsider, Err(IncidentError::Forbidden)));
    // What lasts no time, and what ends this very moment, may be said.
    propose(&desk, (Cause::Provider, "10T02:00:00", "10T02:00:00"), &nurlan).await?;
    propose(&desk, (Cause::Provider, "23T09:00:00", "23T10:00:00"), &nurlan).await?;
    // C4: three days ahead to the second, and works may lie in the future.
    let late = propose(&desk, (Cause::PlannedWorks, "26T09:59:59", "26T12:00:00"), &nurlan).await;
    assert_eq!(
        said(late),
        "planned works must be announced 3 days before they begin (C4); these were announced 2 days 23 hours before"
    );
    let works = propose(&desk, (Cause::PlannedWorks, "26T10:00:00", "26T12:00:00"), &nurlan).await?;
    assert_eq!(works.announced_at, None, "nobody was told yet");
    desk.clock.advance(TimeDelta::seconds(1));
    let late = second(&desk, works.id, &engineer("dana")).await;
    assert!(matches!(late, Err(IncidentError::LateNotice { .. })), "a second person came too late");
    let works = propose(&desk, (Cause::PlannedWorks, "26T10:00:01", "26T12:00:00"), &nurlan).await?;
    assert_eq!(second(&desk, works.id, &engineer("dana")).await?.announced_at, Some(desk.service.now()));
    let mut tx = desk.test.db.begin().await?;
    let due = tx.outbox_claim(desk.service.now(), 100).await?;
    let told = |due: &[OutboxItem], wanted: bool| {
        due.iter()
            .filter(|item| {
                let told = Payload::Tell(Outgoing::Works { id: works.id, chat: 200_001, reminder: wanted });
                item.payload == told
            })
            .count()
    };
    assert_eq!((told(&due, false), told(&due, true)), (1, 0), "announced at once");
    let later = tx.outbox_claim(desk.service.now() + TimeDelta::hours(48), 100).await?;
    assert_eq!((told(&later, false), told(&later, true)), (0, 1), "reminded a day before");
    drop(tx);

    let one = propose(&desk, (Cause::Provider, "10T02:00:00", "10T03:00:00"), &nurlan).await?;
    assert!(matches!(second(&desk, one.id, &nurlan).await, Err(IncidentError::SamePerson(_))));
    second(&desk, one.id, &engineer("dana")).await?;
    assert_eq!(
        said(second(&desk, one.id, &engineer("marat")).await),
        "dana has confirmed this interval already"
    );

    // An exclusion cannot be longer than the outage it belongs to.
    let ticket = desk.open("aigerim", Kind::FaultCritical).await?;
    desk.clock.advance(TimeDelta::minutes(30));
    desk.write(ticket.id, |m| crm::domain::decide::Command::Solve(Some(m)), &nurlan).await?;
    let number = desk.test.db.read().await?.incident_of_ticket(ticket.id).await?.context("one")?.number;
    let exclusion = |until: &str, number: IncidentNumber| Proposal {
        service: ServiceId::from("acme-web"),
        incident: Some(number),
        cause: Cause::CustomerAct,
        starts: at("23T10:00:01"),
        ends: at(until),
        evidence: "his own words".to_owned(),
    };
    desk.clock.advance(TimeDelta::minutes(30));
    let mut tx = desk.test.db.begin().await?;
    let long =
        crm::incidents::propose(&mut tx, &desk.service, exclusion("23T10:30:02", number), &nurlan).await;
    assert!(matches!(long, Err(IncidentError::LongerThanOutage { .. })));
    let fits =
        crm::incidents::propose(&mut tx, &desk.service, exclusion("23T10:30:01", number), &nurlan).await?;
    assert_eq!(fits.state, DowntimeState::Proposed);
    let none = crm::incidents::propose(
        &mut tx,
        &desk.service,
        exclusion("23T10:30:00", IncidentNumber(99)),
        &nurlan,
    )
    .await;
    assert_eq!(said(none), "there is no IN-000099");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_gap_in_monitoring_is_ruled_on_by_people(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let mut gaps = Vec::new();
    for (from, until) in [("10T02:00:00", "10T03:00:00"), ("11T02:00:00", "11T03:00:00")] {
        let proposed = propose(&desk, (Cause::Provider, from, until), &engineer("nurlan")).await?;
        let gap = crm::domain::incident::Downtime {
            id: uuid::Uuid::from_u128(proposed.id.as_u128() + 1),
            state: DowntimeState::Unmeasured,
            cause: None,
            ..proposed
        };
        gaps.push(gap);
    }
    let mut tx = desk.test.db.begin().await?;
    tx.downtime_add(&gaps).await?;
    let dana = engineer("dana");
    let early = crm::incidents::second(&mut tx, &desk.service, gaps[0].id, &dana).await;
    assert!(matches!(early, Err(IncidentError::Already(_))), "nobody has ruled yet");
    let worked = (gaps[0].id, Ruling::Worked, "its own log goes on");
    let ruled = crm::incidents::rule(&mut tx, &desk.service, worked, &dana).await?;
    assert_eq!(ruled.state, DowntimeState::Withdrawn);
    let down = (gaps[1].id, Ruling::Down(Cause::Provider), "the customer's log stops");
    let ruled = crm::incidents::rule(&mut tx, &desk.service, down, &dana).await?;
    assert_eq!((ruled.state, ruled.proposed_by.as_str()), (DowntimeState::Proposed, "dana"));
    let again = crm::incidents::rule(&mut tx, &desk.service, down, &dana).await;
    assert!(matches!(again, Err(IncidentError::Already(_))));
    let counted = crm::incidents::second(&mut tx, &desk.service, gaps[1].id, &engineer("nurlan")).await?;
    assert_eq!(counted.state, DowntimeState::Confirmed);
    Ok(())
}
