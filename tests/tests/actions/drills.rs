//! Every step of every plan fails before and after it acted, in passing and for good, and is done twice: what is invariant stays so.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use crm::clock::{Clock, ManualClock, Moment, SystemClock};
use crm::domain::form::QuotaResource::{Cores, Cpu};
use crm::domain::ids::{ActionId, TicketId};
use crm::seal::{LinkToken, bot_key};
use komek_tests::desk::Desk;
use komek_tests::engine::Engine;
use provisioner::cabinet::builtin::Builtin;
use provisioner::cabinet::{Cabinet, Login};
use provisioner::credentials::Credentials;
use provisioner::failure::{Failure, Kind};
use provisioner::handover::Handover;
use provisioner::password::Password;
use provisioner::quota::{OfNamespace, OfProject, Quota};
use provisioner::report::Timing;
use provisioner::steps::{Drill, Procedure, Progress, ProgressError, Saved};
use provisioner::{credentials, password, quota};
use secrecy::{ExposeSecret, SecretString};

use crate::fake_cluster::FakeCluster;
use crate::telegram_token;

/// Progress that does something to one step, once.
struct Notes {
    saved: Option<Saved>,
    drill: Option<(String, Drill)>,
}

#[async_trait]
impl Progress for Notes {
    async fn load(&mut self) -> Result<Option<Saved>, ProgressError> {
        Ok(self.saved.clone())
    }

    async fn save(&mut self, saved: &Saved) -> Result<(), ProgressError> {
        self.saved = Some(saved.clone());
        Ok(())
    }

    fn drill(&mut self, step: &str) -> Option<Drill> {
        self.drill.take_if(|(at, _)| at == step).map(|(_, drill)| drill)
    }
}

/// The desk's clock, which jumps to whatever is waited for.
struct Jumping(Arc<ManualClock>);

#[async_trait]
impl Clock for Jumping {
    fn now(&self) -> Moment {
        self.0.now()
    }

    async fn sleep_until(&self, moment: Moment) {
        self.0.advance(moment - self.0.now());
    }
}

/// Everything that is done to every step of a procedure.
fn drills<P: Procedure>() -> Vec<(String, Drill)> {
    let kinds = [
        Drill::FailBefore(Kind::Passing),
        Drill::FailAfter(Kind::Passing),
        Drill::FailBefore(Kind::Failed),
        Drill::FailAfter(Kind::Failed),
        Drill::Twice,
    ];
    P::names().into_iter().flat_map(|step| kinds.map(|drill| (step.clone(), drill))).collect()
}

/// Whether a drill must end well: what failed in passing is tried again, what was done twice was done.
const fn ends_well(drill: Drill) -> bool {
    matches!(drill, Drill::FailBefore(Kind::Passing) | Drill::FailAfter(Kind::Passing) | Drill::Twice)
}

/// Runs again while the failure is passing, as the worker does.
async fn to_the_end<T, F>(mut attempt: F) -> Result<T, Failure>
where
    F: AsyncFnMut() -> Result<T, Failure>,
{
    for _ in 0..3 {
        match attempt().await {
            Err(failure) if failure.retryable() => {}
            ended => return ended,
        }
    }
    attempt().await
}

async fn handover(desk: &Desk) -> Result<Handover> {
    let (db, service) = (desk.test.db.clone(), desk.service.clone());
    let mut tx = db.begin().await?;
    tx.bot_key_save(&bot_key(&telegram_token()).public(), desk.clock.now()).await?;
    tx.commit().await?;
    Ok(Handover { db, service, ticket: TicketId(desk.clock.id()), action: ActionId(desk.clock.id()) })
}

/// What the customer would see behind the link of an action.
async fn behind_the_link(desk: &Desk, action: ActionId) -> Result<SecretString> {
    let mut tx = desk.test.db.begin().await?;
    let sealed = tx.secret_link(action, desk.clock.now()).await?.context("a link")?;
    let token = bot_key(&telegram_token()).open(&sealed)?;
    let token = LinkToken::read(token.expose_secret()).context("a token")?;
    let (_, sealed) = tx.secret_take(&token.hash(), desk.clock.now()).await?.context("a secret")?;
    tx.commit().await?;
    Ok(token.key().open(&sealed)?)
}

