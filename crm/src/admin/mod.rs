//! What the people who run the desk do to it: apply a directory, invite a contact, make a token, load the terms, check the
//! installation, verify the audit. The command line and the API call the same functions.

pub mod audit;
pub mod broadcast;
pub mod doctor;

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::clock::{Clock, Moment};
use crate::directory::{Change, Directory, diff};
use crate::domain::actor::Actor;
use crate::domain::event::Event;
use crate::domain::ids::{ContactId, CustomerId, StaffId};
use crate::domain::person::Role;
use crate::input::suggest;
use crate::policy::{PolicyBook, PolicyError};
use crate::store::{Db, InviteUse, LOGIN_VALID, StoreError, Tx};

/// Why an administrative command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The terms cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// There is no such contact, or he has left.
    #[error(
        "there is no contact «{id}» in the directory{hint}; add him to the file and run `komek-crm directory apply` first"
    )]
    NoContact {
        /// What was asked for.
        id: String,
        /// `; did you mean …?`, or nothing.
        hint: String,
    },
    /// There is no such member of the desk, or he has left.
    #[error("nobody «{id}» works at the desk{hint}; see the [[staff]] of the directory file")]
    NoStaff {
        /// What was asked for.
        id: String,
        /// `; did you mean …?`, or nothing.
        hint: String,
    },
    /// There is no such customer, or it has left.
    #[error("there is no customer «{id}» in the directory{hint}; see the [[customer]] of the directory file")]
    NoCustomer {
        /// What was asked for.
        id: String,
        /// `; did you mean …?`, or nothing.
        hint: String,
    },
}

/// Applies a directory in one transaction and returns what changed; the second time nothing does. `digest` is the SHA-256 of the
/// file, for the desk's audit. With `dry_run` nothing is written.
pub async fn directory_apply(
    db: &Db,
    now: Moment,
    wanted: &Directory,
    digest: &str,
    actor: Actor,
    dry_run: bool,
) -> Result<Vec<Change>, AdminError> {
    let mut tx = if dry_run { db.read().await? } else { db.begin().await? };
    if !dry_run {
        // Two files at once would each see the directory without the other's changes.
        tx.desk_lock().await?;
    }
    let stored = tx.directory_load().await?;
    let changes = diff(&stored, wanted);
    if dry_run || changes.is_empty() {
        return Ok(changes);
    }
    tx.directory_save(&stored, wanted, now).await?;
    let count = u32::try_from(changes.len()).unwrap_or(u32::MAX);
    tx.desk_event(actor, Event::DirectoryApplied { digest: digest.to_owned(), changes: count }, now).await?;
    tx.commit().await?;
    Ok(changes)
}

/// Makes an invitation for a contact and returns its code, which is shown once and stored nowhere.
pub async fn invite(
    db: &Db,
    now: Moment,
    contact: &ContactId,
    valid: TimeDelta,
    actor: Actor,
) -> Result<String, AdminError> {
    let mut tx = db.begin().await?;
    if tx.contact_fetch(contact).await?.is_none() {
        let known = tx.directory_load().await?.contacts;
        let hint = suggest(contact.as_str(), known.iter().map(|c| c.id.as_str()));
        return Err(AdminError::NoContact { id: contact.to_string(), hint });
    }
    let code = tx.invite_create(contact, now, valid).await?;
    tx.desk_event(actor, Event::Invited { contact: contact.clone() }, now).await?;
    tx.commit().await?;
    Ok(code)
}

/// Makes a link with which a staff member signs in to the web console, once, within ten minutes. `web` is the console's public address.
/// The caller commits, and shows the link to nobody but its owner.
pub async fn login_link(
    tx: &mut Tx,
    web: &url::Url,
    staff: &StaffId,
    actor: Actor,
    now: Moment,
) -> Result<String, AdminError> {
    if tx.staff_member(staff).await?.is_none() {
        let known = tx.staff_list().await?;
        let hint = suggest(staff.as_str(), known.iter().map(|s| s.id.as_str()));
        return Err(AdminError::NoStaff { id: staff.to_string(), hint });
    }
    let code = tx.login_link_create(staff, now, LOGIN_VALID).await?;
    tx.desk_event(actor, Event::LoginLinked { staff: staff.clone() }, now).await?;
    Ok(format!("{}/sign-in/{code}", web.as_str().trim_end_matches('/')))
}

