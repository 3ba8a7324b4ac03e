//! The directory: saved and loaded whole, changed in place, retired and brought back; and people as the dialogues meet them.

use anyhow::Result;
use crm::directory::diff;
use crm::domain::action::LinkPlace;
use crm::domain::ids::{ContactId, CustomerId, ServiceId, StaffId};
use crm::domain::kind::Queue;
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use komek_tests::desk::{directory, fill};
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;

use crate::sample::{HARD, at};

#[rstest]
#[tokio::test]
async fn a_directory_is_saved_whole_and_the_second_time_changes_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut wanted = directory("test:///default");
    wanted.sort();
    let mut tx = test.db.begin().await?;
    let empty = tx.directory_load().await?;
    assert_eq!(empty, crm::directory::Directory::default());
    tx.directory_save(&empty, &wanted, at(0)).await?;
    let stored = tx.directory_load().await?;
    assert_eq!(stored, wanted);
    assert!(diff(&stored, &wanted).is_empty());
    tx.directory_save(&stored, &wanted, at(1)).await?;
    assert_eq!(tx.directory_load().await?, wanted);

    assert_eq!(tx.zone_list().await?, wanted.zones);
    assert_eq!(tx.cluster_list().await?, wanted.clusters);
    assert_eq!(tx.customer_list().await?.len(), 3);
    assert_eq!(tx.staff_list().await?.len(), 4);
    assert_eq!(tx.rota_list().await?.len(), 2);
    let acme = CustomerId::from("acme");
    let cabinet = tx.customer_fetch(&acme).await?.and_then(|c| c.cabinet).expect("a cabinet");
    assert_eq!(cabinet.user, "aigerim");
    assert_eq!(tx.customer_fetch(&CustomerId::from("nobody")).await?, None);
    let aigerim = tx.contact_by_phone("+77010000001").await?.expect("her phone");
    assert_eq!(aigerim.id, ContactId::from("aigerim"));
    assert_eq!(tx.contact_fetch(&aigerim.id).await?, Some(aigerim));
    assert_eq!(tx.contact_by_phone("").await?, None);
    assert_eq!(tx.contacts_of_customer(&acme).await?.len(), 2);
    assert_eq!(tx.services_of_customer(&acme).await?.len(), 3);
    let networks = tx.networks_of_customer(&acme).await?;
    assert_eq!(networks, wanted.networks);
    assert_eq!(tx.network_fetch(&networks[1].id).await?.as_ref(), Some(&networks[1]));
    assert_eq!(tx.network_fetch(&"nobody".into()).await?, None);
    assert!(tx.networks_of_customer(&CustomerId::from("birlik")).await?.is_empty());
    // Under its name it becomes a namespace, and is gone, and is a network of machines again.
    let mut moved = wanted.clone();
    let namespace = LinkPlace::Cluster { cluster: wanted.clusters[0].id.clone(), namespace: HARD.to_owned() };
    moved.networks[1].place = namespace.clone();
    let mut less = moved.clone();
    less.networks.truncate(1);
    for (before, after) in [(&wanted, &moved), (&moved, &less), (&less, &wanted)] {
        tx.directory_save(before, after, at(2)).await?;
        assert_eq!(tx.networks_of_customer(&acme).await?, after.networks);
        assert_eq!(tx.network_fetch(&networks[1].id).await?.as_ref(), after.networks.get(1));
    }
    let zone = tx.zone_fetch(&"ala-1".into()).await?.expect("there");
    assert_eq!(
        zone.link.map(|l| (l.device, l.address.to_string())),
        Some(("bond0".into(), "10.255.0.1".into()))
    );
    assert_eq!(tx.zone_fetch(&"ala-2".into()).await?.map(|z| z.link), Some(None));
    let db = tx.service_fetch(&ServiceId::from("acme-db")).await?.expect("there");
    assert_eq!(db.prices.iter().map(|p| p.monthly_tiyn).collect::<Vec<_>>(), [4_500_000, 4_750_050]);
    Ok(())
}

