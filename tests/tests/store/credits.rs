//! Incidents, intervals, periods, credits and claims, as they are stored.

use anyhow::Result;
use chrono::TimeDelta;
use crm::clock::Moment;
use crm::directory::ControlPlane;
use crm::domain::actor::Actor;
use crm::domain::credit::{Cause, ClaimKind, Inputs, Interval, PriceFrom};
use crm::domain::downtime::Month;
use crm::domain::ids::{CustomerId, ServiceId, StaffId, TicketId};
use crm::domain::incident::{
    Downtime, DowntimeState, Incident, IncidentNumber, IncidentSource, IncidentState,
};
use crm::domain::kind::Terms;
use crm::store::{Audience, ClaimState, CreditRecord, CreditState, StoreError, StoredClaim, Tx};
use komek_tests::desk::{directory, fill, morning};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;

use crate::sample::{HARD, at, id, ticket};

fn month() -> Month {
    "2026-11".parse().expect("a month")
}

fn downtime(service: &str, from: i64, minutes: i64, state: DowntimeState) -> Downtime {
    Downtime {
        id: id(),
        service: ServiceId::from(service),
        incident: None,
        state,
        cause: (state != DowntimeState::Unmeasured).then_some(Cause::Provider),
        starts: morning() + TimeDelta::minutes(from),
        ends: morning() + TimeDelta::minutes(from + minutes),
        evidence: HARD.to_owned(),
        announced_at: None,
        proposed_by: "nurlan".to_owned(),
        proposed_at: at(1),
        seconded_by: None,
        seconded_at: None,
        disputed_by: None,
    }
}

async fn incident(tx: &mut Tx, services: &[&str], tickets: &[TicketId], opened: Moment) -> Result<Incident> {
    let incident = Incident {
        id: id(),
        number: tx.incident_number_next().await?,
        version: 0,
        state: IncidentState::Open,
        source: IncidentSource::Ticket,
        started_at: opened - TimeDelta::minutes(1),
        ended_at: None,
        opened_at: opened,
        opened_by: Actor::Clock,
        words: HARD.to_owned(),
        services: services.iter().map(|s| ServiceId::from(*s)).collect(),
        tickets: tickets.to_vec(),
    };
    tx.incident_save(&incident).await?;
    Ok(Incident { version: 1, ..incident })
}

