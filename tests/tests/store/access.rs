//! Who may come in, what was proposed and approved, switches and terms.

use anyhow::Result;
use chrono::TimeDelta;
use crm::domain::action::ActionSpec;
use crm::domain::ids::{ActionId, ContactId, TicketId};
use crm::domain::lang::Lang;
use crm::domain::person::Role;
use crm::domain::plan::{Change, Facts, Phrase, Plan, Value};
use crm::store::{InviteUse, StoreError};
use komek_tests::desk::fill;
use komek_tests::engine::{Engine, TestDb};
use rstest::rstest;
use serde_json::json;

use crate::sample::{HARD, at, id};

#[rstest]
#[tokio::test]
async fn invitations_end_when_they_are_used_replaced_or_too_old(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let saule = ContactId::from("saule");
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    let old = tx.invite_create(&saule, at(0), TimeDelta::days(7)).await?;
    let new = tx.invite_create(&saule, at(1), TimeDelta::microseconds(10)).await?;
    assert_ne!(old, new);
    assert!(new.len() == 32 && new.chars().all(|c| c.is_ascii_hexdigit()), "{new}");
    assert_eq!(tx.invite_use(&old, 1, at(2)).await?, InviteUse::Expired, "a newer one was made");
    assert_eq!(tx.invite_use("nonsense", 1, at(2)).await?, InviteUse::Unknown);
    assert_eq!(tx.invite_use(&new, 1, at(11)).await?, InviteUse::Expired);
    let third = tx.invite_create(&saule, at(20), TimeDelta::days(7)).await?;
    assert_eq!(tx.invite_use(&third, 1, at(21)).await?, InviteUse::Welcome(saule.clone()));
    assert_eq!(tx.invite_use(&third, 1, at(22)).await?, InviteUse::Welcome(saule), "a second tap");
    assert_eq!(tx.invite_use(&third, 2, at(22)).await?, InviteUse::Used);
    tx.commit().await?;
    let stored = test.texts("SELECT code_hash FROM invite").await?.concat();
    assert!(!stored.contains(&third), "the code itself is stored nowhere");
    Ok(())
}