/// Uses an invitation: binds the Telegram account to the contact and records it. The caller commits.
pub async fn invite_accept(
    tx: &mut Tx,
    code: &str,
    (telegram, name): (i64, &str),
    now: Moment,
) -> Result<InviteUse, StoreError> {
    let before = tx.account_fetch(telegram).await?.and_then(|account| account.contact);
    let outcome = tx.invite_use(code, telegram, now).await?;
    if let InviteUse::Welcome(contact) = &outcome
        && before.as_ref() != Some(contact)
    {
        tx.account_bind(telegram, contact, name, now).await?;
        let event = Event::Bound { contact: contact.clone(), telegram };
        tx.desk_event(Actor::Stranger { telegram }, event, now).await?;
    }
    Ok(outcome)
}

/// Whose token it is, and for which customer alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenScope {
    /// The staff member who acts with it; his present role then counts.
    pub staff: Option<StaffId>,
    /// The customer it is limited to, and speaks for.
    pub customer: Option<CustomerId>,
}

/// Makes an API token within `scope` and returns it; it is shown once and stored as a hash.
pub async fn token_create_for(
    db: &Db,
    clock: &dyn Clock,
    (name, role): (&str, Role),
    scope: &TokenScope,
    actor: Actor,
) -> Result<String, AdminError> {
    let now = clock.now();
    let mut tx = db.begin().await?;
    if let Some(staff) = &scope.staff
        && tx.staff_member(staff).await?.is_none()
    {
        let known = tx.staff_list().await?;
        let hint = suggest(staff.as_str(), known.iter().map(|s| s.id.as_str()));
        return Err(AdminError::NoStaff { id: staff.to_string(), hint });
    }
    if let Some(customer) = &scope.customer
        && tx.customer_fetch(customer).await?.is_none()
    {
        let known = tx.customer_list().await?;
        let hint = suggest(customer.as_str(), known.iter().map(|c| c.id.as_str()));
        return Err(AdminError::NoCustomer { id: customer.to_string(), hint });
    }
    let token = tx.token_create(clock.id(), name, role, now).await?;
    tx.token_narrow(&token, scope.staff.as_ref(), scope.customer.as_ref()).await?;
    tx.desk_event(actor, Event::TokenCreated { name: name.to_owned(), role: role.to_string() }, now).await?;
    tx.commit().await?;
    Ok(token)
}

/// Makes an API token and returns it; it is shown once and stored as a hash.
pub async fn token_create(
    db: &Db,
    clock: &dyn Clock,
    name: &str,
    role: Role,
    actor: Actor,
) -> Result<String, AdminError> {
    token_create_for(db, clock, (name, role), &TokenScope::default(), actor).await
}

/// The terms of `dir` (or the shipped ones) with every version the store remembers, and the names of those it does not have yet.
async fn policies_read(db: &Db, dir: Option<&Path>) -> Result<(PolicyBook, Vec<String>), AdminError> {
    let mut book = PolicyBook::load(dir)?;
    let stored = db.read().await?.policies().await?;
    book.remember(stored.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
    let new = book
        .iter()
        .map(|file| file.policy.name())
        .filter(|name| stored.iter().all(|(n, _)| n != name))
        .collect();
    Ok((book, new))
}

/// The terms that a service works by. New versions are stored, so that tickets keep their terms when a file goes; a stored version
/// with another text is refused.
pub async fn policies_open(db: &Db, dir: Option<&Path>, now: Moment) -> Result<Arc<PolicyBook>, AdminError> {
    let (book, new) = policies_read(db, dir).await?;
    if !new.is_empty() {
        let mut tx = db.begin().await?;
        for file in book.iter().filter(|file| new.contains(&file.policy.name())) {
            let (policy, name) = (&file.policy, file.policy.name());
            let names = (name.as_str(), policy.terms.as_str());
            tx.policy_save(names, policy.in_force_from, &file.digest, &file.text, now).await?;
        }
        tx.commit().await?;
    }
    Ok(Arc::new(book))
}