#[rstest]
#[tokio::test]
async fn an_incident_keeps_its_services_and_tickets_and_finds_what_is_like_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let now = morning();
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", now).await?;
    let (one, two) = (tx.ticket_save(ticket(1), None), tx.ticket_save(ticket(2), None));
    tx.flush().await?;
    let first = incident(&mut tx, &["acme-web", "birlik-web"], &[one.id, two.id], now).await?;
    assert_eq!(tx.incident_by_number(first.number).await?.as_ref(), Some(&first));
    assert_eq!(tx.incident_of_ticket(two.id).await?.as_ref(), Some(&first));
    assert_eq!(tx.incident_of_ticket(TicketId(id())).await?, None);
    assert_eq!(tx.incident_number_of(two.id).await?, Some(first.number));
    assert_eq!(tx.incident_number_of(TicketId(id())).await?, None);
    // Both tickets are owed; apart from the one that is being solved there is another.
    assert_eq!(tx.incident_owed(first.id, one.id).await?, 1);
    assert_eq!(tx.incident_owed(first.id, TicketId(id())).await?, 2);

    let service = |s: &str| ServiceId::from(s);
    let like = tx.incident_like(&service("acme-web"), now + TimeDelta::days(1)).await?;
    assert_eq!(like.map(|i| i.number), Some(first.number), "the same service, however long ago");
    let wanted = directory("test:///default");
    let zone = |s: &str| wanted.services.iter().find(|x| x.id.as_str() == s).map(|x| x.place.to_string());
    let same_zone = |s: &str| zone(s).and_then(|z| z.split_once('/').map(|p| p.0.to_owned()));
    let beside = wanted
        .services
        .iter()
        .find(|s| !first.services.contains(&s.id) && same_zone(s.id.as_str()) == same_zone("acme-web"));
    if let Some(beside) = beside {
        assert!(tx.incident_like(&beside.id, now).await?.is_some(), "a burst in one zone");
        assert_eq!(
            tx.incident_like(&beside.id, now + TimeDelta::seconds(1)).await?,
            None,
            "no burst any more"
        );
    }

    assert_eq!(tx.incidents(true, 10).await?, std::slice::from_ref(&first));
    assert_eq!(tx.incidents_of_customer(&CustomerId::from("birlik")).await?, std::slice::from_ref(&first));
    assert_eq!(tx.incidents_of_customer(&CustomerId::from("nomad")).await?, []);
    let audience = Audience { incident: Some(first.id), ..Audience::default() };
    let told: Vec<_> = tx.audience(&audience).await?.into_iter().filter_map(|r| r.chat).collect();
    assert_eq!(told.len(), 2, "one chat for each affected customer");

    let closed = Incident { state: IncidentState::Closed, ended_at: Some(now), ..first.clone() };
    tx.incident_save(&closed).await?;
    assert!(matches!(tx.incident_save(&closed).await, Err(StoreError::Conflict)), "somebody was quicker");
    let kept = tx.incident_by_number(first.number).await?.expect("kept");
    assert_eq!((kept.state, kept.ended_at, kept.version), (IncidentState::Closed, Some(now), 2));
    assert_eq!((tx.incidents(true, 10).await?.len(), tx.incidents(false, 10).await?.len()), (0, 1));
    let next = IncidentNumber(kept.number.0 + 1);
    assert_eq!(tx.incidents_over(None, 10).await?, std::slice::from_ref(&kept));
    assert_eq!(tx.incidents_over(Some(next), 10).await?, std::slice::from_ref(&kept));
    assert_eq!(tx.incidents_over(Some(kept.number), 10).await?, []);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn an_interval_is_stored_once_and_changed_by_whoever_saw_it_as_it_is(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let mut list: Vec<Downtime> =
        (0..300).map(|n| downtime("acme-web", n * 10, 5, DowntimeState::Confirmed)).collect();
    let gap = downtime("acme-db", 0, 5, DowntimeState::Unmeasured);
    let mut said = downtime("birlik-web", 10, 5, DowntimeState::Proposed);
    said.incident = Some(id());
    said.announced_at = Some(at(7));
    list.extend([gap.clone(), said.clone()]);
    assert_eq!(tx.downtime_add(&list).await?, 302);
    assert_eq!(tx.downtime_add(&list[..3]).await?, 0, "known already");
    assert_eq!(tx.downtime_fetch(said.id).await?.as_ref(), Some(&said));
    assert_eq!(tx.downtime_fetch(gap.id).await?.as_ref(), Some(&gap));
    assert_eq!(tx.downtime_of_incident(said.incident.expect("set")).await?, std::slice::from_ref(&said));
    let day = (morning(), morning() + TimeDelta::days(1));
    assert_eq!(tx.downtime_waiting(day.0, day.1, 9).await?, [gap.clone(), said.clone()]);
    assert_eq!(tx.downtime_waiting(day.0, gap.ends, 9).await?, std::slice::from_ref(&gap));
    assert_eq!(
        tx.downtime_waiting(gap.ends, day.1, 9).await?,
        std::slice::from_ref(&said),
        "touching is not in it"
    );

    let seconded = Downtime {
        state: DowntimeState::Confirmed,
        seconded_by: Some("dana".to_owned()),
        seconded_at: Some(at(9)),
        ..said.clone()
    };
    assert!(tx.downtime_settle(&said, &seconded).await?);
    assert!(!tx.downtime_settle(&said, &seconded).await?, "it is no longer as it was read");
    assert_eq!(tx.downtime_fetch(said.id).await?.as_ref(), Some(&seconded));
    let disputed = Downtime { disputed_by: Some("marat".to_owned()), ..seconded.clone() };
    assert!(tx.downtime_settle(&seconded, &disputed).await?);
    assert!(!tx.downtime_settle(&seconded, &disputed).await?);
    assert_eq!(tx.downtime_waiting(day.0, day.1, 9).await?.len(), 2, "a disputed one waits again");

    let all = ("", "zzz");
    let between = tx.downtime_between(all, day, DowntimeState::Confirmed).await?;
    assert_eq!(between.len(), 144 + 1, "a day of ten minutes each, and the seconded one");
    assert_eq!(tx.downtime_between(("acme-web", "zzz"), day, DowntimeState::Confirmed).await?.len(), 1);
    let web = ServiceId::from("acme-web");
    assert_eq!(tx.downtime_of_service(&web, (day.0, morning() + TimeDelta::minutes(30))).await?, list[..3]);
    let confirmed = (Some(&web), Some(DowntimeState::Confirmed));
    let first = tx.downtime_list(confirmed, day, (uuid::Uuid::nil(), 100)).await?;
    let rest = tx.downtime_list(confirmed, day, (first[99].id, 100)).await?;
    assert_eq!((first.len(), rest.len()), (100, 44), "a page, and what is left of the day");
    let gaps = (None, Some(DowntimeState::Unmeasured));
    assert_eq!(tx.downtime_list(gaps, day, (uuid::Uuid::nil(), 9)).await?, std::slice::from_ref(&gap));
    assert_eq!(tx.downtime_list((None, None), day, (uuid::Uuid::nil(), 999)).await?.len(), 146);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn what_only_touches_a_range_is_not_in_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let said = downtime("acme-web", 60, 5, DowntimeState::Proposed);
    tx.downtime_add(std::slice::from_ref(&said)).await?;
    let (hour, ms) = (TimeDelta::hours(1), TimeDelta::milliseconds(1));
    for (from, until, within) in [
        (said.starts - hour, said.starts, 0),
        (said.starts - hour, said.starts + ms, 1),
        (said.ends - ms, said.ends + hour, 1),
        (said.ends, said.ends + hour, 0),
    ] {
        let range = (from, until);
        let any = (None, None);
        let found = [
            tx.downtime_waiting(from, until, 9).await?,
            tx.downtime_between(("", "zzz"), range, DowntimeState::Proposed).await?,
            tx.downtime_list(any, range, (uuid::Uuid::nil(), 9)).await?,
            tx.downtime_of_service(&said.service, range).await?,
        ];
        assert_eq!(found.map(|list| list.len()), [within; 4], "{from} to {until}");
    }
    // Services: those after the first id, up to and with the last.
    let always = (said.starts, said.ends);
    for (after, last, within) in [("", "acme-web", 1), ("acme-web", "zzz", 0), ("", "acme-wea", 0)] {
        let found = tx.downtime_between((after, last), always, DowntimeState::Proposed).await?;
        assert_eq!(found.len(), within, "after {after} up to {last}");
    }
    let after_itself = tx.downtime_list((None, None), always, (said.id, 9)).await?;
    assert_eq!(after_itself, [], "a page begins after the mark");
    Ok(())
}