#[tokio::test]
async fn a_quota_is_the_new_one_with_a_proof_or_the_old_one() -> Result<()> {
    let timing = Timing::default();
    for (step, drill) in drills::<Quota>() {
        let Some(desk) = Desk::new(Engine::Sqlite).await? else { return Ok(()) };
        let cabinet = Builtin::new(desk.test.db.clone());
        let cluster = FakeCluster::default();
        *cluster.quota.lock().expect("not poisoned") = Some(16);
        for simulated in [true, false] {
            let project = OfProject { cabinet: &cabinet, project: "acme", resource: Cores };
            let namespace = OfNamespace { cluster: &cluster, namespace: "acme", resource: Cpu };
            let target: &dyn quota::Limited = if simulated { &project } else { &namespace };
            let mut notes = Notes { saved: None, drill: Some((step.clone(), drill)) };
            let ended = to_the_end(async || {
                quota::run(quota::World { target, wanted: 24, timing: &timing }, &SystemClock, &mut notes)
                    .await
            })
            .await;
            let limit = target.read().await?.limit;
            ensure!(ended.is_ok() == ends_well(drill), "{step} {drill:?}: {ended:?}");
            let expected = if ended.is_ok() { 24 } else { 16 };
            ensure!(limit == Some(expected), "{step} {drill:?}: {limit:?} after {ended:?}");
            // Asked again, it answers the same and touches nothing.
            let again =
                quota::run(quota::World { target, wanted: 24, timing: &timing }, &SystemClock, &mut notes)
                    .await;
            ensure!(
                again.is_ok() == ended.is_ok() && target.read().await?.limit == limit,
                "{step} {drill:?}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_password_that_is_called_done_is_the_one_behind_the_link() -> Result<()> {
    for (step, drill) in drills::<Password>() {
        let Some(desk) = Desk::new(Engine::Sqlite).await? else { return Ok(()) };
        let cabinet = Builtin::new(desk.test.db.clone());
        let handover = handover(&desk).await?;
        let mut notes = Notes { saved: None, drill: Some((step.clone(), drill)) };
        let ended = to_the_end(async || {
            let world = password::World { cabinet: &cabinet, user: "aigerim", handover: handover.clone() };
            password::run(world, &SystemClock, &mut notes).await
        })
        .await;
        ensure!(ended.is_ok() == ends_well(drill), "{step} {drill:?}: {ended:?}");
        let written = serde_json::to_string(&notes.saved)?;
        if ended.is_ok() {
            let password = behind_the_link(&desk, handover.action).await?;
            let login = cabinet.try_password("aigerim", &password).await?;
            ensure!(login == Login::MustChange, "{step} {drill:?}: {login:?}");
            ensure!(!written.contains(password.expose_secret()), "the progress holds the password");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_customer_is_never_left_without_access() -> Result<()> {
    let timing = Timing::default();
    for (step, drill) in drills::<Credentials>() {
        let Some(desk) = Desk::new(Engine::Sqlite).await? else { return Ok(()) };
        let cluster = FakeCluster::with("access-old");
        let handover = handover(&desk).await?;
        let mut notes = Notes { saved: None, drill: Some((step.clone(), drill)) };
        let ended = to_the_end(async || {
            let world = credentials::World {
                cluster: &cluster,
                namespace: "acme",
                handover: handover.clone(),
                timing: &timing,
            };
            credentials::run(world, &Jumping(desk.clock.clone()), &mut notes).await
        })
        .await;
        ensure!(ended.is_ok() == ends_well(drill), "{step} {drill:?}: {ended:?}");
        let fewest = *cluster.fewest.lock().expect("not poisoned");
        ensure!(fewest.is_none_or(|n| n > 0), "{step} {drill:?}: there was no account at all");
        let accounts = cluster.accounts.lock().expect("not poisoned").clone();
        ensure!(accounts.len() == 1, "{step} {drill:?}: {accounts:?}");
        if ended.is_ok() {
            ensure!(!accounts.contains_key("access-old"), "{step} {drill:?}: {accounts:?}");
            let kubeconfig = behind_the_link(&desk, handover.action).await?;
            ensure!(
                accounts.values().any(|uid| uid == kubeconfig.expose_secret()),
                "the link leads to a dead account"
            );
        }
    }
    Ok(())
}