#[rstest]
#[tokio::test]
async fn accounts_remember_binding_language_and_blocking(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let saule = ContactId::from("saule");
    let mut tx = test.db.begin().await?;
    fill(&mut tx, "test:///default", at(0)).await?;
    assert_eq!(tx.account_fetch(9).await?, None);
    tx.account_seen(9, "Nine", at(1)).await?;
    let seen = tx.account_fetch(9).await?.expect("seen");
    assert_eq!((seen.contact, seen.language, seen.blocked_at), (None, None, None));
    tx.account_bind(9, &saule, HARD, at(2)).await?;
    tx.account_language(9, "ignored", Lang::Ru, at(3)).await?;
    tx.account_language(10, "Ten", Lang::En, at(3)).await?;
    tx.account_blocked(9, Some(at(4))).await?;
    let blocked = tx.account_fetch(9).await?.expect("bound");
    assert_eq!(blocked.contact, Some(saule.clone()));
    assert_eq!((blocked.language, blocked.blocked_at), (Some(Lang::Ru), Some(at(4))));
    assert_eq!(blocked.name, HARD);
    assert_eq!(tx.contact_chat(&saule).await?, Some(9));
    assert_eq!(tx.contact_chat(&ContactId::from("nobody")).await?, None);
    tx.account_seen(9, "Nine again", at(5)).await?;
    let back = tx.account_fetch(9).await?.expect("seen again");
    assert_eq!((back.blocked_at, back.contact), (None, Some(saule)));
    assert_eq!(tx.account_fetch(10).await?.and_then(|a| a.language), Some(Lang::En));
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn tokens_are_known_by_their_hash_and_end_for_good(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    let row = id();
    let token = tx.token_create(row, HARD, Role::Auditor, at(1)).await?;
    let other = tx.token_create(id(), "other", Role::Engineer, at(2)).await?;
    let found = tx.token_fetch(&token).await?.expect("known");
    assert_eq!(
        (found.id, found.name.as_str(), found.role, found.created_at),
        (row, HARD, Role::Auditor, at(1))
    );
    assert_eq!(tx.token_fetch("komek_0").await?, None);
    tx.token_revoke(row, at(3)).await?;
    tx.token_revoke(row, at(4)).await?;
    assert_eq!(tx.token_fetch(&token).await?, None);
    assert!(tx.token_fetch(&other).await?.is_some());
    assert_eq!(tx.token_list().await?.iter().map(|t| t.revoked_at).collect::<Vec<_>>(), [Some(at(3)), None]);
    assert!(matches!(tx.token_revoke(id(), at(5)).await, Err(StoreError::Inconsistent { .. })));
    tx.commit().await?;
    assert!(!test.texts("SELECT token_hash FROM api_token").await?.concat().contains(&token));
    Ok(())
}

#[rstest]
#[tokio::test]
async fn actions_and_approvals_are_kept_as_they_were_given(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let (action, ticket) = (ActionId(id()), TicketId(id()));
    let spec = ActionSpec::VmUnlock {
        vm: "acme-web".into(),
        zone: "ala-1".into(),
        domain: HARD.to_owned(),
        lock_reason: None,
        lock_ticket: Some("KM-000001".to_owned()),
    };
    let plan = Plan {
        changes: vec![Change {
            what: Phrase::new("plan-what-lock").with("domain", HARD),
            before: Value::Name(HARD.to_owned()),
            after: Value::word("plan-none"),
        }],
        facts: Facts { wanted: Some(i64::MAX), vni: Some(u32::MAX), ..Facts::default() },
        ..Plan::default()
    };
    let digest = spec.digest(&plan, action, ticket);
    let mut tx = test.db.begin().await?;
    assert!(tx.action_fetch(action).await?.is_none());
    tx.action_add((action, ticket), &spec, at(50), at(1)).await?;
    let wanted = tx.action_fetch(action).await?.expect("stored");
    assert_eq!((wanted.plan, wanted.digest.as_str(), wanted.expires_at), (None, "", at(50)));
    tx.action_plan(action, &plan, &digest, at(100)).await?;
    tx.approval_add(action, "dana", &digest, at(3)).await?;
    tx.approval_add(action, "nurlan", &digest, at(2)).await?;
    tx.approval_add(action, "nurlan", "another digest", at(4)).await?;
    tx.action_progress(action, &json!({ "step": HARD })).await?;
    tx.commit().await?;
    let mut tx = test.db.begin().await?;
    let stored = tx.action_fetch(action).await?.expect("stored");
    assert_eq!(stored.spec, Some(spec.clone()));
    assert_eq!(stored.plan.as_ref(), Some(&plan));
    assert_eq!(spec.digest(&plan, action, ticket), stored.digest, "the digest survives the database's JSON");
    assert_eq!((stored.ticket, stored.expires_at, stored.proposed_at), (ticket, at(100), at(1)));
    assert_eq!((stored.progress, stored.finished_at), (json!({ "step": HARD }), None));
    let approvals = tx.approvals(action).await?;
    let given: Vec<_> = approvals.iter().map(|a| (a.approver.as_str(), a.approved_at)).collect();
    assert_eq!(given, [("nurlan", at(2)), ("dana", at(3))], "the first counts");
    assert!(approvals.iter().all(|a| a.digest == digest));
    tx.action_finish(action, "done", at(9)).await?;
    assert!(tx.action_finish(action, "failed", at(10)).await.is_err(), "it has ended");
    assert!(tx.action_progress(action, &json!({})).await.is_err());
    assert!(tx.action_plan(action, &plan, "another", at(11)).await.is_err());
    tx.action_void(action, at(11)).await?;
    assert_eq!(tx.action_fetch(action).await?.and_then(|a| a.finished_at), Some(at(9)));
    let second = ActionId(id());
    tx.action_add((second, ticket), &spec, at(100), at(1)).await?;
    tx.action_void(second, at(12)).await?;
    assert_eq!(tx.action_fetch(second).await?.and_then(|a| a.finished_at), Some(at(12)));
    tx.commit().await?;
    Ok(())
}

#[rstest]
#[tokio::test]
async fn switches_change_and_terms_do_not(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) -> Result<()> {
    let Some(test) = TestDb::new(engine).await? else { return Ok(()) };
    let mut tx = test.db.begin().await?;
    assert_eq!(tx.setting::<i64>("desk_chat").await?, None);
    tx.setting_save("desk_chat", &-1_001_000_000_001i64, at(0)).await?;
    tx.setting_save("desk_chat", &-5i64, at(1)).await?;
    tx.setting_save("words", &json!([HARD, null]), at(1)).await?;
    assert_eq!(tx.setting::<i64>("desk_chat").await?, Some(-5));
    assert_eq!(tx.setting("words").await?, Some(json!([HARD, null])));
    assert!(matches!(tx.setting::<i64>("words").await, Err(StoreError::Inconsistent { .. })));

    let names = ("vm@1", "vm");
    tx.policy_save(names, at(5), "digest", HARD, at(9)).await?;
    tx.policy_save(names, at(5), "digest", HARD, at(10)).await?;
    tx.policy_save(("vm@0", "vm"), at(1), "older", "text", at(10)).await?;
    let error = tx.policy_save(names, at(5), "other", "other", at(11)).await.expect_err("changed");
    assert!(error.to_string().contains("give the changed terms a new version"), "{error}");
    let stored = tx.policies().await?;
    let stored: Vec<_> = stored.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(stored, [("vm@0", "text"), ("vm@1", HARD)], "in order of coming into force");
    tx.commit().await?;
    Ok(())
}