fn record(service: &str, revision: i64, state: CreditState) -> CreditRecord {
    let inputs = Inputs {
        service: ServiceId::from(service),
        customer: CustomerId::from("acme"),
        terms: Terms::Kubernetes,
        control_plane: Some(ControlPlane::Ha),
        month: month(),
        since: 7,
        until: Some(i64::MAX),
        prices: vec![PriceFrom { from: 7, monthly_tiyn: i64::MAX }],
        intervals: vec![Interval {
            id: id(),
            span: downtime(service, 0, 5, DowntimeState::Confirmed).span(),
            cause: Cause::HaMasterUnreachable,
        }],
        claims: Vec::new(),
    };
    CreditRecord {
        revision,
        policy: "kubernetes@2025-09-10".to_owned(),
        inputs,
        downtime_ms: 300_000,
        credit_tiyn: i64::MAX,
        state,
        reason: HARD.to_owned(),
        made_at: at(3),
    }
}

#[rstest]
#[tokio::test]
async fn records_of_a_month_are_frozen_and_only_their_state_changes(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", morning()).await?;
    let ever = tx.services_ever().await?;
    let mut paged = tx.services_after("", 3).await?;
    let rest = tx.services_after(paged[2].service.id.as_str(), 100).await?;
    paged.extend(rest);
    assert_eq!(paged.len(), ever.len());
    assert!(tx.services_after("zzz", 3).await?.is_empty());
    let second = tx.services_after(paged[0].service.id.as_str(), 1).await?;
    assert_eq!(second.len(), 1, "the one after it, not it again");
    assert_eq!(second[0].service.id, paged[1].service.id);
    let web = ServiceId::from("acme-web");
    assert_eq!(tx.service_ever(&web).await?, ever.iter().find(|s| s.service.id == web).cloned());
    assert_eq!(tx.service_ever(&ServiceId::from("nothing")).await?, None);
    assert_eq!(tx.chats_of_customer(&CustomerId::from("acme")).await?, [200_001]);
    assert_eq!(tx.control_planes().await?.len(), directory("test:///default").clusters.len());

    assert_eq!(tx.period_fetch(month()).await?, None);
    assert!(!tx.period_finish(month(), at(2)).await?, "nobody began it");
    tx.period_begin(month(), &Actor::Operator, at(1)).await?;
    tx.period_begin(month(), &Actor::Clock, at(2)).await?;
    let begun = tx.period_fetch(month()).await?.expect("begun");
    assert_eq!((begun.closed_by, begun.closed_at, begun.finished_at), (Actor::Operator, at(1), None));
    assert!(tx.period_finish(month(), at(3)).await? && !tx.period_finish(month(), at(4)).await?);
    assert_eq!(tx.period_fetch(month()).await?.and_then(|p| p.finished_at), Some(at(3)));

    let (first, second) = (record("a", 1, CreditState::Waiting), record("a", 2, CreditState::Waiting));
    let other = record("b", 1, CreditState::Nothing);
    assert_eq!(tx.credits_add(&[first.clone(), other.clone()]).await?, 2);
    assert_eq!(tx.credits_add(&[first.clone(), second.clone()]).await?, 1, "frozen");
    let a = ServiceId::from("a");
    assert_eq!(tx.credit_revisions(&a, month()).await?, [first.clone(), second.clone()]);
    let everybody = (None, None);
    assert_eq!(tx.credits_of_month(month(), ("", 9), everybody).await?, [second.clone(), other.clone()]);
    assert_eq!(tx.credits_of_month(month(), ("a", 9), everybody).await?, std::slice::from_ref(&other));
    assert_eq!(tx.credits_of_month(month(), ("", 1), everybody).await?, std::slice::from_ref(&second));
    let waiting = (Some(&CustomerId::from("acme")), Some(CreditState::Waiting));
    assert_eq!(tx.credits_of_month(month(), ("", 9), waiting).await?, [first, second]);
    assert_eq!(tx.credits_of_month(month(), ("", 9), (Some(&CustomerId::from("x")), None)).await?, []);
    assert_eq!(tx.credit_months(&a).await?, [month()]);

    let key = (&a, month(), 2);
    let (nurlan, dana) = (StaffId::from("nurlan"), StaffId::from("dana"));
    assert_eq!(tx.credit_approve(key, &nurlan, at(5)).await?, std::slice::from_ref(&nurlan));
    assert_eq!(
        tx.credit_approve(key, &nurlan, at(6)).await?,
        std::slice::from_ref(&nurlan),
        "one person counts once"
    );
    assert_eq!(tx.credit_approve(key, &dana, at(7)).await?, [nurlan, dana]);
    assert!(tx.credit_settle(key, CreditState::Waiting, CreditState::Approved).await?);
    assert!(!tx.credit_settle(key, CreditState::Waiting, CreditState::Declined).await?);
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_claim_is_kept_with_what_became_of_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let claim = StoredClaim {
        id: id(),
        service: ServiceId::from("acme-web"),
        month: month(),
        kind: ClaimKind::DataLoss,
        ticket: Some(TicketId(id())),
        state: ClaimState::Open,
        evidence: HARD.to_owned(),
        made_at: at(1),
        proposed_by: None,
        decided_by: None,
        decided_at: None,
    };
    tx.claim_save(&claim).await?;
    assert_eq!(tx.claim_fetch(claim.id).await?.as_ref(), Some(&claim));
    assert_eq!(tx.claims_open(month()).await?, std::slice::from_ref(&claim));
    let granted = StoredClaim {
        state: ClaimState::Granted,
        proposed_by: Some("dana".to_owned()),
        decided_by: Some("marat".to_owned()),
        decided_at: Some(at(2)),
        ..claim.clone()
    };
    tx.claim_save(&granted).await?;
    assert_eq!(tx.claims_open(month()).await?, []);
    assert_eq!(tx.claims_of(&claim.service, month()).await?, std::slice::from_ref(&granted));
    for (after, last, within) in [("", "acme-web", 1), ("acme-web", "zzz", 0), ("", "zzz", 1)] {
        let found = tx.claims_between(month(), (after, last)).await?;
        assert_eq!(found, vec![granted.clone(); within], "after {after} up to {last}");
    }
    assert_eq!(tx.claims_between(month().next(), ("", "zzz")).await?, []);
    tx.commit().await?;
    Ok(())
}
