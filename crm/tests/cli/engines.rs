//! The same story of directory, invitations, tokens, terms and audit on both engines: SQLite always, PostgreSQL when
//! `TEST_POSTGRES_URL` names a server where this user may create databases.

use chrono::TimeDelta;
use crm::admin::audit::verify_audit;
use crm::admin::{directory_apply, invite, invite_accept, policies_open, token_create};
use crm::clock::{Clock, SystemClock};
use crm::directory::{Directory, file};
use crm::domain::actor::Actor;
use crm::domain::ids::{ContactId, CustomerId, ServiceId};
use crm::domain::person::Role;
use crm::store::{Db, DbOptions, INVITE_VALID, InviteUse};
use sqlx::{Connection, PgConnection};

use crate::world::{DIRECTORY, World};

#[tokio::test]
async fn on_sqlite() {
    let world = World::new();
    story(&world.url()).await;
}

#[tokio::test]
async fn on_postgres() {
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        eprintln!("skipped: TEST_POSTGRES_URL is not set");
        return;
    };
    let name = format!("komek_story_{}", SystemClock.id().simple());
    let mut connection = PgConnection::connect(&server).await.expect("the server answers");
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(create).execute(&mut connection).await.expect("created");
    let (address, _) = server.rsplit_once('/').expect("a database's address");
    story(&format!("{address}/{name}")).await;
    let drop = sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
    sqlx::query(drop).execute(&mut connection).await.expect("dropped");
}

async fn story(url: &str) {
    let db = Db::connect(url, &DbOptions { connections: 4, ..DbOptions::default() }).await.expect("opened");
    db.migrate().await.expect("migrated");
    directory(&db).await;
    invitations(&db).await;
    tokens(&db).await;
    terms(&db).await;
    let verified = verify_audit(&db, None).await.expect("read");
    assert_eq!(verified.findings, []);
    assert_eq!(verified.events, 7, "three applied files, two invitations, one binding, one token");
    db.close().await;
}

fn read(text: &str) -> Directory {
    file::read("d.toml", text).unwrap_or_else(|e| panic!("{e}"))
}

async fn apply(db: &Db, wanted: &Directory) -> usize {
    let now = SystemClock.now();
    directory_apply(db, now, wanted, "digest", Actor::Operator, false).await.expect("applied").len()
}

async fn directory(db: &Db) {
    let whole = read(DIRECTORY);
    assert_eq!(apply(db, &whole).await, 9);
    assert_eq!(apply(db, &whole).await, 0);
    let mut tx = db.read().await.expect("begun");
    assert_eq!(tx.directory_load().await.expect("read"), whole);
    assert_eq!(tx.zone_list().await.expect("read"), whole.zones);
    assert_eq!(tx.cluster_list().await.expect("read"), whole.clusters);
    assert_eq!(tx.customer_list().await.expect("read"), whole.customers);
    assert_eq!(tx.staff_list().await.expect("read"), whole.staff);
    assert_eq!(tx.rota_list().await.expect("read"), whole.rotas);
    let acme = CustomerId::from("acme");
    assert_eq!(tx.customer_fetch(&acme).await.expect("read").as_ref(), whole.customers.first());
    assert_eq!(tx.contacts_of_customer(&acme).await.expect("read"), whole.contacts);
    assert_eq!(tx.contact_by_phone("+77010000001").await.expect("read").as_ref(), whole.contacts.first());
    assert_eq!(tx.contact_by_phone("+77010000002").await.expect("read"), None);
    assert_eq!(tx.services_of_customer(&acme).await.expect("read"), whole.services);
    drop(tx);

    let less = read(&DIRECTORY.replace("acme-web", "acme-www").replace("45000.00", "46000.00"));
    assert_eq!(apply(db, &less).await, 2);
    let mut tx = db.read().await.expect("begun");
    assert_eq!(tx.service_fetch(&ServiceId::from("acme-web")).await.expect("read"), None);
    let retired =
        tx.services_ever().await.expect("read").into_iter().filter(|s| s.retired_at.is_some()).count();
    assert_eq!(retired, 1);
    drop(tx);
    assert_eq!(apply(db, &whole).await, 2);
}

async fn invitations(db: &Db) {
    let (now, aigerim) = (SystemClock.now(), ContactId::from("aigerim"));
    let older = invite(db, now, &aigerim, INVITE_VALID, Actor::Operator).await.expect("made");
    let code = invite(db, now, &aigerim, INVITE_VALID, Actor::Operator).await.expect("made");
    let mut tx = db.begin().await.expect("begun");
    assert_eq!(invite_accept(&mut tx, &older, (7, "A"), now).await.expect("decided"), InviteUse::Expired);
    let late = now + INVITE_VALID + TimeDelta::seconds(1);
    assert_eq!(invite_accept(&mut tx, &code, (7, "A"), late).await.expect("decided"), InviteUse::Expired);
    let welcome = InviteUse::Welcome(aigerim.clone());
    assert_eq!(invite_accept(&mut tx, &code, (7, "A"), now).await.expect("decided"), welcome);
    assert_eq!(invite_accept(&mut tx, &code, (8, "B"), now).await.expect("decided"), InviteUse::Used);
    tx.account_seen(7, "Айгерім", now).await.expect("written");
    let account = tx.account_fetch(7).await.expect("read").expect("known");
    assert_eq!((account.contact, account.name.as_str(), account.language), (Some(aigerim), "Айгерім", None));
    assert_eq!(tx.account_fetch(8).await.expect("read"), None);
    tx.commit().await.expect("committed");
    let unknown = invite(db, now, &ContactId::from("nobody"), INVITE_VALID, Actor::Operator).await;
    assert!(unknown.is_err());
}

async fn tokens(db: &Db) {
    let token =
        token_create(db, &SystemClock, "grafana", Role::Auditor, Actor::Operator).await.expect("made");
    let mut tx = db.begin().await.expect("begun");
    let stored = tx.token_fetch(&token).await.expect("read").expect("known");
    assert_eq!(tx.token_list().await.expect("read").as_slice(), std::slice::from_ref(&stored));
    tx.token_revoke(stored.id, SystemClock.now()).await.expect("revoked");
    assert_eq!(tx.token_fetch(&token).await.expect("read"), None);
    assert!(tx.token_revoke(SystemClock.id(), SystemClock.now()).await.is_err());
    tx.commit().await.expect("committed");
}

async fn terms(db: &Db) {
    let now = SystemClock.now();
    let names: Vec<_> =
        policies_open(db, None, now).await.expect("loaded").iter().map(|f| f.policy.name()).collect();
    assert_eq!(names, ["kubernetes@2025-09-10", "vm@2025-09-10"]);
    let again = policies_open(db, None, now).await.expect("loaded");
    assert_eq!(again.iter().count(), 2);
    assert_eq!(db.read().await.expect("begun").policies().await.expect("read").len(), 2);
    let latest =
        db.read().await.expect("begun").event_recorded_last().await.expect("read").expect("there are events");
    assert!(latest <= SystemClock.now());
}
