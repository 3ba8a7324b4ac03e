//! One-time links, the bot's key, and the simulated Cabinet.

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::form::QuotaResource;
use crm::domain::ids::{ActionId, CustomerId, ServiceId, TicketId};
use crm::seal::{LinkToken, bot_key, seal};
use crm::store::{NewSecret, QuotaFact, SecretKind, SecretState, SimulatedAccount};
use komek_tests::desk::fill;
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};

use crate::sample::{at, id};

const PASSWORD: &str = "hjKm2-pQr5T-Xyz77-Abcd9";

#[rstest]
#[tokio::test]
async fn a_secret_is_handed_over_once_in_time_and_never_lies_open(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let bot = bot_key(&SecretString::from("42:telegram-token".to_owned()));
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.bot_key().await?, None);
    tx.bot_key_save("an older bot's", at(0)).await?;
    tx.bot_key_save(&bot.public(), at(1)).await?;
    tx.bot_key_save(&bot.public(), at(2)).await?;
    let public = tx.bot_key().await?.expect("a key");
    assert_eq!(public, bot.public());

    let (action, ticket) = (ActionId(id()), TicketId(id()));
    let mut tokens = Vec::new();
    // The second replaces what an interrupted step left.
    for password in ["interrupted", PASSWORD] {
        let token = LinkToken::random();
        let secret = NewSecret {
            action,
            ticket,
            what: SecretKind::Password,
            token_hash: token.hash(),
            sealed: token.key().seal(&SecretString::from(password.to_owned()))?,
            link: seal(&public, token.secret())?,
            expires_at: at(0) + TimeDelta::minutes(15),
        };
        tx.secret_add(&secret, at(3)).await?;
        tokens.push(token);
    }
    let token = &tokens[1];
    assert_eq!(tx.secret_look(&tokens[0].hash(), at(4)).await?, None, "the first link is dead");
    assert_eq!(tx.secret_look(&token.hash(), at(4)).await?, Some(SecretState::Waiting(SecretKind::Password)));
    let link = tx.secret_link(action, at(4)).await?.expect("a link");
    assert_eq!(bot.open(&link)?.expose_secret(), token.secret().expose_secret());
    tx.commit().await?;

    // Whoever has the whole database and no link has nothing.
    let stored = test
        .texts("SELECT sealed || token_hash FROM secret UNION ALL SELECT sealed FROM secret_link")
        .await?
        .concat();
    for secret in
        [PASSWORD, token.secret().expose_secret(), &hex(PASSWORD), &hex(token.secret().expose_secret())]
    {
        assert!(!stored.contains(secret), "{secret} lies open");
    }

    let mut tx = test.db.begin().await?;
    let late = at(0) + TimeDelta::minutes(15);
    assert_eq!(tx.secret_look(&token.hash(), late).await?, Some(SecretState::Expired));
    assert_eq!(tx.secret_take(&token.hash(), late).await?, None);
    assert_eq!(tx.secret_link(action, late).await?, None);
    let (what, sealed) = tx.secret_take(&token.hash(), at(5)).await?.expect("the secret");
    assert_eq!((what, token.key().open(&sealed)?.expose_secret()), (SecretKind::Password, PASSWORD));
    assert_eq!(tx.secret_take(&token.hash(), at(6)).await?, None, "a second time");
    assert_eq!(tx.secret_look(&token.hash(), at(6)).await?, Some(SecretState::Opened));
    assert_eq!(tx.secret_link(action, at(6)).await?, None, "the link went with it");
    assert_eq!(tx.secrets_forget(late).await?, 0, "it is gone already");

    // What nobody opened goes when its time is over, and not before.
    let forgotten = LinkToken::random();
    let secret = NewSecret {
        action: ActionId(id()),
        ticket,
        what: SecretKind::Kubeconfig,
        token_hash: forgotten.hash(),
        sealed: forgotten.key().seal(&SecretString::from(PASSWORD.to_owned()))?,
        link: seal(&public, forgotten.secret())?,
        expires_at: late,
    };
    tx.secret_add(&secret, at(7)).await?;
    assert_eq!(tx.secrets_forget(at(8)).await?, 0);
    assert!(tx.secret_link(secret.action, at(8)).await?.is_some());
    assert_eq!(tx.secrets_forget(late).await?, 1);
    tx.commit().await?;
    let left = "SELECT sealed FROM secret WHERE sealed IS NOT NULL UNION ALL SELECT sealed FROM secret_link";
    assert!(test.texts(left).await?.is_empty());
    Ok(())
}

fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |all, b| format!("{all}{b:02x}"))
}

#[rstest]
#[tokio::test]
async fn the_simulated_cabinet_knows_the_directorys_customers(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    let cabinet = tx.customer_list().await?.into_iter().find_map(|c| c.cabinet).expect("a Cabinet");
    assert!(tx.is_cabinet_project(&cabinet.project).await? && !tx.is_cabinet_project("nobody").await?);
    assert_eq!(tx.simulated_quota(&cabinet.project, QuotaResource::Cores).await?, None);
    tx.simulated_quota_save(&cabinet.project, QuotaResource::Cores, 16, 3).await?;
    tx.simulated_quota_save(&cabinet.project, QuotaResource::Cores, 24, 3).await?;
    assert_eq!(tx.simulated_quota(&cabinet.project, QuotaResource::Cores).await?, Some((24, 3)));
    assert_eq!(tx.simulated_account("nobody").await?, None);
    let account = tx.simulated_account(&cabinet.user).await?.expect("an account");
    assert!(!account.must_change);
    let changed = SimulatedAccount { must_change: true, signed_out_before: Some(at(9)), ..account };
    tx.simulated_account_save(&changed).await?;
    assert_eq!(tx.simulated_account(&cabinet.user).await?, Some(changed));
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn a_customers_quotas_are_his_own_and_fresh(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let (acme, other) = (CustomerId::from("acme"), CustomerId::from("other"));
    let place = ServiceId::from("acme-k8s");
    let mut tx = test.db.begin().await?;
    tx.quota_fact_save(&acme, None, QuotaResource::Cores, Some(16), at(1)).await?;
    tx.quota_fact_save(&acme, None, QuotaResource::Cores, Some(24), at(2)).await?;
    tx.quota_fact_save(&acme, Some(&place), QuotaResource::Pods, Some(10), at(2)).await?;
    tx.quota_fact_save(&acme, None, QuotaResource::Ram, Some(1024), at(1)).await?;
    tx.quota_fact_save(&other, None, QuotaResource::Ram, Some(2048), at(2)).await?;
    let fact = |service, resource, value| QuotaFact { service, resource, value };
    let (cores, pods) =
        (fact(None, QuotaResource::Cores, 24), fact(Some(place.clone()), QuotaResource::Pods, 10));
    assert_eq!(tx.quota_facts(&acme, at(1)).await?, [cores.clone(), pods]);
    tx.quota_fact_save(&acme, Some(&place), QuotaResource::Pods, None, at(3)).await?;
    assert_eq!(tx.quota_facts(&acme, at(1)).await?, [cores], "what has no limit is not shown");
    Ok(())
}
