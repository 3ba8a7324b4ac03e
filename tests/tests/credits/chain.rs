//! A month from its intervals to the bill, and what comes too late.

use anyhow::Result;
use crm::credits::{self, ClaimRequest, CreditsError, checklist};
use crm::domain::credit::{Cause, ClaimKind};
use crm::domain::ids::ServiceId;
use crm::domain::reactions::Outgoing;
use crm::incidents::IncidentError;
use crm::store::{CreditState, Payload};
use komek_tests::desk::{Desk, contact, engineer, manager, terms};
use komek_tests::engine::Engine;
use rstest::rstest;

use crate::{boss, december, latest, month, propose, second};

/// Terms under which a second person must agree to anything above so many tenge.
async fn desk(engine: Engine, above: &str) -> Result<Option<Desk>> {
    let table = "[availability]\n";
    Desk::under(
        engine,
        terms(|_, text| {
            assert!(text.contains(table));
            text.replace(table, &format!("{table}second_approval_above = \"{above}\"\n"))
                .replace("version = \"2025-09-10\"", "version = \"test\"")
        }),
    )
    .await
}

#[rstest]
#[tokio::test]
async fn a_month_is_closed_approved_told_and_corrected(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = desk(engine, "1000.00").await? else { return Ok(()) };
    let (db, web) = (&desk.test.db, ServiceId::from("acme-web"));
    let said = propose(&desk, (Cause::Provider, "10T02:00:00", "10T03:00:00"), &engineer("nurlan")).await?;
    december(&desk);
    let mut tx = db.read().await?;
    let list = checklist(&mut tx, desk.service.policies(), month(), desk.service.now()).await?;
    drop(tx);
    assert!(list.over && !list.ready() && list.unconfirmed.len() == 1);
    let refused = credits::close(db, &desk.service, month(), &boss("gulnara")).await;
    assert!(matches!(refused, Err(CreditsError::Undecided { unconfirmed: 1, unmeasured: 0, claims: 0, .. })));
    let forbidden = credits::close(db, &desk.service, month(), &engineer("nurlan")).await;
    assert!(matches!(forbidden, Err(CreditsError::Forbidden)));

    second(&desk, said.id, &engineer("dana")).await?;
    let (services, problems) = credits::close(db, &desk.service, month(), &boss("gulnara")).await?;
    assert!(services > 5 && problems.is_empty());
    let frozen = latest(&desk).await?;
    assert_eq!((frozen.downtime_ms, frozen.state), (3_600_000, CreditState::Waiting));
    let again = credits::close(db, &desk.service, month(), &boss("gulnara")).await;
    assert!(matches!(again, Err(CreditsError::Already(_))));

    // Above the limit one manager is not enough, and the same one twice is one.
    let key = (&web, month(), 1);
    let mut tx = db.begin().await?;
    assert!(!credits::approve(&mut tx, &desk.service, key, &boss("gulnara")).await?);
    assert!(!credits::approve(&mut tx, &desk.service, key, &boss("gulnara")).await?);
    assert!(matches!(
        credits::approve(&mut tx, &desk.service, key, &engineer("dana")).await,
        Err(CreditsError::Forbidden)
    ));
    assert!(credits::approve(&mut tx, &desk.service, key, &manager()).await?);
    tx.commit().await?;
    assert_eq!(latest(&desk).await?.state, CreditState::Approved);
    let mut tx = db.begin().await?;
    let told: Vec<_> = tx
        .outbox_claim(desk.service.now(), 100)
        .await?
        .into_iter()
        .filter(|item| {
            matches!(&item.payload, Payload::Tell(Outgoing::Credit { revision: 1, chat: 200_001, .. }))
        })
        .collect();
    assert_eq!(told.len(), 1, "the customer's person is told once");
    drop(tx);

    // An hour more is found in January's audit: what is on the bill stays until somebody approves the new record.
    let late = propose(&desk, (Cause::Provider, "12T00:00:00", "12T09:00:00"), &engineer("dana")).await?;
    second(&desk, late.id, &engineer("nurlan")).await?;
    let corrected = latest(&desk).await?;
    assert_eq!((corrected.revision, corrected.state), (2, CreditState::Waiting));
    assert!(corrected.credit_tiyn > frozen.credit_tiyn, "{corrected:?}");
    assert!(
        corrected.reason.starts_with("confirmed: provider 2026-11-11 19:00:00 UTC"),
        "{}",
        corrected.reason
    );
    let mut tx = db.begin().await?;
    let on_the_bill = tx.credits_of_month(month(), ("", 10), (None, Some(CreditState::Approved))).await?;
    assert_eq!(on_the_bill.iter().map(|r| r.revision).collect::<Vec<_>>(), [1]);
    assert_eq!(credits::approve_all(&mut tx, &desk.service, month(), &boss("gulnara")).await?, (0, 1));
    assert_eq!(credits::approve_all(&mut tx, &desk.service, month(), &boss("arman")).await?, (1, 0));
    let on_the_bill = tx.credits_of_month(month(), ("", 10), (None, Some(CreditState::Approved))).await?;
    assert_eq!(on_the_bill.iter().map(|r| r.revision).collect::<Vec<_>>(), [2]);
    tx.commit().await?;

    // It was wrong: one says so, the other agrees, and the third record has the first one's figures.
    let mut tx = db.begin().await?;
    let why = (late.id, "the probe was broken");
    crm::incidents::dispute(&mut tx, &desk.service, why, &engineer("nurlan")).await?;
    tx.commit().await?;
    assert!(matches!(second(&desk, late.id, &engineer("nurlan")).await, Err(IncidentError::SamePerson(_))));
    second(&desk, late.id, &engineer("dana")).await?;
    let back = latest(&desk).await?;
    assert_eq!((back.revision, back.credit_tiyn), (3, frozen.credit_tiyn));
    assert!(back.reason.contains("withdrawn: provider"), "{}", back.reason);
    let mut tx = db.begin().await?;
    credits::decline(&mut tx, &desk.service, (&web, month(), 3), &manager()).await?;
    tx.commit().await?;
    assert_eq!(latest(&desk).await?.state, CreditState::Declined);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_credit_of_the_limit_itself_needs_one_person_and_a_month_ends_with_its_last_moment(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = desk(engine, "2250.00").await? else { return Ok(()) };
    let said = propose(&desk, (Cause::Provider, "10T02:00:00", "10T03:00:00"), &engineer("nurlan")).await?;
    second(&desk, said.id, &engineer("dana")).await?;
    desk.clock.set("2026-11-30T23:59:59.999+05:00".parse()?);
    let early = credits::close(&desk.test.db, &desk.service, month(), &boss("gulnara")).await;
    assert!(matches!(early, Err(CreditsError::NotOver(_))));
    desk.clock.set("2026-12-01T00:00:00+05:00".parse()?);
    credits::close(&desk.test.db, &desk.service, month(), &boss("gulnara")).await?;
    let record = latest(&desk).await?;
    assert_eq!(record.credit_tiyn, 225_000);
    let mut tx = desk.test.db.begin().await?;
    let key = (&record.inputs.service, month(), 1);
    assert!(credits::approve(&mut tx, &desk.service, key, &boss("gulnara")).await?, "exactly the limit");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_claim_for_lost_data_needs_two_people_and_adds_half_the_month(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    let db = &desk.test.db;
    let request = ClaimRequest {
        service: ServiceId::from("acme-web"),
        month: month(),
        kind: ClaimKind::DataLoss,
        ticket: None,
        evidence: "the disk was lost".to_owned(),
    };
    let mut tx = db.begin().await?;
    let foreign = credits::claim(&mut tx, &desk.service, request.clone(), &contact("boris")).await;
    assert!(matches!(foreign, Err(CreditsError::NotFound(_))), "another customer's service looks like none");
    let claim = credits::claim(&mut tx, &desk.service, request, &contact("aigerim")).await?;
    tx.commit().await?;
    december(&desk);
    let refused = credits::close(db, &desk.service, month(), &boss("gulnara")).await;
    assert!(matches!(refused, Err(CreditsError::Undecided { claims: 1, .. })));

    let mut tx = db.begin().await?;
    let early = credits::decide_claim(&mut tx, &desk.service, (claim.id, true), &boss("gulnara")).await;
    assert!(early.is_err(), "nobody said why it is justified");
    credits::propose_claim(&mut tx, &desk.service, (claim.id, "RAID failed"), &boss("gulnara")).await?;
    let alone = credits::decide_claim(&mut tx, &desk.service, (claim.id, true), &boss("gulnara")).await;
    assert!(alone.is_err(), "nobody agrees with himself");
    credits::decide_claim(&mut tx, &desk.service, (claim.id, true), &manager()).await?;
    let twice = credits::decide_claim(&mut tx, &desk.service, (claim.id, false), &manager()).await;
    assert!(matches!(twice, Err(CreditsError::Already(_))));
    tx.commit().await?;
    credits::close(db, &desk.service, month(), &boss("gulnara")).await?;
    let record = latest(&desk).await?;
    let price = record.inputs.prices.last().expect("a price").monthly_tiyn;
    assert_eq!(record.credit_tiyn * 2, price, "half of what the month cost");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_record_that_was_changed_by_hand_is_not_believed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(desk) = Desk::new(engine).await? else { return Ok(()) };
    december(&desk);
    credits::close(&desk.test.db, &desk.service, month(), &boss("gulnara")).await?;
    latest(&desk).await?;
    desk.test.tamper("UPDATE credit SET credit_tiyn = 100 WHERE service_id = 'acme-web'").await?;
    let said = latest(&desk).await.expect_err("changed").to_string();
    assert!(said.contains("the frozen inputs do not give the frozen figures"), "{said}");
    Ok(())
}
