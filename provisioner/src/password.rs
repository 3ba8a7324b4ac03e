//! A new password for an account of the Cabinet: a temporary one that opens nothing but its own change, and the end of every old session.
//!
//! The password is never saved: it is drawn, set, tried and left for the customer within one step, and a run that was interrupted in it
//! draws another. The last one counts, and it alone is handed over.

use chrono::{DateTime, Utc};
use crm::clock::Clock;
use crm::domain::action::Proof;
use crm::domain::plan::{Change, Phrase, Plan, Value};
use crm::store::SecretKind;
use serde::{Deserialize, Serialize};

use crate::cabinet::{Account, Cabinet, Login, temporary_password};
use crate::failure::{Failure, Kind};
use crate::handover::Handover;
use crate::steps::{Procedure, Progress, Run, Step};

/// The procedure.
pub struct Password;

impl Procedure for Password {
    const NAME: &'static str = "password";
    type World<'r> = World<'r>;
    type Memory = Memory;
    const STEPS: &'static [Step<Self>] = &[
        Step { name: "look", act: |run| Box::pin(look(run)), undo: None },
        // There is no way back: the old password is known to nobody here.
        Step { name: "replace", act: |run| Box::pin(replace(run)), undo: None },
        Step { name: "read-back", act: |run| Box::pin(read_back(run)), undo: None },
    ];
}

/// What it works on.
pub struct World<'r> {
    /// The Cabinet.
    pub cabinet: &'r dyn Cabinet,
    /// The account.
    pub user: &'r str,
    /// Where the password goes.
    pub handover: Handover,
}

/// What it remembers; never the password.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    account: Option<Account>,
    begun_at: Option<DateTime<Utc>>,
    /// The Cabinet accepted the new password and demands another.
    must_change: bool,
    proof: Option<Proof>,
}

/// What recovering the password would change.
pub async fn plan(cabinet: &dyn Cabinet, user: &str) -> Result<Plan, Failure> {
    let account = cabinet.account(user).await.map_err(|e| e.failure("look"))?;
    usable(&account, user)?;
    let notes = cabinet.is_simulated().then(|| Phrase::new("plan-note-simulated"));
    Ok(Plan {
        changes: vec![change(user)],
        steps: Password::names(),
        notes: notes.into_iter().collect(),
        ..Plan::default()
    })
}

/// Sets a new password, or goes on where an earlier run stopped.
pub async fn run(world: World<'_>, clock: &dyn Clock, progress: &mut dyn Progress) -> Result<Proof, Failure> {
    let mut run = Run::<Password>::open(world, clock, progress).await?;
    run.finish().await?;
    let proof = run.memory.proof.take();
    proof.ok_or_else(|| run.failure(Kind::Uncertain, "the password was set, but its proof is missing"))
}

fn change(user: &str) -> Change {
    Change {
        what: Phrase::new("plan-what-password").with("user", user),
        before: Value::word("plan-password-old"),
        after: Value::word("plan-password-temporary"),
    }
}

fn usable(account: &Account, user: &str) -> Result<(), Failure> {
    if account.enabled {
        return Ok(());
    }
    let text = format!("the account {user} is shut: whoever shut it decides, and no password opens it");
    Err(Failure::new("look", Kind::Refused, text))
}

async fn look(run: &mut Run<'_, Password>) -> Result<(), Failure> {
    let account = run.cabinet.account(run.user).await.map_err(|e| e.failure(run.step()))?;
    usable(&account, run.user)?;
    run.handover.possible().await?;
    run.memory.begun_at = Some(run.begun_at());
    run.memory.account = Some(account);
    Ok(())
}

async fn replace(run: &mut Run<'_, Password>) -> Result<(), Failure> {
    let password = temporary_password();
    let (cabinet, user) = (run.cabinet, run.user);
    run.fence().await?;
    cabinet.reset_password(user, &password).await.map_err(|e| e.failure(run.step()))?;
    match cabinet.try_password(user, &password).await.map_err(|e| e.failure(run.step()))? {
        Login::MustChange => {}
        Login::Free => {
            let text = format!(
                "{} accepts the temporary password of {user} without demanding another: it must be told to \
                 (Keystone: change_password_upon_first_use; LDAP: the ppolicy overlay). The password was not given out",
                cabinet.name()
            );
            return Err(run.failure(Kind::Failed, text));
        }
        Login::Refused => {
            let text = format!(
                "{} refuses the new password of {user}: is the account locked after wrong attempts?",
                cabinet.name()
            );
            return Err(run.failure(Kind::Refused, text));
        }
    }
    run.memory.must_change = true;
    run.fence().await?;
    run.handover.leave(SecretKind::Password, &password).await
}

async fn read_back(run: &mut Run<'_, Password>) -> Result<(), Failure> {
    let seen = run.cabinet.account(run.user).await.map_err(|e| e.failure(run.step()))?;
    let before = run.memory.account.clone();
    let signed_out = match (&seen.signed_out_before, before.as_ref().and_then(|b| b.signed_out_before)) {
        // Not every Cabinet tells; where it has no sessions of its own there are none to end.
        (None, _) => true,
        (Some(now), Some(then)) => *now > then,
        (Some(_), None) => true,
    };
    if !run.memory.must_change || !signed_out || before.is_some_and(|b| b.id != seen.id) {
        let text = format!(
            "the new password of {} is set, but the end of its old sessions cannot be read back",
            run.user
        );
        return Err(run.failure(Kind::Uncertain, text));
    }
    let now = run.clock.now();
    let begun = run.memory.begun_at.unwrap_or(now);
    run.memory.proof = Some(Proof {
        method: "done".to_owned(),
        state: "must_change".to_owned(),
        boot_id: None,
        domain_id: None,
        at: now,
        took_ms: (now - begun).num_milliseconds(),
        read_back: vec![change(run.user)],
    });
    Ok(())
}