#[rstest]
#[tokio::test]
async fn what_is_gone_is_retired_and_may_come_back(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    let full = tx.directory_load().await?;
    let mut less = full.clone();
    less.contacts.retain(|c| c.id.as_str() != "boris");
    less.services.retain(|s| s.id.as_str() != "birlik-db");
    less.staff.retain(|s| s.id.as_str() != "nurlan");
    less.rotas.retain(|r| r.queue != Queue::Network);
    HARD.clone_into(&mut less.customers[0].name);
    // Nurlan's account passes to Dana in the same file.
    less.staff.iter_mut().filter(|s| s.id.as_str() == "dana").for_each(|s| s.telegram = Some(100_001));
    tx.directory_save(&full, &less, at(5)).await?;
    assert_eq!(tx.directory_load().await?, less);
    let boris = ContactId::from("boris");
    assert_eq!(tx.contact_fetch(&boris).await?, None);
    assert_eq!(tx.person_fetch(200_002).await?.contact, None, "his account is a stranger's now");
    assert_eq!(tx.staff_member(&StaffId::from("nurlan")).await?, None);
    assert_eq!(tx.person_fetch(100_001).await?.staff.map(|s| s.id), Some(StaffId::from("dana")));
    assert_eq!(tx.rented_fetch(&ServiceId::from("birlik-db")).await?, None);
    assert_eq!(tx.service_fetch(&ServiceId::from("birlik-db")).await?, None);
    let ever = tx.services_ever().await?;
    let retired: Vec<_> = ever.iter().filter(|s| s.retired_at.is_some()).collect();
    assert_eq!((ever.len(), retired.len()), (7, 1));
    assert_eq!(retired[0].retired_at, Some(at(5)));
    let theirs = tx.services_ever_of(&retired[0].service.customer).await?;
    assert!(theirs.contains(retired[0]) && theirs.len() < ever.len());
    assert_eq!(tx.rota_of(Queue::Network).await?, None);

    tx.directory_save(&less, &full, at(9)).await?;
    assert_eq!(tx.directory_load().await?, full);
    assert!(tx.person_fetch(200_002).await?.contact.is_some(), "and is bound again");
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_telegram_user_is_who_the_directory_says_now(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    let nobody = tx.person_fetch(5).await?;
    assert!(!nobody.known && nobody.contact.is_none() && nobody.staff.is_none() && nobody.chosen.is_none());
    tx.account_language(200_001, "Айгерім", Lang::En, at(1)).await?;
    let aigerim = tx.person_fetch(200_001).await?;
    let contact = aigerim.contact.expect("bound");
    assert_eq!((contact.id, contact.customer), (ContactId::from("aigerim"), CustomerId::from("acme")));
    assert_eq!((contact.customer_name.as_str(), contact.language), ("Acme ЖШС", Lang::Kk));
    assert_eq!((aigerim.chosen, aigerim.known, aigerim.staff), (Some(Lang::En), true, None));
    let marat = tx.person_fetch(100_003).await?.staff.expect("staff");
    assert_eq!((marat.role, marat.telegram), (Role::DutyManager, Some(100_003)));
    assert_eq!(tx.staff_with_role(Role::DutyManager).await?, [marat]);
    assert_eq!(tx.staff_with_role(Role::Engineer).await?.len(), 2);
    assert_eq!(tx.staff_with_role(Role::Administrator).await?, []);
    let rota = tx.rota_of(Queue::Support).await?.expect("a rota");
    assert_eq!((rota.ack_timeout_minutes, rota.order.len()), (5, 2));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn machines_show_what_was_last_read_of_them(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    assert_eq!(tx.zone_uris().await?[0], ("ala-1".to_owned(), "test:///default".to_owned()));
    assert_eq!(tx.rented_vms().await?.len(), 6, "machines alone");
    let id = ServiceId::from("acme-db");
    let unread = tx.rented_fetch(&id).await?.expect("rented");
    assert_eq!((unread.state, unread.lock_reason, unread.lock_ticket), (None, None, None));
    tx.vm_fact_save(&id, "paused", Some((HARD, Some("KM-000007"))), at(1)).await?;
    let locked = tx.rented_fetch(&id).await?.expect("rented");
    assert_eq!(locked.lock_reason.as_deref(), Some(HARD));
    assert_eq!((locked.state.as_deref(), locked.lock_ticket.as_deref()), (Some("paused"), Some("KM-000007")));
    tx.vm_fact_save(&id, "running", None, at(2)).await?;
    let acme = tx.rented_by(&CustomerId::from("acme")).await?;
    assert_eq!(acme.len(), 3);
    assert_eq!(acme.iter().find(|r| r.id == id).map(|r| r.lock_reason.clone()), Some(None));
    assert!(acme.iter().any(|r| r.domain.is_none()), "a place in a cluster has no domain");
    Ok(())
}
